/* SPDX-License-Identifier: Apache-2.0 */
/* A closed segment: who signed it, what it follows, and whether its entries are what was seen. */
#include "lib/pack_reader.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/instant.h"

void pack_damage_text(enum damage damage, struct fail *why)
{
	switch (damage) {
	case DAMAGE_NONE: fail_set(why, "no signed segment lists it"); break;
	case DAMAGE_UNREADABLE: fail_set(why, "its header is damaged"); break;
	case DAMAGE_HEADER: fail_set(why, "its header was changed"); break;
	case DAMAGE_NAME: fail_set(why, "its name is not allowed in an archive"); break;
	case DAMAGE_KIND: fail_set(why, "no member of this kind belongs here"); break;
	case DAMAGE_MAP: fail_set(why, "its map of holes is malformed"); break;
	case DAMAGE_PADDING: fail_set(why, "the bytes behind its content were changed"); break;
	}
}

/* ---- lines against what was seen ---- */

enum { NONE = -1 };

/* A line of the manifest and the member it belongs to. */
struct listed { struct span line; int64_t number; int32_t seen; bool sound, broken; };

struct matching {
	struct pack_reader *r;
	struct listed *listed;
	size_t count, capacity, members;
	int32_t *index;                     /* open hash table over the names of what was seen */
	size_t slots;
	struct manifest_end end;
	bool has_end, quiet;                /* quiet: the lines themselves are not to be believed */
	struct buf held;
};

static size_t slot_of(const struct matching *m, struct span name)
{
	uint64_t hash = UINT64_C(0xcbf29ce484222325);
	size_t at;

	for (size_t i = 0; i < name.size; i++)
		hash = (hash ^ name.data[i]) * UINT64_C(0x100000001b3);
	at = (size_t)(hash ^ hash >> 32) & (m->slots - 1);
	while (m->index[at] != NONE &&
	       !span_equal(seen_name(m->r, &m->r->seen[m->index[at]]), name))
		at = (at + 1) & (m->slots - 1);
	return at;
}

static bool build_index(struct matching *m)
{
	m->slots = 16;
	while (m->slots < 2 * m->r->seen_count + 2)
		m->slots *= 2;
	m->index = malloc(m->slots * sizeof *m->index);
	if (!m->index)
		return false;
	for (size_t i = 0; i < m->slots; i++)
		m->index[i] = NONE;
	for (size_t i = 0; i < m->r->seen_count; i++) {
		size_t at = slot_of(m, seen_name(m->r, &m->r->seen[i]));

		/* Of two of one name the first counts; the second is left over, and reported as added. */
		if (m->index[at] == NONE)
			m->index[at] = (int32_t)i;
	}
	return true;
}

static int problem(struct matching *m, enum pack_problem kind, struct span item,
                   const struct fail *why, struct fail *f)
{
	return m->quiet ? 0 : pack_problem(m->r, kind, item, why, f);
}

static bool digests_fit(const struct manifest_entry *e, const struct seen *s)
{
	return e->plain == s->plain && e->blocks == s->blocks &&
	       (!e->plain || memcmp(e->sha256, s->sha256, SHA256_SIZE) == 0) &&
	       (!e->blocks || memcmp(e->sha256_blocks, s->sha256_blocks, SHA256_SIZE) == 0);
}

/* Holds a member against its line. */
static int compare(struct matching *m, struct listed *l, const struct manifest_entry *e, struct fail *f)
{
	const struct seen *s = &m->r->seen[l->seen];
	struct fail why;

	if (!s->damage && e->size == s->size && digests_fit(e, s) &&
	    memcmp(e->head, s->head, SHA256_SIZE) == 0) {
		l->sound = true;
		return 0;
	}
	if (s->damage)
		pack_damage_text(s->damage, &why);
	else if (memcmp(e->head, s->head, SHA256_SIZE) != 0)
		fail_set(&why, "its header was changed");
	else
		fail_set(&why, "its content was changed");
	return problem(m, PACK_ALTERED, e->name, &why, f);
}

static bool more_room(struct matching *m)
{
	size_t capacity = m->capacity ? m->capacity * 2 : 256;
	struct listed *grown;

	if (m->count < m->capacity)
		return true;
	grown = realloc(m->listed, capacity * sizeof *grown);
	if (!grown)
		return false;
	m->listed = grown;
	m->capacity = capacity;
	return true;
}

/* One line behind the first: finds its member by name. */
static int take_line(struct matching *m, struct span line, struct fail *f)
{
	struct listed *l;
	struct manifest_entry e;
	struct fail why;

	if (!m->has_end && manifest_read_end(line, &m->end)) {
		m->has_end = true;
		return 0;
	}
	if (!more_room(m))
		return fail_set(f, "out of memory");
	l = &m->listed[m->count++];
	*l = (struct listed){ .line = line, .seen = NONE };
	buf_clear(&m->held);
	if (m->has_end || manifest_read_entry(line, &e, &m->held, &why) ||
	    (e.number && ++m->members > PACK_SEGMENT_ENTRIES)) {
		if (m->has_end)
			fail_set(&why, "lines behind the end mark");
		else if (m->members > PACK_SEGMENT_ENTRIES)
			fail_set(&why, "a segment of more than %d entries", PACK_SEGMENT_ENTRIES);
		l->broken = true;
		return problem(m, PACK_MALFORMED, span_of("manifest"), &why, f);
	}
	l->number = e.number;
	if (e.number) {
		l->seen = m->index[slot_of(m, e.name)];
		if (l->seen != NONE && m->r->seen[l->seen].matched)
			l->seen = NONE;
	}
	if (l->seen == NONE) {
		l->sound = !e.number;
		return 0;
	}
	m->r->seen[l->seen].matched = true;
	return compare(m, l, &e, f);
}

/* Members without a line that may be the altered form of one: same number, or unreadable. */
static int32_t leftover(const struct matching *m, int64_t number)
{
	for (size_t i = 0; i < m->r->seen_count; i++) {
		const struct seen *s = &m->r->seen[i];

		if (!s->matched && (s->damage == DAMAGE_UNREADABLE || s->number == number))
			return (int32_t)i;
	}
	return NONE;
}

/* Lines whose member was not found under its name, then members that have no line. */
static int report_unmatched(struct matching *m, struct fail *f)
{
	struct manifest_entry e;
	struct fail why;

	for (size_t i = 0; i < m->count; i++) {
		struct listed *l = &m->listed[i];
		int32_t other;

		buf_clear(&m->held);
		if (!l->number || l->seen != NONE || manifest_read_entry(l->line, &e, &m->held, &why))
			continue;
		other = leftover(m, l->number);
		if (other != NONE) {
			m->r->seen[other].matched = true;
			fail_set(&why, "its header was changed");
		} else {
			fail_set(&why, "it is listed, but not there");
		}
		if (problem(m, other == NONE ? PACK_MISSING : PACK_ALTERED, e.name, &why, f))
			return -1;
	}
	for (size_t i = 0; i < m->r->seen_count; i++) {
		const struct seen *s = &m->r->seen[i];

		if (s->matched || (m->quiet && !s->damage))
			continue;
		pack_damage_text(s->damage, &why);
		if (pack_problem(m->r, s->damage ? PACK_ALTERED : PACK_ADDED, seen_name(m->r, s), &why, f))
			return -1;
	}
	return 0;
}

/*
 * Lines in order whose members are in another order. What does not belong to a longest ascending
 * run was moved. `last` holds for each length the line that ends the best run of it.
 */
static int report_order(struct matching *m, struct fail *f)
{
	int32_t *last = malloc((m->count + 1) * sizeof *last), *before = malloc((m->count + 1) * sizeof *before);
	bool *kept = calloc(m->count + 1, sizeof *kept);
	size_t longest = 0;
	int result = 0;

	if (!last || !before || !kept) {
		result = fail_set(f, "out of memory");
		goto out;
	}
	for (size_t i = 0; i < m->count; i++) {
		size_t low = 0, high = longest;

		if (m->listed[i].seen == NONE)
			continue;
		while (low < high) {
			size_t middle = (low + high) / 2;

			if (m->listed[last[middle]].seen < m->listed[i].seen)
				low = middle + 1;
			else
				high = middle;
		}
		before[i] = low ? last[low - 1] : NONE;
		last[low] = (int32_t)i;
		if (low == longest)
			longest++;
	}
	for (int32_t i = longest ? last[longest - 1] : NONE; i != NONE; i = before[i])
		kept[i] = true;
	for (size_t i = 0; !result && i < m->count; i++) {
		struct fail why;

		if (m->listed[i].seen == NONE || kept[i])
			continue;
		m->listed[i].sound = false;
		fail_set(&why, "it stands at another place than it was written to");
		result = problem(m, PACK_REORDERED, seen_name(m->r, &m->r->seen[m->listed[i].seen]), &why, f);
	}
out:
	free(last);
	free(before);
	free(kept);
	return result;
}

/* Tells the caller of every line, and counts what is sound. */
static int give_records(struct matching *m, int64_t segment, bool valid, struct fail *f)
{
	struct pack_reader *r = m->r;

	for (size_t i = 0; i < m->count; i++) {
		struct listed *l = &m->listed[i];
		struct manifest_entry e;
		struct pack_record record;
		struct fail why;

		buf_clear(&m->held);
		if (l->broken || manifest_read_entry(l->line, &e, &m->held, &why))
			continue;
		record = (struct pack_record){
			.number = e.number, .segment = segment, .name = e.name, .path = e.facts.path,
			.size = e.size, .sparse = e.blocks && !e.plain, .acquired = e.acquired, .json = l->line,
			.sound = l->sound && valid,
		};
		if (e.plain || e.blocks)
			record.sha256 = (struct span){ e.plain ? e.sha256 : e.sha256_blocks, SHA256_SIZE };
		if (e.number) {
			r->manifest_entries++;
			r->manifest_bytes += e.size;
			r->number = e.number;
		}
		if (record.sound && e.number) {
			r->verdict.entries++;
			r->verdict.bytes += e.size;
		}
		if (r->events.record && r->events.record(r->events.context, &record, f)) {
			r->stopped = true;
			return -1;
		}
	}
	return 0;
}

/* ---- the segment ---- */

static struct span manifest_name(char text[40], int64_t segment, const char *suffix)
{
	snprintf(text, 40, "manifest/%05lld.%s", (long long)segment, suffix);
	return span_of(text);
}

/* The header that a manifest member must have, given what follows from its first line. */
static bool header_fits(const uint8_t found[PAX_BLOCK], struct span name, size_t size, int64_t time)
{
	struct pax_member m = { .name = name, .size = (int64_t)size };
	struct buf header = { 0 };
	bool same;

	m.facts = (struct file_facts){ .mode = 0644, .modified = { true, instant_seconds(time), 0 } };
	pax_write(&header, &m);
	same = span_equal(buf_span(&header), (struct span){ found, PAX_BLOCK });
	buf_done(&header);
	return same;
}

static bool digest_is(const uint8_t a[SHA256_SIZE], const uint8_t b[SHA256_SIZE])
{
	return memcmp(a, b, SHA256_SIZE) == 0;
}

/* What ties a validly signed segment to the one before. */
static int check_chain(struct pack_reader *r, const struct manifest_start *s, struct fail *f)
{
	char name[40];
	struct fail why;

	for (; r->next_segment < s->segment; r->next_segment++) {
		fail_set(&why, "segment %lld is missing", (long long)r->next_segment);
		r->before_valid = false;
		if (pack_problem(r, PACK_MISSING, manifest_name(name, r->next_segment, "jsonl"), &why, f))
			return -1;
		if (s->segment - r->next_segment > PACK_SEGMENT_ENTRIES)
			break;
	}
	manifest_name(name, s->segment, "jsonl");
	if (s->segment != r->next_segment || s->linked != (s->segment > 1) ||
	    (s->linked && r->before_valid && !digest_is(s->previous, r->before.previous))) {
		fail_set(&why, "it does not follow the segment before it");
		return pack_problem(r, PACK_CHAIN, span_of(name), &why, f);
	}
	if (!s->linked || !r->before_valid)
		return 0;
	if (!digest_is(s->signature, r->before.signature)) {
		fail_set(&why, "the signature was changed after it was made");
		if (pack_problem(r, PACK_SIGNATURE, manifest_name(name, s->segment - 1, "p7s"), &why, f))
			return -1;
	}
	if (r->jsonl.frames != s->segment - 1 || !digest_is(s->frame, r->jsonl.frame)) {
		fail_set(&why, "the compressed bytes of segment %lld are not those that were written",
		         (long long)s->segment - 1);
		return pack_problem(r, PACK_ALTERED, manifest_name(name, s->segment - 1, "zst"), &why, f);
	}
	return 0;
}

/* The certificates are those that the segment names, and the same all along. */
static int check_signer(struct pack_reader *r, const struct manifest_start *s,
                        const struct signature_facts *facts, struct fail *f)
{
	struct pack_verdict *v = &r->verdict;
	struct span carried = { facts->certificates[0], facts->certificate_count * SHA256_SIZE };
	char name[40];
	struct fail why;

	manifest_name(name, s->segment, "p7s");
	if (!v->segments) {
		memcpy(v->signer, facts->name, sizeof v->signer);
		memcpy(v->signer_sha256, facts->certificates[0], SHA256_SIZE);
		v->throwaway = facts->throwaway;
		v->trusted = facts->trusted;
	}
	if (!span_equal(carried, s->certificates) ||
	    !digest_is(facts->certificates[0], v->signer_sha256)) {
		fail_set(&why, "signed with another certificate than the archive began with");
		return pack_problem(r, PACK_SIGNATURE, span_of(name), &why, f);
	}
	return 0;
}

/* What was signed by the time of the end mark is what was read. */
static int check_end(struct matching *m, const struct manifest_start *s, struct fail *f)
{
	struct pack_reader *r = m->r;
	char name[40];
	struct fail why;

	r->end_marked = true;
	if (m->end.segments == s->segment && m->end.entries == r->manifest_entries &&
	    m->end.bytes == r->manifest_bytes)
		return 0;
	fail_set(&why, "the totals of the end mark are not those of the archive");
	return pack_problem(r, PACK_MISSING, manifest_name(name, s->segment, "jsonl"), &why, f);
}

static int match_entries(struct pack_reader *r, struct span lines, const struct manifest_start *s,
                         bool valid, bool quiet, struct fail *f)
{
	struct matching m = { .r = r, .quiet = quiet };
	int result = build_index(&m) ? 0 : fail_set(f, "out of memory");

	while (!result && lines.size)
		result = take_line(&m, span_until(&lines, '\n'), f);
	if (!result)
		result = report_unmatched(&m, f) || report_order(&m, f) ||
		         give_records(&m, s->segment, valid, f) ||
		         (m.has_end && valid && check_end(&m, s, f)) ? -1 : 0;
	free(m.index);
	free(m.listed);
	buf_done(&m.held);
	return result;
}

static void forget(struct pack_reader *r)
{
	r->seen_count = 0;
	buf_clear(&r->names);
	r->jsonl.there = false;
	r->signature_damaged = false;
}

/* The problem of a signature that does not hold, named after the member that is to blame. */
static int report_signature(struct pack_reader *r, int64_t segment, bool attributes,
                            const struct fail *why, struct fail *f)
{
	char name[40];

	if (attributes)
		return pack_problem(r, PACK_ALTERED, manifest_name(name, segment, "jsonl"), why, f);
	return pack_problem(r, PACK_SIGNATURE, manifest_name(name, segment, "p7s"), why, f);
}

static int check_headers(struct pack_reader *r, const uint8_t *signature_header, size_t der_size,
                         const struct manifest_start *s, struct fail *f)
{
	const uint8_t *const found[2] = { r->jsonl.header, signature_header };
	const size_t sizes[2] = { r->jsonl.bytes.size, der_size };
	char name[40];
	struct fail why;

	for (int i = 0; i < 2; i++) {
		manifest_name(name, s->segment, i ? "p7s" : "jsonl");
		fail_set(&why, "its header was changed");
		if (!header_fits(found[i], span_of(name), sizes[i], s->time) &&
		    pack_problem(r, PACK_ALTERED, span_of(name), &why, f))
			return -1;
	}
	return 0;
}

static int report_trust(struct pack_reader *r, const struct signature_facts *facts,
                        const struct fail *why, struct fail *f)
{
	if (!r->trust || facts->trusted || r->verdict.segments)
		return 0;
	return pack_problem(r, PACK_UNTRUSTED, span_of(facts->name), why, f);
}

/* A segment whose signature holds: all that follows from its first line. */
static int check_valid(struct pack_reader *r, const uint8_t *signature_header, struct span der,
                       const struct manifest_start *s, const struct signature_facts *facts,
                       const struct fail *why, struct fail *f)
{
	struct span bytes = buf_span(&r->jsonl.bytes);

	if (report_trust(r, facts, why, f) || check_headers(r, signature_header, der.size, s, f) ||
	    check_signer(r, s, facts, f) || check_chain(r, s, f) ||
	    hash_sha256(bytes, r->before.previous, f) || hash_sha256(der, r->before.signature, f))
		return -1;
	r->verdict.segments++;
	manifest_code(r->before.previous, r->verdict.code);
	return 0;
}

int pack_segment(struct pack_reader *r, const uint8_t signature_header[PAX_BLOCK], struct span der,
                 struct fail *f)
{
	struct span lines = buf_span(&r->jsonl.bytes), first = span_until(&lines, '\n');
	struct manifest_start start = { .segment = r->next_segment };
	struct signature_facts facts;
	struct buf held = { 0 };
	struct fail why = { 0 };
	bool checked = sign_check(der, buf_span(&r->jsonl.bytes), r->trust, &facts, &why) == 0;
	bool valid = checked && facts.valid, readable;
	int result = 0;

	if (!valid)
		result = report_signature(r, r->next_segment, checked && facts.attributes, &why, f);
	readable = manifest_read_start(first, &start, &held, f) == 0;
	if (!result && valid && !readable)
		result = -1;
	if (!result && valid)
		result = check_valid(r, signature_header, der, &start, &facts, &why, f);
	if (!result)
		result = match_entries(r, lines, &start, valid, checked && facts.attributes && !valid, f);
	r->before_valid = valid;
	r->next_segment = (readable ? start.segment : r->next_segment) + 1;
	buf_done(&held);
	forget(r);
	return result;
}

int pack_manifest_damaged(struct pack_reader *r, struct fail *f)
{
	char name[40];
	struct fail why;

	manifest_name(name, r->next_segment, r->jsonl.there ? "p7s" : "jsonl");
	fail_set(&why, "its header is damaged");
	return pack_problem(r, PACK_ALTERED, span_of(name), &why, f);
}

int pack_segment_lost(struct pack_reader *r, struct fail *f)
{
	bool damaged = r->jsonl.there ? r->signature_damaged :
	               r->seen_count && r->seen[r->seen_count - 1].damage;
	char name[40];
	struct fail why;

	manifest_name(name, r->next_segment, r->jsonl.there ? "p7s" : "jsonl");
	if (damaged)
		fail_set(&why, "its header is damaged");
	else
		fail_set(&why, "it is missing; nothing vouches for the entries of this segment");
	r->before_valid = false;
	r->next_segment++;
	forget(r);
	return pack_problem(r, damaged ? PACK_ALTERED : PACK_MISSING, span_of(name), &why, f);
}
