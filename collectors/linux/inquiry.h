/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_INQUIRY_H
#define KAKE_LINUX_INQUIRY_H
/*
 * What the kernel says of one process, read by the guard's child, because cmdline, environ and maps
 * wait for the memory lock of the process, and a stat of its image may ask a server that is gone.
 * The child holds the process's directory open: all texts are of the same process, or missing.
 */
#include "collectors/guard.h"
#include "collectors/module.h"

enum {
	INQUIRY_COMMAND = 128 << 10,         /* bytes kept of the arguments */
	INQUIRY_ENVIRONMENT = 1 << 20,       /* and of the environment */
	INQUIRY_TEXT = 64 << 10,             /* of any other text */
	INQUIRY_DESCRIPTORS = 1 << 16,       /* open files of one process; more are only counted */
	INQUIRY_MAPS = 256 << 20,            /* of maps */
	/* Deadlines. Each hang halves the first two for the next questions, down to the shortest. */
	INQUIRY_MILLISECONDS = 3000,
	INQUIRY_STREAM_MILLISECONDS = 12000, /* maps, open files */
	INQUIRY_SHORTEST = 250,              /* a thousand times what an answer takes */
	INQUIRY_DIGEST_MILLISECONDS = 60000,
	INQUIRY_DIGESTS = 1 << 16,           /* files whose digests are remembered */
};

#define INQUIRY_DIGEST_BYTES (INT64_C(4) << 30)     /* a larger image is not digested */

enum piece {
	PIECE_STAT,
	PIECE_STATUS,
	PIECE_CGROUP,
	PIECE_LOGINUID,
	PIECE_NAMESPACES,                    /* COL_LIST of kind:[inode] */
	PIECE_MOUNT_NAMESPACE,               /* that one alone */
	PIECE_IMAGE,                         /* link of exe */
	PIECE_CWD,                           /* links */
	PIECE_ROOT,
	PIECE_IMAGE_FACTS,                   /* struct image_facts */
	PIECE_COMMAND,
	PIECE_ENVIRONMENT,
	PIECE_MAPS,                          /* as a stream to inquiry.take */
	PIECE_BACKING,                       /* struct image_facts of the mappings that were named */
	PIECE_DESCRIPTORS,                   /* stream of fd NUL link NUL fdinfo NUL */
	PIECE_LEFT,                          /* number of descriptors that were only counted */
	PIECE_STAT_AFTER,
	PIECES,
};

/* Which pieces one question is about. */
#define PIECE(p) (1u << (p))
enum {
	/* These cannot hang. */
	ASK_SAFE = PIECE(PIECE_STAT) | PIECE(PIECE_STATUS) | PIECE(PIECE_CGROUP) |
	           PIECE(PIECE_LOGINUID) | PIECE(PIECE_NAMESPACES) | PIECE(PIECE_IMAGE) |
	           PIECE(PIECE_CWD) | PIECE(PIECE_ROOT) | PIECE(PIECE_STAT_AFTER),
	ASK_MEMORY = PIECE(PIECE_IMAGE_FACTS) | PIECE(PIECE_COMMAND) | PIECE(PIECE_ENVIRONMENT),
};

/* A running file, and what stands under its path now, as the process itself would find it. */
struct image_facts {
	bool known;                          /* the running file could be looked at */
	bool deleted;                        /* its name is gone (or it never had one) */
	bool standing;                       /* a file stands under the path */
	bool regular;
	bool digested;
	int64_t device, inode, size, links;
	int64_t disk_device, disk_inode;
	uint8_t sha256[SHA256_SIZE];
};

struct inquiry {
	struct guard *guard;
	int64_t pid;
	unsigned hangs;                      /* questions that were not answered in time */
	bool covered;                        /* ask a view of /proc on which nothing lies */
	struct buf text[PIECES];             /* what came, per piece */
	int error[PIECES];                   /* errno, where it could not be read */
	bool cut[PIECES];                    /* there was more than the limit */
	/* Bytes of a streamed piece, in order; -1 ends the question. */
	int (*take)(void *context, struct span bytes, struct fail *f);
	void *context;
};

/*
 * Asks for the pieces in `what`. -1 with ETIMEDOUT where a read does not return. A process that has
 * ended, or that may not be looked at, is no failure: error[PIECE_STAT] is set then.
 */
int inquiry_ask(struct inquiry *q, unsigned what, struct fail *f);
/* Facts of the running image with its digest. */
int inquiry_digest(struct inquiry *q, struct image_facts *facts, struct fail *f);
/*
 * Facts of the files behind mappings: START-END ranges as in maps, each with its path, as a COL_LIST
 * of two items each; `facts` has room for one per range. Files of at most `most` bytes are digested;
 * with 0, only the digests that are remembered are given, within the shorter deadline.
 */
int inquiry_backing(struct inquiry *q, struct span ranges, int64_t most, struct image_facts *facts,
                    size_t count, struct fail *f);
/* Start of the process as an instant, from ticks since boot; false if the boot time is not known. */
struct boot { bool known; int64_t instant, ticks; };
void boot_read(struct boot *b, struct os_root *root);
bool boot_instant(const struct boot *b, int64_t ticks, int64_t *out);
/* The same process, and no other program in it, before and after the question. */
bool inquiry_settled(const struct inquiry *q);
/* The process has ended while it was read. */
bool inquiry_vanished(const struct inquiry *q);
void inquiry_done(struct inquiry *q);

/* What a module could not read of all processes together, and the notes that say so. */
struct toll { int64_t vanished, denied, first_denied; };
/* `error`: errno of a piece that was asked for. */
void toll_denied(struct toll *t, int64_t pid, int error);
int toll_note(struct collection *c, const struct toll *t, struct fail *f);
#endif
