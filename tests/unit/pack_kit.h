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

/* The smallest archive with every kind of member, one segment before the end. */
int kit_write_small(struct buf *to, struct fail *f);
/*
 * The tar inside, and where its frames end; back again with the same frames. Between the two a test
 * changes the bytes.
 */
enum { KIT_FRAMES = 64 };
struct kit_tar { struct buf bytes; size_t ends[KIT_FRAMES], frames; };
int kit_unpack(struct span archive, struct kit_tar *tar);
int kit_repack(const struct kit_tar *tar, struct buf *archive);
/* The member that the byte of the tar belongs to (with its headers and padding), "end" behind the last. */
struct kit_member { size_t start, end; char name[128]; };
size_t kit_members(const struct kit_tar *tar, struct kit_member *members, size_t most);

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
