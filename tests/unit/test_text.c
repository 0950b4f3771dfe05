/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"
#include "tests/unit/test.h"

#define BYTES(text) ((struct span){ (const uint8_t *)(text), sizeof(text) - 1 })

/* Of the Unicode Standard, table 3-7, and Markus Kuhn's stress cases. */
TEST(strict_utf8)
{
	const struct { struct span bytes; bool valid; } cases[] = {
		{ BYTES("plain"), true }, { BYTES("調査"), true }, { BYTES("\xf0\x9f\x94\x8d"), true },
		{ BYTES("\xc2\x80"), true }, { BYTES("\xed\x9f\xbf"), true }, { BYTES("\xee\x80\x80"), true },
		{ BYTES("\xf4\x8f\xbf\xbf"), true }, { BYTES("\xc0\x80"), false }, { BYTES("\xc1\xbf"), false },
		{ BYTES("\xe0\x9f\xbf"), false }, { BYTES("\xed\xa0\x80"), false },
		{ BYTES("\xf0\x8f\xbf\xbf"), false }, { BYTES("\xf4\x90\x80\x80"), false },
		{ BYTES("\xf5\x80\x80\x80"), false }, { BYTES("\x80"), false }, { BYTES("\xff"), false },
		{ BYTES("\xe8\xaa"), false }, { BYTES("a\xc3"), false }, { BYTES("\xe8\xaa\x41"), false },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		CHECK_INT(text_is_utf8(cases[i].bytes), cases[i].valid);
}

static void check(void (*turn)(struct buf *, struct span), struct span in, const char *wanted)
{
	struct buf out = { 0 };

	turn(&out, in);
	CHECK_TEXT(buf_string(&out), wanted);
	buf_done(&out);
}

TEST(invalid_bytes_are_shown_one_by_one)
{
	check(text_shown, BYTES("a\xff\xe8\xaa z"), "a\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd z");
	check(text_shown, BYTES("\xe8\xaa\xbf"), "調");
	check(text_shown, BYTES(""), "");
}

TEST(names_cannot_act_on_a_terminal)
{
	check(text_terminal, BYTES("a\x1b[2Jb\nc\0d"), "a\\x1b[2Jb\\x0ac\\x00d");
	check(text_terminal, BYTES("exe.\xe2\x80\xaegpj"), "exe.\\u{202e}gpj");
	check(text_terminal, BYTES("\xc2\x9b" "1m\x7f"), "\\x9b1m\\x7f");
	check(text_terminal, BYTES("\xe2\x81\xa6x\xef\xbb\xbf"), "\\u{2066}x\\u{feff}");
	check(text_terminal, BYTES("調査 ok"), "調査 ok");
}

TEST(names_cannot_act_in_a_page)
{
	check(text_html, BYTES("<a href=\"x\" b='y'>&</a>"),
	      "&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;&lt;/a&gt;");
	check(text_html, BYTES("\x01\xff"), "\\x01\xef\xbf\xbd");
}

TEST(names_cannot_act_in_a_spreadsheet)
{
	check(text_csv, BYTES("=1+1"), "\"'=1+1\"");
	check(text_csv, BYTES("+cmd|x"), "\"'+cmd|x\"");
	check(text_csv, BYTES("@x"), "\"'@x\"");
	check(text_csv, BYTES("-5"), "\"-5\"");
	check(text_csv, BYTES("-5x"), "\"'-5x\"");
	check(text_csv, BYTES("\t=x"), "\"'\t=x\"");
	check(text_csv, BYTES("say \"hi\", you"), "\"say \"\"hi\"\", you\"");
	check(text_csv, BYTES(""), "\"\"");
}

TEST(columns_on_a_terminal)
{
	CHECK_INT(text_width(BYTES("abc")), 3);
	CHECK_INT(text_width(BYTES("調査a")), 5);
	CHECK_INT(text_width(BYTES("ｱ")), 1);
	CHECK_INT(text_width(BYTES("Ａ")), 2);
	CHECK_INT(text_width(BYTES("e\xcc\x81")), 1);
	CHECK_INT(text_width(BYTES("\xf0\x9f\x94\x8d")), 2);
	CHECK_INT(text_width(BYTES("")), 0);
}
