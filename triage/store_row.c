/* SPDX-License-Identifier: Apache-2.0 */
/* Rows of evidence into their tables. */
#include "triage/store_inside.h"

#include <sqlite3.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/text.h"

enum {
	FRONT = 5,                       /* id, host_id, entry_id, offset, length */
	TABLES = 128,
	KEY_TIME = 8, KEY_HASH = 12, KEY_SIZE = KEY_TIME + KEY_HASH,
	SEEN_BITS = 18, SEEN_SLOTS = 1 << SEEN_BITS, SEEN_MOST = SEEN_SLOTS / 4 * 3,
};

struct statement {
	const struct table *table;
	struct query *insert, *find;     /* find: NULL without a key */
	int width, time;                 /* time: column that orders the key, or -1 */
	bool natural[ROW_COLUMNS];       /* columns that tell one record from another */
};

/* How often a record was met in this file; slots are reached by the record's digest. */
struct seen { uint64_t digest; uint32_t count, file; };

struct row_writer {
	struct store *store;
	struct statement statements[TABLES];
	size_t count;
	struct query *add_source;
	struct hash *hash;
	struct buf held, raw, natural;
	struct seen *seen;
	uint32_t file, filled, generation;
	uint8_t key[KEY_SIZE];
};

/* Columns that say where or how surely a record was read, not what it is. */
static bool is_natural(const struct column *column, const struct table *table)
{
	if (strcmp(column->name, "grade") == 0 || strcmp(column->name, "format") == 0)
		return false;
	return table != &table_shell_command || strcmp(column->name, "line") != 0;
}

static int open_insert(struct store *s, struct statement *st, struct fail *f)
{
	struct buf sql = { 0 };
	int result;

	buf_text(&sql, "INSERT INTO ");
	store_quote(&sql, st->table->name);
	buf_text(&sql, " (id, host_id, entry_id, offset, length");
	for (int i = 0; i < st->width; i++) {
		buf_text(&sql, ", ");
		store_quote(&sql, st->table->columns[i].name);
	}
	buf_printf(&sql, ", raw%s) VALUES (NULL", store_has_key(st->table) ? ", key" : "");
	for (int i = 1; i < FRONT + st->width + 1 + store_has_key(st->table); i++)
		buf_printf(&sql, ", ?%d", i);
	buf_printf(&sql, ")%s", store_has_key(st->table) ? " ON CONFLICT (key) DO NOTHING" : "");
	result = sql.bad ? fail_set(f, "out of memory") :
	         query_open(&st->insert, s, buf_string(&sql), f);
	buf_clear(&sql);
	if (!result && store_has_key(st->table)) {
		buf_text(&sql, "SELECT id FROM ");
		store_quote(&sql, st->table->name);
		buf_text(&sql, " WHERE key = ?1");
		result = query_open(&st->find, s, buf_string(&sql), f);
	}
	buf_done(&sql);
	return result;
}

static int open_statement(struct row_writer *w, const struct table *table, struct statement **out,
                          struct fail *f)
{
	struct statement *st = &w->statements[w->count];

	if (w->count == TABLES)
		return fail_set(f, "out of memory");
	*st = (struct statement){ .table = table, .width = table_width(table), .time = -1 };
	for (int i = 0; i < st->width; i++) {
		st->natural[i] = is_natural(&table->columns[i], table);
		if (st->time < 0 && table->columns[i].type == COL_TIME)
			st->time = i;
	}
	w->count++;
	*out = st;
	return open_insert(w->store, st, f);
}

static int statement_for(struct row_writer *w, const struct table *table, struct statement **out,
                         struct fail *f)
{
	for (size_t i = 0; i < w->count; i++)
		if (w->statements[i].table == table) {
			*out = &w->statements[i];
			return 0;
		}
	return open_statement(w, table, out, f);
}

static int writer_open(struct store *s, struct fail *f)
{
	struct row_writer *w = calloc(1, sizeof *w);

	if (!w)
		return fail_set(f, "out of memory");
	s->writer = w;
	w->store = s;
	w->file = 1;
	w->seen = calloc(SEEN_SLOTS, sizeof *w->seen);
	if (!w->seen)
		return fail_set(f, "out of memory");
	return hash_open(&w->hash, HASH_SHA256, f) ||
	       query_open(&w->add_source, s, "INSERT OR IGNORE INTO source "
	                  "(row_table, row_id, entry_id, offset, length) VALUES (?, ?, ?, ?, ?)", f) ?
	       -1 : 0;
}

void row_writer_close(struct row_writer *w)
{
	if (!w)
		return;
	for (size_t i = 0; i < w->count; i++) {
		query_close(w->statements[i].insert);
		query_close(w->statements[i].find);
	}
	query_close(w->add_source);
	hash_close(w->hash);
	buf_done(&w->held);
	buf_done(&w->raw);
	buf_done(&w->natural);
	free(w->seen);
	free(w);
}

void store_next_file(struct store *s)
{
	if (!s->writer)
		return;
	s->writer->file++;
	s->writer->filled = 0;
	s->writer->generation = 0;
}

static void add_number(struct buf *out, uint64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)(number >> (56 - 8 * i));
	buf_add(out, (struct span){ bytes, sizeof bytes });
}

/*
 * Counts a record among the equal ones of this file. A full memory is forgotten: dated records that
 * are equal stand near each other, and for undated ones the generation keeps the numbers apart.
 */
static uint32_t ordinal(struct row_writer *w, uint64_t digest)
{
	size_t at = (size_t)digest & (SEEN_SLOTS - 1);

	if (w->filled >= SEEN_MOST) {
		w->file++;
		w->filled = 0;
		w->generation++;
	}
	while (w->seen[at].file == w->file && w->seen[at].digest != digest)
		at = (at + 1) & (SEEN_SLOTS - 1);
	if (w->seen[at].file != w->file) {
		w->seen[at] = (struct seen){ digest, 0, w->file };
		w->filled++;
	}
	return w->seen[at].count++;
}

static int digest(struct row_writer *w, struct span bytes, struct digests *out, struct fail *f)
{
	hash_start(w->hash);
	hash_add(w->hash, bytes);
	return hash_end(w->hash, out, f);
}

/* What makes the record this one and no other, in one form. */
static void natural_bytes(const struct statement *st, const struct row *row, int64_t host_id,
                          struct buf *out)
{
	add_number(out, (uint64_t)host_id);
	buf_text(out, st->table->name);
	for (int i = 0; i < st->width; i++) {
		const struct value *v = &row->values[i];
		uint64_t real;

		if (!st->natural[i] || v->state == VALUE_NULL)
			continue;
		memcpy(&real, &v->real, sizeof real);
		add_number(out, (uint64_t)i << 8 | (uint64_t)v->state);
		add_number(out, (uint64_t)v->number ^ real);
		add_number(out, v->bytes.size);
		buf_add(out, v->bytes);
	}
}

static int make_key(struct row_writer *w, const struct statement *st, const struct row *row,
                    int64_t host_id, struct fail *f)
{
	bool dated = st->time >= 0 && row->values[st->time].state == VALUE_SET;
	uint64_t time = dated ? (uint64_t)row->values[st->time].number ^ UINT64_C(1) << 63 : 0, number;
	struct digests d;

	buf_clear(&w->natural);
	natural_bytes(st, row, host_id, &w->natural);
	if (w->natural.bad)
		return fail_set(f, "out of memory");
	if (digest(w, buf_span(&w->natural), &d, f))
		return -1;
	memcpy(&number, d.sha256, sizeof number);
	number = ordinal(w, number);
	for (int i = 0; i < KEY_TIME; i++)
		w->key[i] = (uint8_t)(time >> (56 - 8 * i));
	if (number || (!dated && w->generation)) {
		add_number(&w->natural, number);
		add_number(&w->natural, dated ? 0 : w->generation);
		if (w->natural.bad)
			return fail_set(f, "out of memory");
		if (digest(w, buf_span(&w->natural), &d, f))
			return -1;
	}
	memcpy(w->key + KEY_TIME, d.sha256, KEY_HASH);
	return 0;
}

static bool is_plain(struct span text)
{
	return text_is_utf8(text) && !memchr(text.data ? text.data : (const uint8_t *)"x", 0, text.size);
}

/* Adds a member to the row's `raw` object, which is closed when the row is bound. */
static void add_raw(struct row_writer *w, const char *name, const char *suffix, struct span bytes,
                    bool as_hex)
{
	buf_printf(&w->raw, "%s\"%s%s\":", w->raw.size ? "," : "{", name, suffix);
	if (!as_hex) {
		json_quote(&w->raw, bytes);
		return;
	}
	buf_byte(&w->raw, '"');
	buf_hex(&w->raw, bytes);
	buf_byte(&w->raw, '"');
}

/* Text for the column, of bytes that are no valid text; NUL, which ends texts in SQLite, is none. */
static void add_shown(struct buf *out, struct span bytes)
{
	while (bytes.size) {
		size_t size = span_find(bytes, 0);

		text_shown(out, span_part(bytes, 0, size));
		if (size < bytes.size)
			buf_text(out, "\xef\xbf\xbd");
		bytes = span_part(bytes, size + (size < bytes.size), bytes.size);
	}
}

static void add_list(struct buf *out, struct span list)
{
	struct span item;
	bool comma = false;

	buf_byte(out, '[');
	while (list_next(&list, &item)) {
		if (comma)
			buf_byte(out, ',');
		comma = true;
		json_quote(out, item);
	}
	buf_byte(out, ']');
}

/* Where converted text lies in `held`: bound when the row is whole, because `held` may move. */
struct converted { int parameter; size_t start, size; };

static struct converted convert(struct row_writer *w, const struct column *column, struct span bytes,
                                int parameter)
{
	size_t start = w->held.size;

	if (column->type == COL_DIGEST) {
		buf_hex(&w->held, bytes);
	} else if (column->type == COL_LIST) {
		add_list(&w->held, bytes);
		if (!text_is_utf8(bytes))
			add_raw(w, column->name, "_hex", bytes, true);
	} else {
		add_shown(&w->held, bytes);
		add_raw(w, column->name, "_hex", bytes, true);
	}
	return (struct converted){ parameter, start, w->held.size - start };
}

static bool needs_converting(enum column_type type, struct span bytes)
{
	return type == COL_DIGEST || type == COL_LIST || !is_plain(bytes);
}

static void bind_values(struct row_writer *w, const struct statement *st, const struct row *row)
{
	struct converted late[ROW_COLUMNS + 1];
	size_t lates = 0;

	buf_clear(&w->held);
	buf_clear(&w->raw);
	for (int i = 0; i < st->width; i++) {
		const struct value *v = &row->values[i];
		enum column_type type = st->table->columns[i].type;

		if (v->state == VALUE_RAW)
			add_raw(w, st->table->columns[i].name, "_raw", v->bytes, false);
		if (v->state == VALUE_RAW && !text_is_utf8(v->bytes))
			add_raw(w, st->table->columns[i].name, "_raw_hex", v->bytes, true);
		if (v->state != VALUE_SET)
			query_null(st->insert, FRONT + i);
		else if (type == COL_INT || type == COL_BOOL || type == COL_TIME)
			query_int(st->insert, FRONT + i, v->number);
		else if (type == COL_REAL)
			query_real(st->insert, FRONT + i, v->real);
		else if (needs_converting(type, v->bytes))
			late[lates++] = convert(w, &st->table->columns[i], v->bytes, FRONT + i);
		else
			query_text(st->insert, FRONT + i, v->bytes);
	}
	for (size_t i = 0; i < lates; i++)
		query_text(st->insert, late[i].parameter,
		           (struct span){ w->held.data + late[i].start, late[i].size });
	if (w->raw.size) {
		buf_byte(&w->raw, '}');
		query_text(st->insert, FRONT + st->width, buf_span(&w->raw));
	} else {
		query_null(st->insert, FRONT + st->width);
	}
}

/* The row that has the key already, to which this place is added as a source. */
static int seen_again(struct row_writer *w, struct statement *st, const struct row *row,
                      int64_t entry_id, int64_t *id, struct fail *f)
{
	int got;

	query_blob(st->find, 1, (struct span){ w->key, sizeof w->key });
	got = query_step(st->find, f);
	if (got == 1)
		*id = query_number(st->find, 0);
	query_reset(st->find);
	if (got < 0)
		return -1;
	query_text(w->add_source, 1, span_of(st->table->name));
	query_int(w->add_source, 2, *id);
	query_int(w->add_source, 3, entry_id);
	query_int(w->add_source, 4, row->offset);
	query_int(w->add_source, 5, row->length);
	return query_run(w->add_source, f);
}

int store_row(struct store *s, const struct row *row, int64_t host_id, int64_t entry_id, int64_t *id,
              struct fail *f)
{
	struct statement *st;
	struct row_writer *w;

	if ((!s->writer && writer_open(s, f)) || statement_for(s->writer, row->table, &st, f))
		return -1;
	w = s->writer;
	query_int(st->insert, 1, host_id);
	query_int(st->insert, 2, entry_id);
	query_int(st->insert, 3, row->offset);
	query_int(st->insert, 4, row->length);
	bind_values(w, st, row);
	if (w->held.bad || w->raw.bad)
		return fail_set(f, "out of memory");
	if (st->find) {
		if (make_key(w, st, row, host_id, f))
			return -1;
		query_blob(st->insert, FRONT + st->width + 1, (struct span){ w->key, sizeof w->key });
	}
	if (query_run(st->insert, f))
		return -1;
	if (st->find && store_changes(s) == 0)
		return seen_again(w, st, row, entry_id, id, f) ? -1 : 0;
	*id = store_last_id(s);
	return 1;
}
