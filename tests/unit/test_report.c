/* SPDX-License-Identifier: Apache-2.0 */
/* The page: harmless whatever the evidence holds, well-formed, wholly in its language, and bounded. */
#include "lib/text.h"
#include "tests/unit/case.h"
#include "tests/unit/test.h"
#include "triage/detect/detect.h"
#include "triage/report/report.h"

enum { DEPTH = 64 };

static void write_page(struct store *s, enum lang lang, int64_t host, struct page *p)
{
	struct report_options o = { .host = host };
	struct fail f = { 0 };

	*p = (struct page){ .lang = lang };
	if (report_write(p, s, &o, &f))
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
}

static void find(struct store *s)
{
	struct fail f = { 0 };

	if (detect_run(s, &f))
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
}

static void add_hostile(struct store *s)
{
	case_row(s, 1, "process", "{\"pid\":7,\"name\":\"<img src=x onerror=alert(1)>\",\"image\":\"/tmp/<script>alert(1)</script>\\\"'&\","
	         "\"image_deleted\":false,\"command\":[\"\\u001b[31mred\",\"\\u202egnp.exe\"],\"started\":\"2026-11-19T00:00:00Z\"}");
	case_row(s, 1, "account", "{\"name\":\"</td><script>x()</script>\",\"uid\":0,\"shell\":\"/bin/bash\"}");
	case_row(s, 1, "authorized_key", "{\"user\":\"root\",\"path\":\"/root/.ssh/a\",\"comment\":\"javascript:alert(1)\\u0000<b>\",\"type\":\"x\"}");
	case_sql(s, "INSERT INTO note (archive_id, module, item, reason, reason_ja) VALUES (1, 'm<', '<script>', '<i>', '<i>')");
	case_sql(s, "UPDATE host_identity SET name = 'web<script>01' WHERE id = 1");
	case_sql(s, "UPDATE archive SET name = '\"><script>', case_name = '<script>', operator = '<script>' WHERE id = 1");
}

/* Checks that tags are balanced; gives up at the first fault. */
static bool is_balanced(struct span page)
{
	static const char *const empty[] = { "meta", "br", "!DOCTYPE" };
	struct span stack[DEPTH];
	size_t depth = 0;

	for (size_t i = 0; i < page.size; i++) {
		struct span rest, name;
		bool closes, is_empty = false;

		if (page.data[i] != '<')
			continue;
		rest = span_part(page, i + 1, page.size);
		closes = rest.size && rest.data[0] == '/';
		name = span_part(rest, closes, span_find(span_part(rest, closes, rest.size), '>'));
		name = span_part(name, 0, span_find(name, ' '));
		for (size_t k = 0; k < sizeof empty / sizeof *empty; k++)
			is_empty |= span_is(name, empty[k]);
		if (is_empty)
			continue;
		if (!closes && depth == DEPTH)
			return false;
		if (!closes)
			stack[depth++] = name;
		else if (!depth || !span_equal(stack[--depth], name))
			return false;
	}
	return depth == 0;
}

/* Text between tags behind the style sheet, each piece ended by a line end. */
static void texts_of(struct span page, struct buf *out)
{
	bool inside = false;
	size_t at = 0;

	while (at + 8 < page.size && memcmp(page.data + at, "</style>", 8) != 0)
		at++;
	for (; at < page.size; at++) {
		if (page.data[at] == '<') {
			inside = true;
			buf_byte(out, '\n');
		} else if (page.data[at] == '>') {
			inside = false;
		} else if (!inside) {
			buf_byte(out, page.data[at]);
		}
	}
}

/* Four English words after one another. */
static bool has_english(struct span text)
{
	int words = 0;
	size_t letters = 0;

	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		if (c >= 'a' && c <= 'z') {
			letters++;
		} else if (c == ' ' && letters) {
			words++;
			letters = 0;
		} else {
			words = 0;
			letters = 0;
		}
		if (words == 3 && letters)
			return true;
	}
	return false;
}

static bool has_japanese(struct span text)
{
	bool valid;

	while (text.size) {
		uint32_t c = text_next(&text, &valid);

		if ((c >= 0x3041 && c <= 0x30fe && c != 0x30fb) || (c >= 0x4e00 && c <= 0x9fff))
			return true;
	}
	return false;
}

/* Evidence of every kind without words of a language, so that what has words is ours. */
static void add_plain(struct store *s)
{
	case_row(s, 1, "process", "{\"pid\":7,\"name\":\"x1\",\"image\":\"/tmp/x1\",\"image_deleted\":false,\"started\":\"2026-11-19T00:00:00Z\",\"command\":[\"x1\"]}");
	case_row(s, 1, "account", "{\"name\":\"x2\",\"uid\":0,\"shell\":\"/bin/bash\",\"password_state\":\"empty\",\"privileged\":true}");
	case_row(s, 1, "authorized_key", "{\"user\":\"root\",\"path\":\"/k\",\"type\":\"t1\",\"file_modified\":\"2026-11-19T00:00:00Z\"}");
	case_row(s, 1, "autorun", "{\"kind\":\"cron\",\"path\":\"/c1\",\"command\":\"/x1\",\"target\":\"/x1\",\"target_exists\":true,\"packages_known\":true,\"user\":\"root\"}");
	case_row(s, 1, "socket", "{\"protocol\":\"tcp\",\"family\":\"ipv4\",\"local_address\":\"0.0.0.0\",\"local_port\":1,\"state\":\"LISTEN\",\"pid\":7,\"inode\":1}");
	case_row(s, 1, "session", "{\"user\":\"x2\",\"terminal\":\"t1\"}");
	case_row(s, 1, "module_run", "{\"module\":\"m1\",\"state\":\"done\",\"rows\":4}");
	case_sql(s, "INSERT INTO logon_edge VALUES (1, 'x2', 'a1', 'sshd', 'success', 2, 1, 2), (1, 'x2', 'a1', 'sshd', 'failure', 2, 1, 2)");
	case_sql(s, "INSERT INTO execution (host_id, time, image, grade, row_table, row_id) VALUES (1, 5, '/x1', 'executed', 'process', 1)");
	case_sql(s, "INSERT INTO change (host_id, time, kind, subject, row_table, row_id) VALUES (1, 5, 'package', 'p1', 'package_event', 1)");
	case_sql(s, "INSERT INTO event (host_id, time, time_kind, grade, type, actor, object, summary, row_table, row_id, entry_id, offset, length)"
	         " VALUES (1, 5, 'logged', 'exact', 'logon', 'x2', 'x3', 'an english summary of this event', 'process', 1, 1, 0, 0)");
	case_sql(s, "INSERT INTO coverage (host_id, source, kind, first, last, count, gap, gap_start) VALUES (1, '/l1', 'log', 5, 500000000000000, 9, 200000000000000, 5)");
	case_sql(s, "INSERT INTO note (archive_id, module, item, reason, reason_ja) VALUES (1, 'm1', 'i1', 'an english reason of a note', '理由')");
	case_sql(s, "INSERT INTO parse (id, entry_id, parser, version, state, rows, bytes, total) VALUES (1, 1, 'p1', 1, 'partial', 1, 2, 3)");
	case_sql(s, "INSERT INTO parse_error (parse_id, offset, reason, reason_ja) VALUES (1, 2, 'an english reason of a parser', '理由')");
}

TEST(report_is_harmless_and_well_formed)
{
	struct store *s = case_open("test_report.db");
	struct page p;

	add_hostile(s);
	find(s);
	for (int lang = 0; lang < LANGS; lang++) {
		write_page(s, (enum lang)lang, 0, &p);
		CHECK(!span_contains(buf_span(&p.out), "<script"));
		CHECK(!span_contains(buf_span(&p.out), "<img"));
		CHECK(!span_contains(buf_span(&p.out), "\x1b"));
		CHECK(!span_contains(buf_span(&p.out), "\xe2\x80\xae"));
		CHECK(!span_contains(buf_span(&p.out), "http:"));
		CHECK(!span_contains(buf_span(&p.out), "url("));
		CHECK(span_contains(buf_span(&p.out), "&lt;script&gt;alert(1)"));
		CHECK(span_contains(buf_span(&p.out), "Content-Security-Policy"));
		CHECK(text_is_utf8(buf_span(&p.out)));
		CHECK(is_balanced(buf_span(&p.out)));
		buf_done(&p.out);
	}
	store_discard(s);
}

TEST(report_speaks_one_language)
{
	struct store *s = case_open("test_report.db");
	struct buf texts = { 0 };
	struct page p;

	add_plain(s);
	find(s);
	write_page(s, LANG_EN, 0, &p);
	texts_of(buf_span(&p.out), &texts);
	CHECK(has_english(buf_span(&texts)));
	CHECK(!has_japanese(buf_span(&texts)));
	buf_done(&p.out);
	buf_clear(&texts);
	write_page(s, LANG_JA, 0, &p);
	texts_of(buf_span(&p.out), &texts);
	CHECK(has_japanese(buf_span(&texts)));
	for (struct span rest = buf_span(&texts), line; rest.size;) {
		line = span_until(&rest, '\n');
		if (has_english(line))
			test_text(__FILE__, __LINE__, "English in the Japanese page", line, span_of(""));
	}
	CHECK(!span_contains(buf_span(&texts), "適合"));
	CHECK(!span_contains(buf_span(&texts), "認定"));
	CHECK(!span_contains(buf_span(&texts), "合格"));
	buf_done(&p.out);
	buf_done(&texts);
	store_discard(s);
}

TEST(report_says_what_limits_it)
{
	struct store *s = case_open("test_report.db");
	struct page p, again;

	find(s);
	write_page(s, LANG_EN, 0, &p);
	CHECK(span_contains(buf_span(&p.out), "could NOT be verified: 1."));
	CHECK(span_contains(buf_span(&p.out), "CUT: it ends before its signed end"));
	CHECK(span_contains(buf_span(&p.out), "Nothing that points to an intrusion was found in what could be looked at (machines examined: 2)"));
	CHECK(span_contains(buf_span(&p.out), "the collector ran without all rights and could not see everything: 1."));
	CHECK(span_contains(buf_span(&p.out), "2026-11-20 09:00:00 JST <small>2026-11-20 00:00:00 UTC</small>"));
	write_page(s, LANG_EN, 0, &again);
	CHECK(span_equal(buf_span(&p.out), buf_span(&again.out)));
	buf_done(&again.out);
	write_page(s, LANG_EN, 1, &again);
	CHECK(!span_contains(buf_span(&again.out), "could NOT be verified"));
	CHECK(!span_contains(buf_span(&again.out), "db01"));
	buf_done(&again.out);
	buf_done(&p.out);
	store_discard(s);
}

TEST(report_is_bounded)
{
	struct store *s = case_open("test_report.db");
	struct page p;

	case_sql(s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO file (host_id, entry_id, offset, length,"
	         " path, kind, mode, uid, packages_known) SELECT 1, 1, 0, 0, '/usr/bin/' || i || hex(zeroblob(250)), 'file', 2541, 0, 1 FROM n");
	case_sql(s, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) INSERT INTO logon_edge SELECT 1, 'u' || i, 'a', 's', 'failure', 1, 1, 1 FROM n");
	find(s);
	write_page(s, LANG_JA, 0, &p);
	CHECK(p.out.size < 400000);
	CHECK(span_contains(buf_span(&p.out), "ほか 4940 件"));
	CHECK(span_contains(buf_span(&p.out), "ほか 485 件"));
	buf_done(&p.out);
	store_discard(s);
}
