/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_DIGEST_H
#define KAKE_PACK_DIGEST_H
/*
 * Digests of a member's logical content as docs/format.md defines them: `sha256` of all its bytes
 * (for files with holes up to 256 MiB only), and `sha256_blocks`, for files with holes, over those
 * 4096-byte blocks that are not all zero. The latter is the same wherever a file system put its
 * holes, and costs nothing for them.
 */
#include "lib/hash.h"

enum { DIGEST_BLOCK = 4096, DIGEST_PLAIN_MOST = 256 << 20 };

struct content_digest {
	struct hash *plain, *blocks;
	bool use_plain, use_blocks;
	int64_t at;                         /* logical offset */
	size_t held;                        /* bytes of an unfinished block */
	uint8_t block[DIGEST_BLOCK];
};

int content_digest_open(struct content_digest *d, struct fail *f);
void content_digest_start(struct content_digest *d, int64_t size, bool sparse);
/* The next bytes, in order. */
void content_digest_add(struct content_digest *d, struct span bytes);
/* The next `length` bytes are zero. */
void content_digest_hole(struct content_digest *d, int64_t length);
/* Fills in what was computed: use_plain and use_blocks tell. */
int content_digest_end(struct content_digest *d, uint8_t plain[SHA256_SIZE],
                       uint8_t blocks[SHA256_SIZE], struct fail *f);
void content_digest_close(struct content_digest *d);
#endif
