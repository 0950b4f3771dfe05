/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_REGIONS_H
#define KAKE_LINUX_REGIONS_H
/*
 * The mappings of one process, summarised: only those that hold executable code matter, and each
 * file stands once. Fed with the bytes of /proc/PID/maps as they come, in bounded memory, however
 * many mappings there are.
 */
#include "collectors/linux/proc_text.h"
#include "lib/fail.h"

enum {
	REGIONS_LINES = 1 << 20,             /* mappings that are looked at; more are only counted */
	REGIONS_MOST = 4096,                 /* rows of one process; more are only counted */
	REGIONS_ALONE = 64,                  /* mappings without a file that get a row of their own;
	                                        further ones join one of those by their protection */
	REGIONS_HEADS = 256,
	REGIONS_LINE = 32 << 10,             /* bytes of a line; paths are at most 4096, but escaped */
};

/*
 * Why a mapping matters, the first that holds. The kernel's own code pages are left out; a second
 * page called [vdso] in one process is not the kernel's.
 */
enum reason {
	REASON_NONE,
	REASON_MEMFD,                        /* code in a memfd */
	REASON_DELETED,                      /* in a file whose name is gone */
	REASON_WRITABLE,                     /* writable and executable at once, with a file or without */
	REASON_ANONYMOUS,                    /* in memory without a file, also heap, stack, shared memory */
	REASON_REPLACED,                     /* another file stands under the path now */
	REASON_FILE,                         /* code of a file, as it should be */
};

struct region {
	enum reason reason;
	bool file;                           /* behind it, or else nothing that could be opened */
	uint64_t start, first_end, size, offset;    /* start … offset of the first mapping */
	int64_t count, inode;
	char protection[5];
	size_t device_at, device_size, path_at, path_size;     /* in regions.text */
	size_t next;                         /* 1 + the index of the next of its list, 0: none */
};

struct regions {
	struct region *items;
	size_t count, capacity, alone;
	size_t heads[REGIONS_HEADS];         /* lists by inode */
	struct buf text, line;
	int64_t lines, odd, left_out;        /* of them: unreadable; beyond a limit */
	bool vdso, skip;
};

enum reason region_reason(const struct proc_map *m, bool vdso_seen);
bool region_has_file(const struct proc_map *m);
const char *region_reason_name(enum reason reason);
int regions_add(struct regions *r, struct span bytes, struct fail *f);
/* After the last bytes. */
int regions_end(struct regions *r, struct fail *f);
struct span region_path(const struct regions *r, const struct region *region);
struct span region_device(const struct regions *r, const struct region *region);
/* Forgets the process and keeps the memory. */
void regions_clear(struct regions *r);
void regions_done(struct regions *r);
#endif
