/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/run.h"
#include "lib/text.h"

struct plan { struct collection collection; struct sink sink; struct buf *out; enum lang lang; };

static int plan_row(struct sink *s, const struct row *r, struct fail *f)
{
	(void)s;
	(void)r;
	(void)f;
	return 0;
}

static int plan_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct plan *p = (struct plan *)((char *)s - offsetof(struct plan, sink));

	buf_text(p->out, "    ");
	text_terminal(p->out, n->item);
	if (n->item.size && n->reason->text[p->lang][0])
		buf_text(p->out, ": ");
	text_terminal(p->out, span_of(n->reason->text[p->lang]));
	buf_byte(p->out, '\n');
	return p->out->bad ? fail_set(f, "out of memory") : 0;
}

static int plan_file(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f)
{
	(void)s;
	(void)facts;
	(void)in;
	(void)f;
	return 0;
}

static void plan_progress(struct collection *c, struct span what, int64_t done, int64_t total)
{
	(void)c;
	(void)what;
	(void)done;
	(void)total;
}

static int plan_module(struct plan *p, const struct module *m, struct fail *f)
{
	buf_printf(p->out, "  %s (%s)\n", msg(p->lang, m->help), m->name);
	p->collection.module = m->name;
	return m->plan ? m->plan(&p->collection, f) : 0;
}

int run_plan(const struct settings *s, struct buf *out, struct fail *f)
{
	struct plan p = { .sink = { plan_row, plan_note, plan_file }, .out = out, .lang = s->lang };
	const char *left_out;
	int result = 0;

	p.collection = (struct collection){
		.live = strcmp(s->root, "/") == 0, .profile = s->profile, .pass = 1, .started = os_now(),
		.max_file_size = s->max_file_size, .max_size = s->max_size, .digests = s->digests,
		.remote = s->remote, .artifacts_path = s->artifacts, .sink = &p.sink,
		.progress = plan_progress, .stop = s->stop,
	};
	if (os_root_open(&p.collection.root, s->root, f))
		return -1;
	buf_printf(out, msg(s->lang, "A run with profile '%s' would take the following. Nothing is taken now."),
	           profile_name(s->profile));
	buf_text(out, "\n\n");
	for (int stage = 0; stage < STAGES && !result; stage++)
		for (const struct module *const *m = modules; *m && !result; m++)
			if ((*m)->stage == (enum stage)stage && run_wants(s, *m, &left_out))
				result = plan_module(&p, *m, f);
	os_root_close(p.collection.root);
	return result;
}
