/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of the local file systems: one row each, in the order of the walk. The walk and the sink
 * are this thread's, reading is the workers'. Each file is read once, and that read serves digest,
 * type and entropy; what is no regular file is never opened.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/sysmacros.h>

#include "collectors/linux/digest_job.h"
#include "collectors/linux/scope.h"
#include "collectors/packages.h"
#include "lib/pool.h"

enum { JOBS = 2048, PLACES = 256 };

struct run {
	struct collection *c;
	struct host host;
	struct homes homes;
	struct scope scope;
	struct pool *pool;
	struct walk *walk;
	int64_t start_device;                /* where mounts are not known, the walk stays on it */
	int64_t rows;
	bool magic_missing;
};

static const char *kind_name(char kind)
{
	switch (kind) {
	case 'f': return "file";
	case 'l': return "link";
	case 'd': return "directory";
	case 'p': return "fifo";
	case 's': return "socket";
	case 'b': return "block";
	case 'c': return "char";
	default: return NULL;
	}
}

static void fill_facts(struct row *row, const struct file_facts *facts, char raw[4][40],
                       char device[32])
{
	const struct file_time *times[] = {
		&facts->accessed, &facts->modified, &facts->changed, &facts->born,
	};

	snprintf(device, 32, "%u:%u", major((dev_t)facts->device), minor((dev_t)facts->device));
	row_span(row, FILE_PATH, facts->path);
	row_text(row, FILE_KIND, kind_name(facts->kind));
	row_int(row, FILE_SIZE, facts->size);
	row_int(row, FILE_ALLOCATED, facts->allocated);
	row_int(row, FILE_MODE, facts->mode);
	row_int(row, FILE_UID, facts->uid);
	row_int(row, FILE_GID, facts->gid);
	row_text(row, FILE_DEVICE, device);
	row_int(row, FILE_INODE, facts->inode);
	row_int(row, FILE_LINKS, facts->links);
	for (int i = 0; i < 4; i++)
		row_file_time(row, FILE_ACCESSED + i, times[i], raw[i]);
	if (facts->kind == 'l')
		row_span(row, FILE_LINK, facts->link);
}

static void fill_results(struct row *row, const struct digest_job *job, char capabilities[17])
{
	if (job->digested) {
		row_span(row, FILE_SHA256, (struct span){ job->digests.sha256, SHA256_SIZE });
		if (job->kinds & HASH_SHA1)
			row_span(row, FILE_SHA1, (struct span){ job->digests.sha1, SHA1_SIZE });
		if (job->kinds & HASH_MD5)
			row_span(row, FILE_MD5, (struct span){ job->digests.md5, MD5_SIZE });
		row_bool(row, FILE_TRIVIAL, job->trivial);
	}
	if (job->blocks_digested)
		row_span(row, FILE_SHA256_BLOCKS, (struct span){ job->blocks, SHA256_SIZE });
	if (job->kind.type[0])
		row_text(row, FILE_TYPE, job->kind.type);
	if (job->whole)
		row_real(row, FILE_ENTROPY, job->entropy);
	if (job->attributes.size)
		row_span(row, FILE_ATTRIBUTES, buf_span(&job->attributes));
	if (job->xattrs.size)
		row_span(row, FILE_XATTRS, buf_span(&job->xattrs));
	if (job->has_capabilities) {
		snprintf(capabilities, 17, "%016llx", (unsigned long long)job->capabilities);
		row_text(row, FILE_CAPABILITIES, capabilities);
	}
}

static int emit(void *context, void *item, struct fail *f)
{
	struct run *run = context;
	struct digest_job *job = item;
	struct row row = row_on(&table_file);
	char raw[4][40], device[32], capabilities[17];
	struct buf why = { 0 };
	int result;

	job->facts.path = buf_span(&job->path);
	job->facts.link = buf_span(&job->link);
	fill_facts(&row, &job->facts, raw, device);
	fill_results(&row, job, capabilities);
	scope_names(job->why | (job->has_capabilities ? WHY_CAPABILITIES : 0u) |
	            (job->kind.executable ? WHY_EXECUTABLE : 0u) | (job->kind.script ? WHY_SCRIPT : 0u), &why);
	row_span(&row, FILE_WHY, buf_span(&why));
	if (run->c->packages) {
		row_text(&row, FILE_PACKAGE, packages_owner(run->c->packages, job->facts.path));
		row_bool(&row, FILE_PACKAGED, packages_known(run->c->packages));
	}
	result = why.bad ? fail_set(f, "out of memory") : run->c->sink->row(run->c->sink, &row, f);
	if (!result && job->has_problem) {
		struct note note = { run->c->module, job->facts.path, job->problem_at, &job->problem };

		result = run->c->sink->note(run->c->sink, &note, f);
	}
	buf_done(&why);
	run->magic_missing |= job->magic_missing;
	run->c->progress(run->c, job->facts.path, ++run->rows, 0);
	return result;
}

static void drop(void *context, void *item)
{
	(void)context;
	digest_job_free(item);
}

static bool allowed(void *context, struct span path)
{
	const struct run *run = context;
	const struct mount *mount = run->host.mounts ? mounts_at(run->host.mounts, path) : NULL;

	return !mount || mount_wanted(mount, run->c->remote);
}

/* One entry of the walk. */
static int take(struct run *run, const struct walk_entry *e, struct fail *f)
{
	struct collection *c = run->c;
	struct digest_job *job;
	unsigned why;

	if (e->problem)
		return collection_note(c, e->path, e->problem, f);
	if (!run->host.mounts && e->facts.kind == 'd' && e->facts.device != run->start_device)
		walk_skip(run->walk);
	if (e->facts.device == c->own_device && e->facts.inode == c->own_inode)
		return 0;
	why = scope_of(&run->scope, &e->facts);
	if (!why)
		return 0;
	job = digest_job_new(e, why);
	if (!job)
		return fail_set(f, "out of memory");
	job->kinds = c->digests | HASH_SHA256;
	job->max_size = c->max_file_size;
	job->collection = c;
	if (pool_put(run->pool, job, f))
		return -1;
	while (walk_held(run->walk) > PLACES) {
		int got = pool_take(run->pool, f);

		if (got <= 0)
			return got;
	}
	return 0;
}

static int walk_files(struct run *run, struct fail *f)
{
	struct walk_policy policy = { allowed, run };
	struct walk_entry e;
	struct file_facts facts;
	struct fail why;
	int got;

	if (os_stat(run->c->root, span_of("/"), true, &facts, NULL, f) ||
	    walk_open(&run->walk, run->c->root, span_of("/"), &policy, f))
		return -1;
	run->start_device = facts.device;
	while ((got = walk_next(run->walk, &e, f)) > 0) {
		if (collection_stopped(run->c)) {
			fail_set(&why, "stopped before the end; files behind this one were not looked at");
			got = collection_note(run->c, e.path, &why, f);
			break;
		}
		if (take(run, &e, f)) {
			got = -1;
			break;
		}
	}
	return got < 0 ? -1 : pool_flush(run->pool, f);
}

/* What the walk leaves out by policy. */
static int note_mounts(struct run *run, struct fail *f)
{
	const struct mounts *m = run->host.mounts;
	int result = 0;

	for (size_t i = 0; m && i < m->count && !result; i++)
		if (m->items[i].policy == MOUNT_NETWORK && !run->c->remote)
			result = host_note(&run->host, m->items[i].point, f,
			                   "network or FUSE file system (%.*s): left out; --remote takes it",
			                   (int)m->items[i].type.size, (const char *)m->items[i].type.data);
	return result;
}

static int file_run(struct collection *c, struct fail *f)
{
	struct run run = { .c = c };
	struct pool_work work = {
		&run, digest_worker_start, digest_job_run, digest_worker_stop, emit, drop,
	};
	struct fail why;
	int result = host_open(&run.host, c, f);

	if (!result)
		result = homes_open(&run.homes, &run.host, f);
	if (!result)
		result = note_mounts(&run, f);
	scope_init(&run.scope, c->profile, c->started, &run.homes);
	if (!result)
		result = pool_open(&run.pool, os_cores(), JOBS, &work, f);
	if (!result)
		result = walk_files(&run, f);
	pool_close(run.pool);
	walk_close(run.walk);
	if (!result && run.magic_missing) {
		fail_set(&why, "libmagic finds no database; types that need it are not told");
		result = collection_note(c, (struct span){ 0 }, &why, f);
	}
	scope_done(&run.scope);
	homes_done(&run.homes);
	host_done(&run.host);
	return result;
}

static const struct table *const tables[] = { &table_file, NULL };

const struct module module_file = {
	.name = "file",
	.help = "files of the local file systems with digest, type, entropy and owner package",
	.stage = STAGE_FILES,
	.least = PROFILE_QUICK,
	.tables = tables,
	.run = file_run,
};
