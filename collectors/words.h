/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_WORDS_H
#define KAKE_WORDS_H
/* Numbers as people read them. */
#include "lib/buf.h"

void words_number(struct buf *out, int64_t number);            /* 1,234,567 */
void words_size(struct buf *out, int64_t bytes);               /* 812 B, 45.2 MB */
void words_duration(struct buf *out, int64_t nanoseconds);     /* 0:07, 1:02:03 */
#endif
