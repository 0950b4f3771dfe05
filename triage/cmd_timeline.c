/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "lib/os.h"
#include "triage/commands.h"
#include "triage/host_named.h"
#include "triage/table_out.h"
#include "triage/when.h"

struct timeline_options {
	const char *host, *from, *to, *type, *grep, *format, *zone, *lang;
	int64_t limit;
	bool files, undated;
};

enum { PRINTED = 9 };

/* Columns of the statement. */
enum { TIME, OFFSET, HOST, TYPE, ACTOR, OBJECT, SUMMARY, KIND, GRADE, ROW };

static const char *const names[PRINTED] = {
	"time", "host", "type", "actor", "object", "time_kind", "grade", "row", "summary",
};
static const int places[PRINTED] = { TIME, HOST, TYPE, ACTOR, OBJECT, KIND, GRADE, ROW, SUMMARY };
/* On a screen the summary matters more than what it repeats. */
static const char *const short_names[] = { "time", "host", "type", "row", "summary" };
static const int short_places[] = { TIME, HOST, TYPE, ROW, SUMMARY };

/* Parameters: 1 host, 2 from, 3 to, 4 type, 5 pattern, 6 number of rows. */
static void filter(struct buf *sql, const struct timeline_options *o)
{
	buf_text(sql, o->undated ? " WHERE time IS NULL" : " WHERE time IS NOT NULL");
	if (o->host)
		buf_text(sql, " AND host_id = ?1");
	if (o->from)
		buf_text(sql, " AND time >= ?2");
	if (o->to)
		buf_text(sql, " AND time < ?3");
	if (o->type)
		buf_text(sql, " AND type = ?4");
	if (o->grep)
		buf_text(sql, " AND (summary LIKE ?5 ESCAPE '\\' OR actor LIKE ?5 ESCAPE '\\' OR object LIKE ?5 "
		         "ESCAPE '\\')");
}

/* The four times of files are no events of the case file: a full listing would drown them. */
static void file_times(struct buf *sql, const struct timeline_options *o)
{
	static const char *const kinds[] = { "modified", "changed", "born", "accessed" };

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		buf_printf(sql, " UNION ALL SELECT * FROM (SELECT id, host_id, %s AS time, '%s' AS time_kind, "
		           "'exact' AS grade, 'file' AS type, NULL AS actor, path AS object, '%s: ' || path AS "
		           "summary, 'file' AS row_table, id AS row_id FROM file)", kinds[i], kinds[i], kinds[i]);
		filter(sql, o);
	}
}

static int open_events(struct query **q, struct store *s, const struct timeline_options *o,
                       struct fail *f)
{
	struct buf sql = { 0 };
	int result;

	buf_text(&sql, "SELECT e.time, coalesce((SELECT z.utc_offset FROM host_zone z WHERE z.host_id = "
	         "e.host_id ORDER BY z.since DESC LIMIT 1), 0), h.name, e.type, e.actor, e.object, e.summary, "
	         "e.time_kind, e.grade, e.row_table || ':' || e.row_id FROM (SELECT id, host_id, time, "
	         "time_kind, grade, type, actor, object, summary, row_table, row_id FROM event");
	filter(&sql, o);
	if (o->files)
		file_times(&sql, o);
	buf_text(&sql, ") e JOIN host_identity h ON h.id = e.host_id ORDER BY e.time, e.id, e.row_table, "
	         "e.time_kind");
	if (o->limit)
		buf_text(&sql, " LIMIT ?6");
	result = sql.bad ? fail_set(f, "out of memory") : query_open(q, s, buf_string(&sql), f);
	buf_done(&sql);
	return result;
}

static void like_pattern(struct buf *out, const char *text)
{
	buf_byte(out, '%');
	for (; *text; text++) {
		if (strchr("%_\\", *text))
			buf_byte(out, '\\');
		buf_byte(out, (uint8_t)*text);
	}
	buf_byte(out, '%');
}

static int bind(struct query *q, struct store *s, const struct timeline_options *o,
                const struct when_zone *zone, struct buf *pattern, struct fail *f)
{
	int64_t number;

	if (o->host) {
		if (host_named(s, o->host, &number, f))
			return -1;
		query_int(q, 1, number);
	}
	if (o->from) {
		if (when_read(o->from, zone, &number, f))
			return -1;
		query_int(q, 2, number);
	}
	if (o->to) {
		if (when_read(o->to, zone, &number, f))
			return -1;
		query_int(q, 3, number);
	}
	if (o->type)
		query_text(q, 4, span_of(o->type));
	if (o->grep) {
		like_pattern(pattern, o->grep);
		query_text(q, 5, buf_span(pattern));
	}
	if (o->limit)
		query_int(q, 6, o->limit);
	return 0;
}

static int print_events(struct query *q, enum table_format format, const struct when_zone *zone,
                        struct fail *f)
{
	bool brief = format == FORMAT_TABLE;
	int columns = brief ? (int)(sizeof short_places / sizeof *short_places) : PRINTED, got = 0, result;
	const int *from = brief ? short_places : places;
	struct cell cells[PRINTED];
	struct buf time = { 0 };
	struct table_out *t;
	struct fail ignored = { 0 };

	result = table_out_open(&t, stdout, format, brief ? short_names : names, columns,
	                        os_terminal_width(1), f);
	if (result)
		return -1;
	while (!result && (got = query_step(q, f)) == 1) {
		for (int i = 0; i < columns; i++)
			cells[i] = query_cell(q, from[i]);
		buf_clear(&time);
		if (brief && !span_is(query_bytes(q, GRADE), "exact"))
			buf_byte(&time, '~');
		if (!query_is_null(q, TIME)) {
			when_text(&time, query_number(q, TIME), zone->host ? query_number(q, OFFSET) : zone->offset);
			cells[0] = (struct cell){ .type = CELL_TEXT, .bytes = buf_span(&time) };
		}
		result = table_out_row(t, cells, f);
	}
	if (got < 0)
		result = -1;
	buf_done(&time);
	return table_out_end(t, result ? &ignored : f) || result ? -1 : 0;
}

static int timeline(const char *path, const struct timeline_options *o, int64_t *undated, struct fail *f)
{
	enum table_format format;
	struct when_zone zone;
	struct store *s = NULL;
	struct query *q = NULL;
	struct buf pattern = { 0 };
	int result;

	result = table_format_read(o->format, &format, f) || when_zone_read(o->zone, &zone, f) ||
	         store_open_read(&s, path, f) || open_events(&q, s, o, f) ||
	         bind(q, s, o, &zone, &pattern, f) || print_events(q, format, &zone, f) ? -1 : 0;
	query_close(q);
	if (!result && !o->undated)
		result = store_number(s, "SELECT count(*) FROM event WHERE time IS NULL", undated, f);
	store_close(s);
	buf_done(&pattern);
	return result;
}

int cmd_timeline(int argc, char **argv, enum lang lang)
{
	struct timeline_options o = { 0 };
	const struct option_row options[] = {
		{ "host", OPT_TEXT, "NAME", "one host: its name, address or machine id", &o.host },
		{ "from", OPT_TEXT, "TIME", "not before, such as 2026-03-27 or 2026-03-27T10:02+09:00", &o.from },
		{ "to", OPT_TEXT, "TIME", "before this time", &o.to },
		{ "type", OPT_TEXT, "TYPE", "one kind of event: logon, logon-failed, process, command, package …",
		  &o.type },
		{ "grep", OPT_TEXT, "TEXT", "events that contain the text", &o.grep },
		{ "files", OPT_FLAG, NULL, "with the times of files", &o.files },
		{ "undated", OPT_FLAG, NULL, "only what has no time, such as most shell histories", &o.undated },
		{ "limit", OPT_COUNT, "N", "stop after so many rows", &o.limit },
		{ "zone", OPT_TEXT, "ZONE", "show times in utc (default), host, or at an offset such as +09:00",
		  &o.zone },
		{ "format", OPT_TEXT, "FORMAT", "table (default), json or csv", &o.format },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &o.lang },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage timeline CASE.db",
		"Prints what happened, in the order of time. ~ marks a time whose year or zone is a guess.",
		options, 1, 1,
	};
	struct fail f = { 0 };
	int64_t undated = 0;
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	if (timeline(argv[2], &o, &undated, &f))
		return command_failed(&f, lang);
	if (undated)
		fprintf(stderr, msg(lang, "%" PRId64 " events have no time and are not shown; --undated lists them\n"),
		        undated);
	return EXIT_COMPLETE;
}
