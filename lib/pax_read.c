/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pax.h"

#include <stdlib.h>

#include "lib/text.h"

/* `digits` octal digits and a NUL. */
static bool octal(const uint8_t *from, int digits, int64_t *out)
{
	*out = 0;
	for (int i = 0; i < digits; i++) {
		if (from[i] < '0' || from[i] > '7')
			return false;
		*out = *out << 3 | (from[i] - '0');
	}
	return from[digits] == 0;
}

static bool all_zero(const uint8_t *bytes, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (bytes[i])
			return false;
	return true;
}

struct pax_header pax_read(const uint8_t block[PAX_BLOCK])
{
	struct pax_header h = { .zero = all_zero(block, PAX_BLOCK), .type = (char)block[156] };
	int64_t sum = 0, wanted;
	bool fields;

	h.name = (struct span){ block, span_find((struct span){ block, 100 }, 0) };
	for (int i = 0; i < PAX_BLOCK; i++)
		sum += i >= 148 && i < 156 ? ' ' : block[i];
	h.usable = octal(block + 124, 11, &h.size) && memcmp(block + 257, "ustar\0" "00", 8) == 0 &&
	           (h.type == '0' || h.type == 'x');
	fields = octal(block + 100, 7, &h.mode);
	fields &= octal(block + 108, 7, &h.uid);
	fields &= octal(block + 116, 7, &h.gid);
	fields &= octal(block + 136, 11, &h.modified);
	/* Fields that this format leaves empty: the rest of the name, link, owner names, device, prefix. */
	h.sound = h.usable && fields && octal(block + 148, 6, &wanted) && block[155] == ' ' &&
	          wanted == sum && all_zero(block + h.name.size, 100 - h.name.size) &&
	          all_zero(block + 157, 100) && all_zero(block + 265, PAX_BLOCK - 265);
	return h;
}

/* "-12.345" as whole seconds (rounded down) and nanoseconds. */
static bool read_time(struct span text, struct file_time *out)
{
	struct span rest = text, whole = span_until(&rest, '.');
	bool negative = text.size && text.data[0] == '-';
	int64_t seconds, decimals = 0;

	if (out->set || !span_number(whole, &seconds) || rest.size > 9)
		return false;
	for (size_t i = 0; i < 9; i++) {
		uint8_t digit = i < rest.size ? rest.data[i] : '0';

		if (digit < '0' || digit > '9')
			return false;
		decimals = decimals * 10 + (digit - '0');
	}
	if (negative && decimals) {
		if (seconds == INT64_MIN)
			return false;
		seconds--;
		decimals = INT64_C(1000000000) - decimals;
	}
	*out = (struct file_time){ true, seconds, decimals };
	return true;
}

static bool read_number(struct span text, int64_t least, int64_t *out)
{
	return span_number(text, out) && *out >= least;
}

/* Appends name and value of an extended attribute to the list. */
static void read_xattr(struct span key, struct span value, struct buf *list)
{
	for (size_t i = 0; i < key.size; i++) {
		uint64_t byte;

		if (key.data[i] == '%' && span_hex(span_part(key, i + 1, 2), &byte)) {
			buf_byte(list, (uint8_t)byte);
			i += 2;
		} else {
			buf_byte(list, key.data[i]);
		}
	}
	buf_byte(list, 0);
	buf_hex(list, value);
	buf_byte(list, 0);
}

enum record { PATH, SIZE, UID, GID, MAJOR, MINOR, NAME, REALSIZE, MTIME, ATIME, CTIME, COMMENT, RECORDS };

static bool apply_one(enum record which, struct span value, struct pax_member *m)
{
	struct file_facts *facts = &m->facts;

	switch (which) {
	case PATH:
	case NAME:
		m->name = value;
		return value.size > 0 && value.size <= PAX_NAME_MOST;
	case SIZE: return read_number(value, 0, &m->stored);
	case UID: return read_number(value, INT64_MIN, &facts->uid);
	case GID: return read_number(value, INT64_MIN, &facts->gid);
	case MAJOR:
		m->sparse = span_is(value, "1");
		return m->sparse;
	case MINOR: return span_is(value, "0");
	case REALSIZE: return read_number(value, 0, &m->size);
	case MTIME: return read_time(value, &facts->modified);
	case ATIME: return read_time(value, &facts->accessed);
	case CTIME: return read_time(value, &facts->changed);
	case COMMENT:
		return span_starts(value, "born ") &&
		       read_time(span_part(value, 5, value.size), &facts->born);
	case RECORDS: break;
	}
	return false;
}

/* Takes one record; false if it is malformed. */
static bool take_record(struct span *rest, struct span *key, struct span *value)
{
	struct span body = *rest, number = span_until(&body, ' ');
	int64_t size;

	if (number.size > 8 || !read_number(number, 5, &size) || (size_t)size > rest->size)
		return false;
	body = span_part(*rest, number.size + 1, (size_t)size - number.size - 1);
	*rest = span_part(*rest, (size_t)size, rest->size);
	if (!body.size || body.data[body.size - 1] != '\n')
		return false;
	body.size--;
	if (span_find(body, '=') == body.size)
		return false;
	*key = span_part(body, 0, span_find(body, '='));
	*value = (struct span){ body.data + key->size + 1, body.size - key->size - 1 };
	return true;
}

bool pax_apply(struct span records, struct pax_member *m, struct buf *held)
{
	static const char *const names[RECORDS] = {
		"path", "size", "uid", "gid", "GNU.sparse.major", "GNU.sparse.minor", "GNU.sparse.name",
		"GNU.sparse.realsize", "mtime", "atime", "ctime", "comment",
	};
	enum { XATTR = sizeof "SCHILY.xattr." - 1, SPARSE = 1 << MAJOR | 1 << MINOR | 1 << NAME | 1 << REALSIZE };
	unsigned seen = 0;
	struct span key, value;

	m->facts.modified.set = false;
	while (records.size) {
		unsigned which = 0;

		if (!take_record(&records, &key, &value))
			return false;
		if (span_starts(key, "SCHILY.xattr.")) {
			read_xattr(span_part(key, XATTR, key.size), value, held);
			continue;
		}
		while (which < RECORDS && !span_is(key, names[which]))
			which++;
		if (which == RECORDS || seen & 1u << which || !apply_one((enum record)which, value, m))
			return false;
		seen |= 1u << which;
	}
	if (!m->sparse)
		m->size = m->stored;
	m->facts.xattrs = buf_span(held);
	return !held->bad && (seen & SPARSE) == (m->sparse ? SPARSE : 0) &&
	       (m->sparse ? !(seen & 1u << PATH) : seen & 1u << PATH);
}

/* A decimal number and its line end. */
static bool map_number(struct span *rest, int64_t *out)
{
	return span_find(*rest, '\n') < rest->size && read_number(span_until(rest, '\n'), 0, out);
}

int64_t pax_map_lines(struct span block)
{
	int64_t count;

	return map_number(&block, &count) && count >= 1 && count <= PAX_EXTENTS_MOST ? 1 + 2 * count : -1;
}

/* Ranges in order, apart, within the size; the last one ends at the size and may be empty. */
static bool map_ranges(struct span *rest, int64_t count, struct pax_member *m, struct extent *list,
                       int64_t *sum)
{
	int64_t end = 0;
	size_t kept = 0;

	for (int64_t i = 0; i < count; i++) {
		struct extent e;

		if (!map_number(rest, &e.offset) || !map_number(rest, &e.length) || e.offset < end ||
		    e.offset > m->size || e.length > m->size - e.offset || (!e.length && i + 1 < count))
			return false;
		end = e.offset + e.length;
		*sum += e.length;
		if (e.length)
			list[kept++] = e;
	}
	m->facts.extents = list;
	m->facts.extent_count = kept;
	return end == m->size;
}

bool pax_map(struct span blocks, struct pax_member *m, struct extent **extents)
{
	int64_t lines = pax_map_lines(blocks), count, sum = 0;
	struct span rest = blocks;
	struct extent *list = lines < 0 ? NULL : calloc((size_t)lines, sizeof *list);

	if (!list)
		return false;
	map_number(&rest, &count);
	if (map_ranges(&rest, count, m, list, &sum) && rest.size < PAX_BLOCK &&
	    all_zero(rest.data, rest.size) && sum <= m->stored &&
	    (int64_t)blocks.size == m->stored - sum) {
		*extents = list;
		return true;
	}
	free(list);
	m->facts.extents = NULL;
	m->facts.extent_count = 0;
	return false;
}
