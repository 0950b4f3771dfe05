/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/base64.h"

static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

void base64_add(struct buf *out, struct span bytes, bool padded)
{
	for (size_t i = 0; i < bytes.size; i += 3) {
		size_t left = bytes.size - i;
		uint32_t three = (uint32_t)bytes.data[i] << 16;

		if (left > 1)
			three |= (uint32_t)bytes.data[i + 1] << 8;
		if (left > 2)
			three |= bytes.data[i + 2];
		for (size_t j = 0; j < 4; j++) {
			if (j <= left)
				buf_byte(out, (uint8_t)digits[three >> (18 - 6 * j) & 63]);
			else if (padded)
				buf_byte(out, '=');
		}
	}
}

static int value_of(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? byte - 'A' :
	       byte >= 'a' && byte <= 'z' ? byte - 'a' + 26 :
	       byte >= '0' && byte <= '9' ? byte - '0' + 52 :
	       byte == '+' ? 62 : byte == '/' ? 63 : -1;
}

bool base64_decode(struct buf *out, struct span text)
{
	size_t start = out->size;
	uint32_t held = 0;
	int bits = 0;

	if (text.size % 4 == 0)
		for (int i = 0; i < 2 && text.size && text.data[text.size - 1] == '='; i++)
			text.size--;
	for (size_t i = 0; i < text.size; i++) {
		int value = value_of(text.data[i]);

		if (value < 0) {
			out->size = start;
			return false;
		}
		held = held << 6 | (uint32_t)value;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			buf_byte(out, (uint8_t)(held >> bits));
			held &= (1u << bits) - 1;
		}
	}
	if (held || bits == 6) {
		out->size = start;
		return false;
	}
	return true;
}
