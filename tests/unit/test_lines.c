/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/lines.h"
#include "tests/unit/test.h"

/* A source that gives a few bytes at a time and fails at a place. */
struct slow { struct memory_source memory; size_t step; int64_t fails_at; };

static int64_t slow_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct slow *slow = (struct slow *)s;

	if (slow->fails_at >= 0 && s->offset >= slow->fails_at)
		return fail_set(f, "cannot read '%s'", "it");
	return s->read_at(s, s->offset, bytes, size < slow->step ? size : slow->step, f);
}

static struct slow slow_of(struct span bytes, size_t step)
{
	struct slow slow = { .step = step, .fails_at = -1 };

	memory_source_init(&slow.memory, bytes);
	slow.memory.source.read = slow_read;
	return slow;
}

/* Each line as "offset+length text" with ! where it has no end and > where it goes on. */
static int listed(struct slow *slow, struct buf *out)
{
	struct lines lines;
	struct line line;
	struct fail f;
	int got;

	lines_init(&lines, &slow->memory.source);
	while ((got = lines_next(&lines, &line, &f)) > 0) {
		buf_printf(out, "%d+%d ", (int)line.offset, (int)line.length);
		buf_add(out, span_part(line.text, 0, 8));
		buf_text(out, line.cut ? ">\n" : line.ended ? "\n" : "!\n");
	}
	lines_done(&lines);
	return got;
}

TEST(line_ends)
{
	static const char text[] = "one\ntwo\r\n\n\r\nx\ry\nlast";
	static const char wanted[] = "0+4 one\n4+5 two\n9+1 \n10+2 \n12+4 x\ry\n16+4 last!\n";

	for (size_t step = 1; step < 30; step += 7) {
		struct slow slow = slow_of(span_of(text), step);
		struct buf out = { 0 };

		CHECK_INT(listed(&slow, &out), 0);
		CHECK_TEXT(buf_string(&out), wanted);
		buf_done(&out);
	}
}

/* The limit holds however the bytes come. */
TEST(long_lines_come_in_parts)
{
	static const size_t steps[] = { 4096, 65536, 100001 };
	struct buf bytes = { 0 };

	for (int i = 0; i < LINE_BYTES; i++)
		buf_byte(&bytes, 'a');
	buf_byte(&bytes, '\n');
	for (int i = 0; i < 2 * LINE_BYTES + 5; i++)
		buf_byte(&bytes, 'b');
	buf_text(&bytes, "\nend");
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct slow slow = slow_of(buf_span(&bytes), steps[i]);
		struct buf out = { 0 };

		CHECK_INT(listed(&slow, &out), 0);
		CHECK_TEXT(buf_string(&out), "0+1048577 aaaaaaaa\n1048577+1048576 bbbbbbbb>\n"
		                             "2097153+1048576 bbbbbbbb>\n3145729+6 bbbbb\n3145735+3 end!\n");
		buf_done(&out);
	}
	buf_done(&bytes);
}

TEST(a_source_that_fails)
{
	struct slow slow = slow_of(span_of("one\ntwo\nthree\n"), 5);
	struct buf out = { 0 };

	slow.fails_at = 10;
	CHECK_INT(listed(&slow, &out), -1);
	CHECK_TEXT(buf_string(&out), "0+4 one\n4+4 two\n");
	buf_done(&out);
}

TEST(nothing)
{
	struct slow slow = slow_of(span_of(""), 5);
	struct buf out = { 0 };

	CHECK_INT(listed(&slow, &out), 0);
	CHECK_INT(out.size, 0);
	buf_done(&out);
}
