/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/volumes.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/os.h"

enum { SUFFIX = 4, LOOK_AHEAD = 16 };    /* ".000" */

struct volumes_output {
	struct output output;
	struct buf path;
	struct os_reserve *reserve;
	int64_t size, used;                  /* bytes of a volume, and in the one that is open */
	struct output *parts[VOLUMES_MAX];
	unsigned count;
};

static int next_part(struct volumes_output *v, struct fail *f)
{
	struct buf name = { 0 };
	int result;

	if (v->count == VOLUMES_MAX)
		return fail_set(f, "the archive needs more than %d volumes; choose larger ones", VOLUMES_MAX);
	if (v->count && v->parts[v->count - 1]->end(v->parts[v->count - 1], f))
		return -1;
	buf_printf(&name, "%s.%03u", buf_string(&v->path), v->count);
	result = name.bad ? fail_set(f, "out of memory") :
	         os_output_open(&v->parts[v->count], buf_string(&name), f);
	buf_done(&name);
	if (result)
		return -1;
	os_output_spare(v->parts[v->count], v->reserve);
	v->count++;
	v->used = 0;
	return 0;
}

static int volumes_write(struct output *o, struct span bytes, struct fail *f)
{
	struct volumes_output *v = (struct volumes_output *)o;

	while (bytes.size) {
		struct output *part;
		struct span fits;

		if (v->used == v->size && next_part(v, f))
			return -1;
		part = v->parts[v->count - 1];
		fits = (int64_t)bytes.size > v->size - v->used ?
		       span_part(bytes, 0, (size_t)(v->size - v->used)) : bytes;
		if (part->write(part, fits, f))
			return -1;
		v->used += (int64_t)fits.size;
		bytes = span_part(bytes, fits.size, bytes.size);
	}
	return 0;
}

static int volumes_settle(struct output *o, struct fail *f)
{
	struct volumes_output *v = (struct volumes_output *)o;

	return v->parts[v->count - 1]->settle(v->parts[v->count - 1], f);
}

static int volumes_end(struct output *o, struct fail *f)
{
	struct volumes_output *v = (struct volumes_output *)o;

	return v->parts[v->count - 1]->end(v->parts[v->count - 1], f);
}

static void volumes_close(struct output *o)
{
	struct volumes_output *v = (struct volumes_output *)o;

	for (unsigned i = 0; i < v->count; i++)
		v->parts[i]->close(v->parts[i]);
	buf_done(&v->path);
	free(v);
}

int volumes_output_open(struct output **o, const char *path, int64_t size, struct os_reserve *reserve,
                        struct fail *f)
{
	struct volumes_output *v;

	if (size <= 0)
		return fail_set(f, "a volume needs a size above zero");
	v = calloc(1, sizeof *v);
	if (!v)
		return fail_set(f, "out of memory");
	v->output = (struct output){ volumes_write, volumes_settle, volumes_end, volumes_close, 0 };
	v->size = size;
	v->reserve = reserve;
	buf_text(&v->path, path);
	if (next_part(v, f)) {
		volumes_close(&v->output);
		return -1;
	}
	*o = &v->output;
	return 0;
}

int volumes_output_keep(struct output *o, struct fail *f)
{
	struct volumes_output *v = (struct volumes_output *)o;

	for (unsigned i = 0; i < v->count; i++)
		if (os_output_keep(v->parts[i], f))
			return -1;
	return 0;
}

unsigned volumes_output_count(const struct output *o)
{
	return ((const struct volumes_output *)o)->count;
}

bool volumes_output_identity(const struct output *o, unsigned i, int64_t *device, int64_t *inode)
{
	const struct volumes_output *v = (const struct volumes_output *)o;

	if (i >= v->count)
		return false;
	os_output_identity(v->parts[i], device, inode);
	return true;
}

struct volumes_source {
	struct source source;
	struct buf stem, name;               /* without ".000"; scratch */
	struct os_source parts[VOLUMES_MAX];
	unsigned count, number;              /* open volumes; the one that is read */
	unsigned missing;                    /* number behind the last open one where a later one is there, else 0 */
	int64_t starts[VOLUMES_MAX];         /* offset in the stream at which each volume begins */
};

/* The path without its ".000" or ".000.part"; empty if it has none. */
static struct span stem_of(const char *path)
{
	struct span stem = span_of(path);

	if (span_ends(stem, ".part"))
		stem.size -= sizeof ".part" - 1;
	if (!span_ends(stem, ".000"))
		return (struct span){ 0 };
	return span_part(stem, 0, stem.size - SUFFIX);
}

bool volumes_begin(const char *path)
{
	return stem_of(path).size > 0;
}

/* Opens volume `number`, complete or not; -1 with ENOENT's reason if neither is there. */
static int open_number(struct volumes_source *v, unsigned number, struct os_source *part, struct fail *f)
{
	struct fail ignored;

	buf_clear(&v->name);
	buf_add(&v->name, buf_span(&v->stem));
	buf_printf(&v->name, ".%03u.part", number);
	if (os_source_open(part, buf_string(&v->name), &ignored) == 0)
		return 0;
	v->name.size -= sizeof ".part" - 1;
	return os_source_open(part, buf_string(&v->name), f);
}

static int64_t volumes_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct volumes_source *v = (struct volumes_source *)s;
	int64_t got;

	for (;;) {
		got = source_read(&v->parts[v->number].source, bytes, size, f);
		if (got)
			return got;
		if (v->number + 1 == v->count)
			break;
		v->starts[++v->number] = v->source.offset;
	}
	return v->missing ? fail_set(f, "volume '%s.%03u' is missing", buf_string(&v->stem), v->missing) : 0;
}

/*
 * Opens all that follow the first at once: who reads hostile evidence gives up the right to open
 * files before.
 */
static void open_others(struct volumes_source *v)
{
	struct os_source later;
	struct fail ignored;

	while (v->count < VOLUMES_MAX && open_number(v, v->count, &v->parts[v->count], &ignored) == 0)
		v->count++;
	for (unsigned i = v->count + 1; i < VOLUMES_MAX && i <= v->count + LOOK_AHEAD; i++)
		if (open_number(v, i, &later, &ignored) == 0) {
			os_source_close(&later);
			v->missing = v->count;
			break;
		}
}

int volumes_source_open(struct source **s, const char *first, struct fail *f)
{
	struct volumes_source *v = calloc(1, sizeof *v);

	if (!v)
		return fail_set(f, "out of memory");
	v->source = (struct source){ .size = -1, .read = volumes_read };
	buf_add(&v->stem, stem_of(first));
	if (open_number(v, 0, &v->parts[0], f)) {
		volumes_source_close(&v->source);
		return -1;
	}
	v->count = 1;
	open_others(v);
	*s = &v->source;
	return 0;
}

const char *volumes_source_name(const struct source *s, int64_t offset)
{
	struct volumes_source *v = (struct volumes_source *)(uintptr_t)s;
	unsigned number = v->number;

	while (number && v->starts[number] > offset)
		number--;
	buf_clear(&v->name);
	buf_add(&v->name, buf_span(&v->stem));
	buf_printf(&v->name, ".%03u", number);
	return buf_string(&v->name);
}

void volumes_source_close(struct source *s)
{
	struct volumes_source *v = (struct volumes_source *)s;

	if (!v)
		return;
	for (unsigned i = 0; i < v->count; i++)
		os_source_close(&v->parts[i]);
	buf_done(&v->stem);
	buf_done(&v->name);
	free(v);
}
