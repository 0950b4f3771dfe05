/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/report/listing.h"

#include "triage/detect/rule.h"

enum { WORD_BYTES = 64 };

/* Copies a word of ours; false if it is too long to be one. */
static bool word_of(struct span value, char out[WORD_BYTES])
{
	if (value.size >= WORD_BYTES)
		return false;
	memcpy(out, value.data ? value.data : (const uint8_t *)"", value.size);
	out[value.size] = 0;
	return true;
}

static void add_rule(struct page *p, struct span id)
{
	char word[WORD_BYTES];
	const struct rule *rule = word_of(id, word) ? rule_named(word) : NULL;

	if (rule) {
		page_value(p, span_of(rule->title[p->lang]));
		page_raw(p, "<br>");
	}
	page_code(p, id);
}

static void add_cell(struct page *p, struct query *q, int column, enum listing_kind kind)
{
	char word[WORD_BYTES];
	struct span value = query_bytes(q, column);

	if (query_is_null(q, column) && kind != LIST_BOTH) {
		page_raw(p, "–");
		return;
	}
	switch (kind) {
	case LIST_CODE:
	case LIST_ROW:
		page_code(p, value);
		break;
	case LIST_WORD:
		if (word_of(value, word))
			page_msg(p, word);
		else
			page_value(p, value);
		break;
	case LIST_RULE:
		add_rule(p, value);
		break;
	case LIST_BOTH:
		page_value(p, query_bytes(q, column + (int)p->lang));
		break;
	case LIST_TIME:
		page_time(p, query_number(q, column));
		break;
	case LIST_DURATION:
		page_duration(p, query_number(q, column));
		break;
	case LIST_SEVERITY:
		page_severity(p, (int)query_number(q, column));
		break;
	default:
		page_value(p, value);
	}
}

static void add_head(struct page *p, const struct listing *l)
{
	page_raw(p, "<table><thead><tr>");
	for (const struct listing_column *c = l->columns; c->kind; c++) {
		page_raw(p, c->kind == LIST_COUNT ? "<th class=\"count\">" : "<th>");
		page_msg(p, c->title);
		page_raw(p, "</th>");
	}
	page_raw(p, "</tr></thead><tbody>\n");
}

static const char *cell_tag(enum listing_kind kind)
{
	switch (kind) {
	case LIST_COUNT: return "<td class=\"count\">";
	case LIST_ROW: return "<td class=\"row\">";
	case LIST_WORD: return "<td class=\"word\">";
	default: return "<td>";
	}
}

/* Returns the number of rows that the query says it has in all. */
static int64_t add_row(struct page *p, const struct listing *l, struct query *q)
{
	int column = 0;

	page_raw(p, "<tr>");
	for (const struct listing_column *c = l->columns; c->kind; c++) {
		page_raw(p, cell_tag(c->kind));
		add_cell(p, q, column, c->kind);
		page_raw(p, "</td>");
		column += 1 + (c->kind == LIST_BOTH);
	}
	page_raw(p, "</tr>\n");
	return query_number(q, column);
}

int listing_write(struct page *p, struct store *s, const struct listing *l, int64_t host, struct fail *f)
{
	int64_t total = 0, shown = 0;
	struct query *q;
	int got;

	page_heading(p, 3, NULL, l->title);
	if (l->intro)
		page_paragraph(p, "intro", l->intro);
	if (query_open(&q, s, l->sql, f))
		return fail_in(f, l->title);
	query_int(q, 1, host);
	while ((got = query_step(q, f)) == 1 && shown < l->most) {
		if (!shown++)
			add_head(p, l);
		total = add_row(p, l, q);
	}
	query_close(q);
	if (shown)
		page_raw(p, "</tbody></table>\n");
	else
		page_paragraph(p, "none", l->none);
	if (total > shown) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more; the case file holds all of them", (long long)(total - shown));
		page_raw(p, "</p>\n");
	}
	return got < 0 ? -1 : 0;
}
