/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_COVERAGE_H
#define KAKE_COVERAGE_H
/*
 * What the logs of an archive span, kept as rows pass: for each log, rotated files counted as one,
 * first and last time, rows, and the longest time without one.
 */
#include "triage/store.h"

struct coverage;

int coverage_open(struct coverage **c, struct fail *f);
/* A file of a log begins; its rows follow. */
int coverage_file(struct coverage *c, struct span path, int64_t entry_id, struct fail *f);
/* fresh: not seen before in the case. */
void coverage_row(struct coverage *c, const struct row *row, bool fresh);
/* Writes the logs of entries up to `last_entry` and the tables of the host into `coverage`. */
int coverage_write(struct coverage *c, struct store *s, int64_t host_id, int64_t last_entry,
                   struct fail *f);
void coverage_close(struct coverage *c);
#endif
