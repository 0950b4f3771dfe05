/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTORUN_UNIT_H
#define KAKE_AUTORUN_UNIT_H
/* The text of systemd's unit files: sections, settings, continuations. See systemd.syntax(7). */
#include "lib/buf.h"

/* One setting. Spans are valid until the next call. */
struct unit_setting {
	struct span section, key, value;     /* value: continuation lines joined by a blank */
	size_t line;                         /* of its first line */
};
struct unit_text { struct span rest, section; size_t line; struct buf joined; };

void unit_begin(struct unit_text *t, struct span text);
/* False at the end; then unit_end frees. */
bool unit_next(struct unit_text *t, struct unit_setting *out);
void unit_end(struct unit_text *t);

/* Appends an Exec line without its prefixes @ - : + ! | and the argv[0] that @ sets. */
void exec_program(struct buf *out, struct span command);
bool is_exec_key(struct span key);
/* "getty@tty1.service" → "getty@.service", appended. False if it is no instance. */
bool unit_template(struct span name, struct buf *out);
/* "%i" of the name: "tty1"; empty if it is no instance. */
struct span unit_instance(struct span name);
/* Appends the value with %i %I %n %N %p %h %u %% replaced; other specifiers stay as they are. */
void unit_expand(struct buf *out, struct span value, struct span name, struct span home,
				 struct span user);
#endif
