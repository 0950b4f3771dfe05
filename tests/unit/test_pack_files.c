/* SPDX-License-Identifier: Apache-2.0 */
/* Files that are not what they promised, names, and the parts of the format that stand alone. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/age.h"
#include "lib/json.h"
#include "lib/manifest.h"
#include "lib/pack_digest.h"
#include "lib/pack_names.h"
#include "lib/path.h"
#include "tests/unit/pack_kit.h"

/* A source of 'x' that ends or fails at a byte; with read_at, bad bytes are skipped over. */
struct odd_source { struct source source; int64_t end, bad_from, bad_to; };

static int64_t odd_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct odd_source *o = (struct odd_source *)s;

	if (at >= o->end)
		return 0;
	if ((int64_t)size > o->end - at)
		size = (size_t)(o->end - at);
	if (at < o->bad_to && at + (int64_t)size > o->bad_from) {
		if (at >= o->bad_from)
			return fail_set(f, "cannot read '%s'", "sector");
		size = (size_t)(o->bad_from - at);
	}
	memset(bytes, 'x', size);
	return (int64_t)size;
}

static int64_t odd_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	return odd_read_at(s, s->offset, bytes, size, f);
}

struct taken { struct heard heard; struct json_value line; struct buf content; };

/* The one file through an archive: its line in the manifest, and its content as it is read back. */
static void take(struct file_facts facts, struct source *in, struct taken *t)
{
	struct buf archive = { 0 };
	struct pack_writer *w;
	struct signer *signer;
	struct output *out;
	struct memory_source memory;
	struct pack_reader *r;
	struct pack_entry e;
	char code[PACK_CODE];
	struct fail f;

	*t = (struct taken){ 0 };
	facts.path = facts.path.size ? facts.path : span_of("/f");
	facts.kind = 'f';
	CHECK_INT(kit_output(&out, &archive, &f), 0);
	CHECK_INT(signer_make(&signer, "kit", &f), 0);
	CHECK_INT(pack_writer_open(&w, out, signer, span_of("{}"), &f), 0);
	CHECK_INT(pack_writer_sink(w)->file(pack_writer_sink(w), &facts, in, &f), 0);
	CHECK_INT(pack_writer_end(w, code, &f), 0);
	pack_writer_close(w);
	signer_close(signer);
	CHECK_INT(kit_read(buf_span(&archive), NULL, &t->heard), 0);
	CHECK(t->heard.verdict.sound);
	memory_source_init(&memory, buf_span(&archive));
	CHECK_INT(pack_reader_open(&r, &memory.source, NULL, NULL, &f), 0);
	while (pack_reader_next(r, &e, &f) == 1) {
		if (e.kind != PACK_FILE || facts.size > 1 << 20)
			continue;
		CHECK_SPAN(e.facts.path, facts.path);
		CHECK_INT(e.facts.size, facts.size);
		if (buf_room(&t->content, (size_t)facts.size))
			t->content.size = (size_t)source_fill(e.content, t->content.data, (size_t)facts.size + 1, &f);
	}
	pack_reader_close(r);
	buf_done(&archive);
}

static struct span line_of(struct taken *t)
{
	const char *line = strstr(buf_string(&t->heard.text), "{\"n\":2");

	return line ? (struct span){ (const uint8_t *)line, strcspn(line, "\n") } : span_of("{}");
}

static int64_t number_of(struct taken *t, const char *member)
{
	int64_t number = -1;

	json_number(json_member(json_parse(line_of(t)), member), &number);
	return number;
}

static void taken_done(struct taken *t)
{
	heard_done(&t->heard);
	buf_done(&t->content);
}

TEST(a_file_that_became_shorter_is_filled_up)
{
	struct odd_source in = { { .size = 10000, .read = odd_read }, 6000, 0, 0 };
	struct taken t;

	take((struct file_facts){ .size = 10000 }, &in.source, &t);
	CHECK_INT(number_of(&t, "true_size"), 6000);
	CHECK_INT(number_of(&t, "size"), 10000);
	CHECK_INT(t.content.size, 10000);
	CHECK(t.content.size == 10000 && t.content.data[5999] == 'x' && t.content.data[6000] == 0);
	CHECK(strstr(buf_string(&t.heard.text), "notes.0001.jsonl") != NULL);
	taken_done(&t);
}

TEST(a_file_that_grew_is_cut_at_its_size_and_says_so)
{
	struct odd_source in = { { .size = 5000, .read = odd_read, .read_at = odd_read_at }, 9000, 0, 0 };
	struct taken t;

	take((struct file_facts){ .size = 5000 }, &in.source, &t);
	CHECK_INT(t.content.size, 5000);
	CHECK(json_member(json_parse(line_of(&t)), "grew").type == JSON_TRUE);
	CHECK_INT(number_of(&t, "true_size"), -1);
	taken_done(&t);
}

TEST(unreadable_ranges_are_zeros_and_listed)
{
	struct odd_source in = { { .size = 40000, .read = odd_read, .read_at = odd_read_at }, 40000, 9000, 9001 };
	struct taken t;
	struct span bad;

	take((struct file_facts){ .size = 40000 }, &in.source, &t);
	bad = json_member(json_parse(line_of(&t)), "bad").raw;
	CHECK_SPAN(bad, span_of("[[9000,4096]]"));
	CHECK(t.content.size == 40000 && t.content.data[8999] == 'x' && t.content.data[9000] == 0 &&
	      t.content.data[13095] == 0 && t.content.data[13096] == 'x');
	taken_done(&t);
	/* A source that only goes forward has nothing behind the first failure. */
	in = (struct odd_source){ { .size = 40000, .read = odd_read }, 40000, 9000, 9001 };
	take((struct file_facts){ .size = 40000 }, &in.source, &t);
	bad = json_member(json_parse(line_of(&t)), "bad").raw;
	CHECK_SPAN(bad, span_of("[[9000,31000]]"));
	taken_done(&t);
	/* Nothing to be read at all. */
	in = (struct odd_source){ { .size = 4097, .read = odd_read, .read_at = odd_read_at }, 4097, 0, 4097 };
	take((struct file_facts){ .size = 4097 }, &in.source, &t);
	bad = json_member(json_parse(line_of(&t)), "bad").raw;
	CHECK_SPAN(bad, span_of("[[0,4097]]"));
	taken_done(&t);
}

TEST(a_source_may_fail_at_any_byte)
{
	for (int64_t at = 0; at < 700; at += 13) {
		struct odd_source in = { { .size = 600, .read = odd_read }, 600, at, at + 1 };
		struct taken t;

		take((struct file_facts){ .size = 600 }, &in.source, &t);
		CHECK_INT(t.content.size, 600);
		taken_done(&t);
	}
}

TEST(holes_change_no_digest)
{
	static const struct extent cuts[][3] = {
		{ { 50000, 20 }, { 100000, 5 } },
		{ { 49152, 4096 }, { 98304, 4096 }, { 200000, 1 } },
		{ { 0, 300001 } , { 300001, 0 } },
		{ { 1, 99999 }, { 100001, 1 }, { 300000, 1 } },
	};
	static uint8_t bytes[300001];
	struct memory_source in;
	char plain[80] = "", blocks[80] = "";

	memset(bytes + 50000, 'a', 20);
	memset(bytes + 100000, 'b', 5);
	for (size_t i = 0; i < sizeof cuts / sizeof *cuts; i++) {
		struct file_facts facts = { .size = sizeof bytes, .extents = cuts[i], .extent_count = 3 };
		struct json_value v;
		struct taken t;

		memory_source_init(&in, (struct span){ bytes, sizeof bytes });
		take(facts, &in.source, &t);
		CHECK_SPAN(buf_span(&t.content), ((struct span){ bytes, sizeof bytes }));
		v = json_member(json_parse(line_of(&t)), "sha256");
		if (!i)
			snprintf(plain, sizeof plain, "%.66s", (const char *)v.raw.data);
		CHECK_SPAN(v.raw, span_of(plain));
		v = json_member(json_parse(line_of(&t)), "sha256_blocks");
		/* The third has no holes at all: then there is only the plain digest. */
		if (!i)
			snprintf(blocks, sizeof blocks, "%.66s", (const char *)v.raw.data);
		CHECK_SPAN(v.raw, span_of(i == 2 ? "" : blocks));
		taken_done(&t);
	}
}

TEST(a_hole_of_a_terabyte_costs_nothing)
{
	static const struct extent ends[] = { { 0, 100 }, { (INT64_C(1) << 40) - 100, 100 } };
	struct odd_source in = { { .size = INT64_C(1) << 40, .read = odd_read, .read_at = odd_read_at },
	                         INT64_C(1) << 40, 0, 0 };
	struct file_facts facts = { .size = INT64_C(1) << 40, .extents = ends, .extent_count = 2 };
	struct taken t;

	take(facts, &in.source, &t);
	CHECK_INT(number_of(&t, "size"), INT64_C(1) << 40);
	CHECK(json_member(json_parse(line_of(&t)), "sha256").type == JSON_BAD);
	CHECK(json_member(json_parse(line_of(&t)), "sha256_blocks").type == JSON_STRING);
	taken_done(&t);
}

TEST(names_are_safe_and_come_back)
{
	static const struct { const char *path, *member; } cases[] = {
		{ "/etc/passwd", "files/etc/passwd" },
		{ "/a\nb", "files/a%0Ab" },
		{ "/\xff", "files/%FF" },
		{ "/x ", "files/x%20" },
		{ "/back\\slash", "files/back%5Cslash" },
		{ "/-rf", "files/%2Drf" },
		{ "/\xf0\x9f\x98\x80", "files/\xf0\x9f\x98\x80" },
		{ "/..", "files/.%2E" },
		{ "/a%41", "files/a%2541" },
		{ "/con", "files/%63on" },
		{ "/COM1.txt", "files/%43OM1.txt" },
		{ "/common", "files/common" },
		{ "/a%~2", "files/a%25~2" },
		/* Behind here: clashes with those above. */
		{ "/ETC/passwd", "files/ETC/passwd%~2" },
		{ "/Etc/Passwd", "files/Etc/Passwd%~3" },
		{ "/etc", "files/etc%~2" },
		{ "/etc/passwd/x", "files/etc/passwd%~4/x" },
		{ "/\xc3\x84", "files/\xc3\x84" },
		{ "/\xc3\xa4", "files/\xc3\xa4%~2" },
	};
	struct pack_names names = { 0 };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf member = { 0 }, back = { 0 };

		CHECK(pack_names_add(&names, span_of(cases[i].path), &member));
		CHECK_TEXT(buf_string(&member), cases[i].member);
		CHECK(path_from_member(&back, span_part(buf_span(&member), 6, member.size)));
		CHECK_TEXT(buf_string(&back), cases[i].path);
		buf_done(&member);
		buf_done(&back);
	}
	pack_names_done(&names);
}

TEST(long_names_come_back)
{
	struct odd_source in = { { .size = 3, .read = odd_read }, 3, 0, 0 };
	struct buf path = { 0 };
	struct taken t;

	for (int i = 0; i < 5000; i++)
		buf_byte(&path, i % 251 ? (uint8_t)(i % 3 ? 'd' : 0xff) : '/');
	take((struct file_facts){ .path = buf_span(&path), .size = 3 }, &in.source, &t);
	taken_done(&t);
	buf_done(&path);
}

TEST(the_code_is_the_digest_modulo_ten_to_24)
{
	uint8_t digest[SHA256_SIZE] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
	                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
	char code[PACK_CODE];

	manifest_code(digest, code);
	/* 2^128 - 1 = 340282366920938463463374607431768211455 */
	CHECK_TEXT(code, "4634 6337 4607 4317 6821 1455");
	memset(digest, 0, sizeof digest);
	manifest_code(digest, code);
	CHECK_TEXT(code, "0000 0000 0000 0000 0000 0000");
}

TEST(rows_are_cut_into_chunks)
{
	struct buf archive = { 0 };
	struct pack_writer *w;
	struct signer *signer;
	struct output *out;
	struct row row = row_on(&table_process);
	static char name[100000];
	char code[PACK_CODE];
	struct heard h;
	struct fail f;

	memset(name, 'n', sizeof name - 1);
	CHECK_INT(kit_output(&out, &archive, &f), 0);
	CHECK_INT(signer_make(&signer, "kit", &f), 0);
	CHECK_INT(pack_writer_open(&w, out, signer, span_of("{}"), &f), 0);
	row_text(&row, PROCESS_NAME, name);
	for (int i = 0; i < 100; i++) {
		row_int(&row, PROCESS_PID, i);
		CHECK_INT(pack_writer_sink(w)->row(pack_writer_sink(w), &row, &f), 0);
	}
	CHECK_INT(pack_writer_end(w, code, &f), 0);
	pack_writer_close(w);
	signer_close(signer);
	CHECK_INT(kit_read(buf_span(&archive), NULL, &h), 0);
	CHECK(h.verdict.sound);
	/* 41 rows of 100,025 bytes and a few fit in 4 MiB. */
	CHECK(strstr(buf_string(&h.text), "\"name\":\"rows/process.0001.jsonl\",\"table\":\"process\",\"rows\":41,"));
	CHECK(strstr(buf_string(&h.text), "\"name\":\"rows/process.0003.jsonl\",\"table\":\"process\",\"rows\":18,"));
	heard_done(&h);
	buf_done(&archive);
}

TEST(segments_fill_up_the_chunks_of_a_layer_below)
{
	struct buf archive = { 0 }, identity = { 0 }, recipient = { 0 };
	struct age_recipients *to;
	struct age_identities *by;
	struct pack_writer *w;
	struct signer *signer;
	struct output *file, *age;
	struct memory_source in;
	struct source *plain;
	struct pack_reader *r;
	struct pack_entry e;
	struct fail f = { 0 };

	CHECK_INT(age_keygen(&identity, &recipient, &f), 0);
	CHECK_INT(age_recipients_read(&to, buf_span(&recipient), &f), 0);
	CHECK_INT(age_identities_read(&by, buf_span(&identity), &f), 0);
	CHECK_INT(kit_output(&file, &archive, &f), 0);
	CHECK_INT(age_output_open(&age, to, file, &f), 0);
	CHECK_INT(signer_make(&signer, "kit", &f), 0);
	CHECK_INT(pack_writer_open(&w, age, signer, span_of("{}"), &f), 0);
	CHECK_INT(kit_file(pack_writer_sink(w), "/a", 100, &f), 0);
	CHECK_INT(pack_writer_segment(w, &f), 0);
	CHECK_INT(kit_file(pack_writer_sink(w), "/b", 100, &f), 0);
	CHECK_INT(pack_writer_segment(w, &f), 0);
	/* The plug is pulled here: both segments are there whole. */
	memory_source_init(&in, buf_span(&archive));
	CHECK_INT(age_source_open(&plain, &in.source, by, &f), 0);
	CHECK_INT(pack_reader_open(&r, plain, NULL, NULL, &f), 0);
	while (pack_reader_next(r, &e, &f) == 1)
		;
	CHECK_INT(pack_reader_verdict(r)->segments, 2);
	CHECK_INT(pack_reader_verdict(r)->entries, 3);
	CHECK(!pack_reader_verdict(r)->complete);
	pack_reader_close(r);
	age_source_close(plain);
	pack_writer_close(w);
	signer_close(signer);
	age_recipients_close(to);
	age_identities_close(by);
	buf_done(&archive);
	buf_done(&identity);
	buf_done(&recipient);
}
