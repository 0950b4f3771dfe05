/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_TAKE_H
#define KAKE_LINUX_TAKE_H
/*
 * Takes files of the host into the archive, each once, whatever leads to it. A link is recorded, and
 * what it points to is taken as another path; what is no regular file is recorded and never opened;
 * what must not be taken (collectors/secrets.h) is recorded with a note.
 */
#include "collectors/expand.h"
#include "collectors/linux/host.h"
#include "collectors/secrets.h"

enum { TAKER_MOST = 1 << 20 };           /* files that are remembered; later ones may be taken twice */

struct taker_identity { int64_t device, inode; };

struct taker {
	struct host *host;
	const struct expansion *expansion;   /* how links are followed */
	struct secrets secrets;
	struct taker_identity *taken;        /* open addressing; inode 0 is free */
	size_t count, capacity;
	struct span artifact;                /* name of the definition that is at work */
	bool paths_only;                     /* it names paths, not contents */
};

/* What is given stays the caller's. */
int taker_init(struct taker *t, struct host *host, const struct expansion *expansion, struct fail *f);
void taker_done(struct taker *t);
/* Takes what stands at facts->path. */
int taker_found(struct taker *t, const struct file_facts *facts, struct fail *f);
/* The facts and these bytes, as they are. */
int taker_send(struct taker *t, const struct file_facts *facts, struct source *in, struct fail *f);
/* A note; `english` has its twin and no conversions. */
int taker_note(struct taker *t, struct span path, const char *english, struct fail *f);
#endif
