/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/opts.h"
#include "tests/unit/test.h"

struct given { bool flag; const char *text; int64_t size, time, count; struct buf list; };

static int read_words(struct given *g, char **argv, int argc, int *operands, struct fail *f)
{
	const struct option_row rows[] = {
		{ "flag", OPT_FLAG, NULL, "a flag", &g->flag }, { "text", OPT_TEXT, "T", "a text", &g->text },
		{ "size", OPT_SIZE, "S", "a size", &g->size }, { "time", OPT_DURATION, "D", "a time", &g->time },
		{ "count", OPT_COUNT, "N", "a number", &g->count }, { "list", OPT_LIST, "X", "a list", &g->list },
		{ 0 },
	};

	return opts_read(rows, argc, argv, 1, operands, f);
}

#define READ(g, operands, f, ...) \
	char *argv[] = { "program", __VA_ARGS__ }; \
	int result = read_words(g, argv, (int)(sizeof argv / sizeof *argv), operands, f)

TEST(every_kind_of_value)
{
	struct given g = { 0 };
	struct fail f;
	int operands = 0;
	READ(&g, &operands, &f, "a", "--flag", "--text", "--size", "--size=4G", "--time", "10m", "b",
	     "--count=7", "--list", "x", "--list=y", "-", "--", "--flag");

	CHECK_INT(result, 0);
	CHECK(g.flag);
	CHECK_TEXT(g.text, "--size");
	CHECK_INT(g.size, INT64_C(4294967296));
	CHECK_INT(g.time, 600);
	CHECK_INT(g.count, 7);
	CHECK_SPAN(buf_span(&g.list), ((struct span){ (const uint8_t *)"x\0y", 4 }));
	CHECK_INT(operands, 4);
	CHECK_TEXT(argv[1], "a");
	CHECK_TEXT(argv[2], "b");
	CHECK_TEXT(argv[3], "-");
	CHECK_TEXT(argv[4], "--flag");
	buf_done(&g.list);
}

static void refused(char *word, char *value, const char *english, const char *japanese)
{
	struct given g = { 0 };
	struct fail f = { 0 };
	int operands = 0;
	char *argv[] = { "program", word, value };

	CHECK_INT(read_words(&g, argv, value ? 3 : 2, &operands, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], english);
	CHECK_TEXT(f.text[LANG_JA], japanese);
	buf_done(&g.list);
}

TEST(one_line_for_the_user)
{
	refused("--nope", NULL, "unknown option '--nope'; --help lists the options",
	        "オプション '--nope' はありません。--help で一覧を表示します");
	refused("-x", NULL, "unknown option '-x'; --help lists the options",
	        "オプション '-x' はありません。--help で一覧を表示します");
	refused("--fla", NULL, "unknown option '--fla'; --help lists the options",
	        "オプション '--fla' はありません。--help で一覧を表示します");
	refused("--flag=1", NULL, "option --flag takes no value", "オプション --flag に値は付けられません");
	refused("--text", NULL, "option --text needs a value", "オプション --text には値が必要です");
	refused("--size", "12X", "option --size takes a size such as 500M or 4G, not '12X'",
	        "オプション --size には 500M や 4G のような大きさを指定してください（'12X' は使えません）");
	refused("--size", "9999999T", "option --size takes a size such as 500M or 4G, not '9999999T'",
	        "オプション --size には 500M や 4G のような大きさを指定してください（'9999999T' は使えません）");
	refused("--time", "-5s", "option --time takes a time such as 90s or 10m, not '-5s'",
	        "オプション --time には 90s や 10m のような時間を指定してください（'-5s' は使えません）");
	refused("--count=", NULL, "option --count takes a number, not ''",
	        "オプション --count には数を指定してください（'' は使えません）");
}

TEST(the_language_is_looked_for_ahead)
{
	char *ja[] = { "program", "x", "--lang", "ja" }, *en[] = { "program", "--lang=en" };

	CHECK_INT(opts_lang(4, ja), LANG_JA);
	CHECK_INT(opts_lang(2, en), LANG_EN);
	CHECK_INT(msg_lang("ja_JP.UTF-8"), LANG_JA);
	CHECK_INT(msg_lang("C"), LANG_EN);
	CHECK_INT(msg_lang(NULL), LANG_EN);
}
