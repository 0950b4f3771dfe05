/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SELF_H
#define KAKE_SELF_H
/* The program itself: its place, its digest, its rights, and how it behaves on a host in use. */
#include "lib/hash.h"
#include "lib/os.h"

/*
 * First of all: gives the program three standard descriptors if it was started without, low CPU
 * and I/O priority, as many descriptors as it may have, no core dumps; ignores SIGPIPE.
 */
void self_settle(void);
/* Catches SIGINT, SIGTERM and SIGHUP; what it points to turns 1 when one came. */
volatile const int *self_signals(void);

/* Path of the executable and its digest, read through the kernel. */
int self_image(struct buf *path, uint8_t sha256[SHA256_SIZE], struct fail *f);
/* Device and inode of the running executable, of which nothing needs to be taken. */
int self_identity(int64_t *device, int64_t *inode, struct fail *f);

struct rights {
	int64_t uid, euid;
	uint64_t capabilities;               /* effective, as a bit set */
	bool all;                            /* user 0 with every capability that the kernel knows */
	bool contained;                      /* in a name space of users or processes: not the whole host */
};

void self_rights(struct rights *r);
/*
 * The i-th right that is missing: in English, what it would have given. NULL behind the last.
 * `live`: for the running host; else only for reading a mounted disk.
 */
const char *self_gap(const struct rights *r, bool live, unsigned i);
/* Whether the kernel says that a time service keeps the clock right. */
bool self_clock_synchronised(void);
#endif
