/* SPDX-License-Identifier: Apache-2.0 */
/* Right values: date -u -d TEXT +%s.%N (GNU coreutils). */
#include "lib/instant.h"
#include "tests/unit/test.h"

TEST(texts_as_date_reads_them)
{
	static const struct { const char *text; int64_t seconds, nanoseconds; bool has_offset; } cases[] = {
		{ "1970-01-01T00:00:00Z", 0, 0, true },
		{ "2026-03-27T01:02:03.5Z", 1774573323, 500000000, true },
		{ "2026-03-27 01:02:03,000000001", 1774573323, 1, false },
		{ "2026-03-27T01:02:03+09:00", 1774540923, 0, true },
		{ "2026-03-27T01:02:03-0530", 1774593123, 0, true },
		{ "2026-03-27t01:02:03+09", 1774540923, 0, true },
		{ "2026-03-27T01:02:03.1234567899Z", 1774573323, 123456789, true },
		{ "2000-02-29T23:59:59Z", 951868799, 0, true },
		{ "1969-12-31T23:59:59.25Z", -1, 250000000, true },
		{ "1901-12-13T20:45:52Z", -2147483648LL, 0, true },
		{ "2106-02-07T06:28:15Z", 4294967295LL, 0, true },
		{ "2262-04-11T23:47:16.854775807Z", 9223372036LL, 854775807, true },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t instant = 0, wanted = 0;
		bool has_offset = false;

		if (!instant_parse(span_of(cases[i].text), &instant, &has_offset))
			test_fail(__FILE__, __LINE__, cases[i].text);
		CHECK(instant_of(cases[i].seconds, cases[i].nanoseconds, &wanted));
		CHECK_INT(instant, wanted);
		CHECK_INT(instant_seconds(instant), cases[i].seconds);
		CHECK_INT(has_offset, cases[i].has_offset);
	}
}

TEST(what_is_no_time_is_refused)
{
	static const char *const cases[] = {
		"", "2026-03-27", "2026-03-27T01:02", "2026-3-27T01:02:03Z", "2026-13-27T01:02:03Z",
		"2026-02-29T01:02:03Z", "2026-03-00T01:02:03Z", "2026-03-32T01:02:03Z", "2026-03-27T24:00:00Z",
		"2026-03-27T01:60:00Z", "2026-03-27T01:02:61Z", "2026-03-27T01:02:03.Z", "2026-03-27T01:02:03+24:00",
		"2026-03-27T01:02:03+9", "2026-03-27T01:02:03Zx", "0000-01-01T00:00:00Z", "2263-01-01T00:00:00Z",
		"-026-03-27T01:02:03Z", "2026-03-27X01:02:03Z", "2026-03-27T-1:02:03Z", "1677-09-21T00:12:43Z",
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		int64_t instant = 7;
		bool has_offset;

		if (instant_parse(span_of(cases[i]), &instant, &has_offset))
			test_fail(__FILE__, __LINE__, cases[i]);
		CHECK_INT(instant, 7);
	}
}

static void shown(int64_t instant, const char *wanted)
{
	struct buf out = { 0 };
	int64_t back = 0;
	bool has_offset;

	instant_text(&out, instant);
	CHECK_TEXT(buf_string(&out), wanted);
	CHECK(instant_parse(buf_span(&out), &back, &has_offset) && has_offset);
	CHECK_INT(back, instant);
	buf_done(&out);
}

TEST(text_and_back)
{
	shown(0, "1970-01-01T00:00:00Z");
	shown(-1, "1969-12-31T23:59:59.999999999Z");
	shown(INT64_C(1774573323500000000), "2026-03-27T01:02:03.5Z");
	shown(INT64_C(1774573323000000120), "2026-03-27T01:02:03.00000012Z");
	/* date -u -d @-9223372037.145224192 and @9223372036.854775807 */
	shown(INT64_MIN, "1677-09-21T00:12:43.145224192Z");
	shown(INT64_MAX, "2262-04-11T23:47:16.854775807Z");
}

TEST(sums_that_do_not_fit)
{
	int64_t out = 7;

	CHECK(!instant_of(INT64_MAX, 0, &out) && !instant_of(INT64_MIN, 0, &out));
	CHECK(!instant_of(0, INSTANT_SECOND, &out) && !instant_of(0, -1, &out));
	CHECK(!instant_of(9223372036, 854775808, &out) && !instant_of(-9223372037, 145224191, &out));
	CHECK_INT(out, 7);
	CHECK(instant_of(-9223372037, 145224192, &out));
	CHECK_INT(out, INT64_MIN);
}

TEST(years_outside_of_the_text_form)
{
	struct buf out = { 0 };

	/* 9999-12-31T23:59:59Z and 0001-01-01T00:00:00Z, by date */
	CHECK(seconds_text(&out, 253402300799, 0) && !seconds_text(&out, 253402300800, 0));
	CHECK(seconds_text(&out, -62135596800, 5) && !seconds_text(&out, -62135596801, 0));
	CHECK_TEXT(buf_string(&out), "9999-12-31T23:59:59Z0001-01-01T00:00:00.000000005Z");
	buf_done(&out);
}

TEST(every_day_of_eight_centuries)
{
	/* 1600-01-01 is day -135140: date -u -d 1600-01-01 +%s is -11676096000. */
	int64_t day = -135140;
	struct civil c = civil_of(day * 86400);

	CHECK(c.year == 1600 && c.month == 1 && c.day == 1);
	for (; day < 157054; day++) {
		c = civil_of(day * 86400 + 86399);
		if (!civil_valid(&c) || civil_seconds(&c) != day * 86400 + 86399)
			test_fail(__FILE__, __LINE__, "a day does not come back");
	}
	/* date -u -d @13569465599: 2399-12-31T23:59:59 */
	CHECK(c.year == 2399 && c.month == 12 && c.day == 31);
}

TEST(months_by_name)
{
	CHECK_INT(month_of(span_of("Jan")), 1);
	CHECK_INT(month_of(span_of("Dec")), 12);
	CHECK_INT(month_of(span_of("anF")), 0);
	CHECK_INT(month_of(span_of("jan")), 0);
	CHECK_INT(month_of(span_of("Janu")), 0);
}
