/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parser.h"

#include "lib/path.h"

#define PARSER(name) extern const struct parser parser_##name;
#include "triage/parsers.def"
#undef PARSER

const struct parser *const parsers[] = {
#define PARSER(name) &parser_##name,
#include "triage/parsers.def"
#undef PARSER
	NULL,
};

static bool fits(const struct parser *parser, struct span path)
{
	for (const char *const *pattern = parser->patterns; *pattern; pattern++)
		if (path_match(span_of(*pattern), path))
			return true;
	return false;
}

const struct parser *parser_for(struct span path, unsigned i)
{
	static const char *const packed[] = { ".gz", ".xz", ".zst" };

	for (size_t k = 0; k < sizeof packed / sizeof *packed; k++)
		if (span_ends(path, packed[k])) {
			path.size -= strlen(packed[k]);
			break;
		}
	for (const struct parser *const *p = parsers; *p; p++)
		if (fits(*p, path) && i-- == 0)
			return *p;
	return NULL;
}
