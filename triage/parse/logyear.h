/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LOGYEAR_H
#define KAKE_LOGYEAR_H
/*
 * Years of a log whose lines have none. The last line is of the year in which the file was last
 * written; going backwards, each step from January to December is a year. So the file is read
 * ahead, and forward reading then counts the same steps. A 29 February must be in a leap year and
 * moves all years back to one.
 */
#include "triage/parse/logline.h"
#include "triage/parser.h"

enum { MOST_STEPS = 512 };       /* places where the year changes; a log with more is scrambled */

struct year_step { int64_t offset; int change; };

/* One rule for both passes: the date of the line before decides. */
struct year_count {
	int64_t years;
	int last, before;            /* dates: of the line before, and before the last new year */
	bool any, unset, undone;     /* undone: the last new year was none */
};

struct log_years {
	bool known, ahead;           /* a year can be told; the file was read ahead */
	int64_t year;                /* of the line that was asked for last */
	struct year_step steps[MOST_STEPS];
	size_t count, next;
	struct year_count forward;   /* where the file cannot be read ahead */
};

/*
 * `from` is the offset of the first line without a year, `first` its time. Without read_at in the
 * source the years are counted forward from the latest one that fits the first line.
 */
int log_years_find(struct log_years *y, struct source *in, int64_t from, const struct civil *first,
                   const struct origin *origin, struct fail *f);
/* The year of the line at `offset`; lines are asked for in their order. 0: not known. */
int64_t log_years_at(struct log_years *y, int64_t offset, const struct civil *at);
#endif
