/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PROGRESS_H
#define KAKE_PROGRESS_H
/*
 * How far the run is: on a terminal one line that is rewritten at most five times a second,
 * elsewhere a plain line at the end of each module. What is shown goes to `show`.
 */
#include "collectors/account.h"
#include "collectors/module.h"

struct progress {
	bool terminal;
	enum lang lang;
	void (*show)(struct span text);
	const struct account *account;
	int64_t started, shown;              /* os_monotonic() */
	size_t width;                        /* columns that the line on the terminal takes now */
	unsigned number, total;              /* of the module */
	const struct module *module;
	struct account_totals before;        /* at the start of the module */
	int64_t module_started;
	struct buf line;
};

void progress_init(struct progress *p, bool terminal, enum lang lang, void (*show)(struct span text));
void progress_module(struct progress *p, unsigned number, unsigned total, const struct module *m);
/* `what` may be empty; `done` of `total` (0: not known). */
void progress_item(struct progress *p, struct span what, int64_t done, int64_t total);
/* The module has ended; `state` is a word for it. */
void progress_end(struct progress *p, const char *state);
/* Takes the line off the terminal. */
void progress_clear(struct progress *p);
void progress_done(struct progress *p);
#endif
