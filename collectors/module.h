/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_MODULE_H
#define KAKE_MODULE_H
/*
 * A module turns one aspect of the host into rows, files and notes. To add one: a file in common/,
 * linux/ or windows/ that ends in its `const struct module module_NAME`, and a line in modules.def.
 */
#include "lib/os.h"
#include "lib/table.h"

/* Order of volatility; modules run in this order, and in the order of modules.def within one. */
enum stage { STAGE_MEMORY, STAGE_NETWORK, STAGE_SESSION, STAGE_AUTORUN, STAGE_LOGS, STAGE_FILES, STAGES };

enum profile { PROFILE_QUICK, PROFILE_STANDARD, PROFILE_FULL };

enum {
	MODULE_LIVE = 1,                    /* needs the running kernel: left out with --root */
	MODULE_TWICE = 2,                   /* volatile: runs first and once more at the end */
};

struct guard;
struct packages;

/* What a module sees. All of it belongs to the program; a module changes nothing but `remark`. */
struct collection {
	struct os_root *root;               /* of the host's files */
	bool live;                          /* the running host, not a mounted disk */
	enum profile profile;
	int pass;                           /* 1, or 2 for the second time of MODULE_TWICE */
	int64_t started;                    /* host clock at the start */
	int64_t deadline;                   /* os_monotonic() at which the run must stop; 0: none */
	int64_t max_file_size, max_size;    /* bytes; 0: no limit */
	unsigned digests;                   /* HASH_… for the `file` table */
	bool remote;                        /* network and FUSE mounts too */
	const char *artifacts_path;         /* further definitions, or NULL */
	struct guard *guard;                /* reads that may hang: see collectors/guard.h */
	struct packages *packages;          /* who owns a file: see collectors/packages.h; may be NULL */
	int64_t own_device, own_inode;      /* of the archive that is being written */
	struct sink *sink;
	const char *module;                 /* name of the module that runs, for its notes */
	/* Progress: called often, cheap. `what` may be empty. */
	void (*progress)(struct collection *c, struct span what, int64_t done, int64_t total);
	volatile const int *stop;           /* not 0: a signal asked to end; modules return 0 soon */
	volatile const int *full;           /* not 0: no space for the archive, come to the end; may be NULL */
};

struct module {
	const char *name;
	const char *help;                   /* what it takes, in one line; --plan shows it in both languages */
	enum stage stage;
	unsigned flags;
	enum profile least;                 /* the smallest profile that runs it */
	const struct table *const *tables;  /* that it fills, ends with NULL */
	int (*run)(struct collection *c, struct fail *f);
	/* What it would take, one line each to the sink as notes; NULL: the help says it all. */
	int (*plan)(struct collection *c, struct fail *f);
};

/* Modules of this platform, ends with NULL. */
extern const struct module *const modules[];

/* A note of the running module. `why` is read at once. Returns what the sink returns. */
int collection_note(struct collection *c, struct span item, const struct fail *why, struct fail *f);
/* Whether the run has been stopped or is past its deadline. */
bool collection_stopped(const struct collection *c);
#endif
