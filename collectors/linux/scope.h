/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_SCOPE_H
#define KAKE_LINUX_SCOPE_H
/*
 * Which files a profile covers, decided from path and stat, before anything is opened:
 *
 * quick     set-id files, programs in the directories of PATH, everything in temporary directories,
 *           device nodes outside /dev
 * standard  and programs and scripts anywhere (by execute bit or by their name), everything in web
 *           directories and homes, everything written, changed or made in the last 90 days
 * full      everything, directories too
 *
 * File capabilities are looked for on what is opened: a program that has them has an execute bit.
 */
#include "collectors/linux/homes.h"

enum why {
	WHY_SETID = 1, WHY_CAPABILITIES = 2, WHY_EXECUTABLE = 4, WHY_SCRIPT = 8, WHY_PROGRAM_DIRECTORY = 16,
	WHY_TEMPORARY = 32, WHY_WEB = 64, WHY_HOME = 128, WHY_CHANGED = 256, WHY_DEVICE = 512, WHY_ALL = 1024,
};

enum { SCOPE_DAYS = 90, SCOPE_HOME_DEPTH = 12 };

struct scope {
	enum profile profile;
	int64_t changed_since;               /* seconds since 1970 */
	const struct homes *homes;
	struct buf directory;                /* the last one that was judged, and what it is */
	unsigned directory_why;
};

/* `homes` stays the caller's. */
void scope_init(struct scope *s, enum profile profile, int64_t now, const struct homes *homes);
void scope_done(struct scope *s);
/* WHY_… or-ed together; 0: not in scope. facts->path is set. */
unsigned scope_of(struct scope *s, const struct file_facts *facts);
/* Adds the names as a COL_LIST. */
void scope_names(unsigned why, struct buf *list);
#endif
