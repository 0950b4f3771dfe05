/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gives each tests/golden/PARSER/CASE.bin to its parser and compares with CASE.jsonl. A file
 * CASE.origin says what is known of the file: lines path=, modified= (RFC 3339), zone= (path of a
 * TZif file below the zone directory). Expected values come from other tools or from hand.
 */
#include <dirent.h>
#include <stdlib.h>

#include "lib/instant.h"
#include "lib/json.h"
#include "lib/os.h"
#include "lib/path.h"
#include "tests/unit/test.h"
#include "triage/parser.h"

#define GOLDEN SOURCE_DIR "/tests/golden"

enum { LARGEST = 16 << 20 };

struct recorder { struct sink sink; struct buf said; };

static int record_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct recorder *recorder = (struct recorder *)s;
	struct json j = json_begin(&recorder->said);
	struct buf row = { 0 };

	(void)f;
	json_row(&row, r);
	json_word(&j, "table", r->table->name);
	json_int(&j, "offset", r->offset);
	json_int(&j, "length", r->length);
	json_raw(&j, "row", buf_span(&row));
	json_end(&j);
	buf_byte(&recorder->said, '\n');
	buf_done(&row);
	return 0;
}

static int record_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct recorder *recorder = (struct recorder *)s;
	struct json j = json_begin(&recorder->said);

	(void)f;
	json_word(&j, "note", n->reason->text[LANG_EN]);
	json_int(&j, "offset", n->offset);
	json_end(&j);
	buf_byte(&recorder->said, '\n');
	return 0;
}

struct golden { struct buf bytes, wanted, facts, zone_bytes; struct origin origin; struct zone *zone; };

static bool load(struct buf *out, const char *directory, const char *stem, const char *ending)
{
	struct buf path = { 0 };
	struct fail f;
	bool ok;

	buf_printf(&path, "%s/%s%s", directory, stem, ending);
	ok = os_read_whole(buf_string(&path), LARGEST, out, &f) == 0;
	buf_done(&path);
	return ok;
}

static void read_zone(struct golden *g, struct span name)
{
	struct buf path = { 0 };
	struct fail f;

	buf_text(&path, "/usr/share/zoneinfo/");
	buf_add(&path, name);
	CHECK(os_read_whole(buf_string(&path), LARGEST, &g->zone_bytes, &f) == 0);
	CHECK(zone_read(&g->zone, buf_span(&g->zone_bytes), &f) == 0);
	g->origin.zone = g->zone;
	buf_done(&path);
}

static void read_origin(struct golden *g)
{
	struct span rest = buf_span(&g->facts);
	bool has_offset;

	while (rest.size) {
		struct span value = span_until(&rest, '\n'), key = span_until(&value, '=');

		if (span_is(key, "path"))
			g->origin.path = value;
		else if (span_is(key, "modified"))
			CHECK(instant_parse(value, &g->origin.modified, &has_offset) && has_offset);
		else if (span_is(key, "zone"))
			read_zone(g, value);
		else
			test_fail(__FILE__, __LINE__, "unknown line in an .origin file");
	}
}

static void differ(const char *what, struct span got, struct span wanted)
{
	for (int line = 1; got.size || wanted.size; line++) {
		struct span a = span_until(&got, '\n'), b = span_until(&wanted, '\n');

		if (!span_equal(a, b)) {
			printf("%s, line %d:\n", what, line);
			CHECK_SPAN(a, b);
			return;
		}
	}
}

static void run_case(const struct parser *parser, const char *directory, const char *stem)
{
	struct recorder recorder = { .sink = { record_row, record_note, NULL } };
	struct golden g = { .origin = { .modified = INT64_MIN, .collected = INT64_MIN } };
	struct memory_source in;
	struct fail f;

	printf("golden %s/%s\n", parser->name, stem);
	CHECK(load(&g.bytes, directory, stem, ".bin"));
	CHECK(load(&g.wanted, directory, stem, ".jsonl"));
	if (load(&g.facts, directory, stem, ".origin"))
		read_origin(&g);
	for (unsigned i = 0; g.origin.path.size; i++) {
		const struct parser *fits = parser_for(g.origin.path, i);

		CHECK(fits);
		if (!fits || fits == parser)
			break;
	}
	memory_source_init(&in, buf_span(&g.bytes));
	CHECK(parser->parse(&in.source, &g.origin, &recorder.sink, &f) == 0);
	differ(stem, buf_span(&recorder.said), buf_span(&g.wanted));
	buf_done(&recorder.said);
	buf_done(&g.bytes);
	buf_done(&g.wanted);
	buf_done(&g.facts);
	buf_done(&g.zone_bytes);
	zone_close(g.zone);
}

static int run_parser(const struct parser *parser)
{
	char directory[1024], stem[256];
	struct dirent *item;
	int cases = 0;
	DIR *d;

	snprintf(directory, sizeof directory, GOLDEN "/%s", parser->name);
	d = opendir(directory);
	while (d && (item = readdir(d))) {
		struct span name = span_of(item->d_name);

		if (!span_ends(name, ".bin") || name.size >= sizeof stem)
			continue;
		snprintf(stem, sizeof stem, "%.*s", (int)(name.size - 4), item->d_name);
		run_case(parser, directory, stem);
		cases++;
	}
	if (d)
		closedir(d);
	return cases;
}

TEST(every_golden_case)
{
	for (const struct parser *const *p = parsers; *p; p++) {
		int cases = run_parser(*p);

		if (!cases)
			printf("parser %s\n", (*p)->name);
		CHECK(cases > 0);
	}
}

TEST(every_parser_has_a_fuzz_target_and_seeds)
{
	for (const struct parser *const *p = parsers; *p; p++) {
		char path[1024];
		struct dirent *item;
		int seeds = 0;
		FILE *target;
		DIR *d;

		snprintf(path, sizeof path, SOURCE_DIR "/tests/fuzz/fuzz_%s.c", (*p)->name);
		target = fopen(path, "r");
		snprintf(path, sizeof path, SOURCE_DIR "/tests/fuzz/corpus/%s", (*p)->name);
		d = opendir(path);
		while (d && (item = readdir(d)))
			seeds += item->d_name[0] != '.';
		if (!target || !seeds)
			printf("parser %s\n", (*p)->name);
		CHECK(target);
		CHECK(seeds > 0);
		if (target)
			fclose(target);
		if (d)
			closedir(d);
	}
}
