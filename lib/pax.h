/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PAX_H
#define KAKE_PAX_H
/*
 * Headers of pax tar archives (POSIX.1-2017, pax; GNU.sparse 1.0), written so that GNU tar and
 * bsdtar recreate what they describe, and read strictly: only regular files, and one extended
 * header before each. docs/format.md says which records there are.
 */
#include "lib/buf.h"
#include "lib/fail.h"
#include "lib/pack.h"

enum {
	PAX_BLOCK = 512,
	PAX_EXTENDED_MOST = 4 << 20,        /* bytes of one extended header */
	PAX_MAP_MOST = 4 << 20,             /* bytes of one sparse map */
	PAX_EXTENTS_MOST = 1 << 17,
	PAX_NAME_MOST = 256 << 10,
};

/* A member: of `facts` the writer takes mode, uid, gid, times, xattrs, and extents for a sparse one. */
struct pax_member {
	struct span name;
	bool extended;                      /* with an extended header: files of the host */
	bool sparse;
	int64_t size;                       /* logical */
	int64_t stored;                     /* bytes that follow the headers, with the map */
	struct file_facts facts;
};

/* Adds the header blocks and the map of a sparse file; sets m->stored. */
void pax_write(struct buf *out, struct pax_member *m);
/* Bytes that fill the last block of `size` bytes. */
size_t pax_padding(int64_t size);

/* One block as a header: what it says, whether or not it is sound. */
struct pax_header {
	bool zero;                          /* a block of zeros */
	bool sound;                         /* checksum, magic and all fields are as they should be */
	bool usable;                        /* `type` and `size` can be relied on to go on reading */
	char type;                          /* typeflag */
	int64_t size, mode, uid, gid, modified;
	struct span name;                   /* points into the block */
};

struct pax_header pax_read(const uint8_t block[PAX_BLOCK]);
/*
 * Applies the records of an extended header to a member that was filled in from its plain header;
 * spans point into `records` or `held`. False if any is malformed, unknown or doubled.
 */
bool pax_apply(struct span records, struct pax_member *m, struct buf *held);
/* Line ends of the map whose first block this is, or -1 if it is malformed. */
int64_t pax_map_lines(struct span block);
/*
 * The map, in whole blocks, in front of a sparse member's data. The extents (calloc'd) go to m->facts
 * too. False if it is malformed or there is no memory.
 */
bool pax_map(struct span blocks, struct pax_member *m, struct extent **extents);
#endif
