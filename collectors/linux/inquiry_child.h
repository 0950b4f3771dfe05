/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_INQUIRY_CHILD_H
#define KAKE_LINUX_INQUIRY_CHILD_H
/* The child's half of inquiry.h: reads, and answers with frames of heads and bytes. */
#include <sys/types.h>

#include "collectors/linux/inquiry.h"

struct question {
	int64_t pid, most;                   /* bytes of a file that is digested; 0: only remembered ones */
	uint32_t what;
	uint32_t covered;
	/* Behind it, for PIECE_BACKING: the ranges. */
};

/* Before the bytes of each piece. */
struct answer { uint32_t piece, size, cut; int32_t error; };

enum { INQUIRY_READ = 256 << 10, INQUIRY_LINK = 4096 };

/* Which file it is, as far as anyone can tell without reading it. */
struct identity { uint64_t device, inode; int64_t size, changed, changed_ns, modified, modified_ns; };
struct remembered { struct identity file; bool used; uint8_t sha256[SHA256_SIZE]; };

/* What the child keeps between questions: it outlives the program's own variables. */
struct child_memory {
	int proc, private_proc;
	char mount_namespace[64];
	struct hash *hash;
	struct remembered *digests;
	size_t count;
	uint8_t bytes[INQUIRY_READ];
};

struct reading {
	struct guard_child *child;
	struct child_memory *memory;
	const struct question *question;
	int directory;               /* /proc/PID */
	bool asked_namespace, own_namespace;
	struct buf out;
};

/* read(2) that goes on after a signal. */
ssize_t inquiry_read(int fd, void *bytes, size_t size);
/* A link below the process's directory, and a NUL; data NULL and errno where there is none. */
struct span inquiry_link(struct reading *r, const char *name, char bytes[INQUIRY_LINK]);
/* Takes note of the link of ns/mnt, so that it is not read again. */
void inquiry_namespace(struct reading *r, struct span link);
/* `name` opens a file in use, below the process's directory; `link` is how the kernel names it. */
struct image_facts inquiry_look(struct reading *r, const char *name, struct span link);
int inquiry_work(struct guard_child *c, struct span request, struct fail *f);
#endif
