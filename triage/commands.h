/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_COMMANDS_H
#define KAKE_COMMANDS_H
/*
 * Subcommands. argv is the program's own: argv[1] names the command, options and operands begin at
 * argv[2]. The value is the exit status.
 */
#include "lib/opts.h"

enum { EXIT_COMPLETE = 0, EXIT_NOTES = 1, EXIT_FAILED = 2 };

/* Checks archives: whole and signed; a throw-away key (notes); altered, cut, unreadable (failed). */
int cmd_verify(int argc, char **argv, enum lang lang);
int cmd_ingest(int argc, char **argv, enum lang lang);
int cmd_findings(int argc, char **argv, enum lang lang);
int cmd_report(int argc, char **argv, enum lang lang);
int cmd_query(int argc, char **argv, enum lang lang);
int cmd_timeline(int argc, char **argv, enum lang lang);
int cmd_extract(int argc, char **argv, enum lang lang);
int cmd_keygen(int argc, char **argv, enum lang lang);
int cmd_tables(int argc, char **argv, enum lang lang);

/*
 * What every command begins with: options read, operands counted and checked. 0: go on; 1: the help
 * was asked for and printed; -1: said on stderr.
 */
struct command_line {
	const char *usage;           /* "kake-triage query CASE.db SQL", then a line of what it does */
	const char *help;
	const struct option_row *options;
	int least, most;             /* operands; most -1: any number */
};
int command_line_read(const struct command_line *c, int argc, char **argv, enum lang lang, int *operands);
/* Prints "kake-triage: REASON" and returns EXIT_FAILED. */
int command_failed(const struct fail *f, enum lang lang);
#endif
