/* SPDX-License-Identifier: Apache-2.0 */
/* crontab(5) of Vixie cron, cronie and busybox; anacrontab(5); the spool of at(1). */
#include <inttypes.h>

#include "collectors/linux/autorun/readers.h"
#include "lib/instant.h"

enum { FIELDS = 5 };

static bool is_field(struct span word)
{
	for (size_t i = 0; i < word.size; i++) {
		uint8_t byte = word.data[i];

		if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'z') &&
		    !(byte >= 'A' && byte <= 'Z') && !strchr("*/,-~?#", byte))
			return false;
	}
	return word.size > 0;
}

/* NAME = value, quotes optional on both sides. */
static bool take_variable(struct span line, struct cron_line *out)
{
	size_t equals = span_find(line, '=');
	struct span name = span_trim(span_part(line, 0, equals)), value;

	if (equals == line.size || !name.size || name.data[0] == '@' || name.data[0] == '*')
		return false;
	if (name.size > 1 && (name.data[0] == '"' || name.data[0] == '\''))
		name = span_part(name, 1, name.size - 2);
	if (!name.size)
		return false;
	for (size_t i = 0; i < name.size; i++)
		if (name.data[i] == ' ' || name.data[i] == '\t' || name.data[i] == '/')
			return false;
	value = span_trim(span_part(line, equals + 1, line.size));
	if (value.size > 1 && (value.data[0] == '"' || value.data[0] == '\'') &&
	    value.data[value.size - 1] == value.data[0])
		value = span_part(value, 1, value.size - 2);
	out->variable = name;
	out->value = value;
	return true;
}

int cron_parse(struct span line, bool with_user, struct cron_line *out)
{
	struct span rest = span_trim(line), word;
	const uint8_t *start;

	*out = (struct cron_line){ 0 };
	if (!rest.size || rest.data[0] == '#')
		return 0;
	if (take_variable(rest, out))
		return 1;
	/* cronie: a minus before the minute keeps the job out of the log. */
	if (rest.data[0] == '-')
		rest = span_part(rest, 1, rest.size);
	start = rest.data;
	word = span_word(&rest);
	for (int i = 1; i < FIELDS && word.size && word.data[0] != '@'; i++) {
		if (!is_field(word))
			return -1;
		word = span_word(&rest);
	}
	if (!word.size || (word.data[0] != '@' && !is_field(word)))
		return -1;
	out->schedule = (struct span){ start, (size_t)(word.data + word.size - start) };
	if (with_user)
		out->user = span_word(&rest);
	out->command = span_trim(rest);
	return out->command.size ? 1 : -1;
}

struct span cron_program(struct span command)
{
	for (size_t i = 0; i < command.size; i++)
		if (command.data[i] == '%' && !(i && command.data[i - 1] == '\\'))
			return span_part(command, 0, i);
	return command;
}

bool run_parts_takes(struct span name)
{
	for (size_t i = 0; i < name.size; i++) {
		uint8_t byte = name.data[i];

		if (!(byte >= '0' && byte <= '9') && !(byte >= 'a' && byte <= 'z') &&
		    !(byte >= 'A' && byte <= 'Z') && byte != '_' && byte != '-')
			return false;
	}
	return name.size > 0;
}

/* Variables that make other code run than the lines say. */
static bool is_telling(struct span name)
{
	return span_starts(name, "LD_") || span_is(name, "SHELL") || span_is(name, "BASH_ENV") ||
	       span_is(name, "ENV");
}

static int add_variable(struct autoruns *a, struct autostart *s, const struct cron_line *line,
                        struct fail *f)
{
	struct autostart one = *s;

	if (span_is(line->variable, "PATH"))
		s->search = line->value;
	if (!is_telling(line->variable) || span_is(line->value, "/bin/sh") ||
		span_is(line->value, "/bin/bash"))
		return 0;
	one.name = line->variable;
	one.command = line->value;
	one.trigger = span_of("variable of every job in this file");
	return autorun_add(a, &one, f);
}

static int read_table(struct autoruns *a, const struct found *file, bool with_user,
					  struct span user, bool enabled, struct fail *f)
{
	struct autostart base = autorun_of(file);
	struct span rest = file->text;
	int result = 0;

	for (size_t number = 1; !result && rest.size && number <= AUTORUN_LINES; number++) {
		struct cron_line line;
		int kind = cron_parse(span_until(&rest, '\n'), with_user, &line);
		struct autostart s;

		base.line = number;
		base.enabled = enabled;
		base.user = user;
		if (kind < 0)
			result = host_note(&a->host, file->path, f, "line %zu is not a cron line", number);
		if (kind <= 0)
			continue;
		s = base;
		s.trigger = line.schedule;
		s.command = line.command;
		if (with_user)
			s.user = line.user;
		if (line.variable.size) {
			result = add_variable(a, &base, &line, f);
			continue;
		}
		/* The target is sought in what the shell gets, the row keeps all that is written. */
		if (cron_program(line.command).size < line.command.size) {
			struct buf path = { 0 };
			struct autostart cut = s;

			cut.command = cron_program(line.command);
			result = autorun_target(a, &cut, &path, f);
			s.target = buf_span(&path);
			s.no_target = true;
			if (!result)
				result = autorun_add(a, &s, f);
			buf_done(&path);
			continue;
		}
		result = autorun_add(a, &s, f);
	}
	return result;
}

int read_crontab(struct autoruns *a, const struct found *file, struct fail *f)
{
	bool enabled = span_is(file->name, "crontab") || run_parts_takes(file->name);

	return read_table(a, file, true, (struct span){ 0 }, enabled, f);
}

int read_user_crontab(struct autoruns *a, const struct found *file, struct fail *f)
{
	const struct passwd *user = host_user_named(&a->host, file->name);
	struct found own = *file;

	if (user)
		own.home = user->home;
	return read_table(a, &own, false, file->name, user != NULL, f);
}

int read_anacrontab(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct span rest = file->text;
	struct autostart s = autorun_of(file);
	int result = 0;

	for (size_t number = 1; !result && rest.size && number <= AUTORUN_LINES; number++) {
		struct span line = span_trim(span_until(&rest, '\n')), period, trigger;
		struct cron_line variable = { 0 };

		s.line = number;
		if (!line.size || line.data[0] == '#')
			continue;
		if (take_variable(line, &variable)) {
			result = add_variable(a, &s, &variable, f);
			continue;
		}
		trigger = line;
		period = span_word(&line);
		span_word(&line);
		s.trigger = span_part(trigger, 0, trigger.size - line.size);
		s.name = span_word(&line);
		s.command = span_trim(line);
		if (period.size && s.name.size && s.command.size)
			result = autorun_add(a, &s, f);
		else
			result = host_note(&a->host, file->path, f, "line %zu is not a cron line", number);
	}
	return result;
}

/* a + five hexadecimal digits of the job + eight of the minute it runs in. */
static void at_time(struct span name, struct buf *out)
{
	uint64_t minute;
	int64_t instant;

	if (name.size == 14 && span_hex(span_part(name, 6, 8), &minute) &&
	    instant_of((int64_t)minute * 60, 0, &instant))
		instant_text(out, instant);
}

/* The user of "# atrun uid=33 gid=33", or the file's owner. */
static struct span at_user(struct autoruns *a, const struct found *file)
{
	struct span rest = file->text;
	const struct passwd *user = host_user_with(&a->host, file->facts->uid);
	int64_t uid;

	for (int i = 0; i < 4 && rest.size; i++) {
		struct span line = span_until(&rest, '\n'), word = span_part(line, 12, line.size);

		if (span_starts(line, "# atrun uid=") && span_number(span_word(&word), &uid))
			user = host_user_with(&a->host, uid);
	}
	return user ? user->name : (struct span){ 0 };
}

/* What at(1) writes before the job's own lines: umask, variables, cd. */
static bool is_preamble(struct span line)
{
	size_t end = span_find(line, ';');

	return !line.size || line.data[0] == '#' || span_starts(line, "umask ") || span_is(line, "}") ||
		   span_starts(line, "cd ") || span_contains(line, "Execution directory inaccessible") ||
		   (span_contains(span_part(line, end, line.size), "; export ") &&
			span_find(line, '=') < end);
}

int read_at(struct autoruns *a, const struct found *file, struct fail *f)
{
	struct autostart s = autorun_of(file);
	struct span rest = file->text;
	struct buf time = { 0 };
	bool own = false;
	int result = 0;

	if (span_is(file->name, ".SEQ"))
		return 0;                /* the number of the next job */
	at_time(file->name, &time);
	s.trigger = buf_span(&time);
	s.user = at_user(a, file);
	for (size_t number = 1; !result && rest.size && number <= AUTORUN_LINES; number++) {
		struct span line = span_trim(span_until(&rest, '\n'));

		own |= !is_preamble(line) && !span_is(line, "exit 1");
		if (!own || !line.size || line.data[0] == '#')
			continue;
		s.line = number;
		s.command = line;
		result = autorun_add(a, &s, f);
	}
	buf_done(&time);
	return result;
}
