/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/zone.h"

#include <stdlib.h>

#include "lib/cursor.h"

enum {
	DAY = 86400,
	MOST_OFFSET = 26 * 3600,     /* RFC 8536: at most 25:59:59 either way */
	MOST_HOURS = 167,            /* of a rule's time of day */
};
/* Times whose calendar year is asked for: 9999 years either way are more than any log has. */
#define MOST_SECONDS (INT64_C(9999) * 366 * DAY)

enum day_kind { DAY_JULIAN, DAY_PLAIN, DAY_WEEK };

/* When in each year one of two offsets begins. */
struct rule_day { enum day_kind kind; int day, month, week; int64_t time; };

struct zone {
	int64_t first;               /* offset before the first transition */
	size_t count;
	int64_t *times, *offsets;    /* transitions and the offsets that begin with them */
	bool has_rule, has_summer;
	int64_t standard, summer;
	struct rule_day start, end;  /* of the summer offset */
};

struct header { uint8_t version; uint32_t utcs, stds, leaps, times, types, chars; };

static bool read_header(struct cursor *c, struct header *h)
{
	struct span magic = cursor_take(c, 4);

	h->version = cursor_u8(c);
	cursor_take(c, 15);
	h->utcs = cursor_u32be(c);
	h->stds = cursor_u32be(c);
	h->leaps = cursor_u32be(c);
	h->times = cursor_u32be(c);
	h->types = cursor_u32be(c);
	h->chars = cursor_u32be(c);
	return !c->bad && span_is(magic, "TZif");
}

/* Bytes of the data block behind the header; counts are 32-bit, so that nothing overflows. */
static uint64_t block_size(const struct header *h, uint64_t word)
{
	return h->times * (word + 1) + h->types * UINT64_C(6) + h->chars + h->leaps * (word + 4) +
	       h->stds + (uint64_t)h->utcs;
}

static bool read_table(struct zone *z, struct cursor block, const struct header *h, size_t word)
{
	struct span times = cursor_take(&block, h->times * word), kinds = cursor_take(&block, h->times);
	struct span types = cursor_take(&block, h->types * UINT64_C(6));
	struct cursor at = cursor_on(times);

	z->count = h->times;
	for (size_t i = 0; i <= z->count; i++) {
		size_t kind = i ? kinds.data[i - 1] : 0;
		struct cursor type = cursor_on(span_part(types, 6 * kind, 6));
		int64_t offset = (int32_t)cursor_u32be(&type);

		if (type.bad || offset < -MOST_OFFSET || offset > MOST_OFFSET)
			return false;
		if (!i) {
			z->first = offset;
			continue;
		}
		z->offsets[i - 1] = offset;
		z->times[i - 1] = word == 8 ? (int64_t)cursor_u64be(&at) : (int32_t)cursor_u32be(&at);
		if (i > 1 && z->times[i - 1] <= z->times[i - 2])
			return false;
	}
	return true;
}

static bool symbol(struct span *rest, uint8_t byte)
{
	if (!rest->size || rest->data[0] != byte)
		return false;
	*rest = span_part(*rest, 1, rest->size);
	return true;
}

/* A number of at most three digits, within its bounds. */
static bool small_number(struct span *rest, int least, int most, int *out)
{
	size_t size = 0;
	int sum = 0;

	while (size < rest->size && size < 3 && rest->data[size] >= '0' && rest->data[size] <= '9')
		sum = sum * 10 + (rest->data[size++] - '0');
	*rest = span_part(*rest, size, rest->size);
	*out = sum;
	return size && sum >= least && sum <= most;
}

/* [+-]hh[:mm[:ss]] in seconds. */
static bool clock_time(struct span *rest, int most_hours, int64_t *out)
{
	bool negative = symbol(rest, '-');
	int hours, minutes = 0, seconds = 0;

	if (!negative)
		symbol(rest, '+');
	if (!small_number(rest, 0, most_hours, &hours))
		return false;
	if (symbol(rest, ':')) {
		if (!small_number(rest, 0, 59, &minutes))
			return false;
		if (symbol(rest, ':') && !small_number(rest, 0, 59, &seconds))
			return false;
	}
	*out = (hours * 3600 + minutes * 60 + seconds) * (negative ? -1 : 1);
	return true;
}

/* An abbreviation: three or more letters, or <letters, digits, signs>. */
static bool abbreviation(struct span *rest)
{
	bool quoted = symbol(rest, '<');
	size_t size = 0;

	if (quoted)
		size = span_find(*rest, '>');
	while (!quoted && size < rest->size && (rest->data[size] | 0x20) >= 'a' &&
	       (rest->data[size] | 0x20) <= 'z')
		size++;
	if (size < 3 || (quoted && size == rest->size))
		return false;
	*rest = span_part(*rest, size + quoted, rest->size);
	return true;
}

/* ,Jn or ,n or ,Mm.w.d and perhaps /time. */
static bool rule_day(struct span *rest, struct rule_day *out)
{
	bool ok;

	if (!symbol(rest, ','))
		return false;
	*out = (struct rule_day){ .kind = DAY_PLAIN, .time = 2 * 3600 };
	if (symbol(rest, 'J')) {
		out->kind = DAY_JULIAN;
		ok = small_number(rest, 1, 365, &out->day);
	} else if (symbol(rest, 'M')) {
		out->kind = DAY_WEEK;
		ok = small_number(rest, 1, 12, &out->month) && symbol(rest, '.') &&
		     small_number(rest, 1, 5, &out->week) && symbol(rest, '.') &&
		     small_number(rest, 0, 6, &out->day);
	} else {
		ok = small_number(rest, 0, 365, &out->day);
	}
	return ok && (!symbol(rest, '/') || clock_time(rest, MOST_HOURS, &out->time));
}

/* The POSIX TZ string behind the table. Its offsets count west of UTC. */
static bool read_rule(struct zone *z, struct span rule)
{
	if (!rule.size)
		return true;
	z->has_rule = true;
	if (!abbreviation(&rule) || !clock_time(&rule, 25, &z->standard))
		return false;
	z->standard = -z->standard;
	if (!rule.size)
		return true;
	z->has_summer = true;
	z->summer = z->standard + 3600;
	if (!abbreviation(&rule))
		return false;
	if (rule.size && rule.data[0] != ',') {
		if (!clock_time(&rule, 25, &z->summer))
			return false;
		z->summer = -z->summer;
	}
	return rule_day(&rule, &z->start) && rule_day(&rule, &z->end) && !rule.size;
}

/* The block of 64-bit times where there is one, else the first. */
static bool read_all(struct zone *z, struct cursor *c, struct header *h)
{
	size_t word = 4;
	struct span block, rule = { 0 };

	if (h->version) {
		cursor_take(c, (size_t)block_size(h, 4));
		if (!read_header(c, h) || !h->version)
			return false;
		word = 8;
	}
	block = cursor_take(c, (size_t)block_size(h, word));
	if (c->bad)
		return false;
	if (word == 8) {
		if (cursor_u8(c) != '\n' || span_find(c->rest, '\n') == c->rest.size)
			return false;
		rule = span_part(c->rest, 0, span_find(c->rest, '\n'));
	}
	z->times = calloc(h->times + (size_t)1, sizeof *z->times);
	z->offsets = calloc(h->times + (size_t)1, sizeof *z->offsets);
	return z->times && z->offsets && read_table(z, cursor_on(block), h, word) && read_rule(z, rule);
}

int zone_read(struct zone **z, struct span tzif, struct fail *f)
{
	struct cursor c = cursor_on(tzif);
	struct header h;
	struct zone *made;

	if (!read_header(&c, &h))
		return fail_set(f, "not a time zone file");
	made = calloc(1, sizeof *made);
	if (!made)
		return fail_set(f, "out of memory");
	if (!read_all(made, &c, &h)) {
		zone_close(made);
		return fail_set(f, "the time zone file is damaged");
	}
	*z = made;
	return 0;
}

int zone_fixed(struct zone **z, int64_t offset, struct fail *f)
{
	struct zone *made;

	if (offset < -MOST_OFFSET || offset > MOST_OFFSET)
		return fail_set(f, "no zone is %lld seconds from UTC", (long long)offset);
	made = calloc(1, sizeof *made);
	if (!made)
		return fail_set(f, "out of memory");
	made->first = offset;
	*z = made;
	return 0;
}

/* Midnight, as if in UTC, of the rule's day in a year. */
static int64_t rule_date(const struct rule_day *r, int64_t year)
{
	struct civil first = { .year = year, .month = 1, .day = 1 }, march = { year, 3, 1, 0, 0, 0, 0 };
	struct civil next = { year + (r->month == 12), r->month % 12 + 1, 1, 0, 0, 0, 0 };
	int64_t start = civil_seconds(&first), weekday, day;

	if (r->kind == DAY_PLAIN)
		return start + (int64_t)r->day * DAY;
	if (r->kind == DAY_JULIAN) {
		bool leap = civil_seconds(&march) - start == 60 * DAY;

		return start + (int64_t)(r->day - 1 + (leap && r->day >= 60)) * DAY;
	}
	first.month = r->month;
	start = civil_seconds(&first);
	/* 1970-01-01 was a Thursday. */
	weekday = ((start / DAY - (start % DAY < 0) + 4) % 7 + 7) % 7;
	day = (r->day - weekday + 7) % 7 + (r->week - 1) * 7;
	while (start + day * DAY >= civil_seconds(&next))
		day -= 7;
	return start + day * DAY;
}

/* Summer if its start is the last of the changes around the year that are over. */
static int64_t rule_offset(const struct zone *z, int64_t utc)
{
	int64_t year = civil_of(utc + z->standard).year, last = INT64_MIN;
	bool summer = false;

	if (!z->has_summer)
		return z->standard;
	for (int64_t y = year - 1; y <= year + 1; y++) {
		int64_t end = rule_date(&z->end, y) + z->end.time - z->summer;
		int64_t start = rule_date(&z->start, y) + z->start.time - z->standard;

		if (end <= utc && end > last) {
			last = end;
			summer = false;
		}
		/* At the same moment the start counts: so a rule says that it is summer all year. */
		if (start <= utc && start >= last) {
			last = start;
			summer = true;
		}
	}
	return summer ? z->summer : z->standard;
}

int64_t zone_offset(const struct zone *z, int64_t utc)
{
	size_t low = 0, high = z->count;

	utc = utc > MOST_SECONDS ? MOST_SECONDS : utc < -MOST_SECONDS ? -MOST_SECONDS : utc;
	if (z->has_rule && (!z->count || utc >= z->times[z->count - 1]))
		return rule_offset(z, utc);
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (z->times[middle] <= utc)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? z->offsets[low - 1] : z->first;
}

int64_t zone_to_utc(const struct zone *z, int64_t wall)
{
	int64_t before, after;

	if (wall > MOST_SECONDS || wall < -MOST_SECONDS)
		return wall;
	before = zone_offset(z, wall - DAY);
	after = zone_offset(z, wall + DAY);
	if (before == after || zone_offset(z, wall - before) == before)
		return wall - before;
	if (zone_offset(z, wall - after) == after)
		return wall - after;
	return wall - before;
}

void zone_close(struct zone *z)
{
	if (!z)
		return;
	free(z->times);
	free(z->offsets);
	free(z);
}
