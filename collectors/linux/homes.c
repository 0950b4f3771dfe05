/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/homes.h"

#include <stdlib.h>

#include "lib/path.h"

static int by_path(const void *a, const void *b)
{
	const struct home *one = a, *other = b;
	int order = span_compare(one->path, other->path);

	/* Among equals the account with the highest id: people before services, any before none. */
	return order ? order : (one->uid < other->uid) - (one->uid > other->uid);
}

int homes_open(struct homes *h, const struct host *host, struct fail *f)
{
	struct home root = { .user = span_of("root"), .uid = -1 };
	size_t most = host->user_count + 1, at = 0, kept = 0;

	*h = (struct homes){ .items = calloc(most, sizeof *h->items) };
	if (!h->items)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < host->user_count; i++) {
		const struct passwd *user = &host->users[i];
		size_t start = h->text.size;

		if (!user->home.size || user->home.data[0] != '/')
			continue;
		path_clean(&h->text, user->home);
		h->items[h->count++] = (struct home){ { NULL, h->text.size - start }, user->name, user->uid_number };
	}
	buf_text(&h->text, "/root");
	root.path.size = 5;
	h->items[h->count++] = root;
	if (h->text.bad) {
		homes_done(h);
		return fail_set(f, "out of memory");
	}
	for (size_t i = 0; i < h->count; i++) {
		h->items[i].path.data = h->text.data + at;
		at += h->items[i].path.size;
	}
	qsort(h->items, h->count, sizeof *h->items, by_path);
	for (size_t i = 0; i < h->count; i++)
		if (h->items[i].path.size > 1 &&
		    (!kept || !span_equal(h->items[i].path, h->items[kept - 1].path)))
			h->items[kept++] = h->items[i];
	h->count = kept;
	return 0;
}

void homes_done(struct homes *h)
{
	free(h->items);
	buf_done(&h->text);
	*h = (struct homes){ 0 };
}

const struct home *homes_find(const struct homes *h, struct span path)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = span_compare(path, h->items[middle].path);

		if (!order)
			return &h->items[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}
