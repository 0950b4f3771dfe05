/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/report/report.h"

#include "lib/text.h"

extern const unsigned char report_css[];

static void add_head(struct page *p)
{
	page_raw(p, "<!DOCTYPE html>\n<html lang=\"");
	page_raw(p, p->lang == LANG_JA ? "ja" : "en");
	page_raw(p, "\">\n<head>\n<meta charset=\"utf-8\">\n"
	         "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
	         "'unsafe-inline'; base-uri 'none'; form-action 'none'\">\n"
	         "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
	         "<meta name=\"referrer\" content=\"no-referrer\">\n<title>");
	page_msg(p, "Incident triage report");
	page_raw(p, "</title>\n<style>\n");
	page_raw(p, (const char *)report_css);
	page_raw(p, "</style>\n</head>\n<body lang=\"");
	page_raw(p, p->lang == LANG_JA ? "ja" : "en");
	page_raw(p, "\">\n");
}

static void add_labelled(struct page *p, const char *label, struct span value)
{
	page_raw(p, " · ");
	page_msg(p, label);
	page_raw(p, " ");
	page_value(p, value);
}

static int add_title(struct page *p, struct store *s, const struct report_options *o, struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT group_concat(c, ' / ') FROM (SELECT DISTINCT case_name AS c FROM archive"
	               " WHERE case_name <> '' AND (?1 = 0 OR host_id = ?1) ORDER BY 1 LIMIT 5)", f))
		return -1;
	query_int(q, 1, o->host);
	got = query_step(q, f);
	page_raw(p, "<header>\n<h1>");
	page_msg(p, "Incident triage report");
	page_raw(p, "</h1>\n<p class=\"note\">kaketsuke " KAKE_VERSION);
	if (got == 1 && !query_is_null(q, 0))
		add_labelled(p, "Case", query_bytes(q, 0));
	if (o->author)
		add_labelled(p, "Prepared by", span_of(o->author));
	if (o->date)
		add_labelled(p, "Date", span_of(o->date));
	page_raw(p, "</p>\n</header>\n<main>\n");
	query_close(q);
	return got < 0 ? -1 : 0;
}

static int add_contents(struct page *p, struct store *s, const struct report_options *o, struct fail *f)
{
	struct query *q;
	int got;

	if (o->host)
		return 0;
	if (query_open(&q, s, "SELECT id, name FROM host_identity ORDER BY id LIMIT ?1", f))
		return -1;
	query_int(q, 1, REPORT_HOSTS);
	page_raw(p, "<nav>\n");
	page_heading(p, 3, NULL, "Contents");
	page_raw(p, "<ol>\n<li><a href=\"#summary\">");
	page_msg(p, "Summary");
	page_raw(p, "</a></li>\n");
	while ((got = query_step(q, f)) == 1) {
		buf_printf(&p->out, "<li><a href=\"#host%lld\">", (long long)query_number(q, 0));
		page_value(p, query_bytes(q, 1));
		page_raw(p, "</a></li>\n");
	}
	page_raw(p, "<li><a href=\"#glossary\">");
	page_msg(p, "Words used here");
	page_raw(p, "</a></li>\n</ol>\n</nav>\n");
	query_close(q);
	return got;
}

static int add_host(struct page *p, struct store *s, struct query *q, struct fail *f)
{
	int64_t host = query_number(q, 0);

	p->offset = query_number(q, 2);
	buf_printf(&p->out, "<section class=\"host\" id=\"host%lld\">\n<h2>", (long long)host);
	page_value(p, query_bytes(q, 1));
	page_raw(p, "</h2>\n");
	if (report_evidence(p, s, host, f) || report_findings(p, s, host, f) || report_facts(p, s, host, f) ||
	    report_limits(p, s, host, f))
		return -1;
	page_raw(p, "</section>\n");
	p->offset = 0;
	return 0;
}

static int add_hosts(struct page *p, struct store *s, const struct report_options *o, struct fail *f)
{
	int result = 0, got = 0;
	struct query *q;
	int64_t count = 0;

	if (query_open(&q, s, "SELECT h.id, h.name, coalesce((SELECT z.utc_offset FROM host_zone z WHERE z.host_id ="
	               " h.id ORDER BY z.since DESC LIMIT 1), 0) FROM host_identity h WHERE ?1 = 0 OR h.id = ?1"
	               " ORDER BY h.id", f))
		return -1;
	query_int(q, 1, o->host);
	while (!result && (got = query_step(q, f)) == 1)
		if (++count <= REPORT_HOSTS)
			result = add_host(p, s, q, f);
	query_close(q);
	if (count > REPORT_HOSTS) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more hosts; write a report of each with --host", (long long)(count - REPORT_HOSTS));
		page_raw(p, "</p>\n");
	}
	return result || got < 0 ? -1 : 0;
}

int report_write(struct page *p, struct store *s, const struct report_options *o, struct fail *f)
{
	add_head(p);
	if (add_title(p, s, o, f) || report_summary(p, s, o, f) || add_contents(p, s, o, f) ||
	    add_hosts(p, s, o, f))
		return -1;
	report_glossary(p);
	page_raw(p, "</main>\n<footer>");
	page_format(p, "Made by kaketsuke %s from the case file alone. Times are in the zone of each host and in UTC. "
	            "Names such as process:5 are rows of the case file; kake-triage extract shows the signed bytes behind one.",
	            KAKE_VERSION);
	page_raw(p, "</footer>\n</body>\n</html>\n");
	return p->out.bad ? fail_set(f, "out of memory") : 0;
}
