/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/os.h"
#include "lib/volumes.h"
#include "tests/unit/test.h"

static char folder[] = "/tmp/kake-volumes-XXXXXX";

static const char *in_folder(char path[256], const char *name)
{
	snprintf(path, 256, "%s/%s", folder, name);
	return path;
}

static int shell(const char *command)
{
	char line[1024];

	snprintf(line, sizeof line, "D='%s'; { %s; } >/dev/null 2>&1", folder, command);
	return system(line);
}

/* Writes `size` bytes of a pattern in odd portions, kept if asked. */
static void write_volumes(const char *name, size_t size, int64_t volume, bool keep)
{
	char path[256];
	struct output *o;
	struct fail f = { 0 };
	uint8_t bytes[777];

	CHECK_INT(volumes_output_open(&o, in_folder(path, name), volume, NULL, &f), 0);
	for (size_t at = 0; at < size; at += sizeof bytes) {
		size_t part = size - at < sizeof bytes ? size - at : sizeof bytes;

		for (size_t i = 0; i < part; i++)
			bytes[i] = (uint8_t)((at + i) * 7 + (at + i) / 256);
		CHECK_INT(o->write(o, (struct span){ bytes, part }, &f), 0);
	}
	CHECK_INT(o->end(o, &f), 0);
	if (keep)
		CHECK_INT(volumes_output_keep(o, &f), 0);
	o->close(o);
}

static int read_volumes(const char *name, struct buf *out, struct fail *f)
{
	char path[256];
	struct source *s;
	int64_t got = 1;

	if (volumes_source_open(&s, in_folder(path, name), f))
		return -1;
	while (got > 0) {
		got = source_read(s, buf_room(out, 1000), 1000, f);
		out->size += got > 0 ? (size_t)got : 0;
	}
	volumes_source_close(s);
	return (int)got;
}

TEST(cat_of_the_volumes_is_the_stream)
{
	static const int counts[] = { 4, 4, 1, 1 };
	static const size_t sizes[] = { 10000, 12000, 10, 3000 };
	struct fail f = { 0 };

	CHECK(mkdtemp(folder) != NULL);
	for (size_t i = 0; i < 4; i++) {
		struct buf back = { 0 }, whole = { 0 };
		char path[256], command[128];

		CHECK_INT(shell("rm -f $D/*"), 0);
		write_volumes("a", sizes[i], 3000, true);
		snprintf(command, sizeof command, "[ $(ls $D | wc -l) = %d ] && cat $D/a.??? > $D/whole", counts[i]);
		CHECK_INT(shell(command), 0);
		CHECK_INT(read_volumes("a.000", &back, &f), 0);
		CHECK_INT(os_read_whole(in_folder(path, "whole"), 1 << 20, &whole, &f), 0);
		CHECK_INT(back.size, sizes[i]);
		CHECK(span_equal(buf_span(&back), buf_span(&whole)));
		buf_done(&back);
		buf_done(&whole);
	}
	CHECK_INT(shell("rm -r $D"), 0);
}

TEST(a_missing_volume_is_named)
{
	struct buf back = { 0 };
	struct fail f = { 0 };

	snprintf(folder, sizeof folder, "%s", "/tmp/kake-volumes-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	write_volumes("a", 10000, 3000, true);
	CHECK_INT(shell("rm $D/a.001"), 0);
	CHECK_INT(read_volumes("a.000", &back, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "a.001' is missing"));
	CHECK_INT(back.size, 3000);
	CHECK_INT(shell("rm -r $D"), 0);
	buf_done(&back);
}

TEST(unfinished_volumes_are_read_and_nothing_is_overwritten)
{
	struct buf back = { 0 };
	struct fail f = { 0 };
	struct output *o;
	char path[256];

	snprintf(folder, sizeof folder, "%s", "/tmp/kake-volumes-XXXXXX");
	CHECK(mkdtemp(folder) != NULL);
	write_volumes("a", 7000, 3000, false);
	CHECK(volumes_begin("x/a.000.part") && volumes_begin("a.000") && !volumes_begin("a.001"));
	CHECK_INT(read_volumes("a.000.part", &back, &f), 0);
	CHECK_INT(back.size, 7000);
	CHECK_INT(volumes_output_open(&o, in_folder(path, "a"), 3000, NULL, &f), -1);
	write_volumes("b", 10, 3000, true);
	CHECK_INT(volumes_output_open(&o, in_folder(path, "b"), 3000, NULL, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "already exists"));
	CHECK_INT(shell("rm -r $D"), 0);
	buf_done(&back);
}
