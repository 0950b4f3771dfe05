/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_EXPAND_H
#define KAKE_EXPAND_H
/*
 * What a path pattern of an artifact definition stands for on this host. A component may hold ? * and
 * [a-z]; "**" stands for up to EXPAND_DEPTH directories, also none, "**5" for up to five. Directories
 * that are links are followed inside the root, component by component, so that what is found is
 * given by the place where it really lies and nothing that may not be touched is passed through.
 */
#include "lib/os.h"
#include "lib/walk.h"

enum {
	EXPAND_DEPTH = 10,                   /* of "**" without a number */
	EXPAND_DEPTH_MOST = 100,
	EXPAND_WILD = 8,                     /* components with wildcards in one pattern */
	EXPAND_LINKS = 40,                   /* links on the way to one path */
};

struct expansion {
	struct os_root *root;
	struct walk_policy policy;           /* what may be looked at */
	/* A path that exists; its directory has no links, it may itself be one. facts->path is set. */
	int (*found)(void *context, const struct file_facts *facts, struct fail *f);
	/* What could not be looked at, or a pattern that asks too much. */
	int (*problem)(void *context, struct span path, const struct fail *why, struct fail *f);
	/* Whether to come to an end. */
	bool (*stopped)(void *context);
	void *context;
};

/* An absolute pattern. -1: found or problem gave it, or out of memory. */
int expand(const struct expansion *x, struct span pattern, struct fail *f);
/*
 * Sets *out to the path without links, the last one included if `follow`. 1: there is something,
 * 0: nothing is there or it may not be looked at; -1 with the reason.
 */
int expand_real(const struct expansion *x, struct span path, bool follow, struct buf *out,
                struct file_facts *facts, struct fail *f);
#endif
