/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LISTING_H
#define KAKE_LISTING_H
/*
 * A table of the report as data. The query's first parameter is the host; it gives the columns in
 * order and behind them the number of all its rows, of which `most` are shown.
 */
#include "triage/report/page.h"
#include "triage/store_query.h"

enum listing_kind {
	LIST_END,
	LIST_TEXT,                   /* a value */
	LIST_CODE,                   /* a path or command */
	LIST_WORD,                   /* one of our own words: shown in the page's language */
	LIST_BOTH,                   /* two columns of the query, English and Japanese */
	LIST_TIME, LIST_COUNT, LIST_DURATION, LIST_SEVERITY,
	LIST_ROW,                    /* "table:row" */
	LIST_RULE,                   /* id of a rule: shown with its title */
};

struct listing_column { enum listing_kind kind; const char *title; };

struct listing {
	const char *title, *intro;   /* intro may be NULL */
	const char *none;            /* what is said if there are no rows */
	int64_t most;
	const char *sql;
	struct listing_column columns[10];
};

int listing_write(struct page *p, struct store *s, const struct listing *l, int64_t host, struct fail *f);
#endif
