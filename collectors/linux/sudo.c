/* SPDX-License-Identifier: Apache-2.0 */
/* Rules of sudoers(5) with what it includes, and of doas.conf(5). */
#include "collectors/linux/host.h"
#include "collectors/linux/logon.h"
#include "lib/path.h"

enum { DEPTH = 16, FILES = 1024 };      /* sudo itself allows 128 files deep */

struct sudo { struct host host; size_t files; };

/* One word; double quotes hold blanks together. */
static struct span quoted_word(struct span *rest)
{
	struct span word;

	*rest = span_trim(*rest);
	if (rest->size && rest->data[0] == '"') {
		*rest = span_part(*rest, 1, rest->size);
		return span_until(rest, '"');
	}
	word = span_word(rest);
	return word;
}

/* "who, who HOST = …": the users are a list that blanks may surround. */
static struct span take_users(struct span line)
{
	struct span rest = line;

	for (;;) {
		struct span word = span_word(&rest);
		struct span ahead = span_trim(rest);

		if (!word.size ||
			(word.data[word.size - 1] != ',' && !(ahead.size && ahead.data[0] == ',')))
			break;
	}
	return span_trim(span_part(line, 0, line.size - rest.size));
}

/* Whether ALL stands among the commands behind '=', behind their (runas) and TAG: parts. */
static bool allows_all(struct span rule)
{
	span_until(&rule, '=');
	while (rule.size) {
		struct span item = span_trim(span_until(&rule, ',')), word;

		if (item.size && item.data[0] == '(') {
			span_until(&item, ')');
			item = span_trim(item);
		}
		for (word = span_word(&item); word.size && word.data[word.size - 1] == ':';)
			word = span_word(&item);
		while (span_find(word, ':') < word.size)
			span_until(&word, ':');
		if (span_is(word, "ALL"))
			return true;
	}
	return false;
}

static bool sudoers_include(struct span line, struct sudo_line *out)
{
	struct span rest = line, word = span_word(&rest);

	if (!span_is(word, "@include") && !span_is(word, "#include") &&
	    !span_is(word, "@includedir") && !span_is(word, "#includedir"))
		return false;
	out->include_folder = span_ends(word, "dir");
	out->include = quoted_word(&rest);
	out->who = word;
	return true;
}

bool sudoers_parse(struct span line, struct sudo_line *out)
{
	struct span rest, word;

	line = span_trim(line);
	*out = (struct sudo_line){ .rule = line };
	if (!line.size || sudoers_include(line, out))
		return line.size > 0;
	/* #1000 is a user by id, any other # a comment. */
	if (line.data[0] == '#' && !(line.size > 1 && line.data[1] >= '0' && line.data[1] <= '9'))
		return false;
	rest = line;
	word = span_word(&rest);
	if (span_starts(word, "Defaults")) {
		out->who = word;
		out->no_password = span_contains(rest, "!authenticate");
	} else if (span_ends(word, "_Alias")) {
		out->who = span_trim(span_part(line, 0, span_find(line, '=')));
	} else {
		out->who = take_users(line);
		out->no_password = span_contains(line, "NOPASSWD:") || span_contains(line, "NOPASSWD :");
		out->all_commands = allows_all(line);
	}
	return true;
}

bool doas_parse(struct span line, struct sudo_line *out)
{
	struct span rest, word;
	bool permit;

	line = span_trim(span_part(line, 0, span_find(line, '#')));
	*out = (struct sudo_line){ .rule = line };
	rest = line;
	word = span_word(&rest);
	permit = span_is(word, "permit");
	if (!permit && !span_is(word, "deny"))
		return false;
	for (word = span_word(&rest); word.size; word = span_word(&rest)) {
		if (span_is(word, "nopass"))
			out->no_password = true;
		else if (span_is(word, "setenv"))
			span_until(&rest, '}');
		else if (!span_is(word, "nolog") && !span_is(word, "persist") && !span_is(word, "keepenv"))
			break;
	}
	out->who = word;
	out->all_commands = permit && word.size;
	while ((word = span_word(&rest)).size)
		if (span_is(word, "cmd"))
			out->all_commands = false;
	return true;
}

static int emit(struct sudo *s, struct span path, size_t number, const struct sudo_line *line,
                struct fail *f)
{
	struct row row = row_on(&table_sudo_rule);

	row_span(&row, SUDO_PATH, path);
	row_int(&row, SUDO_LINE, (int64_t)number);
	row_span(&row, SUDO_WHO, line->who);
	row_span(&row, SUDO_RULE, line->rule);
	row_bool(&row, SUDO_NOPASSWD, line->no_password);
	row_bool(&row, SUDO_ALL, line->all_commands);
	return s->host.c->sink->row(s->host.c->sink, &row, f);
}

/* The next line with its continuations joined in `held`. */
static struct span joined_line(struct span *text, struct buf *held, size_t *number)
{
	struct span line = span_until(text, '\n');

	++*number;
	if (!span_ends(line, "\\"))
		return line;
	buf_clear(held);
	for (;;) {
		bool more = span_ends(line, "\\") && text->size;

		buf_add(held, span_part(line, 0, line.size - more));
		if (!more)
			return buf_span(held);
		line = span_until(text, '\n');
		++*number;
	}
}

static int read_sudoers(struct sudo *s, struct span path, int depth, struct fail *f);

static int read_folder(struct sudo *s, struct span folder, int depth, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span rest, name;
	int result = host_list(&s->host, folder, &names, f);

	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		if (span_find(name, '.') < name.size || span_ends(name, "~"))
			result =
				host_note(&s->host, buf_span(&path), f, "sudo does not read a file of this name");
		else
			result = read_sudoers(s, buf_span(&path), depth, f);
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

/* Paths are relative to the including file; %h is the host's name, which the files cannot tell. */
static int follow(struct sudo *s, struct span from, const struct sudo_line *line, int depth,
                  struct fail *f)
{
	struct buf path = { 0 };
	int result;

	if (line->include.size && line->include.data[0] != '/')
		path_join(&path, path_parent(from), line->include);
	else
		buf_add(&path, line->include);
	if (depth >= DEPTH || s->files >= FILES)
		result = host_note(&s->host, buf_span(&path), f, "too many files include each other");
	else if (line->include_folder)
		result = read_folder(s, buf_span(&path), depth + 1, f);
	else
		result = read_sudoers(s, buf_span(&path), depth + 1, f);
	buf_done(&path);
	return result;
}

static int read_sudoers(struct sudo *s, struct span path, int depth, struct fail *f)
{
	struct buf text = { 0 }, held = { 0 };
	struct sudo_line line;
	struct span rest;
	int result = host_slurp(&s->host, path, &text, f);

	s->files++;
	rest = buf_span(&text);
	for (size_t number = 0; result >= 0 && rest.size;) {
		size_t first = number + 1;

		if (!sudoers_parse(joined_line(&rest, &held, &number), &line))
			continue;
		result = emit(s, path, first, &line, f);
		if (!result && line.include.size)
			result = follow(s, path, &line, depth, f);
	}
	buf_done(&text);
	buf_done(&held);
	return result < 0 ? -1 : 0;
}

static int read_doas(struct sudo *s, struct span path, struct fail *f)
{
	struct buf text = { 0 }, held = { 0 };
	struct sudo_line line;
	struct span rest;
	int result = host_slurp(&s->host, path, &text, f);

	rest = buf_span(&text);
	for (size_t number = 0; result >= 0 && rest.size;) {
		size_t first = number + 1;

		if (doas_parse(joined_line(&rest, &held, &number), &line))
			result = emit(s, path, first, &line, f);
	}
	buf_done(&text);
	buf_done(&held);
	return result < 0 ? -1 : 0;
}

static int read_doas_folder(struct sudo *s, struct fail *f)
{
	struct span folder = span_of("/etc/doas.d"), rest, name;
	struct buf names = { 0 }, path = { 0 };
	int result = host_list(&s->host, folder, &names, f);

	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		buf_clear(&path);
		path_join(&path, folder, name);
		if (span_ends(name, ".conf"))
			result = read_doas(s, buf_span(&path), f);
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

static int sudo_run(struct collection *c, struct fail *f)
{
	static const char *const sudoers[] = { "/etc/sudoers", "/usr/local/etc/sudoers" };
	static const char *const doas[] = { "/etc/doas.conf", "/usr/local/etc/doas.conf" };
	struct sudo s = { 0 };
	int result = host_open(&s.host, c, f);

	if (result)
		return result;
	for (int i = 0; i < 2 && !result; i++) {
		result = read_sudoers(&s, span_of(sudoers[i]), 0, f);
		if (!result)
			result = read_doas(&s, span_of(doas[i]), f);
	}
	if (!result)
		result = read_doas_folder(&s, f);
	host_done(&s.host);
	return result;
}

static const struct table *const tables[] = { &table_sudo_rule, NULL };

const struct module module_sudo = {
	.name = "sudo", .help = "who may act as another by sudo and doas",
	.stage = STAGE_SESSION, .least = PROFILE_QUICK, .tables = tables, .run = sudo_run,
};
