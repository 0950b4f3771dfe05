/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINUX_PAIRS_H
#define KAKE_LINUX_PAIRS_H
/* Many values by a key of bytes, sorted once, so that a hostile file costs no more than its size. */
#include "lib/fail.h"
#include "lib/span.h"

struct pair { struct span key, value; size_t order; };
struct pairs { struct pair *items; size_t count, capacity; };

int pairs_add(struct pairs *p, struct span key, struct span value, struct fail *f);
/* Before the first pairs_find. Equal keys stay in the order in which they were added. */
void pairs_sort(struct pairs *p);
/* Index of the first pair with the key, or p->count. Those with the same key follow it. */
size_t pairs_find(const struct pairs *p, struct span key);
void pairs_done(struct pairs *p);
#endif
