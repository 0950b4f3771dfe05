/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

enum { CHUNK = 1 << 16 };

struct spool { FILE *file; int64_t size; };

int spool_open(struct spool **out, struct fail *f)
{
	struct spool *s = calloc(1, sizeof *s);

	if (!s)
		return fail_set(f, "out of memory");
	s->file = tmpfile();
	if (!s->file) {
		free(s);
		return fail_errno(f, errno, "cannot make a temporary file");
	}
	*out = s;
	return 0;
}

int spool_fill(struct spool *s, struct source *in, bool *broken, struct fail *why, struct fail *f)
{
	uint8_t bytes[CHUNK];
	int64_t got;

	rewind(s->file);
	s->size = 0;
	while ((got = source_read(in, bytes, sizeof bytes, why)) > 0) {
		if (fwrite(bytes, 1, (size_t)got, s->file) != (size_t)got)
			return fail_errno(f, errno, "cannot write a temporary file");
		s->size += got;
	}
	if (fflush(s->file))
		return fail_errno(f, errno, "cannot write a temporary file");
	*broken = got < 0;
	return 0;
}

static int64_t spool_read_at(struct source *source, int64_t at, void *bytes, size_t size,
                             struct fail *f)
{
	struct spool *s = ((struct spool_source *)source)->spool;
	int64_t left = s->size - at;

	if (at < 0 || left <= 0)
		return 0;
	if ((int64_t)size > left)
		size = (size_t)left;
	if (fseek(s->file, (long)at, SEEK_SET))
		return fail_errno(f, errno, "cannot read a temporary file");
	size = fread(bytes, 1, size, s->file);
	return size ? (int64_t)size : fail_errno(f, errno, "cannot read a temporary file");
}

static int64_t spool_read(struct source *source, void *bytes, size_t size, struct fail *f)
{
	return size ? spool_read_at(source, source->offset, bytes, size, f) : 0;
}

void spool_source_init(struct spool_source *out, struct spool *s)
{
	*out = (struct spool_source){
		.source = { .size = s->size, .read = spool_read, .read_at = spool_read_at }, .spool = s,
	};
}

void spool_close(struct spool *s)
{
	if (!s)
		return;
	fclose(s->file);
	free(s);
}
