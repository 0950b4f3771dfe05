/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/opts.h"

#include <stdlib.h>

#include "lib/text.h"

static const struct option_row *find(const struct option_row *rows, struct span name)
{
	for (; rows->name; rows++)
		if (span_is(name, rows->name))
			return rows;
	return NULL;
}

/* A number with an optional unit out of `units`, whose factors stand in `factors`. */
static bool measured(const char *text, const char *units, const int64_t *factors, int64_t *out)
{
	struct span s = span_of(text);
	const char *unit = s.size && s.data[s.size - 1] ? strchr(units, s.data[s.size - 1]) : NULL;
	int64_t number;

	if (unit)
		s.size--;
	if (!span_number(s, &number) || number < 0)
		return false;
	return !__builtin_mul_overflow(number, unit ? factors[unit - units] : 1, out);
}

static int take(const struct option_row *row, const char *value, struct fail *f)
{
	static const int64_t sizes[] = { 1 << 10, 1 << 20, 1 << 30, INT64_C(1) << 40 };
	static const int64_t times[] = { 1, 60, 3600 };

	switch (row->type) {
	case OPT_FLAG:
		*(bool *)row->into = true;
		return 0;
	case OPT_TEXT:
		*(const char **)row->into = value;
		return 0;
	case OPT_LIST:
		buf_text(row->into, value);
		buf_byte(row->into, 0);
		return 0;
	case OPT_SIZE:
		if (measured(value, "KMGT", sizes, row->into))
			return 0;
		return fail_set(f, "option --%s takes a size such as 500M or 4G, not '%s'", row->name, value);
	case OPT_DURATION:
		if (measured(value, "smh", times, row->into))
			return 0;
		return fail_set(f, "option --%s takes a time such as 90s or 10m, not '%s'", row->name, value);
	case OPT_COUNT:
		if (measured(value, "", times, row->into))
			return 0;
		return fail_set(f, "option --%s takes a number, not '%s'", row->name, value);
	}
	return 0;
}

/* One option at argv[*at]; *at is moved over a value that stands apart. */
static int read_one(const struct option_row *rows, int argc, char **argv, int *at, struct fail *f)
{
	bool is_short = argv[*at][1] != '-';
	struct span rest = span_of(argv[*at] + (is_short ? 1 : 2)), name = span_until(&rest, '=');
	const struct option_row *row = find(rows, name);
	const char *equals = strchr(argv[*at], '=');

	if (!row || is_short != !row->name[1])
		return fail_set(f, "unknown option '%s'; --help lists the options", argv[*at]);
	if (row->type == OPT_FLAG)
		return equals ? fail_set(f, "option --%s takes no value", row->name) : take(row, NULL, f);
	if (equals)
		return take(row, equals + 1, f);
	if (*at + 1 >= argc)
		return fail_set(f, "option --%s needs a value", row->name);
	return take(row, argv[++*at], f);
}

int opts_read(const struct option_row *rows, int argc, char **argv, int first, int *operands,
              struct fail *f)
{
	int count = 0;

	for (int i = first; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[first + count++] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || !argv[i][1]) {
			argv[first + count++] = argv[i];
			continue;
		}
		if (read_one(rows, argc, argv, &i, f))
			return -1;
	}
	*operands = count;
	return 0;
}

void opts_help(const struct option_row *rows, enum lang lang, struct buf *out)
{
	enum { HELP_AT = 28 };

	for (; rows->name; rows++) {
		size_t start = out->size, width;

		buf_printf(out, rows->name[1] ? "  --%s" : "  -%s", rows->name);
		if (rows->value)
			buf_printf(out, " %s", rows->value);
		width = text_width(span_part(buf_span(out), start, out->size));
		if (width + 2 > HELP_AT) {
			buf_byte(out, '\n');
			width = 0;
		}
		while (width++ < HELP_AT)
			buf_byte(out, ' ');
		buf_text(out, msg(lang, rows->help));
		buf_byte(out, '\n');
	}
}

enum lang opts_lang(int argc, char **argv)
{
	static const char *const variables[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--lang") == 0 && i + 1 < argc)
			return msg_lang(argv[i + 1]);
		if (strncmp(argv[i], "--lang=", 7) == 0)
			return msg_lang(argv[i] + 7);
	}
	for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
		const char *value = getenv(variables[i]);

		if (value && *value)
			return msg_lang(value);
	}
	return LANG_EN;
}
