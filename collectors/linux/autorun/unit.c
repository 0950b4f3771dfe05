/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/autorun/unit.h"

void unit_begin(struct unit_text *t, struct span text)
{
	*t = (struct unit_text){ .rest = text };
}

void unit_end(struct unit_text *t)
{
	buf_done(&t->joined);
}

static bool is_comment(struct span line)
{
	return line.size && (line.data[0] == '#' || line.data[0] == ';');
}

/* Takes a line with those that continue it; comments among them are passed over. */
static struct span take_line(struct unit_text *t)
{
	struct span line = span_trim(span_until(&t->rest, '\n'));

	t->line++;
	if (is_comment(line) || !span_ends(line, "\\"))
		return line;
	buf_clear(&t->joined);
	for (;;) {
		bool more = span_ends(line, "\\") && !is_comment(line);

		if (!is_comment(line))
			buf_add(&t->joined, span_part(line, 0, line.size - more));
		if ((!more && !is_comment(line)) || !t->rest.size)
			break;
		if (more)
			buf_byte(&t->joined, ' ');
		line = span_trim(span_until(&t->rest, '\n'));
		t->line++;
	}
	return span_trim(buf_span(&t->joined));
}

bool unit_next(struct unit_text *t, struct unit_setting *out)
{
	while (t->rest.size) {
		size_t first = t->line + 1;
		struct span line = take_line(t);

		if (!line.size || is_comment(line))
			continue;
		if (line.data[0] == '[') {
			/* A section's name may lie in `joined`, which the next line overwrites. */
			struct span name = span_part(line, 1, line.size);
			bool joined = line.data == t->joined.data;

			t->section = joined ? (struct span){ 0 } : span_part(name, 0, span_find(name, ']'));
			continue;
		}
		*out = (struct unit_setting){ .section = t->section, .line = first };
		out->key = span_trim(span_until(&line, '='));
		out->value = span_trim(line);
		return true;
	}
	return false;
}

bool is_exec_key(struct span key)
{
	static const char *const keys[] = {
		"ExecStart",      "ExecStartPre", "ExecStartPost", "ExecCondition", "ExecReload",
		"ExecReloadPost", "ExecStop",     "ExecStopPre",   "ExecStopPost",
	};

	for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
		if (span_is(key, keys[i]))
			return true;
	return false;
}

void exec_program(struct buf *out, struct span command)
{
	struct span rest;
	bool renamed = false;

	while (command.size && strchr("@-:+!|", command.data[0]) && command.data[0]) {
		renamed |= command.data[0] == '@';
		command = span_part(command, 1, command.size);
	}
	rest = command;
	if (renamed) {
		buf_add(out, span_word(&rest));
		span_word(&rest);
	}
	buf_add(out, rest);
}

bool unit_template(struct span name, struct buf *out)
{
	size_t at = span_find(name, '@'), dot = name.size;

	while (dot && name.data[dot - 1] != '.')
		dot--;
	if (at == name.size || !dot || dot - 1 <= at + 1)
		return false;
	buf_add(out, span_part(name, 0, at + 1));
	buf_add(out, span_part(name, dot - 1, name.size));
	return true;
}

struct span unit_instance(struct span name)
{
	size_t at = span_find(name, '@'), dot = name.size;

	while (dot && name.data[dot - 1] != '.')
		dot--;
	return at < name.size && dot > at + 1 ? span_part(name, at + 1, dot - at - 2)
										  : (struct span){ 0 };
}

/* "\x2d" and '-' as systemd-escape(1) undoes them. */
static void unescape(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		uint64_t byte;

		if (text.data[i] == '\\' && i + 3 < text.size && text.data[i + 1] == 'x' &&
		    span_hex(span_part(text, i + 2, 2), &byte)) {
			buf_byte(out, (uint8_t)byte);
			i += 3;
		} else {
			buf_byte(out, text.data[i] == '-' ? '/' : text.data[i]);
		}
	}
}

void unit_expand(struct buf *out, struct span value, struct span name, struct span home,
				 struct span user)
{
	struct span stem = name, prefix;

	while (stem.size && stem.data[stem.size - 1] != '.')
		stem.size--;
	stem.size -= stem.size > 0;
	prefix = span_part(stem, 0, span_find(stem, '@'));
	for (size_t i = 0; i < value.size; i++) {
		uint8_t letter = i + 1 < value.size ? value.data[i + 1] : 0;

		if (value.data[i] != '%' || !letter || !strchr("iInNphu%", letter)) {
			buf_byte(out, value.data[i]);
			continue;
		}
		i++;
		if (letter == 'i')
			buf_add(out, unit_instance(name));
		else if (letter == 'I')
			unescape(out, unit_instance(name));
		else if (letter == 'n' || letter == 'N')
			buf_add(out, letter == 'n' ? name : stem);
		else if (letter == 'p')
			buf_add(out, prefix);
		else if (letter == '%')
			buf_byte(out, '%');
		else
			buf_add(out, letter == 'h' ? home : user);
	}
}
