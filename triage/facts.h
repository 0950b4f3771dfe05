/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_FACTS_H
#define KAKE_FACTS_H
/*
 * Facts: what rows of evidence say, in the tables that answer questions (event, execution,
 * persistence, logon, flow, change …). Each line of the tables in facts_event.c and facts_map.c is
 * one mapping from a table of evidence; a new kind of evidence is a new line. They run as SQL over
 * the rows of the archive that came last, so that they see each other (users by their ids, a log
 * line and what it was understood to mean).
 */
#include "triage/store_query.h"

enum { FACT_TABLES = 128 };

/* The largest id of each table before an archive goes in, by the table's place in the registry. */
struct facts_before { int64_t ids[FACT_TABLES]; };

int facts_before(struct store *s, struct facts_before *before, struct fail *f);
/* Makes the facts of the rows behind `before`. The indexes of evidence must be there. */
int facts_make(struct store *s, const struct facts_before *before, int64_t host_id, struct fail *f);

/* A mapping into `event`; every field but `table` is SQL over the row `t`. */
struct event_map {
	const char *table, *time, *time_kind, *grade, *type, *actor, *object, *summary;
	const char *where;                  /* or NULL: every row */
};
/* A mapping into another table: its columns, and SQL for their values. */
struct fact_map { const char *table, *into, *columns, *values, *where; };

extern const struct event_map event_maps[];     /* ends with a NULL table */
extern const struct fact_map fact_maps[];
#endif
