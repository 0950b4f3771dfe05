/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/source.h"

int64_t source_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	int64_t got = s->read(s, bytes, size, f);

	if (got > 0)
		s->offset += got;
	return got;
}

int64_t source_fill(struct source *s, void *bytes, size_t size, struct fail *f)
{
	size_t filled = 0;

	while (filled < size) {
		int64_t got = source_read(s, (uint8_t *)bytes + filled, size - filled, f);

		if (got < 0)
			return -1;
		if (got == 0)
			break;
		filled += (size_t)got;
	}
	return (int64_t)filled;
}

int64_t source_skip(struct source *s)
{
	int64_t hole = s->skip ? s->skip(s) : 0;

	s->offset += hole;
	return hole;
}

int source_drain(struct source *s, struct fail *f)
{
	uint8_t bytes[16384];
	int64_t got;

	while ((got = source_read(s, bytes, sizeof bytes, f)) > 0)
		;
	return (int)got;
}

static int64_t memory_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct memory_source *m = (struct memory_source *)s;
	struct span part = span_part(m->bytes, at < 0 ? SIZE_MAX : (size_t)at, size);

	(void)f;
	if (part.size)
		memcpy(bytes, part.data, part.size);
	return (int64_t)part.size;
}

static int64_t memory_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	return memory_read_at(s, s->offset, bytes, size, f);
}

void memory_source_init(struct memory_source *m, struct span bytes)
{
	*m = (struct memory_source){
		.source = { .size = (int64_t)bytes.size, .read = memory_read, .read_at = memory_read_at },
		.bytes = bytes,
	};
}
