/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_INQUIRY_CHILD_H
#define KAKE_LINUX_INQUIRY_CHILD_H
/* The child's half of inquiry.h: reads, and answers with frames of heads and bytes. */
#include "collectors/linux/inquiry.h"

struct question {
	int64_t pid, most;                   /* bytes of a file that is digested; 0: only remembered ones */
	uint32_t what;
	uint32_t covered;
	/* Behind it, for PIECE_BACKING: the ranges. */
};

/* Before the bytes of each piece. */
struct answer { uint32_t piece, size, cut; int32_t error; };

int inquiry_work(struct guard_child *c, struct span request, struct fail *f);
#endif
