/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TEXT_H
#define KAKE_TEXT_H
/* UTF-8 text from strangers: checking, showing, and making it harmless for where it goes. */
#include "lib/buf.h"

/* Strict UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF. */
bool text_is_utf8(struct span bytes);
/*
 * Takes the next character of *rest and moves it on. An invalid byte is taken alone and gives
 * U+FFFD with *valid false. *rest must not be empty.
 */
uint32_t text_next(struct span *rest, bool *valid);
/* Adds the bytes with U+FFFD for each invalid one. */
void text_shown(struct buf *out, struct span bytes);
/*
 * For a terminal or a log: as text_shown, and control characters, line ends and characters that
 * change the direction of writing become \\xNN or \\u{NNNN}, so that a name cannot act.
 */
void text_terminal(struct buf *out, struct span bytes);
/* For HTML text and quoted attributes; control and direction characters as in text_terminal. */
void text_html(struct buf *out, struct span bytes);
/* One CSV field, always quoted; what a spreadsheet would run as a formula gets a leading '. */
void text_csv(struct buf *out, struct span bytes);
/* Columns that the UTF-8 text takes on a terminal: wide characters two, combining ones none. */
size_t text_width(struct span bytes);
#endif
