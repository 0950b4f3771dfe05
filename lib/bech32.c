/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/bech32.h"

enum { CHECKSUM = 6 };

static const char letters[] = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";

static uint32_t step(uint32_t sum, uint8_t value)
{
	static const uint32_t generator[] = { 0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3 };
	uint32_t top = sum >> 25;

	sum = (sum & 0x1ffffff) << 5 ^ value;
	for (int i = 0; i < 5; i++)
		if (top >> i & 1)
			sum ^= generator[i];
	return sum;
}

static uint32_t prefix_sum(const char *prefix)
{
	uint32_t sum = 1;

	for (const char *c = prefix; *c; c++)
		sum = step(sum, (uint8_t)*c >> 5);
	sum = step(sum, 0);
	for (const char *c = prefix; *c; c++)
		sum = step(sum, *c & 31);
	return sum;
}

void bech32_encode(struct buf *out, const char *prefix, struct span data)
{
	uint32_t sum = prefix_sum(prefix), bits = 0;
	int held = 0;

	buf_text(out, prefix);
	buf_byte(out, '1');
	for (size_t i = 0; i < data.size || held > 0;) {
		uint8_t value;

		if (held < 5 && i < data.size) {
			bits = (bits << 8 | data.data[i++]) & 0xfff;
			held += 8;
		}
		value = (uint8_t)((held >= 5 ? bits >> (held - 5) : bits << (5 - held)) & 31);
		held -= 5;
		sum = step(sum, value);
		buf_byte(out, (uint8_t)letters[value]);
	}
	for (int i = 0; i < CHECKSUM; i++)
		sum = step(sum, 0);
	sum ^= 1;
	for (int i = 0; i < CHECKSUM; i++)
		buf_byte(out, (uint8_t)letters[sum >> 5 * (5 - i) & 31]);
}

/* The text in lower case, if it does not mix cases. */
static bool lower(struct span text, uint8_t out[BECH32_MAX])
{
	bool any_lower = false, any_upper = false;

	if (text.size > BECH32_MAX)
		return false;
	for (size_t i = 0; i < text.size; i++) {
		uint8_t c = text.data[i];

		any_lower |= c >= 'a' && c <= 'z';
		any_upper |= c >= 'A' && c <= 'Z';
		out[i] = c >= 'A' && c <= 'Z' ? (uint8_t)(c + 32) : c;
	}
	return !(any_lower && any_upper);
}

bool bech32_decode(struct buf *out, const char *prefix, struct span text)
{
	uint8_t folded[BECH32_MAX];
	struct span rest = { folded, text.size };
	uint32_t sum = prefix_sum(prefix), bits = 0;
	size_t start = out->size;
	int held = 0;
	bool ok = prefix[0] && lower(text, folded) && span_starts(rest, prefix);

	rest = span_part(rest, strlen(prefix), rest.size);
	ok = ok && rest.size > CHECKSUM && rest.data[0] == '1';
	rest = span_part(rest, 1, rest.size);
	for (size_t i = 0; ok && i < rest.size; i++) {
		const char *letter = rest.data[i] ? strchr(letters, rest.data[i]) : NULL;

		if (!letter) {
			ok = false;
			break;
		}
		sum = step(sum, (uint8_t)(letter - letters));
		if (i + CHECKSUM >= rest.size)
			continue;
		bits = (bits << 5 | (uint32_t)(letter - letters)) & 0xfff;
		held += 5;
		if (held >= 8) {
			held -= 8;
			buf_byte(out, (uint8_t)(bits >> held));
		}
	}
	/* Bits that fill up the last letter are zero and fewer than a letter's. */
	ok = ok && sum == 1 && held < 5 && !(bits & ((1u << held) - 1));
	if (!ok)
		out->size = start;
	return ok;
}
