/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pax.h"

#include <inttypes.h>
#include <stdio.h>

#include "lib/text.h"

enum { NAME_FIELD = 100, OCTAL7 = 07777777 };
#define OCTAL11 INT64_C(077777777777)

size_t pax_padding(int64_t size)
{
	return (size_t)(-size & (PAX_BLOCK - 1));
}

static void pad(struct buf *out, int64_t size)
{
	static const uint8_t zeros[PAX_BLOCK];

	buf_add(out, (struct span){ zeros, pax_padding(size) });
}

/* An octal field of `digits` digits and a NUL; 0 where the number does not fit. */
static void octal(uint8_t *to, int digits, int64_t number, int64_t most)
{
	if (number < 0 || number > most)
		number = 0;
	to[digits] = 0;
	while (digits--) {
		to[digits] = (uint8_t)('0' + (number & 7));
		number >>= 3;
	}
}

/* The name as far as the field holds it, cut at a whole character. */
static void short_name(uint8_t *to, struct span name)
{
	size_t size = name.size < NAME_FIELD ? name.size : NAME_FIELD;

	while (size && !text_is_utf8(span_part(name, 0, size)))
		size--;
	if (size)
		memcpy(to, name.data, size);
}

static void header(struct buf *out, struct span name, char type, int64_t size,
                   const struct file_facts *facts)
{
	uint8_t *h = buf_room(out, PAX_BLOCK);
	int64_t sum = 0;

	if (!h)
		return;
	memset(h, 0, PAX_BLOCK);
	short_name(h, name);
	octal(h + 100, 7, facts->mode, 07777);
	octal(h + 108, 7, facts->uid, OCTAL7);
	octal(h + 116, 7, facts->gid, OCTAL7);
	octal(h + 124, 11, size, OCTAL11);
	octal(h + 136, 11, facts->modified.set ? facts->modified.seconds : 0, OCTAL11);
	memset(h + 148, ' ', 8);
	h[156] = (uint8_t)type;
	memcpy(h + 257, "ustar\0" "00", 8);
	for (int i = 0; i < PAX_BLOCK; i++)
		sum += h[i];
	octal(h + 148, 6, sum, OCTAL7);
	out->size += PAX_BLOCK;
}

/* "LENGTH KEY=VALUE\n", where LENGTH counts itself. */
static void record(struct buf *out, const char *prefix, struct span key, struct span value)
{
	size_t rest = strlen(prefix) + key.size + value.size + 3, total = rest, before = 0;
	char number[24];

	while (total != before) {
		before = total;
		total = rest + (size_t)snprintf(number, sizeof number, "%zu", before);
	}
	buf_printf(out, "%zu %s", total, prefix);
	buf_add(out, key);
	buf_byte(out, '=');
	buf_add(out, value);
	buf_byte(out, '\n');
}

static void record_text(struct buf *out, const char *key, const char *value)
{
	record(out, key, (struct span){ 0 }, span_of(value));
}

static void record_number(struct buf *out, const char *key, int64_t number)
{
	char text[24];

	snprintf(text, sizeof text, "%" PRId64, number);
	record_text(out, key, text);
}

/* Seconds with up to nine decimals; before 1970 as the negative number that it is. */
static void record_time(struct buf *out, const char *key, const char *before, struct file_time t)
{
	bool negative = t.seconds < 0 && t.nanoseconds > 0;
	int64_t seconds = negative ? t.seconds + 1 : t.seconds;
	int64_t decimals = negative ? INT64_C(1000000000) - t.nanoseconds : t.nanoseconds;
	char text[80];
	int size;

	if (!t.set)
		return;
	size = snprintf(text, sizeof text, "%s%s%" PRId64, before, negative && !seconds ? "-" : "", seconds);
	if (decimals) {
		size += snprintf(text + size, sizeof text - (size_t)size, ".%09" PRId64, decimals);
		while (text[size - 1] == '0')
			text[--size] = 0;
	}
	record_text(out, key, text);
}

/* Keys hold no '=': GNU tar writes %3D, and %25 for '%'. */
static void xattr_key(struct buf *out, struct span name)
{
	for (size_t i = 0; i < name.size; i++) {
		if (name.data[i] == '=' || name.data[i] == '%')
			buf_printf(out, "%%%02X", name.data[i]);
		else
			buf_byte(out, name.data[i]);
	}
}

static void record_xattrs(struct buf *out, struct span list)
{
	struct buf key = { 0 }, value = { 0 };
	struct span name, digits;

	while (list_next(&list, &name) && list_next(&list, &digits)) {
		uint64_t byte;

		buf_clear(&key);
		buf_clear(&value);
		xattr_key(&key, name);
		for (size_t i = 0; i + 1 < digits.size; i += 2)
			if (span_hex(span_part(digits, i, 2), &byte))
				buf_byte(&value, (uint8_t)byte);
		if (out->size + key.size + value.size < PAX_EXTENDED_MOST / 2)
			record(out, "SCHILY.xattr.", buf_span(&key), buf_span(&value));
		out->bad |= key.bad | value.bad;
	}
	buf_done(&key);
	buf_done(&value);
}

static void records(struct buf *out, const struct pax_member *m)
{
	const struct file_facts *facts = &m->facts;

	if (m->sparse) {
		record_text(out, "GNU.sparse.major", "1");
		record_text(out, "GNU.sparse.minor", "0");
		record(out, "GNU.sparse.name", (struct span){ 0 }, m->name);
		record_number(out, "GNU.sparse.realsize", m->size);
	} else {
		record(out, "path", (struct span){ 0 }, m->name);
	}
	if (m->stored > OCTAL11)
		record_number(out, "size", m->stored);
	record_time(out, "mtime", "", facts->modified);
	record_time(out, "atime", "", facts->accessed);
	record_time(out, "ctime", "", facts->changed);
	record_time(out, "comment", "born ", facts->born);
	if (facts->uid < 0 || facts->uid > OCTAL7)
		record_number(out, "uid", facts->uid);
	if (facts->gid < 0 || facts->gid > OCTAL7)
		record_number(out, "gid", facts->gid);
	record_xattrs(out, facts->xattrs);
}

/* Count of ranges, then offset and length of each, one number a line, filled up with zeros. */
static void map(struct buf *out, struct pax_member *m)
{
	size_t start = out->size, count = m->facts.extent_count;
	const struct extent *e = m->facts.extents;
	bool ends = count && e[count - 1].offset + e[count - 1].length == m->size;

	buf_printf(out, "%zu\n", count + !ends);
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%" PRId64 "\n%" PRId64 "\n", e[i].offset, e[i].length);
	if (!ends)
		buf_printf(out, "%" PRId64 "\n0\n", m->size);
	pad(out, (int64_t)(out->size - start));
	m->stored = (int64_t)(out->size - start);
	for (size_t i = 0; i < count; i++)
		m->stored += e[i].length;
}

void pax_write(struct buf *out, struct pax_member *m)
{
	static const struct file_facts plain = { .mode = 0644 };
	struct buf extended = { 0 }, ranges = { 0 };

	m->stored = m->size;
	if (m->sparse)
		map(&ranges, m);
	if (m->extended) {
		records(&extended, m);
		header(out, span_of("././@PaxHeader"), 'x', (int64_t)extended.size, &plain);
		buf_add(out, buf_span(&extended));
		pad(out, (int64_t)extended.size);
	}
	header(out, m->name, '0', m->stored, &m->facts);
	buf_add(out, buf_span(&ranges));
	out->bad |= extended.bad | ranges.bad;
	buf_done(&extended);
	buf_done(&ranges);
}
