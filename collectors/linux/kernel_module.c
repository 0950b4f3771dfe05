/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Modules of the kernel by three views: /proc/modules, the directories of /sys/module that have an
 * initstate (the others are built in), and the owners of symbols in /proc/kallsyms. What hides from
 * one of them is often forgotten in another.
 */
#include <errno.h>
#include <stdlib.h>

#include "collectors/linux/proc_text.h"
#include "collectors/module.h"
#include "lib/path.h"

enum {
	MODULES_MOST = 4096,
	MODULES_TEXT = 4 << 20,      /* of /proc/modules */
	SYMBOLS_TEXT = 64 << 20,     /* of /proc/kallsyms */
	VALUE_TEXT = 4096,
	SEEN_PROC = 1, SEEN_SYS = 2, SEEN_SYMBOLS = 4,
};

struct found { struct span name; unsigned seen; struct proc_module facts; };

struct modules {
	struct collection *c;
	struct found items[MODULES_MOST];
	size_t count;
	unsigned views;              /* that could be read */
	bool beyond;
	struct buf proc, sys, symbols, path, value;
};

static struct found *find(struct modules *m, struct span name)
{
	for (size_t i = 0; i < m->count; i++)
		if (span_equal(m->items[i].name, name))
			return &m->items[i];
	if (!name.size || m->count == MODULES_MOST) {
		m->beyond = m->beyond || name.size;
		return NULL;
	}
	m->items[m->count] = (struct found){ .name = name, .facts = { .size = -1, .uses = -1 } };
	return &m->items[m->count++];
}

static void mark(struct modules *m, struct span name, unsigned view)
{
	struct found *item = find(m, name);

	if (item)
		item->seen |= view;
}

static int note(struct modules *m, const char *item, const struct fail *why, struct fail *f)
{
	return collection_note(m->c, span_of(item), why, f);
}

static int read_proc(struct modules *m, struct fail *f)
{
	struct fail why;
	struct span text;
	bool cut = false;
	int64_t odd = 0;

	if (os_slurp(m->c->root, span_of("/proc/modules"), MODULES_TEXT, &m->proc, &cut, &why)) {
		/* A kernel that cannot load modules has no such file. */
		return why.code == ENOENT ? 0 : note(m, "/proc/modules", &why, f);
	}
	m->views |= SEEN_PROC;
	for (text = buf_span(&m->proc); text.size;) {
		struct proc_module facts;
		struct found *item;

		if (!proc_module_read(span_until(&text, '\n'), &facts)) {
			odd++;
			continue;
		}
		item = find(m, facts.name);
		if (item) {
			item->seen |= SEEN_PROC;
			item->facts = facts;
		}
	}
	if (!odd && !cut)
		return 0;
	fail_set(&why, "the list of modules could not be read to its end");
	return note(m, "/proc/modules", &why, f);
}

/* The trimmed text of a small file below /sys/module/NAME; empty where there is none. */
static struct span value_of(struct modules *m, struct span name, const char *file)
{
	struct fail why;
	bool cut;

	buf_clear(&m->path);
	buf_clear(&m->value);
	path_join(&m->path, span_of("/sys/module"), name);
	buf_text(&m->path, "/");
	buf_text(&m->path, file);
	if (os_slurp(m->c->root, buf_span(&m->path), VALUE_TEXT, &m->value, &cut, &why))
		return (struct span){ 0 };
	return span_trim(buf_span(&m->value));
}

static int read_sys(struct modules *m, struct fail *f)
{
	struct fail why;
	struct span rest, name;

	if (os_list(m->c->root, span_of("/sys/module"), &m->sys, &why))
		return why.code == ENOENT ? 0 : note(m, "/sys/module", &why, f);
	m->views |= SEEN_SYS;
	for (rest = buf_span(&m->sys); list_next(&rest, &name);)
		if (value_of(m, name, "initstate").size)
			mark(m, name, SEEN_SYS);
	return 0;
}

/* ADDRESS TYPE SYMBOL\t[MODULE]; what stands in brackets may also be a group of programs (bpf). */
static int read_symbols(struct modules *m, struct fail *f)
{
	struct span text, last = { 0 };
	struct fail why;
	bool cut = false;

	if (os_slurp(m->c->root, span_of("/proc/kallsyms"), SYMBOLS_TEXT, &m->symbols, &cut, &why))
		return why.code == ENOENT ? 0 : note(m, "/proc/kallsyms", &why, f);
	m->views |= SEEN_SYMBOLS;
	for (text = buf_span(&m->symbols); text.size;) {
		struct span line = span_until(&text, '\n'), name;

		if (!span_ends(line, "]"))
			continue;
		span_until(&line, '[');
		name = span_part(line, 0, line.size - 1);
		if (!line.size || span_is(name, "bpf") || span_starts(name, "__builtin__") ||
		    span_equal(name, last))
			continue;
		mark(m, name, SEEN_SYMBOLS);
		last = name;
	}
	if (!cut)
		return 0;
	fail_set(&why, "the list of kernel symbols is longer than the limit and was cut");
	return note(m, "/proc/kallsyms", &why, f);
}

static const struct { unsigned seen; const char *name, *path; } views[] = {
	{ SEEN_PROC, "proc", "/proc/modules" },
	{ SEEN_SYS, "sys", "/sys/module" },
	{ SEEN_SYMBOLS, "kallsyms", "/proc/kallsyms" },
};

enum { VIEWS = sizeof views / sizeof *views };

static int report(struct modules *m, const struct found *item, struct fail *f)
{
	struct row row = row_on(&table_kernel_module);
	struct buf seen = { 0 };
	struct span version;
	int result;

	row_span(&row, KMOD_NAME, item->name);
	if (item->facts.size >= 0)
		row_int(&row, KMOD_SIZE, item->facts.size);
	if (item->facts.uses >= 0)
		row_int(&row, KMOD_REFERENCES, item->facts.uses);
	if (item->facts.state.size)
		row_span(&row, KMOD_STATE, item->facts.state);
	row_span(&row, KMOD_TAINT, item->facts.taint);
	for (size_t i = 0; i < VIEWS; i++)
		if (item->seen & views[i].seen)
			list_add(&seen, span_of(views[i].name));
	row_span(&row, KMOD_VIEWS, buf_span(&seen));
	version = value_of(m, item->name, "version");
	if (!version.size)
		version = value_of(m, item->name, "srcversion");
	if (version.size)
		row_span(&row, KMOD_VERSION, version);
	result = seen.bad ? fail_set(f, "out of memory") : m->c->sink->row(m->c->sink, &row, f);
	buf_done(&seen);
	return result;
}

/* A module whose symbols do not show is no wonder: it may have none. */
static int report_hidden(struct modules *m, const struct found *item, struct fail *f)
{
	const char *seen_by = NULL;

	for (size_t i = 0; i < VIEWS && !seen_by; i++)
		if (item->seen & views[i].seen)
			seen_by = views[i].path;
	for (size_t i = 0; i < VIEWS; i++) {
		struct row row = row_on(&table_hidden);

		if (item->seen & views[i].seen || !(m->views & views[i].seen) || views[i].seen == SEEN_SYMBOLS)
			continue;
		row_text(&row, HIDDEN_KIND, "kernel_module");
		row_span(&row, HIDDEN_ITEM, item->name);
		row_text(&row, HIDDEN_SEEN, seen_by);
		row_text(&row, HIDDEN_MISSING, views[i].path);
		if (m->c->sink->row(m->c->sink, &row, f))
			return -1;
	}
	return 0;
}

static int read_views(struct modules *m, struct fail *f)
{
	if (read_proc(m, f) || read_sys(m, f) || read_symbols(m, f))
		return -1;
	return m->proc.bad || m->sys.bad || m->symbols.bad ? fail_set(f, "out of memory") : 0;
}

static bool differs(const struct modules *m)
{
	for (size_t i = 0; i < m->count; i++)
		if ((m->items[i].seen | SEEN_SYMBOLS) != ((m->views & ~(unsigned)SEEN_SYMBOLS) | SEEN_SYMBOLS))
			return true;
	return false;
}

static void modules_close(struct modules *m)
{
	if (!m)
		return;
	buf_done(&m->proc);
	buf_done(&m->sys);
	buf_done(&m->symbols);
	buf_done(&m->path);
	buf_done(&m->value);
	free(m);
}

static int report_all(struct modules *m, struct modules *again, struct fail *f)
{
	struct fail why;

	for (size_t i = 0; i < m->count; i++) {
		struct found *item = &m->items[i];

		if (report(m, item, f))
			return -1;
		if (again) {
			struct found *second = find(again, item->name);

			if (!second || second->seen != item->seen)
				continue;
			if (report_hidden(m, item, f))
				return -1;
		}
	}
	if (!m->beyond)
		return 0;
	fail_set(&why, "there are more than %d modules; the others were left out", MODULES_MOST);
	return note(m, "/proc/modules", &why, f);
}

/*
 * A module that is loaded or removed between two readings is not hidden: where views differ, all is
 * read once more, and counts only if it differs in the same way.
 */
static int kernel_module_run(struct collection *c, struct fail *f)
{
	struct modules *m = calloc(1, sizeof *m), *again = NULL;
	int result = -1;

	if (!m) {
		fail_set(f, "out of memory");
		goto out;
	}
	m->c = c;
	if (read_views(m, f))
		goto out;
	if (differs(m)) {
		again = calloc(1, sizeof *again);
		if (!again) {
			fail_set(f, "out of memory");
			goto out;
		}
		again->c = c;
		if (read_views(again, f))
			goto out;
	}
	result = report_all(m, again, f);
out:
	modules_close(m);
	modules_close(again);
	return result;
}

static const struct table *const tables[] = { &table_kernel_module, &table_hidden, NULL };

const struct module module_kernel_module = {
	.name = "kernel_module", .help = "modules of the kernel, by three views of them; hidden ones",
	.stage = STAGE_MEMORY, .flags = MODULE_LIVE, .tables = tables, .run = kernel_module_run,
};
