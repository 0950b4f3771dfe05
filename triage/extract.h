/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_EXTRACT_H
#define KAKE_EXTRACT_H
/*
 * The original bytes behind a row of a case file, read again from the archive and held against what
 * was signed.
 */
#include "lib/output.h"
#include "lib/pack.h"
#include "lib/spool.h"
#include "triage/store.h"

/* Where the bytes of a row lie. */
struct extract_place {
	int64_t archive_id, number, segment;    /* number: of the entry in the archive */
	int64_t offset, length;                 /* in the content; length 0: all of it */
	bool gzip;                              /* of what the entry, a .gz, unpacks to */
	struct buf archive_name, archive_sha256, signature, signer;
	struct buf entry_name, path, entry_sha256;
};

/*
 * Looks up "TABLE:ID": a row of evidence, an event, a fact (which leads to its row), a finding (to
 * its first row), or an entry as a whole.
 */
int extract_find(struct store *s, const char *row, struct extract_place *out, struct fail *f);
void extract_done(struct extract_place *place);

/*
 * Reads an archive to its end and keeps the entry's content in the spool. 1: it is the archive that
 * the case file names, and the entry is as signed; 0: another archive; -1: not readable, or the entry
 * is not as signed.
 */
int extract_read(struct source *raw, const struct extract_place *place, struct spool *spool,
                 struct fail *f);
/* Writes the bytes out of the spool; *size: how many. */
int extract_write(const struct extract_place *place, struct spool *spool, struct output *out,
                  int64_t *size, struct fail *f);
#endif
