/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack_names.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/path.h"
#include "lib/text.h"

enum { USED_FILE = 1, USED_DIRECTORY = 2, FIRST_CAPACITY = 1024 };

/* A name by its hash alone: two names of one hash only cost the second a needless mark. */
struct name_slot { uint64_t hash; uint32_t next; uint32_t use; };

/* Simple case folding of the scripts whose letters file systems pair. */
static uint32_t fold(uint32_t c)
{
	if ((c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde && c != 0xd7) ||
	    (c >= 0x391 && c <= 0x3a9) || (c >= 0x410 && c <= 0x42f) || (c >= 0xff21 && c <= 0xff3a))
		return c + 0x20;
	if (c >= 0x400 && c <= 0x40f)
		return c + 0x50;
	if ((c >= 0x100 && c <= 0x137) || (c >= 0x14a && c <= 0x177) || (c >= 0x1e00 && c <= 0x1eff) ||
	    (c >= 0x460 && c <= 0x52f))
		return c | 1;
	if ((c >= 0x139 && c <= 0x148) || (c >= 0x179 && c <= 0x17e))
		return c + (c & 1);
	return c;
}

/* FNV-1a over the folded characters, going on from that of the directory. */
static uint64_t hash_on(uint64_t hash, struct span text)
{
	while (text.size) {
		bool valid;
		uint32_t c = fold(text_next(&text, &valid));

		for (int i = 0; i < 24; i += 8)
			hash = (hash ^ (c >> i & 0xff)) * UINT64_C(0x100000001b3);
	}
	return hash ? hash : 1;
}

static struct name_slot *slot_of(const struct pack_names *n, uint64_t hash)
{
	size_t at = (size_t)(hash ^ hash >> 29) & (n->capacity - 1);

	while (n->slots[at].hash && n->slots[at].hash != hash)
		at = (at + 1) & (n->capacity - 1);
	return &n->slots[at];
}

static bool grow(struct pack_names *n)
{
	struct pack_names more = { .capacity = n->capacity ? n->capacity * 2 : FIRST_CAPACITY };

	more.slots = calloc(more.capacity, sizeof *more.slots);
	if (!more.slots)
		return false;
	for (size_t i = 0; i < n->capacity; i++)
		if (n->slots[i].hash)
			*slot_of(&more, n->slots[i].hash) = n->slots[i];
	more.count = n->count;
	free(n->slots);
	*n = more;
	return true;
}

static void mark(struct pack_names *n, uint64_t hash, uint32_t use)
{
	struct name_slot *slot = slot_of(n, hash);

	if (!slot->hash) {
		*slot = (struct name_slot){ .hash = hash, .next = 2 };
		n->count++;
	}
	slot->use |= use;
}

/* Adds one component below `parent`, marked so that it is free for this use. */
static bool add_piece(struct pack_names *n, struct span piece, bool is_file, uint64_t *parent,
                      struct buf *out)
{
	uint32_t taken = is_file ? USED_FILE | USED_DIRECTORY : USED_FILE;
	uint64_t plain = hash_on(*parent, piece), hash = plain;
	char suffix[24] = "";

	if ((n->count + 1) * 2 > n->capacity && !grow(n))
		return false;
	while (slot_of(n, hash)->hash && (slot_of(n, hash)->use & taken)) {
		uint32_t number = slot_of(n, plain)->next++;

		snprintf(suffix, sizeof suffix, "%%~%u", (unsigned)number);
		hash = hash_on(plain, span_of(suffix));
	}
	mark(n, hash, is_file ? USED_FILE : USED_DIRECTORY);
	buf_byte(out, '/');
	buf_add(out, piece);
	buf_text(out, suffix);
	*parent = hash_on(hash, span_of("/"));
	return !out->bad;
}

/* The first part of a long component, cut neither within a character nor within a %XX. */
static struct span first_part(struct span component)
{
	size_t size = NAME_PIECE;

	while (!text_is_utf8(span_part(component, 0, size)))
		size--;
	for (size_t back = 1; back <= 2; back++)
		if (component.data[size - back] == '%')
			return span_part(component, 0, size - back);
	return span_part(component, 0, size);
}

bool pack_names_add(struct pack_names *n, struct span path, struct buf *out)
{
	struct buf member = { 0 }, piece = { 0 };
	uint64_t parent = UINT64_C(0xcbf29ce484222325);
	struct span rest;
	bool ok = true;

	path_to_member(&member, path);
	rest = buf_span(&member);
	buf_text(out, "files");
	while (ok && rest.size) {
		struct span component = span_until(&rest, '/');

		while (ok && component.size > NAME_PIECE) {
			struct span part = first_part(component);

			buf_clear(&piece);
			buf_add(&piece, part);
			buf_byte(&piece, '%');
			component = span_part(component, part.size, component.size);
			ok = !piece.bad && add_piece(n, buf_span(&piece), false, &parent, out);
		}
		ok = ok && add_piece(n, component, !rest.size, &parent, out);
	}
	ok = ok && !member.bad;
	buf_done(&member);
	buf_done(&piece);
	return ok;
}

void pack_names_done(struct pack_names *n)
{
	free(n->slots);
	*n = (struct pack_names){ 0 };
}
