/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/pairs.h"

#include <stdlib.h>

int pairs_add(struct pairs *p, struct span key, struct span value, struct fail *f)
{
	if (p->count == p->capacity) {
		size_t more = p->capacity ? p->capacity * 2 : 64;
		struct pair *grown = realloc(p->items, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		p->items = grown;
		p->capacity = more;
	}
	p->items[p->count] = (struct pair){ key, value, p->count };
	p->count++;
	return 0;
}

static int compare(const void *a, const void *b)
{
	const struct pair *x = a, *y = b;
	int order = span_compare(x->key, y->key);

	return order ? order : (x->order > y->order) - (x->order < y->order);
}

void pairs_sort(struct pairs *p)
{
	if (p->count)
		qsort(p->items, p->count, sizeof *p->items, compare);
}

size_t pairs_find(const struct pairs *p, struct span key)
{
	size_t low = 0, high = p->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (span_compare(p->items[middle].key, key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < p->count && span_equal(p->items[low].key, key) ? low : p->count;
}

void pairs_done(struct pairs *p)
{
	free(p->items);
	*p = (struct pairs){ 0 };
}
