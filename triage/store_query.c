/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/store_inside.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "lib/os.h"

enum { PROGRESS_STEPS = 20000 };

struct query { struct store *store; sqlite3_stmt *statement; int bad; bool guarded; };

static int prepare(struct query **out, struct store *s, struct span sql, const char **rest,
                   struct fail *f)
{
	struct query *q = calloc(1, sizeof *q);
	int code;

	if (!q)
		return fail_set(f, "out of memory");
	q->store = s;
	code = sqlite3_prepare_v2(s->db, (const char *)sql.data, (int)sql.size, &q->statement, rest);
	if (code != SQLITE_OK) {
		store_fail(s, code, f);
		query_close(q);
		return -1;
	}
	*out = q;
	return 0;
}

int query_open(struct query **q, struct store *s, const char *sql, struct fail *f)
{
	return prepare(q, s, span_of(sql), NULL, f);
}

static int authorize(void *context, int action, const char *a, const char *b, const char *c,
                     const char *d)
{
	(void)context, (void)a, (void)c, (void)d;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_READ:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return b && sqlite3_stricmp(b, "load_extension") == 0 ? SQLITE_DENY : SQLITE_OK;
	default:
		return SQLITE_DENY;
	}
}

static int late(void *context)
{
	const struct store *s = context;

	return s->deadline && os_monotonic() > s->deadline;
}

static int refuse(struct query *q, struct fail *f)
{
	query_close(q);
	return fail_set(f, "only one statement that reads can be run here (SELECT or WITH … SELECT)");
}

int query_open_guarded(struct query **out, struct store *s, struct span sql, int64_t seconds,
                       struct fail *f)
{
	const char *rest = NULL;
	struct query *q;
	int result;

	if (sql.size > QUERY_BYTES)
		return fail_set(f, "the query is longer than %d bytes", QUERY_BYTES);
	sqlite3_set_authorizer(s->db, authorize, s);
	result = prepare(&q, s, sql, &rest, f);
	sqlite3_set_authorizer(s->db, NULL, NULL);
	if (result && sqlite3_errcode(s->db) == SQLITE_AUTH)
		return refuse(NULL, f);
	if (result && sqlite3_errcode(s->db) == SQLITE_ERROR)
		return fail_set(f, "the query cannot be run: %s", sqlite3_errmsg(s->db));
	if (result)
		return -1;
	q->guarded = true;
	if (!q->statement || !sqlite3_stmt_readonly(q->statement))
		return refuse(q, f);
	while (rest && rest < (const char *)sql.data + sql.size && strchr(" \t\r\n;", *rest) && *rest)
		rest++;
	if (rest && rest < (const char *)sql.data + sql.size)
		return refuse(q, f);
	s->deadline = seconds ? os_monotonic() + seconds * 1000000000 : 0;
	sqlite3_progress_handler(s->db, PROGRESS_STEPS, late, s);
	*out = q;
	return 0;
}

static void bound(struct query *q, int code)
{
	if (code != SQLITE_OK && !q->bad)
		q->bad = code;
}

void query_int(struct query *q, int parameter, int64_t number)
{
	bound(q, sqlite3_bind_int64(q->statement, parameter, number));
}

void query_real(struct query *q, int parameter, double real)
{
	bound(q, sqlite3_bind_double(q->statement, parameter, real));
}

void query_text(struct query *q, int parameter, struct span text)
{
	bound(q, sqlite3_bind_text64(q->statement, parameter, text.data ? (const char *)text.data : "",
	                             text.size, SQLITE_STATIC, SQLITE_UTF8));
}

void query_blob(struct query *q, int parameter, struct span bytes)
{
	bound(q, sqlite3_bind_blob64(q->statement, parameter, bytes.data ? bytes.data : (const void *)"",
	                             bytes.size, SQLITE_STATIC));
}

void query_null(struct query *q, int parameter)
{
	bound(q, sqlite3_bind_null(q->statement, parameter));
}

int query_step(struct query *q, struct fail *f)
{
	int code = q->bad ? q->bad : sqlite3_step(q->statement);

	if (code == SQLITE_ROW || code == SQLITE_DONE)
		return code == SQLITE_ROW;
	store_fail(q->store, code, f);
	sqlite3_reset(q->statement);
	return -1;
}

void query_reset(struct query *q)
{
	sqlite3_reset(q->statement);
	q->bad = 0;
}

int query_run(struct query *q, struct fail *f)
{
	int result = query_step(q, f);

	query_reset(q);
	return result < 0 ? -1 : 0;
}

int query_width(const struct query *q)
{
	return sqlite3_column_count(q->statement);
}

const char *query_name(const struct query *q, int column)
{
	const char *name = sqlite3_column_name(q->statement, column);

	return name ? name : "";
}

struct span query_bytes(const struct query *q, int column)
{
	const void *bytes = sqlite3_column_type(q->statement, column) == SQLITE_BLOB ?
		sqlite3_column_blob(q->statement, column) :
		(const void *)sqlite3_column_text(q->statement, column);

	return (struct span){ bytes, bytes ? (size_t)sqlite3_column_bytes(q->statement, column) : 0 };
}

int64_t query_number(const struct query *q, int column)
{
	return sqlite3_column_int64(q->statement, column);
}

bool query_is_null(const struct query *q, int column)
{
	return sqlite3_column_type(q->statement, column) == SQLITE_NULL;
}

struct cell query_cell(const struct query *q, int column)
{
	struct cell c = { .type = CELL_NULL };

	switch (sqlite3_column_type(q->statement, column)) {
	case SQLITE_INTEGER:
		c.type = CELL_INT;
		c.number = sqlite3_column_int64(q->statement, column);
		break;
	case SQLITE_FLOAT:
		c.type = CELL_REAL;
		c.real = sqlite3_column_double(q->statement, column);
		break;
	case SQLITE_TEXT:
		c.type = CELL_TEXT;
		c.bytes = query_bytes(q, column);
		break;
	case SQLITE_BLOB:
		c.type = CELL_BLOB;
		c.bytes = query_bytes(q, column);
		break;
	default:
		break;
	}
	return c;
}

void query_close(struct query *q)
{
	if (!q)
		return;
	if (q->guarded)
		sqlite3_progress_handler(q->store->db, 0, NULL, NULL);
	sqlite3_finalize(q->statement);
	free(q);
}

int store_number(struct store *s, const char *sql, int64_t *out, struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, s, sql, f))
		return -1;
	got = query_step(q, f);
	if (got == 1 && !query_is_null(q, 0))
		*out = query_number(q, 0);
	query_close(q);
	return got < 0 ? -1 : 0;
}
