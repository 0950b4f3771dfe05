/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_INGEST_H
#define KAKE_INGEST_H
/*
 * One evidence archive into the case file: one pass, one transaction, bounded memory. Rows go into
 * their tables, files through the parsers that know them, and what is wrong with either into
 * parse_error; then facts are made of the new rows (facts.h). The same archive twice changes nothing,
 * and the same archives in the same order give the same case file: no clock of this machine is read.
 *
 * An archive in which anything is not as signed is refused as a whole. A cut one goes in up to its
 * last signed segment.
 */
#include "lib/pack.h"
#include "lib/spool.h"
#include "triage/store.h"

enum ingest_outcome {
	INGEST_ADDED,
	INGEST_CUT,                         /* added as far as it is signed */
	INGEST_KNOWN,                       /* it was there already */
	INGEST_REFUSED,                     /* nothing was changed; see `why` */
};

struct ingest_account {
	enum ingest_outcome outcome;
	struct fail why;                    /* of a refusal */
	int64_t entries, rows;              /* rows of evidence that are new */
	int64_t repeated;                   /* rows that were there already, with a source added */
	int64_t remarks;                    /* rows and files that could not be read */
	int64_t notes;                      /* what the collector could not take */
	int64_t left_out;                   /* entries that nothing signs */
	struct pack_verdict verdict;
};

struct ingest {
	struct store *store;
	struct spool *spool;                /* for files that two parsers read */
	const struct trust *trust;          /* or NULL */
	bool accept_unverified;             /* altered and unsigned entries go in, marked so */
	void (*problem)(void *context, enum pack_problem kind, struct span item, const struct fail *why);
	void (*progress)(void *context, const struct ingest_account *so_far);   /* after each entry */
	void *context;
};

/*
 * `raw`: what pack_reader_open takes. `disk`: the same bytes as a file with read_at, or NULL; with it
 * an archive that is known already is found without unpacking it. `name`: of the archive's file,
 * without its directory. -1 if the work cannot go on at all.
 */
int ingest_archive(const struct ingest *in, struct source *raw, struct source *disk, const char *name,
                   struct ingest_account *out, struct fail *f);
#endif
