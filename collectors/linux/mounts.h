/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_MOUNTS_H
#define KAKE_LINUX_MOUNTS_H
/*
 * What is mounted, from /proc/self/mountinfo alone: no mount point is ever touched, because a stat
 * of one whose server is gone does not return. A walk asks mounts_at before it goes into a
 * directory, and starts anew at each mount that is walked.
 */
#include "lib/os.h"

enum { MOUNTS_MOST = 1 << 16 };          /* mounts that are kept; more are cut, see `cut` */

enum mount_policy {
	MOUNT_WALKED,                        /* a local file system: gone through */
	MOUNT_NETWORK,                       /* network, FUSE, autofs, or below one: may hang */
	MOUNT_PSEUDO,                        /* views of the kernel: no files */
	MOUNT_BIND,                          /* the same files are walked under another mount */
	MOUNT_OVERLAY,                       /* merged view: its layers are walked where they lie */
	MOUNT_COVERED,                       /* another mount lies on the same point */
};

/* Paths are as seen below the root of the collection; `point` has its escapes undone. */
struct mount {
	int64_t id, parent;
	unsigned major, minor;
	struct span root;                    /* directory of the file system that is mounted */
	struct span point, type, source;
	struct span options, super_options;  /* of the mount, of the file system */
	enum mount_policy policy;
};

/* In the kernel's order. Spans live as long as this. */
struct mounts {
	struct mount *items;
	size_t count;
	size_t odd;                          /* lines that could not be read */
	bool cut;
	struct mount **by_point;             /* sorted by point, the later mount first */
	struct buf text;
};

/*
 * The mounts at and below `root`. -1 where /proc cannot be read: then nothing is known, and a walk
 * should stay on the device it starts on.
 */
int mounts_read(struct mounts **m, struct os_root *root, struct fail *f);
/* The same from the text of a mountinfo, for the root at `directory` ("/" for the live host). */
int mounts_parse(struct mounts **m, struct span mountinfo, struct span directory, struct fail *f);
void mounts_close(struct mounts *m);
/* The mount that lies on exactly this clean absolute path, the topmost one, or NULL. */
const struct mount *mounts_at(const struct mounts *m, struct span path);
/* The mount that holds the path: the one on it or on its nearest parent; NULL if none does. */
const struct mount *mounts_of(const struct mounts *m, struct span path);
const struct mount *mounts_by_id(const struct mounts *m, int64_t id);
/* Whether a walk goes in there: MOUNT_WALKED, and with `remote` MOUNT_NETWORK. */
bool mount_wanted(const struct mount *mount, bool remote);
const char *mount_policy_name(enum mount_policy policy);
#endif
