/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/regions.h"

#include <stdlib.h>

const char *region_reason_name(enum reason reason)
{
	static const char *const names[] = {
		[REASON_NONE] = "", [REASON_MEMFD] = "memfd-backing", [REASON_DELETED] = "deleted-backing",
		[REASON_ANONYMOUS] = "anonymous-executable", [REASON_WRITABLE] = "writable-executable",
		[REASON_REPLACED] = "replaced-backing", [REASON_FILE] = "file-executable",
	};

	return names[reason];
}

/* Code pages that the kernel itself puts into every process. */
static bool is_kernels(struct span name)
{
	static const char *const names[] = { "[vsyscall]", "[uprobes]", "[vectors]", "[sigpage]" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (span_is(name, names[i]))
			return true;
	return false;
}

bool region_has_file(const struct proc_map *m)
{
	/* What the kernel names like files, though no name was ever in a directory. */
	return m->path.size && m->path.data[0] == '/' && !span_starts(m->path, "/SYSV") &&
	       !span_is(m->path, "/dev/zero (deleted)") && !span_is(m->path, "/anon_hugepage (deleted)");
}

enum reason region_reason(const struct proc_map *m, bool vdso_seen)
{
	bool file = region_has_file(m);

	if (!proc_map_executable(m) || is_kernels(m->path) || (span_is(m->path, "[vdso]") && !vdso_seen))
		return REASON_NONE;
	if (span_starts(m->path, "/memfd:"))
		return REASON_MEMFD;
	if (file && proc_link_deleted(m->path))
		return REASON_DELETED;
	if (proc_map_writable(m))
		return REASON_WRITABLE;
	return file ? REASON_FILE : REASON_ANONYMOUS;
}

struct span region_path(const struct regions *r, const struct region *region)
{
	return span_part(buf_span(&r->text), region->path_at, region->path_size);
}

struct span region_device(const struct regions *r, const struct region *region)
{
	return span_part(buf_span(&r->text), region->device_at, region->device_size);
}

static size_t *head_of(struct regions *r, const struct proc_map *m)
{
	uint64_t key = region_has_file(m) ? (uint64_t)m->inode : 0;

	return &r->heads[key % REGIONS_HEADS];
}

/* The row that the mapping joins, or NULL. */
static struct region *find(struct regions *r, enum reason reason, const struct proc_map *m)
{
	for (size_t at = *head_of(r, m); at; at = r->items[at - 1].next) {
		struct region *known = &r->items[at - 1];

		if (known->reason != reason || known->file != region_has_file(m))
			continue;
		if (!known->file) {
			if (r->alone >= REGIONS_ALONE && memcmp(known->protection, m->protection.data, 4) == 0)
				return known;
		} else if (known->inode == m->inode && span_equal(region_device(r, known), m->device) &&
		           span_equal(region_path(r, known), m->path)) {
			return known;
		}
	}
	return NULL;
}

static int add_region(struct regions *r, enum reason reason, const struct proc_map *m, struct fail *f)
{
	size_t *head = head_of(r, m);
	struct region *made;

	if (r->count == r->capacity) {
		size_t more = r->capacity ? r->capacity * 2 : 64;
		struct region *grown = realloc(r->items, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		r->items = grown;
		r->capacity = more;
	}
	made = &r->items[r->count++];
	*made = (struct region){
		.reason = reason, .file = region_has_file(m), .start = m->start, .first_end = m->end, .size = m->end - m->start,
		.offset = m->offset, .count = 1, .inode = m->inode, .next = *head,
	};
	*head = r->count;
	memcpy(made->protection, m->protection.data, 4);
	made->device_at = r->text.size;
	made->device_size = m->device.size;
	buf_add(&r->text, m->device);
	made->path_at = r->text.size;
	made->path_size = m->path.size;
	buf_add(&r->text, m->path);
	r->alone += !made->file;
	return r->text.bad ? fail_set(f, "out of memory") : 0;
}

static int add_line(struct regions *r, struct span line, struct fail *f)
{
	struct proc_map m;
	struct region *known;
	enum reason reason;

	if (++r->lines > REGIONS_LINES) {
		r->left_out++;
		return 0;
	}
	if (!proc_map_read(line, &m)) {
		r->odd++;
		return 0;
	}
	reason = region_reason(&m, r->vdso);
	if (span_is(m.path, "[vdso]"))
		r->vdso = true;
	if (reason == REASON_NONE)
		return 0;
	known = find(r, reason, &m);
	if (known) {
		known->count++;
		known->size += m.end - m.start;
		return 0;
	}
	if (r->count >= REGIONS_MOST) {
		r->left_out++;
		return 0;
	}
	return add_region(r, reason, &m, f);
}

int regions_add(struct regions *r, struct span bytes, struct fail *f)
{
	while (bytes.size) {
		size_t size = span_find(bytes, '\n');
		bool whole = size < bytes.size;
		struct span part = span_until(&bytes, '\n');

		if (whole && !r->line.size && !r->skip) {
			if (add_line(r, part, f))
				return -1;
			continue;
		}
		if (!r->skip)
			buf_add(&r->line, part);
		if (r->line.bad)
			return fail_set(f, "out of memory");
		if (r->line.size > REGIONS_LINE) {
			r->skip = true;
			r->odd++;
			buf_clear(&r->line);
		}
		if (whole && regions_end(r, f))
			return -1;
	}
	return 0;
}

int regions_end(struct regions *r, struct fail *f)
{
	int result = r->line.size ? add_line(r, buf_span(&r->line), f) : 0;

	buf_clear(&r->line);
	r->skip = false;
	return result;
}

void regions_clear(struct regions *r)
{
	buf_clear(&r->text);
	buf_clear(&r->line);
	*r = (struct regions){
		.items = r->items, .capacity = r->capacity, .text = r->text, .line = r->line,
	};
}

void regions_done(struct regions *r)
{
	buf_done(&r->text);
	buf_done(&r->line);
	free(r->items);
	*r = (struct regions){ 0 };
}
