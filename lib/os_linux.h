/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_OS_LINUX_H
#define KAKE_OS_LINUX_H
/* What the os_linux*.c share among themselves. */
#include "lib/os.h"

/* An O_PATH descriptor of a path below the root, or -1 with errno. */
int linux_resolve(struct os_root *root, struct span path, bool follow);
/* lstat of a name in a directory, or of the descriptor itself if the name is ""; -1 with errno. */
int linux_stat(int directory, const char *name, struct file_facts *facts);
/*
 * A readable descriptor of the very file that the O_PATH descriptor names; never waits. -1 with
 * errno.
 */
int linux_reopen(int path_fd);
/* Makes an os_file of an O_PATH descriptor, which it closes. */
int linux_file_open(struct os_file *file, int path_fd, struct fail *f);
#endif
