/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACKAGES_H
#define KAKE_PACKAGES_H
/*
 * Which package owns a file, read from the package manager's own files (dpkg's info/*.list), never
 * by running it. Paths are also tried with and without the merged-/usr prefix.
 */
#include "lib/os.h"

struct packages;

/* Where no database that we can read is there, *p is set and packages_known is false. */
int packages_open(struct packages **p, struct os_root *root, struct fail *f);
bool packages_known(const struct packages *p);
/* Name of the owning package, or NULL. Valid until packages_close. */
const char *packages_owner(const struct packages *p, struct span path);
void packages_close(struct packages *p);
#endif
