/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_READER_H
#define KAKE_PACK_READER_H
/*
 * Inside of the archive's reader: pack_read.c takes members off the stream, pack_segment.c holds
 * what has been seen against the manifest.
 */
#include "lib/manifest.h"
#include "lib/pack.h"
#include "lib/pack_digest.h"
#include "lib/pax.h"

enum {
	MANIFEST_MOST = 32 << 20,           /* bytes of a segment */
	SIGNATURE_MOST = 64 << 10,
	COLLECTION_MOST = 1 << 20,
	NAMES_MOST = 64 << 20,              /* bytes of names in an open segment */
};

/* What can be wrong with a member in itself. */
enum damage { DAMAGE_NONE, DAMAGE_UNREADABLE, DAMAGE_HEADER, DAMAGE_NAME, DAMAGE_KIND, DAMAGE_MAP, DAMAGE_PADDING };

/* A member as it was found, until its segment is closed. */
struct seen {
	size_t name_at, name_size;          /* in pack_reader.names; size 0: its header was unreadable */
	int64_t number, size;
	bool plain, blocks;                 /* digests that were computed */
	uint8_t sha256[SHA256_SIZE], sha256_blocks[SHA256_SIZE], head[SHA256_SIZE];
	enum damage damage;
	bool matched;
};

/* A manifest member: kept to hold its header against the one form it may have. */
struct manifest_member {
	bool there;
	struct buf bytes;
	uint8_t header[PAX_BLOCK];
	int64_t frames;                     /* that had ended before it, … */
	uint8_t frame[SHA256_SIZE];         /* … and the digest of the last */
};

struct pack_reader {
	struct source *in;                  /* zstd */
	const struct trust *trust;
	struct pack_events events;
	struct pack_verdict verdict;
	struct content_digest digest;
	struct hash *head;

	/* The member that is passing. */
	struct source content;
	struct memory_source collection;    /* in place of `content` for collection.json */
	struct pax_member member;
	struct extent *extents;
	size_t extent;                      /* the next or current one */
	int64_t at, stored_left;            /* logical offset; bytes that are still to be read */
	bool passing;
	struct buf name, records, xattrs, map, path, link, collection_bytes;

	/* The open segment. */
	struct seen *seen;
	size_t seen_count, seen_capacity;
	struct buf names;
	bool in_damage;                     /* looking for the next readable header */
	bool signature_damaged;             /* … where the signature should be */
	struct manifest_member jsonl;

	/* The chain. */
	int64_t number, next_segment, manifest_entries, manifest_bytes;
	struct manifest_start before;       /* digests of the last segment, in the members of a link */
	bool before_valid;                  /* … which was signed */
	bool end_marked;                    /* the end mark was there, signed */
	uint8_t first_certificate[SHA256_SIZE];

	bool stopped;                       /* by the one who is told */
	bool over;
	int result;                         /* what next() gives once it is over */
	struct fail why;
};

void pack_damage_text(enum damage damage, struct fail *why);
struct span seen_name(const struct pack_reader *r, const struct seen *s);
/* Reports a problem. -1 only if the one who is told wants to stop. */
int pack_problem(struct pack_reader *r, enum pack_problem kind, struct span item,
                 const struct fail *why, struct fail *f);
/*
 * The segment in r->jsonl with its signature: chain, signature, and every entry. Forgets what was
 * seen. -1 only where work cannot go on.
 */
int pack_segment(struct pack_reader *r, const uint8_t signature_header[PAX_BLOCK], struct span der,
                 struct fail *f);
/* The header of the manifest member that comes now does not hold: said at once, should the rest be lost. */
int pack_manifest_damaged(struct pack_reader *r, struct fail *f);
/* A segment of which a part is missing: all that was seen is not vouched for. */
int pack_segment_lost(struct pack_reader *r, struct fail *f);
#endif
