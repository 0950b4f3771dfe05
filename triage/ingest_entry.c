/* SPDX-License-Identifier: Apache-2.0 */
/* What one entry of an archive gives. */
#include <inttypes.h>
#include <stdlib.h>

#include "lib/gzip_in.h"
#include "lib/instant.h"
#include "lib/lines.h"
#include "lib/path.h"
#include "lib/text.h"
#include "triage/ingest_inside.h"
#include "triage/parser.h"

static const char *kind_word(enum pack_kind kind)
{
	static const char *const words[] = { "collection", "rows", "file", "notes" };

	return words[kind];
}

static const char *file_word(char kind)
{
	static const struct { char kind; const char *word; } words[] = {
		{ 'f', "file" }, { 'l', "link" }, { 'd', "directory" }, { 'p', "fifo" }, { 's', "socket" },
		{ 'b', "block" }, { 'c', "char" },
	};

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (words[i].kind == kind)
			return words[i].word;
	return "file";
}

static bool instant_at(const struct file_time *t, int64_t *out)
{
	return t->set && instant_of(t->seconds, t->nanoseconds, out);
}

static void bind_time(struct query *q, int parameter, const struct file_time *t)
{
	int64_t instant;

	if (instant_at(t, &instant))
		query_int(q, parameter, instant);
	else
		query_null(q, parameter);
}

int intake_entry(struct intake *k, const struct pack_entry *e, struct fail *f)
{
	struct query *q = k->queries[ADD_ENTRY];
	const struct file_facts *facts = &e->facts;
	struct buf name = { 0 };
	int result;

	k->entry_id = k->entry_base + e->number;
	text_shown(&name, e->name);
	query_int(q, 1, k->entry_id);
	query_int(q, 2, k->archive_id);
	query_int(q, 3, e->number);
	query_text(q, 4, span_of(kind_word(e->kind)));
	query_text(q, 5, buf_span(&name));
	for (int i = 6; i <= 16; i++)
		query_null(q, i);
	query_int(q, 9, e->kind == PACK_FILE ? facts->size : e->content->size < 0 ? 0 : e->content->size);
	if (e->kind == PACK_FILE) {
		query_blob(q, 6, facts->path);
		query_text(q, 7, intake_text(k, facts->path));
		query_text(q, 8, span_of(file_word(facts->kind)));
		query_int(q, 10, facts->mode);
		query_int(q, 11, facts->uid);
		query_int(q, 12, facts->gid);
		bind_time(q, 13, &facts->accessed);
		bind_time(q, 14, &facts->modified);
		bind_time(q, 15, &facts->changed);
		bind_time(q, 16, &facts->born);
	}
	result = query_run(q, f);
	buf_done(&name);
	return result;
}

int parsing_begin(struct parsing *p, struct intake *k, const char *parser, int version, struct fail *f)
{
	struct query *q = k->queries[ADD_PARSE];

	query_int(q, 1, k->entry_id);
	query_text(q, 2, span_of(parser));
	query_int(q, 3, version);
	if (query_run(q, f))
		return -1;
	*p = (struct parsing){ .intake = k, .id = store_last_id(k->in->store) };
	return 0;
}

static int add_error(struct parsing *p, int64_t offset, const struct fail *reason, struct fail *f)
{
	struct query *q = p->intake->queries[ADD_ERROR];
	struct buf english = { 0 }, japanese = { 0 };
	int result;

	text_shown(&english, span_of(reason->text[LANG_EN]));
	text_shown(&japanese, span_of(reason->text[LANG_JA]));
	query_int(q, 1, p->id);
	if (offset < 0)
		query_null(q, 2);
	else
		query_int(q, 2, offset);
	query_text(q, 3, buf_span(&english));
	query_text(q, 4, buf_span(&japanese));
	result = query_run(q, f);
	buf_done(&english);
	buf_done(&japanese);
	return result;
}

int parsing_remark(struct parsing *p, int64_t offset, const struct fail *reason, struct fail *f)
{
	p->intake->account->remarks++;
	return ++p->remarks > REMARKS_MOST ? 0 : add_error(p, offset, reason, f);
}

int parsing_end(struct parsing *p, int64_t bytes, int64_t total, struct fail *f)
{
	struct query *q = p->intake->queries[END_PARSE];
	struct fail more = { 0 };

	if (p->remarks > REMARKS_MOST) {
		fail_set(&more, "%" PRId64 " more like these", p->remarks - REMARKS_MOST);
		if (add_error(p, -1, &more, f))
			return -1;
	}
	query_int(q, 1, p->id);
	query_text(q, 2, span_of(p->failed ? "failed" : p->remarks ? "partial" : "done"));
	query_int(q, 3, p->rows);
	query_int(q, 4, bytes);
	query_int(q, 5, total);
	return query_run(q, f);
}

static int keep_row(struct parsing *p, const struct row *row, struct fail *f)
{
	struct intake *k = p->intake;
	int64_t id;
	int got = store_row(k->in->store, row, k->host_id, k->entry_id, &id, f);

	if (got < 0)
		return -1;
	p->rows++;
	if (got)
		k->account->rows++;
	else
		k->account->repeated++;
	coverage_row(k->coverage, row, got == 1);
	return 0;
}

static int rows_line(struct parsing *p, const struct table *table, const struct line *line,
                     int64_t *unknown, struct fail *f)
{
	struct intake *k = p->intake;
	struct fail why = { 0 };
	struct row row;
	unsigned more = 0;

	buf_clear(&k->held);
	if (json_read_row(line->text, table, &row, &k->held, &more, &why))
		return parsing_remark(p, line->offset, &why, f);
	*unknown += more;
	row.offset = line->offset;
	row.length = (int64_t)line->text.size;
	return keep_row(p, &row, f);
}

/* All lines of a rows member; *broken where its bytes cannot be read to the end. */
static int rows_lines(struct parsing *p, const struct pack_entry *e, bool *broken, struct fail *f)
{
	struct lines lines;
	struct line line;
	struct fail why = { 0 };
	int64_t unknown = 0;
	int got, result = 0;
	bool inside = false;         /* a line that was too long goes on */

	lines_init(&lines, e->content);
	while (!result && (got = lines_next(&lines, &line, &why)) == 1) {
		if (inside || line.cut) {
			if (!inside) {
				fail_set(&why, "a row is longer than %d bytes and was left out", LINE_BYTES);
				result = parsing_remark(p, line.offset, &why, f);
			}
			inside = line.cut;
		} else {
			result = rows_line(p, e->table, &line, &unknown, f);
		}
	}
	*broken = !result && got < 0;
	lines_done(&lines);
	if (!result && unknown) {
		fail_set(&why, "%" PRId64 " values of columns that this program does not know were left out",
		         unknown);
		result = parsing_remark(p, -1, &why, f);
	}
	return result;
}

int intake_rows(struct intake *k, const struct pack_entry *e, struct fail *f)
{
	struct parsing p;
	struct fail why = { 0 };
	bool broken = false;

	if (parsing_begin(&p, k, "rows", STORE_VERSION, f))
		return -1;
	store_next_file(k->in->store);
	if (!e->table) {
		p.failed = true;
		fail_set(&why, "table '%.*s' is not known to this program", (int)e->table_name.size,
		         (const char *)e->table_name.data);
		if (parsing_remark(&p, -1, &why, f))
			return -1;
	} else if (rows_lines(&p, e, &broken, f)) {
		return -1;
	}
	p.failed |= broken;
	return parsing_end(&p, e->content->offset, e->content->size, f);
}

static int add_note(struct intake *k, struct span line, struct fail *f)
{
	static const struct { int parameter; const char *member; } members[] = {
		{ 2, "module" }, { 3, "item" }, { 4, "time" }, { 5, "text" }, { 6, "text_ja" },
	};
	struct query *q = k->queries[ADD_NOTE];
	struct json_value object = json_parse(line);

	buf_clear(&k->held);
	buf_room(&k->held, line.size * SHOWN_GROWS + 1);
	query_int(q, 1, k->archive_id);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		intake_bind(k, q, members[i].parameter, object, members[i].member, &k->held);
	return query_run(q, f);
}

/* Whether the line has what a note must have. */
static bool is_note(struct span line)
{
	static const char *const needed[] = { "module", "text", "text_ja" };
	struct json_value object = json_parse(line);

	for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
		if (json_member(object, needed[i]).type != JSON_STRING ||
		    json_member(object, needed[i]).raw.size <= 2)
			return false;
	return true;
}

int intake_notes(struct intake *k, const struct pack_entry *e, struct fail *f)
{
	struct parsing p;
	struct lines lines;
	struct line line;
	struct fail why = { 0 };
	int got, result = 0;

	if (parsing_begin(&p, k, "notes", STORE_VERSION, f))
		return -1;
	lines_init(&lines, e->content);
	while (!result && (got = lines_next(&lines, &line, &why)) == 1) {
		if (line.cut || !is_note(line.text)) {
			fail_set(&why, "not a note");
			result = parsing_remark(&p, line.offset, &why, f);
		} else {
			p.rows++;
			k->account->notes++;
			result = add_note(k, line.text, f);
		}
	}
	p.failed = got < 0;
	lines_done(&lines);
	return result ? -1 : parsing_end(&p, e->content->offset, e->content->size, f);
}

/* Where rows and notes of a parser go. */
struct parser_sink { struct sink sink; struct parsing *parsing; bool failed; };

static int sink_row(struct sink *s, const struct row *row, struct fail *f)
{
	struct parser_sink *sink = (struct parser_sink *)s;

	if (keep_row(sink->parsing, row, f) == 0)
		return 0;
	sink->failed = true;
	return -1;
}

static int sink_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct parser_sink *sink = (struct parser_sink *)s;

	if (parsing_remark(sink->parsing, n->offset, n->reason, f) == 0)
		return 0;
	sink->failed = true;
	return -1;
}

static int run_parser(struct intake *k, const struct parser *parser, const struct pack_entry *e,
                      struct source *in, const struct gzip_in *gzip, const struct fail *broken,
                      struct fail *f)
{
	struct origin origin = { .path = e->facts.path, .modified = INT64_MIN, .collected = k->started,
	                         .zone = k->zone };
	struct parsing p;
	struct parser_sink sink = { { sink_row, sink_note, NULL }, &p, false };
	struct fail why = { 0 };

	instant_at(&e->facts.modified, &origin.modified);
	store_next_file(k->in->store);
	if (parsing_begin(&p, k, parser->name, parser->version, f))
		return -1;
	if (parser->parse(in, &origin, &sink.sink, &why)) {
		if (sink.failed) {
			*f = why;
			return -1;
		}
		p.failed = true;
		if (parsing_remark(&p, in->offset, &why, f))
			return -1;
	}
	if (broken) {
		p.failed = true;
		if (parsing_remark(&p, in->offset, broken, f))
			return -1;
	}
	if (gzip && gzip_in_problem(gzip) && parsing_remark(&p, in->offset, gzip_in_problem(gzip), f))
		return -1;
	return parsing_end(&p, gzip ? e->content->offset : in->offset, e->facts.size, f);
}

/* Every parser that the path fits; more than one, or one that jumps, read the file from a spool. */
static int run_parsers(struct intake *k, struct span path, const struct pack_entry *e, struct source *in,
                       const struct gzip_in *gzip, struct fail *f)
{
	const struct parser *parser = parser_for(path, 0);
	struct spool_source again;
	struct fail why = { 0 };
	bool broken;

	if (!parser_for(path, 1) && (!parser->ahead || in->read_at))
		return run_parser(k, parser, e, in, gzip, NULL, f);
	if (spool_fill(k->in->spool, in, &broken, &why, f))
		return -1;
	for (unsigned i = 0; (parser = parser_for(path, i)) != NULL; i++) {
		spool_source_init(&again, k->in->spool);
		if (run_parser(k, parser, e, &again.source, gzip, broken ? &why : NULL, f))
			return -1;
	}
	return 0;
}

int intake_file(struct intake *k, const struct pack_entry *e, struct fail *f)
{
	struct span path = e->facts.path;
	struct gzip_in *gzip = NULL;
	int result;

	if (e->facts.kind != 'f')
		return 0;
	if (span_ends(path, ".gz"))
		path.size -= 3;
	if (!parser_for(path, 0))
		return 0;
	if (coverage_file(k->coverage, e->facts.path, k->entry_id, f))
		return -1;
	if (path.size == e->facts.path.size)
		return run_parsers(k, path, e, e->content, NULL, f);
	if (gzip_in_open(&gzip, e->content, GZIP_MOST, f))
		return -1;
	result = run_parsers(k, path, e, gzip_in_source(gzip), gzip, f);
	gzip_in_close(gzip);
	return result;
}
