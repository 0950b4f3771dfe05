/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_KIT_H
#define KAKE_PACK_KIT_H
/* For tests of the archive: a small archive in memory, and a reader that writes down what it hears. */
#include "lib/pack.h"

/* An output into a buffer that outlives it. */
int kit_output(struct output **o, struct buf *to, struct fail *f);
/* A file of `size` patterned bytes at the path. */
int kit_file(struct sink *s, const char *path, size_t size, struct fail *f);
/*
 * An archive of as many segments with content: rows of two tables, notes, dense and sparse files,
 * metadata alone.
 */
int kit_write(struct buf *to, int segments, char code[PACK_CODE], struct fail *f);

/* What a reader told: one line a record, entry and problem. */
struct heard {
	struct pack_verdict verdict;
	struct buf text;                    /* "altered NAME: why" …, "entry …", "record …" */
	struct buf problems;                /* "altered NAME\n" … only */
	int64_t entries, records, sound_records;
};

/* Reads all; what pack_reader_next ended with. */
int kit_read(struct span archive, const struct trust *trust, struct heard *heard);
void heard_done(struct heard *heard);
#endif
