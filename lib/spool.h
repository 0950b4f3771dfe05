/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SPOOL_H
#define KAKE_SPOOL_H
/* A nameless temporary file, used again and again, for bytes that are to be read more than once. */
#include "lib/source.h"

struct spool;
/* A source over what the spool holds, with read_at; valid until the next spool_fill. */
struct spool_source { struct source source; struct spool *spool; };

int spool_open(struct spool **s, struct fail *f);
/* Replaces the contents by the rest of `in`. *broken: `in` failed (then with *why), what came is kept. */
int spool_fill(struct spool *s, struct source *in, bool *broken, struct fail *why, struct fail *f);
void spool_source_init(struct spool_source *source, struct spool *s);
void spool_close(struct spool *s);
#endif
