/* SPDX-License-Identifier: Apache-2.0 */
/* Files that run as they are: scripts of a directory, start files of shells, init scripts. */
#include "collectors/linux/autorun/readers.h"
#include "lib/path.h"

enum { EXECUTE = 0111, SCRIPT_BYTES = 1 << 20 };

/* Words that make a line of a start file worth a row even if it names no file by its path. */
static const char *const telling[] = {
	"LD_PRELOAD",     "LD_LIBRARY_PATH", "LD_AUDIT",      "PROMPT_COMMAND",
	"BASH_ENV",       "alias sudo",      "alias su=",     "alias ssh",
	"alias ls=/",     "trap ",           "curl ",         "wget ",
	"/dev/tcp/",      "nohup ",          "base64 ",       "HISTFILE=",
	"unset HISTFILE", "HISTSIZE=0",      "history -c",    "python -c",
	"python3 -c",     "perl -e",         "| sh",          "| bash",
	"PYTHONSTARTUP",  "sudo()",
};

static bool is_telling(struct span line)
{
	for (size_t i = 0; i < sizeof telling / sizeof *telling; i++)
		if (span_contains(line, telling[i]))
			return true;
	return false;
}

/* Where nothing of the system's own lies: a name there tells something even if it is gone. */
static bool is_shady(struct span path)
{
	return span_starts(path, "/tmp/") || span_starts(path, "/var/tmp/") ||
		   span_starts(path, "/dev/") || span_starts(path, "/run/") ||
		   span_starts(path, "/home/") || span_starts(path, "/root/") || span_contains(path, "/.");
}

/* Whether the line runs or reads a file by its path that no package owns. */
static bool names_stranger(struct autoruns *a, const struct autostart *s, struct fail *f,
						   int *result)
{
	struct autostart sought = *s;
	const struct target *target;
	struct buf path = { 0 };
	bool yes = false;

	*result = 0;
	if (span_find(s->command, '/') == s->command.size)
		return false;
	sought.paths_only = true;
	*result = autorun_target(a, &sought, &path, f);
	if (!*result && path.size) {
		*result = targets_find(a, buf_span(&path), &target, f);
		yes = !*result && !target->package &&
		      (target->is_file || (!target->exists && is_shady(target->path)));
	}
	buf_done(&path);
	return yes;
}

static bool is_executable(const struct found *file)
{
	return file->facts->kind == 'f' && file->facts->mode & EXECUTE;
}

/* A row for each line of a shell's text that is telling. */
static int add_lines(struct autoruns *a, const struct autostart *file, struct span text,
					 struct fail *f)
{
	struct autostart s = *file;
	int result = 0;

	s.target = (struct span){ 0 };
	for (size_t number = 1; !result && text.size && number <= AUTORUN_LINES; number++) {
		s.command = span_trim(span_until(&text, '\n'));
		s.line = number;
		if (!s.command.size || s.command.data[0] == '#')
			continue;
		if (names_stranger(a, &s, f, &result) || (!result && is_telling(s.command)))
			result = autorun_add(a, &s, f);
	}
	return result;
}

/* The row of a script, and rows of its telling lines. */
static int add_script(struct autoruns *a, const struct found *file, struct autostart *s,
					  struct fail *f)
{
	struct buf text = { 0 };
	int result;

	s->command = s->target = file->path;
	result = autorun_add(a, s, f);
	if (!result && file->facts->kind == 'f' && file->facts->size <= SCRIPT_BYTES)
		result = host_slurp(&a->host, file->path, &text, f);
	if (result > 0)
		result = span_starts(buf_span(&text), "#!") ? add_lines(a, s, buf_span(&text), f) : 0;
	buf_done(&text);
	return result;
}

int read_script(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);

	s.enabled = is_executable(file);
	return add_script(a, file, &s, f);
}

int read_run_parts(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);

	s.enabled = is_executable(file) && run_parts_takes(file->name);
	return add_script(a, file, &s, f);
}

int read_library(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);

	s.target = file->path;
	return autorun_add(a, &s, f);
}

int read_sourced(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);

	s.target = file->path;
	return autorun_add(a, &s, f) ? -1 : add_lines(a, &s, file->text, f);
}

/* "2 3 5": the run levels whose rcN.d starts the script. */
static int add_levels(struct autoruns *a, struct span script, struct buf *levels, struct fail *f)
{
	static const char names[] = "S12345";
	struct buf list = { 0 }, folder = { 0 };
	int result = 0;

	for (size_t i = 0; i < sizeof names - 1 && result >= 0; i++) {
		struct span rest, name;

		buf_clear(&folder);
		buf_printf(&folder, "/etc/rc%c.d", names[i]);
		result = host_list(&a->host, buf_span(&folder), &list, f);
		rest = buf_span(&list);
		while (result > 0 && list_next(&rest, &name)) {
			if (!span_starts(name, "S") || !span_equal(span_part(name, 3, name.size), script))
				continue;
			if (levels->size)
				buf_byte(levels, ' ');
			buf_byte(levels, (uint8_t)names[i]);
		}
	}
	buf_done(&list);
	buf_done(&folder);
	return result < 0 ? -1 : 0;
}

int read_init(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct buf levels = { 0 }, trigger = { 0 };
	int result = add_levels(a, file->name, &levels, f);

	buf_text(&trigger, levels.size ? "run levels " : "no run level");
	buf_add(&trigger, buf_span(&levels));
	s.trigger = buf_span(&trigger);
	s.enabled = levels.size && is_executable(file);
	if (!result)
		result = add_script(a, file, &s, f);
	buf_done(&levels);
	buf_done(&trigger);
	return result;
}

/* A usual link is told on the row of its script. */
int read_rc_link(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct span folder = path_base(path_parent(file->link));
	bool usual = file->link.size && span_is(folder, "init.d") &&
	             span_equal(path_base(file->link), span_part(file->name, 3, file->name.size));

	return usual ? 0 : read_script(a, file, f);
}
