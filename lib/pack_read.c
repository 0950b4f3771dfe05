/* SPDX-License-Identifier: Apache-2.0 */
/* The archive from its beginning to its end: members, segments, and what is left to say. */
#include "lib/pack_reader.h"

#include <stdlib.h>

#include "lib/json.h"
#include "lib/path.h"
#include "lib/text.h"
#include "lib/zstd_in.h"

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

static int take_collection(struct pack_reader *r, struct fail *f)
{
	struct json_value v;
	int64_t format;
	int step;

	if (r->member.size > COLLECTION_MOST)
		return fail_set(f, "collection.json is longer than %d bytes", COLLECTION_MOST);
	step = reader_take_buf(r, &r->collection_bytes, (size_t)r->member.size, f);
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
	struct span name = seen_name(r, reader_passing(r));

	*e = (struct pack_entry){ .kind = kind, .number = reader_passing(r)->number, .name = name,
	                          .content = &r->content, .facts = r->member.facts };
	r->content.size = r->member.size;
	r->content.offset = 0;
	if (kind == PACK_COLLECTION && r->number == 1 && r->collection.source.read)
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

	if (reader_push(r, r->member.name, f) < 0)
		return -1;
	r->stored_left = r->member.stored;
	r->at = 0;
	r->extent = 0;
	r->passing = true;
	free(r->extents);
	r->extents = NULL;
	if (!ok)
		reader_damage(r, DAMAGE_HEADER);
	if (!name_is_safe(r->member.name))
		reader_damage(r, DAMAGE_NAME);
	if (!known || extended != (kind == PACK_FILE))
		reader_damage(r, DAMAGE_KIND);
	step = r->member.sparse ? reader_take_map(r, f) : STEP_ON;
	if (step != STEP_ON)
		return step;
	reader_passing(r)->size = r->member.size;
	if (hash_end(r->head, &head, f))
		return -1;
	memcpy(reader_passing(r)->head, head.sha256, SHA256_SIZE);
	content_digest_start(&r->digest, r->member.size, r->member.sparse);
	/* The first only: a second one does not belong there, and is passed over as it comes. */
	if (kind == PACK_COLLECTION && known && !r->member.sparse && !r->collection.source.read &&
	    (step = take_collection(r, f)) != STEP_ON)
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
	step = reader_take_buf(r, to, (size_t)r->member.size, f);
	if (step == STEP_ON)
		step = reader_take(r, padding, size, f);
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
	int step = reader_take(r, block, PAX_BLOCK, f);
	struct fail why;
	int64_t got;

	if (step != STEP_ON)
		return step;
	if (!pax_read(block).zero)
		return reader_report_end(r, f) ? -1 : STEP_ENDED;
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
	int step = r->passing ? reader_finish(r, f) : STEP_ON;

	e->name = (struct span){ 0 };
	if (step == STEP_ON)
		step = reader_take_headers(r, block, &extended, &ok, &zero, f);
	if (step != STEP_ON)
		return step;
	if (zero)
		return take_end(r, f);
	r->in_damage = false;
	h = pax_read(block);
	ok &= reader_fill(r, &h, extended);
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
	struct span item = r->passing ? seen_name(r, reader_passing(r)) :
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
	r->content = (struct source){ .read = reader_content_read, .skip = reader_content_skip };
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
	buf_done(&r->collection_bytes);
	buf_done(&r->names);
	buf_done(&r->jsonl.bytes);
	free(r);
}
