/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_GUARD_H
#define KAKE_GUARD_H
/*
 * Reads that may never return, each with a deadline. A thread that is stuck in the kernel cannot be
 * given up, a process can: the guard asks a child to read, and leaves it behind if it hangs. The
 * next request gets a new child. For use by one thread.
 */
#include "lib/hash.h"
#include "lib/os.h"

enum { GUARD_BYTES = 4 << 20 };          /* the most that one read gives */

struct guard;

int guard_open(struct guard **g, struct fail *f);
/*
 * Appends the bytes of the regular file (absolute path on this host; the last link is not followed),
 * at most `limit` of them, *cut if there was more.
 * -1 with code ETIMEDOUT where the deadline passed: the reason says that the read hangs.
 */
int guard_read(struct guard *g, struct span path, size_t limit, int milliseconds, struct buf *out,
               bool *cut, struct fail *f);
/* Opens, stats and digests a regular file; follows the last link (for /proc/PID/exe). */
struct guard_facts { int64_t size, device, inode, mode, uid, gid; uint8_t sha256[SHA256_SIZE]; };
int guard_digest(struct guard *g, struct span path, int milliseconds, struct guard_facts *out,
                 struct fail *f);
/*
 * Any work in the child: `work` reads and sends frames (at most GUARD_BYTES each), `take` gets them
 * in order; its -1 ends the work, and the child. The child is a fork of some earlier moment: work
 * relies on its request alone (at most 64 KiB), and on *guard_kept(), which is NULL in a new child
 * and lasts as long as it does. The deadline counts the time that the child takes in all.
 * -1 with ETIMEDOUT as above: the frames sent before were taken. -1 and f as `work` left them.
 */
struct guard_child;
int guard_call(struct guard *g, int (*work)(struct guard_child *c, struct span request, struct fail *f),
               struct span request, int milliseconds,
               int (*take)(void *context, struct span frame, struct fail *f), void *context,
               struct fail *f);
int guard_send(struct guard_child *c, struct span frame, struct fail *f);
/* The last frame before `work` returns 0: comes with the end, which saves an exchange. */
int guard_leave(struct guard_child *c, struct span frame, struct fail *f);
void **guard_kept(struct guard_child *c);
/* Children that hang and were left behind. */
unsigned guard_left_behind(const struct guard *g);
void guard_close(struct guard *g);
#endif
