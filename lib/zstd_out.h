/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ZSTD_OUT_H
#define KAKE_ZSTD_OUT_H
/*
 * An output that compresses with zstd (RFC 8878) into the one below. settle() ends the frame, so
 * that everything before it can be read whatever follows; the next byte begins a new frame. Where
 * the layer below settles whole granules only, a skippable frame of zeros fills up the last one and
 * belongs to the frame before it.
 */
#include "lib/hash.h"
#include "lib/output.h"

enum {
	ZSTD_OUT_LEVEL = 3,
	ZSTD_STORED_BLOCK = 128 << 10,      /* content of a block of a stored frame */
	ZSTD_STORED_HEADER = 0xa0,          /* frame header descriptor: one segment, 4-byte size, no checksum */
	ZSTD_STORED_MOST = 64 << 20,        /* content of a stored frame */
	ZSTD_FILLER = 8,                    /* bytes in front of a filler's zeros */
	ZSTD_FILLER_MOST = 1 << 20,         /* zeros of a filler */
};

/* Takes over `below`; it is closed with this one, also where this fails. */
int zstd_out_open(struct output **o, struct output *below, struct fail *f);
/*
 * From here to the next settle: a frame that is not compressed, in the one form that its content
 * allows, so that no byte of it can change unseen. Only between frames.
 */
void zstd_out_store(struct output *o);
/* Digest of the last frame that was ended, with its filler; all zero before the first. */
const uint8_t *zstd_out_frame(const struct output *o);
/* Bytes passed below so far. */
int64_t zstd_out_written(const struct output *o);
#endif
