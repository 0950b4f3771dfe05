/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/progress.h"

#include "collectors/words.h"
#include "lib/text.h"

enum { COLUMNS = 79 };

#define INTERVAL INT64_C(200000000)

void progress_init(struct progress *p, bool terminal, enum lang lang, void (*show)(struct span text))
{
	*p = (struct progress){ .terminal = terminal, .lang = lang, .show = show };
	p->started = os_monotonic();
}

/* The beginning of a text that takes at most so many columns. */
static struct span cut_columns(struct span text, size_t columns)
{
	struct span rest = text;
	size_t used = 0;
	bool valid;

	while (rest.size) {
		struct span before = rest;
		size_t width;

		text_next(&rest, &valid);
		width = text_width(span_part(before, 0, before.size - rest.size));
		if (used + width > columns)
			return span_part(text, 0, text.size - before.size);
		used += width;
	}
	return text;
}

/* Adds the text, cut with a sign if it takes more columns; gives how many it takes. */
static size_t add_cut(struct buf *out, struct span text, size_t columns)
{
	struct span shown = cut_columns(text, columns);

	if (shown.size == text.size) {
		buf_add(out, text);
		return text_width(text);
	}
	shown = cut_columns(text, columns > 3 ? columns - 3 : 0);
	buf_add(out, shown);
	buf_text(out, "...");
	return text_width(shown) + 3;
}

static void pad(struct buf *line, size_t from, size_t to)
{
	while (from++ < to)
		buf_byte(line, ' ');
}

/* "  1,234  45.2 MB  0:12": rows and bytes so far, time since the start. */
static void add_tail(const struct progress *p, struct buf *out)
{
	buf_text(out, "  ");
	words_number(out, p->account->totals.rows);
	buf_text(out, "  ");
	words_size(out, p->account->totals.bytes);
	buf_text(out, "  ");
	words_duration(out, os_monotonic() - p->started);
}

static const char *again(const struct progress *p)
{
	return p->account->second_pass ? msg(p->lang, " (once more)") : "";
}

static void draw(struct progress *p, struct span what, int64_t done, int64_t total)
{
	struct buf head = { 0 }, tail = { 0 }, item = { 0 };
	size_t room, used;

	buf_printf(&head, "[%u/%u] ", p->number, p->total);
	if (total > 0)
		buf_printf(&head, "%d%% ", (int)((double)done * 100 / (double)total));
	buf_printf(&head, "%s%s", msg(p->lang, p->module->help), again(p));
	add_tail(p, &tail);
	text_terminal(&item, what);
	room = COLUMNS - text_width(buf_span(&tail));
	buf_clear(&p->line);
	buf_byte(&p->line, '\r');
	used = add_cut(&p->line, buf_span(&head), item.size ? room / 2 : room);
	if (item.size && used + 8 < room) {
		buf_byte(&p->line, ' ');
		used += 1 + add_cut(&p->line, buf_span(&item), room - used - 1);
	}
	buf_add(&p->line, buf_span(&tail));
	used += text_width(buf_span(&tail));
	pad(&p->line, used, p->width);
	p->width = used;
	if (!p->line.bad)
		p->show(buf_span(&p->line));
	buf_done(&head);
	buf_done(&tail);
	buf_done(&item);
}

void progress_module(struct progress *p, unsigned number, unsigned total, const struct module *m)
{
	p->number = number;
	p->total = total;
	p->module = m;
	p->before = p->account->totals;
	p->module_started = p->shown = os_monotonic();
	if (p->terminal)
		draw(p, (struct span){ 0 }, 0, 0);
}

void progress_item(struct progress *p, struct span what, int64_t done, int64_t total)
{
	int64_t now;

	if (!p->terminal)
		return;
	now = os_monotonic();
	if (now - p->shown < INTERVAL)
		return;
	p->shown = now;
	draw(p, what, done, total);
}

void progress_end(struct progress *p, const char *state)
{
	const struct account_totals *all = &p->account->totals;
	struct buf rows = { 0 }, files = { 0 }, notes = { 0 }, time = { 0 };

	if (p->terminal)
		return;
	words_number(&rows, all->rows - p->before.rows);
	words_number(&files, all->files - p->before.files);
	words_number(&notes, all->notes - p->before.notes);
	words_duration(&time, os_monotonic() - p->module_started);
	buf_clear(&p->line);
	buf_printf(&p->line, msg(p->lang, "[%u/%u] %s%s: %s; rows: %s, files: %s, not taken: %s, time: %s"),
	           p->number, p->total, msg(p->lang, p->module->help), again(p), msg(p->lang, state),
	           buf_string(&rows), buf_string(&files), buf_string(&notes), buf_string(&time));
	buf_byte(&p->line, '\n');
	if (!p->line.bad)
		p->show(buf_span(&p->line));
	buf_done(&rows);
	buf_done(&files);
	buf_done(&notes);
	buf_done(&time);
}

void progress_clear(struct progress *p)
{
	if (!p->terminal || !p->width)
		return;
	buf_clear(&p->line);
	buf_byte(&p->line, '\r');
	pad(&p->line, 0, p->width);
	buf_byte(&p->line, '\r');
	p->width = 0;
	if (!p->line.bad)
		p->show(buf_span(&p->line));
}

void progress_done(struct progress *p)
{
	buf_done(&p->line);
}
