/* SPDX-License-Identifier: Apache-2.0 */
/* udev(7) rules and pam.d(5). */
#include "collectors/linux/autorun/readers.h"
#include "lib/path.h"

/* ---- udev ---- */

/* "KEY{attribute}op"value"" one by one; false at the end or at what is no such pair. */
struct udev_pair { struct span key, value; bool matches; };

static bool udev_next(struct span *rest, struct udev_pair *out)
{
	size_t size = 0;

	while (rest->size && strchr(", \t\\\r\n", rest->data[0] ? rest->data[0] : 'x'))
		*rest = span_part(*rest, 1, rest->size);
	while (size < rest->size && !strchr("=!+-:\"", rest->data[size] ? rest->data[size] : '"'))
		size++;
	out->key = span_trim(span_part(*rest, 0, size));
	*rest = span_part(*rest, size, rest->size);
	out->matches = span_starts(*rest, "==") || span_starts(*rest, "!=");
	while (rest->size && rest->data[0] != '"')
		*rest = span_part(*rest, 1, rest->size);
	if (!rest->size || !out->key.size)
		return false;
	for (size = 1; size < rest->size && rest->data[size] != '"'; size++)
		size += rest->data[size] == '\\';
	out->value = span_part(*rest, 1, size - 1);
	*rest = span_part(*rest, size + 1, rest->size);
	return true;
}

static bool udev_runs(struct span key)
{
	return span_is(key, "RUN") || span_is(key, "RUN{program}") ||
		   span_is(key, "RUN{fail_event_on_error}") || span_is(key, "PROGRAM") ||
		   span_is(key, "IMPORT{program}");
}

/* Names without a '/' lie in /usr/lib/udev. */
static int add_udev(struct autoruns *a, struct autostart *s, const struct udev_pair *pair,
					struct span when, struct fail *f)
{
	struct buf path = { 0 };
	struct span rest = pair->value, word = span_word(&rest);
	int result;

	if (word.size && span_find(word, '/') == word.size) {
		path_join(&path, span_of("/usr/lib/udev"), word);
		s->target = buf_span(&path);
	} else {
		s->target = (struct span){ 0 };
	}
	s->name = pair->key;
	s->command = pair->value;
	s->trigger = span_trim(when);
	result = autorun_add(a, s, f);
	buf_done(&path);
	return result;
}

int read_udev(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text;
	int result = 0;

	s.syntax = COMMAND_EXEC;
	for (size_t number = 1, next; !result && rest.size && number <= AUTORUN_LINES; number = next) {
		struct span whole = rest, line = span_until(&rest, '\n'), pairs, start;
		struct udev_pair pair;

		for (next = number + 1; span_ends(span_trim(line), "\\") && rest.size; next++)
			line = span_until(&rest, '\n');
		whole = span_trim(span_part(whole, 0, whole.size - rest.size));
		if (!whole.size || whole.data[0] == '#')
			continue;
		s.line = number;
		pairs = start = whole;
		while (!result && udev_next(&pairs, &pair)) {
			struct span when = span_part(start, 0, (size_t)(pair.key.data - start.data));

			while (when.size && strchr(", \t", when.data[when.size - 1]))
				when.size--;
			if (udev_runs(pair.key) && pair.value.size)
				result = add_udev(a, &s, &pair, when, f);
		}
	}
	return result;
}

/* ---- PAM ---- */

/* Directories that libpam takes modules from, those of this host's architectures among them. */
static int find_pam_folders(struct autoruns *a, struct fail *f)
{
	static const char *const parents[] = { "/lib", "/usr/lib", "/lib64", "/usr/lib64" };
	struct buf names = { 0 };
	int result = 0;

	for (size_t i = 0; i < sizeof parents / sizeof *parents && result >= 0; i++) {
		struct span rest, name;

		buf_printf(&a->pam_folders, "%s/security", parents[i]);
		buf_byte(&a->pam_folders, 0);
		result = host_list(&a->host, span_of(parents[i]), &names, f);
		rest = buf_span(&names);
		while (result > 0 && list_next(&rest, &name)) {
			if (!span_contains(name, "-linux-"))
				continue;
			buf_printf(&a->pam_folders, "%s/", parents[i]);
			buf_add(&a->pam_folders, name);
			buf_text(&a->pam_folders, "/security");
			buf_byte(&a->pam_folders, 0);
		}
	}
	buf_done(&names);
	return result < 0 ? -1 : 0;
}

static int pam_module(struct autoruns *a, struct span module, struct buf *path, struct fail *f)
{
	struct span rest, folder;
	struct file_facts facts;

	buf_clear(path);
	if (module.size && module.data[0] == '/') {
		buf_add(path, module);
		return 0;
	}
	if (!a->pam_folders.size && find_pam_folders(a, f))
		return -1;
	rest = buf_span(&a->pam_folders);
	while (list_next(&rest, &folder)) {
		int got;

		buf_clear(path);
		path_join(path, folder, module);
		got = host_stat(&a->host, buf_span(path), true, &facts, NULL, f);
		if (got)
			return got < 0 ? -1 : 0;
	}
	buf_clear(path);
	return 0;
}

static bool is_pam_type(struct span word)
{
	if (word.size && word.data[0] == '-')
		word = span_part(word, 1, word.size);
	return span_is(word, "auth") || span_is(word, "account") || span_is(word, "password") ||
	       span_is(word, "session");
}

/* The command of pam_exec.so: behind its options. */
static struct span exec_command(struct span arguments)
{
	static const char *const options[] = { "debug", "expose_authtok", "seteuid",
										   "quiet", "quiet_log",      "stdout" };

	for (;;) {
		struct span rest = span_trim(arguments), word = span_word(&rest);
		bool option = span_starts(word, "log=") || span_starts(word, "type=");

		for (size_t i = 0; i < sizeof options / sizeof *options; i++)
			option |= span_is(word, options[i]);
		if (!option)
			return span_trim(arguments);
		arguments = rest;
	}
}

static int add_pam(struct autoruns *a, struct autostart *s, struct fail *f)
{
	struct span arguments = s->command, module = span_word(&arguments);
	struct buf path = { 0 };
	int result;

	result = pam_module(a, module, &path, f);
	s->target = buf_span(&path);
	s->no_target = true;
	if (!result)
		result = autorun_add(a, s, f);
	s->target = (struct span){ 0 };
	s->no_target = false;
	if (!result && span_is(path_base(module), "pam_exec.so")) {
		s->command = exec_command(arguments);
		if (s->command.size)
			result = autorun_add(a, s, f);
	}
	buf_done(&path);
	return result;
}

int read_pam(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text;
	int result = 0;

	s.syntax = COMMAND_EXEC;
	for (size_t number = 1; !result && rest.size && number <= AUTORUN_LINES; number++) {
		struct span line = span_trim(span_until(&rest, '\n')), start = line,
					word = span_word(&line);

		/* /etc/pam.conf has the service before the type. */
		if (!is_pam_type(word) && span_is(file->name, "pam.conf")) {
			start = span_trim(line);
			word = span_word(&line);
		}
		if (!is_pam_type(word))
			continue;
		line = span_trim(line);
		if (line.size && line.data[0] == '[')
			span_until(&line, ']');
		else if ((word = span_word(&line)).size &&
				 (span_is(word, "include") || span_is(word, "substack")))
			continue;
		s.line = number;
		s.command = span_trim(line);
		s.trigger = span_trim(span_part(start, 0, start.size - line.size));
		if (s.command.size)
			result = add_pam(a, &s, f);
	}
	return result;
}
