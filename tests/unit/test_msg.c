/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "lib/text.h"

/* The conversions of a format, one after the other: "%s%zu". */
static void conversions(const char *format, struct buf *out)
{
	static const char kinds[] = "diouxXeEfgGcsp%";

	for (; *format; format++) {
		if (*format != '%')
			continue;
		do
			buf_byte(out, (uint8_t)*format);
		while (*format++ && *format && !strchr(kinds, *format));
		buf_byte(out, (uint8_t)*format);
		if (!*format)
			return;
	}
}

TEST(messages_take_the_same_conversions_in_both_languages)
{
	const char *english, *japanese;
	unsigned i;

	for (i = 0; (english = msg_entry(i, &japanese)); i++) {
		struct buf a = { 0 }, b = { 0 };

		conversions(english, &a);
		conversions(japanese, &b);
		if (!span_equal(buf_span(&a), buf_span(&b)))
			printf("%s\n", english);
		CHECK_SPAN(buf_span(&b), buf_span(&a));
		CHECK(text_is_utf8(span_of(japanese)));
		buf_done(&a);
		buf_done(&b);
	}
	CHECK(i > 100);
}

TEST(messages_stand_once)
{
	const char *english, *japanese;

	for (unsigned i = 0; (english = msg_entry(i, &japanese)); i++) {
		const char *first = msg(LANG_JA, english);

		if (first != japanese && strcmp(first, japanese) != 0)
			printf("%s\n", english);
		CHECK_TEXT(first, japanese);
	}
}

TEST(messages_speak_the_language_that_is_asked_for)
{
	CHECK_INT(msg_lang("ja"), LANG_JA);
	CHECK_INT(msg_lang("ja_JP.UTF-8"), LANG_JA);
	CHECK_INT(msg_lang("ja_JP.utf8"), LANG_JA);
	CHECK_INT(msg_lang("ja_JP.eucJP"), LANG_EN);
	CHECK_INT(msg_lang("ja_JP.SJIS"), LANG_EN);
	CHECK_INT(msg_lang("en_US.UTF-8"), LANG_EN);
	CHECK_INT(msg_lang("C"), LANG_EN);
	CHECK_INT(msg_lang(NULL), LANG_EN);
	CHECK_TEXT(msg(LANG_EN, "out of memory"), "out of memory");
	CHECK_TEXT(msg(LANG_JA, "out of memory"), "メモリーが足りません");
	CHECK_TEXT(msg(LANG_JA, "no such text"), "no such text");
}
