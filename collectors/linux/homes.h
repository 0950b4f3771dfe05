/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_HOMES_H
#define KAKE_LINUX_HOMES_H
/*
 * Home directories as clean paths, each once, in the order of their bytes: of the accounts and of
 * what stands below /home and at /root. What the host says of them is data: a home may be any bytes.
 */
#include "collectors/linux/host.h"

struct home { struct span path, user; int64_t uid; };    /* uid -1: no account */

struct homes { struct home *items; size_t count; struct buf text; };

/* "/" is nobody's home here, as everything would lie in it. */
int homes_open(struct homes *h, const struct host *host, struct fail *f);
void homes_done(struct homes *h);
/* The home that is exactly this path, or NULL. */
const struct home *homes_find(const struct homes *h, struct span path);
#endif
