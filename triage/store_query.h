/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_STORE_QUERY_H
#define KAKE_STORE_QUERY_H
/*
 * Prepared statements of a case file. Parameters count from 1, columns from 0. Bytes that are bound
 * must live until the next query_reset or query_close; what a cell gives, until the next step. Failed
 * binding shows in the next query_step.
 */
#include "triage/store.h"

enum { QUERY_BYTES = 1 << 20 };  /* longest text of a user's query */

struct query;

enum cell_type { CELL_NULL, CELL_INT, CELL_REAL, CELL_TEXT, CELL_BLOB };
struct cell { enum cell_type type; int64_t number; double real; struct span bytes; };

/* One of our own statements. */
int query_open(struct query **q, struct store *s, const char *sql, struct fail *f);
/*
 * One of the analyst's: a single statement that only reads, and stops with a reason after `seconds`
 * (0: no limit).
 */
int query_open_guarded(struct query **q, struct store *s, struct span sql, int64_t seconds,
                       struct fail *f);
void query_int(struct query *q, int parameter, int64_t number);
void query_real(struct query *q, int parameter, double real);
void query_text(struct query *q, int parameter, struct span text);
void query_blob(struct query *q, int parameter, struct span bytes);
void query_null(struct query *q, int parameter);
/* 1 and a row, 0 at the end, -1 failed. */
int query_step(struct query *q, struct fail *f);
/* Ready for the next run; parameters keep their values. */
void query_reset(struct query *q);
/* One run of a statement that gives no rows, and query_reset. */
int query_run(struct query *q, struct fail *f);
int query_width(const struct query *q);
const char *query_name(const struct query *q, int column);
struct cell query_cell(const struct query *q, int column);
/* The same, converted by SQLite's rules; null gives 0 and the empty span. */
int64_t query_number(const struct query *q, int column);
struct span query_bytes(const struct query *q, int column);
bool query_is_null(const struct query *q, int column);
void query_close(struct query *q);

/* First column of the first row of a statement without parameters; *out untouched if there is none. */
int store_number(struct store *s, const char *sql, int64_t *out, struct fail *f);
/* Row id of the last insertion; rows changed by the last statement. */
int64_t store_last_id(const struct store *s);
int64_t store_changes(const struct store *s);
#endif
