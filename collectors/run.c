/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/run.h"

#include <errno.h>
#include <stdio.h>

#include "collectors/destination.h"
#include "collectors/guard.h"
#include "collectors/packages.h"
#include "collectors/progress.h"
#include "collectors/record.h"
#include "collectors/self.h"
#include "lib/path.h"

enum { SAME_NAME = 100 };

/* `collection` comes first: a module's pointer to it leads to the rest. */
struct run {
	struct collection collection;
	const struct settings *settings;
	struct result *result;
	struct account *account;
	struct record record;
	struct keys keys;
	struct signer *signer;
	struct pack_writer *pack;
	struct destination destination;
	struct output *output;               /* layers and file; the pack writes to it and closes it */
	unsigned own_files;                  /* of the output that are known to the account */
	bool no_reserve;
	struct progress progress;
	unsigned number, total;              /* of the module that runs */
	bool volumes;                        /* the archive is cut into several files */
	bool asked_packages;                 /* the package data has been opened, or cannot be */
	bool failed;                         /* a module did not end well */
	bool saved;                          /* something is in the archive that can be verified */
};

static void on_progress(struct collection *c, struct span what, int64_t done, int64_t total)
{
	progress_item(&((struct run *)c)->progress, what, done, total);
}

/* ---- opening ---- */

static void own_file(struct run *r, const char *path)
{
	struct os_source in;
	struct file_facts facts;
	struct fail why;

	if (os_source_open(&in, path, &why))
		return;
	if (os_stat_fd(in.fd, &facts) == 0)
		account_own(r->account, facts.device, facts.inode);
	os_source_close(&in);
}

static int open_signer(struct run *r, struct fail *f)
{
	const struct settings *s = r->settings;
	struct buf name = { 0 };
	int result = keys_choose(&r->keys, s->key, s->certificate, buf_span(&r->record.program), f);

	record_name(&r->record, 1, &name);
	if (!result)
		result = keys_open(&r->keys, buf_string(&name), &r->signer, f);
	r->result->key = r->keys.kind;
	buf_done(&name);
	return result;
}

static int choose_destination(struct run *r, struct fail *f)
{
	const struct settings *s = r->settings;

	if (destination_choose(&r->destination, s->recipient, s->plain, s->volume_size, s->out,
	                       buf_span(&r->record.program), f))
		return -1;
	r->result->encrypted = r->destination.recipients != NULL;
	r->collection.full = &r->destination.reserve.full;
	r->account->collection = &r->collection;
	return 0;
}

/* A new file in the directory; where a run of the same second has the name, one with a number. */
static int open_output(struct run *r, struct fail *f)
{
	struct buf *path = &r->result->path;
	int result = -1;

	for (unsigned number = 1; result && number <= SAME_NAME; number++) {
		struct buf name = { 0 };

		buf_clear(path);
		record_name(&r->record, number, &name);
		buf_text(&name, destination_ending(&r->destination));
		path_join(path, span_of(r->settings->out), buf_span(&name));
		buf_done(&name);
		if (path->bad)
			return fail_set(f, "out of memory");
		result = destination_open(&r->destination, buf_string(path), &r->output, &r->no_reserve, f);
		if (result && f->code != EEXIST)
			break;
	}
	if (result)
		buf_clear(path);
	return result;
}

/* Our own files so far, so that no module takes them. */
static void own_output(struct run *r)
{
	struct collection *c = &r->collection;

	for (unsigned i = r->own_files; destination_identity(&r->destination, i, &c->own_device, &c->own_inode); i++) {
		account_own(r->account, c->own_device, c->own_inode);
		r->own_files = i + 1;
	}
}

static int open_pack(struct run *r, struct fail *f)
{
	struct buf record = { 0 };
	int64_t device, inode;
	int result;

	record_write(&r->record, r->settings, r->keys.kind, &record);
	if (record.bad) {
		buf_done(&record);
		return fail_set(f, "out of memory");
	}
	own_output(r);
	if (self_identity(&device, &inode, f) == 0)
		account_own(r->account, device, inode);
	if (r->keys.kind != KEY_THROWAWAY)
		own_file(r, buf_string(&r->keys.key_path));
	result = pack_writer_open(&r->pack, r->output, r->signer, buf_span(&record), f);
	buf_done(&record);
	if (!result)
		r->account->archive = pack_writer_sink(r->pack);
	return result;
}

/* Sizes that a profile keeps to where the operator says nothing; 0: no limit. */
static int64_t limit(int64_t asked, enum profile profile, const int64_t by_profile[PROFILE_FULL + 1])
{
	return asked >= 0 ? asked : by_profile[profile];
}

static void set_collection(struct run *r)
{
	static const int64_t for_one[] = { INT64_C(256) << 20, INT64_C(2) << 30, 0 };
	static const int64_t for_all[] = { INT64_C(2) << 30, INT64_C(20) << 30, 0 };
	const struct settings *s = r->settings;
	struct collection *c = &r->collection;

	c->live = strcmp(s->root, "/") == 0;
	c->profile = s->profile;
	c->started = r->record.started;
	c->max_file_size = limit(s->max_file_size, s->profile, for_one);
	c->max_size = limit(s->max_size, s->profile, for_all);
	c->digests = s->digests;
	c->remote = s->remote;
	c->artifacts_path = s->artifacts;
	c->sink = &r->account->sink;
	c->module = "collect";
	c->progress = on_progress;
	c->stop = s->stop;
	r->account->max_file_size = c->max_file_size;
	r->account->max_size = c->max_size;
}

static int open_run(struct run *r, struct fail *f)
{
	struct collection *c = &r->collection;
	const char *left_out;

	if (os_root_open(&c->root, r->settings->root, f) || account_init(r->account, f) ||
	    record_read(&r->record, r->settings, c->root, f) || open_signer(r, f) ||
	    choose_destination(r, f) || open_output(r, f) || open_pack(r, f) || guard_open(&c->guard, f))
		return -1;
	set_collection(r);
	for (const struct module *const *m = modules; *m; m++)
		if (run_wants(r->settings, *m, &left_out))
			r->total += (*m)->flags & MODULE_TWICE ? 2 : 1;
	return 0;
}

static void close_run(struct run *r)
{
	progress_done(&r->progress);
	pack_writer_close(r->pack);
	guard_close(r->collection.guard);
	packages_close(r->collection.packages);
	os_root_close(r->collection.root);
	signer_close(r->signer);
	keys_done(&r->keys);
	destination_done(&r->destination);
	record_done(&r->record);
}

/* ---- modules ---- */

struct outcome {
	const struct module *module;
	int pass;
	int64_t started, ended, duration;    /* host clock; nanoseconds of the steady clock */
	struct account_totals took;
	const char *state;
	const struct fail *reason;
};

static int send_outcome(struct run *r, const struct outcome *o, struct fail *f)
{
	struct row row = row_on(&table_module_run);

	row_text(&row, RUN_MODULE, o->module->name);
	row_text(&row, RUN_STATE, o->state);
	if (o->pass) {
		row_int(&row, RUN_PASS, o->pass);
		row_time(&row, RUN_STARTED, o->started);
		row_time(&row, RUN_ENDED, o->ended);
		row_int(&row, RUN_DURATION, o->duration / 1000000);
		row_int(&row, RUN_ROWS, o->took.rows);
		row_int(&row, RUN_FILES, o->took.files);
		row_int(&row, RUN_BYTES, o->took.bytes);
		row_int(&row, RUN_NOTES, o->took.notes);
	}
	if (o->reason)
		row_text(&row, RUN_REASON, o->reason->text[LANG_EN]);
	return r->account->sink.row(&r->account->sink, &row, f);
}

/* -1 only where the archive takes no more. */
static int run_module(struct run *r, const struct module *m, int pass, struct fail *f)
{
	struct collection *c = &r->collection;
	struct account_totals before = r->account->totals, *now = &r->account->totals;
	struct outcome o = { .module = m, .pass = pass, .started = os_now() };
	int64_t steady = os_monotonic();
	struct fail why;

	own_output(r);
	c->module = m->name;
	c->pass = pass;
	progress_module(&r->progress, ++r->number, r->total, m);
	if (m->run(c, &why)) {
		if (r->account->broken) {
			*f = r->account->failure;
			return -1;
		}
		o.reason = &why;
		r->failed = true;
		if (collection_note(c, (struct span){ 0 }, &why, f))
			return -1;
	}
	o.state = o.reason ? "failed" : collection_stopped(c) ? "stopped" : "done";
	o.ended = os_now();
	o.duration = os_monotonic() - steady;
	o.took = (struct account_totals){ now->rows - before.rows, now->files - before.files,
	                                  now->bytes - before.bytes, now->notes - before.notes };
	progress_end(&r->progress, o.state);
	if (send_outcome(r, &o, f) || pack_writer_segment(r->pack, f))
		return -1;
	r->saved = true;
	return 0;
}

static int not_reached(struct run *r, const struct module *m, struct fail *f)
{
	struct outcome o = { .module = m, .state = "not-reached" };
	struct fail why;

	fail_set(&why, *r->collection.full ? "not begun: there was no space left for the archive" :
	               *r->collection.stop ? "not begun: the run was stopped before"
	                                   : "not begun: the time for the run was over before");
	r->collection.module = m->name;
	return collection_note(&r->collection, (struct span){ 0 }, &why, f) || send_outcome(r, &o, f);
}

/* Package data is read when volatile things are safe, not before. */
static int want_packages(struct run *r, struct fail *f)
{
	struct fail why;

	if (r->asked_packages)
		return 0;
	r->asked_packages = true;
	if (packages_open(&r->collection.packages, r->collection.root, &why) == 0)
		return 0;
	return account_note(r->account, span_of("packages"), &why, f);
}

static int first_pass(struct run *r, struct fail *f)
{
	const char *left_out;

	for (int stage = 0; stage < STAGES; stage++)
		for (const struct module *const *m = modules; *m; m++) {
			int result;

			if ((*m)->stage != (enum stage)stage || !run_wants(r->settings, *m, &left_out))
				continue;
			if (collection_stopped(&r->collection))
				result = not_reached(r, *m, f);
			else if (stage >= STAGE_AUTORUN && want_packages(r, f))
				result = -1;
			else
				result = run_module(r, *m, 1, f);
			if (result)
				return -1;
		}
	return 0;
}

static int second_pass(struct run *r, struct fail *f)
{
	const char *left_out;

	for (const struct module *const *m = modules; *m; m++) {
		if (!((*m)->flags & MODULE_TWICE) || !run_wants(r->settings, *m, &left_out))
			continue;
		if (!collection_stopped(&r->collection) && run_module(r, *m, 2, f))
			return -1;
	}
	return 0;
}

/* A tenth of the time is kept for the second look at what is volatile. */
static int run_modules(struct run *r, struct fail *f)
{
	struct collection *c = &r->collection;
	int64_t most = r->settings->max_time * INT64_C(1000000000);
	bool late;

	c->deadline = most ? r->record.steady + most - most / 10 : 0;
	if (first_pass(r, f))
		return -1;
	late = collection_stopped(c);
	if (*c->stop || *c->full) {
		r->result->end = *c->full ? RUN_OUT_OF_SPACE : RUN_STOPPED;
		return 0;
	}
	c->deadline = most ? r->record.steady + most : 0;
	r->account->second_pass = true;
	if (second_pass(r, f))
		return -1;
	late |= collection_stopped(c);
	r->result->end = *c->full ? RUN_OUT_OF_SPACE : *c->stop ? RUN_STOPPED : late ? RUN_OUT_OF_TIME : RUN_WHOLE;
	return 0;
}

/* ---- the end ---- */

int64_t clock_jump(int64_t wall_start, int64_t wall_end, int64_t steady_start, int64_t steady_end)
{
	int64_t jump = (wall_end - wall_start) - (steady_end - steady_start);

	return jump > -2 * INT64_C(1000000000) && jump < 2 * INT64_C(1000000000) ? 0 : jump;
}

static void warn(struct result *result, const char *english)
{
	for (size_t i = 0; i + 1 < RESULT_WARNINGS; i++)
		if (!result->warnings[i]) {
			result->warnings[i] = english;
			return;
		}
}

static bool wants_stage(const struct settings *s, enum stage stage)
{
	const char *left_out;

	for (const struct module *const *m = modules; *m; m++)
		if ((*m)->stage == stage && run_wants(s, *m, &left_out))
			return true;
	return false;
}

static bool wants_table(const struct settings *s, const struct table *table)
{
	const char *left_out;

	for (const struct module *const *m = modules; *m; m++)
		for (const struct table *const *t = (*m)->tables; t && *t; t++)
			if (*t == table && run_wants(s, *m, &left_out))
				return true;
	return false;
}

/* What should be known at a glance, on the screen and in the archive. */
static void find_warnings(struct run *r)
{
	struct result *result = r->result;
	struct rights rights;

	self_rights(&rights);
	if (result->end == RUN_STOPPED)
		warn(result, "The run was stopped before its end. What had been taken until then is kept.");
	if (result->end == RUN_OUT_OF_TIME)
		warn(result, "The time for the run was over before its end. What had been taken until then is kept.");
	if (result->end == RUN_OUT_OF_SPACE)
		warn(result, "There was no space left for the archive. What had been taken until then is kept; run it again with more space.");
	if (r->no_reserve)
		warn(result, "No space could be kept for a proper end of the archive.");
	if (rights.euid != 0)
		warn(result, "Not run as root: processes and files of other users are missing. If you can, run it again with sudo.");
	else if (!rights.all)
		warn(result, "Run as root, but without all rights of root: see below what is missing.");
	if (r->failed)
		warn(result, "A part of the collection failed; it is named below.");
	if (wants_table(r->settings, &table_process) && !account_rows(r->account, &table_process))
		warn(result, "No process was seen.");
	if (wants_stage(r->settings, STAGE_LOGS) && !r->account->totals.files)
		warn(result, "No log was taken.");
}

static int note_end(struct run *r, struct fail *f)
{
	int64_t jump = clock_jump(r->record.started, os_now(), r->record.steady, os_monotonic());
	unsigned left = guard_left_behind(r->collection.guard);
	struct fail why;

	find_warnings(r);
	for (size_t i = 0; r->result->warnings[i]; i++)
		if (account_warn(r->account, r->result->warnings[i], f))
			return -1;
	if (left) {
		fail_set(&why, "%u of our reading processes hang in the kernel and were left behind", left);
		if (account_note(r->account, (struct span){ 0 }, &why, f))
			return -1;
	}
	if (jump) {
		fail_set(&why, "the host's clock was set during the run, by %+lld seconds",
		         (long long)(jump / 1000000000));
		return account_note(r->account, (struct span){ 0 }, &why, f);
	}
	return 0;
}

static int send_left_out(struct run *r, struct fail *f)
{
	for (const struct module *const *m = modules; *m; m++) {
		struct outcome o = { .module = *m };

		if (!run_wants(r->settings, *m, &o.state) && send_outcome(r, &o, f))
			return -1;
	}
	return 0;
}

static int end_run(struct run *r, struct fail *f)
{
	struct result *result = r->result;

	if (note_end(r, f) || send_left_out(r, f) || pack_writer_end(r->pack, result->code, f) ||
	    destination_keep(&r->destination, f))
		return -1;
	result->kept = true;
	result->files = destination_files(&r->destination);
	if (r->destination.volume_size)
		buf_text(&result->path, ".000");
	result->size = pack_writer_written(r->pack);
	return 0;
}

int run_collect(const struct settings *s, struct result *result, struct fail *f)
{
	struct run r = { .settings = s, .result = result, .account = &result->account };
	int failed;

	progress_init(&r.progress, s->terminal, s->lang, s->show);
	r.progress.account = r.account;
	failed = open_run(&r, f) || run_modules(&r, f) || end_run(&r, f);
	progress_clear(&r.progress);
	result->duration = os_monotonic() - r.record.steady;
	r.volumes = r.destination.volume_size > 0;
	close_run(&r);
	if (!failed)
		return 0;
	if (result->path.size)
		buf_text(&result->path, r.volumes ? ".000.part" : ".part");
	/* Before the first module has ended there is nothing to save. */
	if (result->path.size && !r.saved) {
		remove(buf_string(&result->path));
		buf_clear(&result->path);
	}
	return -1;
}

void result_done(struct result *result)
{
	account_done(&result->account);
	buf_done(&result->path);
}
