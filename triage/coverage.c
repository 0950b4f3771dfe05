/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/coverage.h"

#include <stdlib.h>

#include "lib/text.h"
#include "triage/store_query.h"

enum { FILES_MOST = 1 << 16 };   /* log files of one archive that are accounted for */

struct spans { int64_t first, last, count, gap, gap_start; bool dated; };

struct log_file {
	char *source;                /* the log, without what rotation adds */
	int64_t entry_id;
	const struct table *table;   /* of its first row; what else is made of the same lines is not counted */
	int time;
	struct spans spans;
};

struct coverage { struct log_file *files; size_t count, capacity; bool open; };

int coverage_open(struct coverage **out, struct fail *f)
{
	*out = calloc(1, sizeof **out);
	return *out ? 0 : fail_set(f, "out of memory");
}

/* syslog.2.gz and syslog-20260327 are parts of syslog. */
static struct span without_rotation(struct span path)
{
	size_t at;

	if (span_ends(path, ".gz"))
		path.size -= 3;
	for (at = path.size; at && path.data[at - 1] >= '0' && path.data[at - 1] <= '9'; at--)
		;
	if (at > 1 && at < path.size &&
	    (path.data[at - 1] == '.' || (path.data[at - 1] == '-' && path.size - at == 8)))
		path.size = at - 1;
	return path;
}

static char *source_of(struct span path)
{
	struct buf shown = { 0 };
	char *copy = NULL;

	text_shown(&shown, without_rotation(path));
	if (!shown.bad)
		copy = malloc(shown.size + 1);
	if (copy)
		memcpy(copy, buf_string(&shown), shown.size + 1);
	buf_done(&shown);
	return copy;
}

int coverage_file(struct coverage *c, struct span path, int64_t entry_id, struct fail *f)
{
	struct log_file *file;

	c->open = c->count < FILES_MOST;
	if (!c->open)
		return 0;
	if (c->count == c->capacity) {
		size_t capacity = c->capacity ? c->capacity * 2 : 64;
		struct log_file *files = realloc(c->files, capacity * sizeof *files);

		if (!files)
			return fail_set(f, "out of memory");
		c->files = files;
		c->capacity = capacity;
	}
	file = &c->files[c->count];
	*file = (struct log_file){ .source = source_of(path), .entry_id = entry_id, .time = -1 };
	if (!file->source)
		return fail_set(f, "out of memory");
	c->count++;
	return 0;
}

static int time_column(const struct table *table)
{
	for (int i = 0; table->columns[i].type != COL_END; i++)
		if (table->columns[i].type == COL_TIME)
			return i;
	return -1;
}

static void add_time(struct spans *s, int64_t time)
{
	if (!s->dated) {
		s->dated = true;
		s->first = s->last = time;
		return;
	}
	if (time < s->first)
		s->first = time;
	if (time <= s->last)
		return;
	if (time - s->last > s->gap) {
		s->gap = time - s->last;
		s->gap_start = s->last;
	}
	s->last = time;
}

void coverage_row(struct coverage *c, const struct row *row, bool fresh)
{
	struct log_file *file = c->open ? &c->files[c->count - 1] : NULL;

	if (!file || !store_has_key(row->table))
		return;
	if (!file->table) {
		file->table = row->table;
		file->time = time_column(row->table);
	}
	if (file->table != row->table)
		return;
	file->spans.count += fresh;
	if (file->time >= 0 && row->values[file->time].state == VALUE_SET)
		add_time(&file->spans, row->values[file->time].number);
}

/* By log, then by its oldest row, so that parts follow each other in time. */
static int by_time(const void *x, const void *y)
{
	const struct log_file *a = x, *b = y;
	int order = strcmp(a->source, b->source);

	if (order)
		return order;
	if (a->spans.first != b->spans.first)
		return a->spans.first < b->spans.first ? -1 : 1;
	return a->entry_id < b->entry_id ? -1 : a->entry_id > b->entry_id;
}

/* Adds a part of the same log that does not begin earlier. */
static void join(struct spans *whole, const struct spans *part)
{
	whole->count += part->count;
	if (!part->dated)
		return;
	if (!whole->dated) {
		int64_t count = whole->count;

		*whole = *part;
		whole->count = count;
		return;
	}
	if (part->first > whole->last && part->first - whole->last > whole->gap) {
		whole->gap = part->first - whole->last;
		whole->gap_start = whole->last;
	}
	if (part->gap > whole->gap) {
		whole->gap = part->gap;
		whole->gap_start = part->gap_start;
	}
	if (part->last > whole->last)
		whole->last = part->last;
}

/* What earlier archives said of the log. */
static int read_known(struct query *q, const char *source, struct spans *out, struct fail *f)
{
	int got;

	query_text(q, 2, span_of(source));
	got = query_step(q, f);
	if (got == 1)
		*out = (struct spans){ query_number(q, 0), query_number(q, 1), query_number(q, 2),
		                       query_number(q, 3), query_number(q, 4), !query_is_null(q, 0) };
	query_reset(q);
	return got < 0 ? -1 : 0;
}

static int write_log(struct query *put, const char *source, const struct spans *s, struct fail *f)
{
	query_text(put, 2, span_of(source));
	query_text(put, 3, span_of("log"));
	for (int i = 4; i <= 8; i++)
		query_null(put, i);
	query_int(put, 6, s->count);
	if (s->dated) {
		query_int(put, 4, s->first);
		query_int(put, 5, s->last);
	}
	if (s->gap) {
		query_int(put, 7, s->gap);
		query_int(put, 8, s->gap_start);
	}
	return query_run(put, f);
}

static int write_logs(struct coverage *c, struct query *known, struct query *put, int64_t last_entry,
                      struct fail *f)
{
	if (c->count)
		qsort(c->files, c->count, sizeof *c->files, by_time);
	for (size_t i = 0; i < c->count;) {
		const char *source = c->files[i].source;
		struct spans whole = { 0 }, old = { 0 };
		bool any = false;

		if (read_known(known, source, &old, f))
			return -1;
		for (; i < c->count && strcmp(c->files[i].source, source) == 0; i++) {
			if (c->files[i].entry_id > last_entry || !c->files[i].table)
				continue;
			any = true;
			if (old.dated && old.first <= c->files[i].spans.first) {
				join(&whole, &old);
				old.dated = false;
				old.count = 0;
			}
			join(&whole, &c->files[i].spans);
		}
		join(&whole, &old);
		if (any && write_log(put, source, &whole, f))
			return -1;
	}
	return 0;
}

/* First, last and number of the rows of a table of this host. */
static int write_table(struct store *s, const struct table *table, int64_t host_id, struct query *put,
                       struct fail *f)
{
	int time = store_has_key(table) ? time_column(table) : -1, got;
	const char *column = time >= 0 ? table->columns[time].name : "NULL";
	struct buf sql = { 0 };
	struct query *q = NULL;
	int result;

	buf_printf(&sql, "SELECT min(%s), max(%s), count(*) FROM \"%s\" WHERE host_id = ?1", column, column,
	           table->name);
	result = sql.bad ? fail_set(f, "out of memory") : query_open(&q, s, buf_string(&sql), f);
	buf_done(&sql);
	if (result)
		return -1;
	query_int(q, 1, host_id);
	got = query_step(q, f);
	if (got == 1 && query_number(q, 2)) {
		query_text(put, 2, span_of(table->name));
		query_text(put, 3, span_of("table"));
		for (int i = 4; i <= 8; i++)
			query_null(put, i);
		if (!query_is_null(q, 0)) {
			query_int(put, 4, query_number(q, 0));
			query_int(put, 5, query_number(q, 1));
		}
		query_int(put, 6, query_number(q, 2));
		got = query_run(put, f);
	}
	query_close(q);
	return got < 0 ? -1 : 0;
}

int coverage_write(struct coverage *c, struct store *s, int64_t host_id, int64_t last_entry,
                   struct fail *f)
{
	struct query *known = NULL, *put = NULL;
	int result;

	result = query_open(&known, s, "SELECT first, last, count, gap, gap_start FROM coverage "
	                    "WHERE host_id = ?1 AND source = ?2", f) ||
	         query_open(&put, s, "INSERT OR REPLACE INTO coverage (host_id, source, kind, first, last, "
	                    "count, gap, gap_start) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)", f) ? -1 : 0;
	if (!result) {
		query_int(known, 1, host_id);
		query_int(put, 1, host_id);
		result = write_logs(c, known, put, last_entry, f);
	}
	for (unsigned i = 0; !result && table_at(i); i++)
		result = write_table(s, table_at(i), host_id, put, f);
	query_close(known);
	query_close(put);
	return result;
}

void coverage_close(struct coverage *c)
{
	if (!c)
		return;
	for (size_t i = 0; i < c->count; i++)
		free(c->files[i].source);
	free(c->files);
	free(c);
}
