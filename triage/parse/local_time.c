/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/local_time.h"

#include "lib/instant.h"

/* The date and the time of day as one text that instant_parse reads. */
static bool parse(struct span text, int64_t *instant, bool *has_offset)
{
	struct span rest = text, date = span_word(&rest), clock = span_trim(rest);
	uint8_t joined[64];

	if (!clock.size)
		return instant_parse(date, instant, has_offset);
	if (date.size + 1 + clock.size > sizeof joined)
		return false;
	memcpy(joined, date.data, date.size);
	joined[date.size] = 'T';
	memcpy(joined + date.size + 1, clock.data, clock.size);
	return instant_parse((struct span){ joined, date.size + 1 + clock.size }, instant, has_offset);
}

void row_local_time(struct row *row, int time, int grade, struct span text,
                    const struct origin *origin)
{
	int64_t instant, wall;
	bool has_offset;

	if (!parse(text, &instant, &has_offset)) {
		row_raw(row, time, text);
		return;
	}
	row_text(row, grade, has_offset || origin->zone ? "exact" : "zone-assumed");
	wall = instant_seconds(instant);
	if (!has_offset && origin->zone &&
	    !instant_of(zone_to_utc(origin->zone, wall), instant - wall * INSTANT_SECOND, &instant)) {
		row_raw(row, time, text);
		return;
	}
	row_time(row, time, instant);
}
