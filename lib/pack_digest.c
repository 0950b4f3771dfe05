/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack_digest.h"

static const uint8_t zeros[DIGEST_BLOCK];

int content_digest_open(struct content_digest *d, struct fail *f)
{
	*d = (struct content_digest){ 0 };
	if (hash_open(&d->plain, HASH_SHA256, f))
		return -1;
	if (hash_open(&d->blocks, HASH_SHA256, f) == 0)
		return 0;
	content_digest_close(d);
	return -1;
}

void content_digest_start(struct content_digest *d, int64_t size, bool sparse)
{
	d->use_blocks = sparse;
	d->use_plain = !sparse || size <= DIGEST_PLAIN_MOST;
	d->at = 0;
	d->held = 0;
	if (d->use_plain)
		hash_start(d->plain);
	if (d->use_blocks)
		hash_start(d->blocks);
}

static void add_number(struct hash *h, int64_t number)
{
	uint8_t bytes[8];

	for (int i = 0; i < 8; i++)
		bytes[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
	hash_add(h, (struct span){ bytes, sizeof bytes });
}

static void add_block(struct content_digest *d, int64_t at, struct span block)
{
	if (memcmp(block.data, zeros, block.size) == 0)
		return;
	add_number(d->blocks, at);
	hash_add(d->blocks, block);
}

static void add_to_blocks(struct content_digest *d, struct span bytes)
{
	int64_t at = d->at - (int64_t)d->held;

	if (d->held) {
		struct span part = span_part(bytes, 0, DIGEST_BLOCK - d->held);

		if (part.size)
			memcpy(d->block + d->held, part.data, part.size);
		d->held += part.size;
		bytes = span_part(bytes, part.size, bytes.size);
		if (d->held < DIGEST_BLOCK)
			return;
		add_block(d, at, (struct span){ d->block, DIGEST_BLOCK });
		d->held = 0;
		at += DIGEST_BLOCK;
	}
	for (; bytes.size >= DIGEST_BLOCK; at += DIGEST_BLOCK) {
		add_block(d, at, span_part(bytes, 0, DIGEST_BLOCK));
		bytes = (struct span){ bytes.data + DIGEST_BLOCK, bytes.size - DIGEST_BLOCK };
	}
	if (bytes.size)
		memcpy(d->block, bytes.data, bytes.size);
	d->held = bytes.size;
}

void content_digest_add(struct content_digest *d, struct span bytes)
{
	if (d->use_plain)
		hash_add(d->plain, bytes);
	if (d->use_blocks)
		add_to_blocks(d, bytes);
	d->at += (int64_t)bytes.size;
}

void content_digest_hole(struct content_digest *d, int64_t length)
{
	while (length > 0) {
		int64_t step = length < DIGEST_BLOCK - (int64_t)d->held ? length :
		               DIGEST_BLOCK - (int64_t)d->held;

		/* Whole blocks of zeros mean nothing to the digest over blocks: over them at once. */
		if (!d->held && !d->use_plain && length >= DIGEST_BLOCK) {
			step = length - length % DIGEST_BLOCK;
			d->at += step;
		} else {
			content_digest_add(d, (struct span){ zeros, (size_t)step });
		}
		length -= step;
	}
}

int content_digest_end(struct content_digest *d, uint8_t plain[SHA256_SIZE],
                       uint8_t blocks[SHA256_SIZE], struct fail *f)
{
	struct digests digests;

	if (d->use_blocks) {
		if (d->held)
			add_block(d, d->at - (int64_t)d->held, (struct span){ d->block, d->held });
		add_number(d->blocks, d->at);
		if (hash_end(d->blocks, &digests, f))
			return -1;
		memcpy(blocks, digests.sha256, SHA256_SIZE);
	}
	if (d->use_plain) {
		if (hash_end(d->plain, &digests, f))
			return -1;
		memcpy(plain, digests.sha256, SHA256_SIZE);
	}
	return 0;
}

void content_digest_close(struct content_digest *d)
{
	hash_close(d->plain);
	hash_close(d->blocks);
	d->plain = d->blocks = NULL;
}
