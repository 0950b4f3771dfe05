/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "collectors/linux/autorun/systemd.h"
#include "lib/path.h"

/* A line of a unit that runs or loads something. */
struct exec_line { struct span key, value, path; size_t line; };

/* A unit as its file and its drop-ins make it. */
struct unit {
	const struct unit_file *file;
	struct exec_line *lines;
	size_t count, capacity;
	struct buf triggers;                 /* "OnCalendar=daily; …" */
	struct span starts;                  /* Unit= of a timer, Service= of a socket */
	struct span user;
	bool installable;
	struct pairs drop_ins;               /* file name → path */
	struct strings strings;
};

static const char *const trigger_keys[] = {
	"OnCalendar", "OnBootSec", "OnStartupSec", "OnActiveSec", "OnUnitActiveSec",
	"OnUnitInactiveSec", "OnClockChange", "OnTimezoneChange", "ListenStream", "ListenDatagram",
	"ListenSequentialPacket", "ListenFIFO", "ListenSpecial", "ListenNetlink", "ListenMessageQueue",
	"ListenUSBFunction", "PathExists", "PathExistsGlob", "PathChanged", "PathModified",
	"DirectoryNotEmpty",
};

const struct pair *scope_find(const struct pairs *p, struct span key)
{
	size_t at = pairs_find(p, key);

	return at < p->count ? &p->items[at] : NULL;
}

static int add_line(struct unit *u, const struct unit_setting *setting, struct span path,
					struct fail *f)
{
	if (u->count >= SYSTEMD_EXECS)
		return 0;
	if (u->count == u->capacity) {
		size_t more = u->capacity ? u->capacity * 2 : 8;
		struct exec_line *grown = realloc(u->lines, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		u->lines = grown;
		u->capacity = more;
	}
	u->lines[u->count++] = (struct exec_line){
		strings_keep(&u->strings, setting->key), strings_keep(&u->strings, setting->value), path,
		setting->line,
	};
	return 0;
}

/* An empty value takes back the lines before. */
static void drop_lines(struct unit *u, struct span key)
{
	size_t kept = 0;

	for (size_t i = 0; i < u->count; i++)
		if (!span_equal(u->lines[i].key, key))
			u->lines[kept++] = u->lines[i];
	u->count = kept;
}

static void add_trigger(struct unit *u, const struct unit_setting *setting)
{
	for (size_t i = 0; i < sizeof trigger_keys / sizeof *trigger_keys; i++) {
		if (!span_is(setting->key, trigger_keys[i]) || !setting->value.size)
			continue;
		if (u->triggers.size)
			buf_text(&u->triggers, "; ");
		buf_add(&u->triggers, setting->key);
		buf_byte(&u->triggers, '=');
		buf_add(&u->triggers, setting->value);
	}
}

static int apply(struct unit *u, const struct unit_setting *setting, struct span path,
				 struct fail *f)
{
	struct span key = setting->key;

	if (is_exec_key(key) || (span_is(key, "Environment") && span_contains(setting->value, "LD_"))) {
		if (setting->value.size)
			return add_line(u, setting, path, f);
		drop_lines(u, key);
	} else if (span_is(key, "User")) {
		u->user = strings_keep(&u->strings, setting->value);
	} else if ((span_is(key, "Unit") && !span_is(setting->section, "Unit")) ||
			   span_is(key, "Service")) {
		u->starts = strings_keep(&u->strings, setting->value);
	} else if (span_is(setting->section, "Install")) {
		u->installable |= setting->value.size > 0;
	} else {
		add_trigger(u, setting);
	}
	return 0;
}

static int read_file(struct scope *s, struct unit *u, struct span path, struct fail *f)
{
	struct unit_setting setting;
	struct unit_text text;
	struct buf bytes = { 0 };
	int result = host_slurp(&s->a->host, path, &bytes, f);

	unit_begin(&text, buf_span(&bytes));
	while (result >= 0 && text.line < AUTORUN_LINES && unit_next(&text, &setting))
		result = apply(u, &setting, path, f);
	unit_end(&text);
	buf_done(&bytes);
	return result < 0 ? -1 : 0;
}

/* ---- drop-ins ---- */

/* The *.conf of every folder NAME.d; the first that has a file name wins. */
static int list_drop_ins(struct scope *s, struct unit *u, struct span name, struct fail *f)
{
	struct buf names = { 0 }, path = { 0 };
	struct span rest, item;
	int result = 0;

	for (size_t i = pairs_find(&s->drop_ins, name); result >= 0 && i < s->drop_ins.count &&
	     span_equal(s->drop_ins.items[i].key, name); i++) {
		struct span folder = s->drop_ins.items[i].value;

		result = host_list(&s->a->host, folder, &names, f);
		rest = buf_span(&names);
		while (result >= 0 && list_next(&rest, &item) && u->drop_ins.count < SYSTEMD_DROP_INS) {
			if (!span_ends(item, ".conf"))
				continue;
			buf_clear(&path);
			path_join(&path, folder, item);
			result = pairs_add(&u->drop_ins, strings_keep(&u->strings, item),
			                   strings_keep(&u->strings, buf_span(&path)), f);
		}
	}
	buf_done(&names);
	buf_done(&path);
	return result < 0 ? -1 : 0;
}

/* Drop-ins of the name, its template, its prefixes ("a-b.service": a-.service), and its type. */
static int find_drop_ins(struct scope *s, struct unit *u, struct fail *f)
{
	struct span name = u->file->name, type = name;
	struct buf other = { 0 };
	int result = list_drop_ins(s, u, name, f);
	size_t dot = name.size;

	while (dot && name.data[dot - 1] != '.')
		dot--;
	type = span_part(name, dot ? dot - 1 : 0, name.size);
	if (!result && unit_template(name, &other))
		result = list_drop_ins(s, u, buf_span(&other), f);
	for (size_t i = dot; !result && i > 1; i--) {
		if (name.data[i - 1] != '-' || i == dot - 1)
			continue;
		buf_clear(&other);
		buf_add(&other, span_part(name, 0, i));
		buf_add(&other, type);
		result = list_drop_ins(s, u, buf_span(&other), f);
	}
	if (!result)
		result = list_drop_ins(s, u, span_part(type, 1, type.size), f);
	pairs_sort(&u->drop_ins);
	buf_done(&other);
	return result;
}

static bool is_first(const struct pairs *p, size_t i)
{
	return !i || !span_equal(p->items[i - 1].key, p->items[i].key);
}

static int read_drop_ins(struct scope *s, struct unit *u, struct fail *f)
{
	int result = find_drop_ins(s, u, f);

	for (size_t i = 0; !result && i < u->drop_ins.count; i++)
		if (is_first(&u->drop_ins, i))
			result = read_file(s, u, u->drop_ins.items[i].value, f);
	return result;
}

/* ---- rows ---- */

static const char *kind_of(struct span name)
{
	return span_ends(name, ".timer")    ? "systemd-timer"
		   : span_ends(name, ".socket") ? "systemd-socket"
		   : span_ends(name, ".path")   ? "systemd-path"
										: "systemd-service";
}

bool unit_is_wanted(const struct scope *s, struct span name)
{
	return scope_find(&s->wants, name) || scope_find(&s->started, name);
}

/* "; wanted by multi-user.target, started by x.timer" */
static void add_reasons(const struct scope *s, struct span name, struct buf *out)
{
	for (size_t i = pairs_find(&s->wants, name); i < s->wants.count &&
	     span_equal(s->wants.items[i].key, name) && out->size < 1024; i++) {
		struct span folder = path_base(path_parent(s->wants.items[i].value));

		buf_text(out, out->size ? ", wanted by " : "wanted by ");
		while (folder.size && folder.data[folder.size - 1] != '.')
			folder.size--;
		buf_add(out, span_part(folder, 0, folder.size - (folder.size > 0)));
	}
	for (size_t i = pairs_find(&s->started, name); i < s->started.count &&
	     span_equal(s->started.items[i].key, name) && out->size < 1024; i++) {
		buf_text(out, out->size ? ", by " : "by ");
		buf_add(out, s->started.items[i].value);
	}
}

static struct autostart base_of(const struct scope *s, const struct unit *u)
{
	bool wanted = unit_is_wanted(s, u->file->name);

	return (struct autostart){
		.kind = kind_of(u->file->name), .name = u->file->name, .path = u->file->path,
		.user = s->user.size ? s->user : u->user.size ? u->user : span_of("root"),
		.overrides = u->file->overrides, .syntax = COMMAND_EXEC, .home = s->home,
		.enabled = wanted ? 1 : u->installable ? 0 : AUTORUN_ENABLED_UNKNOWN,
	};
}

/* The first path in Environment="LD_PRELOAD=/x /y". */
static struct span loaded_path(struct span value)
{
	size_t size = 0;

	while (value.size && !span_starts(value, "LD_"))
		value = span_part(value, 1, value.size);
	while (value.size && value.data[0] != '/')
		value = span_part(value, 1, value.size);
	while (size < value.size && !strchr(" \t:\"'", value.data[size] ? value.data[size] : ' '))
		size++;
	return span_part(value, 0, size);
}

static int line_row(struct scope *s, struct unit *u, const struct exec_line *line, struct fail *f)
{
	struct autostart row = base_of(s, u), sought;
	struct buf trigger = { 0 }, reasons = { 0 }, program = { 0 }, expanded = { 0 }, path = { 0 };
	int result = 0;

	buf_add(&trigger, line->key);
	add_reasons(s, u->file->name, &reasons);
	if (reasons.size)
		buf_text(&trigger, "; ");
	buf_add(&trigger, buf_span(&reasons));
	exec_program(&program, line->value);
	unit_expand(&expanded, buf_span(&program), u->file->name, s->home, row.user);
	row.trigger = buf_span(&trigger);
	row.command = line->value;
	row.line = line->line;
	if (!span_equal(line->path, u->file->path)) {
		row.path = line->path;
		row.overrides = u->file->path;
	}
	sought = row;
	sought.command = buf_span(&expanded);
	if (span_is(line->key, "Environment"))
		buf_add(&path, loaded_path(line->value));
	else
		result = autorun_target(s->a, &sought, &path, f);
	row.target = buf_span(&path);
	row.no_target = true;
	if (!result)
		result = autorun_add(s->a, &row, f);
	buf_done(&trigger);
	buf_done(&reasons);
	buf_done(&program);
	buf_done(&expanded);
	buf_done(&path);
	return result;
}

/* The name of what a timer, socket or path starts: its own with .service, if it names none. */
static struct span started_name(struct scope *s, const struct unit *u)
{
	struct span name = u->file->name;
	struct buf other = { 0 };
	struct span kept;
	size_t dot = name.size;

	if (u->starts.size)
		return strings_keep(&s->strings, u->starts);
	while (dot && name.data[dot - 1] != '.')
		dot--;
	buf_add(&other, span_part(name, 0, dot));
	buf_text(&other, "service");
	kept = strings_keep(&s->strings, buf_span(&other));
	buf_done(&other);
	return kept;
}

/* A timer, socket or path: its own row, and what it starts counts as started if it is wanted. */
static int activator_row(struct scope *s, struct unit *u, struct fail *f)
{
	struct autostart row = base_of(s, u);
	struct buf trigger = { 0 }, reasons = { 0 };
	struct span starts = started_name(s, u);
	const struct pair *unit = scope_find(&s->units, starts);
	int result = 0;

	add_reasons(s, u->file->name, &reasons);
	buf_add(&trigger, buf_span(&u->triggers));
	if (trigger.size && reasons.size)
		buf_text(&trigger, "; ");
	buf_add(&trigger, buf_span(&reasons));
	row.trigger = buf_span(&trigger);
	row.command = starts;
	row.no_target = true;
	if (unit)
		row.target = unit->value;
	result = autorun_add(s->a, &row, f);
	if (!result && row.enabled == 1)
		result = pairs_add(&s->started, starts, u->file->name, f);
	buf_done(&trigger);
	buf_done(&reasons);
	return result;
}

static int drop_in_rows(struct scope *s, struct unit *u, struct fail *f)
{
	int result = 0;

	for (size_t i = 0; !result && i < u->drop_ins.count; i++) {
		struct autostart row = base_of(s, u);

		if (!is_first(&u->drop_ins, i))
			continue;
		row.kind = "systemd-drop-in";
		row.path = u->drop_ins.items[i].value;
		row.overrides = u->file->path;
		row.no_target = true;
		result = autorun_add(s->a, &row, f);
	}
	return result;
}

static int all_rows(struct scope *s, struct unit *u, struct fail *f)
{
	struct span name = u->file->name;
	int result = drop_in_rows(s, u, f);

	if (!result && !span_ends(name, ".service"))
		result = activator_row(s, u, f);
	for (size_t i = 0; !result && i < u->count; i++)
		result = line_row(s, u, &u->lines[i], f);
	if (!result && span_ends(name, ".service") && !u->count) {
		struct autostart row = base_of(s, u);
		struct buf reasons = { 0 };

		add_reasons(s, name, &reasons);
		row.trigger = buf_span(&reasons);
		row.no_target = true;
		result = autorun_add(s->a, &row, f);
		buf_done(&reasons);
	}
	if (!result && u->count >= SYSTEMD_EXECS)
		result =
			host_note(&s->a->host, u->file->path, f,
					  "more than %d lines that run something; the rest is left out", SYSTEMD_EXECS);
	return result;
}

int unit_rows(struct scope *s, const struct unit_file *file, struct fail *f)
{
	struct unit u = { .file = file };
	int result = read_file(s, &u, file->path, f);

	if (!result)
		result = read_drop_ins(s, &u, f);
	if (!result && (u.strings.bad || s->strings.bad))
		result = fail_set(f, "out of memory");
	if (!result)
		result = all_rows(s, &u, f);
	free(u.lines);
	buf_done(&u.triggers);
	pairs_done(&u.drop_ins);
	strings_done(&u.strings);
	return result;
}
