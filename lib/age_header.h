/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AGE_HEADER_H
#define KAKE_AGE_HEADER_H
/* The header of an age file: internal to lib/age*.c. */
#include "lib/age.h"
#include "lib/age_crypt.h"

/* Adds the header, from its first line to the line end behind its MAC. */
int age_header_write(struct buf *out, const struct age_recipients *r, const uint8_t file_key[AGE_FILE_KEY],
                     struct fail *f);
/* The file key out of a whole header. */
int age_header_read(struct span header, const struct age_identities *i, uint8_t file_key[AGE_FILE_KEY],
                    struct fail *f);
#endif
