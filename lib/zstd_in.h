/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ZSTD_IN_H
#define KAKE_ZSTD_IN_H
/*
 * A source that decompresses the zstd frames of the one below, in bounded memory. A read never
 * crosses the end of a frame. What is not one of our frames (dictionaries, windows above the limit,
 * skippable frames other than one filler behind a frame, other bytes) is corrupt.
 */
#include "lib/hash.h"
#include "lib/source.h"

enum {
	ZSTD_IN_WINDOW_LOG = 23,            /* 8 MiB: the most memory that a frame may ask for */
	ZSTD_IN_RATIO = 2048,               /* the most that content may be of what it came from, … */
};
#define ZSTD_IN_FREE (INT64_C(64) << 30)   /* … above this many bytes of content */

enum zstd_in_state {
	ZSTD_IN_RUNS,
	ZSTD_IN_ENDED,                      /* the bytes below ended at the end of a frame */
	ZSTD_IN_CUT,                        /* … within a frame */
	ZSTD_IN_CORRUPT,
	ZSTD_IN_FAILED,                     /* the source below failed */
};

struct zstd_in_facts {
	enum zstd_in_state state;
	int64_t frames;                     /* that were read to their end */
	uint8_t frame[SHA256_SIZE];         /* digest of the last of them, with its filler, once the next begins */
	bool stored;                        /* whether it was a stored one: see lib/zstd_out.h */
	uint8_t all[SHA256_SIZE];           /* digest of all bytes below; set once the state is not RUNS */
};

/*
 * `below` stays the caller's. Reads give 0 where the bytes below end, also within a frame, and -1 for
 * corrupt; then `state` tells.
 */
int zstd_in_open(struct source **s, struct source *below, struct fail *f);
const struct zstd_in_facts *zstd_in_facts(const struct source *s);
void zstd_in_close(struct source *s);
#endif
