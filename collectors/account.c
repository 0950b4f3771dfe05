/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/account.h"

#include <stdio.h>
#include <stdlib.h>

#include "collectors/module.h"
#include "collectors/words.h"
#include "lib/text.h"

/* Tables by the words of someone who does not know them, in the order of the account. */
static const struct { const struct table *table; const char *words; } plain[] = {
	{ &table_process, "Processes" },
	{ &table_memory_region, "Memory areas of note" },
	{ &table_open_file, "Open files" },
	{ &table_kernel_module, "Kernel modules" },
	{ &table_hidden, "Signs of something hidden" },
	{ &table_socket, "Network connections and sockets" },
	{ &table_interface, "Network interfaces" },
	{ &table_route, "Network routes" },
	{ &table_neighbour, "Network neighbours" },
	{ &table_resolver, "Name resolution settings" },
	{ &table_session, "Users logged on" },
	{ &table_account, "Accounts" },
	{ &table_account_group, "Groups" },
	{ &table_sudo_rule, "Administrator rules (sudo)" },
	{ &table_authorized_key, "SSH keys that may log on" },
	{ &table_autorun, "Programs that start by themselves" },
	{ &table_mount, "Mounted file systems" },
	{ &table_file, "Files examined" },
};

enum { WORDS_WIDTH = 36, LIMIT_LINES = 12 };

static int fail_broken(struct account *a, struct fail *f)
{
	a->broken = true;
	a->failure = *f;
	return -1;
}

static int take_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct account *a = (struct account *)s;

	if (a->archive->row(a->archive, r, f))
		return fail_broken(a, f);
	a->totals.rows++;
	if (table_at(a->last_table) != r->table)
		for (a->last_table = 0; a->last_table + 1 < a->tables; a->last_table++)
			if (table_at(a->last_table) == r->table)
				break;
	if (!a->second_pass)
		a->rows[a->last_table]++;
	return 0;
}

static struct account_reason *find_reason(struct account *a, const struct note *n)
{
	struct account_reason *r;

	for (size_t i = 0; i < a->reason_count; i++) {
		r = &a->reasons[i];
		if (strcmp(r->text->text[LANG_EN], n->reason->text[LANG_EN]) == 0 &&
		    strcmp(r->module, n->module) == 0)
			return r;
	}
	if (a->reason_count == ACCOUNT_REASONS)
		return NULL;
	r = &a->reasons[a->reason_count];
	r->text = malloc(sizeof *r->text);
	if (!r->text)
		return NULL;
	*r->text = *n->reason;
	r->module = n->module;
	a->reason_count++;
	return r;
}

static int take_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct account *a = (struct account *)s;
	struct account_reason *r;

	if (a->archive->note(a->archive, n, f))
		return fail_broken(a, f);
	a->totals.notes++;
	r = find_reason(a, n);
	if (!r) {
		a->other_notes++;
		return 0;
	}
	if (r->count++ < ACCOUNT_EXAMPLES && n->item.size)
		list_add(&r->examples, n->item);
	return 0;
}

static int64_t content_size(const struct file_facts *facts)
{
	int64_t sum = 0;

	if (!facts->extents)
		return facts->size;
	for (size_t i = 0; i < facts->extent_count; i++)
		sum += facts->extents[i].length;
	return sum;
}

static bool is_own(const struct account *a, const struct file_facts *facts)
{
	for (size_t i = 0; i < a->own_count; i++)
		if (a->own[i].device == facts->device && a->own[i].inode == facts->inode)
			return true;
	return false;
}

/* The facts without the contents, and why. */
static int leave_out(struct account *a, const struct file_facts *facts, const struct fail *why,
                     struct fail *f)
{
	struct note note = { .module = "collect", .item = facts->path, .offset = -1, .reason = why };

	if (a->archive->file(a->archive, facts, NULL, f))
		return fail_broken(a, f);
	return take_note(&a->sink, &note, f);
}

/* A file that is given up when the run is to end: the archive fills the rest and says so. */
struct stoppable { struct source source, *in; const struct collection *collection; };

static int given_up(const struct stoppable *s, struct fail *f)
{
	return collection_stopped(s->collection) ? fail_set(f, "given up because the run was to end") : 0;
}

static int64_t stoppable_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct stoppable *stoppable = (struct stoppable *)s;

	return given_up(stoppable, f) ? -1 : source_read(stoppable->in, bytes, size, f);
}

static int64_t stoppable_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct stoppable *stoppable = (struct stoppable *)s;

	return given_up(stoppable, f) ? -1 : stoppable->in->read_at(stoppable->in, at, bytes, size, f);
}

static int pass_file(struct account *a, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct stoppable s = { .in = in, .collection = a->collection };

	if (!in || !a->collection)
		return a->archive->file(a->archive, facts, in, f);
	s.source = *in;
	s.source = (struct source){ .size = in->size, .offset = in->offset, .read = stoppable_read,
	                            .read_at = in->read_at ? stoppable_read_at : NULL };
	return a->archive->file(a->archive, facts, &s.source, f);
}

static int take_file(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct account *a = (struct account *)s;
	int64_t size = in ? content_size(facts) : 0;
	struct fail why;

	if (in && is_own(a, facts)) {
		fail_set(&why, "a file of this program itself; its contents are not taken");
		return leave_out(a, facts, &why, f);
	}
	if (in && ((a->max_file_size && size > a->max_file_size) ||
	           (a->max_size && size > a->max_size - a->totals.bytes))) {
		fail_set(&why, a->max_file_size && size > a->max_file_size
		                   ? "larger than the limit for one file; only its facts were taken"
		                   : "the limit for all files is reached; only its facts were taken");
		a->left_out++;
		a->left_out_bytes += size;
		return leave_out(a, facts, &why, f);
	}
	if (pass_file(a, facts, in, f))
		return fail_broken(a, f);
	if (in) {
		a->totals.files++;
		a->totals.bytes += size;
	}
	return 0;
}

int account_init(struct account *a, struct fail *f)
{
	*a = (struct account){ .sink = { take_row, take_note, take_file } };
	while (table_at(a->tables))
		a->tables++;
	a->rows = calloc(a->tables, sizeof *a->rows);
	return a->rows ? 0 : fail_set(f, "out of memory");
}

void account_done(struct account *a)
{
	for (size_t i = 0; i < a->reason_count; i++) {
		free(a->reasons[i].text);
		buf_done(&a->reasons[i].examples);
	}
	free(a->rows);
	*a = (struct account){ 0 };
}

void account_own(struct account *a, int64_t device, int64_t inode)
{
	if (a->own_count == ACCOUNT_OWN)
		return;
	a->own[a->own_count].device = device;
	a->own[a->own_count++].inode = inode;
}

int64_t account_rows(const struct account *a, const struct table *table)
{
	for (unsigned i = 0; i < a->tables; i++)
		if (table_at(i) == table)
			return a->rows[i];
	return 0;
}

int account_note(struct account *a, struct span item, const struct fail *why, struct fail *f)
{
	struct note note = { .module = "collect", .item = item, .offset = -1, .reason = why };

	return take_note(&a->sink, &note, f);
}

int account_warn(struct account *a, const char *english, struct fail *f)
{
	struct fail why = { 0 };
	struct note note = { .module = "collect", .offset = -1, .reason = &why };

	for (int lang = 0; lang < LANGS; lang++)
		snprintf(why.text[lang], FAIL_TEXT, "%s", msg((enum lang)lang, english));
	if (a->archive->note(a->archive, &note, f))
		return fail_broken(a, f);
	a->totals.notes++;
	return 0;
}

/* "  WORDS ....  NUMBER", with the numbers under each other. */
static void add_line(struct buf *out, const char *words, int64_t number)
{
	size_t width = text_width(span_of(words));
	struct buf digits = { 0 };

	words_number(&digits, number);
	buf_printf(out, "  %s ", words);
	for (width += digits.size; width < WORDS_WIDTH; width++)
		buf_byte(out, '.');
	buf_byte(out, ' ');
	buf_add(out, buf_span(&digits));
	buf_done(&digits);
}

void account_taken(const struct account *a, enum lang lang, struct buf *out)
{
	for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
		int64_t rows = account_rows(a, plain[i].table);

		if (!rows)
			continue;
		add_line(out, msg(lang, plain[i].words), rows);
		buf_byte(out, '\n');
	}
	add_line(out, msg(lang, "Files copied"), a->totals.files);
	buf_text(out, " (");
	words_size(out, a->totals.bytes);
	buf_text(out, ")\n");
	if (!a->left_out)
		return;
	add_line(out, msg(lang, "Files left out by a size limit"), a->left_out);
	buf_text(out, " (");
	words_size(out, a->left_out_bytes);
	buf_text(out, ")\n");
}

static int by_count(const void *a, const void *b)
{
	const struct account_reason *x = *(struct account_reason *const *)a;
	const struct account_reason *y = *(struct account_reason *const *)b;

	/* Those without an item concern the whole run: they come first. */
	if ((x->examples.size == 0) != (y->examples.size == 0))
		return x->examples.size ? 1 : -1;
	return x->count != y->count ? (x->count < y->count ? 1 : -1) : x < y ? -1 : 1;
}

static void add_reason(const struct account_reason *r, enum lang lang, struct buf *out)
{
	struct span rest = buf_span(&r->examples), item;
	int shown = 0;

	buf_text(out, "  - ");
	text_terminal(out, span_of(r->text->text[lang]));
	if (r->count > 1) {
		struct buf number = { 0 };

		words_number(&number, r->count);
		buf_printf(out, msg(lang, " (%s times)"), buf_string(&number));
		buf_done(&number);
	}
	buf_byte(out, '\n');
	while (list_next(&rest, &item)) {
		buf_text(out, "      ");
		text_terminal(out, item);
		buf_byte(out, '\n');
		shown++;
	}
	if (shown && r->count > shown) {
		buf_text(out, "      …\n");
	}
}

void account_missed(const struct account *a, enum lang lang, struct buf *out)
{
	const struct account_reason *order[ACCOUNT_REASONS];
	int64_t rest = a->other_notes;

	for (size_t i = 0; i < a->reason_count; i++)
		order[i] = &a->reasons[i];
	if (a->reason_count)
		qsort(order, a->reason_count, sizeof *order, by_count);
	for (size_t i = 0; i < a->reason_count; i++) {
		if (i < LIMIT_LINES)
			add_reason(order[i], lang, out);
		else
			rest += order[i]->count;
	}
	if (rest) {
		struct buf number = { 0 };

		words_number(&number, rest);
		buf_text(out, "  - ");
		buf_printf(out, msg(lang, "%s more for other reasons; each is written in the archive"),
		           buf_string(&number));
		buf_byte(out, '\n');
		buf_done(&number);
	}
}
