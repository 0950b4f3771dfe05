/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <inttypes.h>

#include "collectors/linux/inquiry.h"
#include "collectors/linux/proc_text.h"
#include "collectors/linux/views.h"

enum { TRIES = 3 };          /* where the process starts another program while it is read */

struct census {
	struct collection *c;
	struct views views;
	struct inquiry inquiry;
	struct boot boot;
	struct buf arguments, environment, groups, names, item;
	struct toll toll;
	int64_t done;
};

static int note(struct census *s, int64_t pid, const char *name, const struct fail *why,
                struct fail *f)
{
	buf_clear(&s->item);
	proc_item(&s->item, pid, name);
	return collection_note(s->c, buf_span(&s->item), why, f);
}

/*
 * Asks for everything at once. Where that hangs, once more for what cannot hang, then for the rest
 * one by one: the piece that hangs is named and lost, and nothing else.
 */
static int ask(struct census *s, struct fail *f)
{
	static const struct { unsigned piece; const char *name; } risky[] = {
		{ PIECE_IMAGE_FACTS, "exe" }, { PIECE_COMMAND, "cmdline" }, { PIECE_ENVIRONMENT, "environ" },
	};
	struct inquiry *q = &s->inquiry;
	struct fail why;

	if (inquiry_ask(q, ASK_SAFE | ASK_MEMORY, &why) == 0)
		return 0;
	if (inquiry_ask(q, ASK_SAFE, &why))
		return note(s, q->pid, "", &why, f);
	for (size_t i = 0; i < sizeof risky / sizeof *risky; i++)
		if (inquiry_ask(q, PIECE(risky[i].piece), &why) && note(s, q->pid, risky[i].name, &why, f))
			return -1;
	return 0;
}

static struct span text(const struct census *s, enum piece piece)
{
	return buf_span(&s->inquiry.text[piece]);
}

static void add_groups(struct census *s, struct row *row, struct span groups)
{
	struct span word;

	buf_clear(&s->groups);
	while ((word = span_word(&groups)).size)
		list_add(&s->groups, word);
	if (s->groups.size)
		row_span(row, PROCESS_GROUPS, buf_span(&s->groups));
}

static void add_status(struct census *s, struct row *row)
{
	static const struct { size_t at; int column; } numbers[] = {
		{ offsetof(struct proc_status, uid), PROCESS_UID },
		{ offsetof(struct proc_status, euid), PROCESS_EUID },
		{ offsetof(struct proc_status, gid), PROCESS_GID },
		{ offsetof(struct proc_status, egid), PROCESS_EGID },
		{ offsetof(struct proc_status, tracer), PROCESS_TRACER },
		{ offsetof(struct proc_status, no_new_privs), PROCESS_NO_NEW_PRIVS },
		{ offsetof(struct proc_status, seccomp), PROCESS_SECCOMP },
		{ offsetof(struct proc_status, rss), PROCESS_RSS },
	};
	struct proc_status status;

	proc_status_read(text(s, PIECE_STATUS), &status);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		int64_t number;

		memcpy(&number, (const char *)&status + numbers[i].at, sizeof number);
		if (number >= 0)
			row_int(row, numbers[i].column, number);
	}
	if (status.has_capabilities)
		row_int(row, PROCESS_CAPABILITIES, (int64_t)status.capabilities);
	add_groups(s, row, status.groups);
}

static void add_links(struct census *s, struct row *row)
{
	static const struct { enum piece piece; int column; } links[] = {
		{ PIECE_IMAGE, PROCESS_IMAGE }, { PIECE_CWD, PROCESS_CWD }, { PIECE_ROOT, PROCESS_ROOT },
		{ PIECE_NAMESPACES, PROCESS_NAMESPACES },
	};
	struct proc_cgroup group = proc_cgroup_read(text(s, PIECE_CGROUP));
	int64_t login;

	for (size_t i = 0; i < sizeof links / sizeof *links; i++)
		if (s->inquiry.text[links[i].piece].size)
			row_span(row, links[i].column, text(s, links[i].piece));
	row_span(row, PROCESS_CGROUP, group.path);
	row_span(row, PROCESS_CONTAINER, group.container);
	/* 4294967295 stands for nobody. */
	if (span_number(span_trim(text(s, PIECE_LOGINUID)), &login) && login != UINT32_MAX)
		row_int(row, PROCESS_LOGINUID, login);
}

static void add_memory(struct census *s, struct row *row)
{
	int64_t variables;

	buf_clear(&s->arguments);
	buf_clear(&s->environment);
	proc_arguments(text(s, PIECE_COMMAND), &s->arguments);
	proc_environment(text(s, PIECE_ENVIRONMENT), &s->environment, &variables);
	if (s->arguments.size) {
		row_span(row, PROCESS_COMMAND, buf_span(&s->arguments));
		row_bool(row, PROCESS_COMMAND_CUT, s->inquiry.cut[PIECE_COMMAND]);
	}
	if (s->environment.size)
		row_span(row, PROCESS_ENVIRONMENT, buf_span(&s->environment));
	if (s->inquiry.text[PIECE_ENVIRONMENT].size)
		row_int(row, PROCESS_VARIABLES, variables);
}

static void add_image(struct census *s, struct row *row, const struct image_facts *image)
{
	struct span link = text(s, PIECE_IMAGE);

	if (!link.size)
		return;
	row_bool(row, PROCESS_MEMFD, proc_link_memfd(link));
	if (!image->known) {
		row_bool(row, PROCESS_DELETED, proc_link_deleted(link));
		return;
	}
	row_bool(row, PROCESS_DELETED, image->deleted);
	row_bool(row, PROCESS_REPLACED, image->standing && (image->disk_inode != image->inode ||
	                                                   image->disk_device != image->device));
	row_int(row, PROCESS_IMAGE_INODE, image->inode);
	row_int(row, PROCESS_IMAGE_SIZE, image->size);
	if (image->standing)
		row_int(row, PROCESS_DISK_INODE, image->disk_inode);
	if (image->digested)
		row_span(row, PROCESS_SHA256, (struct span){ image->sha256, SHA256_SIZE });
}

/* The digest of a file that the child has not met yet is a question of its own: it takes longer. */
static int find_image(struct census *s, struct image_facts *image, struct fail *f)
{
	const struct buf *facts = &s->inquiry.text[PIECE_IMAGE_FACTS];
	struct fail why = { 0 };

	memset(image, 0, sizeof *image);
	if (facts->size == sizeof *image)
		memcpy(image, facts->data, sizeof *image);
	if (!image->known || !image->regular || image->digested)
		return 0;
	if (image->size > INQUIRY_DIGEST_BYTES)
		fail_set(&why, "the running program has %lld bytes; it was not digested",
		         (long long)image->size);
	else if (inquiry_digest(&s->inquiry, image, &why) == 0 && image->digested)
		return 0;
	else if (inquiry_vanished(&s->inquiry))
		fail_set(&why, "the process ended before its program was digested");
	else if (!why.code)
		fail_set(&why, "the running program could not be read, or changed meanwhile");
	return note(s, s->inquiry.pid, "exe", &why, f);
}

/* What one view shows and another does not, with what is known of the process. */
static int report_hidden(struct census *s, int64_t pid, uint8_t seen, struct span name,
                         struct fail *f)
{
	struct row row = row_on(&table_hidden);
	bool unseen = seen & VIEW_HIDDEN, covered = seen & VIEW_COVERED;
	struct buf item = { 0 }, detail = { 0 };
	int result;

	if (!(seen & (VIEW_HIDDEN | VIEW_COVERED | VIEW_UNANSWERED)))
		return 0;
	buf_printf(&item, "%" PRId64, pid);
	buf_add(&detail, name);
	if (s->inquiry.text[PIECE_IMAGE].size && name.size) {
		buf_text(&detail, " ");
		buf_add(&detail, text(s, PIECE_IMAGE));
	}
	row_text(&row, HIDDEN_KIND, "process");
	row_span(&row, HIDDEN_ITEM, buf_span(&item));
	row_text(&row, HIDDEN_SEEN, seen & VIEW_UNANSWERED ? "list" :
	                            seen & VIEW_PROBE ? "probe" : unseen ? "cgroup" : "list");
	row_text(&row, HIDDEN_MISSING, unseen ? "list" : covered ? "mount over /proc" : "probe");
	if (detail.size)
		row_span(&row, HIDDEN_DETAIL, buf_span(&detail));
	row_int(&row, HIDDEN_PID, pid);
	result = s->c->sink->row(s->c->sink, &row, f);
	buf_done(&item);
	buf_done(&detail);
	return result;
}

static int report(struct census *s, uint8_t seen, const struct proc_stat *stat,
                  const struct image_facts *image, struct fail *f)
{
	struct row row = row_on(&table_process);
	int64_t started;

	row_int(&row, PROCESS_PASS, s->c->pass);
	row_int(&row, PROCESS_PID, s->inquiry.pid);
	row_int(&row, PROCESS_PPID, stat->ppid);
	row_span(&row, PROCESS_NAME, stat->name.size ? stat->name : span_of(""));
	row_span(&row, PROCESS_STATE, (struct span){ (const uint8_t *)&stat->state, 1 });
	row_int(&row, PROCESS_SESSION, stat->session);
	row_int(&row, PROCESS_TTY, stat->tty);
	row_int(&row, PROCESS_THREADS, stat->threads);
	row_bool(&row, PROCESS_KERNEL, stat->kernel_thread);
	if (boot_instant(&s->boot, stat->start_ticks, &started))
		row_time(&row, PROCESS_STARTED, started);
	add_status(s, &row);
	add_links(s, &row);
	add_memory(s, &row);
	add_image(s, &row, image);
	buf_clear(&s->names);
	views_names(seen, &s->names);
	row_span(&row, PROCESS_VIEWS, buf_span(&s->names));
	if (s->arguments.bad || s->environment.bad || s->groups.bad || s->names.bad)
		return fail_set(f, "out of memory");
	return s->c->sink->row(s->c->sink, &row, f);
}

/* Whether there was something that this user may not read, as errno. */
static int denial(const struct inquiry *q)
{
	static const enum piece pieces[] = { PIECE_IMAGE, PIECE_ENVIRONMENT, PIECE_CWD, PIECE_NAMESPACES };

	for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++)
		if (q->error[pieces[i]] == EACCES || q->error[pieces[i]] == EPERM)
			return EACCES;
	return 0;
}

/* Everything of one process, and of one program in it. */
static int ask_until_settled(struct census *s, struct fail *f)
{
	for (int i = 0; i < TRIES; i++) {
		if (ask(s, f))
			return -1;
		if (inquiry_settled(&s->inquiry) || inquiry_vanished(&s->inquiry))
			break;
	}
	return 0;
}

/* It ended, or lies where we may not look. */
static int report_unread(struct census *s, uint8_t seen, struct fail *f)
{
	struct inquiry *q = &s->inquiry;
	int error = q->error[PIECE_STAT];
	struct fail why;

	if (q->covered && error && error != ENOENT && error != ESRCH) {
		fail_errno(&why, error, "cannot read what a mount hides");
		if (note(s, q->pid, "", &why, f))
			return -1;
	} else {
		s->toll.vanished++;
	}
	return report_hidden(s, q->pid, seen, (struct span){ 0 }, f);
}

static int take_process(struct census *s, int64_t pid, struct fail *f)
{
	struct inquiry *q = &s->inquiry;
	uint8_t seen = s->views.seen[pid];
	struct image_facts image;
	struct proc_stat stat;

	q->pid = pid;
	q->covered = seen & VIEW_COVERED;
	if (ask_until_settled(s, f))
		return -1;
	if (inquiry_vanished(q) && (seen & VIEW_HIDDEN) && !q->covered) {
		/* Alive, and not in this /proc: perhaps in one that nobody else has. */
		q->covered = true;
		if (ask_until_settled(s, f))
			return -1;
	}
	if (inquiry_vanished(q))
		return report_unread(s, seen, f);
	proc_stat_read(text(s, PIECE_STAT), &stat);
	if (stat.pid != pid && !q->covered) {
		/* Another process stands in its place, though no mount is known of. */
		s->views.seen[pid] |= VIEW_COVERED;
		return take_process(s, pid, f);
	}
	if (find_image(s, &image, f))
		return -1;
	toll_denied(&s->toll, pid, denial(q));
	return report_hidden(s, pid, seen, stat.name, f) || report(s, seen, &stat, &image, f) ? -1 : 0;
}

/* What holds for the listing as a whole. */
static int conclude(struct census *s, struct fail *f)
{
	struct fail why;

	if (toll_note(s->c, &s->toll, f))
		return -1;
	if (!s->views.narrowed)
		return 0;
	fail_set(&why, "/proc does not show every process to this user; hidden ones were not looked for");
	return collection_note(s->c, span_of("/proc"), &why, f);
}

static int process_run(struct collection *c, struct fail *f)
{
	struct census s = { .c = c, .inquiry = { .guard = c->guard } };
	bool all = c->pass == 1 && c->profile != PROFILE_QUICK;
	int result = 0;

	if (views_take(c, &s.views, all ? VIEWS_ALL : VIEWS_GIVEN, f))
		return -1;
	boot_read(&s.boot, c->root);
	for (int64_t pid = views_next(&s.views, 0); !result && pid; pid = views_next(&s.views, pid)) {
		if (collection_stopped(c))
			break;
		c->progress(c, span_of("/proc"), ++s.done, s.views.count);
		result = take_process(&s, pid, f);
	}
	if (!result)
		result = conclude(&s, f);
	inquiry_done(&s.inquiry);
	views_done(&s.views);
	buf_done(&s.arguments);
	buf_done(&s.environment);
	buf_done(&s.groups);
	buf_done(&s.names);
	buf_done(&s.item);
	return result;
}

static const struct table *const tables[] = { &table_process, &table_hidden, NULL };

const struct module module_process = {
	.name = "process", .help = "processes, with their programs, arguments and rights; hidden ones",
	.stage = STAGE_MEMORY, .flags = MODULE_LIVE | MODULE_TWICE, .tables = tables, .run = process_run,
};
