/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_OPEN_H
#define KAKE_PACK_OPEN_H
/*
 * An archive on the disk as pack_reader wants it: volumes joined, age opened. What a file is shows in
 * its name (.000) and its first bytes.
 */
#include "lib/age.h"
#include "lib/os.h"

struct pack_file_source;

/*
 * `identities` may be NULL; an encrypted archive then is a failure that says what is missing. "-" is
 * standard input. The identities stay the caller's.
 */
int pack_source_open(struct pack_file_source **p, const char *path, const struct age_identities *identities,
                     struct fail *f);
struct source *pack_source(struct pack_file_source *p);
bool pack_source_encrypted(const struct pack_file_source *p);
/* File name of the volume that is being read, or NULL where the archive is one file. */
const char *pack_source_volume(const struct pack_file_source *p);
void pack_source_close(struct pack_file_source *p);

/*
 * Identities out of a file of age secret keys. A file that is itself encrypted with a passphrase needs
 * the passphrase (empty: none was given).
 */
int pack_identities_read(struct age_identities **i, const char *path, struct span passphrase, struct fail *f);
#endif
