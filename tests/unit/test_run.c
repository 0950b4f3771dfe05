/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "collectors/progress.h"
#include "collectors/record.h"
#include "collectors/words.h"
#include "lib/instant.h"
#include "lib/text.h"

#define DAY (INT64_C(86400) * INSTANT_SECOND)

TEST(clock_jump_tells_a_set_clock_from_time_that_passed)
{
	CHECK_INT(clock_jump(0, 10 * INSTANT_SECOND, 500, 500 + 10 * INSTANT_SECOND), 0);
	CHECK_INT(clock_jump(0, 10 * INSTANT_SECOND + DAY, 500, 500 + 10 * INSTANT_SECOND), DAY);
	CHECK_INT(clock_jump(0, 10 * INSTANT_SECOND - DAY, 500, 500 + 10 * INSTANT_SECOND), -DAY);
	/* What a time service does while it slews. */
	CHECK_INT(clock_jump(0, INSTANT_SECOND, 0, 2 * INSTANT_SECOND), 0);
}

static void expect_name(const char *host, unsigned number, const char *wanted)
{
	struct record r = { 0 };
	struct buf out = { 0 };
	bool has_offset;

	CHECK(instant_parse(span_of("2026-03-27T01:02:03.9Z"), &r.started, &has_offset));
	buf_text(&r.host, host);
	record_name(&r, number, &out);
	CHECK_SPAN(buf_span(&out), span_of(wanted));
	buf_done(&out);
	record_done(&r);
}

TEST(archives_get_names_that_every_file_system_takes)
{
	expect_name("web-01.example", 1, "web-01.example-20260327T010203Z");
	expect_name("web", 2, "web-20260327T010203Z-2");
	expect_name("../../etc/x y\n", 1, "_._.._etc_x_y_-20260327T010203Z");
	expect_name("-rf", 1, "_rf-20260327T010203Z");
	expect_name("", 1, "host-20260327T010203Z");
	expect_name("0123456789012345678901234567890123456789012345678901234567890123456789", 1,
	            "0123456789012345678901234567890123456789012345678901234567890123-20260327T010203Z");
}

static void expect_words(void (*add)(struct buf *out, int64_t number), int64_t number,
                         const char *wanted)
{
	struct buf out = { 0 };

	add(&out, number);
	CHECK_SPAN(buf_span(&out), span_of(wanted));
	buf_done(&out);
}

TEST(numbers_are_shown_as_people_read_them)
{
	expect_words(words_number, 0, "0");
	expect_words(words_number, 999, "999");
	expect_words(words_number, 1000, "1,000");
	expect_words(words_number, 1234567, "1,234,567");
	expect_words(words_number, -1000, "-1,000");
	expect_words(words_number, -100, "-100");
	expect_words(words_size, 999, "999 B");
	expect_words(words_size, 1000, "1.0 kB");
	expect_words(words_size, 45200000, "45.2 MB");
	expect_words(words_size, 999999, "1.0 MB");
	expect_words(words_size, INT64_MAX, "9223372.0 TB");
	expect_words(words_duration, 7 * INSTANT_SECOND, "0:07");
	expect_words(words_duration, 3723 * INSTANT_SECOND, "1:02:03");
}

TEST(settings_choose_modules)
{
	static const struct module live = { .name = "live", .flags = MODULE_LIVE, .least = PROFILE_QUICK };
	static const struct module deep = { .name = "deep", .least = PROFILE_FULL };
	struct settings s = { .root = "/", .profile = PROFILE_STANDARD };
	const char *left_out;
	struct fail f;

	CHECK(run_wants(&s, &live, &left_out));
	CHECK(!run_wants(&s, &deep, &left_out));
	CHECK_TEXT(left_out, "profile");
	s.root = "/mnt";
	CHECK(!run_wants(&s, &live, &left_out));
	CHECK_TEXT(left_out, "not-live");
	s.modules = "other,deep";
	CHECK(run_wants(&s, &deep, &left_out));
	CHECK(!run_wants(&s, &live, &left_out));
	CHECK_TEXT(left_out, "not-chosen");
	CHECK_INT(run_check(&s, &f), -1);
	s.modules = "machine,mount";
	CHECK_INT(run_check(&s, &f), 0);
	s.key = "x";
	CHECK_INT(run_check(&s, &f), -1);
	s.key = NULL;
	s.artifacts = "/nonexistent/x.yaml";
	CHECK_INT(run_check(&s, &f), -1);
}

static struct buf shown;

static void keep(struct span text)
{
	buf_add(&shown, text);
}

TEST(progress_takes_one_line_of_the_terminal)
{
	static const struct module module = { .name = "x", .help = "a help that is rather long 取得取得取得取得取得取得" };
	struct account account = { 0 };
	struct progress p;
	struct span rest;

	buf_clear(&shown);
	progress_init(&p, true, LANG_JA, keep);
	p.account = &account;
	progress_module(&p, 3, 12, &module);
	p.shown = 0;
	progress_item(&p, span_of("/a/\x1b[2J\n/very/long/name/that/does/not/fit/取得取得取得取得取得取得取得取得"), 1, 3);
	progress_clear(&p);
	CHECK(!span_contains(buf_span(&shown), "\x1b"));
	CHECK(!span_contains(buf_span(&shown), "\n"));
	CHECK(text_is_utf8(buf_span(&shown)));
	rest = buf_span(&shown);
	while (rest.size)
		CHECK(text_width(span_until(&rest, '\r')) <= 79);
	progress_done(&p);
	buf_done(&shown);
}

TEST(progress_elsewhere_is_a_line_a_module)
{
	static const struct module module = { .name = "x", .help = "things" };
	struct account account = { 0 };
	struct progress p;

	buf_clear(&shown);
	progress_init(&p, false, LANG_EN, keep);
	p.account = &account;
	progress_module(&p, 3, 12, &module);
	progress_item(&p, span_of("/a"), 1, 3);
	account.totals.rows = 1200;
	progress_end(&p, "done");
	CHECK_SPAN(buf_span(&shown),
	           span_of("[3/12] things: done; rows: 1,200, files: 0, not taken: 0, time: 0:00\n"));
	progress_done(&p);
	buf_done(&shown);
}
