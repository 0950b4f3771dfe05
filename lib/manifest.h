/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_MANIFEST_H
#define KAKE_MANIFEST_H
/*
 * Lines of a manifest segment: a first line that ties it to the segment before, one line an entry,
 * and the end mark. docs/format.md lists the members.
 */
#include "lib/buf.h"
#include "lib/hash.h"
#include "lib/pack.h"

enum { MANIFEST_FORMAT = 1, MANIFEST_BAD_MOST = 1024, MANIFEST_SEGMENTS_MOST = 100000000 };

struct manifest_start {
	int64_t segment;                    /* 1, 2, … */
	int64_t time;                       /* when it was closed, host clock */
	bool linked;                        /* the three digests are there: not in the first segment */
	uint8_t previous[SHA256_SIZE];      /* of the segment before, … */
	uint8_t signature[SHA256_SIZE];     /* of its signature, … */
	uint8_t frame[SHA256_SIZE];         /* and of the frame that holds both */
	struct span certificates;           /* 32 bytes each: see signer_certificates */
	bool throwaway;
};

struct manifest_entry {
	int64_t number;                     /* of the member; 0: metadata alone, no member */
	struct span kind;                   /* collection, rows, file, notes, meta */
	struct span name;                   /* of the member */
	struct span table;                  /* of rows */
	int64_t rows;
	int64_t size;                       /* logical */
	bool plain, blocks;                 /* which digests there are */
	uint8_t sha256[SHA256_SIZE], sha256_blocks[SHA256_SIZE];
	uint8_t head[SHA256_SIZE];          /* of the member's header blocks and map */
	int64_t acquired;
	bool sparse;
	struct file_facts facts;            /* file and meta: the path (both ways), the rest only written */
	int64_t true_size;                  /* bytes that were really there, or -1: all of them */
	bool grew;                          /* more were there when it had been read */
	const struct extent *bad;           /* unreadable ranges, zeros in the copy; only written */
	size_t bad_count;
};

struct manifest_end { int64_t segments, entries, bytes; };

void manifest_write_start(struct buf *out, const struct manifest_start *s);
void manifest_write_entry(struct buf *out, const struct manifest_entry *e);
void manifest_write_end(struct buf *out, const struct manifest_end *e);

/* Spans of what is read point into `held`, which the caller clears between lines. */
int manifest_read_start(struct span line, struct manifest_start *s, struct buf *held, struct fail *f);
int manifest_read_entry(struct span line, struct manifest_entry *e, struct buf *held, struct fail *f);
/* 1 and the totals, 0 if the line is no end mark. */
int manifest_read_end(struct span line, struct manifest_end *e);

/* The read-back code of the last segment: its digest's first 16 bytes modulo 10^24. */
void manifest_code(const uint8_t digest[SHA256_SIZE], char code[PACK_CODE]);
#endif
