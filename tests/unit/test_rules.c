/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cases in tests/rules/: rows that a rule must find, and rows that it must let pass although the
 * evidence that it needs is there.
 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/lines.h"
#include "lib/os.h"
#include "tests/unit/test.h"
#include "triage/detect/detect.h"
#include "triage/detect/rule.h"
#include "triage/store_query.h"

#define RULES "tests/rules/"

enum { RULES_MOST = 256, LINE = 1 << 14 };

static const char *const themes[] = {
	"process", "memory", "network", "autorun", "account", "logon", "log", "shell", "file", "kernel",
};

static const char base[] =
	"INSERT INTO host_identity (id, key, name) VALUES (1, 'k', 'h'), (2, 'l', 'other');"
	"INSERT INTO archive (id, sha256, size, name, host_id, signature, complete, entries, bytes, problems, collection)"
	" VALUES (1, 'x', 1, 'a', 1, 'trusted', 1, 1, 1, 0, '{\"program_sha256\":"
	"\"00000000000000000000000000000000000000000000000000000000000000aa\"}');"
	"INSERT INTO entry (id, archive_id, number, kind, name, path_text, size, sparse, sound)"
	" VALUES (1, 1, 1, 'rows', 'rows', '/x', 1, 0, 1);"
	"INSERT INTO host (id, host_id, entry_id, offset, length, name, collected, booted, is_root)"
	" VALUES (1, 1, 1, 0, 1, 'h', 1795132800000000000, 1793491200000000000, 1)";

struct cases {
	struct store *store;
	const struct rule *rule;
	int wanted;
	unsigned line;
	const char *file;
	struct buf held;
};

/* How many cases of each kind a rule has. */
static struct { const char *id; int found, passed; } tally[RULES_MOST];

static void count_case(const char *id, bool found)
{
	size_t i = 0;

	while (i < RULES_MOST && tally[i].id && strcmp(tally[i].id, id) != 0)
		i++;
	CHECK(i < RULES_MOST);
	tally[i].id = id;
	tally[i].found += found;
	tally[i].passed += !found;
}

static void complain(const struct cases *c, const char *what, const char *why)
{
	char text[1024];

	snprintf(text, sizeof text, "%s.cases:%u: %s: %s %s", c->file, c->line, c->rule ? c->rule->id : "?", what, why);
	test_fail(__FILE__, __LINE__, text);
}

static void begin(struct cases *c, struct span id, struct span severity)
{
	char name[64] = { 0 }, word[32] = { 0 };
	struct fail f;

	memcpy(name, id.data, id.size < sizeof name ? id.size : sizeof name - 1);
	memcpy(word, severity.data, severity.size < sizeof word ? severity.size : sizeof word - 1);
	c->rule = rule_named(name);
	c->wanted = severity_of(word);
	if (!c->rule || (!c->wanted && strcmp(word, "none") != 0))
		complain(c, "no such rule or severity:", name);
	if (store_begin(c->store, &f) || store_exec(c->store, base, &f))
		complain(c, "base:", f.text[LANG_EN]);
}

static void judge(struct cases *c)
{
	struct rule one[2] = { *c->rule, { .id = NULL } };
	const struct rule *const lists[] = { one, NULL };
	int64_t worst = 0, ran = 0;
	struct fail f = { 0 };

	if (detect_rules(c->store, lists, &f) ||
	    store_number(c->store, "SELECT max(severity) FROM finding WHERE host_id = 1", &worst, &f) ||
	    store_number(c->store, "SELECT count(*) FROM rule_state WHERE host_id = 1 AND state = 'ran'", &ran, &f)) {
		complain(c, "failed:", f.text[LANG_EN]);
	} else {
		if (ran != 1)
			complain(c, "did not run", "");
		if (worst != c->wanted)
			complain(c, "gave", severity_word((int)worst, LANG_EN));
	}
	count_case(c->rule->id, c->wanted != 0);
	store_rollback(c->store);
	c->rule = NULL;
}

static void add_row(struct cases *c, struct span table, struct span rest)
{
	struct row row;
	struct fail f = { 0 };
	unsigned unknown = 0;
	int64_t id;

	if (span_is(table, "sql")) {
		char sql[LINE];

		snprintf(sql, sizeof sql, "%.*s", (int)rest.size, (const char *)rest.data);
		if (store_exec(c->store, sql, &f))
			complain(c, "sql:", f.text[LANG_EN]);
		return;
	}
	buf_clear(&c->held);
	if (!table_named(table) || json_read_row(rest, table_named(table), &row, &c->held, &unknown, &f) || unknown ||
	    store_row(c->store, &row, 1, 1, &id, &f) < 0)
		complain(c, "row:", unknown ? "unknown column" : f.text[LANG_EN]);
}

static void line_read(struct cases *c, struct span line)
{
	struct span rest = line, word = span_word(&rest), second = rest, severity = span_word(&second);

	if (!line.size || line.data[0] == '#')
		return;
	if (table_named(word) || span_is(word, "sql")) {
		add_row(c, word, span_trim(rest));
		return;
	}
	if (c->rule)
		judge(c);
	begin(c, word, severity);
}

static void run_file(struct store *store, const char *theme)
{
	struct cases c = { .store = store, .file = theme };
	static char text[LINE];
	char path[512];
	FILE *in;

	snprintf(path, sizeof path, SOURCE_DIR "/" RULES "%s.cases", theme);
	in = fopen(path, "r");
	CHECK(in != NULL);
	while (in && fgets(text, sizeof text, in)) {
		c.line++;
		line_read(&c, span_trim(span_of(text)));
	}
	if (c.rule)
		judge(&c);
	if (in)
		fclose(in);
	buf_done(&c.held);
}

TEST(rules_find_what_they_must_and_nothing_else)
{
	struct store *store;
	struct fail f = { 0 };

	remove("test_rules.db");
	CHECK_INT(store_open(&store, "test_rules.db", &f), 0);
	for (size_t i = 0; i < sizeof themes / sizeof *themes; i++)
		run_file(store, themes[i]);
	store_discard(store);
}

TEST(rules_all_have_both_kinds_of_cases)
{
	size_t rules = 0;

	for (size_t i = 0; rule_lists[i]; i++)
		for (const struct rule *r = rule_lists[i]; r->id; r++, rules++) {
			size_t t = 0;

			while (tally[t].id && strcmp(tally[t].id, r->id) != 0)
				t++;
			if (!tally[t].found || !tally[t].passed)
				test_fail(__FILE__, __LINE__, r->id);
		}
	CHECK(rules > 60);
}

/* Any letter of kana or kanji: U+3041 to U+30FE, U+4E00 to U+9FFF. */
static bool is_japanese(const char *text)
{
	for (; *text; text++)
		if ((uint8_t)*text >= 0xe3 && (uint8_t)*text <= 0xe9 && (uint8_t)text[1] >= 0x80)
			return true;
	return false;
}

static void check_texts(const struct rule *r, const char *const text[LANGS])
{
	static const char *const never[] = { "適合", "認定", "合格" };

	if (!text[LANG_EN] || !text[LANG_JA] || is_japanese(text[LANG_EN]) || !is_japanese(text[LANG_JA])) {
		test_fail(__FILE__, __LINE__, r->id);
		return;
	}
	for (size_t i = 0; i < sizeof never / sizeof *never; i++)
		CHECK(!strstr(text[LANG_JA], never[i]));
	for (int i = 1; i <= 3; i++) {
		char mark[4] = { '{', (char)('0' + i), '}', 0 };

		if (!strstr(text[LANG_EN], mark) != !strstr(text[LANG_JA], mark))
			test_fail(__FILE__, __LINE__, r->id);
	}
}

TEST(rules_speak_both_languages)
{
	for (size_t i = 0; rule_lists[i]; i++)
		for (const struct rule *r = rule_lists[i]; r->id; r++) {
			check_texts(r, r->title);
			check_texts(r, r->reason);
			check_texts(r, r->next);
			CHECK(rule_named(r->id) == r);
			CHECK(r->severity >= INFORMATIONAL && r->severity <= CRITICAL);
		}
}
