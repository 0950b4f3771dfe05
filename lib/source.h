/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SOURCE_H
#define KAKE_SOURCE_H
/*
 * Bytes in, from whatever: a file, an entry of an archive, memory, a test that fails at byte N.
 * Reading is forward; a format that jumps asks for read_at, which is NULL where the source cannot.
 */
#include "lib/fail.h"
#include "lib/span.h"

struct source {
	int64_t size;                /* in bytes, or -1 if not known */
	int64_t offset;              /* bytes read so far by source_read */
	/* At most `size` bytes; how many, 0 at the end, -1 failed. `offset` is kept by source_read. */
	int64_t (*read)(struct source *s, void *bytes, size_t size, struct fail *f);
	int64_t (*read_at)(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f);
	/* Moves over a hole, if one begins here: its length, else 0. NULL where holes are not known. */
	int64_t (*skip)(struct source *s);
};

struct memory_source { struct source source; struct span bytes; };

int64_t source_read(struct source *s, void *bytes, size_t size, struct fail *f);
/* Reads until `size` bytes or the end: how many, or -1. */
int64_t source_fill(struct source *s, void *bytes, size_t size, struct fail *f);
/* Moves over a hole (zeros that are stored nowhere) and gives its length; 0 if none is known here. */
int64_t source_skip(struct source *s);
/* Reads and drops what is left. */
int source_drain(struct source *s, struct fail *f);
/* Fills in a source over bytes that outlive it. */
void memory_source_init(struct memory_source *m, struct span bytes);
#endif
