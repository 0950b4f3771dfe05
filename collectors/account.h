/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ACCOUNT_H
#define KAKE_ACCOUNT_H
/*
 * The account of a run: what went into the archive, and what did not and why. It is the sink that
 * modules see; it counts, keeps the limits on files, keeps our own files out, and passes on.
 */
#include "lib/os.h"
#include "lib/table.h"

enum {
	ACCOUNT_REASONS = 200,               /* kinds of notes that are told apart; the rest is one kind */
	ACCOUNT_EXAMPLES = 3,                /* items that are named for each */
	ACCOUNT_OWN = 1024,
};

/* Notes of one module with one reason. */
struct account_reason {
	const char *module;
	struct fail *text;
	struct buf examples;                 /* list of the first items */
	int64_t count;
};

struct account_totals { int64_t rows, files, bytes, notes; };

struct account {
	struct sink sink;
	struct sink *archive;
	int64_t max_file_size, max_size;     /* bytes; 0: no limit */
	struct account_totals totals;
	int64_t *rows;                       /* by table, in the order of table_at; of the first pass */
	bool second_pass;
	unsigned tables, last_table;
	struct account_reason reasons[ACCOUNT_REASONS];
	size_t reason_count;
	int64_t other_notes;
	int64_t left_out, left_out_bytes;    /* files over a limit */
	struct { int64_t device, inode; } own[ACCOUNT_OWN];
	size_t own_count;
	const struct collection *collection;    /* that may be stopped in the middle of a file; or NULL */
	bool broken;                         /* the archive took no more; `failure` says why */
	struct fail failure;
};

int account_init(struct account *a, struct fail *f);
void account_done(struct account *a);
/* A file that is ours: the archive, the program, its key. Its contents are never taken. */
void account_own(struct account *a, int64_t device, int64_t inode);
/* Rows of a table so far. */
int64_t account_rows(const struct account *a, const struct table *table);
/* A note of the program itself. */
int account_note(struct account *a, struct span item, const struct fail *why, struct fail *f);
/* A note that is shown in a place of its own and left out of account_missed. `english` has a twin. */
int account_warn(struct account *a, const char *english, struct fail *f);
/* "Taken" and "not taken" in plain words, a line each. */
void account_taken(const struct account *a, enum lang lang, struct buf *out);
void account_missed(const struct account *a, enum lang lang, struct buf *out);
#endif
