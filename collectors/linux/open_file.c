/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The links below /proc/PID/fd. They are only read, never followed: what they lead to may lie on a
 * server that is gone.
 */
#include "collectors/linux/inquiry.h"
#include "collectors/linux/proc_text.h"
#include "collectors/linux/views.h"

enum { HELD_BYTES = 4 << 20 };       /* of one process; more is reported before its end is known */

struct opened {
	struct collection *c;
	struct views views;
	struct inquiry inquiry;
	struct buf item;
	struct buf rows;             /* of one process, as they came */
	struct toll toll;
	int64_t done;
};

static int note(struct opened *s, const struct fail *why, struct fail *f)
{
	buf_clear(&s->item);
	proc_item(&s->item, s->inquiry.pid, "fd");
	return collection_note(s->c, buf_span(&s->item), why, f);
}

/* socket:[123] and its kin: 123. */
static bool inode_of(struct span link, int64_t *inode)
{
	struct span rest = link;

	span_until(&rest, '[');
	return rest.size > 1 && span_ends(rest, "]") && span_number(span_part(rest, 0, rest.size - 1), inode);
}

static const char *kind_of(struct span link)
{
	static const struct { const char *prefix, *kind; } kinds[] = {
		{ "socket:[", "socket" }, { "pipe:[", "pipe" }, { "/memfd:", "memfd" },
		{ "/dev/shm/", "file" }, { "/dev/", "device" }, { "/", "file" },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (span_starts(link, kinds[i].prefix))
			return kinds[i].kind;
	return "anon";
}

/* "pos:\t0\nflags:\t0100002\n…": flags are octal. */
static void add_info(struct row *row, struct span info)
{
	while (info.size) {
		struct span line = span_until(&info, '\n'), key = span_until(&line, ':');
		struct span value = span_trim(line);
		int64_t number = 0;

		if (span_is(key, "pos") && span_number(value, &number))
			row_int(row, OPEN_POSITION, number);
		if (!span_is(key, "flags") || value.size > 20)
			continue;
		for (size_t i = 0; i < value.size; i++)
			number = number * 8 + (value.data[i] & 7);
		row_int(row, OPEN_FLAGS, number);
	}
}

static int report(struct opened *s, struct span fd, struct span link, struct span info, struct fail *f)
{
	struct row row = row_on(&table_open_file);
	const char *kind = kind_of(link);
	int64_t number;

	row_int(&row, OPEN_PID, s->inquiry.pid);
	if (span_number(fd, &number))
		row_int(&row, OPEN_FD, number);
	row_span(&row, OPEN_PATH, link);
	row_text(&row, OPEN_KIND, kind);
	row_bool(&row, OPEN_DELETED, proc_link_deleted(link));
	if (link.data[0] != '/' && inode_of(link, &number))
		row_int(&row, OPEN_INODE, number);
	add_info(&row, info);
	return s->c->sink->row(s->c->sink, &row, f);
}

static int report_held(struct opened *s, struct fail *f)
{
	struct span rest = buf_span(&s->rows), fd, link, info;

	while (list_next(&rest, &fd) && list_next(&rest, &link) && list_next(&rest, &info))
		if (link.size && report(s, fd, link, info, f))
			return -1;
	buf_clear(&s->rows);
	return 0;
}

/* The bytes are whole descriptors. */
static int take_descriptors(void *context, struct span bytes, struct fail *f)
{
	struct opened *s = context;

	buf_add(&s->rows, bytes);
	if (s->rows.bad)
		return fail_set(f, "out of memory");
	return s->rows.size < HELD_BYTES ? 0 : report_held(s, f);
}

static int note_left(struct opened *s, struct fail *f)
{
	struct fail why;
	int64_t left;

	if (!span_number(buf_span(&s->inquiry.text[PIECE_LEFT]), &left))
		return 0;
	fail_set(&why, "open files beyond the limit, which were only counted: %lld", (long long)left);
	return note(s, &why, f);
}

static int take_process(struct opened *s, int64_t pid, struct fail *f)
{
	const unsigned what = PIECE(PIECE_DESCRIPTORS) | PIECE(PIECE_LEFT) | PIECE(PIECE_STAT_AFTER);
	struct inquiry *q = &s->inquiry;
	struct fail why;

	q->pid = pid;
	q->covered = s->views.seen[pid] & VIEW_COVERED;
	buf_clear(&s->rows);
	if (inquiry_ask(q, what, &why))
		return report_held(s, f) || note(s, &why, f) ? -1 : 0;
	/* Its directory was held open: what can be read at the end was there all the time. */
	if (!q->text[PIECE_STAT_AFTER].size) {
		s->toll.vanished++;
		return 0;
	}
	toll_denied(&s->toll, pid, q->error[PIECE_DESCRIPTORS]);
	return report_held(s, f) || note_left(s, f) ? -1 : 0;
}

static int open_file_run(struct collection *c, struct fail *f)
{
	struct opened s = {
		.c = c, .inquiry = { .guard = c->guard, .take = take_descriptors, .context = &s },
	};
	int result = 0;

	if (views_take(c, &s.views, VIEWS_CHEAP, f))
		return -1;
	for (int64_t pid = views_next(&s.views, 0); !result && pid; pid = views_next(&s.views, pid)) {
		if (collection_stopped(c))
			break;
		c->progress(c, span_of("/proc"), ++s.done, s.views.count);
		result = take_process(&s, pid, f);
	}
	if (!result)
		result = toll_note(c, &s.toll, f);
	inquiry_done(&s.inquiry);
	views_done(&s.views);
	buf_done(&s.rows);
	buf_done(&s.item);
	return result;
}

static const struct table *const tables[] = { &table_open_file, NULL };

const struct module module_open_file = {
	.name = "open_file", .help = "open files of processes",
	.stage = STAGE_MEMORY, .flags = MODULE_LIVE, .tables = tables, .run = open_file_run,
};
