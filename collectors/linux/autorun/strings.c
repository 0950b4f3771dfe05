/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/autorun/strings.h"

#include <stdlib.h>

enum { BLOCK = 1 << 15 };

struct strings_block { struct strings_block *next; size_t used, size; uint8_t bytes[]; };

struct span strings_keep(struct strings *s, struct span bytes)
{
	struct strings_block *b = s->first;
	uint8_t *copy;

	if (!b || b->size - b->used < bytes.size) {
		size_t size = bytes.size > BLOCK ? bytes.size : BLOCK;

		b = malloc(sizeof *b + size);
		if (!b) {
			s->bad = true;
			return (struct span){ 0 };
		}
		*b = (struct strings_block){ .next = s->first, .size = size };
		s->first = b;
	}
	copy = b->bytes + b->used;
	if (bytes.size)
		memcpy(copy, bytes.data, bytes.size);
	b->used += bytes.size;
	return (struct span){ copy, bytes.size };
}

void strings_done(struct strings *s)
{
	while (s->first) {
		struct strings_block *next = s->first->next;

		free(s->first);
		s->first = next;
	}
	s->bad = false;
}
