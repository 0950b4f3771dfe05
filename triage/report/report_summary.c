/* SPDX-License-Identifier: Apache-2.0 */
/* For the owner: what was found, what was looked at, what could not be looked at, what comes next. */
#include "triage/detect/groups.h"
#include "triage/detect/rule.h"
#include "triage/report/report.h"

enum { TITLES = 8, STEPS = 6, HOST_ROWS = 60 };

struct totals {
	int64_t hosts, archives, unverified, throw_away, cut, problems, unprivileged, notes, unread, not_run,
		serious_hosts, by_severity[6];
};

static int count_evidence(struct totals *t, struct store *s, int64_t host, struct fail *f)
{
	int64_t *const out[] = {
		&t->hosts, &t->archives, &t->unverified, &t->throw_away, &t->cut, &t->problems,
		&t->unprivileged, &t->notes, &t->unread, &t->not_run, &t->serious_hosts,
	};
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT (SELECT count(*) FROM host_identity WHERE ?1 = 0 OR id = ?1),"
	               " count(*), total(signature NOT IN ('trusted', 'unchecked-authority', 'throw-away')), total(signature = 'throw-away'),"
	               " total(complete = 0), total(problems > 0),"
	               " (SELECT count(DISTINCT host_id) FROM host WHERE is_root = 0 AND (?1 = 0 OR host_id = ?1)),"
	               " (SELECT count(*) FROM note n JOIN archive v ON v.id = n.archive_id WHERE ?1 = 0 OR v.host_id = ?1),"
	               " (SELECT count(*) FROM parse r JOIN entry e ON e.id = r.entry_id JOIN archive v ON v.id = e.archive_id"
	               "  WHERE r.state <> 'done' AND (?1 = 0 OR v.host_id = ?1)),"
	               " (SELECT count(*) FROM rule_state WHERE state <> 'ran' AND (?1 = 0 OR host_id = ?1)),"
	               " (SELECT count(DISTINCT host_id) FROM finding WHERE severity >= 4 AND (?1 = 0 OR host_id = ?1))"
	               " FROM archive WHERE ?1 = 0 OR host_id = ?1", f))
		return -1;
	query_int(q, 1, host);
	got = query_step(q, f);
	for (int i = 0; got == 1 && i < (int)(sizeof out / sizeof *out); i++)
		*out[i] = query_number(q, i);
	query_close(q);
	return got < 0 ? -1 : 0;
}

static int count_findings(struct totals *t, struct store *s, int64_t host, struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT f.severity, count(*)" FINDINGS_CHOSEN " GROUP BY f.severity", f))
		return -1;
	query_int(q, 1, INFORMATIONAL);
	query_int(q, 2, host);
	while ((got = query_step(q, f)) == 1)
		if (query_number(q, 0) >= INFORMATIONAL && query_number(q, 0) <= CRITICAL)
			t->by_severity[query_number(q, 0)] = query_number(q, 1);
	query_close(q);
	return got;
}

static void add_warnings(struct page *p, const struct totals *t)
{
	if (t->unverified) {
		page_raw(p, "<p class=\"warning\">");
		page_format(p, "Archives in this report that could NOT be verified: %lld. What stands here of them may have been changed by somebody.", (long long)t->unverified);
		page_raw(p, "</p>\n");
	}
	if (t->problems) {
		page_raw(p, "<p class=\"warning\">");
		page_format(p, "Archives in which verification found something wrong: %lld. What is not sound is not to be relied on.", (long long)t->problems);
		page_raw(p, "</p>\n");
	}
}

static void add_verdict(struct page *p, const struct totals *t)
{
	int64_t serious = t->by_severity[HIGH] + t->by_severity[CRITICAL];

	buf_printf(&p->out, "<div class=\"verdict %s\">\n<p>", serious ? "serious" : t->by_severity[MEDIUM] ? "check" : "calm");
	if (serious)
		page_format(p, "Machines examined: %lld. Machines with signs that a specialist should look at soon: %lld (signs: %lld).",
		            (long long)t->hosts, (long long)t->serious_hosts, (long long)serious);
	else if (t->by_severity[MEDIUM])
		page_format(p, "Nothing urgent was found on the machines examined (%lld). Points to check with whoever looks after them: %lld.",
		            (long long)t->hosts, (long long)t->by_severity[MEDIUM]);
	else
		page_format(p, "Nothing that points to an intrusion was found in what could be looked at (machines examined: %lld).", (long long)t->hosts);
	page_raw(p, "</p>\n<p>");
	page_msg(p, serious ? "A sign is not a proof: software installed by hand can look the same. Each sign is explained below, with what to check next." :
	         "This is a statement about the records that were there. What was not recorded cannot be ruled out.");
	page_raw(p, "</p>\n<p>");
	for (int i = CRITICAL; i >= INFORMATIONAL; i--) {
		page_severity(p, i);
		buf_printf(&p->out, " %lld&ensp;", (long long)t->by_severity[i]);
	}
	page_raw(p, "</p>\n</div>\n");
}

/* The titles of what ranks first, each once. */
static int add_titles(struct page *p, struct store *s, const struct totals *t, int64_t host, struct fail *f)
{
	int64_t serious = t->by_severity[HIGH] + t->by_severity[CRITICAL], titles = 0, more = 0;
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT f.title, f.title_ja, max(f.severity), count(*), group_concat(DISTINCT h.name)" FINDINGS_CHOSEN
	               " GROUP BY f.rule ORDER BY max(f.rank) DESC, f.rule", f))
		return -1;
	query_int(q, 1, serious ? HIGH : t->by_severity[MEDIUM] ? MEDIUM : CRITICAL + 1);
	query_int(q, 2, host);
	page_raw(p, "<ul>\n");
	while ((got = query_step(q, f)) == 1) {
		if (++titles > TITLES) {
			more++;
			continue;
		}
		page_raw(p, "<li>");
		page_severity(p, (int)query_number(q, 2));
		page_raw(p, " ");
		page_value(p, query_bytes(q, (int)p->lang));
		page_format(p, " (%lld)", (long long)query_number(q, 3));
		page_raw(p, " <small>");
		page_value(p, query_bytes(q, 4));
		page_raw(p, "</small></li>\n");
	}
	query_close(q);
	if (more) {
		page_raw(p, "<li>");
		page_format(p, "and %lld more kinds, in the parts of the machines", (long long)more);
		page_raw(p, "</li>\n");
	}
	page_raw(p, "</ul>\n");
	return got;
}

static const char *evidence_word(int64_t unverified, int64_t problems, int64_t cut, int64_t throw_away)
{
	return unverified ? "NOT VERIFIED" : problems ? "problems found" : cut ? "verified, cut" : throw_away ? "unchanged since collection" : "verified";
}

static void add_host_row(struct page *p, struct query *q)
{
	p->offset = query_number(q, 4);
	buf_printf(&p->out, "<tr><td><a href=\"#host%lld\">", (long long)query_number(q, 0));
	page_value(p, query_bytes(q, 1));
	page_raw(p, "</a></td><td>");
	page_value(p, query_bytes(q, 2));
	page_raw(p, "</td><td>");
	if (!query_is_null(q, 3))
		page_time(p, query_number(q, 3));
	page_raw(p, "</td><td>");
	page_value(p, query_bytes(q, 5));
	page_raw(p, "</td><td>");
	page_msg(p, evidence_word(query_number(q, 6), query_number(q, 7), query_number(q, 8), query_number(q, 9)));
	page_raw(p, "</td>");
	for (int i = 10; i < 13; i++)
		buf_printf(&p->out, "<td class=\"count\">%lld</td>", (long long)query_number(q, i));
	page_raw(p, "</tr>\n");
	p->offset = 0;
}

static int add_hosts(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	static const char *const heads[] = { "Machine", "System", "Collected", "Scope", "Evidence" };
	int64_t rows = 0;
	struct query *q;
	int got;

	page_heading(p, 3, NULL, "What was looked at");
	if (query_open(&q, s, "SELECT h.id, h.name, h.os, max(v.started), coalesce((SELECT z.utc_offset FROM host_zone z WHERE z.host_id = h.id ORDER BY z.since DESC LIMIT 1), 0),"
	               " group_concat(DISTINCT v.profile), total(v.signature NOT IN ('trusted', 'unchecked-authority', 'throw-away')), total(v.problems > 0), total(v.complete = 0),"
	               " total(v.signature = 'throw-away'), (SELECT count(*) FROM finding n WHERE n.host_id = h.id AND n.severity >= 4),"
	               " (SELECT count(*) FROM finding n WHERE n.host_id = h.id AND n.severity = 3), (SELECT count(*) FROM finding n WHERE n.host_id = h.id AND n.severity < 3)"
	               " FROM host_identity h LEFT JOIN archive v ON v.host_id = h.id WHERE ?1 = 0 OR h.id = ?1 GROUP BY h.id ORDER BY 11 DESC, 12 DESC, h.name, h.id", f))
		return -1;
	query_int(q, 1, host);
	page_raw(p, "<table><thead><tr>");
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		page_raw(p, "<th>");
		page_msg(p, heads[i]);
		page_raw(p, "</th>");
	}
	page_raw(p, "<th class=\"count\">");
	page_msg(p, "High or critical");
	page_raw(p, "</th><th class=\"count\">");
	page_msg(p, "Medium");
	page_raw(p, "</th><th class=\"count\">");
	page_msg(p, "Lower");
	page_raw(p, "</th></tr></thead><tbody>\n");
	while ((got = query_step(q, f)) == 1)
		if (++rows <= HOST_ROWS)
			add_host_row(p, q);
	query_close(q);
	page_raw(p, "</tbody></table>\n");
	if (rows > HOST_ROWS) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more; the case file holds all of them", (long long)(rows - HOST_ROWS));
		page_raw(p, "</p>\n");
	}
	return got;
}

static void add_limit(struct page *p, int64_t count, const char *english)
{
	if (!count)
		return;
	page_raw(p, "<li>");
	page_format(p, english, (long long)count);
	page_raw(p, "</li>\n");
}

static int add_limits(struct page *p, struct store *s, const struct totals *t, int64_t host, struct fail *f)
{
	int64_t silent = 0;
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT count(*) FROM coverage WHERE kind = 'log' AND gap > 86400000000000 AND (?1 = 0 OR host_id = ?1)", f))
		return -1;
	query_int(q, 1, host);
	got = query_step(q, f);
	if (got == 1)
		silent = query_number(q, 0);
	query_close(q);
	page_heading(p, 3, NULL, "What could not be looked at");
	page_raw(p, "<ul>\n<li>");
	page_msg(p, "Whatever is recorded elsewhere: the logs of the router, firewall and VPN device, mail and cloud services. Such logs are often overwritten within days; secure them early.");
	page_raw(p, "</li>\n");
	add_limit(p, t->cut, "Archives that are cut, so that what was to come last is missing: %lld.");
	add_limit(p, t->unprivileged, "Machines on which the collector ran without all rights and could not see everything: %lld.");
	add_limit(p, t->notes, "Things that could not be collected or were left out on purpose: %lld. The parts of the machines say which and why.");
	add_limit(p, t->unread, "Files that could not be read to their end: %lld.");
	add_limit(p, silent, "Logs that are silent for more than a day: %lld. The parts of the machines say when.");
	add_limit(p, t->not_run, "Checks that had no evidence to work on: %lld. Each is listed in the part of its machine.");
	add_limit(p, t->throw_away, "Archives signed with a key made on the spot: %lld. It shows that nothing was changed afterwards, not who collected.");
	page_raw(p, "</ul>\n");
	return got < 0 ? -1 : 0;
}

static int add_steps(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	struct query *q;
	int got, steps = 0;

	page_heading(p, 3, NULL, "What comes next");
	if (query_open(&q, s, "SELECT f.next, f.next_ja, f.title, f.title_ja" FINDINGS_CHOSEN " GROUP BY f.rule ORDER BY max(f.rank) DESC, f.rule", f))
		return -1;
	query_int(q, 1, MEDIUM);
	query_int(q, 2, host);
	page_raw(p, "<ol>\n");
	while (steps < STEPS && (got = query_step(q, f)) == 1) {
		steps++;
		page_raw(p, "<li><b>");
		page_value(p, query_bytes(q, 2 + (int)p->lang));
		page_raw(p, "</b> — ");
		page_value(p, query_bytes(q, (int)p->lang));
		page_raw(p, "</li>\n");
	}
	query_close(q);
	page_raw(p, "<li>");
	page_msg(p, "Until the responder agrees, please delete nothing and reinstall nothing: evidence would be lost. Whether a machine is cut from the network, and whether it stays on, is decided together.");
	page_raw(p, "</li>\n</ol>\n");
	return 0;
}

int report_summary(struct page *p, struct store *s, const struct report_options *o, struct fail *f)
{
	struct totals t = { 0 };

	if (count_evidence(&t, s, o->host, f) || count_findings(&t, s, o->host, f))
		return -1;
	add_warnings(p, &t);
	page_raw(p, "<section id=\"summary\">\n");
	page_heading(p, 2, NULL, "Summary");
	page_heading(p, 3, NULL, "What was found");
	add_verdict(p, &t);
	if (add_titles(p, s, &t, o->host, f) || add_hosts(p, s, o->host, f) ||
	    add_limits(p, s, &t, o->host, f) || add_steps(p, s, o->host, f))
		return -1;
	page_raw(p, "</section>\n");
	return 0;
}
