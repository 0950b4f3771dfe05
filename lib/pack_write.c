/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack_writer.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/instant.h"
#include "lib/json.h"
#include "lib/os.h"
#include "lib/pax.h"
#include "lib/zstd_out.h"

enum {
	PENDING_MOST = 16 << 20,            /* bytes of rows that wait, over all tables */
	LINES_MOST = 8 << 20,               /* bytes of manifest lines in a segment */
	ENTRIES_SPARE = 512,                /* members that closing a segment may add */
};

static int add_bytes(struct pack_writer *w, struct span bytes, struct fail *f)
{
	return w->out->write(w->out, bytes, f);
}

static int add_padding(struct pack_writer *w, int64_t size, struct fail *f)
{
	static const uint8_t zeros[PAX_BLOCK];

	return add_bytes(w, (struct span){ zeros, pax_padding(size) }, f);
}

/* Writes the headers. m->stored is known then. */
static int add_header(struct pack_writer *w, struct pax_member *m, struct fail *f)
{
	buf_clear(&w->header);
	pax_write(&w->header, m);
	if (w->header.bad)
		return fail_set(f, "out of memory");
	return add_bytes(w, buf_span(&w->header), f);
}

static struct file_time seconds_of(int64_t instant)
{
	return (struct file_time){ true, instant_seconds(instant), 0 };
}

int pack_begin(struct pack_writer *w, struct manifest_entry *e, bool extended, struct fail *f)
{
	struct pax_member m = { .name = e->name, .extended = extended, .sparse = e->sparse,
	                        .size = e->size, .facts = e->facts };

	e->number = w->totals.entries + 1;
	e->acquired = os_now();
	if (!extended) {
		m.facts = (struct file_facts){ .mode = 0644, .modified = seconds_of(e->acquired) };
	}
	content_digest_start(&w->digest, e->size, e->sparse);
	return add_header(w, &m, f) || hash_sha256(buf_span(&w->header), e->head, f) ? -1 : 0;
}

int pack_content(struct pack_writer *w, struct span bytes, struct fail *f)
{
	content_digest_add(&w->digest, bytes);
	return add_bytes(w, bytes, f);
}

int pack_line(struct pack_writer *w, const struct manifest_entry *e, struct fail *f)
{
	if (!w->opened)
		w->opened = os_monotonic();
	manifest_write_entry(&w->lines, e);
	return w->lines.bad ? fail_set(f, "out of memory") : 0;
}

int pack_end(struct pack_writer *w, struct manifest_entry *e, struct fail *f)
{
	int64_t stored = e->size;

	if (e->sparse) {
		stored = 0;
		for (size_t i = 0; i < e->facts.extent_count; i++)
			stored += e->facts.extents[i].length;
	}
	if (add_padding(w, stored, f) || content_digest_end(&w->digest, e->sha256, e->sha256_blocks, f))
		return -1;
	e->plain = w->digest.use_plain;
	e->blocks = w->digest.use_blocks;
	w->totals.entries++;
	w->totals.bytes += e->size;
	w->segment_entries++;
	w->segment_bytes += stored;
	return pack_line(w, e, f);
}

/* A member whose content is at hand. */
static int add_member(struct pack_writer *w, struct manifest_entry *e, struct span content,
                      struct fail *f)
{
	e->size = (int64_t)content.size;
	e->true_size = -1;
	return pack_begin(w, e, false, f) || pack_content(w, content, f) || pack_end(w, e, f) ? -1 : 0;
}

/* Writes the first `size` bytes of the pending lines as a member. */
static int flush_part(struct pack_writer *w, struct pending *p, size_t size, int64_t rows,
                      struct fail *f)
{
	struct manifest_entry e = { .kind = span_of(p->table ? "rows" : "notes"), .rows = rows };
	char name[128];
	size_t rest = p->lines.size - size;

	if (!size)
		return 0;
	p->chunks++;
	if (p->table)
		snprintf(name, sizeof name, "rows/%s.%04lld.jsonl", p->table->name, (long long)p->chunks);
	else
		snprintf(name, sizeof name, "notes.%04lld.jsonl", (long long)p->chunks);
	e.name = span_of(name);
	if (p->table)
		e.table = span_of(p->table->name);
	if (add_member(w, &e, span_part(buf_span(&p->lines), 0, size), f))
		return -1;
	if (rest)
		memmove(p->lines.data, p->lines.data + size, rest);
	p->lines.size = rest;
	p->rows -= rows;
	w->pending_bytes -= (int64_t)size;
	if (!rest && p->lines.capacity > PACK_ROWS_CHUNK / 4)
		buf_done(&p->lines);
	return 0;
}

static int flush(struct pack_writer *w, struct pending *p, struct fail *f)
{
	return flush_part(w, p, p->lines.size, p->rows, f);
}

static int flush_all(struct pack_writer *w, struct fail *f)
{
	for (size_t i = 0; i < w->table_count; i++)
		if (flush(w, &w->tables[i], f))
			return -1;
	return flush(w, &w->notes, f);
}

/* A manifest member: its header follows from name, size and the segment's time alone. */
static int add_manifest(struct pack_writer *w, const char *suffix, struct span content, struct fail *f)
{
	struct pax_member m = { .size = (int64_t)content.size };
	char name[40];

	snprintf(name, sizeof name, "manifest/%05lld.%s", (long long)w->next.segment, suffix);
	m.name = span_of(name);
	m.facts = (struct file_facts){ .mode = 0644, .modified = seconds_of(w->next.time) };
	return add_header(w, &m, f) || add_bytes(w, content, f) || add_padding(w, m.size, f) ? -1 : 0;
}

/* Writes and signs the segment whose entry lines are at hand; `end` adds the end mark. */
static int add_segment(struct pack_writer *w, bool end, struct fail *f)
{
	struct buf text = { 0 }, der = { 0 };
	int result;

	w->next.time = os_now();
	w->next.certificates = buf_span(&w->certificates);
	w->next.throwaway = signer_throwaway(w->signer);
	w->totals.segments = w->next.segment;
	manifest_write_start(&text, &w->next);
	buf_add(&text, buf_span(&w->lines));
	if (end)
		manifest_write_end(&text, &w->totals);
	result = text.bad ? fail_set(f, "out of memory") :
	         signer_sign(w->signer, buf_span(&text), &der, f) ||
	         add_manifest(w, "jsonl", buf_span(&text), f) ||
	         add_manifest(w, "p7s", buf_span(&der), f) ||
	         hash_sha256(buf_span(&text), w->next.previous, f) ||
	         hash_sha256(buf_span(&der), w->next.signature, f) ? -1 : 0;
	buf_done(&text);
	buf_done(&der);
	buf_clear(&w->lines);
	w->next.segment++;
	w->next.linked = true;
	w->segment_bytes = w->segment_entries = w->opened = 0;
	return result;
}

static int close_segment(struct pack_writer *w, struct fail *f)
{
	if (flush_all(w, f))
		return -1;
	if (!w->lines.size)
		return 0;
	if (add_segment(w, false, f) || w->out->settle(w->out, f))
		return -1;
	memcpy(w->next.frame, zstd_out_frame(w->out), SHA256_SIZE);
	return 0;
}

/* After each thing that came in: whether it is time for a new segment. */
static int settle(struct pack_writer *w, struct fail *f)
{
	if (!w->opened)
		w->opened = os_monotonic();
	if (w->segment_bytes + w->pending_bytes < PACK_SEGMENT_BYTES && w->lines.size < LINES_MOST &&
	    w->segment_entries < PACK_SEGMENT_ENTRIES - ENTRIES_SPARE &&
	    os_monotonic() - w->opened < PACK_SEGMENT_SECONDS * INSTANT_SECOND)
		return 0;
	return close_segment(w, f);
}

/* What failed once fails again, with the same reason: the archive is as it is. */
static int outcome(struct pack_writer *w, int result, struct fail *f)
{
	if (result && !w->failed) {
		w->failed = true;
		w->why = *f;
	}
	if (w->failed)
		*f = w->why;
	return w->failed ? -1 : 0;
}

/* Counts lines that were added behind `start` and flushes what is full. */
static int added(struct pack_writer *w, struct pending *p, size_t start, struct fail *f)
{
	if (p->lines.bad)
		return fail_set(f, "out of memory");
	w->pending_bytes += (int64_t)(p->lines.size - start);
	if (p->lines.size > PACK_ROWS_CHUNK && start && flush_part(w, p, start, p->rows, f))
		return -1;
	p->rows++;
	if (p->lines.size >= PACK_ROWS_CHUNK && flush(w, p, f))
		return -1;
	if (w->pending_bytes > PENDING_MOST && flush_all(w, f))
		return -1;
	return settle(w, f);
}

static struct pending *pending_of(struct pack_writer *w, const struct table *table)
{
	for (size_t i = 0; i < w->table_count; i++)
		if (w->tables[i].table == table)
			return &w->tables[i];
	if (w->table_count == PACK_TABLES)
		return NULL;
	w->tables[w->table_count].table = table;
	return &w->tables[w->table_count++];
}

static int sink_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct pack_writer *w = (struct pack_writer *)s;
	struct pending *p = pending_of(w, r->table);
	size_t start;

	if (w->failed)
		return outcome(w, -1, f);
	if (!p)
		return fail_set(f, "rows of more than %d tables", PACK_TABLES);
	start = p->lines.size;
	json_row(&p->lines, r);
	buf_byte(&p->lines, '\n');
	return outcome(w, added(w, p, start, f), f);
}

int pack_note(struct pack_writer *w, const struct note *n, struct fail *f)
{
	size_t start = w->notes.lines.size;
	struct json j = json_begin(&w->notes.lines);

	json_time(&j, "time", os_now());
	json_word(&j, "module", n->module);
	if (n->item.size)
		json_text(&j, "item", n->item);
	if (n->offset >= 0)
		json_int(&j, "offset", n->offset);
	json_text(&j, "text", span_of(n->reason->text[LANG_EN]));
	json_text(&j, "text_ja", span_of(n->reason->text[LANG_JA]));
	json_end(&j);
	buf_byte(&w->notes.lines, '\n');
	return added(w, &w->notes, start, f);
}

static int sink_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct pack_writer *w = (struct pack_writer *)s;

	return outcome(w, w->failed ? -1 : pack_note(w, n, f), f);
}

static int sink_file(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct pack_writer *w = (struct pack_writer *)s;

	if (w->failed)
		return outcome(w, -1, f);
	return outcome(w, pack_file(w, facts, in, f) || settle(w, f) ? -1 : 0, f);
}

/* collection.json: the caller's object, with what only the writer knows in front. */
static int add_collection(struct pack_writer *w, struct span collection, struct fail *f)
{
	struct manifest_entry e = { .kind = span_of("collection"), .name = span_of("collection.json") };
	struct json_value v = json_parse(collection);
	struct buf text = { 0 };
	struct json j;
	int result;

	if (v.type != JSON_OBJECT)
		return fail_set(f, "not a JSON object");
	j = json_begin(&text);
	json_int(&j, "format", MANIFEST_FORMAT);
	json_text(&j, "signer", span_of(signer_name(w->signer)));
	json_bool(&j, "throwaway_key", signer_throwaway(w->signer));
	v.raw = span_trim(span_part(v.raw, 1, v.raw.size));
	buf_text(&text, span_is(v.raw, "}") ? "" : ",");
	buf_add(&text, v.raw);
	buf_byte(&text, '\n');
	result = text.bad ? fail_set(f, "out of memory") : add_member(w, &e, buf_span(&text), f);
	buf_done(&text);
	return result;
}

int pack_writer_open(struct pack_writer **out, struct output *below, struct signer *signer,
                     struct span collection, struct fail *f)
{
	struct pack_writer *w = calloc(1, sizeof *w);
	struct output *compressed;

	if (zstd_out_open(&compressed, below, f)) {
		free(w);
		return -1;
	}
	if (!w) {
		compressed->close(compressed);
		return fail_set(f, "out of memory");
	}
	w->out = compressed;
	w->signer = signer;
	w->sink = (struct sink){ sink_row, sink_note, sink_file };
	w->next.segment = 1;
	w->tables = calloc(PACK_TABLES, sizeof *w->tables);
	w->copy = malloc(PACK_COPY);
	signer_certificates(signer, &w->certificates);
	if (!w->tables || !w->copy || w->certificates.bad) {
		pack_writer_close(w);
		return fail_set(f, "out of memory");
	}
	if (content_digest_open(&w->digest, f) || add_collection(w, collection, f)) {
		pack_writer_close(w);
		return -1;
	}
	*out = w;
	return 0;
}

struct sink *pack_writer_sink(struct pack_writer *w)
{
	return &w->sink;
}

int pack_writer_segment(struct pack_writer *w, struct fail *f)
{
	return outcome(w, w->failed ? -1 : close_segment(w, f), f);
}

int64_t pack_writer_bytes(const struct pack_writer *w)
{
	return w->totals.bytes + w->pending_bytes;
}

int64_t pack_writer_written(const struct pack_writer *w)
{
	return zstd_out_written(w->out);
}

int pack_writer_end(struct pack_writer *w, char code[PACK_CODE], struct fail *f)
{
	static const uint8_t zeros[2 * PAX_BLOCK];
	int result = w->failed ? -1 : close_segment(w, f);

	if (!result) {
		zstd_out_store(w->out);
		result = add_segment(w, true, f) ||
		         add_bytes(w, (struct span){ zeros, sizeof zeros }, f) ||
		         w->out->end(w->out, f) ? -1 : 0;
	}
	if (!result)
		manifest_code(w->next.previous, code);
	return outcome(w, result, f);
}

void pack_writer_close(struct pack_writer *w)
{
	if (!w)
		return;
	w->out->close(w->out);
	for (size_t i = 0; w->tables && i < w->table_count; i++)
		buf_done(&w->tables[i].lines);
	free(w->tables);
	free(w->copy);
	buf_done(&w->notes.lines);
	buf_done(&w->header);
	buf_done(&w->lines);
	buf_done(&w->certificates);
	pack_names_done(&w->names);
	content_digest_close(&w->digest);
	free(w);
}
