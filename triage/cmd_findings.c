/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules found, ranked, and what they could not look for. */
#include <stdio.h>

#include "lib/os.h"
#include "lib/text.h"
#include "triage/commands.h"
#include "triage/detect/detect.h"
#include "triage/detect/groups.h"
#include "triage/host_named.h"
#include "triage/table_out.h"
#include "triage/when.h"
#include "triage/wrap.h"

enum { SUBJECTS_SHOWN = 4, NARROW = 80, WIDE = 120, ROWS_SHOWN = 3, NAMES_SHOWN = 12 };

struct findings_options { const char *host, *least, *format, *lang; bool all, ledger; };

/* What to show, and what of it was left out. */
struct findings {
	struct store *store;
	enum lang lang;
	int64_t host;                /* 0: all */
	int least;
	bool all;
	size_t width;
	int64_t shown, by_severity[6];
	bool notes;                  /* something limits the answer */
};

static const char listed[] =
	"SELECT f.severity, f.rank, h.name, f.rule, f.time, f.subject, f.count, " FINDING_ROW_NAMES ", f.attack, f.title, f.title_ja,"
	" f.reason, f.reason_ja, f.next, f.next_ja" FINDINGS_CHOSEN " ORDER BY f.rank DESC, f.severity DESC, f.rule, h.name, f.subject, f.id";
static const char *const listed_names[] = {
	"severity", "rank", "host", "rule", "time", "subject", "count", "rows", "attack", "title", "title_ja",
	"reason", "reason_ja", "next", "next_ja",
};
enum { LISTED = sizeof listed_names / sizeof *listed_names };

static const char ledger[] =
	"SELECT h.name, f.rule, f.state, f.matches, CASE ?1 WHEN 1 THEN f.reason_ja ELSE f.reason END FROM rule_state f"
	" JOIN host_identity h ON h.id = f.host_id WHERE ?2 = 0 OR f.host_id = ?2 ORDER BY h.name, f.state, f.rule";
static const char *const ledger_names[] = { "host", "rule", "state", "findings", "reason" };

static int open_chosen(struct query **q, const struct findings *a, const char *sql, int first, struct fail *f)
{
	if (query_open(q, a->store, sql, f))
		return -1;
	query_int(*q, 1, first);
	query_int(*q, 2, a->host);
	return 0;
}

static void print(struct buf *text)
{
	fputs(buf_string(text), stdout);
	buf_clear(text);
}

/* "[high] title" with the rule at the right end. */
static void add_heading(struct buf *out, const struct findings *a, struct query *q)
{
	struct buf left = { 0 };
	struct span rule = query_bytes(q, GROUP_RULE);
	size_t room = a->width > rule.size + 2 ? a->width - rule.size - 1 : a->width;

	buf_printf(&left, "[%s] ", severity_word((int)query_number(q, GROUP_SEVERITY), a->lang));
	buf_add(&left, query_bytes(q, GROUP_TITLE + (int)a->lang));
	if (query_number(q, GROUP_SIZE) > 1)
		buf_printf(&left, msg(a->lang, " (%lld)"), (long long)query_number(q, GROUP_SIZE));
	buf_byte(out, '\n');
	wrap_cell(out, buf_span(&left), room);
	buf_byte(out, ' ');
	buf_add(out, rule);
	buf_byte(out, '\n');
	buf_done(&left);
}

/* "    host  time  row row +n" over the subject. */
static void add_subject(struct buf *out, const struct findings *a, struct query *q)
{
	struct buf shown = { 0 };
	struct span rows = query_bytes(q, GROUP_ROWS), row;

	text_terminal(&shown, query_bytes(q, GROUP_SUBJECT));
	wrap_text(out, buf_span(&shown), a->width, 2);
	buf_clear(&shown);
	text_terminal(&shown, query_bytes(q, GROUP_HOST));
	if (!query_is_null(q, GROUP_TIME)) {
		buf_text(&shown, "  ");
		when_text(&shown, query_number(q, GROUP_TIME) / INSTANT_SECOND * INSTANT_SECOND, query_number(q, GROUP_OFFSET));
	}
	buf_byte(&shown, ' ');
	for (int i = 0; i < ROWS_SHOWN && (row = span_word(&rows)).size; i++) {
		buf_byte(&shown, ' ');
		buf_add(&shown, row);
	}
	if (query_number(q, GROUP_COUNT) > ROWS_SHOWN)
		buf_printf(&shown, " +%lld", (long long)query_number(q, GROUP_COUNT) - ROWS_SHOWN);
	wrap_text(out, buf_span(&shown), a->width, 4);
	buf_done(&shown);
}

static void add_labelled(struct buf *out, const struct findings *a, const char *label, struct span text)
{
	struct buf shown = { 0 };

	buf_text(&shown, msg(a->lang, label));
	text_terminal(&shown, text);
	wrap_text(out, buf_span(&shown), a->width, 2);
	buf_done(&shown);
}

static int print_groups(struct findings *a, struct fail *f)
{
	struct buf out = { 0 }, next = { 0 };
	int64_t in_group = 0;
	struct query *q;
	int got = 0;

	if (open_chosen(&q, a, finding_groups, a->least, f))
		return -1;
	while ((got = query_step(q, f)) == 1) {
		if (!in_group++) {
			add_heading(&out, a, q);
			add_labelled(&out, a, "", query_bytes(q, GROUP_REASON + (int)a->lang));
			buf_clear(&next);
			buf_add(&next, query_bytes(q, GROUP_NEXT + (int)a->lang));
		}
		if (a->all || in_group <= SUBJECTS_SHOWN)
			add_subject(&out, a, q);
		if (in_group == query_number(q, GROUP_SIZE)) {
			if (!a->all && in_group > SUBJECTS_SHOWN)
				buf_printf(&out, msg(a->lang, "  and %lld more; --all shows them\n"), (long long)(in_group - SUBJECTS_SHOWN));
			add_labelled(&out, a, "Next: ", buf_span(&next));
			in_group = 0;
		}
		a->shown++;
		if (out.size > 1 << 16)
			print(&out);
	}
	print(&out);
	buf_done(&out);
	buf_done(&next);
	query_close(q);
	return got;
}

static int print_listed(struct findings *a, enum table_format format, struct fail *f)
{
	struct fail ignored = { 0 };
	struct cell cells[LISTED];
	struct buf time = { 0 };
	struct table_out *t;
	struct query *q;
	int got = 0, result = 0;

	if (open_chosen(&q, a, listed, a->least, f))
		return -1;
	if (table_out_open(&t, stdout, format, listed_names, LISTED, 0, f)) {
		query_close(q);
		return -1;
	}
	while (!result && (got = query_step(q, f)) == 1) {
		for (int i = 0; i < LISTED; i++)
			cells[i] = query_cell(q, i);
		cells[0].type = CELL_TEXT;
		cells[0].bytes = span_of(severity_word((int)query_number(q, 0), LANG_EN));
		buf_clear(&time);
		if (cells[4].type == CELL_INT) {
			instant_text(&time, cells[4].number);
			cells[4] = (struct cell){ .type = CELL_TEXT, .bytes = buf_span(&time) };
		}
		result = table_out_row(t, cells, f);
		a->shown++;
	}
	buf_done(&time);
	query_close(q);
	if (got < 0)
		result = -1;
	return table_out_end(t, result ? &ignored : f) || result ? -1 : 0;
}

static int print_ledger(struct findings *a, enum table_format format, struct fail *f)
{
	struct fail ignored = { 0 };
	struct cell cells[5];
	struct table_out *t;
	struct query *q;
	int got = 0, result = 0;

	if (open_chosen(&q, a, ledger, a->lang == LANG_JA, f))
		return -1;
	if (table_out_open(&t, stdout, format, ledger_names, 5, os_terminal_width(1), f)) {
		query_close(q);
		return -1;
	}
	while (!result && (got = query_step(q, f)) == 1) {
		for (int i = 0; i < 5; i++)
			cells[i] = query_cell(q, i);
		result = table_out_row(t, cells, f);
	}
	query_close(q);
	if (got < 0)
		result = -1;
	return table_out_end(t, result ? &ignored : f) || result ? -1 : 0;
}

static int count_all(struct findings *a, struct fail *f)
{
	struct query *q;
	int got;

	if (open_chosen(&q, a, "SELECT f.severity, count(*)" FINDINGS_CHOSEN " GROUP BY f.severity", 0, f))
		return -1;
	while ((got = query_step(q, f)) == 1)
		if (query_number(q, 0) > 0 && query_number(q, 0) < 6)
			a->by_severity[query_number(q, 0)] = query_number(q, 1);
	query_close(q);
	return got;
}

static void add_totals(struct buf *out, const struct findings *a)
{
	int64_t total = 0;

	for (int i = 1; i < 6; i++)
		total += a->by_severity[i];
	buf_printf(out, msg(a->lang, "%lld findings:"), (long long)total);
	for (int i = 5; i > 0; i--)
		buf_printf(out, " %s %lld", severity_word(i, a->lang), (long long)a->by_severity[i]);
	if (total > a->shown)
		buf_printf(out, msg(a->lang, "; %lld below the severity asked for are not shown"), (long long)(total - a->shown));
	buf_byte(out, '\n');
}

static void add_names(struct buf *out, const struct findings *a, struct span names)
{
	struct span name;
	int count = 0;

	while ((name = span_until(&names, ',')).size && ++count <= NAMES_SHOWN) {
		buf_text(out, count > 1 ? ", " : "");
		buf_add(out, name);
	}
	if (count > NAMES_SHOWN)
		buf_text(out, msg(a->lang, " … (--ledger shows all)"));
}

static void add_state(struct buf *out, struct findings *a, struct query *q)
{
	static const char *const states[] = { "no-evidence", "field-missing", "not-loaded" };
	static const char *const texts[] = {
		"; %lld had no evidence: ", "; %lld lacked a field: ", "; %lld could not be loaded: ",
	};

	if (span_is(query_bytes(q, 2), "ran")) {
		buf_printf(out, msg(a->lang, "%lld rules ran"), (long long)query_number(q, 3));
		return;
	}
	a->notes = true;
	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (span_is(query_bytes(q, 2), states[i])) {
			buf_printf(out, msg(a->lang, texts[i]), (long long)query_number(q, 3));
			add_names(out, a, query_bytes(q, 4));
		}
}

/* The ledger in a line or two a host: what ran, and which rules could not and so say nothing. */
static int add_ledger(struct buf *out, struct findings *a, struct fail *f)
{
	int64_t host = 0;
	struct buf line = { 0 };
	struct query *q;
	int got;

	if (open_chosen(&q, a, "SELECT r.host_id, h.name, r.state, count(*), group_concat(r.rule) FROM (SELECT * FROM"
	                " rule_state WHERE ?1 IS NOT NULL AND (?2 = 0 OR host_id = ?2) ORDER BY rule) r JOIN host_identity h"
	                " ON h.id = r.host_id GROUP BY r.host_id, r.state ORDER BY r.host_id, r.state <> 'ran', r.state", 0, f))
		return -1;
	while ((got = query_step(q, f)) == 1) {
		if (query_number(q, 0) != host) {
			wrap_text(out, buf_span(&line), a->width, 0);
			buf_clear(&line);
			text_terminal(&line, query_bytes(q, 1));
			buf_text(&line, ": ");
			host = query_number(q, 0);
		}
		add_state(&line, a, q);
	}
	query_close(q);
	if (!host)
		buf_text(&line, msg(a->lang, "no rule ran: the case file holds no host"));
	wrap_text(out, buf_span(&line), a->width, 0);
	buf_done(&line);
	return got;
}

/* What the reader must know of the evidence itself before believing the rest. */
static int add_evidence(struct buf *out, struct findings *a, struct fail *f)
{
	struct query *q;
	int got;

	if (open_chosen(&q, a, "SELECT sum(f.signature = 'unverified'), sum(f.complete = 0), sum(f.problems > 0) FROM archive f"
	                " WHERE ?1 IS NOT NULL AND (?2 = 0 OR f.host_id = ?2)", 0, f))
		return -1;
	got = query_step(q, f);
	if (got == 1 && query_number(q, 0))
		buf_printf(out, msg(a->lang, "Attention: %lld archives were taken in unverified\n"), (long long)query_number(q, 0));
	if (got == 1 && query_number(q, 1))
		buf_printf(out, msg(a->lang, "Attention: %lld archives are cut: what came last is missing\n"), (long long)query_number(q, 1));
	if (got == 1 && (query_number(q, 0) || query_number(q, 1) || query_number(q, 2)))
		a->notes = true;
	query_close(q);
	return got < 0 ? -1 : 0;
}

static int print_end(struct findings *a, bool on_screen, struct fail *f)
{
	struct buf head = { 0 }, rules = { 0 }, out = { 0 };
	int result = add_evidence(&head, a, f) || count_all(a, f) || add_ledger(&rules, a, f) ? -1 : 0;

	if (!result && on_screen) {
		buf_byte(&out, '\n');
		buf_add(&out, buf_span(&head));
		add_totals(&out, a);
		buf_add(&out, buf_span(&rules));
		print(&out);
	}
	buf_done(&head);
	buf_done(&rules);
	buf_done(&out);
	return result;
}

static int answer(struct findings *a, const struct findings_options *o, const char *path, struct fail *f)
{
	enum table_format format;
	size_t width = os_terminal_width(1);
	int result;

	a->width = width < NARROW ? NARROW : width > WIDE ? WIDE : width;
	a->all = o->all;
	a->least = o->least ? severity_of(o->least) : o->all ? 1 : 2;
	if (!a->least)
		return fail_set(f, "option --min-severity takes info, low, medium, high or critical, not '%s'", o->least);
	if (table_format_read(o->format, &format, f) || store_open_read(&a->store, path, f) ||
	    (o->host && host_named(a->store, o->host, &a->host, f)))
		return -1;
	if (o->ledger)
		result = print_ledger(a, format, f);
	else
		result = format == FORMAT_TABLE ? print_groups(a, f) : print_listed(a, format, f);
	return result ? -1 : print_end(a, format == FORMAT_TABLE && !o->ledger, f);
}

int cmd_findings(int argc, char **argv, enum lang lang)
{
	struct findings_options o = { 0 };
	const struct option_row options[] = {
		{ "host", OPT_TEXT, "NAME", "one host: its name, address or machine id", &o.host },
		{ "min-severity", OPT_TEXT, "WORD", "info, low, medium, high or critical; low if not given", &o.least },
		{ "format", OPT_TEXT, "FORMAT", "table (default), json or csv", &o.format },
		{ "all", OPT_FLAG, NULL, "every finding, also those that only inform", &o.all },
		{ "ledger", OPT_FLAG, NULL, "instead: what each rule did on each host", &o.ledger },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &o.lang },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage findings CASE.db", "What the rules found, the most urgent first, and what they could not look for.",
		options, 1, 1,
	};
	struct findings a = { .lang = lang };
	struct fail f = { 0 };
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	result = answer(&a, &o, argv[2], &f);
	store_close(a.store);
	if (result)
		return command_failed(&f, lang);
	return a.notes ? EXIT_NOTES : EXIT_COMPLETE;
}
