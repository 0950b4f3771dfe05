/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/lines.h"

enum { CHUNK = 1 << 16 };

void lines_init(struct lines *l, struct source *in)
{
	*l = (struct lines){ .in = in, .offset = in->offset };
}

/* Moves the unread rest to the front and reads another chunk behind it. */
static int refill(struct lines *l, struct fail *f)
{
	int64_t got;
	uint8_t *room;

	if (l->at)
		memmove(l->held.data, l->held.data + l->at, l->held.size - l->at);
	l->held.size -= l->at;
	l->at = 0;
	room = buf_room(&l->held, CHUNK);
	if (!room)
		return fail_set(f, "out of memory");
	got = source_read(l->in, room, CHUNK, f);
	if (got < 0)
		return -1;
	l->held.size += (size_t)got;
	l->end = got == 0;
	return 0;
}

int lines_next(struct lines *l, struct line *line, struct fail *f)
{
	size_t searched = 0;

	for (;;) {
		struct span rest = span_part(buf_span(&l->held), l->at, l->held.size);
		size_t at = searched + span_find(span_part(rest, searched, rest.size), '\n');
		/* Whether a line is too long must not hang on how much was read so far. */
		bool found = at < rest.size && at <= LINE_BYTES, longer = !found && rest.size > LINE_BYTES;

		if (found || longer || (l->end && rest.size)) {
			size_t size = found ? at : longer ? LINE_BYTES : rest.size;

			*line = (struct line){ .text = { rest.data, size }, .offset = l->offset,
			                       .length = (int64_t)size + found, .ended = found,
			                       .cut = longer };
			if (found && size && rest.data[size - 1] == '\r')
				line->text.size--;
			l->at += (size_t)line->length;
			l->offset += line->length;
			return 1;
		}
		if (l->end)
			return 0;
		searched = rest.size;
		if (refill(l, f))
			return -1;
	}
}

void lines_done(struct lines *l)
{
	buf_done(&l->held);
}
