/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/zstd_out.h"

#include <stdlib.h>
#include <zstd.h>

#include "lib/buf.h"
#include "lib/os.h"

enum { JOB = 2 << 20, WORKERS = 2 };

struct zstd_out {
	struct output output;
	struct output *below;
	ZSTD_CCtx *context;
	struct hash *hash;
	uint8_t frame[SHA256_SIZE];
	int64_t written;
	bool open, storing;              /* within a frame; this frame is stored */
	struct buf stored;               /* content of the stored frame */
	struct buf room;                 /* what the compressor made */
};

static void begin(struct zstd_out *z)
{
	if (!z->open)
		hash_start(z->hash);
	z->open = true;
}

/* Passes bytes of a frame below. */
static int pass(struct zstd_out *z, struct span bytes, struct fail *f)
{
	begin(z);
	hash_add(z->hash, bytes);
	z->written += (int64_t)bytes.size;
	return z->below->write(z->below, bytes, f);
}

static int compress(struct zstd_out *z, struct span bytes, ZSTD_EndDirective how, struct fail *f)
{
	ZSTD_inBuffer in = { bytes.data, bytes.size, 0 };
	size_t left;

	do {
		ZSTD_outBuffer out = { z->room.data, z->room.capacity, 0 };

		left = ZSTD_compressStream2(z->context, &out, &in, how);
		if (ZSTD_isError(left))
			return fail_set(f, "compressing failed: %s", ZSTD_getErrorName(left));
		if (out.pos && pass(z, (struct span){ z->room.data, out.pos }, f))
			return -1;
	} while (how == ZSTD_e_continue ? in.pos < in.size : left > 0);
	return 0;
}

static int zstd_write(struct output *o, struct span bytes, struct fail *f)
{
	struct zstd_out *z = (struct zstd_out *)o;

	if (!bytes.size)
		return 0;
	if (!z->storing) {
		begin(z);
		return compress(z, bytes, ZSTD_e_continue, f);
	}
	if (bytes.size > ZSTD_STORED_MOST - z->stored.size)
		return fail_set(f, "more than %d bytes for a stored frame", ZSTD_STORED_MOST);
	buf_add(&z->stored, bytes);
	return z->stored.bad ? fail_set(f, "out of memory") : 0;
}

static void little(uint8_t *to, size_t number, int bytes)
{
	for (int i = 0; i < bytes; i++)
		to[i] = (uint8_t)(number >> (8 * i));
}

/* RFC 8878, 3.1.1: magic, descriptor, content size, then raw blocks of a fixed size. */
static int write_stored(struct zstd_out *z, struct fail *f)
{
	uint8_t header[9] = { 0x28, 0xb5, 0x2f, 0xfd, ZSTD_STORED_HEADER };
	struct span rest = buf_span(&z->stored);

	little(header + 5, rest.size, 4);
	if (pass(z, (struct span){ header, sizeof header }, f))
		return -1;
	do {
		struct span block = span_part(rest, 0, ZSTD_STORED_BLOCK);

		rest = span_part(rest, block.size, rest.size);
		little(header, block.size << 3 | (rest.size == 0), 3);
		if (pass(z, (struct span){ header, 3 }, f) || pass(z, block, f))
			return -1;
	} while (rest.size);
	return 0;
}

/* RFC 8878, 3.1.2: a frame that every decompressor passes over. */
static int fill_up(struct zstd_out *z, struct fail *f)
{
	static const uint8_t zeros[4096];
	uint8_t header[ZSTD_FILLER] = { 0x50, 0x2a, 0x4d, 0x18 };
	size_t granule = z->below->granule, left = granule ? (size_t)z->written % granule : 0;

	if (!left)
		return 0;
	left = granule - left;
	if (left < ZSTD_FILLER)
		left += granule;
	left -= ZSTD_FILLER;
	if (left > ZSTD_FILLER_MOST)
		return 0;
	little(header + 4, left, 4);
	if (pass(z, (struct span){ header, sizeof header }, f))
		return -1;
	for (size_t part; left; left -= part) {
		part = left < sizeof zeros ? left : sizeof zeros;
		if (pass(z, (struct span){ zeros, part }, f))
			return -1;
	}
	return 0;
}

static int end_frame(struct zstd_out *z, bool fill, struct fail *f)
{
	struct digests digest;

	if (z->storing ? write_stored(z, f) : z->open ? compress(z, (struct span){ 0 }, ZSTD_e_end, f) : 0)
		return -1;
	if (z->open && fill && fill_up(z, f))
		return -1;
	z->storing = false;
	buf_clear(&z->stored);
	if (!z->open)
		return 0;
	z->open = false;
	if (hash_end(z->hash, &digest, f))
		return -1;
	memcpy(z->frame, digest.sha256, SHA256_SIZE);
	return 0;
}

static int zstd_settle(struct output *o, struct fail *f)
{
	struct zstd_out *z = (struct zstd_out *)o;

	return end_frame(z, true, f) ? -1 : z->below->settle(z->below, f);
}

static int zstd_end(struct output *o, struct fail *f)
{
	struct zstd_out *z = (struct zstd_out *)o;

	return end_frame(z, false, f) ? -1 : z->below->end(z->below, f);
}

static void zstd_close(struct output *o)
{
	struct zstd_out *z = (struct zstd_out *)o;

	if (!z)
		return;
	z->below->close(z->below);
	ZSTD_freeCCtx(z->context);
	hash_close(z->hash);
	buf_done(&z->stored);
	buf_done(&z->room);
	free(z);
}

int zstd_out_open(struct output **o, struct output *below, struct fail *f)
{
	struct zstd_out *z = calloc(1, sizeof *z);

	if (!z) {
		below->close(below);
		return fail_set(f, "out of memory");
	}
	z->below = below;
	z->output = (struct output){ zstd_write, zstd_settle, zstd_end, zstd_close };
	z->context = ZSTD_createCCtx();
	if (!z->context || !buf_room(&z->room, ZSTD_CStreamOutSize()) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->context, ZSTD_c_compressionLevel, ZSTD_OUT_LEVEL)) ||
	    ZSTD_isError(ZSTD_CCtx_setParameter(z->context, ZSTD_c_checksumFlag, 1))) {
		zstd_close(&z->output);
		return fail_set(f, "out of memory");
	}
	/* Compresses beside the reading and hashing; a library without threads refuses, which is fine. */
	ZSTD_CCtx_setParameter(z->context, ZSTD_c_nbWorkers, os_cores() > 1 ? WORKERS : 1);
	ZSTD_CCtx_setParameter(z->context, ZSTD_c_jobSize, JOB);
	if (hash_open(&z->hash, HASH_SHA256, f)) {
		zstd_close(&z->output);
		return -1;
	}
	*o = &z->output;
	return 0;
}

void zstd_out_store(struct output *o)
{
	((struct zstd_out *)o)->storing = true;
}

const uint8_t *zstd_out_frame(const struct output *o)
{
	return ((const struct zstd_out *)o)->frame;
}

int64_t zstd_out_written(const struct output *o)
{
	return ((const struct zstd_out *)o)->written;
}
