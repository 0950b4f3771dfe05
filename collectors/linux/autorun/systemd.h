/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_SYSTEMD_H
#define KAKE_AUTORUN_SYSTEMD_H
/*
 * One manager's units: systemd.c finds which files there are and which of them count, unit_rows.c
 * reads a unit with its drop-ins and gives its rows.
 */
#include "collectors/linux/autorun/autorun.h"
#include "collectors/linux/autorun/strings.h"
#include "collectors/linux/autorun/unit.h"
#include "collectors/linux/pairs.h"

enum {
	SYSTEMD_FOLDERS = 32,
	SYSTEMD_NAMES = 1 << 17,             /* unit files, links and drop-in folders of one manager */
	SYSTEMD_EXECS = 4096,                /* lines of one unit that run something */
	SYSTEMD_DROP_INS = 4096,             /* of one unit */
};

struct scope {
	struct autoruns *a;
	struct span user, home;              /* as whom; empty for the system */
	struct buf folders;                  /* COL_LIST, the first that has a name wins */
	size_t own;                          /* of the first `own` folders; the rest are everyone's */
	struct { int64_t device, inode; } seen[SYSTEMD_FOLDERS];
	size_t seen_count, names;
	struct pairs units;                  /* name → path */
	struct pairs wants;                  /* name → path of the link in *.wants, *.requires */
	struct pairs drop_ins;               /* name without .d → directory */
	struct pairs started;                /* name → what switches it on: timer, socket, alias */
	struct strings strings;
};

/* One unit that counts. */
struct unit_file {
	struct span name;                    /* as it is started: getty@tty1.service */
	struct span path;                    /* its file, or the file of its template */
	struct span overrides;               /* target, if it is a link, or the file that it hides */
};

/* The first pair with the key, or NULL. */
const struct pair *scope_find(const struct pairs *p, struct span key);
/* Whether the path lies in a folder of this scope's own. */
bool scope_owns(const struct scope *s, struct span path);
/* Rows of a unit; adds to `started` what it starts. */
int unit_rows(struct scope *s, const struct unit_file *u, struct fail *f);
/* Whether a link in *.wants, an alias, or another unit switches it on. */
bool unit_is_wanted(const struct scope *s, struct span name);
#endif
