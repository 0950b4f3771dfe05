/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/when.h"

#include <inttypes.h>
#include <stdlib.h>

enum { OFFSET_MOST = 18 * 3600 };

/* The offset alone, read as the end of a whole time. */
static bool offset_read(const char *name, int64_t *out)
{
	struct buf whole = { 0 };
	bool has_offset = false, ok;
	int64_t instant = 0;

	buf_printf(&whole, "1970-01-02T00:00:00%s", name);
	ok = (*name == '+' || *name == '-') && instant_parse(buf_span(&whole), &instant, &has_offset);
	buf_done(&whole);
	*out = 86400 - instant_seconds(instant);
	return ok && has_offset && llabs(*out) <= OFFSET_MOST;
}

int when_zone_read(const char *name, struct when_zone *out, struct fail *f)
{
	struct when_zone zone = { 0 };

	if (name && strcmp(name, "host") == 0)
		zone.host = true;
	else if (name && strcmp(name, "utc") != 0 && !offset_read(name, &zone.offset))
		return fail_set(f, "option --zone takes utc, host or an offset such as +09:00, not '%s'", name);
	*out = zone;
	return 0;
}

int when_read(const char *text, const struct when_zone *zone, int64_t *out, struct fail *f)
{
	static const char *const ends[] = { "", ":00", " 00:00:00" };
	struct buf whole = { 0 };
	bool has_offset = false, ok = false;
	int64_t instant = 0;

	for (size_t i = 0; !ok && i < sizeof ends / sizeof *ends; i++) {
		buf_clear(&whole);
		buf_printf(&whole, "%s%s", text, ends[i]);
		ok = instant_parse(buf_span(&whole), &instant, &has_offset);
	}
	buf_done(&whole);
	if (ok && !has_offset && !zone->host)
		ok = !__builtin_sub_overflow(instant, zone->offset * INSTANT_SECOND, &instant);
	if (!ok)
		return fail_set(f, "'%s' is not a time such as 2026-03-27 or 2026-03-27T10:02:03+09:00", text);
	*out = instant;
	return 0;
}

void when_text(struct buf *out, int64_t instant, int64_t offset)
{
	int64_t shifted, minutes = llabs(offset) / 60;

	if (!offset || __builtin_add_overflow(instant, offset * INSTANT_SECOND, &shifted)) {
		instant_text(out, instant);
		return;
	}
	instant_text(out, shifted);
	if (out->bad)
		return;
	out->size--;
	buf_printf(out, "%c%02" PRId64 ":%02" PRId64, offset < 0 ? '-' : '+', minutes / 60, minutes % 60);
}
