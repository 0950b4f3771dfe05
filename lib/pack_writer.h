/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_WRITER_H
#define KAKE_PACK_WRITER_H
/* Inside of the archive's writer: pack_write.c (members, rows, segments) and pack_file.c (files). */
#include "lib/manifest.h"
#include "lib/pack.h"
#include "lib/pack_digest.h"
#include "lib/pack_names.h"

enum {
	PACK_COPY = 256 << 10,              /* bytes of a file that are read at once */
	PACK_TABLES = 256,                  /* tables with pending rows */
};

/* Lines that wait for their member; table NULL: notes. */
struct pending { const struct table *table; struct buf lines; int64_t rows, chunks; };

struct pack_writer {
	struct sink sink;
	struct output *out;                 /* zstd */
	struct signer *signer;
	struct content_digest digest;
	struct pack_names names;
	struct pending notes, *tables;      /* PACK_TABLES of them */
	size_t table_count;
	int64_t pending_bytes;
	struct buf header, lines, certificates;    /* header blocks; entry lines of the open segment */
	uint8_t *copy;                      /* PACK_COPY bytes */
	struct manifest_start next;         /* first line of the open segment */
	struct manifest_end totals;
	int64_t segment_bytes, segment_entries, opened;    /* opened: monotonic, of the first thing in it */
	bool failed;
	struct fail why;
};

/*
 * A member in three steps: begin writes its headers, content passes through pack_content (and
 * pack_hole), end pads it and adds its line to the manifest.
 */
int pack_begin(struct pack_writer *w, struct manifest_entry *e, bool extended, struct fail *f);
int pack_content(struct pack_writer *w, struct span bytes, struct fail *f);
int pack_end(struct pack_writer *w, struct manifest_entry *e, struct fail *f);
/* Adds the line of an entry that has no member. */
int pack_line(struct pack_writer *w, const struct manifest_entry *e, struct fail *f);
/* The sink's file(). */
int pack_file(struct pack_writer *w, const struct file_facts *facts, struct source *in, struct fail *f);
int pack_note(struct pack_writer *w, const struct note *n, struct fail *f);
#endif
