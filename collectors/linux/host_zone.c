/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/host_zone.h"

#include "lib/instant.h"
#include "lib/zone.h"

enum { TZIF_BYTES = 64 << 10 };

/* The part of a link's target that names the zone: behind …/zoneinfo/. */
static struct span zone_part(struct span target)
{
	static const char mark[] = "/zoneinfo/";
	size_t length = sizeof mark - 1;

	for (size_t i = 0; i + length < target.size; i++)
		if (span_starts(span_part(target, i, length), mark))
			return span_part(target, i + length, target.size);
	return (struct span){ 0 };
}

static void read_name(struct host_zone *z, struct os_root *root)
{
	struct file_facts facts;
	struct buf text = { 0 };
	struct fail why;
	bool cut;

	if (os_stat(root, span_of("/etc/localtime"), false, &facts, &text, &why) == 0 && facts.kind == 'l')
		buf_add(&z->name, zone_part(facts.link));
	buf_clear(&text);
	if (!z->name.size && os_slurp(root, span_of("/etc/timezone"), 256, &text, &cut, &why) == 0)
		buf_add(&z->name, span_trim(buf_span(&text)));
	buf_done(&text);
}

int host_zone_read(struct host_zone *z, struct os_root *root, int64_t instant, struct fail *f)
{
	struct zone *zone;
	struct fail why;
	bool cut;

	*z = (struct host_zone){ 0 };
	read_name(z, root);
	if (os_slurp(root, span_of("/etc/localtime"), TZIF_BYTES, &z->tzif, &cut, &why) || !z->tzif.size)
		return 0;
	if (zone_read(&zone, buf_span(&z->tzif), f))
		return -1;
	z->offset = zone_offset(zone, instant_seconds(instant));
	zone_close(zone);
	return 0;
}

void host_zone_done(struct host_zone *z)
{
	buf_done(&z->name);
	buf_done(&z->tzif);
}
