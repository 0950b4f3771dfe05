/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_DESTINATION_H
#define KAKE_DESTINATION_H
/*
 * Where the archive goes: a file or volumes, encrypted where there is a recipient, with space kept
 * for a proper end.
 */
#include "lib/age.h"
#include "lib/os.h"

enum {
	RESERVE_BYTES = 8 << 20,
	DESTINATION_MARGIN = 1 << 16,        /* volumes stay this much below what the file system can hold */
};

struct destination {
	struct age_recipients *recipients;   /* NULL: not encrypted */
	int64_t volume_size;                 /* 0: one file */
	struct os_reserve reserve;
	struct output *file;                 /* file or volumes; belongs to the output above */
};

/*
 * Chooses: recipients out of `recipient` (a file of age public keys), else of kit/recipient.txt
 * beside the program if it is there, unless `plain`; volumes of `volume_size`, or (0) as large as the
 * file system of the directory wants them.
 */
int destination_choose(struct destination *d, const char *recipient, bool plain, int64_t volume_size,
                       const char *directory, struct span program, struct fail *f);
/* ".tar.zst" or ".tar.zst.age". */
const char *destination_ending(const struct destination *d);
/*
 * Opens PATH (or PATH.000 …); EEXIST in f->code where the name is taken. A reserve that cannot be
 * had is told in *no_reserve, and is no failure.
 */
int destination_open(struct destination *d, const char *path, struct output **o, bool *no_reserve,
                     struct fail *f);
/* Names of the files, after the output has ended. */
int destination_keep(struct destination *d, struct fail *f);
/* How many files there are, and the identity of the i-th. */
unsigned destination_files(const struct destination *d);
bool destination_identity(const struct destination *d, unsigned i, int64_t *device, int64_t *inode);
/* Gives up the reserve and forgets the recipients; the output is closed by its owner. */
void destination_done(struct destination *d);
#endif
