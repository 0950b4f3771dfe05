/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/artifacts.h"

#include <stdlib.h>

#include "lib/os.h"
#include "lib/table.h"

struct artifact *artifact_new(void)
{
	return calloc(1, sizeof(struct artifact));
}

void artifact_free(struct artifact *artifact)
{
	if (!artifact)
		return;
	for (size_t i = 0; i < artifact->source_count; i++) {
		buf_done(&artifact->sources[i].type_name);
		buf_done(&artifact->sources[i].os);
		buf_done(&artifact->sources[i].values);
	}
	free(artifact->sources);
	buf_done(&artifact->name);
	buf_done(&artifact->doc);
	buf_done(&artifact->aliases);
	buf_done(&artifact->os);
	free(artifact);
}

int artifacts_keep(struct artifacts *a, struct artifact *artifact, struct fail *f)
{
	if (a->count == ARTIFACTS_MOST) {
		artifact_free(artifact);
		return fail_set(f, "more than %d artifact definitions", ARTIFACTS_MOST);
	}
	if (a->count == a->capacity) {
		size_t more = a->capacity ? a->capacity * 2 : 64;
		struct artifact **grown = realloc(a->items, more * sizeof *grown);

		if (!grown) {
			artifact_free(artifact);
			return fail_set(f, "out of memory");
		}
		a->items = grown;
		a->capacity = more;
	}
	artifact->file = a->files;
	a->items[a->count++] = artifact;
	return 0;
}

static int by_name(const void *one, const void *other)
{
	const struct artifact_name *x = one, *y = other;
	int order = span_compare(x->name, y->name);

	return order ? order : (x->artifact->file < y->artifact->file) - (x->artifact->file > y->artifact->file);
}

static size_t add_names(struct artifact *artifact, struct artifact_name *names)
{
	struct span rest = buf_span(&artifact->aliases), alias;
	size_t count = 0;

	if (names)
		names[count] = (struct artifact_name){ buf_span(&artifact->name), artifact };
	count++;
	while (list_next(&rest, &alias)) {
		if (names)
			names[count] = (struct artifact_name){ alias, artifact };
		count++;
	}
	return count;
}

/* Sorts all names; of equal ones that of the last file counts. */
static int index_names(struct artifacts *a, struct fail *f)
{
	size_t count = 0, kept = 0;

	for (size_t i = 0; i < a->count; i++)
		count += add_names(a->items[i], NULL);
	free(a->names);
	a->name_count = 0;
	a->names = calloc(count ? count : 1, sizeof *a->names);
	if (!a->names)
		return fail_set(f, "out of memory");
	for (size_t i = 0, at = 0; i < a->count; i++)
		at += add_names(a->items[i], a->names + at);
	qsort(a->names, count, sizeof *a->names, by_name);
	for (size_t i = 0; i < count; i++)
		if (!kept || !span_equal(a->names[kept - 1].name, a->names[i].name))
			a->names[kept++] = a->names[i];
	a->name_count = kept;
	return 0;
}

struct artifact *artifacts_find(const struct artifacts *a, struct span name)
{
	size_t low = 0, high = a->name_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		int order = span_compare(name, a->names[middle].name);

		if (!order)
			return a->names[middle].artifact;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

int artifacts_check(struct artifacts *a, struct fail *f)
{
	if (index_names(a, f))
		return -1;
	for (size_t i = 0; i < a->count; i++) {
		struct artifact *artifact = a->items[i];

		for (size_t j = 0; j < artifact->source_count; j++) {
			struct span rest = buf_span(&artifact->sources[j].values), name;

			while (artifact->sources[j].type == ARTIFACT_GROUP && list_next(&rest, &name))
				if (!artifacts_find(a, name))
					return fail_set(f, "artifact '%.*s', which '%s' names, is not defined",
					                (int)name.size, (const char *)name.data,
					                buf_string(&artifact->name));
		}
	}
	return 0;
}

struct each {
	struct artifacts *a;
	int (*take)(void *context, struct artifact *artifact, struct fail *f);
	void *context;
};

static int visit(const struct each *each, struct artifact *artifact, int depth, struct fail *f)
{
	bool only_group = artifact->source_count > 0;

	if (artifact->seen)
		return 0;
	if (depth == ARTIFACTS_NESTING)
		return fail_set(f, "artifact groups are nested more than %d deep", ARTIFACTS_NESTING);
	artifact->seen = true;
	for (size_t i = 0; i < artifact->source_count; i++) {
		struct span rest = buf_span(&artifact->sources[i].values), name;

		if (artifact->sources[i].type != ARTIFACT_GROUP) {
			only_group = false;
			continue;
		}
		while (list_next(&rest, &name)) {
			struct artifact *member = artifacts_find(each->a, name);

			if (member && visit(each, member, depth + 1, f))
				return -1;
		}
	}
	return only_group ? 0 : each->take(each->context, artifact, f);
}

int artifacts_each(struct artifacts *a, struct span name,
                   int (*take)(void *context, struct artifact *artifact, struct fail *f),
                   void *context, struct fail *f)
{
	struct artifact *artifact = artifacts_find(a, name);
	struct each each = { a, take, context };

	if (!artifact)
		return fail_set(f, "artifact '%.*s' is not defined", (int)name.size, (const char *)name.data);
	return visit(&each, artifact, 0, f);
}

void artifacts_forget(struct artifacts *a)
{
	for (size_t i = 0; i < a->count; i++)
		a->items[i]->seen = false;
}

bool artifact_is_for(const struct buf *os, const char *system)
{
	struct span rest = buf_span(os), one;

	if (!rest.size)
		return true;
	while (list_next(&rest, &one))
		if (span_is(one, system))
			return true;
	return false;
}

int artifacts_load(struct artifacts *a, const char *path, struct fail *f)
{
	struct buf bytes = { 0 };
	int result = artifacts_add(a, "linux.yaml", (struct span){ artifacts_yaml, artifacts_yaml_size }, f);

	if (!result && path) {
		result = os_read_whole(path, ARTIFACTS_BYTES, &bytes, f);
		if (!result)
			result = artifacts_add(a, path, buf_span(&bytes), f);
	}
	buf_done(&bytes);
	return result ? -1 : artifacts_check(a, f);
}

void artifacts_done(struct artifacts *a)
{
	for (size_t i = 0; i < a->count; i++)
		artifact_free(a->items[i]);
	free(a->items);
	free(a->names);
	*a = (struct artifacts){ 0 };
}
