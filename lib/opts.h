/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_OPTS_H
#define KAKE_OPTS_H
/*
 * One table of options a command; the same table prints the help. "--name VALUE", "--name=VALUE",
 * "--flag"; "--" ends the options; everything else is an operand. A name of one letter takes one
 * dash. No abbreviations.
 */
#include "lib/buf.h"
#include "lib/fail.h"

enum option_type { OPT_FLAG, OPT_TEXT, OPT_SIZE, OPT_DURATION, OPT_COUNT, OPT_LIST };

struct option_row {
	const char *name;            /* without the dashes; NULL ends the table */
	enum option_type type;
	const char *value;           /* name of the value in the help, NULL for a flag */
	const char *help;            /* English; its Japanese twin in messages_ja.def */
	void *into;                  /* bool, const char *, int64_t (bytes; seconds; number), struct buf (COL_LIST-like) */
};

/*
 * Reads argv[first…]; operands are moved to argv[first…] and counted in *operands. Sizes take K, M,
 * G, T (powers of 1024); durations s, m, h. -1 with one line for the user.
 */
int opts_read(const struct option_row *rows, int argc, char **argv, int first, int *operands,
              struct fail *f);
/* Adds the options, aligned, each with its help in the language. */
void opts_help(const struct option_row *rows, enum lang lang, struct buf *out);
/* Looks ahead for --lang ja|en, else the environment's LC_ALL, LC_MESSAGES, LANG. */
enum lang opts_lang(int argc, char **argv);
#endif
