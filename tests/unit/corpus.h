/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TEST_CORPUS_H
#define KAKE_TEST_CORPUS_H
/* Files of the corpus beside the tree, for tests that compare with what other tools say of them. */
#include <stdlib.h>

#include "lib/os.h"
#include "lib/zone.h"
#include "tests/unit/test.h"
#include "triage/parser.h"

/* The whole file CORPUS_DIR/name; false, with a printed reason, if it is not there. */
static inline bool corpus_load(struct buf *out, const char *name)
{
	struct buf path = { 0 };
	struct fail f;
	bool ok;

	buf_printf(&path, "%s/%s", CORPUS_DIR, name);
	ok = os_read_whole(buf_string(&path), 64 << 20, out, &f) == 0;
	if (!ok)
		test_skip(f.text[LANG_EN]);
	buf_done(&path);
	return ok;
}

/* Gives the bytes to the parser as a file of that host path. */
static inline int corpus_parse(const struct parser *parser, struct span bytes, const char *path,
                               int64_t modified, struct sink *out)
{
	struct origin origin = { .path = span_of(path), .modified = modified, .collected = modified };
	struct memory_source in;
	struct fail f;

	memory_source_init(&in, bytes);
	return parser->parse(&in.source, &origin, out, &f);
}
#endif
