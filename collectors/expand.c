/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/expand.h"

#include <errno.h>

#include "lib/path.h"

static bool is_allowed(const struct expansion *x, struct span path)
{
	return !x->policy.allowed || x->policy.allowed(x->policy.context, path);
}

/* Joins and cleans the rest of a link's target and what was left of the path. */
static bool replace_link(struct buf *rest, struct span directory, struct span target, struct span left)
{
	struct buf path = { 0 };
	bool good;

	if (!target.size || target.data[0] != '/')
		buf_add(&path, directory);
	buf_byte(&path, '/');
	buf_add(&path, target);
	buf_byte(&path, '/');
	buf_add(&path, left);
	buf_clear(rest);
	path_clean(rest, buf_span(&path));
	good = !path.bad && !rest->bad;
	buf_done(&path);
	return good;
}

/* One component on: 1, 0 nothing there, -1; *links counts, *rest is what is left to go. */
static int step(const struct expansion *x, struct buf *done, struct buf *rest, bool follow, int *links,
                struct file_facts *facts, struct fail *f)
{
	struct span left = buf_span(rest), part;
	struct buf link = { 0 }, keep = { 0 };
	size_t before = done->size;
	int result = 1;

	while (left.size && left.data[0] == '/')
		left = span_part(left, 1, left.size);
	part = span_until(&left, '/');
	buf_byte(done, '/');
	buf_add(done, part);
	buf_add(&keep, left);
	if (done->bad || keep.bad)
		result = fail_set(f, "out of memory");
	else if (!is_allowed(x, buf_span(done)))
		result = 0;
	else if (os_stat(x->root, buf_span(done), false, facts, &link, f))
		result = f->code == ENOENT || f->code == ENOTDIR ? 0 : -1;
	if (result > 0 && facts->kind == 'l' && (keep.size || follow)) {
		done->size = before;
		if (++*links > EXPAND_LINKS)
			result = fail_set(f, "the path has too many links");
		else if (!replace_link(rest, buf_span(done), buf_span(&link), buf_span(&keep)))
			result = fail_set(f, "out of memory");
		else
			done->size = 0;
	} else {
		buf_clear(rest);
		buf_add(rest, buf_span(&keep));
		if (result > 0 && keep.size && facts->kind != 'd')
			result = 0;
	}
	buf_done(&link);
	buf_done(&keep);
	return result;
}

int expand_real(const struct expansion *x, struct span path, bool follow, struct buf *out,
                struct file_facts *facts, struct fail *f)
{
	struct buf rest = { 0 };
	int links = 0, got = 1;

	buf_clear(out);
	path_clean(&rest, path);
	if (rest.size == 1 && !rest.bad)
		got = os_stat(x->root, span_of("/"), false, facts, NULL, f) ? -1 : 1;
	while (got > 0 && rest.size > (rest.data[0] == '/'))
		got = step(x, out, &rest, follow, &links, facts, f);
	if (!out->size)
		buf_byte(out, '/');
	if (out->bad || rest.bad)
		got = fail_set(f, "out of memory");
	buf_done(&rest);
	if (got > 0)
		facts->path = buf_span(out);
	return got;
}

static bool is_wild(struct span part)
{
	return span_find(part, '*') < part.size || span_find(part, '?') < part.size ||
	       span_find(part, '[') < part.size;
}

/* "**" or "**7": the depth, else 0. */
static int depth_of(struct span part)
{
	int64_t depth = EXPAND_DEPTH;

	if (!span_starts(part, "**"))
		return 0;
	if (part.size > 2 && !span_number(span_part(part, 2, part.size), &depth))
		return 0;
	return depth > EXPAND_DEPTH_MOST ? EXPAND_DEPTH_MOST : depth < 0 ? 0 : (int)depth;
}

static size_t components(struct span path)
{
	size_t count = 0;

	while (path.size)
		count += span_until(&path, '/').size != 0;
	return count;
}

static int go(const struct expansion *x, struct span directory, struct span pattern, int wild,
              struct fail *f);

/* Goes on behind a component that matched: at the end of the pattern, or further down. */
static int matched(const struct expansion *x, const struct walk_entry *e, struct span rest, int wild,
                   struct fail *f)
{
	if (!rest.size)
		return x->found(x->context, &e->facts, f);
	if (e->facts.kind != 'd' && e->facts.kind != 'l')
		return 0;
	return go(x, e->path, rest, wild + 1, f);
}

struct level { struct span directory, part, rest; int depth, wild; };

/* An entry below the directory: whether the pattern takes it, at which depth. */
static int weigh(const struct expansion *x, struct walk *w, const struct walk_entry *e,
                 const struct level *l, struct fail *f)
{
	struct span below = span_part(e->path, l->directory.size, e->path.size);
	struct buf pattern = { 0 };
	size_t depth, tail = components(l->rest);
	int result = 0;

	while (below.size && below.data[0] == '/')
		below = span_part(below, 1, below.size);
	depth = components(below);
	if (!l->depth) {
		walk_skip(w);
		return path_match(l->part, below) ? matched(x, e, l->rest, l->wild, f) : 0;
	}
	if (depth >= (size_t)l->depth + (tail ? tail : 1))
		walk_skip(w);
	buf_text(&pattern, "**/");
	buf_add(&pattern, tail ? l->rest : span_of("*"));
	if (pattern.bad)
		result = fail_set(f, "out of memory");
	else if (path_match(buf_span(&pattern), below))
		result = x->found(x->context, &e->facts, f);
	buf_done(&pattern);
	return result;
}

static int search(const struct expansion *x, const struct level *l, struct fail *f)
{
	struct walk *w;
	struct walk_entry e;
	struct fail why = { 0 };
	int got;

	if (walk_open(&w, x->root, l->directory, &x->policy, &why))
		return why.code == ENOENT || why.code == ENOTDIR ? 0 :
		       x->problem(x->context, l->directory, &why, f);
	while ((got = walk_next(w, &e, f)) > 0 && !x->stopped(x->context)) {
		if (e.problem ? x->problem(x->context, e.path, e.problem, f) : weigh(x, w, &e, l, f)) {
			got = -1;
			break;
		}
	}
	walk_close(w);
	return got < 0 ? -1 : 0;
}

/* `directory` exists; `pattern` is what is left, without a leading '/'. */
static int go(const struct expansion *x, struct span directory, struct span pattern, int wild,
              struct fail *f)
{
	struct buf path = { 0 }, real = { 0 };
	struct level l = { .wild = wild };
	struct file_facts facts;
	struct fail why = { 0 };
	bool more = true;
	int got, result = 0;

	buf_add(&path, directory);
	while (more) {
		l.rest = pattern;
		l.part = span_until(&l.rest, '/');
		more = pattern.size && !is_wild(l.part);
		if (more) {
			buf_byte(&path, '/');
			buf_add(&path, l.part);
			pattern = l.rest;
		}
	}
	got = path.bad ? fail_set(&why, "out of memory") :
	      wild > EXPAND_WILD ? fail_set(&why, "more than %d components with wildcards", EXPAND_WILD) :
	      expand_real(x, buf_span(&path), pattern.size != 0, &real, &facts, &why);
	l.directory = buf_span(&real);
	l.depth = depth_of(l.part);
	if (got < 0)
		result = x->problem(x->context, buf_span(&path), &why, f);
	else if (got && !pattern.size)
		result = x->found(x->context, &facts, f);
	else if (got && facts.kind == 'd')
		result = search(x, &l, f);
	buf_done(&path);
	buf_done(&real);
	return result;
}

int expand(const struct expansion *x, struct span pattern, struct fail *f)
{
	struct buf clean = { 0 };
	int result;

	path_clean(&clean, pattern);
	result = clean.bad ? fail_set(f, "out of memory") :
	         go(x, span_of("/"), span_part(buf_span(&clean), 1, clean.size), 0, f);
	buf_done(&clean);
	return result;
}
