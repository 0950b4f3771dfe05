/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_WRAP_H
#define KAKE_WRAP_H
/* Text for a terminal, in lines of a width: broken at blanks, and between wide characters. */
#include "lib/buf.h"

/*
 * Adds the UTF-8 text, which must be harmless already (text_terminal), as lines of at most `width`
 * columns behind `indent` blanks, each with its line end. Closing marks such as 。 do not begin a line.
 */
void wrap_text(struct buf *out, struct span text, size_t width, size_t indent);
/* The text cut to so many columns, with "…" if it was longer, and filled with blanks up to them. */
void wrap_cell(struct buf *out, struct span text, size_t width);
#endif
