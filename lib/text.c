/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/text.h"

uint32_t text_next(struct span *rest, bool *valid)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	uint8_t first = rest->data[0];
	size_t size = first < 0x80 ? 1 : first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
	uint32_t code = size == 1 ? first : first & (0x7fu >> size);

	*valid = first < 0x80 || (first >= 0xc2 && first <= 0xf4 && size <= rest->size);
	for (size_t i = 1; *valid && i < size; i++) {
		if ((rest->data[i] & 0xc0) != 0x80)
			*valid = false;
		code = code << 6 | (rest->data[i] & 0x3fu);
	}
	if (*valid && (code < least[size] || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)))
		*valid = false;
	if (!*valid) {
		*rest = span_part(*rest, 1, rest->size);
		return 0xfffd;
	}
	*rest = span_part(*rest, size, rest->size);
	return code;
}

bool text_is_utf8(struct span bytes)
{
	bool valid = true;

	while (bytes.size && valid) {
		if (bytes.data[0] < 0x80) {
			bytes.data++;
			bytes.size--;
			continue;
		}
		text_next(&bytes, &valid);
	}
	return valid;
}

/* Adds the character that *rest begins with, or U+FFFD. Returns its code. */
static uint32_t peek(struct span *rest, struct span *bytes)
{
	static const uint8_t replacement[] = { 0xef, 0xbf, 0xbd };
	const uint8_t *start = rest->data;
	bool valid;
	uint32_t code = text_next(rest, &valid);

	*bytes = valid ? (struct span){ start, (size_t)(rest->data ? rest->data - start : 0) } :
	                 (struct span){ replacement, sizeof replacement };
	if (valid && !rest->data)
		bytes->size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	return code;
}

void text_shown(struct buf *out, struct span bytes)
{
	struct span one;

	while (bytes.size) {
		peek(&bytes, &one);
		buf_add(out, one);
	}
}

static bool acts(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || code == 0x200e ||
	       code == 0x200f || (code >= 0x2028 && code <= 0x202e) ||
	       (code >= 0x2066 && code <= 0x2069) || code == 0xfeff;
}

static void escaped(struct buf *out, uint32_t code)
{
	if (code < 0x100)
		buf_printf(out, "\\x%02x", code);
	else
		buf_printf(out, "\\u{%04x}", code);
}

void text_terminal(struct buf *out, struct span bytes)
{
	struct span one;

	while (bytes.size) {
		uint32_t code = peek(&bytes, &one);

		if (acts(code))
			escaped(out, code);
		else
			buf_add(out, one);
	}
}

void text_html(struct buf *out, struct span bytes)
{
	struct span one;

	while (bytes.size) {
		uint32_t code = peek(&bytes, &one);

		switch (code) {
		case '&': buf_text(out, "&amp;"); break;
		case '<': buf_text(out, "&lt;"); break;
		case '>': buf_text(out, "&gt;"); break;
		case '"': buf_text(out, "&quot;"); break;
		case '\'': buf_text(out, "&#39;"); break;
		default:
			if (acts(code))
				escaped(out, code);
			else
				buf_add(out, one);
		}
	}
}

void text_csv(struct buf *out, struct span bytes)
{
	struct span one;
	int64_t number;

	buf_byte(out, '"');
	if (bytes.size && strchr("=+-@\t\r", bytes.data[0]) && bytes.data[0] &&
	    !span_number(bytes, &number))
		buf_byte(out, '\'');
	while (bytes.size) {
		uint32_t code = peek(&bytes, &one);

		if (code == '"')
			buf_byte(out, '"');
		buf_add(out, one);
	}
	buf_byte(out, '"');
}

static bool is_wide(uint32_t code)
{
	return (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0x303e) ||
	       (code >= 0x3041 && code <= 0xa4cf) || (code >= 0xac00 && code <= 0xd7a3) ||
	       (code >= 0xf900 && code <= 0xfaff) || (code >= 0xfe30 && code <= 0xfe6f) ||
	       (code >= 0xff00 && code <= 0xff60) || (code >= 0xffe0 && code <= 0xffe6) ||
	       (code >= 0x1f300 && code <= 0x1f64f) || (code >= 0x1f900 && code <= 0x1f9ff) ||
	       (code >= 0x20000 && code <= 0x3fffd);
}

static bool is_combining(uint32_t code)
{
	return (code >= 0x300 && code <= 0x36f) || code == 0x3099 || code == 0x309a ||
	       code == 0x200b || code == 0x200d || (code >= 0xfe00 && code <= 0xfe0f);
}

size_t text_width(struct span bytes)
{
	size_t width = 0;
	bool valid;

	while (bytes.size) {
		uint32_t code = text_next(&bytes, &valid);

		width += is_wide(code) ? 2 : is_combining(code) ? 0 : 1;
	}
	return width;
}
