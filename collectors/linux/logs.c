/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that the artifact definitions name, in the order of the definitions: what is small and
 * telling comes first.
 */
#include <errno.h>

#include "collectors/artifacts.h"
#include "collectors/guard.h"
#include "collectors/linux/homes.h"
#include "collectors/linux/take.h"
#include "lib/path.h"

enum { PROC_BYTES = 1 << 20, PROC_MILLISECONDS = 2000 };

struct run {
	struct collection *c;
	struct host host;
	struct homes homes;
	struct artifacts artifacts;
	struct expansion expansion;
	struct taker taker;
};

static const char system_name[] = "Linux";

static int found(void *context, const struct file_facts *facts, struct fail *f)
{
	return taker_found(&((struct run *)context)->taker, facts, f);
}

static int problem(void *context, struct span path, const struct fail *why, struct fail *f)
{
	struct run *r = context;

	return collection_note(r->c, path, why, f);
}

static bool stopped(void *context)
{
	return collection_stopped(((struct run *)context)->c);
}

static bool allowed(void *context, struct span path)
{
	const struct run *r = context;
	const struct mount *mount = r->host.mounts ? mounts_at(r->host.mounts, path) : NULL;

	return !mount || mount_wanted(mount, r->c->remote);
}

/* ---- patterns ---- */

/* Views of the kernel have no size, and reading them may hang: through the guard, by plain name. */
static int take_from_proc(struct run *r, struct span path, struct fail *f)
{
	struct file_facts facts;
	struct buf bytes = { 0 };
	struct memory_source in;
	struct fail why = { 0 };
	bool cut = false;
	int result;

	if (!r->c->live || !r->c->guard)
		return 0;
	if (guard_read(r->c->guard, path, PROC_BYTES, PROC_MILLISECONDS, &bytes, &cut, &why)) {
		buf_done(&bytes);
		return why.code == ENOENT ? 0 : collection_note(r->c, path, &why, f);
	}
	if (os_stat(r->c->root, path, false, &facts, NULL, &why)) {
		buf_done(&bytes);
		return collection_note(r->c, path, &why, f);
	}
	memory_source_init(&in, buf_span(&bytes));
	facts.path = path;
	facts.size = in.source.size;
	result = taker_send(&r->taker, &facts, &in.source, f);
	if (!result && cut)
		result = host_note(&r->host, path, f, "longer than %d MiB; the rest is left out", PROC_BYTES >> 20);
	buf_done(&bytes);
	return result;
}

static bool is_plain(struct span path)
{
	return span_find(path, '*') == path.size && span_find(path, '?') == path.size &&
	       span_find(path, '[') == path.size;
}

static int take_pattern(struct run *r, struct span pattern, struct fail *f)
{
	if (path_below(pattern, span_of("/proc")) || path_below(pattern, span_of("/sys")))
		return is_plain(pattern) ? take_from_proc(r, pattern, f) :
		       taker_note(&r->taker, pattern, "patterns below /proc and /sys are not followed", f);
	return expand(&r->expansion, pattern, f);
}

/* Puts `home` and `user` for their variables. False: another variable is there, which Linux has not. */
static bool fill_in(struct buf *out, struct span pattern, const struct home *home)
{
	static const struct { const char *name; bool is_user; } variables[] = {
		{ "%%users.homedir%%", false }, { "%%users.userprofile%%", false },
		{ "%%users.username%%", true },
	};

	buf_clear(out);
	while (pattern.size) {
		size_t i = 0, count = sizeof variables / sizeof *variables;

		while (i < count && !span_starts(pattern, variables[i].name))
			i++;
		if (i < count) {
			buf_add(out, variables[i].is_user ? home->user : home->path);
			pattern = span_part(pattern, strlen(variables[i].name), pattern.size);
		} else if (span_starts(pattern, "%%")) {
			return false;
		} else {
			buf_byte(out, pattern.data[0]);
			pattern = span_part(pattern, 1, pattern.size);
		}
	}
	return true;
}

/* A name with a star in it is a name here, not a pattern: such homes are taken up to the variable. */
static bool is_safe(const struct home *home, struct span pattern)
{
	return is_plain(home->path) &&
	       (!span_contains(pattern, "%%users.username%%") ||
	        (is_plain(home->user) && span_find(home->user, '/') == home->user.size));
}

static int take_path(struct run *r, struct span pattern, struct fail *f)
{
	struct home nobody = { 0 };
	struct buf path = { 0 };
	bool of_users = span_contains(pattern, "%%users.");
	size_t count = of_users ? r->homes.count : 1;
	int result = 0;

	for (size_t i = 0; i < count && !result && !collection_stopped(r->c); i++) {
		const struct home *home = of_users ? &r->homes.items[i] : &nobody;

		if (of_users && !is_safe(home, pattern))
			result = taker_note(&r->taker, home->path,
			                    "the home's name has characters of patterns; not looked into", f);
		else if (!fill_in(&path, pattern, home))
			break;
		else if (path.bad)
			result = fail_set(f, "out of memory");
		else if (path.size && path.data[0] == '/')
			result = take_pattern(r, buf_span(&path), f);
	}
	buf_done(&path);
	return result;
}

static int take_artifact(void *context, struct artifact *artifact, struct fail *f)
{
	struct run *r = context;
	int result = 0;

	if (!artifact_is_for(&artifact->os, system_name))
		return 0;
	r->taker.artifact = buf_span(&artifact->name);
	for (size_t i = 0; i < artifact->source_count && !result; i++) {
		struct artifact_source *s = &artifact->sources[i];
		struct span rest = buf_span(&s->values), pattern;

		if (!artifact_is_for(&s->os, system_name) || s->type == ARTIFACT_GROUP)
			continue;
		if (s->type == ARTIFACT_OTHER) {
			result = host_note(&r->host, buf_span(&artifact->name), f,
			                   "sources of type %s are not acted on", buf_string(&s->type_name));
			continue;
		}
		r->taker.paths_only = s->type == ARTIFACT_PATH;
		while (!result && s->separator == '/' && list_next(&rest, &pattern) && !collection_stopped(r->c))
			result = take_path(r, pattern, f);
	}
	return result;
}

static const char *group_of(enum profile profile)
{
	return profile == PROFILE_QUICK ? "KaketsukeQuick" :
	       profile == PROFILE_STANDARD ? "KaketsukeStandard" : "KaketsukeFull";
}

/* The profile's group, and every definition of the operator's own file. */
static int each_artifact(struct artifacts *a, enum profile profile,
                         int (*take)(void *context, struct artifact *artifact, struct fail *f),
                         void *context, struct fail *f)
{
	int result = artifacts_each(a, span_of(group_of(profile)), take, context, f);

	for (size_t i = 0; i < a->count && !result; i++)
		if (a->items[i]->file > 0)
			result = artifacts_each(a, buf_span(&a->items[i]->name), take, context, f);
	return result;
}

static int logs_run(struct collection *c, struct fail *f)
{
	struct run r = { .c = c };
	struct fail why;
	int result = artifacts_load(&r.artifacts, c->artifacts_path, f) || host_open(&r.host, c, f) ? -1 : 0;

	r.expansion = (struct expansion){
		.root = c->root, .policy = { allowed, &r }, .found = found, .problem = problem,
		.stopped = stopped, .context = &r,
	};
	if (!result)
		result = homes_open(&r.homes, &r.host, f);
	if (!result)
		result = taker_init(&r.taker, &r.host, &r.expansion, f);
	if (!result)
		result = each_artifact(&r.artifacts, c->profile, take_artifact, &r, f);
	if (!result && collection_stopped(c)) {
		fail_set(&why, "stopped before the end; further files were not taken");
		result = collection_note(c, r.taker.artifact, &why, f);
	}
	taker_done(&r.taker);
	homes_done(&r.homes);
	host_done(&r.host);
	artifacts_done(&r.artifacts);
	return result;
}

/* ---- what would be taken ---- */

static int plan_artifact(void *context, struct artifact *artifact, struct fail *f)
{
	struct collection *c = context;
	struct fail why = { 0 };
	struct buf paths = { 0 };
	int result;

	if (!artifact_is_for(&artifact->os, system_name))
		return 0;
	for (size_t i = 0; i < artifact->source_count; i++) {
		struct span rest = buf_span(&artifact->sources[i].values), path;

		while (artifact_is_for(&artifact->sources[i].os, system_name) &&
		       artifact->sources[i].type <= ARTIFACT_PATH && list_next(&rest, &path)) {
			buf_text(&paths, paths.size ? " " : "");
			buf_add(&paths, path);
		}
	}
	fail_set(&why, "%s", buf_string(&paths));
	result = collection_note(c, buf_span(&artifact->name), &why, f);
	buf_done(&paths);
	return result;
}

static int logs_plan(struct collection *c, struct fail *f)
{
	struct artifacts artifacts = { 0 };
	int result = artifacts_load(&artifacts, c->artifacts_path, f);

	if (!result)
		result = each_artifact(&artifacts, c->profile, plan_artifact, c, f);
	artifacts_done(&artifacts);
	return result;
}

static const struct table *const tables[] = { NULL };

const struct module module_logs = {
	.name = "logs",
	.help = "logs, histories and settings as files, as the artifact definitions name them",
	.stage = STAGE_LOGS,
	.least = PROFILE_QUICK,
	.tables = tables,
	.run = logs_run,
	.plan = logs_plan,
};
