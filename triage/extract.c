/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/extract.h"

#include "lib/gzip_in.h"
#include "triage/store_query.h"

enum { STEPS = 4, CHUNK = 1 << 16 };

static const char entry_sql[] =
	"SELECT e.archive_id, e.number, coalesce(e.segment, 0), a.name, a.sha256, a.signature, "
	"coalesce(a.signer, ''), e.name, coalesce(e.path_text, ''), coalesce(e.sha256, ''), "
	"e.kind = 'file' AND e.path_text LIKE '%.gz' FROM entry e JOIN archive a ON a.id = e.archive_id "
	"WHERE e.id = ?1";

static bool is_plain_name(struct span name)
{
	for (size_t i = 0; i < name.size; i++)
		if (!(name.data[i] == '_' || (name.data[i] >= 'a' && name.data[i] <= 'z')))
			return false;
	return name.size > 0 && name.size < 64;
}

/* Whether the table has all the columns, of which there are `count`. */
static int has_columns(struct store *s, struct span table, const char *columns, int64_t count,
                       struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT count(*) FROM pragma_table_info(?1) WHERE instr(?2, ' ' || name || ' ')", f))
		return -1;
	query_text(q, 1, table);
	query_text(q, 2, span_of(columns));
	got = query_step(q, f);
	if (got == 1)
		got = query_number(q, 0) == count;
	query_close(q);
	return got;
}

static int one_row(struct store *s, struct query **q, int64_t id, const char *row, struct buf *sql,
                   struct fail *f)
{
	int got;

	if (sql->bad)
		return fail_set(f, "out of memory");
	if (query_open(q, s, buf_string(sql), f))
		return -1;
	query_int(*q, 1, id);
	got = query_step(*q, f);
	return got == 1 ? 0 : got < 0 ? -1 : fail_set(f, "there is no row '%s' in this case file", row);
}

/* One step from a row to the one it stands on: 1 and the new table and id, 0: it has bytes itself. */
static int follow(struct store *s, struct buf *table, int64_t *id, const char *row, struct fail *f)
{
	struct buf sql = { 0 };
	struct query *q = NULL;
	int leads = has_columns(s, buf_span(table), " row_table row_id ", 2, f);
	int places = has_columns(s, buf_span(table), " entry_id offset length ", 3, f);
	int result = -1;

	if (leads < 0 || places < 0)
		return -1;
	if (places || span_is(buf_span(table), "entry"))
		return 0;
	if (span_is(buf_span(table), "finding"))
		buf_text(&sql, "SELECT row_table, row_id FROM finding_row WHERE finding_id = ?1 "
		         "ORDER BY row_table, row_id LIMIT 1");
	else if (leads)
		buf_printf(&sql, "SELECT row_table, row_id FROM \"%s\" WHERE id = ?1", buf_string(table));
	else
		fail_set(f, "rows of '%s' have no bytes behind them", buf_string(table));
	if (sql.size && one_row(s, &q, *id, row, &sql, f) == 0) {
		buf_clear(table);
		buf_add(table, query_bytes(q, 0));
		*id = query_number(q, 1);
		result = is_plain_name(buf_span(table)) ? 1 :
		         fail_set(f, "there is no row '%s' in this case file", row);
	}
	query_close(q);
	buf_done(&sql);
	return result;
}

static int find_entry(struct store *s, int64_t id, const char *row, struct extract_place *out,
                      struct fail *f)
{
	struct buf sql = { 0 };
	struct query *q = NULL;
	struct buf *const texts[] = { &out->archive_name, &out->archive_sha256, &out->signature, &out->signer,
	                              &out->entry_name, &out->path, &out->entry_sha256 };
	int result;

	buf_text(&sql, entry_sql);
	result = one_row(s, &q, id, row, &sql, f);
	if (!result) {
		out->archive_id = query_number(q, 0);
		out->number = query_number(q, 1);
		out->segment = query_number(q, 2);
		for (int i = 0; i < 7; i++)
			buf_add(texts[i], query_bytes(q, 3 + i));
		out->gzip = query_number(q, 10) != 0;
	}
	query_close(q);
	buf_done(&sql);
	return result;
}

/* The row's own place in its entry. */
static int find_place(struct store *s, struct buf *table, int64_t id, const char *row,
                      struct extract_place *out, int64_t *entry, struct fail *f)
{
	struct buf sql = { 0 };
	struct query *q = NULL;
	int result;

	buf_printf(&sql, "SELECT entry_id, offset, length FROM \"%s\" WHERE id = ?1", buf_string(table));
	result = one_row(s, &q, id, row, &sql, f);
	if (!result) {
		*entry = query_number(q, 0);
		out->offset = query_number(q, 1);
		out->length = query_number(q, 2);
	}
	query_close(q);
	buf_done(&sql);
	return result;
}

int extract_find(struct store *s, const char *row, struct extract_place *out, struct fail *f)
{
	struct span rest = span_of(row), name = span_until(&rest, ':');
	struct buf table = { 0 };
	int64_t id = 0, entry = 0;
	int step = 1, result;

	if (!is_plain_name(name) || !span_number(rest, &id))
		return fail_set(f, "'%s' is not a row; write it as TABLE:NUMBER, such as syslog:17", row);
	*out = (struct extract_place){ 0 };
	buf_add(&table, name);
	for (int i = 0; i < STEPS && step == 1; i++)
		step = follow(s, &table, &id, row, f);
	if (step == 0 && span_is(buf_span(&table), "entry")) {
		result = find_entry(s, id, row, out, f);
		out->gzip = false;
	} else if (step == 0) {
		result = find_place(s, &table, id, row, out, &entry, f);
		if (!result)
			result = find_entry(s, entry, row, out, f);
	} else {
		result = step == 1 ? fail_set(f, "there is no row '%s' in this case file", row) : -1;
	}
	buf_done(&table);
	if (result)
		extract_done(out);
	return result;
}

void extract_done(struct extract_place *place)
{
	buf_done(&place->archive_name);
	buf_done(&place->archive_sha256);
	buf_done(&place->signature);
	buf_done(&place->signer);
	buf_done(&place->entry_name);
	buf_done(&place->path);
	buf_done(&place->entry_sha256);
}

struct reading { const struct extract_place *place; bool sound; };

/* The record of the wanted entry: as signed, and the one that the case file knows. */
static int on_record(void *context, const struct pack_record *r, struct fail *f)
{
	struct reading *reading = context;
	struct buf hex = { 0 };

	(void)f;
	if (r->number != reading->place->number)
		return 0;
	buf_hex(&hex, r->sha256);
	reading->sound = r->sound && span_equal(buf_span(&hex), buf_span(&reading->place->entry_sha256));
	buf_done(&hex);
	return 0;
}

static bool is_the_archive(const struct pack_verdict *v, const struct extract_place *place)
{
	struct buf hex = { 0 };
	bool same;

	buf_hex(&hex, (struct span){ v->archive_sha256, SHA256_SIZE });
	same = span_equal(buf_span(&hex), buf_span(&place->archive_sha256));
	buf_done(&hex);
	return same;
}

int extract_read(struct source *raw, const struct extract_place *place, struct spool *spool,
                 struct fail *f)
{
	struct reading reading = { place, false };
	struct pack_events events = { .record = on_record, .context = &reading };
	struct pack_reader *reader;
	struct pack_entry e;
	struct fail why;
	bool broken = false, same;
	int got, result = 0;

	if (pack_reader_open(&reader, raw, NULL, &events, f))
		return -1;
	while (!result && (got = pack_reader_next(reader, &e, f)) == 1)
		if (e.number == place->number)
			result = spool_fill(spool, e.content, &broken, &why, f);
	same = is_the_archive(pack_reader_verdict(reader), place);
	pack_reader_close(reader);
	if (result)
		return -1;
	if (!same)
		return 0;
	if (!reading.sound || broken)
		return fail_set(f, "the entry is not as it was signed, or nothing signs it");
	return 1;
}

/* Copies `length` bytes behind `offset`; length 0: all that follows. */
static int copy(struct source *in, int64_t offset, int64_t length, struct output *out, int64_t *size,
                struct fail *f)
{
	uint8_t bytes[CHUNK];
	int64_t left = length ? length : INT64_MAX, got = 1;

	*size = 0;
	while (left > 0 && got > 0) {
		int64_t skip = offset - in->offset;
		struct span part;

		got = source_read(in, bytes, skip > 0 && skip < CHUNK ? (size_t)skip : CHUNK, f);
		if (got < 0)
			return -1;
		if (skip > 0)
			continue;
		part = span_part((struct span){ bytes, (size_t)got }, 0, left < CHUNK ? (size_t)left : CHUNK);
		if (part.size && out->write(out, part, f))
			return -1;
		*size += (int64_t)part.size;
		left -= (int64_t)part.size;
	}
	return length && left ? fail_set(f, "the entry ends before the bytes of the row") : 0;
}

int extract_write(const struct extract_place *place, struct spool *spool, struct output *out,
                  int64_t *size, struct fail *f)
{
	struct spool_source in;
	struct gzip_in *gzip = NULL;
	int result;

	spool_source_init(&in, spool);
	if (place->gzip && gzip_in_open(&gzip, &in.source, GZIP_MOST, f))
		return -1;
	result = copy(gzip ? gzip_in_source(gzip) : &in.source, place->offset, place->length, out, size, f);
	gzip_in_close(gzip);
	return result;
}
