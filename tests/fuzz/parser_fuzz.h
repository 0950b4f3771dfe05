/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PARSER_FUZZ_H
#define KAKE_PARSER_FUZZ_H
/*
 * One fuzz target a parser: gives it the bytes as a file of the path, once whole and once a few at a
 * time, which must say the same, and once as a source that cannot jump, which must end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "lib/json.h"
#include "triage/parser.h"

struct fuzz_sink { struct sink sink; struct buf said; };

static inline int fuzz_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct fuzz_sink *sink = (struct fuzz_sink *)s;

	(void)f;
	buf_printf(&sink->said, "%lld+%lld", (long long)r->offset, (long long)r->length);
	json_row(&sink->said, r);
	buf_byte(&sink->said, '\n');
	return 0;
}

static inline int fuzz_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct fuzz_sink *sink = (struct fuzz_sink *)s;

	(void)f;
	buf_printf(&sink->said, "%lld %s\n", (long long)n->offset, n->reason->text[LANG_JA]);
	return 0;
}

/* At most seven bytes a call. */
struct drip { struct source source; struct span bytes; };

static inline int64_t drip_read_at(struct source *s, int64_t at, void *bytes, size_t size,
                                   struct fail *f)
{
	struct span part = span_part(((struct drip *)s)->bytes, (size_t)at, size < 7 ? size : 7);

	(void)f;
	if (part.size)
		memcpy(bytes, part.data, part.size);
	return (int64_t)part.size;
}

static inline int64_t drip_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	return drip_read_at(s, s->offset, bytes, size, f);
}

static inline void fuzz_run(const struct parser *parser, const struct origin *origin,
                            struct source *in, struct fuzz_sink *sink)
{
	struct fail f;

	*sink = (struct fuzz_sink){ .sink = { fuzz_row, fuzz_note, NULL } };
	if (parser->parse(in, origin, &sink->sink, &f))
		abort();
}

static inline void parser_fuzz(const struct parser *parser, const char *path, const uint8_t *data,
                               size_t size)
{
	/* 2026-02-03T04:05:06Z */
	struct origin origin = { .path = span_of(path), .modified = INT64_C(1770091506) * 1000000000,
	                         .collected = INT64_C(1770091506) * 1000000000 };
	struct memory_source whole;
	struct drip drip = { { .size = -1, .read = drip_read, .read_at = drip_read_at }, { data, size } };
	struct drip stream = { { .size = -1, .read = drip_read }, { data, size } };
	struct fuzz_sink one, two, three;

	memory_source_init(&whole, (struct span){ data, size });
	fuzz_run(parser, &origin, &whole.source, &one);
	fuzz_run(parser, &origin, &drip.source, &two);
	fuzz_run(parser, &origin, &stream.source, &three);
	if (!span_equal(buf_span(&one.said), buf_span(&two.said)))
		abort();
	buf_done(&one.said);
	buf_done(&two.said);
	buf_done(&three.said);
}
#endif
