/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_DIGEST_JOB_H
#define KAKE_LINUX_DIGEST_JOB_H
/* What a worker does with one file: opens it, reads it once, and leaves the answers here. */
#include "collectors/module.h"
#include "lib/kind.h"
#include "lib/walk.h"

enum {
	/* Holes up to this much are digested as the zeros they read as; beyond, `blocks` stands alone. */
	HOLES_DIGESTED = 256 << 20,
};

struct digest_job {
	/* asked */
	struct walk_place *place;
	struct buf path;
	const char *name;                    /* its last component */
	unsigned why, kinds;                 /* WHY_…, HASH_… */
	int64_t max_size;                    /* larger files are typed but not digested; 0: none */
	const struct collection *collection;
	/* answered; facts are at first those of the walk, then those of the very file that was read */
	struct file_facts facts;             /* but for path and link */
	struct buf link, attributes, xattrs;
	struct digests digests;
	uint8_t blocks[SHA256_SIZE];
	struct kind kind;
	double entropy;
	uint64_t capabilities;
	bool digested, blocks_digested, whole, trivial, has_capabilities, magic_missing;
	bool has_problem;
	struct fail problem;
	int64_t problem_at;                  /* offset, or -1 */
};

/* NULL: out of memory. */
struct digest_job *digest_job_new(const struct walk_entry *e, unsigned why);
void digest_job_free(struct digest_job *job);
/* For a pool: `context` is not used. */
void *digest_worker_start(void *context);
void digest_worker_stop(void *worker);
void digest_job_run(void *worker, void *job);
#endif
