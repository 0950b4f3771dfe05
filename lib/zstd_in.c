/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/zstd_in.h"

#include <stdlib.h>
#include <zstd.h>

#include "lib/zstd_out.h"

enum { CHUNK = 128 << 10, MAGIC = 4, STORED_SIZE = 9, BLOCK_SIZE = 3 };

/* What the next bytes below are. */
enum part { PART_BETWEEN, PART_FRAME, PART_STORED_BLOCK, PART_STORED_BYTES };

struct zstd_in {
	struct source source;
	struct source *below;
	ZSTD_DCtx *context;
	struct hash *frame_hash, *all_hash;
	struct zstd_in_facts facts;
	struct fail why;                    /* of a state that ends reading with -1 */
	enum part part;
	bool storing, last_block, below_end;
	bool hashing, filled;               /* a frame's digest is not yet ended; its filler was there */
	int64_t stored_left, block_left;    /* of a stored frame */
	int64_t taken;                      /* bytes taken from below */
	size_t at, size;                    /* what is unread of `bytes` */
	uint8_t bytes[CHUNK];
};

static int stop(struct zstd_in *z, enum zstd_in_state state)
{
	struct digests digest;
	struct fail ignored;

	if (z->facts.state != ZSTD_IN_RUNS)
		return -1;
	z->facts.state = state;
	if (hash_end(z->all_hash, &digest, &ignored) == 0)
		memcpy(z->facts.all, digest.sha256, SHA256_SIZE);
	return -1;
}

static int corrupt(struct zstd_in *z, const char *why)
{
	fail_set(&z->why, "the compressed data are damaged or forged (%s)", why);
	return stop(z, ZSTD_IN_CORRUPT);
}

/* Has at least `need` bytes at hand, or all there are; -1 only where the source fails. */
static int need(struct zstd_in *z, size_t size)
{
	while (z->size - z->at < size && !z->below_end) {
		int64_t got;

		memmove(z->bytes, z->bytes + z->at, z->size - z->at);
		z->size -= z->at;
		z->at = 0;
		got = source_read(z->below, z->bytes + z->size, CHUNK - z->size, &z->why);
		if (got < 0)
			return stop(z, ZSTD_IN_FAILED);
		if (got == 0)
			z->below_end = true;
		hash_add(z->all_hash, (struct span){ z->bytes + z->size, (size_t)got });
		z->size += (size_t)got;
		z->taken += got;
	}
	return 0;
}

static void take(struct zstd_in *z, size_t size)
{
	hash_add(z->frame_hash, (struct span){ z->bytes + z->at, size });
	z->at += size;
}

static int end_frame(struct zstd_in *z)
{
	z->facts.frames++;
	z->facts.stored = z->storing;
	z->filled = false;
	z->part = PART_BETWEEN;
	return 0;
}

/* The frame before is over, with its filler. */
static int end_digest(struct zstd_in *z)
{
	struct digests digest;

	if (!z->hashing)
		return 0;
	z->hashing = false;
	if (hash_end(z->frame_hash, &digest, &z->why))
		return stop(z, ZSTD_IN_FAILED);
	memcpy(z->facts.frame, digest.sha256, SHA256_SIZE);
	return 0;
}

/* Zeros behind a frame, in a skippable frame: once, and nothing else than zeros. */
static int take_filler(struct zstd_in *z)
{
	int64_t left;
	const uint8_t *b;

	if (need(z, ZSTD_FILLER))
		return -1;
	if (z->size - z->at < ZSTD_FILLER)
		return stop(z, ZSTD_IN_CUT);
	b = z->bytes + z->at;
	left = (int64_t)b[4] | (int64_t)b[5] << 8 | (int64_t)b[6] << 16 | (int64_t)b[7] << 24;
	if (!z->hashing || z->filled || z->facts.stored || left > ZSTD_FILLER_MOST)
		return corrupt(z, "a skippable frame that does not belong there");
	take(z, ZSTD_FILLER);
	z->filled = true;
	while (left) {
		size_t part;

		if (need(z, 1))
			return -1;
		part = z->size - z->at < (size_t)left ? z->size - z->at : (size_t)left;
		if (!part)
			return stop(z, ZSTD_IN_CUT);
		for (size_t i = 0; i < part; i++)
			if (z->bytes[z->at + i])
				return corrupt(z, "a filler that is not zero");
		take(z, part);
		left -= (int64_t)part;
	}
	return 0;
}

static int begin_stored(struct zstd_in *z)
{
	const uint8_t *size;

	if (need(z, STORED_SIZE))
		return -1;
	if (z->size - z->at < STORED_SIZE)
		return stop(z, ZSTD_IN_CUT);
	size = z->bytes + z->at + MAGIC + 1;
	z->stored_left = (int64_t)size[0] | (int64_t)size[1] << 8 | (int64_t)size[2] << 16 | (int64_t)size[3] << 24;
	if (z->stored_left > ZSTD_STORED_MOST)
		return corrupt(z, "a stored frame is too long");
	take(z, STORED_SIZE);
	z->storing = true;
	z->part = PART_STORED_BLOCK;
	return 0;
}

/* What the magic number at hand begins. */
static bool begins(const struct zstd_in *z, const char *magic)
{
	size_t held = z->size - z->at;

	return memcmp(z->bytes + z->at, magic, held < MAGIC ? held : MAGIC) == 0;
}

static int begin_frame(struct zstd_in *z)
{
	size_t held;

	if (need(z, MAGIC + 1))
		return -1;
	held = z->size - z->at;
	if (!held)
		return end_digest(z) ? -1 : stop(z, ZSTD_IN_ENDED);
	if (begins(z, "\x50\x2a\x4d\x18"))
		return take_filler(z);
	if (!begins(z, "\x28\xb5\x2f\xfd"))
		return corrupt(z, z->facts.frames ? "other data between or behind the frames" : "not zstd");
	if (held < MAGIC + 1)
		return stop(z, ZSTD_IN_CUT);
	if (end_digest(z))
		return -1;
	hash_start(z->frame_hash);
	z->hashing = true;
	if (z->bytes[z->at + MAGIC] == ZSTD_STORED_HEADER)
		return begin_stored(z);
	ZSTD_DCtx_reset(z->context, ZSTD_reset_session_only);
	z->storing = false;
	z->part = PART_FRAME;
	return 0;
}

/* Three bytes: size, type 0 (raw), whether it is the last; only the one form is accepted. */
static int begin_block(struct zstd_in *z)
{
	const uint8_t *b;
	uint32_t header;
	int64_t whole = z->stored_left < ZSTD_STORED_BLOCK ? z->stored_left : ZSTD_STORED_BLOCK;

	if (need(z, BLOCK_SIZE))
		return -1;
	if (z->size - z->at < BLOCK_SIZE)
		return stop(z, ZSTD_IN_CUT);
	b = z->bytes + z->at;
	header = (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16;
	z->last_block = header & 1;
	if ((header & 6) != 0 || header >> 3 != whole || z->last_block != (whole == z->stored_left))
		return corrupt(z, "a stored block has another form");
	take(z, BLOCK_SIZE);
	z->block_left = whole;
	z->part = PART_STORED_BYTES;
	return 0;
}

static int64_t stored_bytes(struct zstd_in *z, uint8_t *to, size_t size)
{
	size_t held;

	if (!z->block_left) {
		if (z->last_block)
			return end_frame(z);
		z->part = PART_STORED_BLOCK;
		return 0;
	}
	if (need(z, 1))
		return -1;
	held = z->size - z->at;
	if (!held)
		return stop(z, ZSTD_IN_CUT);
	if (size > held)
		size = held;
	if (size > (size_t)z->block_left)
		size = (size_t)z->block_left;
	memcpy(to, z->bytes + z->at, size);
	take(z, size);
	z->block_left -= (int64_t)size;
	z->stored_left -= (int64_t)size;
	return (int64_t)size;
}

static int64_t frame_bytes(struct zstd_in *z, uint8_t *to, size_t size)
{
	ZSTD_outBuffer out = { to, size, 0 };
	ZSTD_inBuffer in;
	size_t left, before;

	if (need(z, 1))
		return -1;
	in = (ZSTD_inBuffer){ z->bytes, z->size, z->at };
	before = z->at;
	left = ZSTD_decompressStream(z->context, &out, &in);
	if (ZSTD_isError(left))
		return corrupt(z, ZSTD_getErrorName(left));
	take(z, in.pos - before);
	if (left == 0 && end_frame(z))
		return -1;
	/* Nothing taken and nothing given: the frame wants bytes that are not there. */
	if (left && !out.pos && in.pos == before && z->below_end)
		return stop(z, ZSTD_IN_CUT);
	return (int64_t)out.pos;
}

static int64_t zstd_read(struct source *s, void *to, size_t size, struct fail *f)
{
	struct zstd_in *z = (struct zstd_in *)s;
	int64_t got = 0;

	while (size && !got && z->facts.state == ZSTD_IN_RUNS) {
		switch (z->part) {
		case PART_BETWEEN: got = begin_frame(z); break;
		case PART_FRAME: got = frame_bytes(z, to, size); break;
		case PART_STORED_BLOCK: got = begin_block(z); break;
		case PART_STORED_BYTES: got = stored_bytes(z, to, size); break;
		}
	}
	if (got > 0 && s->offset + got > ZSTD_IN_FREE && (s->offset + got) / ZSTD_IN_RATIO > z->taken)
		got = corrupt(z, "it grows beyond all measure");
	if (z->facts.state != ZSTD_IN_CORRUPT && z->facts.state != ZSTD_IN_FAILED)
		return got > 0 ? got : 0;
	*f = z->why;
	return -1;
}

int zstd_in_open(struct source **s, struct source *below, struct fail *f)
{
	struct zstd_in *z = calloc(1, sizeof *z);

	if (!z)
		return fail_set(f, "out of memory");
	z->source = (struct source){ .size = -1, .read = zstd_read };
	z->below = below;
	z->context = ZSTD_createDCtx();
	if (!z->context ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z->context, ZSTD_d_windowLogMax, ZSTD_IN_WINDOW_LOG))) {
		zstd_in_close(&z->source);
		return fail_set(f, "out of memory");
	}
	if (hash_open(&z->frame_hash, HASH_SHA256, f) || hash_open(&z->all_hash, HASH_SHA256, f)) {
		zstd_in_close(&z->source);
		return -1;
	}
	hash_start(z->all_hash);
	*s = &z->source;
	return 0;
}

const struct zstd_in_facts *zstd_in_facts(const struct source *s)
{
	return &((const struct zstd_in *)s)->facts;
}

void zstd_in_close(struct source *s)
{
	struct zstd_in *z = (struct zstd_in *)s;

	if (!z)
		return;
	ZSTD_freeDCtx(z->context);
	hash_close(z->frame_hash);
	hash_close(z->all_hash);
	free(z);
}
