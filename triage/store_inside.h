/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_STORE_INSIDE_H
#define KAKE_STORE_INSIDE_H
/* What store*.c share; no one else includes it. */
#include "lib/hash.h"
#include "triage/store_query.h"

struct sqlite3;
struct sqlite3_stmt;

struct row_writer;

struct store {
	struct sqlite3 *db;
	char *path;
	bool is_new;                 /* it held nothing when it was opened */
	bool made;                   /* it was not there before */
	bool marked;                 /* a savepoint is open */
	int64_t deadline;            /* os_monotonic() at which a guarded query stops; 0: none */
	struct row_writer *writer;   /* made by the first store_row */
};

/* The reason that SQLite gives, in our words where we have some. Returns -1. */
int store_fail(struct store *s, int code, struct fail *f);
/* Adds an identifier with its quotes. */
void store_quote(struct buf *out, const char *name);
/* Tables of evidence, missing columns, views. */
int store_make_tables(struct store *s, struct fail *f);
void row_writer_close(struct row_writer *w);
#endif
