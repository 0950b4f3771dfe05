/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/ingest_inside.h"

#include <stdlib.h>

#include "lib/text.h"
#include "triage/facts.h"

static const char *const statements[INGEST_QUERIES] = {
	[ADD_ARCHIVE] = "INSERT INTO archive (sha256, size, name, host_id, case_name, operator, profile, "
		"started, utc_offset, zone, clock_offset, collector, collection, signature, complete, entries, "
		"bytes, problems) VALUES ('', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 'unverified', "
		"0, 0, 0, 0)",
	[END_ARCHIVE] = "UPDATE archive SET sha256 = ?2, ended = ?3, signer = ?4, signer_sha256 = ?5, "
		"signature = ?6, complete = ?7, code = ?8, entries = ?9, bytes = ?10, problems = ?11 WHERE id = ?1",
	[ADD_ENTRY] = "INSERT INTO entry (id, archive_id, number, kind, name, path, path_text, file_kind, "
		"size, mode, uid, gid, accessed, modified, changed, born, sparse, sound) VALUES (?1, ?2, ?3, ?4, "
		"?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, 0, 0)",
	[SIGN_ENTRY] = "UPDATE entry SET segment = ?2, path = coalesce(?3, path), path_text = coalesce(?4, "
		"path_text), sha256 = ?5, sparse = ?6, acquired = ?7, sound = ?8 WHERE id = ?1",
	[ADD_PARSE] = "INSERT INTO parse (entry_id, parser, version, state, rows, bytes, total) "
		"VALUES (?1, ?2, ?3, 'partial', 0, 0, 0)",
	[END_PARSE] = "UPDATE parse SET state = ?2, rows = ?3, bytes = ?4, total = ?5 WHERE id = ?1",
	[ADD_ERROR] = "INSERT INTO parse_error (parse_id, offset, reason, reason_ja) VALUES (?1, ?2, ?3, ?4)",
	[ADD_NOTE] = "INSERT INTO note (archive_id, module, item, time, reason, reason_ja) "
		"VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
	[FIND_HOST] = "SELECT id FROM host_identity WHERE key = ?1",
	[ADD_HOST] = "INSERT INTO host_identity (key, name) VALUES (?1, ?2)",
	[KNOWN_DIGEST] = "SELECT 1 FROM archive WHERE sha256 = ?1",
	[KNOWN_SIZE] = "SELECT 1 FROM archive WHERE size = ?1",
};

static void hex_text(const uint8_t *bytes, size_t size, char out[2 * SHA256_SIZE + 1])
{
	static const char digits[] = "0123456789abcdef";

	for (size_t i = 0; i < size; i++) {
		out[2 * i] = digits[bytes[i] >> 4];
		out[2 * i + 1] = digits[bytes[i] & 15];
	}
	out[2 * size] = 0;
}

struct span intake_text(struct intake *k, struct span bytes)
{
	buf_clear(&k->text);
	text_shown(&k->text, bytes);
	return buf_span(&k->text);
}

/* 1: a statement with one parameter gives a row, 0: none. */
static int any_row(struct query *q, struct fail *f)
{
	int got = query_step(q, f);

	query_reset(q);
	return got;
}

static int is_known(struct intake *k, const uint8_t sha256[SHA256_SIZE], struct fail *f)
{
	char text[2 * SHA256_SIZE + 1];

	hex_text(sha256, SHA256_SIZE, text);
	query_text(k->queries[KNOWN_DIGEST], 1, span_of(text));
	return any_row(k->queries[KNOWN_DIGEST], f);
}

static int hash_file(struct source *disk, uint8_t out[SHA256_SIZE], struct fail *f)
{
	enum { CHUNK = 1 << 18 };
	uint8_t *bytes = malloc(CHUNK);
	struct hash *h = NULL;
	struct digests d;
	int64_t at = 0, got = 0;
	int result = bytes ? hash_open(&h, HASH_SHA256, f) : fail_set(f, "out of memory");

	if (!result)
		hash_start(h);
	while (!result && (got = disk->read_at(disk, at, bytes, CHUNK, f)) > 0) {
		hash_add(h, (struct span){ bytes, (size_t)got });
		at += got;
	}
	if (!result && (got < 0 || hash_end(h, &d, f)))
		result = -1;
	if (!result)
		memcpy(out, d.sha256, SHA256_SIZE);
	hash_close(h);
	free(bytes);
	return result;
}

/* Hashing the whole file first is only worth while when an archive of this very size is there. */
static int seen_before(struct intake *k, struct source *disk, struct fail *f)
{
	uint8_t sha256[SHA256_SIZE];
	int got;

	if (!disk || !disk->read_at || disk->size < 0)
		return 0;
	query_int(k->queries[KNOWN_SIZE], 1, disk->size);
	got = any_row(k->queries[KNOWN_SIZE], f);
	if (got != 1)
		return got;
	return hash_file(disk, sha256, f) ? -1 : is_known(k, sha256, f);
}

static int on_record(void *context, const struct pack_record *r, struct fail *f)
{
	struct intake *k = context;
	struct query *q = k->queries[SIGN_ENTRY];
	char sha256[2 * SHA256_SIZE + 1];

	k->segment_closed = true;
	if (r->number > k->last_signed)
		k->last_signed = r->number;
	if (r->acquired > k->newest)
		k->newest = r->acquired;
	query_int(q, 1, k->entry_base + r->number);
	query_int(q, 2, r->segment);
	query_null(q, 3);
	query_null(q, 4);
	if (r->path.size) {
		query_blob(q, 3, r->path);
		query_text(q, 4, intake_text(k, r->path));
	}
	query_null(q, 5);
	if (r->sha256.size == SHA256_SIZE) {
		hex_text(r->sha256.data, SHA256_SIZE, sha256);
		query_text(q, 5, span_of(sha256));
	}
	query_int(q, 6, r->sparse);
	query_int(q, 7, r->acquired);
	query_int(q, 8, r->sound);
	k->failed = query_run(q, f) != 0;
	return k->failed ? -1 : 0;
}

static int on_problem(void *context, enum pack_problem kind, struct span item, const struct fail *why,
                      struct fail *f)
{
	struct intake *k = context;

	(void)f;
	if (kind == PACK_CUT) {
		k->cut = true;
	} else {
		if (!k->problems)
			k->first = *why;
		k->problems++;
	}
	if (k->in->problem)
		k->in->problem(k->in->context, kind, item, why);
	return 0;
}

static int one_entry(struct intake *k, const struct pack_entry *e, const char *name, int64_t size,
                     struct fail *f)
{
	if (k->segment_closed && store_mark(k->in->store, f))
		return -1;
	k->segment_closed = false;
	if (!k->archive_id && intake_collection(k, e, name, size, f))
		return -1;
	if (intake_entry(k, e, f))
		return -1;
	k->account->entries++;
	switch (e->kind) {
	case PACK_ROWS: return intake_rows(k, e, f);
	case PACK_NOTES: return intake_notes(k, e, f);
	case PACK_FILE: return intake_file(k, e, f);
	case PACK_COLLECTION: break;
	}
	return 0;
}

static const char *signature_word(const struct intake *k, const struct pack_verdict *v)
{
	if (k->problems)
		return "unverified";
	return v->throwaway ? "throw-away" : v->trusted ? "trusted" : "unchecked-authority";
}

static int end_archive(struct intake *k, const struct pack_verdict *v, struct fail *f)
{
	struct query *q = k->queries[END_ARCHIVE];
	char sha256[2 * SHA256_SIZE + 1], signer[2 * SHA256_SIZE + 1];

	hex_text(v->archive_sha256, SHA256_SIZE, sha256);
	hex_text(v->signer_sha256, SHA256_SIZE, signer);
	query_int(q, 1, k->archive_id);
	query_text(q, 2, span_of(sha256));
	if (v->complete && k->newest)
		query_int(q, 3, k->newest);
	query_text(q, 4, intake_text(k, span_of(v->signer)));
	query_text(q, 5, span_of(signer));
	query_text(q, 6, span_of(signature_word(k, v)));
	query_int(q, 7, v->complete);
	if (v->complete)
		query_text(q, 8, span_of(v->code));
	query_int(q, 9, v->entries);
	query_int(q, 10, v->bytes);
	query_int(q, 11, v->problems);
	return query_run(q, f);
}

static int refuse(struct intake *k, const struct fail *why)
{
	k->account->outcome = INGEST_REFUSED;
	k->account->why = *why;
	return 0;
}

static int finish(struct intake *k, const struct facts_before *before, struct fail *f)
{
	struct store *s = k->in->store;
	int64_t last = k->in->accept_unverified ? INT64_MAX : k->entry_base + k->last_signed;

	if (end_archive(k, &k->account->verdict, f) || store_index(s, f) ||
	    coverage_write(k->coverage, s, k->host_id, last, f) ||
	    facts_make(s, before, k->host_id, f) || store_index_facts(s, f))
		return -1;
	k->account->outcome = k->cut ? INGEST_CUT : INGEST_ADDED;
	return 0;
}

/*
 * Everything has been read: what is not signed is dropped, and the archive as a whole is taken or
 * refused. `broken`: the reader could not go on, for the reason `why`.
 */
static int judge(struct intake *k, const struct facts_before *before, bool broken, struct fail *why,
                 struct fail *f)
{
	const struct pack_verdict *v = &k->account->verdict;
	int known;

	if (k->problems && !k->in->accept_unverified)
		return refuse(k, &k->first);
	if (!k->archive_id || (broken && !k->cut && !k->in->accept_unverified))
		return refuse(k, why);
	known = is_known(k, v->archive_sha256, f);
	if (known < 0)
		return -1;
	if (known) {
		k->account->outcome = INGEST_KNOWN;
		return 0;
	}
	if (!k->in->accept_unverified) {
		k->account->left_out = v->unsigned_entries;
		if (!k->last_signed) {
			fail_set(why, "nothing in it is signed");
			return refuse(k, why);
		}
		if (!k->segment_closed && store_back_to_mark(k->in->store, f))
			return -1;
	}
	return finish(k, before, f);
}

static int read_all(struct intake *k, struct source *raw, int64_t size, const char *name,
                    struct fail *f)
{
	struct pack_events events = { on_record, on_problem, k };
	struct facts_before before;
	struct pack_reader *reader;
	struct pack_entry e;
	struct fail why = { 0 };
	int got, result = 0;

	if (facts_before(k->in->store, &before, f) ||
	    store_number(k->in->store, "SELECT max(id) FROM entry", &k->entry_base, f) ||
	    store_mark(k->in->store, f))
		return -1;
	if (pack_reader_open(&reader, raw, k->in->trust, &events, &why))
		return refuse(k, &why);
	fail_set(&why, "it holds nothing");
	while (!result && (got = pack_reader_next(reader, &e, &why)) == 1) {
		result = one_entry(k, &e, name, size, f);
		if (!result && k->in->progress)
			k->in->progress(k->in->context, k->account);
	}
	k->account->verdict = *pack_reader_verdict(reader);
	pack_reader_close(reader);
	if (k->failed)
		*f = why;
	return result || k->failed ? -1 : judge(k, &before, got < 0, &why, f);
}

static int open_queries(struct intake *k, struct fail *f)
{
	for (size_t i = 0; i < INGEST_QUERIES; i++)
		if (query_open(&k->queries[i], k->in->store, statements[i], f))
			return -1;
	return coverage_open(&k->coverage, f);
}

static void intake_done(struct intake *k)
{
	for (size_t i = 0; i < INGEST_QUERIES; i++)
		query_close(k->queries[i]);
	coverage_close(k->coverage);
	zone_close(k->zone);
	buf_done(&k->text);
	buf_done(&k->held);
}

int ingest_archive(const struct ingest *in, struct source *raw, struct source *disk, const char *name,
                   struct ingest_account *out, struct fail *f)
{
	struct intake *k = calloc(1, sizeof *k);
	int known, result;

	*out = (struct ingest_account){ .outcome = INGEST_REFUSED };
	if (!k)
		return fail_set(f, "out of memory");
	k->in = in;
	k->account = out;
	result = open_queries(k, f);
	known = result ? -1 : seen_before(k, disk, f);
	if (known == 1)
		out->outcome = INGEST_KNOWN;
	if (known == 0) {
		result = store_begin(in->store, f);
		if (!result)
			result = read_all(k, raw, disk ? disk->size : -1, name, f);
		intake_done(k);
		if (!result && (out->outcome == INGEST_ADDED || out->outcome == INGEST_CUT))
			result = store_commit(in->store, f);
		store_rollback(in->store);
	} else {
		intake_done(k);
	}
	free(k);
	return result || known < 0 ? -1 : 0;
}
