/* SPDX-License-Identifier: Apache-2.0 */
/* What the host is, and the archives that tell of it. */
#include "triage/report/report.h"

enum { ARCHIVES_SHOWN = 20 };

struct fact { const char *label; int kind; };
enum { VALUE, CODE, TIME, SIZE, COUNT, WORDS };

static void add_fact(struct page *p, const struct fact *fact, struct query *q, int column)
{
	if (query_is_null(q, column) || !query_bytes(q, column).size)
		return;
	page_raw(p, "<dt>");
	page_msg(p, fact->label);
	page_raw(p, "</dt><dd>");
	if (fact->kind == TIME)
		page_time(p, query_number(q, column));
	else if (fact->kind == SIZE)
		page_size(p, query_number(q, column));
	else if (fact->kind == CODE)
		page_code(p, query_bytes(q, column));
	else
		page_value(p, query_bytes(q, column));
	page_raw(p, "</dd>\n");
}

static int add_identity(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	static const struct fact facts[] = {
		{ "Full name", VALUE }, { "Addresses", VALUE }, { "System", VALUE }, { "Kernel", VALUE },
		{ "Machine", VALUE }, { "Serial number", VALUE }, { "Processor", VALUE }, { "Memory", SIZE },
		{ "Virtualisation", VALUE }, { "Machine id", CODE }, { "Running since", TIME },
		{ "Time zone of the host", VALUE },
	};
	struct query *q;
	int got;

	if (query_open(&q, s, "SELECT h.fqdn, (SELECT group_concat(alias, ', ') FROM (SELECT alias FROM host_alias"
	               " WHERE host_id = ?1 AND kind = 'address' ORDER BY alias LIMIT 20)), h.os_name, h.kernel || coalesce(' ' || h.arch, ''),"
	               " trim(coalesce(h.vendor, '') || ' ' || coalesce(h.model, '')), h.serial, h.cpu || coalesce(' × ' || h.cpus, ''),"
	               " h.memory, h.virtualisation, h.machine_id, h.booted, h.zone FROM host h WHERE h.host_id = ?1"
	               " ORDER BY h.collected DESC, h.id DESC LIMIT 1", f))
		return -1;
	query_int(q, 1, host);
	got = query_step(q, f);
	page_heading(p, 3, NULL, "The machine");
	if (got == 1) {
		page_raw(p, "<dl class=\"facts\">\n");
		for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
			add_fact(p, &facts[i], q, (int)i);
		page_raw(p, "</dl>\n");
	} else {
		page_paragraph(p, "none", "The evidence does not describe the machine.");
	}
	query_close(q);
	return got < 0 ? -1 : 0;
}

static const char *signature_text(struct span state)
{
	static const struct { const char *state, *text; } texts[] = {
		{ "trusted", "Signed; the signer's certificate comes from the authority that was given." },
		{ "unchecked-authority", "Signed; who issued the signer's certificate was not checked." },
		{ "throw-away", "Signed with a key made for this collection alone: it shows that nothing was changed since, not who collected." },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (span_is(state, texts[i].state))
			return texts[i].text;
	return "NOT VERIFIED: it was taken in although its signature could not be confirmed.";
}

static void add_sentence(struct page *p, const char *label, const char *text)
{
	page_raw(p, "<dt>");
	page_msg(p, label);
	page_raw(p, "</dt><dd>");
	page_msg(p, text);
	page_raw(p, "</dd>\n");
}

static void add_archive(struct page *p, struct query *q)
{
	static const struct fact facts[] = {
		{ "Archive", CODE }, { "SHA-256 of the archive", CODE }, { "Size", SIZE }, { "Case", VALUE }, { "Collected by", VALUE },
		{ "Scope of the collection", VALUE }, { "Began", TIME }, { "Ended", TIME }, { "Version of the collector", VALUE },
		{ "Signer", VALUE }, { "Read-back code", CODE }, { "Sound entries", COUNT }, { "Problems of verification", COUNT },
	};
	enum { SIGNATURE = sizeof facts / sizeof *facts, COMPLETE };

	page_raw(p, "<dl class=\"facts\">\n");
	for (size_t i = 0; i < sizeof facts / sizeof *facts; i++)
		add_fact(p, &facts[i], q, (int)i);
	add_sentence(p, "Signature", signature_text(query_bytes(q, SIGNATURE)));
	add_sentence(p, "Completeness", query_number(q, COMPLETE) ? "Complete to its signed end." :
	             "CUT: it ends before its signed end; what came last is missing.");
	page_raw(p, "</dl>\n");
}

int report_evidence(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	struct query *q;
	int got, shown = 0;

	if (add_identity(p, s, host, f) ||
	    query_open(&q, s, "SELECT name, sha256, size, case_name, operator, profile, started, ended, collector, signer, code,"
	               " entries, problems, signature, complete FROM archive WHERE host_id = ?1 ORDER BY started, id", f))
		return -1;
	query_int(q, 1, host);
	page_heading(p, 3, NULL, "The evidence and how it was checked");
	while ((got = query_step(q, f)) == 1)
		if (++shown <= ARCHIVES_SHOWN)
			add_archive(p, q);
	query_close(q);
	if (shown > ARCHIVES_SHOWN) {
		page_raw(p, "<p class=\"more\">");
		page_format(p, "and %lld more; the case file holds all of them", (long long)(shown - ARCHIVES_SHOWN));
		page_raw(p, "</p>\n");
	}
	return got;
}
