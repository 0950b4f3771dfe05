/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_READER_H
#define KAKE_PACK_READER_H
/*
 * Inside of the archive's reader: pack_member.c takes members off the stream, pack_segment.c holds
 * what has been seen against the manifest, pack_read.c leads.
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
	struct buf name, records, xattrs, map, path, collection_bytes;

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
/* Outcomes of a step: go on, the bytes ended, or -1 (reason in `f`). */
enum { STEP_ENDED = 0, STEP_ON = 1 };

/* Exactly `size` bytes, or the archive ended. */
int reader_take(struct pack_reader *r, void *bytes, size_t size, struct fail *f);
int reader_take_buf(struct pack_reader *r, struct buf *to, size_t size, struct fail *f);
/* The newest of what was seen; another one; what is wrong with the newest (the first thing stays). */
struct seen *reader_passing(struct pack_reader *r);
int reader_push(struct pack_reader *r, struct span name, struct fail *f);
void reader_damage(struct pack_reader *r, enum damage what);
/*
 * The next member's headers, up to its plain header in `block`. *zero: the end of the archive
 * instead, which only the end mark makes one. What cannot be read as a header is passed over, block
 * by block.
 */
int reader_take_headers(struct pack_reader *r, uint8_t block[PAX_BLOCK], bool *extended, bool *ok,
                        bool *zero, struct fail *f);
/* Fills r->member from the plain header and the records; false if they are malformed. */
bool reader_fill(struct pack_reader *r, const struct pax_header *h, bool extended);
/* The map in front of a sparse file's data. */
int reader_take_map(struct pack_reader *r, struct fail *f);
/* The content as a source: read and skip of r->content. */
int64_t reader_content_read(struct source *s, void *bytes, size_t size, struct fail *f);
int64_t reader_content_skip(struct source *s);
/* What nobody read of the content, the padding, and the digests. */
int reader_finish(struct pack_reader *r, struct fail *f);
/* Says that the end of the archive was changed. */
int reader_report_end(struct pack_reader *r, struct fail *f);
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
