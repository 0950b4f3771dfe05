/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_REMARKS_H
#define KAKE_REMARKS_H
/*
 * Notes of one parse. A file of nothing but rubbish must not fill the case file: the first notes are
 * given as they come, the rest is counted and told in a last one.
 */
#include "triage/parser.h"

enum { REMARKS_LISTED = 100 };

struct remarks { struct sink *out; const char *module; struct span item; int64_t count; };

struct remarks remarks_of(struct sink *out, const char *module, const struct origin *origin);
/* A note on what is at `offset` in the source, or -1; the format as in fail_set. */
int remark(struct remarks *r, int64_t offset, struct fail *f, const char *english, ...)
	__attribute__((format(printf, 4, 5)));
/* The last note, if any were only counted. */
int remarks_end(struct remarks *r, struct fail *f);
#endif
