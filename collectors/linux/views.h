/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_VIEWS_H
#define KAKE_LINUX_VIEWS_H
/*
 * The processes of this host by independent views: the listing of /proc, asking the kernel for every
 * process id, and the members of the control groups. Only system calls are used, no directory
 * functions of a library that may be patched. A difference counts after a second look at the same
 * process (held by a descriptor, so that a reused id is not taken for it).
 */
#include "collectors/module.h"

enum {
	VIEW_LIST = 1,
	VIEW_PROBE = 2,
	VIEW_CGROUP = 4,
	VIEW_COVERED = 8,            /* not a view: a mount lies on /proc/PID or on something in it */
	VIEW_HIDDEN = 16,            /* alive, and missing from the list in both looks */
	VIEW_UNANSWERED = 32,        /* alive, and the probe says twice that it is not there */
};

enum {
	VIEWS_PIDS = 1 << 22,        /* the kernel's own limit of process ids */
	VIEWS_CGROUPS = 1 << 17,     /* control groups that are looked into */
	VIEWS_CGROUP_DEPTH = 64,
};

struct views {
	uint8_t *seen;               /* by process id: VIEW_… or-ed */
	int64_t limit;               /* ids are below it */
	int64_t count;               /* processes of any view */
	bool narrowed;               /* /proc does not show everything to us (hidepid): no list to compare */
};

/*
 * VIEWS_ALL asks for every id up to the kernel's limit, which may take a second where that is four
 * million. Otherwise ids above any that the kernel can have given since it started are left out;
 * VIEWS_CHEAP, for modules that come later, does not probe at all where too many are left.
 */
enum views_depth { VIEWS_CHEAP, VIEWS_GIVEN, VIEWS_ALL };

enum { VIEWS_CHEAP_PIDS = 1 << 17 };

int views_take(struct collection *c, struct views *v, enum views_depth depth, struct fail *f);
void views_done(struct views *v);
/* The first process id above `pid` that some view shows, or 0. */
int64_t views_next(const struct views *v, int64_t pid);
/* "list", "probe", "cgroup" as a COL_LIST. */
void views_names(uint8_t seen, struct buf *list);
#endif
