/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/digest_job.h"

#include <stdlib.h>

#include "lib/pack_digest.h"

enum { READ = 128 << 10 };

/* Where the hash, the bytes or memory were not to be had at the start, `broken` tells why. */
struct worker {
	struct hash *hash;
	unsigned hash_kinds;
	struct content_digest blocks;        /* of files with holes, as the archive digests them */
	struct kinds *kinds;
	uint8_t *bytes, *zeros;
	bool broken;
	struct fail why;
};

void *digest_worker_start(void *context)
{
	struct worker *w = calloc(1, sizeof *w);

	(void)context;
	if (!w)
		return NULL;
	w->bytes = malloc(READ);
	w->zeros = calloc(1, READ);
	w->broken = kinds_open(&w->kinds, &w->why) || content_digest_open(&w->blocks, &w->why);
	if (!w->bytes || !w->zeros) {
		fail_set(&w->why, "out of memory");
		w->broken = true;
	}
	return w;
}

void digest_worker_stop(void *worker)
{
	struct worker *w = worker;

	if (!w)
		return;
	hash_close(w->hash);
	content_digest_close(&w->blocks);
	kinds_close(w->kinds);
	free(w->bytes);
	free(w->zeros);
	free(w);
}

struct digest_job *digest_job_new(const struct walk_entry *e, unsigned why)
{
	struct digest_job *job = calloc(1, sizeof *job);

	if (!job)
		return NULL;
	buf_add(&job->path, e->path);
	buf_byte(&job->path, 0);
	if (job->path.bad) {
		digest_job_free(job);
		return NULL;
	}
	job->path.size--;
	job->name = (const char *)job->path.data + job->path.size - strlen(e->name);
	job->place = walk_hold(e->place);
	job->facts = e->facts;
	job->why = why;
	job->problem_at = -1;
	return job;
}

void digest_job_free(struct digest_job *job)
{
	if (!job)
		return;
	walk_release(job->place);
	buf_done(&job->path);
	buf_done(&job->link);
	buf_done(&job->attributes);
	buf_done(&job->xattrs);
	free(job);
}

struct reading {
	struct worker *w;
	struct digest_job *job;
	struct os_file *file;
	struct entropy entropy;
	bool hashing, first;
};

static void add(struct reading *r, struct span bytes)
{
	if (r->hashing)
		hash_add(r->w->hash, bytes);
	if (r->file->facts.extents)
		content_digest_add(&r->w->blocks, bytes);
	entropy_add(&r->entropy, bytes);
	if (!r->first)
		return;
	r->first = false;
	kind_of(r->w->kinds, bytes, &r->job->kind);
	r->job->trivial = r->file->facts.size == (int64_t)bytes.size &&
	                  (span_is(bytes, "") || span_is(bytes, "\n") || span_is(bytes, "\r\n"));
}

static void add_hole(struct reading *r, int64_t length)
{
	/* A file that begins with a hole begins with zeros. */
	if (r->first && length > 0) {
		int64_t part = length < KIND_HEAD ? length : KIND_HEAD;

		add(r, (struct span){ r->w->zeros, (size_t)part });
		length -= part;
	}
	entropy_add_zeros(&r->entropy, (uint64_t)length);
	if (length > 0)
		content_digest_hole(&r->w->blocks, length);
	for (int64_t part; r->hashing && length > 0; length -= part) {
		part = length < READ ? length : READ;
		hash_add(r->w->hash, (struct span){ r->w->zeros, (size_t)part });
	}
}

/* 0, or -1 with the reason in the job. */
static int read_range(struct reading *r, int64_t at, int64_t end)
{
	struct digest_job *job = r->job;

	while (at < end) {
		size_t size = end - at < READ ? (size_t)(end - at) : READ;
		int64_t got = r->file->source.read_at(&r->file->source, at, r->w->bytes, size, &job->problem);

		if (got <= 0)
			job->problem_at = at;
		if (got < 0)
			return -1;
		if (got == 0)
			return fail_set(&job->problem, "shrank while it was read; not digested");
		add(r, (struct span){ r->w->bytes, (size_t)got });
		at += got;
		if (collection_stopped(job->collection))
			return fail_set(&job->problem, "stopped while it was read; not digested");
	}
	return 0;
}

static int read_all(struct reading *r)
{
	const struct file_facts *facts = &r->file->facts;
	int64_t at = 0;

	if (!facts->size)
		add(r, (struct span){ r->w->bytes, 0 });
	if (!facts->extents)
		return read_range(r, 0, facts->size);
	for (size_t i = 0; i < facts->extent_count; i++) {
		const struct extent *e = &facts->extents[i];

		add_hole(r, e->offset - at);
		if (read_range(r, e->offset, e->offset + e->length))
			return -1;
		at = e->offset + e->length;
	}
	add_hole(r, facts->size - at);
	return 0;
}

static int64_t holes_of(const struct file_facts *facts)
{
	int64_t data = 0;

	if (!facts->extents)
		return 0;
	for (size_t i = 0; i < facts->extent_count; i++)
		data += facts->extents[i].length;
	return facts->size - data;
}

static bool is_same_time(const struct file_time *a, const struct file_time *b)
{
	return a->seconds == b->seconds && a->nanoseconds == b->nanoseconds;
}

static void note_changes(struct digest_job *job, const struct os_file *file)
{
	struct file_facts now;

	if (os_stat_fd(file->fd, &now) < 0 || job->has_problem)
		return;
	if (now.size == file->facts.size && is_same_time(&now.modified, &file->facts.modified))
		return;
	job->has_problem = true;
	fail_set(&job->problem, "written to while it was read; the digest is of what was read");
}

/* Only the type of what is too large to be read. */
static void read_head(struct reading *r)
{
	struct digest_job *job = r->job;
	int64_t got = r->file->source.read_at(&r->file->source, 0, r->w->bytes, KIND_HEAD, &job->problem);

	if (got >= 0)
		kind_of(r->w->kinds, (struct span){ r->w->bytes, (size_t)got }, &job->kind);
	job->has_problem = true;
	fail_set(&job->problem, "larger than the limit for one file; not digested");
}

static void read_file(struct worker *w, struct digest_job *job, struct os_file *file)
{
	struct reading r = { .w = w, .job = job, .file = file, .first = true };
	int64_t holes = holes_of(&file->facts);
	uint8_t plain[SHA256_SIZE];

	if (job->max_size && file->facts.size - holes > job->max_size) {
		read_head(&r);
		return;
	}
	r.hashing = holes <= HOLES_DIGESTED;
	if (r.hashing)
		hash_start(w->hash);
	if (file->facts.extents)
		content_digest_start(&w->blocks, file->facts.size, true);
	if (read_all(&r)) {
		job->has_problem = true;
		return;
	}
	job->whole = true;
	job->entropy = entropy_bits(&r.entropy);
	job->digested = r.hashing && hash_end(w->hash, &job->digests, &job->problem) == 0;
	job->blocks_digested = file->facts.extents &&
	                       content_digest_end(&w->blocks, plain, job->blocks, &job->problem) == 0;
	if (job->digested != r.hashing || job->blocks_digested != (file->facts.extents != NULL))
		job->has_problem = true;
	note_changes(job, file);
}

/* What was opened may be another file than what the walk saw. */
static void take_facts(struct digest_job *job, const struct os_file *file)
{
	const struct file_facts *now = &file->facts;

	if (now->device != job->facts.device || now->inode != job->facts.inode) {
		job->has_problem = true;
		fail_set(&job->problem, "replaced between look and read; the row is of the newer file");
	}
	job->facts = *now;
	job->facts.extents = NULL;
	job->facts.extent_count = 0;
	os_file_attributes(file, &job->attributes);
	os_file_xattrs(file, false, &job->xattrs);
	if (job->xattrs.size)
		job->has_capabilities = os_file_capabilities(file, &job->capabilities);
}

static bool is_ready(struct worker *w, struct digest_job *job)
{
	if (!w)
		fail_set(&job->problem, "out of memory");
	else if (w->broken)
		job->problem = w->why;
	else if (w->hash && w->hash_kinds == job->kinds)
		return true;
	if (!w || w->broken)
		return false;
	hash_close(w->hash);
	w->hash = NULL;
	w->hash_kinds = job->kinds;
	return hash_open(&w->hash, job->kinds, &job->problem) == 0;
}

void digest_job_run(void *worker, void *item)
{
	struct worker *w = worker;
	struct digest_job *job = item;
	struct os_file file;

	if (job->facts.kind == 'l')
		job->has_problem = walk_link(job->place, job->name, &job->link, &job->problem) != 0;
	if (job->facts.kind == 'f' && !collection_stopped(job->collection)) {
		job->has_problem = !is_ready(w, job) || walk_file(&file, job->place, job->name, &job->problem);
		if (!job->has_problem) {
			job->magic_missing = !kinds_complete(w->kinds);
			take_facts(job, &file);
			read_file(w, job, &file);
			os_file_close(&file);
		}
	}
	/* Lets go early: results may wait for an older, larger file. */
	walk_release(job->place);
	job->place = NULL;
}
