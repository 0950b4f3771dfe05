/* SPDX-License-Identifier: Apache-2.0 */
/* Files whose lines, words or settings each name something that is run or loaded. */
#include "collectors/linux/autorun/readers.h"
#include "lib/path.h"

/* The next line without blanks around it; comments and empty lines are passed over. */
static bool next_line(struct span *rest, size_t *number, struct span *line)
{
	while (rest->size && *number < AUTORUN_LINES) {
		*line = span_trim(span_until(rest, '\n'));
		++*number;
		if (line->size && line->data[0] != '#' && line->data[0] != ';')
			return true;
	}
	return false;
}

int read_names(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		line = span_part(line, 0, span_find(line, '#'));
		while (!result && line.size) {
			struct span part = span_word(&line);

			while (!result && part.size) {
				s.command = s.target = span_until(&part, ':');
				s.name = path_base(s.command);
				s.line = number;
				s.no_target = s.target.size && s.target.data[0] != '/';
				if (s.no_target)
					s.target = (struct span){ 0 };
				if (s.command.size)
					result = autorun_add(a, &s, f);
			}
		}
	}
	return result;
}

/* ---- kernel modules ---- */

/* Whether the file is that module's: '-' and '_' are the same, .ko and a packing follow. */
static bool is_module(struct span file, struct span name)
{
	size_t i = 0;

	for (; i < name.size && i < file.size; i++) {
		uint8_t x = file.data[i] == '-' ? '_' : file.data[i],
				y = name.data[i] == '-' ? '_' : name.data[i];

		if (x != y)
			return false;
	}
	file = span_part(file, i, file.size);
	return i == name.size && (span_is(file, ".ko") || span_is(file, ".ko.xz") ||
	                          span_is(file, ".ko.zst") || span_is(file, ".ko.gz"));
}

/* Looks the module up in modules.dep of one kernel, then in the places for additions. */
static int find_module(struct autoruns *a, struct span folder, struct span name, struct buf *path,
                       struct fail *f)
{
	static const char *const additions[] = { "extra", "updates", "updates/dkms", "weak-updates",
											 "." };
	struct buf text = { 0 }, list = { 0 };
	struct span rest, item;
	int got;

	path_join(&list, folder, span_of("modules.dep"));
	got = host_slurp(&a->host, buf_span(&list), &text, f);
	rest = buf_span(&text);
	while (got > 0 && !path->size && rest.size) {
		struct span line = span_until(&rest, '\n'), file = span_until(&line, ':');

		if (is_module(path_base(file), name))
			path_join(path, file.data[0] == '/' ? (struct span){ 0 } : folder, file);
	}
	for (size_t i = 0; got >= 0 && !path->size && i < sizeof additions / sizeof *additions; i++) {
		buf_clear(&text);
		path_join(&text, folder, span_of(additions[i]));
		got = host_list(&a->host, buf_span(&text), &list, f);
		rest = buf_span(&list);
		while (got > 0 && !path->size && list_next(&rest, &item))
			if (is_module(item, name))
				path_join(path, buf_span(&text), item);
	}
	buf_done(&text);
	buf_done(&list);
	return got < 0 ? -1 : 0;
}

/* The module's file in the newest kernel that has it. */
static int module_file(struct autoruns *a, struct span name, struct buf *path, struct fail *f)
{
	struct span rest = { 0 }, folder;
	struct buf full = { 0 };
	int result = 0;

	if (a->modules_sought++ >= AUTORUN_MODULES)
		return 0;
	if (!a->modules.size && host_list(&a->host, span_of("/lib/modules"), &a->modules, f) < 0)
		return -1;
	rest = buf_span(&a->modules);
	while (!result && list_next(&rest, &folder)) {
		struct buf one = { 0 };

		buf_clear(&full);
		path_join(&full, span_of("/lib/modules"), folder);
		result = find_module(a, buf_span(&full), name, &one, f);
		if (one.size) {
			buf_clear(path);
			path_clean(path, buf_span(&one));
		}
		buf_done(&one);
	}
	buf_done(&full);
	return result;
}

int read_modules(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	struct buf path = { 0 };
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		s.command = line;
		s.name = span_word(&line);
		s.line = number;
		buf_clear(&path);
		result = module_file(a, s.name, &path, f);
		s.target = buf_span(&path);
		s.no_target = true;
		if (!result)
			result = autorun_add(a, &s, f);
	}
	buf_done(&path);
	return result;
}

int read_modprobe(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		struct span word = span_word(&line);

		if (!span_is(word, "install") && !span_is(word, "remove"))
			continue;
		s.name = span_word(&line);
		s.command = span_trim(line);
		s.trigger = span_is(word, "install") ? span_of("when the module is asked for") :
		            span_of("when the module is removed");
		s.line = number;
		if (s.command.size)
			result = autorun_add(a, &s, f);
	}
	return result;
}

/* ---- variables and directories ---- */

static const char *const loading_variables[] = {
	"LD_PRELOAD",     "LD_LIBRARY_PATH",   "LD_AUDIT",    "BASH_ENV",       "ENV",
	"PROMPT_COMMAND", "PYTHONSTARTUP",     "PYTHONPATH",  "PYTHONHOME",     "PERL5OPT",
	"PERL5LIB",       "RUBYOPT",           "RUBYLIB",     "NODE_OPTIONS",   "JAVA_TOOL_OPTIONS",
	"GCONV_PATH",     "GIO_EXTRA_MODULES", "GTK_MODULES", "QT_PLUGIN_PATH", "SUDO_ASKPASS",
	"SSH_ASKPASS",    "LESSOPEN",
};

int read_environment(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		struct span name = line, value;
		size_t end = 0;

		if (span_starts(name, "export "))
			name = span_trim(span_part(name, 7, name.size));
		while (end < name.size && !strchr("= \t", name.data[end] ? name.data[end] : ' '))
			end++;
		value = span_part(name, end + 1, name.size);
		name = span_part(name, 0, end);
		for (size_t i = 0; !result && i < sizeof loading_variables / sizeof *loading_variables;
			 i++) {
			if (!span_is(name, loading_variables[i]))
				continue;
			s.name = name;
			s.command = line;
			s.line = number;
			while (value.size && value.data[0] != '/')
				value = span_part(value, 1, value.size);
			end = 0;
			while (end < value.size &&
				   !strchr(" \t:\"';,", value.data[end] ? value.data[end] : ' '))
				end++;
			s.target = span_part(value, 0, end);
			s.no_target = true;
			result = autorun_add(a, &s, f);
		}
	}
	return result;
}

int read_folders(struct autoruns *a, const struct found *file, struct fail *f)
{
	static const char *const usual[] = { "/lib", "/usr/lib", "/usr/local/lib", "/lib32", "/lib64",
	                                     "/usr/lib32", "/usr/lib64", "/usr/libx32", "/libx32" };
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		bool odd = line.data[0] == '/';

		for (size_t i = 0; i < sizeof usual / sizeof *usual; i++)
			odd &= !path_below(line, span_of(usual[i]));
		if (!odd)
			continue;
		s.command = s.target = line;
		s.line = number;
		result = autorun_add(a, &s, f);
	}
	return result;
}

/* ":name:type:offset:magic:mask:interpreter:flags", with any character in the place of ':'. */
int read_binfmt(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		uint8_t mark = line.data[0];
		struct span fields = span_part(line, 1, line.size);

		s.command = line;
		s.name = span_until(&fields, mark);
		for (int i = 0; i < 4; i++)
			span_until(&fields, mark);
		s.target = span_until(&fields, mark);
		s.no_target = true;
		s.line = number;
		result = autorun_add(a, &s, f);
	}
	return result;
}

/* "id:run levels:action:process" */
int read_inittab(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		struct span levels = line;

		s.name = span_until(&line, ':');
		levels = line;
		span_until(&line, ':');
		s.enabled = !span_is(span_until(&line, ':'), "off");
		s.trigger = span_part(levels, 0, levels.size - line.size);
		s.command = span_trim(line);
		s.line = number;
		if (s.command.size)
			result = autorun_add(a, &s, f);
	}
	return result;
}

/* "service type protocol wait user program arguments" */
int read_inetd(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		s.name = span_word(&line);
		for (int i = 0; i < 3; i++)
			span_word(&line);
		s.user = span_word(&line);
		s.command = span_trim(line);
		s.line = number;
		s.enabled = !span_is(s.command, "internal");
		if (s.command.size)
			result = autorun_add(a, &s, f);
	}
	return result;
}

/* ---- settings ---- */

static bool is_listed(struct span name, const char *words)
{
	struct span rest = span_of(words), word;

	while ((word = span_word(&rest)).size) {
		size_t i = 0;

		while (i < word.size && i < name.size && (word.data[i] | 0x20) == (name.data[i] | 0x20))
			i++;
		if (i == word.size && i == name.size)
			return true;
	}
	return false;
}

/* "name = value", "name value", "name: value"; quotes around the whole value are dropped. */
int read_settings(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		size_t end = 0;

		while (end < line.size && !strchr(" \t=:", line.data[end] ? line.data[end] : ' '))
			end++;
		if (!is_listed(span_part(line, 0, end), file->place->words))
			continue;
		s.name = span_part(line, 0, end);
		s.command = span_trim(span_part(line, end, line.size));
		while (s.command.size && strchr("=:+", s.command.data[0]) && s.command.data[0])
			s.command = span_trim(span_part(s.command, 1, s.command.size));
		if (s.command.size > 1 && s.command.data[0] == '"' &&
		    span_find(span_part(s.command, 1, s.command.size), '"') == s.command.size - 2)
			s.command = span_part(s.command, 1, s.command.size - 2);
		/* A name may stand before the command, as in "Subsystem sftp /path". */
		if (s.command.size && s.command.data[0] != '/' &&
			span_find(s.command, '/') < s.command.size) {
			struct span ahead = s.command;

			span_word(&ahead);
			ahead = span_trim(ahead);
			s.command = ahead.size && ahead.data[0] == '/' ? ahead : s.command;
		}
		s.line = number;
		if (s.command.size && !span_is(s.command, "none"))
			result = autorun_add(a, &s, f);
	}
	return result;
}

/* Mail that goes into a command: "name: |command", "\"|command\"", procmail's "| command". */
int read_pipes(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		size_t pipe = span_find(line, '|');

		s.name = span_trim(span_part(line, 0, span_find(line, ':')));
		s.command = span_trim(span_part(line, pipe + 1, line.size));
		if (pipe && s.command.size && s.command.data[s.command.size - 1] == '"')
			s.command.size--;
		s.line = number;
		if (pipe < line.size && s.command.size && (!pipe || strchr("\": \t,", line.data[pipe - 1])))
			result = autorun_add(a, &s, f);
	}
	return result;
}

int read_python_path(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		if (!span_starts(line, "import ") && !span_starts(line, "import\t"))
			continue;
		s.command = line;
		s.line = number;
		s.target = file->path;
		result = autorun_add(a, &s, f);
	}
	return result;
}

int read_telling(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text, line;
	char word[64];
	int result = 0;

	for (size_t number = 0; !result && next_line(&rest, &number, &line);) {
		struct span words = span_of(file->place->words), one;
		bool hit = false;

		while ((one = span_word(&words)).size && one.size < sizeof word) {
			memcpy(word, one.data, one.size);
			word[one.size] = 0;
			hit |= span_contains(line, word);
		}
		if (!hit)
			continue;
		s.command = line;
		s.line = number;
		s.target = file->path;
		result = autorun_add(a, &s, f);
	}
	return result;
}
