/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever is done to an archive is noticed, and the right entry is named. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/pack_kit.h"

enum { MEMBERS = 64, REPORTED = 10, STRIDE = 9 };

static int reported;

static bool whole(const struct heard *h, int result)
{
	return result == 0 && h->verdict.complete && h->verdict.sound && !h->verdict.problems;
}

static bool names(struct heard *h, const char *name)
{
	char wanted[160];

	snprintf(wanted, sizeof wanted, " %s\n", name);
	return strstr(buf_string(&h->problems), wanted) != NULL;
}

static void complain(const char *what, size_t at, const char *name, struct heard *h)
{
	if (reported++ < REPORTED)
		printf("%s at %zu (%s): told\n%s", what, at, name, buf_string(&h->problems));
}

/* A tar whose bytes were changed, as an archive again. */
static int hear_tar(const struct kit_tar *tar, struct heard *h)
{
	struct buf archive = { 0 };
	int result;

	if (kit_repack(tar, &archive))
		return -2;
	result = kit_read(buf_span(&archive), NULL, h);
	buf_done(&archive);
	return result;
}

/* Every byte where KAKE_EVERY_BYTE is set, else each STRIDE-th. */
static size_t stride(void)
{
	return getenv("KAKE_EVERY_BYTE") ? 1 : STRIDE;
}

TEST(every_flipped_byte_of_an_archive_is_refused)
{
	struct buf archive = { 0 };
	struct fail f;
	int64_t refused = 0, flips = 0;

	CHECK_INT(kit_write_small(&archive, &f), 0);
	for (size_t i = archive.size % stride(); i < archive.size; i += stride(), flips++) {
		struct heard h;
		int result;

		archive.data[i] ^= (uint8_t)(1 << i % 8);
		result = kit_read(buf_span(&archive), NULL, &h);
		archive.data[i] ^= (uint8_t)(1 << i % 8);
		if (!whole(&h, result) && (result < 0 || h.verdict.problems))
			refused++;
		else
			complain("not refused", i, "", &h);
		heard_done(&h);
	}
	CHECK_INT(refused, flips);
	printf("%lld flips\n", (long long)flips);
	buf_done(&archive);
}

/* At which bytes of a tar to flip: the first and last of each block, and some between. */
static bool chosen(size_t at)
{
	return at % (7 * stride()) == 0 || at % 512 == 0 || at % 512 == 511;
}

TEST(every_flip_inside_names_its_member)
{
	struct kit_member members[MEMBERS];
	struct buf archive = { 0 };
	struct kit_tar tar;
	struct fail f;
	size_t count;
	int64_t flips = 0, named = 0;

	CHECK_INT(kit_write_small(&archive, &f), 0);
	CHECK_INT(kit_unpack(buf_span(&archive), &tar), 0);
	count = kit_members(&tar, members, MEMBERS);
	CHECK_INT(count, 10);
	for (size_t m = 0; m < count; m++)
		for (size_t i = members[m].start; i < members[m].end; i++) {
			struct heard h;
			int result;

			if (!chosen(i))
				continue;
			flips++;
			tar.bytes.data[i] ^= (uint8_t)(1 << i % 8);
			result = hear_tar(&tar, &h);
			tar.bytes.data[i] ^= (uint8_t)(1 << i % 8);
			if (!whole(&h, result) && names(&h, members[m].name))
				named++;
			else
				complain("not named", i - members[m].start, members[m].name, &h);
			heard_done(&h);
		}
	CHECK_INT(named, flips);
	printf("%lld flips inside\n", (long long)flips);
	buf_done(&tar.bytes);
	buf_done(&archive);
}

TEST(cut_anywhere_it_is_cut_and_what_was_closed_is_whole)
{
	struct buf archive = { 0 };
	struct fail f;
	char code[PACK_CODE];
	int64_t right = 0, segments = 0, entries = 0, cuts = 0;

	CHECK_INT(kit_write(&archive, 3, code, &f), 0);
	for (size_t size = 0; size < archive.size; size += size < 64 || size + 200 > archive.size ? 1 : 37) {
		struct heard h;
		int result = kit_read(span_part(buf_span(&archive), 0, size), NULL, &h);

		cuts++;
		/* Only cut, and never less whole than a shorter piece was. */
		if (result == 0 && !h.verdict.complete && !h.verdict.sound && h.verdict.problems == 1 &&
		    span_starts(buf_span(&h.problems), "cut") && h.verdict.segments >= segments &&
		    h.verdict.entries >= entries && h.sound_records >= h.verdict.entries)
			right++;
		else
			complain("cut", size, "", &h);
		segments = h.verdict.segments;
		entries = h.verdict.entries;
		heard_done(&h);
	}
	CHECK_INT(right, cuts);
	CHECK(segments >= 3);
	CHECK_INT(entries, 22);
	buf_done(&archive);
}

/* ---- members moved about ---- */

static void cut_out(struct kit_tar *tar, size_t start, size_t end)
{
	memmove(tar->bytes.data + start, tar->bytes.data + end, tar->bytes.size - end);
	tar->bytes.size -= end - start;
	for (size_t i = 0; i < tar->frames; i++)
		if (tar->ends[i] > start)
			tar->ends[i] -= end - start;
}

static void put_in(struct kit_tar *tar, size_t at, const uint8_t *bytes, size_t size)
{
	if (!buf_room(&tar->bytes, size))
		abort();
	memmove(tar->bytes.data + at + size, tar->bytes.data + at, tar->bytes.size - at);
	memcpy(tar->bytes.data + at, bytes, size);
	tar->bytes.size += size;
	for (size_t i = 0; i < tar->frames; i++)
		if (tar->ends[i] > at)
			tar->ends[i] += size;
}

/* A copy of a member's bytes; the caller frees them. */
static uint8_t *copy_of(const struct kit_tar *tar, const struct kit_member *m)
{
	uint8_t *bytes = malloc(m->end - m->start);

	if (!bytes)
		abort();
	memcpy(bytes, tar->bytes.data + m->start, m->end - m->start);
	return bytes;
}

struct moved { struct kit_tar tar; struct kit_member members[MEMBERS]; size_t count; };

static void moved_init(struct moved *m, int segments)
{
	struct buf archive = { 0 };
	struct fail f;
	char code[PACK_CODE];

	CHECK_INT(kit_write(&archive, segments, code, &f), 0);
	CHECK_INT(kit_unpack(buf_span(&archive), &m->tar), 0);
	m->count = kit_members(&m->tar, m->members, MEMBERS);
	buf_done(&archive);
}

static const struct kit_member *member(const struct moved *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++)
		if (strcmp(m->members[i].name, name) == 0)
			return &m->members[i];
	abort();
}

static void expect(struct moved *m, const char *problem)
{
	struct heard h;
	int result = hear_tar(&m->tar, &h);

	CHECK(!whole(&h, result));
	if (!strstr(buf_string(&h.problems), problem)) {
		printf("wanted %stold\n%s", problem, buf_string(&h.problems));
		test_fail(__FILE__, __LINE__, "the right problem");
	}
	heard_done(&h);
	buf_done(&m->tar.bytes);
}

TEST(a_missing_member_is_named)
{
	static const char *const names_of[] = { "collection.json", "rows/process.0001.jsonl",
		"notes.0002.jsonl", "files/var/log/3/file1.log", "manifest/00002.jsonl", "manifest/00003.p7s" };

	for (size_t i = 0; i < sizeof names_of / sizeof *names_of; i++) {
		struct moved m;
		char wanted[160];

		moved_init(&m, 3);
		cut_out(&m.tar, member(&m, names_of[i])->start, member(&m, names_of[i])->end);
		snprintf(wanted, sizeof wanted, "%s %s\n", i ? "missing" : "malformed", names_of[i]);
		expect(&m, wanted);
	}
}

TEST(an_added_member_is_named)
{
	struct moved m, other;
	const struct kit_member *from;
	uint8_t *bytes;

	moved_init(&m, 2);
	moved_init(&other, 3);
	from = member(&other, "files/var/log/3/file2.log");
	bytes = copy_of(&other.tar, from);
	put_in(&m.tar, member(&m, "rows/process.0002.jsonl")->start, bytes, from->end - from->start);
	expect(&m, "added files/var/log/3/file2.log\n");
	free(bytes);
	buf_done(&other.tar.bytes);
}

TEST(a_doubled_member_is_named)
{
	struct moved m;
	const struct kit_member *from;
	uint8_t *bytes;

	moved_init(&m, 2);
	from = member(&m, "files/var/log/1/file2.log");
	bytes = copy_of(&m.tar, from);
	put_in(&m.tar, from->end, bytes, from->end - from->start);
	expect(&m, "added files/var/log/1/file2.log\n");
	free(bytes);
}

TEST(a_moved_member_is_named)
{
	struct moved m;
	struct kit_member from;
	uint8_t *bytes;
	struct heard h;

	moved_init(&m, 2);
	from = *member(&m, "files/var/log/2/file0.log");
	bytes = copy_of(&m.tar, &from);
	put_in(&m.tar, member(&m, "rows/socket.0002.jsonl")->end, bytes, from.end - from.start);
	cut_out(&m.tar, from.start, from.end);
	free(bytes);
	CHECK_INT(hear_tar(&m.tar, &h), 0);
	/* Only the one that was moved. */
	CHECK(names(&h, "files/var/log/2/file0.log"));
	CHECK(!names(&h, "files/var/log/2/file1.log"));
	CHECK(!names(&h, "rows/socket.0002.jsonl"));
	heard_done(&h);
	buf_done(&m.tar.bytes);
}

/* All of a segment: from its first member to the end of its signature. */
static void segment_range(const struct moved *m, size_t number, size_t *start, size_t *end)
{
	*start = number > 1 ? m->tar.ends[number - 2] : 0;
	*end = m->tar.ends[number - 1];
}

TEST(a_missing_segment_is_named)
{
	struct moved m;
	size_t start, end;

	moved_init(&m, 3);
	segment_range(&m, 2, &start, &end);
	cut_out(&m.tar, start, end);
	memmove(m.tar.ends + 1, m.tar.ends + 2, (m.tar.frames - 2) * sizeof *m.tar.ends);
	m.tar.frames--;
	expect(&m, "missing manifest/00002.jsonl\n");
}

TEST(a_segment_of_another_archive_is_named)
{
	struct moved m, other;
	size_t start, end, from, to;

	moved_init(&m, 3);
	moved_init(&other, 3);
	segment_range(&m, 2, &start, &end);
	segment_range(&other, 2, &from, &to);
	cut_out(&m.tar, start, end);
	m.tar.ends[1] = start;
	put_in(&m.tar, start, other.tar.bytes.data + from, to - from);
	m.tar.ends[1] = start + to - from;
	buf_done(&other.tar.bytes);
	expect(&m, "signature manifest/00002.p7s\n");
}

TEST(the_end_of_another_archive_is_named)
{
	struct moved m, other;
	size_t start, end, from, to;

	moved_init(&m, 2);
	moved_init(&other, 2);
	segment_range(&m, 3, &start, &end);
	segment_range(&other, 3, &from, &to);
	m.tar.bytes.size = start;
	buf_add(&m.tar.bytes, (struct span){ other.tar.bytes.data + from, to - from });
	m.tar.ends[2] = m.tar.bytes.size;
	buf_done(&other.tar.bytes);
	expect(&m, "chain manifest/00003.jsonl\n");
}

TEST(bytes_behind_the_end_are_refused)
{
	struct buf archive = { 0 };
	struct heard h;
	struct fail f;

	CHECK_INT(kit_write_small(&archive, &f), 0);
	buf_byte(&archive, 0);
	CHECK_INT(kit_read(buf_span(&archive), NULL, &h), -1);
	CHECK_INT(h.verdict.problems, 1);
	heard_done(&h);
	archive.size--;
	/* A second, empty frame is no better than other bytes. */
	buf_add(&archive, (struct span){ (const uint8_t *)"\x28\xb5\x2f\xfd\xa0\0\0\0\0\1\0\0", 12 });
	CHECK_INT(kit_read(buf_span(&archive), NULL, &h), 0);
	CHECK(!h.verdict.sound);
	heard_done(&h);
	buf_done(&archive);
}

TEST(a_second_collection_is_named)
{
	struct moved m;
	struct kit_member from;
	uint8_t *bytes;

	moved_init(&m, 2);
	from = *member(&m, "collection.json");
	bytes = copy_of(&m.tar, &from);
	put_in(&m.tar, member(&m, "rows/process.0002.jsonl")->start, bytes, from.end - from.start);
	expect(&m, "added collection.json\n");
	free(bytes);
}
