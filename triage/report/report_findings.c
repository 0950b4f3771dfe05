/* SPDX-License-Identifier: Apache-2.0 */
/* What the rules found on a host, with the rows behind it. */
#include "lib/table.h"
#include "triage/detect/groups.h"
#include "triage/report/report.h"

enum { CARDS = 120, SUBJECTS = 15, PLACES = 3, SHORT = 5 };

/* Where a row stands in the evidence: "rows/process.0001.jsonl, byte 1234". */
static int add_place(struct page *p, struct store *s, struct span table, int64_t row, struct fail *f)
{
	const struct table *known = table_named(table);
	struct buf sql = { 0 };
	struct query *q;
	int got;

	if (!known)
		return 0;
	buf_printf(&sql, "SELECT e.name, t.offset FROM \"%s\" t JOIN entry e ON e.id = t.entry_id WHERE t.id = ?1", known->name);
	if (query_open(&q, s, buf_string(&sql), f)) {
		buf_done(&sql);
		return -1;
	}
	buf_done(&sql);
	query_int(q, 1, row);
	got = query_step(q, f);
	if (got == 1) {
		page_raw(p, " <small>");
		page_value(p, query_bytes(q, 0));
		page_raw(p, " ");
		page_format(p, "byte %lld", (long long)query_number(q, 1));
		page_raw(p, "</small>");
	}
	query_close(q);
	return got < 0 ? -1 : 0;
}

static int add_rows(struct page *p, struct store *s, struct span rows, int64_t count, struct fail *f)
{
	struct span row;
	int shown = 0;

	while (shown < PLACES && (row = span_word(&rows)).size) {
		struct span rest = row, table = span_until(&rest, ':');
		int64_t id;

		page_raw(p, shown++ ? "<br>" : "");
		page_code(p, row);
		if (span_number(rest, &id) && add_place(p, s, table, id, f))
			return -1;
	}
	if (count > shown) {
		page_raw(p, "<br><small>");
		page_format(p, "and %lld more", (long long)(count - shown));
		page_raw(p, "</small>");
	}
	return 0;
}

static void begin_card(struct page *p, struct query *q)
{
	int severity = (int)query_number(q, GROUP_SEVERITY);

	buf_printf(&p->out, "<article class=\"finding f%d%s\">\n<h4>", severity,
	           query_number(q, GROUP_SIZE) <= SHORT ? " short" : "");
	page_severity(p, severity);
	page_value(p, query_bytes(q, GROUP_TITLE + (int)p->lang));
	if (query_number(q, GROUP_SIZE) > 1)
		page_format(p, " (%lld)", (long long)query_number(q, GROUP_SIZE));
	page_raw(p, "</h4>\n<p>");
	page_value(p, query_bytes(q, GROUP_REASON + (int)p->lang));
	page_raw(p, "</p>\n<p class=\"next\"><b>");
	page_msg(p, "Next: ");
	page_raw(p, "</b>");
	page_value(p, query_bytes(q, GROUP_NEXT + (int)p->lang));
	page_raw(p, "</p>\n<table><thead><tr><th>");
	page_msg(p, "What it is about");
	page_raw(p, "</th><th>");
	page_msg(p, "Time");
	page_raw(p, "</th><th>");
	page_msg(p, "Rows of the evidence");
	page_raw(p, "</th></tr></thead><tbody>\n");
}

static int add_subject(struct page *p, struct store *s, struct query *q, struct fail *f)
{
	page_raw(p, "<tr><td>");
	page_code(p, query_bytes(q, GROUP_SUBJECT));
	page_raw(p, "</td><td>");
	if (query_is_null(q, GROUP_TIME))
		page_raw(p, "–");
	else
		page_time(p, query_number(q, GROUP_TIME));
	page_raw(p, "</td><td>");
	if (add_rows(p, s, query_bytes(q, GROUP_ROWS), query_number(q, GROUP_COUNT), f))
		return -1;
	page_raw(p, "</td></tr>\n");
	return 0;
}

static void end_card(struct page *p, struct query *q)
{
	page_raw(p, "</tbody></table>\n");
	if (query_number(q, GROUP_SIZE) > SUBJECTS) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more; the case file holds all of them", (long long)query_number(q, GROUP_SIZE) - SUBJECTS);
		page_raw(p, "</p>\n");
	}
	page_raw(p, "<p class=\"id\">");
	page_msg(p, "Rule");
	page_raw(p, " ");
	page_code(p, query_bytes(q, GROUP_RULE));
	if (query_bytes(q, GROUP_ATTACK).size) {
		page_raw(p, " · MITRE ATT&amp;CK ");
		page_value(p, query_bytes(q, GROUP_ATTACK));
	}
	page_raw(p, "</p>\n</article>\n");
}

static int add_cards(struct page *p, struct store *s, struct query *q, struct fail *f)
{
	int64_t in_group = 0, cards = 0;
	int got = 0, result = 0;

	while (!result && (got = query_step(q, f)) == 1) {
		if (!in_group++ && ++cards <= CARDS)
			begin_card(p, q);
		if (cards <= CARDS && in_group <= SUBJECTS)
			result = add_subject(p, s, q, f);
		if (in_group == query_number(q, GROUP_SIZE)) {
			if (cards <= CARDS)
				end_card(p, q);
			in_group = 0;
		}
	}
	if (!cards)
		page_paragraph(p, "none", "No rule found anything on this host. The account at the end of this part says which rules could look.");
	if (cards > CARDS) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more; the case file holds all of them", (long long)(cards - CARDS));
		page_raw(p, "</p>\n");
	}
	return result || got < 0 ? -1 : 0;
}

int report_findings(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	struct query *q;
	int result;

	page_heading(p, 3, NULL, "Findings");
	page_paragraph(p, "intro", "A finding is a sign that deserves a look, not a proof of an intrusion. The most urgent come first.");
	if (query_open(&q, s, finding_groups, f))
		return -1;
	query_int(q, 1, 1);
	query_int(q, 2, host);
	result = add_cards(p, s, q, f);
	query_close(q);
	return result;
}
