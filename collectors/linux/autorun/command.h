/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_COMMAND_H
#define KAKE_AUTORUN_COMMAND_H
/*
 * Which files a command line would run. It is read as text and nothing of it is evaluated: a name
 * that is made only at run time ($X, $(…)) is not followed, the commands within $(…) are.
 */
#include "lib/buf.h"

enum {
	COMMAND_PROGRAMS = 32,           /* files that are taken from one line */
	COMMAND_WORDS = 256,             /* words of one simple command that are looked at */
	COMMAND_DEPTH = 4,               /* sh -c within sh -c */
	COMMAND_BYTES = 1 << 16,         /* of the line that are looked at */
};

enum command_syntax {
	COMMAND_SHELL,                   /* sh: quotes, ; & | ( ) { } < > and key words */
	COMMAND_EXEC,                    /* program, arguments, quotes: units and desktop files */
};

/*
 * Appends the names as a COL_LIST, the one that matters most first: for `env A=b python3 /x` it is
 * /x, then python3, then env. Names stand as they would reach execve, quotes undone; a name without
 * '/' is to be sought in PATH.
 */
void command_programs(struct buf *list, struct span command, enum command_syntax syntax);
/* The next word of a line, quotes undone, appended to `word`. False at the end. */
bool command_word(struct span *rest, struct buf *word);
#endif
