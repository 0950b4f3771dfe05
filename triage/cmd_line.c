/* SPDX-License-Identifier: Apache-2.0 */
/* What subcommands share of their command line. */
#include <stdio.h>

#include "lib/text.h"
#include "triage/commands.h"

int command_failed(const struct fail *f, enum lang lang)
{
	struct buf shown = { 0 };

	text_terminal(&shown, span_of(f->text[lang]));
	fprintf(stderr, "kake-triage: %s\n", buf_string(&shown));
	buf_done(&shown);
	return EXIT_FAILED;
}

static void print_help(const struct command_line *c, enum lang lang)
{
	struct buf text = { 0 };

	buf_printf(&text, "%s\n%s\n\n", c->usage, msg(lang, c->help));
	opts_help(c->options, lang, &text);
	fputs(buf_string(&text), stdout);
	buf_done(&text);
}

int command_line_read(const struct command_line *c, int argc, char **argv, enum lang lang, int *operands)
{
	struct fail f = { 0 };

	for (int i = 2; i < argc && strcmp(argv[i], "--") != 0; i++)
		if (strcmp(argv[i], "--help") == 0) {
			print_help(c, lang);
			return 1;
		}
	if (opts_read(c->options, argc, argv, 2, operands, &f)) {
		command_failed(&f, lang);
		return -1;
	}
	if (*operands >= c->least && (c->most < 0 || *operands <= c->most))
		return 0;
	fail_set(&f, "usage: %s; --help explains it", c->usage);
	command_failed(&f, lang);
	return -1;
}
