/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_EVIDENCE_H
#define KAKE_EVIDENCE_H
/*
 * An archive as a stream of zstd bytes, however it lies on the disk: one file or volumes (named by
 * the first), encrypted with age or not. "-" is standard input.
 */
#include "lib/age.h"
#include "lib/os.h"

enum { EVIDENCE_FIRST = 32 };           /* bytes that tell what it is */

struct evidence {
	struct source *source;              /* what pack_reader_open takes */
	int64_t size;                       /* bytes on the disk, or -1 */
	const struct source *disk;          /* its offset tells how far reading has come */
	/* inside */
	struct source again;                /* the first bytes once more, then the rest */
	uint8_t first[EVIDENCE_FIRST];
	size_t first_size;
	struct source *below, *volumes, *age;
	struct os_source file;
};

/* `identities` (NULL: none) stay the caller's. `e` must stay where it is until it is closed. */
int evidence_open(struct evidence *e, const char *path, const struct age_identities *identities,
                  struct fail *f);
void evidence_close(struct evidence *e);
/*
 * The identities out of a file of age secret keys; none where `path` is NULL. Where the file is itself
 * encrypted with a passphrase, asks for it on the terminal.
 */
int evidence_identities(struct age_identities **i, const char *path, struct fail *f);
#endif
