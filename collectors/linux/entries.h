/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_ENTRIES_H
#define KAKE_LINUX_ENTRIES_H
/*
 * The names in an open directory, asked of the kernel itself: readdir of a library is what preloaded
 * code that hides things replaces first. In the kernel's order, with . and .. ; `type` is DT_….
 * -1 with errno where the listing breaks off.
 */
#include <stdint.h>

int entries_each(int fd, void (*use)(void *context, const char *name, uint8_t type), void *context);
#endif
