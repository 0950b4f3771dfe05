/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACKAGES_H
#define KAKE_PACKAGES_H
/*
 * Which package owns a file, read from the package manager's own files and never by running it:
 * dpkg (info/NAME.list and diversions), apk (db/installed) and pacman (local/NAME/files). rpm keeps
 * its list in a binary database that is not read: such a host counts as one whose packages are not
 * known. Where a directory such as /bin is a link (merged /usr), both spellings are found.
 *
 * Only files are kept, directories are owned by nobody. The answer is what the host says: whoever
 * is root there can add a line to a list.
 */
#include "lib/os.h"

struct packages;

/* Where no database that we can read is there, *p is set and packages_known is false. */
int packages_open(struct packages **p, struct os_root *root, struct fail *f);
bool packages_known(const struct packages *p);
/* Why the list is not whole (a part was unreadable or over a limit), or NULL. */
const struct fail *packages_incomplete(const struct packages *p);
/*
 * Name of the owning package (with its architecture where dpkg shows it, as in libc6:amd64), or
 * NULL. `path` is absolute and without links but those above. Valid until packages_close. Two
 * threads may ask at the same time.
 */
const char *packages_owner(const struct packages *p, struct span path);
void packages_close(struct packages *p);
#endif
