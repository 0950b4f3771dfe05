/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/kind.h"

#include <magic.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/text.h"

enum { PROGRAM_HEADERS = 64, INTERPRETER = 3, TEXT_LOOKED_AT = 4096, LANES = 4, LANE_BYTES = 1 << 24, FEW = 1024 };

struct kinds { magic_t cookie; };

struct signature { size_t at; const char *bytes; size_t size; const char *type; bool executable; };

#define BYTES(literal) (literal), sizeof(literal) - 1

static const struct signature signatures[] = {
	{ 0, BYTES("\x1f\x8b"), "application/gzip", false },
	{ 0, BYTES("BZh"), "application/x-bzip2", false },
	{ 0, BYTES("\xfd" "7zXZ\0"), "application/x-xz", false },
	{ 0, BYTES("\x28\xb5\x2f\xfd"), "application/zstd", false },
	{ 0, BYTES("7z\xbc\xaf\x27\x1c"), "application/x-7z-compressed", false },
	{ 0, BYTES("Rar!\x1a\x07"), "application/x-rar", false },
	{ 0, BYTES("!<arch>\ndebian-binary"), "application/vnd.debian.binary-package", false },
	{ 0, BYTES("!<arch>\n"), "application/x-archive", false },
	{ 0, BYTES("BC\xc0\xde"), "application/octet-stream", false },
	{ 257, BYTES("ustar"), "application/x-tar", false },
	{ 0, BYTES("\x89PNG\r\n\x1a\n"), "image/png", false },
	{ 0, BYTES("\xff\xd8\xff"), "image/jpeg", false },
	{ 0, BYTES("GIF8"), "image/gif", false },
	{ 0, BYTES("%PDF-"), "application/pdf", false },
	{ 0, BYTES("SQLite format 3\0"), "application/vnd.sqlite3", false },
	{ 2, BYTES("\r\n\0\0\0\0"), "application/x-bytecode.python", false },
	{ 2, BYTES("\r\n\1\0\0\0"), "application/x-bytecode.python", false },
	{ 2, BYTES("\r\n\3\0\0\0"), "application/x-bytecode.python", false },
	{ 0, BYTES("\x1a\x01"), "application/x-terminfo", false },
	{ 0, BYTES("\x1e\x02"), "application/x-terminfo2", false },
	{ 0, BYTES("\xde\x12\x04\x95"), "application/x-gettext-translation", false },
	{ 0, BYTES("\xca\xfe\xba\xbe\0\0\0"), "application/x-java-applet", true },
	{ 0, BYTES("\xcf\xfa\xed\xfe"), "application/x-mach-binary", true },
	{ 0, BYTES("\xce\xfa\xed\xfe"), "application/x-mach-binary", true },
	{ 0, BYTES("LPKSHHRH"), "application/x-systemd-journal", false },
	{ 0, BYTES("-----BEGIN CERTIFICATE-----"), "text/plain", false },
};

static const struct { const char *word, *type; } interpreters[] = {
	{ "python", "text/x-script.python" }, { "perl", "text/x-perl" }, { "ruby", "text/x-ruby" },
	{ "php", "text/x-php" }, { "node", "application/javascript" }, { "awk", "text/x-awk" },
	{ "lua", "text/x-lua" }, { "tclsh", "text/x-tcl" }, { "wish", "text/x-tcl" },
	{ "sh", "text/x-shellscript" },
};

static const struct { const char *start, *type; } markups[] = {
	{ "<?php", "text/x-php" }, { "<?xml", "text/xml" }, { "<!DOCTYPE html", "text/html" },
	{ "<!doctype html", "text/html" }, { "<html", "text/html" }, { "<HTML", "text/html" },
};

static void set_type(struct kind *out, const char *type)
{
	snprintf(out->type, sizeof out->type, "%s", type);
}

static uint64_t number(struct span head, uint64_t at, unsigned size, bool big)
{
	uint64_t value = 0;

	if (at > head.size || head.size - at < size)
		return 0;
	for (unsigned i = 0; i < size; i++)
		value |= (uint64_t)head.data[at + i] << 8 * (big ? size - 1 - i : i);
	return value;
}

/* Whether the program headers, as far as they are in the head, name an interpreter. */
static bool has_interpreter(struct span head, bool wide, bool big)
{
	uint64_t at = number(head, wide ? 32 : 28, wide ? 8 : 4, big);
	uint64_t size = number(head, wide ? 54 : 42, 2, big), count = number(head, wide ? 56 : 44, 2, big);

	for (uint64_t i = 0; i < count && i < PROGRAM_HEADERS; i++)
		if (at < head.size && number(head, at + i * size, 4, big) == INTERPRETER)
			return true;
	return false;
}

static bool is_elf(struct span head, struct kind *out)
{
	bool wide, big;

	if (head.size < 20 || memcmp(head.data, "\x7f" "ELF", 4) != 0)
		return false;
	wide = head.data[4] == 2;
	big = head.data[5] == 2;
	out->executable = true;
	switch (number(head, 16, 2, big)) {
	case 1:
		set_type(out, "application/x-object");
		break;
	case 2:
		set_type(out, "application/x-executable");
		break;
	case 3:
		set_type(out, has_interpreter(head, wide, big) ? "application/x-pie-executable" :
		                                                 "application/x-sharedlib");
		break;
	case 4:
		set_type(out, "application/x-coredump");
		out->executable = false;
		break;
	default:
		set_type(out, "application/octet-stream");
	}
	return true;
}

static bool is_pe(struct span head, struct kind *out)
{
	uint64_t at = number(head, 60, 4, false);

	if (head.size < 64 || memcmp(head.data, "MZ", 2) != 0)
		return false;
	out->executable = true;
	set_type(out, number(head, at, 4, false) == 0x4550 ? "application/vnd.microsoft.portable-executable" :
	                                                     "application/x-dosexec");
	return true;
}

/* A zip that says what it is by its first member; otherwise plain. */
static bool is_zip(struct span head, struct kind *out)
{
	struct span name = span_part(head, 30, 24);

	if (head.size < 30 || memcmp(head.data, "PK\3\4", 4) != 0)
		return false;
	if (span_starts(name, "mimetype") || span_starts(name, "[Content_Types].xml") ||
	    span_starts(name, "_rels/"))
		return false;
	set_type(out, span_starts(name, "META-INF/") ? "application/java-archive" : "application/zip");
	return true;
}

static bool is_script(struct span head, struct kind *out)
{
	struct span line = head, program;

	if (!span_starts(head, "#!"))
		return false;
	line = span_until(&line, '\n');
	line = span_part(line, 2, 256);
	program = span_word(&line);
	if (!program.size || program.data[0] != '/')
		return false;
	if (span_ends(program, "/env"))
		program = span_word(&line);
	out->script = true;
	set_type(out, "text/plain");
	for (size_t i = 0; i < sizeof interpreters / sizeof *interpreters; i++) {
		if (!span_contains(program, interpreters[i].word))
			continue;
		set_type(out, interpreters[i].type);
		break;
	}
	return true;
}

/* Whether the first bytes are UTF-8 text; the last character may be cut. */
static bool looks_like_text(struct span head)
{
	struct span rest = span_part(head, 0, TEXT_LOOKED_AT);

	while (rest.size) {
		uint8_t byte = rest.data[0];
		bool valid;

		if (byte < 0x80) {
			if ((byte < 0x20 && !strchr("\t\n\r\f\b\x1b", byte)) || byte == 0x7f || !byte)
				return false;
			rest = (struct span){ rest.data + 1, rest.size - 1 };
			continue;
		}
		if (rest.size < 4 && head.size > TEXT_LOOKED_AT)
			return true;
		text_next(&rest, &valid);
		if (!valid)
			return false;
	}
	return true;
}

/* An opening bracket and then what JSON may go on with: a guess, as only all of it would tell. */
static bool looks_like_json(struct span text)
{
	char open = (char)text.data[0];

	if (open != '{' && open != '[')
		return false;
	text = span_trim(span_part(text, 1, text.size));
	if (!text.size)
		return false;
	return open == '{' ? text.data[0] == '"' || text.data[0] == '}' :
	                     strchr("\"{[-0123456789", text.data[0]) != NULL;
}

static bool is_text(struct span head, struct kind *out)
{
	struct span start = span_trim(span_part(head, 0, TEXT_LOOKED_AT));

	if (!looks_like_text(head))
		return false;
	set_type(out, "text/plain");
	if (span_starts(start, "\xef\xbb\xbf"))
		start = span_trim(span_part(start, 3, start.size));
	if (start.size && looks_like_json(start))
		set_type(out, "application/json");
	for (size_t i = 0; i < sizeof markups / sizeof *markups; i++)
		if (span_starts(start, markups[i].start))
			set_type(out, markups[i].type);
	return true;
}

bool kind_quick(struct span head, struct kind *out)
{
	*out = (struct kind){ 0 };
	if (!head.size) {
		set_type(out, "inode/x-empty");
		return true;
	}
	if (is_elf(head, out) || is_pe(head, out) || is_script(head, out) || is_zip(head, out))
		return true;
	for (size_t i = 0; i < sizeof signatures / sizeof *signatures; i++) {
		const struct signature *s = &signatures[i];

		if (head.size >= s->at + s->size && memcmp(head.data + s->at, s->bytes, s->size) == 0) {
			set_type(out, s->type);
			out->executable = s->executable;
			return true;
		}
	}
	return is_text(head, out);
}

int kinds_open(struct kinds **out, struct fail *f)
{
	struct kinds *k = calloc(1, sizeof *k);

	if (!k)
		return fail_set(f, "out of memory");
	/* What kind_quick has decided already, and what looks into containers, is left out. */
	k->cookie = magic_open(MAGIC_MIME_TYPE | MAGIC_NO_CHECK_COMPRESS | MAGIC_NO_CHECK_ELF |
	                       MAGIC_NO_CHECK_TOKENS | MAGIC_NO_CHECK_CSV | MAGIC_NO_CHECK_JSON);
	if (k->cookie && magic_load(k->cookie, NULL) != 0) {
		magic_close(k->cookie);
		k->cookie = NULL;
	}
	*out = k;
	return 0;
}

bool kinds_complete(const struct kinds *k)
{
	return k->cookie != NULL;
}

void kind_of(struct kinds *k, struct span head, struct kind *out)
{
	const char *type;

	head = span_part(head, 0, KIND_HEAD);
	if (kind_quick(head, out))
		return;
	type = k->cookie ? magic_buffer(k->cookie, head.data, head.size) : NULL;
	set_type(out, type && *type ? type : "application/octet-stream");
}

void kinds_close(struct kinds *k)
{
	if (!k)
		return;
	if (k->cookie)
		magic_close(k->cookie);
	free(k);
}

/* Several counters for each value, so that a run of equal bytes does not wait for itself. */
static void count(struct entropy *e, struct span bytes)
{
	e->total += bytes.size;
	for (; bytes.size && bytes.size < FEW; bytes = (struct span){ bytes.data + 1, bytes.size - 1 })
		e->counts[bytes.data[0]]++;
	while (bytes.size) {
		uint32_t lanes[LANES][256] = { 0 };
		struct span part = span_part(bytes, 0, LANE_BYTES);
		size_t at = 0;

		for (; at + 8 <= part.size; at += 8) {
			uint64_t eight;

			memcpy(&eight, part.data + at, 8);
			lanes[0][eight & 0xff]++;
			lanes[1][eight >> 8 & 0xff]++;
			lanes[2][eight >> 16 & 0xff]++;
			lanes[3][eight >> 24 & 0xff]++;
			lanes[0][eight >> 32 & 0xff]++;
			lanes[1][eight >> 40 & 0xff]++;
			lanes[2][eight >> 48 & 0xff]++;
			lanes[3][eight >> 56]++;
		}
		for (; at < part.size; at++)
			lanes[0][part.data[at]]++;
		for (int i = 0; i < 256; i++)
			e->counts[i] += (uint64_t)lanes[0][i] + lanes[1][i] + lanes[2][i] + lanes[3][i];
		bytes = span_part(bytes, part.size, bytes.size);
	}
}

/* By place, so that the result does not depend on the portions in which the bytes come. */
void entropy_add(struct entropy *e, struct span bytes)
{
	while (bytes.size) {
		uint64_t turn = e->passed % ENTROPY_TURN;
		bool all = e->passed < ENTROPY_EXACT, counted = all || turn < ENTROPY_PART;
		uint64_t left = all ? ENTROPY_EXACT - e->passed : counted ? ENTROPY_PART - turn : ENTROPY_TURN - turn;
		struct span part = span_part(bytes, 0, (size_t)left);

		if (counted)
			count(e, part);
		e->passed += part.size;
		bytes = span_part(bytes, part.size, bytes.size);
	}
}

void entropy_add_zeros(struct entropy *e, uint64_t zeros)
{
	uint64_t exact = e->passed < ENTROPY_EXACT ? ENTROPY_EXACT - e->passed : 0;
	uint64_t counted = zeros <= exact ? zeros : exact + (zeros - exact) / (ENTROPY_TURN / ENTROPY_PART);

	e->counts[0] += counted;
	e->total += counted;
	e->passed += zeros;
}

double entropy_bits(const struct entropy *e)
{
	double bits = 0;

	for (int i = 0; i < 256; i++) {
		double share;

		if (!e->counts[i])
			continue;
		share = (double)e->counts[i] / (double)e->total;
		bits -= share * log2(share);
	}
	return bits > 0 ? bits : 0;
}
