/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <inttypes.h>

#include "collectors/linux/regions.h"

static void shown(const struct regions *r, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct region *g = &r->items[i];

		buf_printf(out, "%" PRIx64 " %" PRIu64 " %s %s x%d ", g->start, g->size, g->protection,
		           region_reason_name(g->reason), (int)g->count);
		buf_add(out, region_path(r, g));
		buf_text(out, "\n");
	}
}

/* The text in pieces of every size gives the same rows. */
static void check(const char *maps, const char *wanted)
{
	static const size_t pieces[] = { 1, 7, 64, 4096, 1 << 20 };

	for (size_t k = 0; k < sizeof pieces / sizeof *pieces; k++) {
		struct regions r = { 0 };
		struct buf out = { 0 };
		struct span text = span_of(maps);
		struct fail f;

		while (text.size) {
			CHECK_INT(regions_add(&r, span_part(text, 0, pieces[k]), &f), 0);
			text = span_part(text, pieces[k], text.size);
		}
		CHECK_INT(regions_end(&r, &f), 0);
		shown(&r, &out);
		CHECK_SPAN(buf_span(&out), span_of(wanted));
		buf_done(&out);
		regions_done(&r);
	}
}

TEST(only_code_matters_and_a_file_stands_once)
{
	check("00400000-00401000 r--p 00000000 fe:00 10 /usr/bin/cat\n"
	      "00401000-00403000 r-xp 00001000 fe:00 10 /usr/bin/cat\n"
	      "00405000-00406000 r-xp 00005000 fe:00 10 /usr/bin/cat\n"
	      "00500000-00521000 rw-p 00000000 00:00 0  [heap]\n"
	      "7f0000000000-7f0000001000 r-xp 00000000 fe:00 11 /usr/lib/libc.so.6\n"
	      "7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0  [stack]\n"
	      "7ffc00100000-7ffc00104000 r--p 00000000 00:00 0  [vvar]\n"
	      "7ffc00104000-7ffc00106000 r-xp 00000000 00:00 0  [vdso]\n"
	      "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0  [vsyscall]\n",
	      "401000 12288 r-xp file-executable x2 /usr/bin/cat\n"
	      "7f0000000000 4096 r-xp file-executable x1 /usr/lib/libc.so.6\n");
}

TEST(what_should_not_hold_code)
{
	check("01000000-01001000 rwxp 00000000 00:00 0  [heap]\n"
	      "7f0000000000-7f0000001000 rwxp 00000000 00:00 0 \n"
	      "7f0000002000-7f0000003000 r-xp 00000000 00:00 0 \n"
	      "7f0000004000-7f0000005000 r-xs 00000000 00:01 5 /memfd:x (deleted)\n"
	      "7f0000006000-7f0000007000 r-xp 00000000 fe:00 7 /tmp/e.so (deleted)\n"
	      "7f0000008000-7f0000009000 rwxp 00000000 fe:00 8 /usr/lib/t.so\n"
	      "7f000000a000-7f000000b000 rwxs 00000000 00:01 9 /dev/zero (deleted)\n"
	      "7f000000c000-7f000000d000 r-xp 00000000 00:00 0  [anon:code]\n"
	      "7ffc00000000-7ffc00021000 rwxp 00000000 00:00 0  [stack]\n"
	      "7ffc00104000-7ffc00106000 r-xp 00000000 00:00 0  [vdso]\n"
	      "7ffc00204000-7ffc00206000 r-xp 00000000 00:00 0  [vdso]\n"
	      "7ffc00304000-7ffc00306000 r-xp 00000000 00:0e 12 anon_inode:[x]",
	      "1000000 4096 rwxp writable-executable x1 [heap]\n"
	      "7f0000000000 4096 rwxp writable-executable x1 \n"
	      "7f0000002000 4096 r-xp anonymous-executable x1 \n"
	      "7f0000004000 4096 r-xs memfd-backing x1 /memfd:x (deleted)\n"
	      "7f0000006000 4096 r-xp deleted-backing x1 /tmp/e.so (deleted)\n"
	      "7f0000008000 4096 rwxp writable-executable x1 /usr/lib/t.so\n"
	      "7f000000a000 4096 rwxs writable-executable x1 /dev/zero (deleted)\n"
	      "7f000000c000 4096 r-xp anonymous-executable x1 [anon:code]\n"
	      "7ffc00000000 135168 rwxp writable-executable x1 [stack]\n"
	      "7ffc00204000 8192 r-xp anonymous-executable x1 [vdso]\n"
	      "7ffc00304000 8192 r-xp anonymous-executable x1 anon_inode:[x]\n");
}

TEST(a_million_mappings_stay_bounded)
{
	struct regions r = { 0 };
	struct buf text = { 0 };
	int64_t counted = 0;
	struct fail f;

	for (int i = 0; i < REGIONS_LINES + 10; i++) {
		buf_clear(&text);
		buf_printf(&text, "%x000-%x000 %s 00000000 00:00 0 \n", i * 2, i * 2 + 1,
		           i % 2 ? "rwxp" : "r-xp");
		CHECK_INT(regions_add(&r, buf_span(&text), &f), 0);
	}
	CHECK_INT(r.lines, REGIONS_LINES + 10);
	CHECK_INT(r.left_out, 10);
	CHECK_INT(r.count, REGIONS_ALONE);
	for (size_t i = 0; i < r.count; i++)
		counted += r.items[i].count;
	CHECK_INT(counted, REGIONS_LINES);
	regions_clear(&r);
	for (int i = 0; i < 2 * REGIONS_MOST; i++) {
		buf_clear(&text);
		buf_printf(&text, "%x000-%x000 r-xp 00000000 fe:00 %d /lib/%d\n", i * 2, i * 2 + 1, i, i);
		CHECK_INT(regions_add(&r, buf_span(&text), &f), 0);
	}
	CHECK_INT(r.count, REGIONS_MOST);
	CHECK_INT(r.left_out, REGIONS_MOST);
	regions_done(&r);
	buf_done(&text);
}

TEST(odd_lines_are_counted)
{
	struct regions r = { 0 };
	struct buf text = { 0 };
	struct fail f;

	buf_text(&text, "nonsense\n\n7f0000000000-7f0000001000 r-xp 00000000 fe:00 1 /");
	for (int i = 0; i < 2 * REGIONS_LINE; i++)
		buf_byte(&text, 'x');
	buf_text(&text, "\n00401000-00403000 r-xp 00001000 fe:00 10 /usr/bin/cat\n");
	for (size_t at = 0; at < text.size; at += 1000)
		CHECK_INT(regions_add(&r, span_part(buf_span(&text), at, 1000), &f), 0);
	CHECK_INT(r.odd, 3);
	CHECK_INT(r.count, 1);
	CHECK_INT(r.items[0].inode, 10);
	regions_done(&r);
	buf_done(&text);
}
