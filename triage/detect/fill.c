/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/fill.h"

void fill_cut(struct buf *out, struct span text, size_t most)
{
	size_t size = text.size < most ? text.size : most;

	while (size && size < text.size && (text.data[size] & 0xc0) == 0x80)
		size--;
	buf_add(out, span_part(text, 0, size));
	if (size < text.size)
		buf_text(out, "…");
}

void fill_subject(struct buf *out, struct span subject)
{
	buf_clear(out);
	fill_cut(out, subject, FILL_BYTES);
}

void fill_text(struct buf *out, const char *text, const struct span values[FILL_VALUES])
{
	buf_clear(out);
	for (const char *c = text; *c; c++) {
		if (c[0] != '{' || c[1] < '1' || c[1] > '0' + FILL_VALUES || c[2] != '}') {
			buf_byte(out, (uint8_t)*c);
			continue;
		}
		if (values[c[1] - '1'].size)
			fill_cut(out, values[c[1] - '1'], FILL_BYTES);
		else
			buf_byte(out, '-');
		c += 2;
	}
}
