/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/span.h"

struct span span_of(const char *text)
{
	return text ? (struct span){ (const uint8_t *)text, strlen(text) } : (struct span){ 0 };
}

bool span_equal(struct span a, struct span b)
{
	return a.size == b.size && (!a.size || memcmp(a.data, b.data, a.size) == 0);
}

bool span_is(struct span a, const char *text)
{
	return span_equal(a, span_of(text));
}

bool span_starts(struct span a, const char *prefix)
{
	struct span p = span_of(prefix);

	return a.size >= p.size && span_equal(span_part(a, 0, p.size), p);
}

bool span_ends(struct span a, const char *suffix)
{
	struct span s = span_of(suffix);

	return a.size >= s.size && span_equal(span_part(a, a.size - s.size, s.size), s);
}

int span_compare(struct span a, struct span b)
{
	size_t common = a.size < b.size ? a.size : b.size;
	int order = common ? memcmp(a.data, b.data, common) : 0;

	if (order)
		return order;
	return (a.size > b.size) - (a.size < b.size);
}

struct span span_part(struct span a, size_t at, size_t size)
{
	if (at >= a.size)
		return (struct span){ 0 };
	if (size > a.size - at)
		size = a.size - at;
	return (struct span){ a.data + at, size };
}

size_t span_find(struct span a, uint8_t byte)
{
	const uint8_t *hit = a.size ? memchr(a.data, byte, a.size) : NULL;

	return hit ? (size_t)(hit - a.data) : a.size;
}

bool span_contains(struct span a, const char *text)
{
	struct span t = span_of(text);

	for (size_t at = 0; t.size && at + t.size <= a.size; at++) {
		at += span_find(span_part(a, at, a.size), t.data[0]);
		if (at + t.size > a.size)
			return false;
		if (memcmp(a.data + at, t.data, t.size) == 0)
			return true;
	}
	return t.size == 0;
}

static bool is_blank(uint8_t byte)
{
	return byte == ' ' || byte == '\t' || byte == '\r' || byte == '\n';
}

struct span span_trim(struct span a)
{
	while (a.size && is_blank(a.data[0])) {
		a.data++;
		a.size--;
	}
	while (a.size && is_blank(a.data[a.size - 1]))
		a.size--;
	return a;
}

struct span span_word(struct span *rest)
{
	struct span word;

	while (rest->size && is_blank(rest->data[0]))
		*rest = span_part(*rest, 1, rest->size);
	word = (struct span){ rest->data, 0 };
	while (word.size < rest->size && !is_blank(rest->data[word.size]))
		word.size++;
	*rest = span_part(*rest, word.size, rest->size);
	return word;
}

struct span span_until(struct span *rest, uint8_t byte)
{
	size_t at = span_find(*rest, byte);
	struct span part = span_part(*rest, 0, at);

	*rest = span_part(*rest, at + 1, rest->size);
	return part;
}

bool span_number(struct span a, int64_t *out)
{
	bool negative = a.size && a.data[0] == '-';
	uint64_t limit = negative ? (uint64_t)INT64_MAX + 1 : (uint64_t)INT64_MAX;
	uint64_t sum = 0;

	if (negative)
		a = span_part(a, 1, a.size);
	if (!a.size)
		return false;
	for (size_t i = 0; i < a.size; i++) {
		uint64_t digit = (uint64_t)a.data[i] - '0';

		if (digit > 9 || sum > (limit - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	*out = negative ? (sum > (uint64_t)INT64_MAX ? INT64_MIN : -(int64_t)sum) : (int64_t)sum;
	return true;
}

bool span_hex(struct span a, uint64_t *out)
{
	uint64_t sum = 0;

	if (!a.size || a.size > 16)
		return false;
	for (size_t i = 0; i < a.size; i++) {
		uint8_t byte = a.data[i];
		int digit = byte >= '0' && byte <= '9' ? byte - '0' :
		            byte >= 'a' && byte <= 'f' ? byte - 'a' + 10 :
		            byte >= 'A' && byte <= 'F' ? byte - 'A' + 10 : -1;

		if (digit < 0)
			return false;
		sum = sum << 4 | (uint64_t)digit;
	}
	*out = sum;
	return true;
}
