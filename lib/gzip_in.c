/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/gzip_in.h"

#include <stdlib.h>
#include <zlib.h>

enum { CHUNK = 1 << 16, GZIP_ONLY = 16 + MAX_WBITS };

struct gzip_in {
	struct source source;
	struct source *below;
	z_stream stream;
	int64_t most;
	bool inside;                     /* a member has begun and not ended */
	bool end, wrong;
	struct fail problem;
	uint8_t bytes[CHUNK];
};

/* Ends the contents for the reason in `problem`; reading goes on to give 0. */
static void give_up(struct gzip_in *g)
{
	g->end = true;
	g->wrong = true;
}

/* 1 with input at hand, 0 at the end of the source below, -1 failed. */
static int refill(struct gzip_in *g, struct fail *f)
{
	int64_t got;

	if (g->stream.avail_in)
		return 1;
	got = source_read(g->below, g->bytes, sizeof g->bytes, f);
	if (got <= 0)
		return (int)got;
	g->stream.next_in = g->bytes;
	g->stream.avail_in = (uInt)got;
	return 1;
}

/* Between members: another one, zeros that pad the file, or rubbish. */
static void begin_member(struct gzip_in *g)
{
	while (g->stream.avail_in && g->source.offset && !*g->stream.next_in) {
		g->stream.next_in++;
		g->stream.avail_in--;
	}
	if (!g->stream.avail_in)
		return;
	if (*g->stream.next_in != 0x1f) {
		if (g->source.offset)
			fail_set(&g->problem, "bytes that are no gzip data follow the contents");
		else
			fail_set(&g->problem, "not gzip data");
		give_up(g);
		return;
	}
	inflateReset(&g->stream);
	g->inside = true;
}

static void inflate_some(struct gzip_in *g)
{
	switch (inflate(&g->stream, Z_NO_FLUSH)) {
	case Z_OK:
	case Z_BUF_ERROR:
		break;
	case Z_STREAM_END:
		g->inside = false;
		break;
	case Z_MEM_ERROR:
		fail_set(&g->problem, "out of memory");
		give_up(g);
		break;
	default:
		fail_set(&g->problem, "the gzip data are damaged here");
		give_up(g);
	}
}

static int64_t gzip_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct gzip_in *g = (struct gzip_in *)s;
	int got;

	if (size > (size_t)CHUNK * 16)
		size = (size_t)CHUNK * 16;
	g->stream.next_out = bytes;
	g->stream.avail_out = (uInt)size;
	while (!g->end && g->stream.avail_out == size) {
		got = refill(g, f);
		if (got < 0)
			return -1;
		if (got == 0) {
			if (g->inside) {
				fail_set(&g->problem, "the gzip data end too soon");
				give_up(g);
			}
			g->end = true;
		} else if (!g->inside) {
			begin_member(g);
		} else {
			inflate_some(g);
		}
	}
	size -= g->stream.avail_out;
	if (g->source.offset + (int64_t)size > g->most) {
		fail_set(&g->problem, "the contents of the gzip file are larger than the limit; the rest is left out");
		give_up(g);
		size = (size_t)(g->most - g->source.offset);
	}
	return (int64_t)size;
}

int gzip_in_open(struct gzip_in **out, struct source *below, int64_t most, struct fail *f)
{
	struct gzip_in *g = calloc(1, sizeof *g);

	if (!g || inflateInit2(&g->stream, GZIP_ONLY) != Z_OK) {
		free(g);
		return fail_set(f, "out of memory");
	}
	g->source = (struct source){ .size = -1, .read = gzip_read };
	g->below = below;
	g->most = most;
	*out = g;
	return 0;
}

struct source *gzip_in_source(struct gzip_in *g)
{
	return &g->source;
}

const struct fail *gzip_in_problem(const struct gzip_in *g)
{
	return g->wrong ? &g->problem : NULL;
}

void gzip_in_close(struct gzip_in *g)
{
	if (!g)
		return;
	inflateEnd(&g->stream);
	free(g);
}
