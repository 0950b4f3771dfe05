/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_FILL_H
#define KAKE_FILL_H
/* The texts of a finding: values of the evidence put where a rule's text names them. */
#include "lib/buf.h"

enum { FILL_VALUES = 3, FILL_BYTES = 240 };   /* longer values are cut at a character, with "…" */

/* Replaces the contents of `out` by the text with {1} {2} {3} filled in; an empty value shows as "-". */
void fill_text(struct buf *out, const char *text, const struct span values[FILL_VALUES]);
/* Replaces the contents of `out` by the subject, cut like a value. */
void fill_subject(struct buf *out, struct span subject);
/* Adds at most `most` bytes, cut at a character, then "…" if something was left out. */
void fill_cut(struct buf *out, struct span text, size_t most);
#endif
