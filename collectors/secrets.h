/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SECRETS_H
#define KAKE_SECRETS_H
/*
 * What is never copied, whichever definition names it: password hashes, private keys, stored
 * passwords, and people's documents. Asked of a file at the moment it is read: by the path that led
 * to it, by the place where it really lies, by its identity (another name of /etc/shadow), and by its
 * first bytes. Its facts may be recorded, its contents are not.
 */
#include "lib/os.h"

enum { SECRETS_IDENTITIES = 16, SECRETS_HEAD = 4096 };

struct secrets { struct { int64_t device, inode; } items[SECRETS_IDENTITIES]; size_t count; };

/* Looks up the files whose other names count, too. */
void secrets_init(struct secrets *s, struct os_root *root);
/* Why the file must not be taken, in English with its twin; NULL: it may. */
const char *secret_path(struct span path);
const char *secret_identity(const struct secrets *s, const struct file_facts *facts);
const char *secret_bytes(struct span head);
#endif
