/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_MSG_H
#define KAKE_MSG_H
/*
 * Two languages. English texts stand in the code, where they are used; Japanese ones in
 * lib/messages_ja.def, found by the English text. Both are UTF-8 and live for ever.
 */
enum lang { LANG_EN, LANG_JA, LANGS };

/* The text in the language asked for, or the English one where no Japanese one exists. */
const char *msg(enum lang lang, const char *english) __attribute__((format_arg(2)));
/* What the system's error number means. */
const char *msg_errno(enum lang lang, int number);
/* "ja", "ja_JP.UTF-8", "en" … ; anything unknown, NULL, and Japanese not in UTF-8 is English. */
enum lang msg_lang(const char *name);
/* Entry `i` of the Japanese table, for the test that compares conversions; NULL behind the last. */
const char *msg_entry(unsigned i, const char **japanese);
#endif
