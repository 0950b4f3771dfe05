/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LINES_H
#define KAKE_LINES_H
/* Lines of a source with their byte offsets, in bounded memory. */
#include "lib/buf.h"
#include "lib/source.h"

enum { LINE_BYTES = 1 << 20 };   /* a longer line is given in parts, the first ones with `cut` */

struct line {
	struct span text;            /* without its line end (LF or CR LF); valid until the next call */
	int64_t offset, length;      /* in the source, with the line end */
	bool cut;                    /* the line goes on in the next part */
	bool ended;                  /* false: the source ended without a line end */
};

struct lines { struct source *in; struct buf held; size_t at; int64_t offset; bool end; };

void lines_init(struct lines *l, struct source *in);
/* 1 and the next line, 0 at the end, -1 failed. */
int lines_next(struct lines *l, struct line *line, struct fail *f);
void lines_done(struct lines *l);
#endif
