/* SPDX-License-Identifier: Apache-2.0 */
/* Files of sections and blocks: desktop entries, D-Bus services, apt's settings, logrotate. */
#include "collectors/linux/autorun/readers.h"

enum { APT_DEPTH = 16 };

/* The value of a key in a section, as in "[Desktop Entry]\nExec=…"; *line is its number. */
static struct span ini_value(struct span text, const char *section, const char *key, size_t *line)
{
	bool inside = false;

	for (size_t number = 1; text.size && number <= AUTORUN_LINES; number++) {
		struct span value = span_trim(span_until(&text, '\n')), name;

		if (value.size && value.data[0] == '[') {
			value = span_part(value, 1, value.size);
			inside = span_is(span_until(&value, ']'), section);
			continue;
		}
		name = span_trim(span_until(&value, '='));
		if (!inside || !span_is(name, key))
			continue;
		*line = number;
		return span_trim(value);
	}
	return (struct span){ 0 };
}

int read_desktop(struct autoruns *a, const struct found *file, struct fail *f)
{
	static const char section[] = "Desktop Entry";
	struct autostart s = autorun_of(file);
	size_t other;

	s.syntax = COMMAND_EXEC;
	s.command = ini_value(file->text, section, "Exec", &s.line);
	s.name = ini_value(file->text, section, "Name", &other);
	s.enabled =
		!span_is(ini_value(file->text, section, "Hidden", &other), "true") &&
		!span_is(ini_value(file->text, section, "X-GNOME-Autostart-enabled", &other), "false");
	return autorun_add(a, &s, f);
}

int read_dbus(struct autoruns *a, const struct found *file, struct fail *f)
{
	static const char section[] = "D-BUS Service";
	struct autostart s = autorun_of(file);
	struct buf trigger = { 0 };
	struct span unit, user;
	size_t other;
	int result;

	s.syntax = COMMAND_EXEC;
	s.command = ini_value(file->text, section, "Exec", &s.line);
	s.name = ini_value(file->text, section, "Name", &other);
	user = ini_value(file->text, section, "User", &other);
	if (user.size)
		s.user = user;
	unit = ini_value(file->text, section, "SystemdService", &other);
	buf_text(&trigger, file->place->trigger);
	if (unit.size) {
		buf_text(&trigger, ", by unit ");
		buf_add(&trigger, unit);
	}
	s.trigger = buf_span(&trigger);
	result = autorun_add(a, &s, f);
	buf_done(&trigger);
	return result;
}

/* ---- apt.conf(5) ---- */

/* Where the reader of apt's settings stands: names of the blocks around, as "DPkg::Post-Invoke". */
struct apt { struct span rest; size_t line; struct buf scope; size_t ends[APT_DEPTH]; int depth; };

static void apt_skip(struct apt *t)
{
	while (t->rest.size) {
		struct span rest = t->rest;
		size_t size = 0;

		if (strchr(" \t\r\n", rest.data[0] ? rest.data[0] : 'x'))
			size = 1;
		else if (span_starts(rest, "//") || rest.data[0] == '#')
			size = span_find(rest, '\n');
		else if (span_starts(rest, "/*"))
			for (size = 2; size < rest.size && !span_starts(span_part(rest, size - 2, 4), "*/");
				 size++)
				;
		if (!size)
			return;
		for (size_t i = 0; i < size && i < rest.size; i++)
			t->line += rest.data[i] == '\n';
		t->rest = span_part(rest, size, rest.size);
	}
}

static struct span apt_string(struct apt *t)
{
	size_t size = 1;
	struct span text;

	while (size < t->rest.size && t->rest.data[size] != '"') {
		t->line += t->rest.data[size] == '\n';
		size += t->rest.data[size] == '\\' && size + 1 < t->rest.size ? 2 : 1;
	}
	text = span_part(t->rest, 1, size - 1);
	t->rest = span_part(t->rest, size + 1, t->rest.size);
	return text;
}

static struct span apt_name(struct apt *t)
{
	size_t size = 0;
	struct span name;

	while (size < t->rest.size &&
		   !strchr(" \t\r\n{};\"", t->rest.data[size] ? t->rest.data[size] : ' '))
		size++;
	name = span_part(t->rest, 0, size ? size : 1);
	t->rest = span_part(t->rest, name.size, t->rest.size);
	return name;
}

/* Whether apt or dpkg runs the values of this setting. */
static bool apt_runs(struct span scope)
{
	static const char *const parts[] = { "-invoke", "pre-install-pkgs", "autodetect", "auto-detect",
	                                     "::options-", "planners", "solvers" };
	struct buf lower = { 0 };
	bool yes = false;

	for (size_t i = 0; i < scope.size; i++)
		buf_byte(&lower, scope.data[i] >= 'A' && scope.data[i] <= 'Z' ? scope.data[i] | 0x20
																	  : scope.data[i]);
	for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
		yes |= span_contains(buf_span(&lower), parts[i]);
	buf_done(&lower);
	return yes;
}

int read_apt(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct apt t = { .rest = file->text, .line = 1 };
	struct autostart s = autorun_of(file);
	int result = 0;

	for (apt_skip(&t); !result && t.rest.size; apt_skip(&t)) {
		uint8_t byte = t.rest.data[0];
		size_t base = t.depth ? t.ends[t.depth - 1] : 0;

		s.line = t.line;
		if (byte == '"') {
			s.command = apt_string(&t);
			s.name = buf_span(&t.scope);
			if (s.command.size && apt_runs(s.name))
				result = autorun_add(a, &s, f);
		} else if (byte == '{' || byte == '}' || byte == ';') {
			if (byte == '{' && t.depth < APT_DEPTH)
				t.ends[t.depth++] = t.scope.size;
			if (byte == '}' && t.depth)
				base = --t.depth ? t.ends[t.depth - 1] : 0;
			if (byte != '{')
				t.scope.size = base;
			t.rest = span_part(t.rest, 1, t.rest.size);
		} else {
			if (t.scope.size)
				buf_text(&t.scope, "::");
			buf_add(&t.scope, apt_name(&t));
		}
	}
	buf_done(&t.scope);
	return result;
}

/* ---- logrotate(8) ---- */

static bool opens_script(struct span line)
{
	static const char *const words[] = { "postrotate", "prerotate", "firstaction", "lastaction",
	                                     "preremove" };

	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		if (span_is(line, words[i]))
			return true;
	return false;
}

int read_logrotate(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text;
	const uint8_t *start = NULL;
	int result = 0;

	for (size_t number = 1; !result && rest.size && number <= AUTORUN_LINES; number++) {
		struct span line = span_trim(span_until(&rest, '\n'));

		if (!start && opens_script(line)) {
			s.name = line;
			s.line = number + 1;
			start = rest.data;
		} else if (start && span_is(line, "endscript")) {
			s.command = span_trim((struct span){ start, (size_t)(line.data - start) });
			start = NULL;
			if (s.command.size)
				result = autorun_add(a, &s, f);
		}
	}
	return result;
}
