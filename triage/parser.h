/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PARSER_H
#define KAKE_PARSER_H
/*
 * A parser turns the bytes of one kind of artefact into rows and notes; it knows no platform, no
 * file system and no database. To add one: parse/NAME.c that ends in its `const struct parser
 * parser_NAME`, a line in parsers.def, a golden case, and a seed for its fuzz target.
 */
#include "lib/source.h"
#include "lib/table.h"
#include "lib/zone.h"

/* What is known of the file beside its bytes. Borrowed for the call. */
struct origin {
	struct span path;                   /* on the host */
	int64_t modified;                   /* last write, as an instant; INT64_MIN: unknown */
	int64_t collected;                  /* when it was taken */
	const struct zone *zone;            /* the host's time zone, or NULL: UTC is assumed and marked */
};

struct parser {
	const char *name;
	int version;                        /* raised when its rows change */
	const char *const *patterns;        /* path_match patterns on the host path, ends with NULL */
	const struct table *const *tables;  /* that it fills, ends with NULL */
	/* -1 only where work cannot go on: bad input is a note and the next record. */
	int (*parse)(struct source *in, const struct origin *origin, struct sink *out, struct fail *f);
	bool ahead;                         /* it does better with a source that has read_at */
};

/* All parsers, ends with NULL. */
extern const struct parser *const parsers[];
/* The i-th parser (from 0) whose pattern fits the path, or NULL; .gz, .xz, .zst endings are not looked at. */
const struct parser *parser_for(struct span path, unsigned i);
#endif
