/* SPDX-License-Identifier: Apache-2.0 */
/* A file of the host into the archive: short, growing, unreadable in parts, with holes. */
#include "lib/pack_writer.h"

#include <stdlib.h>

#include "lib/pax.h"

enum {
	RETRY_BLOCK = 4096,                 /* what is read at once where a larger read failed */
	RETRIES_MOST = 4096,                /* failed small reads after which the rest is given up */
};

/* One file on its way. */
struct copying {
	struct pack_writer *writer;
	struct manifest_entry *entry;
	struct source *in;
	bool random;                        /* from here on through read_at */
	bool over;                          /* nothing more can be read: the file ended, or cannot be read on */
	int64_t failed;                     /* small reads that failed */
	int64_t lost;                       /* unreadable bytes */
	struct fail first;                  /* why the first of them */
	struct extent bad[MANIFEST_BAD_MOST];
};

static void mark_bad(struct copying *c, int64_t offset, int64_t length, const struct fail *why)
{
	struct manifest_entry *e = c->entry;
	struct extent *last = e->bad_count ? &c->bad[e->bad_count - 1] : NULL;

	if (!c->lost)
		c->first = *why;
	c->lost += length;
	/* Next to the last one, or no room for another: the last range grows over what lies between. */
	if (last && (last->offset + last->length == offset || e->bad_count == MANIFEST_BAD_MOST)) {
		last->length = offset + length - last->offset;
		return;
	}
	c->bad[e->bad_count++] = (struct extent){ offset, length };
}

static void ended_at(struct copying *c, int64_t offset)
{
	c->over = true;
	c->entry->true_size = offset;
}

/* Fills by read_at; what cannot be read stays zero and is marked. */
static void read_random(struct copying *c, int64_t offset, uint8_t *to, size_t size, size_t step)
{
	struct fail why;

	while (size && !c->over) {
		size_t part = size < step ? size : step;
		int64_t got = c->in->read_at(c->in, offset, to, part, &why);

		if (got == 0) {
			ended_at(c, offset);
			return;
		}
		if (got < 0 && part > RETRY_BLOCK) {
			read_random(c, offset, to, part, RETRY_BLOCK);
			got = (int64_t)part;
		} else if (got < 0) {
			mark_bad(c, offset, (int64_t)part, &why);
			got = (int64_t)part;
			if (++c->failed == RETRIES_MOST) {
				c->over = true;
				mark_bad(c, offset + got, c->entry->size - offset - got, &why);
			}
		}
		offset += got;
		to += got;
		size -= (size_t)got;
	}
}

/* A source that only goes forward: over the bytes of a hole. */
static void skip_to(struct copying *c, int64_t offset, uint8_t *scratch)
{
	struct fail why;

	while (!c->over && c->in->offset < offset) {
		int64_t left = offset - c->in->offset;
		int64_t got = source_read(c->in, scratch, left < PACK_COPY ? (size_t)left : PACK_COPY, &why);

		if (got == 0)
			ended_at(c, c->in->offset);
		if (got < 0) {
			c->over = true;
			mark_bad(c, c->in->offset, c->entry->size - c->in->offset, &why);
		}
	}
}

/* Fills `to` with the bytes at the offset, zeros where there are none. */
static void read_range(struct copying *c, int64_t offset, uint8_t *to, size_t size)
{
	struct fail why;
	size_t filled = 0;
	int64_t got;

	if (!c->random)
		skip_to(c, offset, to);
	if (!c->random && !c->over) {
		got = source_fill(c->in, to, size, &why);
		filled = (size_t)(c->in->offset - offset);
		if (got >= 0 && filled < size)
			ended_at(c, offset + (int64_t)filled);
		if (got < 0 && c->in->read_at)
			c->random = true;
		else if (got < 0) {
			c->over = true;
			mark_bad(c, c->in->offset, c->entry->size - c->in->offset, &why);
		}
	}
	memset(to + filled, 0, size - filled);
	if (c->random)
		read_random(c, offset + (int64_t)filled, to + filled, size - filled, PACK_COPY);
}

static int copy_range(struct copying *c, int64_t offset, int64_t length, struct fail *f)
{
	struct pack_writer *w = c->writer;

	while (length) {
		size_t part = length < PACK_COPY ? (size_t)length : PACK_COPY;

		read_range(c, offset, w->copy, part);
		if (pack_content(w, (struct span){ w->copy, part }, f))
			return -1;
		offset += (int64_t)part;
		length -= (int64_t)part;
	}
	return 0;
}

static int copy_all(struct copying *c, struct fail *f)
{
	struct content_digest *digest = &c->writer->digest;
	const struct manifest_entry *e = c->entry;

	if (!e->sparse)
		return copy_range(c, 0, e->size, f);
	for (size_t i = 0; i < e->facts.extent_count; i++) {
		content_digest_hole(digest, e->facts.extents[i].offset - digest->at);
		if (copy_range(c, e->facts.extents[i].offset, e->facts.extents[i].length, f))
			return -1;
	}
	content_digest_hole(digest, e->size - digest->at);
	return 0;
}

static int note(struct copying *c, int64_t offset, const struct fail *why, struct fail *f)
{
	struct note n = { "pack", c->entry->facts.path, offset, why };

	return pack_note(c->writer, &n, f);
}

/* What is to be said of the copy, as notes of the archive. */
static int remarks(struct copying *c, struct fail *f)
{
	const struct manifest_entry *e = c->entry;
	struct fail why;

	if (e->true_size >= 0) {
		fail_set(&why, "the file became shorter while it was read: %lld of %lld bytes were there, the "
		         "rest is filled with zeros", (long long)e->true_size, (long long)e->size);
		if (note(c, e->true_size, &why, f))
			return -1;
	}
	if (!c->lost)
		return 0;
	fail_set(&why, "%lld bytes could not be read and are filled with zeros", (long long)c->lost);
	return note(c, c->bad[0].offset, &c->first, f) || note(c, c->bad[0].offset, &why, f) ? -1 : 0;
}

/* Not through read(): whoever digests the bytes as they pass must not see any beyond the size. */
static bool has_grown(struct copying *c)
{
	struct fail ignored;
	uint8_t byte;

	return c->in->read_at && !c->over && c->in->read_at(c->in, c->entry->size, &byte, 1, &ignored) > 0;
}

/*
 * The data ranges widened to whole blocks, within the size, apart and in order: so that the stored
 * bytes are the same to every reader and digests have whole blocks. NULL if there are no holes left.
 */
static struct extent *aligned_extents(const struct file_facts *facts, size_t *count)
{
	struct extent *list = calloc(facts->extent_count + 1, sizeof *list);
	size_t n = 0;

	for (size_t i = 0; list && i < facts->extent_count; i++) {
		int64_t start = facts->extents[i].offset, end;

		if (facts->extents[i].length <= 0 || start < 0 || start >= facts->size)
			continue;
		end = facts->extents[i].length > facts->size - start ? facts->size :
		      start + facts->extents[i].length;
		start -= start % DIGEST_BLOCK;
		if (end % DIGEST_BLOCK)
			end = facts->size - end < DIGEST_BLOCK - end % DIGEST_BLOCK ? facts->size :
			      end + DIGEST_BLOCK - end % DIGEST_BLOCK;
		if (n && start <= list[n - 1].offset + list[n - 1].length) {
			if (end > list[n - 1].offset + list[n - 1].length)
				list[n - 1].length = end - list[n - 1].offset;
		} else {
			list[n++] = (struct extent){ start, end - start };
		}
	}
	*count = n;
	return list;
}

static int copy_file(struct pack_writer *w, struct manifest_entry *e, struct source *in, struct fail *f)
{
	struct copying *c = calloc(1, sizeof *c);
	int result;

	if (!c)
		return fail_set(f, "out of memory");
	*c = (struct copying){ .writer = w, .entry = e, .in = in, .random = e->sparse && in->read_at };
	e->bad = c->bad;
	result = pack_begin(w, e, true, f) || copy_all(c, f) ? -1 : 0;
	if (!result) {
		e->grew = has_grown(c);
		result = pack_end(w, e, f) || remarks(c, f) ? -1 : 0;
	}
	free(c);
	return result;
}

int pack_file(struct pack_writer *w, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct manifest_entry e = { .kind = span_of("file"), .size = facts->size, .true_size = -1,
	                            .facts = *facts };
	struct extent *extents = NULL;
	struct buf name = { 0 };
	int result;

	if (facts->kind != 'f' || !in || facts->size < 0) {
		e.kind = span_of("meta");
		if (e.size < 0)
			e.size = 0;
		return pack_line(w, &e, f);
	}
	if (facts->extents) {
		extents = aligned_extents(facts, &e.facts.extent_count);
		if (!extents)
			return fail_set(f, "out of memory");
		e.facts.extents = extents;
		e.sparse = e.facts.extent_count != 1 || extents[0].length != facts->size;
	}
	if (!pack_names_add(&w->names, facts->path, &name)) {
		result = fail_set(f, "out of memory");
	} else {
		e.name = buf_span(&name);
		result = copy_file(w, &e, in, f);
	}
	free(extents);
	buf_done(&name);
	return result;
}
