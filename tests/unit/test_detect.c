/* SPDX-License-Identifier: Apache-2.0 */
/* The engine: what becomes of the matches of a rule. */
#include "tests/unit/case.h"
#include "tests/unit/test.h"
#include "triage/detect/detect.h"
#include "triage/detect/fill.h"
#include "triage/detect/rule.h"

#define TEXTS .title = { "t", "題" }, .reason = { "of {1} and {2}", "{1} と {2}" }, .next = { "n", "次" }, .attack = "T1"

static void detect(struct store *s, const struct rule *rules)
{
	const struct rule *const lists[] = { rules, NULL };
	struct fail f = { 0 };

	if (detect_rules(s, lists, &f))
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
}

TEST(detect_makes_one_finding_of_one_subject)
{
	static const struct rule rules[] = {
		{ .id = "r", .severity = LOW, TEXTS, .needs = "process",
		  .sql = "SELECT CASE pid WHEN 3 THEN 4 END, started, name, 'process', id, pid, NULL, NULL FROM process WHERE host_id = ?1" },
		{ .id = NULL },
	};
	struct store *s = case_open("test_detect.db");

	case_row(s, 1, "process", "{\"pid\":2,\"name\":\"a\",\"started\":\"2026-11-19T00:00:00Z\"}");
	case_row(s, 1, "process", "{\"pid\":3,\"name\":\"a\"}");
	case_row(s, 1, "process", "{\"pid\":4,\"name\":\"a\",\"started\":\"2026-11-18T00:00:00Z\"}");
	case_row(s, 1, "process", "{\"pid\":5,\"name\":\"b\"}");
	detect(s, rules);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding"), 2);
	CHECK_INT(case_number(s, "SELECT severity * 10 + count FROM finding WHERE subject = 'a'"), 43);
	CHECK_INT(case_number(s, "SELECT time FROM finding WHERE subject = 'a'"), INT64_C(1794960000000000000));
	CHECK_INT(case_number(s, "SELECT reason = 'of 3 and -' AND reason_ja = '3 と -' FROM finding WHERE subject = 'a'"), 1);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding_row"), 4);
	detect(s, rules);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding"), 2);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding_row"), 4);
	store_discard(s);
}

TEST(detect_ranks_what_is_rare_first)
{
	static const struct rule rules[] = {
		{ .id = "r", .severity = HIGH, TEXTS, .needs = "process",
		  .sql = "SELECT NULL, NULL, name, 'process', id, 1, 2, 3 FROM process WHERE host_id = ?1" },
		{ .id = "c", .severity = CRITICAL, TEXTS, .needs = "process",
		  .sql = "SELECT NULL, NULL, 'all', 'process', min(id), 1, 2, 3 FROM process WHERE host_id = ?1" },
		{ .id = "m", .severity = MEDIUM, TEXTS, .needs = "process",
		  .sql = "SELECT NULL, NULL, pid, 'process', id, 1, 2, 3 FROM process WHERE host_id = ?1" },
		{ .id = NULL },
	};
	struct store *s = case_open("test_detect.db");

	case_row(s, 1, "process", "{\"pid\":1,\"name\":\"everywhere\"}");
	case_row(s, 2, "process", "{\"pid\":2,\"name\":\"everywhere\"}");
	case_row(s, 2, "process", "{\"pid\":3,\"name\":\"once\"}");
	detect(s, rules);
	CHECK_INT(case_number(s, "SELECT (SELECT min(rank) FROM finding WHERE subject = 'once') > (SELECT max(rank) FROM finding WHERE subject = 'everywhere')"), 1);
	CHECK_INT(case_number(s, "SELECT (SELECT min(rank) FROM finding WHERE rule = 'c') > (SELECT max(rank) FROM finding WHERE rule = 'm')"), 1);
	store_discard(s);
}

TEST(detect_keeps_an_honest_ledger)
{
	static const struct rule rules[] = {
		{ .id = "ran", TEXTS, .severity = LOW, .needs = "process process.image|process.name", .sql = "SELECT 1, 1, 1, 1, 1, 1, 1, 1 WHERE 0" },
		{ .id = "none", TEXTS, .severity = LOW, .needs = "socket", .sql = "SELECT 1, 1, 1, 1, 1, 1, 1, 1" },
		{ .id = "field", TEXTS, .severity = LOW, .needs = "process.image", .sql = "SELECT 1, 1, 1, 1, 1, 1, 1, 1" },
		{ .id = "flag", TEXTS, .severity = LOW, .needs = "process.kernel_thread=1", .sql = "SELECT 1, 1, 1, 1, 1, 1, 1, 1" },
		{ .id = "broken", TEXTS, .severity = LOW, .needs = "process", .sql = "SELECT nothing" },
		{ .id = NULL },
	};
	struct store *s = case_open("test_detect.db");

	case_row(s, 1, "process", "{\"pid\":1,\"name\":\"a\",\"kernel_thread\":false}");
	detect(s, rules);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding"), 0);
	CHECK_INT(case_number(s, "SELECT count(*) FROM rule_state"), 10);
	CHECK_INT(case_number(s, "SELECT state = 'ran' AND reason IS NULL FROM rule_state WHERE host_id = 1 AND rule = 'ran'"), 1);
	CHECK_INT(case_number(s, "SELECT state = 'no-evidence' FROM rule_state WHERE host_id = 2 AND rule = 'ran'"), 1);
	CHECK_INT(case_number(s, "SELECT state = 'no-evidence' FROM rule_state WHERE host_id = 1 AND rule = 'none'"), 1);
	CHECK_INT(case_number(s, "SELECT count(*) FROM rule_state WHERE host_id = 1 AND state = 'field-missing'"), 2);
	CHECK_INT(case_number(s, "SELECT count(*) FROM rule_state WHERE state = 'not-loaded' AND reason LIKE '%nothing%'"), 2);
	CHECK_INT(case_number(s, "SELECT count(*) FROM rule_state WHERE state <> 'ran' AND (reason IS NULL OR reason_ja IS NULL OR reason = reason_ja)"), 0);
	store_discard(s);
}

TEST(detect_bounds_what_hostile_evidence_gives)
{
	static const struct rule rules[] = {
		{ .id = "many", .severity = LOW, TEXTS, .needs = "host",
		  .sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT NULL, NULL, 's' || i, 'host', 1, 1, 2, 3 FROM n" },
		{ .id = "rows", .severity = LOW, TEXTS, .needs = "host",
		  .sql = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000) SELECT NULL, NULL, 's', 'host', i, 1, 2, 3 FROM n" },
		{ .id = NULL },
	};
	struct store *s = case_open("test_detect.db");

	detect(s, rules);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding WHERE host_id = 1 AND rule = 'many'"), RULE_FINDINGS);
	CHECK_INT(case_number(s, "SELECT matches FROM rule_state WHERE host_id = 1 AND rule = 'many' AND reason LIKE '%500%2000%'"), 2000);
	CHECK_INT(case_number(s, "SELECT count FROM finding WHERE host_id = 1 AND rule = 'rows'"), 2000);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding_row r JOIN finding f ON f.id = r.finding_id WHERE f.host_id = 1 AND f.rule = 'rows'"), FINDING_ROWS);
	store_discard(s);
}

TEST(detect_cuts_values_at_a_character)
{
	struct buf out = { 0 };
	struct span values[FILL_VALUES] = { { 0 } };
	struct buf wide = { 0 };

	for (int i = 0; i < FILL_BYTES; i++)
		buf_text(&wide, "あ");
	values[0] = buf_span(&wide);
	fill_text(&out, "{1}{4}{}", values);
	CHECK_INT(out.size, FILL_BYTES / 3 * 3 + 3 + 5);
	CHECK(span_ends(buf_span(&out), "あ…{4}{}"));
	buf_done(&wide);
	buf_done(&out);
}

TEST(detect_all_rules_load)
{
	struct store *s = case_open("test_detect.db");
	struct fail f = { 0 };

	CHECK_INT(detect_run(s, &f), 0);
	CHECK_INT(case_number(s, "SELECT count(*) FROM rule_state WHERE state = 'not-loaded'"), 0);
	CHECK_INT(case_number(s, "SELECT count(*) FROM finding WHERE severity > 1 AND host_id = 1"), 0);
	store_discard(s);
}
