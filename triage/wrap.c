/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/wrap.h"

#include "lib/text.h"

enum { NARROWEST = 20 };

static bool closes(uint32_t c)
{
	static const uint32_t closing[] = {
		0x3001, 0x3002, 0xff09, 0x300d, 0x300f, 0xff1a, 0xff0c, 0xff0e, 0x30fc, ')', ',', '.', ':',
	};

	for (size_t i = 0; i < sizeof closing / sizeof *closing; i++)
		if (closing[i] == c)
			return true;
	return false;
}

static void blanks(struct buf *out, size_t count)
{
	while (count--)
		buf_byte(out, ' ');
}

static void add_line(struct buf *out, struct span line, size_t indent)
{
	blanks(out, indent);
	buf_add(out, span_trim(line));
	buf_byte(out, '\n');
}

void wrap_text(struct buf *out, struct span text, size_t width, size_t indent)
{
	size_t start = 0, chance = 0, at = 0, used = 0;
	size_t most = width > indent + NARROWEST ? width - indent : NARROWEST;
	struct span rest = text;
	bool wide_before = false, valid;

	while (rest.size) {
		uint32_t c = text_next(&rest, &valid);
		size_t next = text.size - rest.size, w = text_width(span_part(text, at, next - at));

		if ((wide_before || w > 1) && !closes(c))
			chance = at;
		wide_before = w > 1;
		if (used + w > most && at > start && c != ' ') {
			size_t cut = chance > start ? chance : at;

			add_line(out, span_part(text, start, cut - start), indent);
			start = cut;
			used = text_width(span_part(text, start, at - start));
		}
		used += w;
		at = next;
		if (c == ' ')
			chance = at;
	}
	if (start < text.size)
		add_line(out, span_part(text, start, text.size - start), indent);
}

void wrap_cell(struct buf *out, struct span text, size_t width)
{
	bool cut = text_width(text) > width, valid;
	size_t room = cut && width ? width - 1 : width, used = 0;
	struct span rest = text;

	while (rest.size) {
		size_t at = text.size - rest.size;
		struct span one;

		text_next(&rest, &valid);
		one = span_part(text, at, text.size - rest.size - at);
		if (used + text_width(one) > room)
			break;
		used += text_width(one);
		buf_add(out, one);
	}
	if (cut && width) {
		buf_text(out, "…");
		used++;
	}
	blanks(out, width > used ? width - used : 0);
}
