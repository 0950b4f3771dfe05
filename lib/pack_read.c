/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack_reader.h"

#include <stdlib.h>

#include "lib/json.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/zstd_in.h"

enum { SCRATCH = 64 << 10 };

/* Outcomes of a step: go on, the bytes ended, or -1 (reason in `f`). */
enum { STEP_ENDED = 0, STEP_ON = 1 };

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

/* Exactly `size` bytes, or the archive ended. */
static int take(struct pack_reader *r, void *bytes, size_t size, struct fail *f)
{
	int64_t got = source_fill(r->in, bytes, size, f);

	return got < 0 ? -1 : got == (int64_t)size ? STEP_ON : STEP_ENDED;
}

static int take_buf(struct pack_reader *r, struct buf *to, size_t size, struct fail *f)
{
	uint8_t *room = buf_room(to, size);
	int step;

	if (!room)
		return fail_set(f, "out of memory");
	step = take(r, room, size, f);
	if (step == STEP_ON)
		to->size += size;
	return step;
}

static struct seen *passing(struct pack_reader *r)
{
	return &r->seen[r->seen_count - 1];
}

static void damage(struct pack_reader *r, enum damage what)
{
	if (!passing(r)->damage)
		passing(r)->damage = what;
}

static int push_seen(struct pack_reader *r, struct span name, struct fail *f)
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
	const struct extent *e = &r->member.facts.extents[r->extent];

	return r->member.sparse ? e->offset + e->length - r->at : r->stored_left;
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

static int64_t content_read(struct source *s, void *bytes, size_t size, struct fail *f)
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

static int64_t content_skip(struct source *s)
{
	struct pack_reader *r = (struct pack_reader *)((char *)s - offsetof(struct pack_reader, content));
	int64_t hole = r->passing && r->at < r->member.size ? hole_here(r) : 0;

	if (hole)
		content_digest_hole(&r->digest, hole);
	r->at += hole;
	return hole;
}

/* What nobody read, the padding, and the digests. */
static int finish_member(struct pack_reader *r, struct fail *f)
{
	uint8_t bytes[SCRATCH];
	struct seen *s = passing(r);
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
	step = take(r, bytes, padding, f);
	if (step != STEP_ON)
		return step;
	for (size_t i = 0; i < padding; i++)
		if (bytes[i])
			damage(r, DAMAGE_PADDING);
	s->plain = r->digest.use_plain;
	s->blocks = r->digest.use_blocks;
	return content_digest_end(&r->digest, s->sha256, s->sha256_blocks, f) ? -1 : STEP_ON;
}

/* ---- headers ---- */

static bool name_is_safe(struct span name)
{
	struct span rest = name;

	if (!name.size || name.data[0] == '/' || !text_is_utf8(name) ||
	    name.data[name.size - 1] == '/')
		return false;
	while (rest.size) {
		struct span part = span_until(&rest, '/');

		if (!part.size || span_is(part, ".") || span_is(part, ".."))
			return false;
	}
	for (size_t i = 0; i < name.size; i++)
		if (name.data[i] < 0x20 || name.data[i] == 0x7f || name.data[i] == '\\')
			return false;
	return true;
}

static enum pack_kind kind_of(struct span name, bool *known)
{
	*known = true;
	if (span_is(name, "collection.json"))
		return PACK_COLLECTION;
	if (span_starts(name, "rows/") && span_ends(name, ".jsonl"))
		return PACK_ROWS;
	if (span_starts(name, "notes.") && span_ends(name, ".jsonl"))
		return PACK_NOTES;
	*known = span_starts(name, "files/");
	return PACK_FILE;
}

/* The extended header's records, padding checked; *ok false if they are not right. */
static int take_records(struct pack_reader *r, int64_t size, bool *ok, struct fail *f)
{
	size_t whole;
	int step;

	buf_clear(&r->records);
	if (size > PAX_EXTENDED_MOST)
		return fail_set(f, "an extended header is longer than %d bytes", PAX_EXTENDED_MOST);
	whole = (size_t)size + pax_padding(size);
	step = take_buf(r, &r->records, whole, f);
	if (step != STEP_ON)
		return step;
	hash_add(r->head, buf_span(&r->records));
	for (size_t i = (size_t)size; i < whole; i++)
		*ok &= r->records.data[i] == 0;
	r->records.size = (size_t)size;
	return STEP_ON;
}

/* The map in front of a sparse file's data. */
static int take_map(struct pack_reader *r, struct fail *f)
{
	int64_t lines = 1, found = 0;
	struct extent *extents;
	int step = STEP_ON;

	buf_clear(&r->map);
	while (found < lines && r->map.size < PAX_MAP_MOST && (int64_t)r->map.size < r->member.stored) {
		size_t start = r->map.size;

		step = take_buf(r, &r->map, PAX_BLOCK, f);
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
	damage(r, DAMAGE_MAP);
	r->member.sparse = false;
	r->stored_left = r->member.stored > (int64_t)r->map.size ? r->member.stored - (int64_t)r->map.size : 0;
	r->member.size = r->stored_left;
	return STEP_ON;
}

/* Fills r->member from the plain header and the records. */
static bool fill_member(struct pack_reader *r, const struct pax_header *h, bool extended)
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
	if (push_seen(r, (struct span){ 0 }, f) < 0)
		return -1;
	damage(r, DAMAGE_UNREADABLE);
	return STEP_ON;
}

static int report_end(struct pack_reader *r, struct fail *f)
{
	struct fail why;

	fail_set(&why, "the end of the archive was changed");
	return pack_problem(r, PACK_ALTERED, span_of("end"), &why, f);
}

/*
 * The next member's headers, up to its plain header in `block`. *zero: the end of the archive
 * instead, which only the end mark makes one. What cannot be read as a header is passed over, block
 * by block.
 */
static int take_headers(struct pack_reader *r, uint8_t block[PAX_BLOCK], bool *extended, bool *ok,
                        bool *zero, struct fail *f)
{
	struct pax_header h;
	int step;

	*extended = *zero = false;
	*ok = true;
	hash_start(r->head);
	for (;;) {
		step = take(r, block, PAX_BLOCK, f);
		if (step != STEP_ON)
			return step;
		h = pax_read(block);
		*zero = h.zero && r->end_marked && !*extended;
		if (*zero)
			return STEP_ON;
		if (h.usable && h.type == '0')
			break;
		if (r->end_marked && !h.usable)
			return report_end(r, f) ? -1 : STEP_ENDED;
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

/* ---- members ---- */

static int take_collection(struct pack_reader *r, struct fail *f)
{
	struct json_value v;
	int64_t format;
	int step;

	if (r->member.size > COLLECTION_MOST)
		return fail_set(f, "collection.json is longer than %d bytes", COLLECTION_MOST);
	step = take_buf(r, &r->collection_bytes, (size_t)r->member.size, f);
	if (step != STEP_ON)
		return step;
	content_digest_add(&r->digest, buf_span(&r->collection_bytes));
	r->at = r->member.size;
	r->stored_left = 0;
	memory_source_init(&r->collection, buf_span(&r->collection_bytes));
	v = json_parse(buf_span(&r->collection_bytes));
	if (json_number(json_member(v, "format"), &format) && format > MANIFEST_FORMAT)
		return fail_set(f, "the archive is of format %lld; this program reads format %d: use a newer "
		                "one", (long long)format, MANIFEST_FORMAT);
	return STEP_ON;
}

/* The path on the host and what else an entry tells. */
static void fill_entry(struct pack_reader *r, enum pack_kind kind, struct pack_entry *e)
{
	struct span name = seen_name(r, passing(r));

	*e = (struct pack_entry){ .kind = kind, .number = passing(r)->number, .name = name,
	                          .content = &r->content, .facts = r->member.facts };
	r->content.size = r->member.size;
	r->content.offset = 0;
	if (kind == PACK_COLLECTION)
		e->content = &r->collection.source;
	if (kind == PACK_ROWS) {
		struct span rest = span_part(name, 5, name.size);

		e->table_name = span_until(&rest, '.');
		e->table = table_named(e->table_name);
	}
	if (kind == PACK_FILE) {
		buf_clear(&r->path);
		path_from_member(&r->path, span_part(name, 6, name.size));
		e->facts.path = buf_span(&r->path);
		e->facts.size = r->member.size;
	}
}

/* Starts a member that is no manifest. STEP_ON: it is in *e; or its kind is unknown and e->name empty. */
static int start_member(struct pack_reader *r, bool extended, bool ok, struct pack_entry *e, struct fail *f)
{
	struct digests head;
	bool known;
	enum pack_kind kind = kind_of(r->member.name, &known);
	int step;

	if (push_seen(r, r->member.name, f) < 0)
		return -1;
	r->stored_left = r->member.stored;
	r->at = 0;
	r->extent = 0;
	r->passing = true;
	free(r->extents);
	r->extents = NULL;
	if (!ok)
		damage(r, DAMAGE_HEADER);
	if (!name_is_safe(r->member.name))
		damage(r, DAMAGE_NAME);
	if (!known || extended != (kind == PACK_FILE))
		damage(r, DAMAGE_KIND);
	step = r->member.sparse ? take_map(r, f) : STEP_ON;
	if (step != STEP_ON)
		return step;
	passing(r)->size = r->member.size;
	if (hash_end(r->head, &head, f))
		return -1;
	memcpy(passing(r)->head, head.sha256, SHA256_SIZE);
	content_digest_start(&r->digest, r->member.size, r->member.sparse);
	if (kind == PACK_COLLECTION && known && (step = take_collection(r, f)) != STEP_ON)
		return step;
	fill_entry(r, kind, e);
	if (!known || !name_is_safe(r->member.name))
		e->name = (struct span){ 0 };
	return STEP_ON;
}

/* Content and padding of a manifest member. */
static int take_whole(struct pack_reader *r, struct buf *to, size_t most, struct fail *f)
{
	uint8_t padding[PAX_BLOCK];
	size_t size = pax_padding(r->member.size);
	int step;

	buf_clear(to);
	if (r->member.size > (int64_t)most)
		return fail_set(f, "'%.*s' is too long", (int)r->member.name.size,
		                (const char *)r->member.name.data);
	step = take_buf(r, to, (size_t)r->member.size, f);
	if (step == STEP_ON)
		step = take(r, padding, size, f);
	if (step != STEP_ON)
		return step;
	for (size_t i = 0; i < size; i++)
		if (padding[i]) {
			struct fail why;

			fail_set(&why, "the bytes behind its content were changed");
			return pack_problem(r, PACK_ALTERED, r->member.name, &why, f) ? -1 : STEP_ON;
		}
	return STEP_ON;
}

static int take_manifest(struct pack_reader *r, const uint8_t block[PAX_BLOCK], struct fail *f)
{
	struct buf der = { 0 };
	int step;

	if (span_ends(r->member.name, ".jsonl")) {
		if (r->jsonl.there && pack_segment_lost(r, f))
			return -1;
		step = take_whole(r, &r->jsonl.bytes, MANIFEST_MOST, f);
		memcpy(r->jsonl.header, block, PAX_BLOCK);
		r->jsonl.frames = zstd_in_facts(r->in)->frames;
		memcpy(r->jsonl.frame, zstd_in_facts(r->in)->frame, SHA256_SIZE);
		r->jsonl.there = step == STEP_ON;
		return step;
	}
	step = take_whole(r, &der, SIGNATURE_MOST, f);
	if (step == STEP_ON) {
		int result = r->jsonl.there ? pack_segment(r, block, buf_span(&der), f) : pack_segment_lost(r, f);

		step = result ? -1 : STEP_ON;
	}
	buf_done(&der);
	return step;
}

/* Behind the first of the two blocks of zeros. */
static int take_end(struct pack_reader *r, struct fail *f)
{
	uint8_t block[PAX_BLOCK];
	int step = take(r, block, PAX_BLOCK, f);
	struct fail why;
	int64_t got;

	if (step != STEP_ON)
		return step;
	if (!pax_read(block).zero)
		return report_end(r, f) ? -1 : STEP_ENDED;
	got = source_read(r->in, block, 1, f);
	if (got < 0)
		return -1;
	if (got > 0) {
		fail_set(&why, "there are data behind the end of the archive");
		return pack_problem(r, PACK_ADDED, span_of("end"), &why, f) ? -1 : STEP_ENDED;
	}
	if (r->end_marked && (!zstd_in_facts(r->in)->stored ||
	                      zstd_in_facts(r->in)->frames != r->verdict.segments)) {
		fail_set(&why, "the last frame is not as the format demands");
		return pack_problem(r, PACK_ALTERED, span_of("end"), &why, f) ? -1 : STEP_ENDED;
	}
	r->verdict.complete = r->end_marked && !r->seen_count && !r->jsonl.there;
	return STEP_ENDED;
}

/* One member: STEP_ON with e->name set if it is one for the caller. */
static int next_member(struct pack_reader *r, struct pack_entry *e, struct fail *f)
{
	uint8_t block[PAX_BLOCK];
	struct pax_header h;
	bool extended, ok, zero;
	int step = r->passing ? finish_member(r, f) : STEP_ON;

	e->name = (struct span){ 0 };
	if (step == STEP_ON)
		step = take_headers(r, block, &extended, &ok, &zero, f);
	if (step != STEP_ON)
		return step;
	if (zero)
		return take_end(r, f);
	r->in_damage = false;
	h = pax_read(block);
	ok &= fill_member(r, &h, extended);
	if (r->number == 0 && !span_is(r->member.name, "collection.json"))
		return fail_set(f, "not an evidence archive: it does not begin with collection.json");
	if (!extended && span_starts(r->member.name, "manifest/"))
		return !ok && pack_manifest_damaged(r, f) ? -1 : take_manifest(r, block, f);
	if (r->jsonl.there && pack_segment_lost(r, f))
		return -1;
	return start_member(r, extended, ok, e, f);
}

/* Members behind the last closed segment: their own damage, and, behind the end mark, that they are. */
static int report_tail(struct pack_reader *r, struct fail *f)
{
	struct fail why;

	for (size_t i = 0; i < r->seen_count; i++) {
		struct seen *s = &r->seen[i];

		pack_damage_text(s->damage, &why);
		if (s->damage && pack_problem(r, PACK_ALTERED, seen_name(r, s), &why, f))
			return -1;
		fail_set(&why, "no signed segment lists it");
		if (r->end_marked && pack_problem(r, PACK_ADDED, seen_name(r, s), &why, f))
			return -1;
	}
	return 0;
}

static int report_cut(struct pack_reader *r, struct fail *f)
{
	const struct pack_verdict *v = &r->verdict;
	struct fail why;

	fail_set(&why, "the archive is cut: the end mark is missing; nothing vouches for the %lld entries "
	         "behind segment %lld", (long long)v->unsigned_entries, (long long)v->segments);
	return pack_problem(r, PACK_CUT, v->unsigned_entries ? seen_name(r, &r->seen[0]) :
	                    (struct span){ 0 }, &why, f);
}

/* What can be said when nothing follows. */
static int conclude(struct pack_reader *r, struct fail *f)
{
	struct pack_verdict *v = &r->verdict;

	v->unsigned_entries = (int64_t)r->seen_count;
	memcpy(v->archive_sha256, zstd_in_facts(r->in)->all, SHA256_SIZE);
	if (r->jsonl.there && r->signature_damaged && pack_segment_lost(r, f))
		return -1;
	if (report_tail(r, f) || (!r->result && !v->complete && !v->problems && report_cut(r, f)))
		return -1;
	v->sound = !r->result && !v->problems;
	return 0;
}

/* The source below failed, or memory: that says nothing of the archive. */
static bool blames_archive(const struct pack_reader *r)
{
	return !r->stopped && zstd_in_facts(r->in)->state != ZSTD_IN_FAILED;
}

static int finish(struct pack_reader *r, int result, struct fail *f)
{
	struct span item = r->passing ? seen_name(r, passing(r)) :
	                   span_of(r->number ? "" : "collection.json");
	bool corrupt = zstd_in_facts(r->in)->state == ZSTD_IN_CORRUPT;
	struct fail why = *f;

	r->over = true;
	r->result = result;
	r->why = *f;
	if (result < 0 && blames_archive(r) &&
	    pack_problem(r, corrupt ? PACK_ALTERED : PACK_MALFORMED, item, &why, f))
		return -1;
	if (!r->stopped && conclude(r, f))
		return -1;
	*f = r->why;
	return result;
}

int pack_reader_next(struct pack_reader *r, struct pack_entry *e, struct fail *f)
{
	int step = STEP_ON;

	if (r->over) {
		*f = r->why;
		return r->result;
	}
	do
		step = next_member(r, e, f);
	while (step == STEP_ON && !e->name.size);
	return step == STEP_ON ? 1 : finish(r, step, f);
}

const struct pack_verdict *pack_reader_verdict(const struct pack_reader *r)
{
	return &r->verdict;
}

int pack_reader_open(struct pack_reader **out, struct source *raw, const struct trust *trust,
                     const struct pack_events *events, struct fail *f)
{
	struct pack_reader *r = calloc(1, sizeof *r);

	if (!r)
		return fail_set(f, "out of memory");
	r->trust = trust;
	if (events)
		r->events = *events;
	r->content = (struct source){ .read = content_read, .skip = content_skip };
	r->next_segment = 1;
	r->before_valid = true;
	if (zstd_in_open(&r->in, raw, f) || hash_open(&r->head, HASH_SHA256, f) ||
	    content_digest_open(&r->digest, f)) {
		pack_reader_close(r);
		return -1;
	}
	*out = r;
	return 0;
}

void pack_reader_close(struct pack_reader *r)
{
	if (!r)
		return;
	zstd_in_close(r->in);
	hash_close(r->head);
	content_digest_close(&r->digest);
	free(r->extents);
	free(r->seen);
	buf_done(&r->name);
	buf_done(&r->records);
	buf_done(&r->xattrs);
	buf_done(&r->map);
	buf_done(&r->path);
	buf_done(&r->link);
	buf_done(&r->collection_bytes);
	buf_done(&r->names);
	buf_done(&r->jsonl.bytes);
	free(r);
}
