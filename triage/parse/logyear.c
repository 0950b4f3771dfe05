/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/logyear.h"

#include "lib/lines.h"

enum { MONTH = 31, YEAR = 12 * MONTH, DAY = 86400 };

/* Reads what another source holds, from a place on, without moving it. */
struct ahead { struct source source; struct source *in; int64_t at; };

static int64_t ahead_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct ahead *ahead = (struct ahead *)s;
	int64_t got = ahead->in->read_at(ahead->in, ahead->at, bytes, size, f);

	if (got > 0)
		ahead->at += got;
	return got;
}

/* What the date of the next line does to the year: +1, -1 or 0. */
static int step(struct year_count *c, const struct civil *at)
{
	int date = (at->month - 1) * MONTH + at->day, jump = date - c->last, change = 0;

	c->undone = false;
	if (!c->any) {
		c->any = true;
	} else if (jump < -MONTH) {
		change = 1;
		c->before = c->last;
		/* A clock that was not set starts on 1 January; the host is back at once when it is. */
		c->unset = date == 1 && at->hour == 0;
	} else if (jump > YEAR - MONTH) {
		change = -1;             /* a message that came late, over New Year */
	} else if (jump > MONTH && c->unset && date >= c->before && date - c->before <= MONTH) {
		change = -1;
		c->undone = true;
	}
	if (date != 1)
		c->unset = false;
	c->last = date;
	c->years += change;
	return change;
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* The latest year in which the time is not later than the limit. */
static int64_t latest(const struct civil *at, int64_t limit)
{
	struct civil c = *at;

	c.year = civil_of(limit).year;
	return civil_seconds(&c) <= limit ? c.year : c.year - 1;
}

/* Last write as a wall-clock time, with a day for clocks and zones that differ. */
static bool limit_of(const struct origin *origin, int64_t *limit)
{
	int64_t instant = origin->modified != INT64_MIN ? origin->modified : origin->collected;
	int64_t seconds = instant_seconds(instant);

	if (instant == INT64_MIN)
		return false;
	*limit = seconds + (origin->zone ? zone_offset(origin->zone, seconds) : 0) + DAY;
	return true;
}

struct survey {
	struct year_count count;
	struct civil last;           /* the line whose year `limit` bounds */
	int64_t limit, years, leap_years;
	bool bounded, has_leap;
};

static void survey_line(struct survey *s, struct log_years *y, const struct line *line)
{
	struct log_stamp stamp = log_stamp_of(log_trim(line->text));
	int change;

	if (stamp.kind == STAMP_FULL && s->count.any && !s->bounded) {
		s->bounded = true;
		s->limit = civil_seconds(&stamp.at) + DAY;
	}
	if (stamp.kind != STAMP_SHORT || stamp.at.year)
		return;
	change = step(&s->count, &stamp.at);
	if (s->count.undone && y->count)
		y->count--;
	else if (change && y->count < MOST_STEPS)
		y->steps[y->count++] = (struct year_step){ line->offset, change };
	if (!s->bounded) {
		s->last = stamp.at;
		s->years = s->count.years;
	}
	if (stamp.at.month == 2 && stamp.at.day == 29 && !s->has_leap) {
		s->has_leap = true;
		s->leap_years = s->count.years;
	}
}

static int survey(struct survey *s, struct log_years *y, struct source *in, int64_t from,
                  struct fail *f)
{
	struct ahead ahead = { { .size = -1, .offset = from, .read = ahead_read }, in, from };
	struct lines lines;
	struct line line;
	bool begins = true;
	int got;

	lines_init(&lines, &ahead.source);
	while ((got = lines_next(&lines, &line, f)) > 0) {
		if (begins)
			survey_line(s, y, &line);
		begins = !line.cut;
	}
	lines_done(&lines);
	return got;
}

int log_years_find(struct log_years *y, struct source *in, int64_t from, const struct civil *first,
                   const struct origin *origin, struct fail *f)
{
	struct survey s = { .last = *first };

	*y = (struct log_years){ .ahead = in->read_at != NULL };
	if (y->ahead && survey(&s, y, in, from, f))
		return -1;
	y->known = s.bounded || limit_of(origin, &s.limit);
	if (!y->known)
		return 0;
	y->year = latest(&s.last, s.limit) - s.years;
	for (int i = 0; s.has_leap && i < 8 && !is_leap(y->year + s.leap_years); i++)
		y->year--;
	return 0;
}

int64_t log_years_at(struct log_years *y, int64_t offset, const struct civil *at)
{
	if (!y->known)
		return 0;
	if (!y->ahead)
		y->year += step(&y->forward, at);
	while (y->ahead && y->next < y->count && y->steps[y->next].offset <= offset)
		y->year += y->steps[y->next++].change;
	return y->year;
}
