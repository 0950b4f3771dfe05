/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Histories of shells and of clients that keep one. bash: a line a command, or, with time stamps, a
 * line "#EPOCH" and then the lines of one command. zsh: ": EPOCH:SECONDS;command", lines that end in
 * a backslash go on, bytes may be metafied. fish: "- cmd: …" and "  when: EPOCH". libedit (mysql and
 * others): "_HiStOrY_V2_" and octal escapes. The user is the owner of the home in the path.
 */
#include "lib/lines.h"
#include "lib/path.h"
#include "triage/parse/logline.h"
#include "triage/parse/remarks.h"

enum { COMMAND_BYTES = 1 << 20 };    /* a longer command is given in parts */

enum form { FORM_PLAIN, FORM_BASH, FORM_ZSH, FORM_FISH };

/* Names of histories below a home. */
static const struct { const char *name, *shell; enum form form; } kinds[] = {
	{ ".bash_history", "bash", FORM_BASH }, { ".zsh_history", "zsh", FORM_ZSH },
	{ ".zhistory", "zsh", FORM_ZSH }, { ".histfile", "zsh", FORM_ZSH },
	{ ".local/share/fish/fish_history", "fish", FORM_FISH },
	{ ".config/fish/fish_history", "fish", FORM_FISH }, { ".history", "csh", FORM_BASH },
	{ ".ash_history", "ash", FORM_PLAIN }, { ".sh_history", "sh", FORM_BASH },
	{ ".mysql_history", "mysql", FORM_PLAIN }, { ".mariadb_history", "mysql", FORM_PLAIN },
	{ ".psql_history", "psql", FORM_PLAIN }, { ".sqlite_history", "sqlite", FORM_PLAIN },
	{ ".python_history", "python", FORM_PLAIN }, { ".rediscli_history", "redis", FORM_PLAIN },
	{ ".node_repl_history", "node", FORM_PLAIN }, { ".php_history", "php", FORM_PLAIN },
	{ ".irb_history", "ruby", FORM_PLAIN }, { ".dbshell", "mongo", FORM_PLAIN },
};

struct history {
	struct remarks remarks;
	const char *shell;
	struct span user;
	enum form form;
	bool libedit, goes_on;             /* zsh: the next line belongs to this command */
	/* The command that is being put together. */
	bool open;
	struct buf command;
	int64_t number, offset, length;    /* of its first line; of all of it */
	bool has_time;
	int64_t time, duration;            /* duration -1: not told */
	int64_t lines;
};

static bool ends_in(struct span path, const char *name, struct span *home)
{
	struct span n = span_of(name);

	if (!span_ends(path, name) || path.size <= n.size || path.data[path.size - n.size - 1] != '/')
		return false;
	*home = span_part(path, 0, path.size - n.size - 1);
	return true;
}

/* What the path tells: kind and user. bash rewrites .bash_history as .bash_history-12345.tmp. */
static void look_at_path(struct history *h, struct span path)
{
	struct span home = { 0 }, before = path_base(path);

	if (span_starts(before, ".bash_history-"))
		path.size -= before.size - strlen(".bash_history");
	h->shell = "sh";
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		if (!ends_in(path, kinds[i].name, &home))
			continue;
		h->shell = kinds[i].shell;
		h->form = kinds[i].form;
		h->user = path_base(home);
		return;
	}
}

/* zsh stores some bytes as 0x83 and the byte with its bit 5 turned. */
static void unmetafy(struct buf *b)
{
	size_t to = 0;

	for (size_t i = 0; i < b->size; i++) {
		bool meta = b->data[i] == 0x83 && i + 1 < b->size;

		i += meta;
		b->data[to++] = meta ? b->data[i] ^ 32 : b->data[i];
	}
	b->size = to;
}

static int flush(struct history *h, struct fail *f)
{
	struct row row = row_on(&table_shell_command);
	char raw[40];

	if (!h->open)
		return 0;
	h->open = false;
	row.offset = h->offset;
	row.length = h->length;
	if (h->has_time)
		row_time_of(&row, SHELL_TIME, h->time, 0, raw);
	if (h->user.size)
		row_span(&row, SHELL_USER, h->user);
	row_text(&row, SHELL_SHELL, h->shell);
	row_int(&row, SHELL_LINE, h->number);
	if (h->form == FORM_ZSH)
		unmetafy(&h->command);
	/* A time without a command is what is left when someone takes commands out. */
	if (h->command.size)
		row_span(&row, SHELL_COMMAND, buf_span(&h->command));
	if (h->duration >= 0)
		row_int(&row, SHELL_DURATION, h->duration);
	if (h->command.bad)
		return fail_set(f, "out of memory");
	return h->remarks.out->row(h->remarks.out, &row, f);
}

/* Ends the command before and begins one with this line; nothing is in it yet. */
static int begin(struct history *h, const struct line *line, struct fail *f)
{
	if (flush(h, f))
		return -1;
	buf_clear(&h->command);
	h->open = true;
	h->number = h->lines;
	h->offset = line->offset;
	h->length = line->length;
	h->has_time = false;
	h->duration = -1;
	return 0;
}

/* One more line of the open command, within its limit. */
static int extend(struct history *h, const struct line *line, struct span text, struct fail *f)
{
	int64_t time = h->time, duration = h->duration;
	bool has_time = h->has_time;

	if (h->command.size + text.size >= COMMAND_BYTES && h->command.size) {
		if (begin(h, line, f))
			return -1;
		h->has_time = has_time;
		h->time = time;
		h->duration = duration;
	} else {
		h->length = line->offset + line->length - h->offset;
		if (h->command.size)
			buf_byte(&h->command, '\n');
	}
	buf_add(&h->command, text);
	return 0;
}

/* "#EPOCH" of bash, "#+EPOCH" of csh. */
static bool bash_time(struct span text, int64_t *time)
{
	if (text.size < 2 || text.data[0] != '#')
		return false;
	text = span_part(text, text.data[1] == '+' ? 2 : 1, text.size);
	return text.size && text.data[0] >= '0' && text.data[0] <= '9' && span_number(text, time);
}

static int bash_line(struct history *h, const struct line *line, struct span text, struct fail *f)
{
	int64_t time;

	if (bash_time(text, &time)) {
		if (begin(h, line, f))
			return -1;
		h->has_time = true;
		h->time = time;
		return 0;
	}
	if (!h->open || !h->has_time) {
		if (begin(h, line, f))
			return -1;
		buf_add(&h->command, text);
		return 0;
	}
	if (!h->command.size)
		h->number = h->lines;
	return extend(h, line, text, f);
}

static int plain_line(struct history *h, const struct line *line, struct span text, struct fail *f)
{
	if (h->lines == 1 && span_is(text, "_HiStOrY_V2_")) {
		h->libedit = true;
		return 0;
	}
	if (begin(h, line, f))
		return -1;
	for (size_t i = 0; i < text.size; i++) {
		const uint8_t *at = text.data + i;

		if (h->libedit && at[0] == '\\' && text.size - i >= 4 && at[1] >= '0' && at[1] <= '3' &&
		    at[2] >= '0' && at[2] <= '7' && at[3] >= '0' && at[3] <= '7') {
			buf_byte(&h->command, (uint8_t)((at[1] - '0') << 6 | (at[2] - '0') << 3 | (at[3] - '0')));
			i += 3;
		} else {
			buf_byte(&h->command, *at);
		}
	}
	return 0;
}

/* Takes ": EPOCH:SECONDS;" off the front. */
static bool zsh_stamp(struct span *text, int64_t *time, int64_t *duration)
{
	struct span rest = *text, part;

	if (!span_starts(rest, ": "))
		return false;
	rest = span_part(rest, 2, rest.size);
	part = span_until(&rest, ':');
	if (!span_number(span_trim(part), time) || span_find(rest, ';') == rest.size ||
	    !span_number(span_until(&rest, ';'), duration))
		return false;
	*text = rest;
	return true;
}

/* Whether the line ends in a backslash that is not itself escaped. */
static bool goes_on(struct span text)
{
	size_t count = 0;

	while (count < text.size && text.data[text.size - 1 - count] == '\\')
		count++;
	return count % 2 == 1;
}

static int zsh_line(struct history *h, const struct line *line, struct span text, struct fail *f)
{
	bool was_on = h->goes_on;

	h->goes_on = goes_on(text);
	if (h->goes_on)
		text.size--;
	if (was_on)
		return extend(h, line, text, f);
	if (begin(h, line, f))
		return -1;
	h->has_time = zsh_stamp(&text, &h->time, &h->duration);
	buf_add(&h->command, text);
	return 0;
}

/* The command of fish, where \\ is a backslash and \n a line end. */
static void fish_command(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint8_t byte = text.data[i];

		if (byte == '\\' && i + 1 < text.size && (text.data[i + 1] == 'n' || text.data[i + 1] == '\\'))
			byte = text.data[++i] == 'n' ? '\n' : '\\';
		buf_byte(out, byte);
	}
}

static int fish_line(struct history *h, const struct line *line, struct span text, struct fail *f)
{
	struct span value = span_trim(text);

	if (span_starts(text, "- cmd: ")) {
		if (begin(h, line, f))
			return -1;
		fish_command(&h->command, span_part(text, strlen("- cmd: "), text.size));
		return 0;
	}
	if (!h->open || (text.data[0] != ' ' && text.data[0] != '\t'))
		return remark(&h->remarks, line->offset, f, "not a line of this log");
	h->length = line->offset + line->length - h->offset;
	if (span_starts(value, "when: "))
		h->has_time = span_number(span_trim(span_part(value, strlen("when: "), value.size)), &h->time);
	return 0;
}

static int one(struct history *h, const struct line *line, struct fail *f)
{
	struct span text = log_trim(line->text);
	size_t zeros = line->text.size - text.size;

	h->lines++;
	if (zeros &&
	    remark(&h->remarks, line->offset, f,
	           "%lld NUL bytes stand before the line", (long long)zeros))
		return -1;
	if (line->cut) {
		if (remark(&h->remarks, line->offset, f,
		           "a line is longer than %d bytes and is given in parts", LINE_BYTES))
			return -1;
	}
	if (!text.size && !(h->form == FORM_BASH && h->open && h->has_time) && !h->goes_on)
		return 0;
	switch (h->form) {
	case FORM_BASH: return bash_line(h, line, text, f);
	case FORM_ZSH: return zsh_line(h, line, text, f);
	case FORM_FISH: return fish_line(h, line, text, f);
	case FORM_PLAIN: return plain_line(h, line, text, f);
	}
	return 0;
}

static int history_parse(struct source *in, const struct origin *origin, struct sink *out,
                         struct fail *f)
{
	struct history h = { .remarks = remarks_of(out, "history", origin), .duration = -1 };
	struct lines lines;
	struct line line;
	int got;

	look_at_path(&h, origin->path);
	lines_init(&lines, in);
	while ((got = lines_next(&lines, &line, f)) > 0) {
		if (one(&h, &line, f)) {
			got = -1;
			break;
		}
	}
	if (!got)
		got = flush(&h, f);
	lines_done(&lines);
	buf_done(&h.command);
	return got ? got : remarks_end(&h.remarks, f);
}

static const char *const patterns[] = {
	"**/.bash_history", "**/.bash_history-[0-9]*", "**/.zsh_history", "**/.zhistory",
	"**/.histfile", "**/.local/share/fish/fish_history", "**/.config/fish/fish_history",
	"**/.history", "**/.ash_history", "**/.sh_history", "**/.mysql_history",
	"**/.mariadb_history", "**/.psql_history", "**/.sqlite_history", "**/.python_history",
	"**/.rediscli_history", "**/.node_repl_history", "**/.php_history", "**/.irb_history",
	"**/.dbshell", NULL,
};
static const struct table *const tables[] = { &table_shell_command, NULL };

const struct parser parser_history = { "history", 1, patterns, tables, history_parse, false };
