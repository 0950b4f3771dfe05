/* SPDX-License-Identifier: Apache-2.0 */
/* Spans, growing buffers and checked reading. */
#include "lib/buf.h"
#include "lib/cursor.h"
#include "tests/unit/test.h"

TEST(spans_compare_as_memcmp_does)
{
	CHECK(span_equal(span_of(""), span_of(NULL)));
	CHECK(!span_equal(span_of("a"), span_of("ab")));
	CHECK(span_compare(span_of("a"), span_of("ab")) < 0);
	CHECK(span_compare(span_of("b"), span_of("ab")) > 0);
	CHECK(span_compare(span_of("\xff"), span_of("a")) > 0);
	CHECK_INT(span_compare(span_of(NULL), span_of("")), 0);
	CHECK(span_is(span_of("abc"), "abc") && !span_is(span_of("abc"), "ab"));
	CHECK(span_starts(span_of("abc"), "ab") && span_starts(span_of("abc"), ""));
	CHECK(!span_starts(span_of("a"), "ab"));
	CHECK(span_ends(span_of("abc"), "bc") && span_ends(span_of(""), "") && !span_ends(span_of("c"), "bc"));
	CHECK(span_contains(span_of("aab"), "ab") && !span_contains(span_of("aba"), "bb"));
	CHECK(span_contains(span_of("xy"), "") && !span_contains(span_of(""), "x"));
	CHECK(!span_contains(span_of("ab"), "abc"));
}

TEST(parts_never_leave_the_bytes)
{
	struct span s = span_of("0123456789");

	CHECK_SPAN(span_part(s, 3, 4), span_of("3456"));
	CHECK_SPAN(span_part(s, 8, 99), span_of("89"));
	CHECK_SPAN(span_part(s, 8, SIZE_MAX), span_of("89"));
	CHECK_INT(span_part(s, 10, 1).size, 0);
	CHECK_INT(span_part(s, SIZE_MAX, SIZE_MAX).size, 0);
	CHECK_INT(span_find(s, '7'), 7);
	CHECK_INT(span_find(s, 'x'), 10);
	CHECK_INT(span_find(span_of(NULL), 'x'), 0);
}

TEST(words_and_fields)
{
	struct span rest = span_of("  one\ttwo \r\n"), fields = span_of("a::b:");

	CHECK_SPAN(span_word(&rest), span_of("one"));
	CHECK_SPAN(span_word(&rest), span_of("two"));
	CHECK_INT(span_word(&rest).size, 0);
	CHECK_INT(span_word(&rest).size, 0);
	CHECK_SPAN(span_until(&fields, ':'), span_of("a"));
	CHECK_SPAN(span_until(&fields, ':'), span_of(""));
	CHECK_SPAN(span_until(&fields, ':'), span_of("b"));
	CHECK_INT(span_until(&fields, ':').size, 0);
	CHECK_SPAN(span_trim(span_of(" \t a b \r\n")), span_of("a b"));
	CHECK_INT(span_trim(span_of(" \n")).size, 0);
}

TEST(numbers_within_int64)
{
	static const struct { const char *text; bool ok; int64_t number; } cases[] = {
		{ "0", true, 0 }, { "007", true, 7 }, { "-1", true, -1 }, { "-0", true, 0 },
		{ "9223372036854775807", true, INT64_MAX }, { "-9223372036854775808", true, INT64_MIN },
		{ "9223372036854775808", false, 0 }, { "-9223372036854775809", false, 0 },
		{ "99999999999999999999999", false, 0 }, { "", false, 0 }, { "-", false, 0 },
		{ "+1", false, 0 }, { " 1", false, 0 }, { "1 ", false, 0 }, { "0x1", false, 0 },
		{ "1.0", false, 0 }, { "--1", false, 0 },
	};
	uint64_t hex;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t number = 0;

		if (span_number(span_of(cases[i].text), &number) != cases[i].ok)
			test_fail(__FILE__, __LINE__, cases[i].text);
		CHECK_INT(number, cases[i].number);
	}
	CHECK(span_hex(span_of("fFfFffffffffffff"), &hex) && hex == UINT64_MAX);
	CHECK(span_hex(span_of("0a"), &hex) && hex == 10);
	CHECK(!span_hex(span_of(""), &hex) && !span_hex(span_of("g"), &hex) && !span_hex(span_of("0x1"), &hex));
	CHECK(!span_hex(span_of("10000000000000000"), &hex));
}

TEST(a_buf_grows_and_remembers_that_it_failed)
{
	struct buf b = { 0 };
	static const uint8_t bytes[] = { 0x00, 0x9f, 0xff };

	buf_add(&b, span_of(NULL));
	CHECK(!b.bad);
	CHECK_TEXT(buf_string(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%d,", i % 10);
	CHECK_INT(b.size, 2000);
	CHECK_SPAN(span_part(buf_span(&b), 1990, 10), span_of("5,6,7,8,9,"));
	buf_clear(&b);
	buf_hex(&b, (struct span){ bytes, 3 });
	CHECK_TEXT(buf_string(&b), "009fff");
	CHECK(!buf_room(&b, SIZE_MAX / 2));
	CHECK(b.bad);
	buf_text(&b, "more");
	CHECK_INT(b.size, 6);
	CHECK_TEXT(buf_string(&b), "");
	buf_clear(&b);
	buf_text(&b, "again");
	CHECK_TEXT(buf_string(&b), "again");
	buf_done(&b);
	CHECK(!b.data && !b.size);
}

TEST(a_cursor_reads_both_byte_orders_and_never_past_the_end)
{
	static const uint8_t bytes[] = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 'a', 'b', 0, 'c' };
	struct span all = { bytes, sizeof bytes };
	struct cursor c = cursor_on(all);

	CHECK_INT(cursor_u8(&c), 1);
	CHECK_INT(cursor_u16le(&c), 0x0302);
	CHECK_INT(cursor_u16be(&c), 0x0405);
	CHECK_INT(cursor_u32le(&c), 0x09080706);
	CHECK_SPAN(cursor_text(&c, 4), span_of("ab"));
	CHECK(!c.bad && !c.rest.size);
	CHECK_INT(cursor_u8(&c), 0);
	CHECK(c.bad);
	c = cursor_on(all);
	CHECK(cursor_u64be(&c) == UINT64_C(0x0102030405060708));
	c = cursor_on(all);
	CHECK(cursor_u64le(&c) == UINT64_C(0x0807060504030201));
	CHECK_INT(cursor_u32be(&c), 0x09616200);
	CHECK_INT(cursor_u16le(&c), 0);
	CHECK(c.bad);
	CHECK_INT(cursor_u8(&c), 0);
	c = cursor_on(all);
	CHECK_INT(cursor_take(&c, SIZE_MAX).size, 0);
	CHECK(c.bad);
	CHECK_INT(cursor_text(&c, 1).size, 0);
}

TEST(numbers_are_written_as_printf_writes_them)
{
	static const int64_t numbers[] = { 0, 1, -1, 9, 10, 99, 100, -1000, INT64_MAX, INT64_MIN };

	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct buf b = { 0 };
		char text[32];

		snprintf(text, sizeof text, "%" PRId64, numbers[i]);
		buf_number(&b, numbers[i]);
		CHECK_SPAN(buf_span(&b), span_of(text));
		buf_done(&b);
	}
}
