/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PAGE_H
#define KAKE_PAGE_H
/*
 * The HTML page of a report, written into memory. Tags come from the code (page_raw); every text goes
 * through an escaping function. A page is bounded because every list of it is.
 */
#include "lib/buf.h"
#include "lib/msg.h"

enum { PAGE_VALUE_BYTES = 500 };  /* longer values of the evidence are cut, with "…" */

struct page {
	struct buf out;
	enum lang lang;
	int64_t offset;              /* of the host whose part is being written, in seconds east of UTC */
};

void page_raw(struct page *p, const char *html);
/* Our own text in the page's language, from its English. */
void page_msg(struct page *p, const char *english);
void page_format(struct page *p, const char *english, ...) __attribute__((format(printf, 2, 3)));
/* A value of the evidence, as text. */
void page_value(struct page *p, struct span value);
/* A path or command: monospaced, and it may break anywhere. */
void page_code(struct page *p, struct span value);
/* In the host's zone, and in UTC below where that differs. */
void page_time(struct page *p, int64_t instant);
void page_severity(struct page *p, int severity);
/* "1.2 GB"; "3 h 20 min". */
void page_size(struct page *p, int64_t bytes);
void page_duration(struct page *p, int64_t nanoseconds);
/* <hN id=…>text</hN>; level 2 to 4; id may be NULL. */
void page_heading(struct page *p, int level, const char *id, const char *english);
/* A paragraph of our own text, with a class or NULL. */
void page_paragraph(struct page *p, const char *class, const char *english);
#endif
