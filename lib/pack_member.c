/* SPDX-License-Identifier: Apache-2.0 */
/* Members off the stream: headers, content, padding, and what is wrong with them. */
#include "lib/pack_reader.h"

#include <stdlib.h>

enum { SCRATCH = 64 << 10 };

struct span seen_name(const struct pack_reader *r, const struct seen *s)
{
	return span_part(buf_span(&r->names), s->name_at, s->name_size);
}

int pack_problem(struct pack_reader *r, enum pack_problem kind, struct span item,
                 const struct fail *why, struct fail *f)
{
	r->verdict.problems++;
	if (!r->events.problem || !r->events.problem(r->events.context, kind, item, why, f))
		return 0;
	r->stopped = true;
	return -1;
}

int reader_take(struct pack_reader *r, void *bytes, size_t size, struct fail *f)
{
	int64_t got = source_fill(r->in, bytes, size, f);

	return got < 0 ? -1 : got == (int64_t)size ? STEP_ON : STEP_ENDED;
}

int reader_take_buf(struct pack_reader *r, struct buf *to, size_t size, struct fail *f)
{
	uint8_t *room = buf_room(to, size);
	int step;

	if (!room)
		return fail_set(f, "out of memory");
	step = reader_take(r, room, size, f);
	if (step == STEP_ON)
		to->size += size;
	return step;
}

struct seen *reader_passing(struct pack_reader *r)
{
	return &r->seen[r->seen_count - 1];
}

void reader_damage(struct pack_reader *r, enum damage what)
{
	if (!reader_passing(r)->damage)
		reader_passing(r)->damage = what;
}

int reader_push(struct pack_reader *r, struct span name, struct fail *f)
{
	struct seen *grown;

	if (r->seen_count == PACK_SEGMENT_ENTRIES || r->names.size + name.size > NAMES_MOST)
		return fail_set(f, "more than %d entries, or names too long, without a signed segment",
		                PACK_SEGMENT_ENTRIES);
	if (r->seen_count == r->seen_capacity) {
		size_t capacity = r->seen_capacity ? r->seen_capacity * 2 : 64;

		grown = realloc(r->seen, capacity * sizeof *grown);
		if (!grown)
			return fail_set(f, "out of memory");
		r->seen = grown;
		r->seen_capacity = capacity;
	}
	r->seen[r->seen_count++] = (struct seen){ .name_at = r->names.size, .name_size = name.size,
	                                          .number = ++r->number };
	buf_add(&r->names, name);
	return r->names.bad ? fail_set(f, "out of memory") : STEP_ON;
}

/* ---- content of the passing member ---- */

/* Length of the hole at r->at, 0 within data. */
static int64_t hole_here(const struct pack_reader *r)
{
	const struct file_facts *facts = &r->member.facts;

	if (!r->member.sparse)
		return 0;
	if (r->extent == facts->extent_count)
		return r->member.size - r->at;
	return r->at < facts->extents[r->extent].offset ? facts->extents[r->extent].offset - r->at : 0;
}

/* Stored bytes that follow at r->at without a break. */
static int64_t data_here(const struct pack_reader *r)
{
	const struct extent *e;

	if (!r->member.sparse)
		return r->stored_left;
	e = &r->member.facts.extents[r->extent];
	return e->offset + e->length - r->at;
}

static int64_t read_data(struct pack_reader *r, void *bytes, size_t size, struct fail *f)
{
	int64_t most = data_here(r), got;

	got = source_read(r->in, bytes, (int64_t)size < most ? size : (size_t)most, f);
	if (got <= 0)
		return got;
	content_digest_add(&r->digest, (struct span){ bytes, (size_t)got });
	r->at += got;
	r->stored_left -= got;
	if (r->member.sparse && got == most)
		r->extent++;
	return got;
}

int64_t reader_content_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct pack_reader *r = (struct pack_reader *)((char *)s - offsetof(struct pack_reader, content));
	int64_t hole = hole_here(r), got;

	if (!r->passing || !size || r->at >= r->member.size)
		return 0;
	if (hole) {
		if ((int64_t)size > hole)
			size = (size_t)hole;
		memset(bytes, 0, size);
		content_digest_hole(&r->digest, (int64_t)size);
		r->at += (int64_t)size;
		return (int64_t)size;
	}
	got = read_data(r, bytes, size, f);
	return got ? got : fail_set(f, "the archive ends within this entry");
}

int64_t reader_content_skip(struct source *s)
{
	struct pack_reader *r = (struct pack_reader *)((char *)s - offsetof(struct pack_reader, content));
	int64_t hole = r->passing && r->at < r->member.size ? hole_here(r) : 0;

	if (hole)
		content_digest_hole(&r->digest, hole);
	r->at += hole;
	return hole;
}

int reader_finish(struct pack_reader *r, struct fail *f)
{
	uint8_t bytes[SCRATCH];
	struct seen *s = reader_passing(r);
	size_t padding = pax_padding(r->member.stored);
	int step;

	while (r->at < r->member.size) {
		int64_t hole = hole_here(r), got = hole;

		if (hole) {
			content_digest_hole(&r->digest, hole);
			r->at += hole;
		} else {
			got = read_data(r, bytes, sizeof bytes, f);
		}
		if (got <= 0)
			return got < 0 ? -1 : STEP_ENDED;
	}
	r->passing = false;
	step = reader_take(r, bytes, padding, f);
	if (step != STEP_ON)
		return step;
	for (size_t i = 0; i < padding; i++)
		if (bytes[i])
			reader_damage(r, DAMAGE_PADDING);
	s->plain = r->digest.use_plain;
	s->blocks = r->digest.use_blocks;
	return content_digest_end(&r->digest, s->sha256, s->sha256_blocks, f) ? -1 : STEP_ON;
}

/* ---- headers ---- */

/* The extended header's records, padding checked; *ok false if they are not right. */
static int take_records(struct pack_reader *r, int64_t size, bool *ok, struct fail *f)
{
	size_t whole;
	int step;

	buf_clear(&r->records);
	if (size > PAX_EXTENDED_MOST)
		return fail_set(f, "an extended header is longer than %d bytes", PAX_EXTENDED_MOST);
	whole = (size_t)size + pax_padding(size);
	step = reader_take_buf(r, &r->records, whole, f);
	if (step != STEP_ON)
		return step;
	hash_add(r->head, buf_span(&r->records));
	for (size_t i = (size_t)size; i < whole; i++)
		*ok &= r->records.data[i] == 0;
	r->records.size = (size_t)size;
	return STEP_ON;
}

int reader_take_map(struct pack_reader *r, struct fail *f)
{
	int64_t lines = 1, found = 0;
	struct extent *extents;
	int step = STEP_ON;

	buf_clear(&r->map);
	while (found < lines && r->map.size < PAX_MAP_MOST && (int64_t)r->map.size < r->member.stored) {
		size_t start = r->map.size;

		step = reader_take_buf(r, &r->map, PAX_BLOCK, f);
		if (step != STEP_ON)
			return step;
		if (!start)
			lines = pax_map_lines(buf_span(&r->map));
		for (size_t i = start; i < r->map.size; i++)
			found += r->map.data[i] == '\n';
	}
	hash_add(r->head, buf_span(&r->map));
	if (pax_map(buf_span(&r->map), &r->member, &extents)) {
		r->extents = extents;
		r->stored_left = r->member.stored - (int64_t)r->map.size;
		return STEP_ON;
	}
	/* Taken as plain bytes, so that what follows is found. */
	reader_damage(r, DAMAGE_MAP);
	r->member.sparse = false;
	r->stored_left = r->member.stored > (int64_t)r->map.size ? r->member.stored - (int64_t)r->map.size : 0;
	r->member.size = r->stored_left;
	return STEP_ON;
}

bool reader_fill(struct pack_reader *r, const struct pax_header *h, bool extended)
{
	struct pax_member plain = {
		.extended = extended, .size = h->size, .stored = h->size,
		.facts = { .kind = 'f', .size = h->size, .mode = h->mode, .uid = h->uid, .gid = h->gid,
		           .modified = { true, h->modified, 0 } },
	};

	buf_clear(&r->name);
	buf_clear(&r->xattrs);
	buf_add(&r->name, h->name);
	plain.name = buf_span(&r->name);
	r->member = plain;
	if (!extended || pax_apply(buf_span(&r->records), &r->member, &r->xattrs))
		return true;
	r->member = plain;
	return false;
}

/* A damaged stretch counts as one member of no name. */
static int enter_damage(struct pack_reader *r, struct fail *f)
{
	if (r->in_damage)
		return STEP_ON;
	r->in_damage = true;
	if (r->jsonl.there) {
		r->signature_damaged = true;
		return STEP_ON;
	}
	if (reader_push(r, (struct span){ 0 }, f) < 0)
		return -1;
	reader_damage(r, DAMAGE_UNREADABLE);
	return STEP_ON;
}

int reader_report_end(struct pack_reader *r, struct fail *f)
{
	struct fail why;

	fail_set(&why, "the end of the archive was changed");
	return pack_problem(r, PACK_ALTERED, span_of("end"), &why, f);
}

int reader_take_headers(struct pack_reader *r, uint8_t block[PAX_BLOCK], bool *extended, bool *ok,
                        bool *zero, struct fail *f)
{
	struct pax_header h;
	int step;

	*extended = *zero = false;
	*ok = true;
	hash_start(r->head);
	for (;;) {
		step = reader_take(r, block, PAX_BLOCK, f);
		if (step != STEP_ON)
			return step;
		h = pax_read(block);
		*zero = h.zero && r->end_marked && !*extended;
		if (*zero)
			return STEP_ON;
		if (h.usable && h.type == '0')
			break;
		if (r->end_marked && !h.usable)
			return reader_report_end(r, f) ? -1 : STEP_ENDED;
		if (!h.usable || *extended) {
			if (enter_damage(r, f) < 0)
				return -1;
			*extended = false;
			*ok = true;
			hash_start(r->head);
			continue;
		}
		*extended = true;
		*ok = h.sound;
		hash_add(r->head, (struct span){ block, PAX_BLOCK });
		step = take_records(r, h.size, ok, f);
		if (step != STEP_ON)
			return step;
	}
	hash_add(r->head, (struct span){ block, PAX_BLOCK });
	*ok &= h.sound;
	return STEP_ON;
}
