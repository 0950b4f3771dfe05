/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "lib/fail.h"
#include "lib/text.h"
#include "tests/unit/test.h"

TEST(a_reason_in_both_languages)
{
	struct fail f;

	CHECK_INT(fail_errno(&f, ENOSPC, "cannot write '%s'", "x"), -1);
	CHECK_TEXT(f.text[LANG_EN], "cannot write 'x': No space left on device");
	CHECK_TEXT(f.text[LANG_JA], "'x' に書き込めません: 空き容量がありません");
	CHECK_INT(f.code, ENOSPC);
	CHECK_INT(fail_in(&f, "case.db"), -1);
	CHECK_TEXT(f.text[LANG_EN], "case.db: cannot write 'x': No space left on device");
	CHECK_INT(fail_set(&f, "out of memory"), -1);
	CHECK_INT(f.code, 0);
}

TEST(a_long_reason_is_cut_at_a_character)
{
	struct buf name = { 0 };
	struct fail f;

	for (int i = 0; i < FAIL_TEXT; i++)
		buf_text(&name, "調");
	for (int shift = 0; shift < 3; shift++) {
		fail_set(&f, "cannot open '%s'", buf_string(&name) + 3 * shift);
		CHECK(strlen(f.text[LANG_EN]) < FAIL_TEXT && strlen(f.text[LANG_EN]) > FAIL_TEXT - 5);
		CHECK(text_is_utf8(span_of(f.text[LANG_EN])) && text_is_utf8(span_of(f.text[LANG_JA])));
		fail_in(&f, shift == 1 ? "a" : "ab");
		CHECK(text_is_utf8(span_of(f.text[LANG_EN])) && text_is_utf8(span_of(f.text[LANG_JA])));
	}
	buf_done(&name);
}
