/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/path.h"

#include "lib/text.h"

struct span path_base(struct span path)
{
	size_t at = path.size;

	while (at && path.data[at - 1] != '/')
		at--;
	return span_part(path, at, path.size);
}

struct span path_parent(struct span path)
{
	size_t at = path.size;

	while (at && path.data[at - 1] != '/')
		at--;
	if (at <= 1)
		return span_part(path, 0, at);
	return span_part(path, 0, at - 1);
}

void path_join(struct buf *out, struct span directory, struct span name)
{
	buf_add(out, directory);
	if (!directory.size || directory.data[directory.size - 1] != '/')
		buf_byte(out, '/');
	while (name.size && name.data[0] == '/')
		name = span_part(name, 1, name.size);
	buf_add(out, name);
}

void path_clean(struct buf *out, struct span path)
{
	size_t start = out->size;

	while (path.size) {
		struct span part = span_until(&path, '/');

		if (!part.size || span_is(part, "."))
			continue;
		if (span_is(part, "..")) {
			while (out->size > start && out->data[--out->size] != '/')
				;
			continue;
		}
		buf_byte(out, '/');
		buf_add(out, part);
	}
	if (out->size == start)
		buf_byte(out, '/');
}

bool path_below(struct span path, struct span directory)
{
	if (directory.size && directory.data[directory.size - 1] == '/')
		directory.size--;
	return path.size >= directory.size && span_equal(span_part(path, 0, directory.size), directory) &&
	       (path.size == directory.size || path.data[directory.size] == '/');
}

/* Matches one byte against [...] at p[0]; *size is that of the class. An open '[' is literal. */
static bool in_class(struct span p, uint8_t byte, size_t *size)
{
	bool negated = p.size > 1 && (p.data[1] == '!' || p.data[1] == '^');
	size_t first = 1 + negated, i = first;
	bool hit = false;

	for (; i < p.size && (p.data[i] != ']' || i == first); i++) {
		if (i + 2 < p.size && p.data[i + 1] == '-' && p.data[i + 2] != ']') {
			hit |= p.data[i] <= byte && byte <= p.data[i + 2];
			i += 2;
		} else {
			hit |= p.data[i] == byte;
		}
	}
	if (i >= p.size) {
		*size = 1;
		return byte == '[';
	}
	*size = i + 1;
	return hit != negated;
}

/* One component against one without '**': backtracks to the last star only. */
static bool match_name(struct span p, struct span s)
{
	size_t i = 0, j = 0, star = SIZE_MAX, mark = 0, size;

	while (j < s.size) {
		if (i < p.size && p.data[i] == '*') {
			star = i++;
			mark = j;
			continue;
		}
		size = 1;
		if (i < p.size && (p.data[i] == '?' || (p.data[i] == '[' ?
		    in_class(span_part(p, i, p.size), s.data[j], &size) : p.data[i] == s.data[j]))) {
			i += size;
			j++;
			continue;
		}
		if (star == SIZE_MAX)
			return false;
		i = star + 1;
		j = ++mark;
	}
	while (i < p.size && p.data[i] == '*')
		i++;
	return i == p.size;
}

bool path_match(struct span pattern, struct span path)
{
	struct span star_pattern = { 0 }, star_path = { 0 };
	bool have_star = false;

	while (path.size || pattern.size) {
		struct span p = pattern, s = path, one = span_until(&p, '/'), name = span_until(&s, '/');

		if (pattern.size && span_is(one, "**")) {
			have_star = true;
			star_pattern = pattern = p;
			star_path = path;
			if (!pattern.size)
				return true;
			continue;
		}
		if (pattern.size && path.size && match_name(one, name)) {
			pattern = p;
			path = s;
			continue;
		}
		if (!have_star || !star_path.size)
			return false;
		span_until(&star_path, '/');
		path = star_path;
		pattern = star_pattern;
	}
	return true;
}

/* CON, PRN, AUX, NUL, CONIN$, CONOUT$, COM and LPT with a digit: devices, with any extension. */
static bool is_device(struct span part)
{
	static const char *const names[] = { "con", "prn", "aux", "nul", "conin$", "conout$", "com", "lpt" };
	struct span stem = part;

	stem.size = span_find(part, '.');
	while (stem.size && stem.data[stem.size - 1] == ' ')
		stem.size--;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		size_t size = strlen(names[i]), same = 0;

		while (same < size && same < stem.size && (stem.data[same] | 0x20) == (names[i][same] | 0x20))
			same++;
		if (same < size)
			continue;
		/* A superscript one, two or three counts as a digit. */
		if (i < 6 ? stem.size == size : (stem.size == size + 1 && stem.data[size] >= '0' &&
		                                 stem.data[size] <= '9') ||
		                                (stem.size == size + 2 && stem.data[size] == 0xc2))
			return true;
	}
	return false;
}

/* What some file system, shell or tool would take for something else. */
static bool is_unsafe(struct span part, size_t at)
{
	uint8_t byte = part.data[at];

	if (byte < 0x20 || byte == 0x7f || byte == '%' || byte == '\\' || strchr("<>:\"|?*", byte))
		return true;
	if ((byte == '.' || byte == ' ') && at + 1 == part.size)
		return true;
	return at == 0 && (byte == '-' || is_device(part));
}

static void member_part(struct buf *out, struct span part)
{
	struct span rest = part;

	while (rest.size) {
		size_t at = part.size - rest.size;
		uint8_t byte = rest.data[0];
		struct span before = rest;
		bool valid = true;

		if (byte >= 0x80)
			text_next(&rest, &valid);
		else
			rest = (struct span){ rest.data + 1, rest.size - 1 };
		if (valid && (byte >= 0x80 || !is_unsafe(part, at)))
			buf_add(out, span_part(before, 0, before.size - rest.size));
		else
			buf_printf(out, "%%%02X", byte);
	}
}

void path_to_member(struct buf *out, struct span path)
{
	bool first = true;

	while (path.size) {
		struct span part = span_until(&path, '/');

		if (!part.size)
			continue;
		if (!first)
			buf_byte(out, '/');
		first = false;
		member_part(out, part);
	}
}

/* Size of "~DIGITS" that ends a component, or 0. */
static size_t clash_mark(struct span rest)
{
	size_t size = 1;

	if (!rest.size || rest.data[0] != '~')
		return 0;
	while (size < rest.size && rest.data[size] >= '0' && rest.data[size] <= '9')
		size++;
	return size > 1 && (size == rest.size || rest.data[size] == '/') ? size : 0;
}

bool path_from_member(struct buf *out, struct span member)
{
	uint64_t byte;

	buf_byte(out, '/');
	for (size_t i = 0; i < member.size; i++) {
		struct span rest = span_part(member, i + 1, member.size);

		if (member.data[i] != '%') {
			buf_byte(out, member.data[i]);
		} else if (rest.size && rest.data[0] == '/') {
			i++;
		} else if (clash_mark(rest)) {
			i += clash_mark(rest);
		} else {
			if (rest.size < 2 || !span_hex(span_part(rest, 0, 2), &byte))
				return false;
			buf_byte(out, (uint8_t)byte);
			i += 2;
		}
	}
	return true;
}
