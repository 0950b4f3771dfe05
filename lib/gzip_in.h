/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_GZIP_IN_H
#define KAKE_GZIP_IN_H
/*
 * The contents of a gzip file (RFC 1952), also of several members in a row, as a source above another
 * one. Damage does not fail a read: the contents end there, what came before stays good, and
 * gzip_in_problem says what was wrong. A read fails only where the source below does.
 */
#include "lib/source.h"

#define GZIP_MOST (INT64_C(8) << 30)    /* bytes of contents; a bomb ends there */

struct gzip_in;

/* `below` stays the caller's; `most`: bytes of contents after which it ends with a problem. */
int gzip_in_open(struct gzip_in **g, struct source *below, int64_t most, struct fail *f);
struct source *gzip_in_source(struct gzip_in *g);
/* What ended the contents early, or what stands behind them; NULL if nothing is wrong so far. */
const struct fail *gzip_in_problem(const struct gzip_in *g);
void gzip_in_close(struct gzip_in *g);
#endif
