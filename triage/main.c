/* SPDX-License-Identifier: Apache-2.0 */
/* kake-triage: subcommands are rows of a table; each is a file cmd_*.c. */
#include <stdio.h>

#include "triage/commands.h"

struct command {
	const char *name;
	int (*run)(int argc, char **argv, enum lang lang);
	const char *help;            /* one line, English; NULL: for those who build, not in the help */
};

static const struct command commands[] = {
	{ "ingest", cmd_ingest, "verifies archives and puts what they hold into the case file" },
	{ "verify", cmd_verify, "checks signature, chain and every digest; says what is wrong and what is whole" },
	{ "findings", cmd_findings, "what the rules found, the most urgent first" },
	{ "report", cmd_report, "one HTML page for the owner, the responder and the SOC" },
	{ "query", cmd_query, "asks the case file in SQL, which can only read" },
	{ "timeline", cmd_timeline, "prints what happened, in the order of time" },
	{ "keygen", cmd_keygen, "makes a key pair for encrypted archives" },
	{ "extract", cmd_extract, "gives the original bytes behind a row, with proof" },
	{ "tables", cmd_tables, NULL },
	{ NULL, NULL, NULL },
};

static void print_help(FILE *to, enum lang lang)
{
	fputs(msg(lang, "kake-triage COMMAND …: reads, checks and asks evidence archives\n\n"), to);
	for (const struct command *c = commands; c->name; c++)
		if (c->help)
			fprintf(to, "  %-12s %s\n", c->name, msg(lang, c->help));
	fputs(msg(lang, "\nkake-triage COMMAND --help explains a command. Exit status: 0 complete, "
	                "1 complete with notes, 2 failed\n"), to);
}

int main(int argc, char **argv)
{
	enum lang lang = opts_lang(argc, argv);

	if (argc > 1 && strcmp(argv[1], "--version") == 0) {
		printf("kake-triage %s\n", KAKE_VERSION);
		return 0;
	}
	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)) {
		print_help(stdout, lang);
		return 0;
	}
	for (const struct command *c = commands; argc > 1 && c->name; c++)
		if (strcmp(argv[1], c->name) == 0)
			return c->run(argc, argv, lang);
	if (argc > 1) {
		fprintf(stderr, msg(lang, "unknown command '%s'\n"), argv[1]);
		return EXIT_FAILED;
	}
	print_help(stderr, lang);
	return EXIT_FAILED;
}
