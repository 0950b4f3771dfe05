/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_VOLUMES_H
#define KAKE_VOLUMES_H
/*
 * One stream in several files, NAME.000, NAME.001, …: joined by cat they are the stream. As with a
 * single file each stands under .part until the whole is complete.
 */
#include "lib/output.h"
#include "lib/source.h"

enum { VOLUMES_MAX = 1000 };

struct os_reserve;

/*
 * Each volume but the last has exactly `size` bytes. Never over an existing file. `reserve` (NULL:
 * none) is what a full disk may take: see lib/os.h.
 */
int volumes_output_open(struct output **o, const char *path, int64_t size, struct os_reserve *reserve,
                        struct fail *f);
/* Gives all of them their names, after end(). */
int volumes_output_keep(struct output *o, struct fail *f);
unsigned volumes_output_count(const struct output *o);
/* device and inode of the i-th volume so far; false behind the last. */
bool volumes_output_identity(const struct output *o, unsigned i, int64_t *device, int64_t *inode);

/* Whether the path ends in .000 (or .000.part), so that others may follow. */
bool volumes_begin(const char *path);
/*
 * The stream from its first volume on. Where a number is missing and a later one is there, reading
 * fails and names the missing one; a missing last volume only shows as a stream that ends early.
 */
int volumes_source_open(struct source **s, const char *first, struct fail *f);
/* File name of the volume that holds the byte at `offset` of the stream (the last one behind the end). */
const char *volumes_source_name(const struct source *s, int64_t offset);
void volumes_source_close(struct source *s);
#endif
