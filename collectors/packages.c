/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths lie one after the other in `bytes`, package names in `names`; a slot of the hash table
 * points into both. Debian's 120,000 files take some 12 MiB.
 */
#include "collectors/packages.h"

#include <errno.h>
#include <stdlib.h>

#include "lib/path.h"

enum {
	LIST_BYTES = 64 << 20,          /* of one list file */
	ALL_BYTES = 256 << 20,          /* of all paths together */
	FIRST_SLOTS = 1 << 14,
	ALIASES = 12,
	LINK_BYTES = 4096,
};

struct slot { uint32_t hash, at, size, value; };     /* size 0: free */

/* A map from path to a number. `bytes` holds the paths; offset 0 is a valid one. */
struct paths { struct slot *slots; size_t count, capacity; struct buf bytes; };

/* A directory that is a link, and where it leads. */
struct alias { struct span from; struct buf to; };

/* A path in two parts, so that an alias needs no copy: the bytes of `head`, then of `tail`. */
struct split { struct span head, tail; };

struct packages {
	struct paths owned;             /* path → offset of the owner's name */
	struct paths diverted;          /* path → offset of its diversion in `diversions` */
	struct buf names;               /* NUL-terminated, so that a name is a C string */
	struct buf diversions;          /* COL_LIST: path it is moved to, package that keeps it, … */
	struct alias aliases[ALIASES];
	size_t alias_count;
	uint64_t seed;                  /* so that no list can be made whose paths all collide */
	bool known, incomplete;
	struct fail why;
};

/* In this order, so that a later one (/sbin → usr/sbin) can lead through an earlier one. */
static const char *const maybe_links[ALIASES] = {
	"/usr/sbin", "/usr/lib64", "/usr/libx32", "/bin", "/sbin", "/lib", "/lib32", "/lib64",
	"/libx32", "/var/run", "/var/lock", "/usr/tmp",
};

static struct split split_of(const struct packages *p, struct span path)
{
	for (size_t i = 0; i < p->alias_count; i++) {
		struct span from = p->aliases[i].from;

		if (path_below(path, from))
			return (struct split){ buf_span(&p->aliases[i].to),
			                       span_part(path, from.size, path.size) };
	}
	return (struct split){ .tail = path };
}

static uint64_t mix(uint64_t hash, struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		hash = (hash ^ bytes.data[i]) * UINT64_C(0x9e3779b97f4a7c15);
	return hash;
}

static uint32_t hash_of(const struct packages *p, struct split path)
{
	return (uint32_t)(mix(mix(p->seed, path.head), path.tail) >> 32);
}

/* The slot of the path, or the free one where it belongs. */
static struct slot *find(const struct paths *t, struct split path, uint32_t hash)
{
	size_t at = hash & (t->capacity - 1);

	for (;; at = (at + 1) & (t->capacity - 1)) {
		struct slot *s = &t->slots[at];
		struct span held = { t->bytes.data + s->at, s->size };

		if (!s->size || (s->hash == hash && held.size == path.head.size + path.tail.size &&
		    span_equal(span_part(held, 0, path.head.size), path.head) &&
		    span_equal(span_part(held, path.head.size, held.size), path.tail)))
			return s;
	}
}

/* The slot of the path, or NULL. */
static const struct slot *look_up(const struct packages *p, const struct paths *t,
								  struct split path)
{
	const struct slot *s = t->count ? find(t, path, hash_of(p, path)) : NULL;

	return s && s->size ? s : NULL;
}

static int grow(struct paths *t, struct fail *f)
{
	size_t capacity = t->capacity ? t->capacity * 2 : FIRST_SLOTS;
	struct slot *wider = calloc(capacity, sizeof *wider);

	if (!wider)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < t->capacity; i++) {
		size_t at = t->slots[i].hash & (capacity - 1);

		if (!t->slots[i].size)
			continue;
		while (wider[at].size)
			at = (at + 1) & (capacity - 1);
		wider[at] = t->slots[i];
	}
	free(t->slots);
	t->slots = wider;
	t->capacity = capacity;
	return 0;
}

static void incomplete(struct packages *p, const struct fail *why, const char *item)
{
	if (p->incomplete)
		return;
	p->incomplete = true;
	p->why = *why;
	fail_in(&p->why, item);
}

/* The first owner of a path keeps it. */
static int add(struct packages *p, struct paths *t, struct split path, uint32_t value,
			   struct fail *f)
{
	uint32_t hash = hash_of(p, path);
	struct slot *s;

	if (t->count * 3 >= t->capacity * 2 && grow(t, f))
		return -1;
	if (t->bytes.size + path.head.size + path.tail.size > ALL_BYTES) {
		struct fail why = { 0 };

		fail_set(&why, "more than %d MiB of package lists; the rest is left out", ALL_BYTES >> 20);
		incomplete(p, &why, "packages");
		return 0;
	}
	s = find(t, path, hash);
	if (s->size)
		return 0;
	*s = (struct slot){ hash, (uint32_t)t->bytes.size,
	                    (uint32_t)(path.head.size + path.tail.size), value };
	buf_add(&t->bytes, path.head);
	buf_add(&t->bytes, path.tail);
	t->count++;
	return t->bytes.bad ? fail_set(f, "out of memory") : 0;
}

static uint32_t add_name(struct packages *p, struct span name)
{
	size_t at = p->names.size;

	list_add(&p->names, name);
	return (uint32_t)at;
}

static void diversion_of(const struct packages *p, size_t at, struct span *to, struct span *keeper)
{
	struct span rest = span_part(buf_span(&p->diversions), at, p->diversions.size);

	list_next(&rest, to);
	list_next(&rest, keeper);
}

/* The file of a package, at the place to which another package's diversion has moved it. */
static int add_owned(struct packages *p, struct span path, uint32_t owner, struct fail *f)
{
	struct split split = split_of(p, path);
	const struct slot *moved = look_up(p, &p->diverted, split);

	if (p->names.bad)
		return fail_set(f, "out of memory");
	if (path.size < 2 || path.data[0] != '/')
		return 0;
	if (moved) {
		struct span to, keeper;
		struct span name = span_of((const char *)p->names.data + owner);

		diversion_of(p, moved->value, &to, &keeper);
		if (!span_equal(span_until(&name, ':'), keeper))
			split = split_of(p, to);
	}
	return add(p, &p->owned, split, owner, f);
}

/* Reads a file that may be missing: 1 read, 0 not there or noted as incomplete. */
static int slurp(struct packages *p, struct os_root *root, struct span path, struct buf *out)
{
	struct fail why = { 0 };
	struct buf name = { 0 };
	bool cut = false;
	int got = 1;

	buf_clear(out);
	if (os_slurp(root, path, LIST_BYTES, out, &cut, &why)) {
		got = 0;
	} else if (cut) {
		fail_set(&why, "longer than %d MiB; the rest is left out", LIST_BYTES >> 20);
	}
	if ((!got && why.code != ENOENT) || cut) {
		buf_add(&name, path);
		incomplete(p, &why, buf_string(&name));
		buf_done(&name);
	}
	return got;
}

/* Lines of paths; one that the next lies below is a directory. */
static int add_list(struct packages *p, struct span text, uint32_t owner, struct fail *f)
{
	struct span line = { 0 };

	for (;;) {
		struct span next = text.size ? span_until(&text, '\n') : (struct span){ 0 };

		if (line.size && !(next.size && path_below(next, line)) && add_owned(p, line, owner, f))
			return -1;
		line = next;
		if (!line.size && !text.size)
			return 0;
	}
}

static int load_diversions(struct packages *p, struct os_root *root, struct buf *text,
						   struct fail *f)
{
	struct span rest;

	if (!slurp(p, root, span_of("/var/lib/dpkg/diversions"), text))
		return 0;
	rest = buf_span(text);
	while (rest.size) {
		struct span from = span_until(&rest, '\n'), to = span_until(&rest, '\n');
		struct span keeper = span_until(&rest, '\n');
		uint32_t at = (uint32_t)p->diversions.size;

		if (!from.size || !to.size)
			continue;
		list_add(&p->diversions, to);
		list_add(&p->diversions, keeper);
		if (add(p, &p->diverted, split_of(p, from), at, f))
			return -1;
	}
	return p->diversions.bad ? fail_set(f, "out of memory") : 0;
}

static int load_dpkg(struct packages *p, struct os_root *root, struct fail *f)
{
	struct span folder = span_of("/var/lib/dpkg/info"), rest, name;
	struct buf names = { 0 }, path = { 0 }, text = { 0 };
	struct fail why = { 0 };
	int result = 0;

	if (os_list(root, folder, &names, &why)) {
		if (why.code != ENOENT)
			incomplete(p, &why, "/var/lib/dpkg/info");
		buf_done(&names);
		return 0;
	}
	result = load_diversions(p, root, &text, f);
	rest = buf_span(&names);
	while (!result && list_next(&rest, &name)) {
		if (!span_ends(name, ".list"))
			continue;
		p->known = true;
		buf_clear(&path);
		path_join(&path, folder, name);
		if (slurp(p, root, buf_span(&path), &text))
			result = add_list(p, buf_span(&text),
			                  add_name(p, span_part(name, 0, name.size - strlen(".list"))), f);
	}
	buf_done(&names);
	buf_done(&path);
	buf_done(&text);
	return result;
}

/* P: begins a package, F: names a directory, R: a file in it; both without the leading '/'. */
static int load_apk(struct packages *p, struct os_root *root, const char *file, struct fail *f)
{
	struct buf text = { 0 }, path = { 0 };
	struct span rest, folder = { 0 };
	uint32_t owner = 0;
	int result = 0;

	if (slurp(p, root, span_of(file), &text))
		p->known = true;
	rest = buf_span(&text);
	while (!result && rest.size) {
		struct span line = span_until(&rest, '\n'), value = span_part(line, 2, line.size);

		if (span_starts(line, "P:")) {
			owner = add_name(p, value);
		} else if (span_starts(line, "F:")) {
			folder = value;
		} else if (span_starts(line, "R:")) {
			buf_clear(&path);
			buf_byte(&path, '/');
			if (folder.size) {
				buf_add(&path, folder);
				buf_byte(&path, '/');
			}
			buf_add(&path, value);
			result = add_owned(p, buf_span(&path), owner, f);
		}
	}
	buf_done(&text);
	buf_done(&path);
	return result;
}

/* "name-version-release" → "name". */
static struct span pacman_name(struct span folder)
{
	for (int dashes = 0; folder.size && dashes < 2; folder.size--)
		dashes += folder.data[folder.size - 1] == '-';
	return folder;
}

static int load_pacman_files(struct packages *p, struct span text, uint32_t owner, struct fail *f)
{
	struct buf path = { 0 };
	bool in_files = false;
	int result = 0;

	while (!result && text.size) {
		struct span line = span_until(&text, '\n');

		if (span_starts(line, "%"))
			in_files = span_is(line, "%FILES%");
		if (!in_files || !line.size || line.data[0] == '%' || line.data[line.size - 1] == '/')
			continue;
		buf_clear(&path);
		buf_byte(&path, '/');
		buf_add(&path, line);
		result = add_owned(p, buf_span(&path), owner, f);
	}
	buf_done(&path);
	return result;
}

static int load_pacman(struct packages *p, struct os_root *root, struct fail *f)
{
	struct span folder = span_of("/var/lib/pacman/local"), rest, name;
	struct buf names = { 0 }, path = { 0 }, text = { 0 };
	struct fail why = { 0 };
	int result = 0;

	if (os_list(root, folder, &names, &why) && why.code != ENOENT)
		incomplete(p, &why, "/var/lib/pacman/local");
	rest = buf_span(&names);
	while (!result && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		path_join(&path, (struct span){ 0 }, span_of("files"));
		if (span_is(name, "ALPM_DB_VERSION") || !slurp(p, root, buf_span(&path), &text))
			continue;
		p->known = true;
		result = load_pacman_files(p, buf_span(&text), add_name(p, pacman_name(name)), f);
	}
	buf_done(&names);
	buf_done(&path);
	buf_done(&text);
	return result;
}

static int find_aliases(struct packages *p, struct os_root *root, struct fail *f)
{
	struct buf link = { 0 }, joined = { 0 };

	for (size_t i = 0; i < ALIASES; i++) {
		struct span from = span_of(maybe_links[i]);
		struct alias *a = &p->aliases[p->alias_count];
		struct file_facts facts;
		struct fail ignored;
		struct split to;

		buf_clear(&link);
		buf_clear(&joined);
		if (os_stat(root, from, false, &facts, &link, &ignored) || facts.kind != 'l' || !link.size)
			continue;
		if (link.data[0] != '/')
			buf_add(&joined, path_parent(from));
		buf_byte(&joined, '/');
		buf_add(&joined, buf_span(&link));
		buf_clear(&link);
		path_clean(&link, buf_span(&joined));
		to = split_of(p, buf_span(&link));
		buf_add(&a->to, to.head);
		buf_add(&a->to, to.tail);
		a->from = from;
		p->alias_count++;
		if (a->to.bad)
			fail_set(f, "out of memory");
	}
	buf_done(&link);
	buf_done(&joined);
	return p->alias_count && p->aliases[p->alias_count - 1].to.bad ? -1 : 0;
}

int packages_open(struct packages **out, struct os_root *root, struct fail *f)
{
	struct packages *p = calloc(1, sizeof *p);

	if (!p)
		return fail_set(f, "out of memory");
	p->seed = (uint64_t)os_monotonic();
	if (find_aliases(p, root, f) || load_dpkg(p, root, f) ||
	    load_apk(p, root, "/lib/apk/db/installed", f) ||
	    load_apk(p, root, "/usr/lib/apk/db/installed", f) || load_pacman(p, root, f)) {
		packages_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

bool packages_known(const struct packages *p)
{
	return p->known;
}

const struct fail *packages_incomplete(const struct packages *p)
{
	return p->incomplete ? &p->why : NULL;
}

const char *packages_owner(const struct packages *p, struct span path)
{
	const struct slot *s = path.size ? look_up(p, &p->owned, split_of(p, path)) : NULL;

	return s ? (const char *)p->names.data + s->value : NULL;
}

void packages_close(struct packages *p)
{
	if (!p)
		return;
	for (size_t i = 0; i < p->alias_count; i++)
		buf_done(&p->aliases[i].to);
	free(p->owned.slots);
	free(p->diverted.slots);
	buf_done(&p->owned.bytes);
	buf_done(&p->diverted.bytes);
	buf_done(&p->names);
	buf_done(&p->diversions);
	free(p);
}
