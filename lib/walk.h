/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_WALK_H
#define KAKE_WALK_H
/*
 * A directory tree of the host, entry by entry: each directory before what is in it, names in the
 * order of their bytes. Links are never followed, a directory that shows up twice (a bind mount, a
 * loop) is gone into once, and neither depth nor length of a path nor the number of entries matters:
 * descriptors and memory are bounded by the limits below. A directory with more names than fit is
 * read in parts, each of them in order.
 */
#include "lib/os.h"

enum {
	WALK_OPEN = 64,              /* directories of the way down that are kept open */
	WALK_NAMES = 16 << 20,       /* bytes of names held at once, all directories of the way down */
	WALK_DEPTH = 20000,          /* deeper directories are a problem, see below */
	WALK_VISITED = 1 << 21,      /* directories that are remembered; later ones may be met twice */
};

struct walk;
struct walk_place;               /* an open directory, counted */

struct walk_entry {
	struct span path;            /* absolute below the root; valid until the next call */
	const char *name;            /* its last component; the same */
	struct walk_place *place;    /* the directory it is in: see walk_hold */
	/*
	 * As lstat gave them; facts.path is `path`. Where it could not be looked at only `kind` is set,
	 * and that may be '?'.
	 */
	struct file_facts facts;
	/* Why it could not be looked at, or listed (the directory was given before); else NULL. */
	const struct fail *problem;
};

struct walk_policy {
	/*
	 * Asked with each path before anything touches it: whether it may be looked at. NULL: all. So a
	 * mount point whose server hangs is left alone.
	 */
	bool (*allowed)(void *context, struct span path);
	void *context;
};

/* `policy` is copied, its context stays the caller's. -1 if `start` cannot be opened. */
int walk_open(struct walk **w, struct os_root *root, struct span start,
              const struct walk_policy *policy, struct fail *f);
/* 1 and the next entry, 0 at the end, -1 out of memory. The start itself is not given. */
int walk_next(struct walk *w, struct walk_entry *e, struct fail *f);
/* Does not go into the directory that was just given. */
void walk_skip(struct walk *w);
void walk_close(struct walk *w);

/*
 * Keeps the directory of an entry open beyond walk_next, for a worker that opens the file by its
 * name. Any thread may let go of it. walk_held: how many are open now, for whoever holds many.
 */
struct walk_place *walk_hold(struct walk_place *place);
void walk_release(struct walk_place *place);
unsigned walk_held(const struct walk *w);
/* As os_file_open, in that directory; never through a link. facts.path stays empty. */
int walk_file(struct os_file *file, const struct walk_place *place, const char *name, struct fail *f);
/* Adds the target of a link in it. */
int walk_link(const struct walk_place *place, const char *name, struct buf *target, struct fail *f);
#endif
