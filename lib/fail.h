/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_FAIL_H
#define KAKE_FAIL_H
/*
 * Why something failed, in both languages, in memory that the caller owns. Functions that can fail
 * return 0 or -1 and write the reason here; they set their outputs only on success.
 *
 * The English format is the key: its Japanese twin stands in lib/messages_ja.def and takes the same
 * conversions in the same order. A format without a twin is shown in English.
 */
#include <stdarg.h>
#include "lib/msg.h"

enum { FAIL_TEXT = 768 };        /* bytes of a reason; longer ones are cut at a character */

struct fail {
	int code;                    /* errno where the system said no, else 0 */
	char text[LANGS][FAIL_TEXT]; /* by enum lang */
};

/* Writes the reason and returns -1, so that a caller can return what this returns. */
int fail_set(struct fail *f, const char *english, ...) __attribute__((format(printf, 2, 3)));
int fail_vset(struct fail *f, const char *english, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* The same, followed by what the system said of the error number: "…: No space left on device". */
int fail_errno(struct fail *f, int number, const char *english, ...)
	__attribute__((format(printf, 3, 4)));
/* Puts "CONTEXT: " before the reason that is already there. Returns -1. */
int fail_in(struct fail *f, const char *context);
#endif
