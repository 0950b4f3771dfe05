/* SPDX-License-Identifier: Apache-2.0 */
/* The file that a command names: where it is, whose, its digest and package, asked once each. */
#include <inttypes.h>
#include <stdlib.h>

#include "collectors/linux/autorun/autorun.h"
#include "collectors/packages.h"
#include "lib/hash.h"
#include "lib/path.h"

enum { SLOTS = 2 * AUTORUN_TARGETS, LINKS = 16, CHUNK = 1 << 16 };

static const char usual_path[] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/* `path` is what was asked, `target.path` where its links end; both belong to the entry. */
struct entry { struct span path; struct target target; struct buf bytes; };

struct targets {
	struct entry **slots;
	size_t count;
	struct entry *last;              /* the one that found no slot any more */
	struct hash *hash;
	struct buf chunk;
};

int targets_open(struct targets **out, struct fail *f)
{
	struct targets *t = calloc(1, sizeof *t);

	if (!t || !(t->slots = calloc(SLOTS, sizeof *t->slots))) {
		free(t);
		return fail_set(f, "out of memory");
	}
	if (hash_open(&t->hash, HASH_SHA256, f)) {
		targets_close(t);
		return -1;
	}
	*out = t;
	return 0;
}

static void entry_free(struct entry *e)
{
	if (!e)
		return;
	buf_done(&e->bytes);
	free(e);
}

void targets_close(struct targets *t)
{
	if (!t)
		return;
	for (size_t i = 0; i < SLOTS; i++)
		entry_free(t->slots[i]);
	free(t->slots);
	entry_free(t->last);
	hash_close(t->hash);
	buf_done(&t->chunk);
	free(t);
}

static struct entry **slot_of(struct targets *t, struct span path)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t at;

	for (size_t i = 0; i < path.size; i++)
		hash = (hash ^ path.data[i]) * UINT64_C(0x100000001b3);
	for (at = (size_t)(hash >> 20) % SLOTS; t->slots[at]; at = (at + 1) % SLOTS)
		if (span_equal(t->slots[at]->path, path))
			break;
	return &t->slots[at];
}

/*
 * Follows the links of the path's last part as text, so that each step can be judged before it is
 * taken. Sets *final and the facts; 0 if nothing is there.
 */
static int follow(struct autoruns *a, struct span path, struct buf *final, struct file_facts *facts,
                  struct fail *f)
{
	struct buf link = { 0 }, joined = { 0 };
	int got = 0;

	buf_clear(final);
	path_clean(final, path);
	for (int i = 0; i < LINKS; i++) {
		got = host_stat(&a->host, buf_span(final), false, facts, &link, f);
		if (got <= 0 || facts->kind != 'l')
			break;
		buf_clear(&joined);
		if (!link.size || link.data[0] != '/')
			buf_add(&joined, path_parent(buf_span(final)));
		buf_byte(&joined, '/');
		buf_add(&joined, buf_span(&link));
		buf_clear(final);
		path_clean(final, buf_span(&joined));
		got = 0;
	}
	buf_done(&link);
	buf_done(&joined);
	return final->bad ? fail_set(f, "out of memory") : got;
}

/* The digest of a regular file; *known stays false where it is too large or cannot be read. */
static int digest(struct autoruns *a, struct span path, uint8_t sha256[SHA256_SIZE], bool *known,
                  struct fail *f)
{
	struct targets *t = a->targets;
	struct fail why = { 0 };
	struct digests got;
	struct os_file file;
	int64_t size = 0, part = 1;

	if (os_file_open(&file, a->host.c->root, path, &why))
		return collection_note(a->host.c, path, &why, f);
	if (file.facts.size > AUTORUN_DIGEST_BYTES) {
		os_file_close(&file);
		return host_note(&a->host, path, f, "longer than %d MiB; it has no digest",
		                 AUTORUN_DIGEST_BYTES >> 20);
	}
	buf_clear(&t->chunk);
	hash_start(t->hash);
	while (part > 0 && size < AUTORUN_DIGEST_BYTES) {
		uint8_t *room = buf_room(&t->chunk, CHUNK);

		part =
			room ? source_read(&file.source, room, CHUNK, &why) : fail_set(&why, "out of memory");
		if (part > 0)
			hash_add(t->hash, (struct span){ room, (size_t)part });
		size += part > 0 ? part : 0;
	}
	os_file_close(&file);
	if (part < 0 || hash_end(t->hash, &got, &why))
		return collection_note(a->host.c, path, &why, f);
	memcpy(sha256, got.sha256, SHA256_SIZE);
	*known = true;
	return 0;
}

static int fill(struct autoruns *a, struct entry *e, struct fail *f)
{
	struct file_facts facts;
	struct buf final = { 0 };
	struct target *t = &e->target;
	size_t asked = e->bytes.size;
	int got = follow(a, e->path, &final, &facts, f), result = got < 0 ? -1 : 0;

	buf_add(&e->bytes, buf_span(&final));
	buf_done(&final);
	if (!result && e->bytes.bad)
		result = fail_set(f, "out of memory");
	e->path = span_part(buf_span(&e->bytes), 0, asked);
	t->path = span_part(buf_span(&e->bytes), asked, e->bytes.size);
	t->exists = got > 0;
	if (got > 0) {
		t->uid = facts.uid;
		t->mode = facts.mode;
		t->is_file = facts.kind == 'f';
		if (t->is_file)
			result = digest(a, t->path, t->sha256, &t->has_digest, f);
	}
	if (a->packages)
		t->package = packages_owner(a->packages, t->path);
	return result;
}

int targets_find(struct autoruns *a, struct span path, const struct target **target, struct fail *f)
{
	struct targets *t = a->targets;
	struct entry **slot = slot_of(t, path), *e = *slot;

	if (!e) {
		e = calloc(1, sizeof *e);
		if (!e)
			return fail_set(f, "out of memory");
		buf_add(&e->bytes, path);
		e->path = buf_span(&e->bytes);
		if (fill(a, e, f)) {
			entry_free(e);
			return -1;
		}
		if (t->count < AUTORUN_TARGETS) {
			*slot = e;
			t->count++;
		} else {
			entry_free(t->last);
			t->last = e;
		}
	}
	*target = &e->target;
	return 0;
}

/* The first directory of the search path that has the name. */
static int search(struct autoruns *a, struct span name, struct span folders, struct buf *path,
                  struct fail *f)
{
	if (!folders.size)
		folders = span_of(usual_path);
	while (folders.size) {
		struct span folder = span_until(&folders, ':');
		struct file_facts facts;
		int got;

		if (!folder.size || folder.data[0] != '/')
			continue;
		buf_clear(path);
		path_join(path, folder, name);
		got = host_stat(&a->host, buf_span(path), false, &facts, NULL, f);
		if (got)
			return got;
	}
	buf_clear(path);
	return 0;
}

/* The path that a name in a command stands for; empty if it is not to be found. */
static int expand(struct autoruns *a, const struct autostart *s, struct span name, struct buf *path,
                  struct fail *f)
{
	static const char *const homes[] = { "~/", "$HOME/", "${HOME}/", "%h/" };

	buf_clear(path);
	for (size_t i = 0; i < sizeof homes / sizeof *homes; i++)
		if (span_starts(name, homes[i])) {
			if (s->home.size)
				path_join(path, s->home, span_part(name, strlen(homes[i]), name.size));
			return 0;
		}
	if (span_find(name, '/') == name.size)
		return s->paths_only ? 0 : search(a, name, s->search, path, f) < 0 ? -1 : 0;
	if (name.data[0] != '/')
		path_join(path, s->home.size ? s->home : span_of("/"), name);
	else
		buf_add(path, name);
	return 0;
}

/* How telling a target is: one that no package owns, one that is gone, any other. */
static int rank(const struct target *t)
{
	return t->is_file && !t->package ? 3 : !t->exists ? 2 : 1;
}

int autorun_target(struct autoruns *a, const struct autostart *s, struct buf *path, struct fail *f)
{
	struct buf names = { 0 }, one = { 0 };
	struct span rest, name;
	int best = 0, result = 0;

	buf_clear(path);
	command_programs(&names, s->command, s->syntax);
	rest = buf_span(&names);
	while (!result && best < 3 && list_next(&rest, &name)) {
		const struct target *target;

		result = expand(a, s, name, &one, f);
		if (result || !one.size)
			continue;
		result = targets_find(a, buf_span(&one), &target, f);
		if (!result && rank(target) > best) {
			best = rank(target);
			buf_clear(path);
			buf_add(path, buf_span(&one));
		}
	}
	buf_done(&names);
	buf_done(&one);
	return result;
}
