/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_INGEST_INSIDE_H
#define KAKE_INGEST_INSIDE_H
/* What ingest*.c share. */
#include "lib/json.h"
#include "lib/zone.h"
#include "triage/coverage.h"
#include "triage/ingest.h"
#include "triage/store_query.h"

enum {
	COLLECTION_BYTES = 1 << 20,         /* of collection.json */
	SHOWN_GROWS = 3,                    /* a byte that is no text becomes U+FFFD, three bytes */
	REMARKS_MOST = 100,                 /* listed of one entry; further ones are counted */
};

/* Our statements, opened once an archive. */
enum ingest_query {
	ADD_ARCHIVE, END_ARCHIVE, ADD_ENTRY, SIGN_ENTRY, ADD_PARSE, END_PARSE, ADD_ERROR, ADD_NOTE,
	FIND_HOST, ADD_HOST, KNOWN_DIGEST, KNOWN_SIZE, INGEST_QUERIES,
};

/* One archive on its way. */
struct intake {
	const struct ingest *in;
	struct ingest_account *account;
	struct query *queries[INGEST_QUERIES];
	struct coverage *coverage;
	int64_t archive_id, host_id;
	int64_t entry_base;                 /* entry ids are this plus the number in the archive */
	int64_t entry_id;                   /* of the entry that passes */
	int64_t last_signed;                /* number of the last entry of a closed segment */
	int64_t newest;                     /* latest time of acquisition */
	int64_t started;                    /* when the collection was, or INT64_MIN */
	bool segment_closed;                /* since the last entry */
	int64_t problems;                   /* other than a cut */
	bool cut;
	bool failed;                        /* the case file did, while the reader told of a record */
	struct fail first;                  /* the first problem */
	struct zone *zone;                  /* of the host, or NULL */
	struct buf text, held;              /* scratch */
};

/* The row of the archive and its host, from collection.json. */
int intake_collection(struct intake *k, const struct pack_entry *e, const char *name, int64_t size,
                      struct fail *f);
/* The row of an entry, and what its content gives. */
int intake_entry(struct intake *k, const struct pack_entry *e, struct fail *f);
int intake_rows(struct intake *k, const struct pack_entry *e, struct fail *f);
int intake_notes(struct intake *k, const struct pack_entry *e, struct fail *f);
int intake_file(struct intake *k, const struct pack_entry *e, struct fail *f);

/* Appends a source of at most `most` bytes. False if there are more, or reading fails. */
bool intake_slurp(struct source *in, size_t most, struct buf *out);
/*
 * Binds a member of an object: a number, a time, a text (kept in `held`, which must have room) or null.
 */
void intake_bind(struct intake *k, struct query *q, int parameter, struct json_value object,
                 const char *name, struct buf *held);

/* One parse of an entry, with its remarks. */
struct parsing { struct intake *intake; int64_t id, rows, remarks; bool failed; };
int parsing_begin(struct parsing *p, struct intake *k, const char *parser, int version, struct fail *f);
int parsing_remark(struct parsing *p, int64_t offset, const struct fail *reason, struct fail *f);
int parsing_end(struct parsing *p, int64_t bytes, int64_t total, struct fail *f);
/* Text that a TEXT column takes; valid until k->text is used again. */
struct span intake_text(struct intake *k, struct span bytes);
#endif
