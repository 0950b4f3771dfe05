/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_STRINGS_H
#define KAKE_AUTORUN_STRINGS_H
/* Copies of bytes that stay where they are until all are freed at once. */
#include "lib/span.h"

struct strings_block;
struct strings { struct strings_block *first; bool bad; };

/* The copy; empty, and `bad` set, if there is no memory. */
struct span strings_keep(struct strings *s, struct span bytes);
void strings_done(struct strings *s);
#endif
