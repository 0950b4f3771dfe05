/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/take.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- each file once ---- */

static size_t slot_of(const struct taker *t, struct taker_identity id)
{
	uint64_t mixed = ((uint64_t)id.inode ^ (uint64_t)id.device << 40) * UINT64_C(0x9e3779b97f4a7c15);
	size_t at = (size_t)(mixed >> 20) & (t->capacity - 1);

	while (t->taken[at].inode && (t->taken[at].inode != id.inode || t->taken[at].device != id.device))
		at = (at + 1) & (t->capacity - 1);
	return at;
}

static int grow(struct taker *t, struct fail *f)
{
	struct taker bigger = *t;

	bigger.capacity = t->capacity ? t->capacity * 2 : 1024;
	bigger.taken = calloc(bigger.capacity, sizeof *bigger.taken);
	if (!bigger.taken)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < t->capacity; i++)
		if (t->taken[i].inode)
			bigger.taken[slot_of(&bigger, t->taken[i])] = t->taken[i];
	free(t->taken);
	t->taken = bigger.taken;
	t->capacity = bigger.capacity;
	return 0;
}

/* 1: new and remembered, 0: taken before, -1. */
static int is_new(struct taker *t, const struct file_facts *facts, struct fail *f)
{
	struct taker_identity id = { facts->device, facts->inode };
	size_t at;

	if (t->count * 4 >= t->capacity * 3 && t->count < TAKER_MOST && grow(t, f))
		return -1;
	at = slot_of(t, id);
	if (t->taken[at].inode)
		return 0;
	if (id.inode && t->count < TAKER_MOST) {
		t->taken[at] = id;
		t->count++;
	}
	return 1;
}

/* ---- one file ---- */

/* The file's bytes until the run is to end. */
struct taking { struct source source; struct os_file *file; const struct collection *c; };

static int64_t taking_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct taking *in = (struct taking *)s;

	if (collection_stopped(in->c))
		return fail_set(f, "stopped before the end of the file");
	return in->file->source.read_at(&in->file->source, at, bytes, size, f);
}

static int64_t taking_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	return taking_read_at(s, s->offset, bytes, size, f);
}

int taker_send(struct taker *t, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct file_facts marked = *facts;

	marked.artifact = t->artifact;
	t->host->c->progress(t->host->c, facts->path, 0, 0);
	return t->host->c->sink->file(t->host->c->sink, &marked, in, f);
}

int taker_note(struct taker *t, struct span path, const char *english, struct fail *f)
{
	struct fail why = { 0 };

	for (int lang = 0; lang < LANGS; lang++)
		snprintf(why.text[lang], sizeof why.text[lang], "%s", msg((enum lang)lang, english));
	return collection_note(t->host->c, path, &why, f);
}

/* Its facts, and a note that says why no more. */
static int refuse(struct taker *t, const struct file_facts *facts, const char *english, struct fail *f)
{
	return taker_note(t, facts->path, english, f) || taker_send(t, facts, NULL, f) ? -1 : 0;
}

/* A log that was rotated while it was copied: both inodes are named. */
static int note_rotation(struct taker *t, const struct file_facts *facts, struct fail *f)
{
	struct file_facts now;
	struct fail ignored;

	if (os_stat(t->host->c->root, facts->path, false, &now, NULL, &ignored))
		return host_note(t->host, facts->path, f, "removed or renamed while it was copied (inode %" PRId64 ")",
		                 facts->inode);
	if (now.inode == facts->inode && now.device == facts->device)
		return 0;
	return host_note(t->host, facts->path, f,
	                 "replaced while it was copied: inode %" PRId64 " was copied, inode %" PRId64
	                 " stands there now", facts->inode, now.inode);
}

static int copy(struct taker *t, struct os_file *file, struct fail *f)
{
	struct taking in = {
		.source = { .size = file->facts.size, .read = taking_read, .read_at = taking_read_at },
		.file = file, .c = t->host->c,
	};
	uint8_t head[SECRETS_HEAD];
	struct buf xattrs = { 0 };
	struct fail ignored;
	int64_t got = file->source.read_at(&file->source, 0, head, sizeof head, &ignored);
	const char *why = secret_identity(&t->secrets, &file->facts);
	int result;

	if (!why && got > 0)
		why = secret_bytes((struct span){ head, (size_t)got });
	os_file_xattrs(file, true, &xattrs);
	file->facts.xattrs = buf_span(&xattrs);
	if (why)
		result = refuse(t, &file->facts, why, f);
	else
		result = taker_send(t, &file->facts, &in.source, f) || note_rotation(t, &file->facts, f) ? -1 : 0;
	buf_done(&xattrs);
	return result;
}

static int take_regular(struct taker *t, const struct file_facts *seen, struct fail *f)
{
	const char *why = secret_path(seen->path);
	struct os_file file;
	struct fail problem = { 0 };
	int result, new;

	if (seen->device == t->host->c->own_device && seen->inode == t->host->c->own_inode)
		return 0;
	new = is_new(t, seen, f);
	if (new <= 0)
		return new;
	if (why)
		return refuse(t, seen, why, f);
	if (os_file_open(&file, t->host->c->root, seen->path, &problem))
		return collection_note(t->host->c, seen->path, &problem, f);
	/* Between look and open another file may have come: it counts as itself. */
	if (file.facts.device != seen->device || file.facts.inode != seen->inode)
		new = is_new(t, &file.facts, f);
	result = new > 0 ? copy(t, &file, f) : new;
	os_file_close(&file);
	return result;
}

static int take_link(struct taker *t, const struct file_facts *facts, struct fail *f);

int taker_found(struct taker *t, const struct file_facts *facts, struct fail *f)
{
	int new;

	if (facts->kind == 'f' && !t->paths_only)
		return take_regular(t, facts, f);
	if (facts->kind == 'd' && !t->paths_only)
		return 0;
	new = is_new(t, facts, f);
	if (new <= 0)
		return new;
	return facts->kind == 'l' ? take_link(t, facts, f) : taker_send(t, facts, NULL, f);
}

static int take_link(struct taker *t, const struct file_facts *facts, struct fail *f)
{
	struct file_facts full = *facts, end;
	struct buf target = { 0 }, real = { 0 };
	struct fail why = { 0 };
	int result, got;

	if (os_stat(t->host->c->root, facts->path, false, &full, &target, &why)) {
		result = collection_note(t->host->c, facts->path, &why, f);
	} else {
		full.path = facts->path;
		result = taker_send(t, &full, NULL, f);
	}
	/* Where it leads to inside the root: taken as any other path, with all that is asked of one. */
	got = result ? 0 : expand_real(t->expansion, facts->path, true, &real, &end, &why);
	if (got < 0)
		result = collection_note(t->host->c, facts->path, &why, f);
	else if (got && end.kind == 'f')
		result = taker_found(t, &end, f);
	buf_done(&target);
	buf_done(&real);
	return result;
}

int taker_init(struct taker *t, struct host *host, const struct expansion *expansion, struct fail *f)
{
	*t = (struct taker){ .host = host, .expansion = expansion };
	secrets_init(&t->secrets, host->c->root);
	return grow(t, f);
}

void taker_done(struct taker *t)
{
	free(t->taken);
	t->taken = NULL;
}
