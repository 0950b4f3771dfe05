/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TABLE_H
#define KAKE_TABLE_H
/*
 * Tables, rows, and the sinks that rows go to. Every table that crosses the archive or comes out of
 * a parser is declared once, in lib/tables.def; collectors, parsers, the case file, docs/TABLES.md
 * and the tests all follow from that. Both sides of the archive see only `source` and `sink`: a
 * test, a fuzzer, --plan, the pack and SQLite are just other sinks.
 */
#include "lib/buf.h"
#include "lib/fail.h"

enum { ROW_COLUMNS = 48 };       /* the most that a table may have; a unit test checks it */

enum column_type {
	COL_END,
	COL_INT,                     /* int64 */
	COL_BOOL,                    /* 0 or 1 */
	COL_REAL,                    /* finite double */
	COL_TEXT,                    /* text, UTF-8 by intention */
	COL_PATH,                    /* bytes of a path or name */
	COL_TIME,                    /* instant; JSON: RFC 3339 UTC; SQLite: integer nanoseconds */
	COL_DIGEST,                  /* raw bytes; JSON and SQLite: lower-case hexadecimal text */
	COL_LIST,                    /* NUL-terminated items, one after the other; JSON: array of text */
};

struct column { const char *name; enum column_type type; const char *help; };
struct table { const char *name, *help; const struct column *columns; };

/* SET carries the type of the column; RAW is text of a value that the type cannot hold. */
enum value_state { VALUE_NULL, VALUE_SET, VALUE_RAW };

struct value { enum value_state state; int64_t number; double real; struct span bytes; };

/* A row borrows the bytes of its values until the sink's row() returns. */
struct row {
	const struct table *table;
	int64_t offset, length;      /* where in the source it came from; length 0: not from bytes */
	struct value values[ROW_COLUMNS];
};

struct row row_on(const struct table *table);
void row_int(struct row *r, int column, int64_t number);
void row_bool(struct row *r, int column, bool yes);
void row_real(struct row *r, int column, double real);
void row_text(struct row *r, int column, const char *text);          /* NULL: stays null */
void row_span(struct row *r, int column, struct span bytes);         /* empty is a value; data NULL and size 0: null */
void row_time(struct row *r, int column, int64_t instant);
/*
 * Seconds and nanoseconds; a time that no instant can hold is kept as raw text, "SECONDS.NNNNNNNNN"
 * in `raw`, which the caller owns and which must live as long as the row.
 */
void row_time_of(struct row *r, int column, int64_t seconds, int64_t nanoseconds, char raw[40]);
/* The original text of a value that could not be read. */
void row_raw(struct row *r, int column, struct span text);
/* Adds one item (no NUL inside) to the bytes of a COL_LIST value. */
void list_add(struct buf *list, struct span item);
/* The next item of a list, false at the end. */
bool list_next(struct span *rest, struct span *item);

/* Number of columns of a table; the index of the column so named, or -1. */
int table_width(const struct table *table);
int table_column(const struct table *table, struct span name);
/* A registered table by its name, or NULL; the i-th one, or NULL behind the last. */
const struct table *table_named(struct span name);
const struct table *table_at(unsigned i);

struct source;
struct file_facts;               /* see lib/pack.h */

/* Something that could not be taken or read, and why. It is written into the evidence. */
struct note {
	const char *module;          /* module or parser */
	struct span item;            /* path or name of what it is about; may be empty */
	int64_t offset;              /* within the item, or -1 */
	const struct fail *reason;
};

/* Where rows, remarks and files go. Each returns 0, or -1 when work cannot go on. */
struct sink {
	int (*row)(struct sink *s, const struct row *r, struct fail *f);
	int (*note)(struct sink *s, const struct note *n, struct fail *f);
	/* Collectors only: the file's bytes from `in` (NULL: metadata alone). */
	int (*file)(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f);
};

#define TABLE(ident, name, help) extern const struct table table_##ident; enum {
#define COLUMN(ident, name, type, help) ident,
#define END(ident) ident##_columns_end };
#include "lib/tables.def"
#undef TABLE
#undef COLUMN
#undef END
#endif
