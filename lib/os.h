/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_OS_H
#define KAKE_OS_H
/*
 * Every question that portable code asks the operating system. os_linux*.c and os_windows.c answer;
 * the build picks. What only one platform can be asked stands in collectors/<platform>/.
 */
#include "lib/output.h"
#include "lib/pack.h"

/* ---- time and machine ---- */
int64_t os_now(void);                        /* the host's clock, as an instant */
int64_t os_monotonic(void);                  /* nanoseconds that no one can set */
unsigned os_cores(void);                     /* processors this process may use, at least 1 */
bool os_is_terminal(int fd);
/* Columns of the terminal behind the descriptor, 0 if it is none or does not say. */
unsigned os_terminal_width(int fd);
/* Node name of this host, for the archive's name. */
int os_host_name(struct buf *out, struct fail *f);
/*
 * For good, takes from this process what reading hostile files needs not: other programs, the
 * network, the kernel's administration, and every file but those already open and those below
 * `directory`. *files_too false: this kernel cannot take files away. -1: nothing is safe, stop.
 */
int os_confine(const char *directory, bool *files_too, struct fail *f);

/*
 * A passphrase typed on the terminal, unseen, after the name of what it opens. Without a terminal: the
 * first line of standard input.
 */
int os_passphrase(const char *what, struct buf *out, struct fail *f);

/* ---- files of our own side (stick, analyst's disk): plain paths, UTF-8 ---- */
/* The whole file, at most `limit` bytes; longer is a failure. */
int os_read_whole(const char *path, size_t limit, struct buf *out, struct fail *f);
/*
 * Opens the file for reading; the source has read_at where the file can seek. "-" is standard input.
 */
struct os_source { struct source source; int fd; };
int os_source_open(struct os_source *s, const char *path, struct fail *f);
void os_source_close(struct os_source *s);
/*
 * A new file that stands under PATH.part until os_output_keep gives it its name: never over an
 * existing file (code EEXIST). close without keep leaves the .part for the reader of a cut archive.
 */
int os_output_open(struct output **o, const char *path, struct fail *f);
int os_output_keep(struct output *o, struct fail *f);
/*
 * Space that is kept for the end: a file without a name, given up when the disk is full, so that
 * what is being written can be closed properly. `full` is set then: whoever writes should come to
 * the end.
 */
struct os_reserve { int fd; bool held; int full; };
int os_reserve_take(struct os_reserve *r, const char *path, size_t bytes, struct fail *f);
void os_reserve_release(struct os_reserve *r);
/* Lets a full disk take the space from there; `r` outlives the output. */
void os_output_spare(struct output *o, struct os_reserve *r);
/* The largest file that the file system of the directory can hold; 0: no limit worth a word. */
int64_t os_largest_file(const char *directory);
/* device and inode of what is written, so that no walk takes it. */
void os_output_identity(const struct output *o, int64_t *device, int64_t *inode);

/* ---- files of the host: byte paths below a root, never through a link that leaves it ---- */
struct os_root;
/* "/" for the live host. */
int os_root_open(struct os_root **root, const char *directory, struct fail *f);
void os_root_close(struct os_root *root);
int os_root_fd(const struct os_root *root);
/*
 * lstat of a path, with birth time; links on the way are followed inside the root, the last one
 * only if `follow`. Never opens anything. facts->path is the path that was asked.
 * `link` (if not NULL) receives the target of a link and facts->link points into it.
 */
int os_stat(struct os_root *root, struct span path, bool follow, struct file_facts *facts,
            struct buf *link, struct fail *f);
/* The same of an open descriptor; -1 with errno. facts->path stays empty. */
int os_stat_fd(int fd, struct file_facts *facts);
/*
 * Opens a regular file and nothing else: O_PATH and fstat come first, access time is kept where the
 * system allows, and the page cache is left as it was found. `facts` are of the very file that was
 * opened. Its extents are filled in if it has holes; os_file_close frees them.
 */
struct os_file {
	struct source source;
	int fd, cache;
	struct file_facts facts;
	struct extent *extents;
};
int os_file_open(struct os_file *file, struct os_root *root, struct span path, struct fail *f);
void os_file_close(struct os_file *file);
/*
 * What lies beside the bytes of an open file; nothing where the file system has no such thing.
 * Attributes: names such as "immutable" as a COL_LIST. Extended attributes: their names, or with
 * `values` name, value in hexadecimal, name … Capabilities: the permitted set of a program.
 */
void os_file_attributes(const struct os_file *file, struct buf *list);
void os_file_xattrs(const struct os_file *file, bool values, struct buf *list);
bool os_file_capabilities(const struct os_file *file, uint64_t *permitted);
/* ---- one directory of the host, for lib/walk.c ---- */
struct os_directory { int fd; int64_t position; bool end; };
/* Below the root; the last component is no link. -1 with the reason. */
int os_directory_open(struct os_directory *d, struct os_root *root, struct span path, struct fail *f);
/* A directory in a directory (".." too), never through a link. */
int os_directory_into(struct os_directory *d, const struct os_directory *parent, const char *name,
                      struct fail *f);
/*
 * Adds a kind byte ('?' unknown), a name and a NUL for each entry that follows `position`, until
 * there are `limit` bytes or more, or `end`. Works on a directory that was opened anew, too.
 */
int os_directory_read(struct os_directory *d, size_t limit, struct buf *names, struct fail *f);
/* lstat of a name in it, or of itself if the name is ""; no automount is triggered. */
int os_directory_stat(const struct os_directory *d, const char *name, struct file_facts *facts,
                      struct fail *f);
int os_directory_file(const struct os_directory *d, const char *name, struct os_file *file,
                      struct fail *f);
/* Adds the target of a link in it. */
int os_directory_link(const struct os_directory *d, const char *name, struct buf *target,
                      struct fail *f);
void os_directory_close(struct os_directory *d);

/* Names in a directory, in the order of their bytes, without . and .. ; appended as a COL_LIST. */
int os_list(struct os_root *root, struct span path, struct buf *names, struct fail *f);
/* The whole of a small regular file (also of /proc and /sys), at most `limit` bytes; *cut if longer. */
int os_slurp(struct os_root *root, struct span path, size_t limit, struct buf *out, bool *cut,
             struct fail *f);
#endif
