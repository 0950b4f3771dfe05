/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_STORE_H
#define KAKE_STORE_H
/*
 * The case file: one SQLite database (triage/schema.sql, a table for each of lib/tables.def, views).
 * Only store*.c speak to SQLite. A store belongs to one thread.
 *
 * A table of evidence has in front of its declared columns: id, host_id, entry_id, and offset and
 * length in the entry's content (of the decompressed text where the entry is a .gz). Texts are valid
 * UTF-8: a byte that is not shows as U+FFFD, and so does NUL. The column `raw` behind the others is
 * null, or JSON that holds what the columns cannot: NAME_hex (exact bytes), NAME_raw (text of a value
 * of the wrong kind). Lists are JSON arrays, digests lower-case hexadecimal text, times nanoseconds.
 */
#include "lib/table.h"

enum { STORE_VERSION = 1 };      /* of the schema; raised when older programs cannot read it */

struct store;

/* For writing; made if there is none. Tables and columns that an older program did not know are added. */
int store_open(struct store **s, const char *path, struct fail *f);
/* For reading: an existing case file, also in a place that cannot be written. */
int store_open_read(struct store **s, const char *path, struct fail *f);
/* Whether store_open made the file, or found it empty. */
bool store_is_new(const struct store *s);
void store_close(struct store *s);
/* Closes, and removes the file if it was not there before; for one that got no contents. */
void store_discard(struct store *s);

/* One or more statements without results. */
int store_exec(struct store *s, const char *sql, struct fail *f);
int store_begin(struct store *s, struct fail *f);
int store_commit(struct store *s, struct fail *f);
void store_rollback(struct store *s);
/* A place inside a transaction to go back to; the next one replaces it. */
int store_mark(struct store *s, struct fail *f);
int store_back_to_mark(struct store *s, struct fail *f);
/* Makes the indexes that are not there yet, cheapest when the rows are in: of evidence, then of facts. */
int store_index(struct store *s, struct fail *f);
int store_index_facts(struct store *s, struct fail *f);

/*
 * Adds a row of evidence: 1 and its id, or 0 and the id of the row that was there, to which a source
 * was added: rows of log tables have a `key` (time, then a digest over host, contents, and the number
 * of the record among equal ones in its file), so that a record seen twice is one row.
 */
int store_row(struct store *s, const struct row *row, int64_t host_id, int64_t entry_id, int64_t *id,
              struct fail *f);
/* Another file begins: equal records are counted anew. */
void store_next_file(struct store *s);
/* Whether rows of the table have a `key`. */
bool store_has_key(const struct table *table);
/* The statement that makes the table, for docs/TABLES.md and the tests. */
void store_table_sql(const struct table *table, struct buf *out);
#endif
