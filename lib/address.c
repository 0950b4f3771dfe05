/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/address.h"

enum { GROUPS = 8 };

static uint16_t group_at(struct span bytes, int i)
{
	return (uint16_t)(bytes.data[2 * i] << 8 | bytes.data[2 * i + 1]);
}

/* The longest run of at least two zero groups, the first of equals. */
static int zero_run(struct span bytes, int *size)
{
	int best = -1, run = 0;

	*size = 1;
	for (int i = 0; i < GROUPS; i++) {
		run = group_at(bytes, i) ? 0 : run + 1;
		if (run > *size) {
			*size = run;
			best = i - run + 1;
		}
	}
	return best;
}

static void text4(struct buf *out, const uint8_t *b)
{
	buf_printf(out, "%d.%d.%d.%d", b[0], b[1], b[2], b[3]);
}

static bool is_mapped(struct span bytes)
{
	static const uint8_t prefix[12] = { [10] = 0xff, [11] = 0xff };

	return memcmp(bytes.data, prefix, sizeof prefix) == 0;
}

bool address_text(struct buf *out, struct span bytes)
{
	int run, size;

	if (bytes.size == 4) {
		text4(out, bytes.data);
		return true;
	}
	if (bytes.size != 16)
		return false;
	if (is_mapped(bytes)) {
		buf_text(out, "::ffff:");
		text4(out, bytes.data + 12);
		return true;
	}
	run = zero_run(bytes, &size);
	for (int i = 0; i < GROUPS; i++) {
		if (i == run) {
			buf_text(out, "::");
			i += size - 1;
			continue;
		}
		if (i && i != run + size)
			buf_byte(out, ':');
		buf_printf(out, "%x", group_at(bytes, i));
	}
	return true;
}

static bool is_v4(struct span text)
{
	for (int i = 0; i < 4; i++) {
		bool last = i == 3;
		size_t size = last ? text.size : span_find(text, '.');
		int64_t number;

		if (!size || size > 3 || (!last && size == text.size) || text.data[0] == '-' ||
		    !span_number(span_part(text, 0, size), &number) || number > 255)
			return false;
		text = span_part(text, size + 1, text.size);
	}
	return true;
}

static bool is_v6(struct span text)
{
	int groups = 0;
	bool elided = false;

	text = span_part(text, 0, span_find(text, '%'));
	if (span_starts(text, "::")) {
		elided = true;
		text = span_part(text, 2, text.size);
	}
	while (text.size) {
		size_t size = span_find(text, ':');
		uint64_t number;

		if (size == text.size && groups && is_v4(text)) {
			groups += 2;
			break;
		}
		if (!size || size > 4 || !span_hex(span_part(text, 0, size), &number))
			return false;
		groups++;
		if (size == text.size)
			break;
		text = span_part(text, size + 1, text.size);
		if (!text.size)
			return false;
		if (text.data[0] == ':') {
			if (elided)
				return false;
			elided = true;
			text = span_part(text, 1, text.size);
		}
	}
	return elided ? groups < GROUPS : groups == GROUPS;
}

bool address_is(struct span text)
{
	return is_v4(text) || (span_find(text, ':') < text.size && is_v6(text));
}
