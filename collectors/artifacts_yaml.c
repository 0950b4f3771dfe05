/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads definitions with libyaml. Keys that are not acted on (urls, labels, conditions …) are passed
 * over: the format grows. What is acted on must have its proper shape, or the file is refused.
 */
#include "collectors/artifacts.h"

#include <stdlib.h>
#include <yaml.h>

#include "lib/table.h"
#include "lib/text.h"

enum { REPAIRS = 100 };

struct reading {
	yaml_document_t document;
	const char *origin;
	struct fail *f;
};

static struct span scalar(const yaml_node_t *node)
{
	return (struct span){ node->data.scalar.value, node->data.scalar.length };
}

static int wrong(const struct reading *r, const yaml_node_t *node, const char *what)
{
	return fail_set(r->f, "'%s', line %zu: not an artifact definition: '%s' is missing or malformed",
	                r->origin, node->start_mark.line + 1, what);
}

/* The value of a key of a mapping, or NULL. */
static const yaml_node_t *member(struct reading *r, const yaml_node_t *map, const char *key)
{
	const yaml_node_pair_t *pair = map->data.mapping.pairs.start;

	for (; pair < map->data.mapping.pairs.top; pair++) {
		const yaml_node_t *name = yaml_document_get_node(&r->document, pair->key);

		if (name && name->type == YAML_SCALAR_NODE && span_is(scalar(name), key))
			return yaml_document_get_node(&r->document, pair->value);
	}
	return NULL;
}

/* Text without NUL, which no name or path has. */
static int read_text(struct reading *r, const yaml_node_t *map, const char *key, bool needed,
                     struct buf *out)
{
	const yaml_node_t *node = member(r, map, key);

	if (!node)
		return needed ? wrong(r, map, key) : 0;
	if (node->type != YAML_SCALAR_NODE || span_find(scalar(node), 0) < scalar(node).size ||
	    (needed && !scalar(node).size))
		return wrong(r, node, key);
	buf_add(out, scalar(node));
	return out->bad ? fail_set(r->f, "out of memory") : 0;
}

static int read_list(struct reading *r, const yaml_node_t *map, const char *key, bool needed,
                     struct buf *out)
{
	const yaml_node_t *node = member(r, map, key);

	if (!node)
		return needed ? wrong(r, map, key) : 0;
	if (node->type != YAML_SEQUENCE_NODE)
		return wrong(r, node, key);
	for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
		const yaml_node_t *item = yaml_document_get_node(&r->document, *i);

		if (!item || item->type != YAML_SCALAR_NODE || !scalar(item).size ||
		    span_find(scalar(item), 0) < scalar(item).size)
			return wrong(r, item ? item : node, key);
		list_add(out, scalar(item));
	}
	if (needed && !out->size)
		return wrong(r, node, key);
	return out->bad ? fail_set(r->f, "out of memory") : 0;
}

static const struct { const char *name; enum artifact_type type; const char *list; } types[] = {
	{ "FILE", ARTIFACT_FILE, "paths" },
	{ "PATH", ARTIFACT_PATH, "paths" },
	{ "DIRECTORY", ARTIFACT_PATH, "paths" },
	{ "ARTIFACT_GROUP", ARTIFACT_GROUP, "names" },
};

static int read_separator(struct reading *r, const yaml_node_t *attributes, char *out)
{
	struct buf text = { 0 };
	int result = read_text(r, attributes, "separator", false, &text);

	*out = '/';
	if (!result && text.size == 1)
		*out = (char)text.data[0];
	else if (!result && text.size)
		result = wrong(r, attributes, "separator");
	buf_done(&text);
	return result;
}

static int read_source(struct reading *r, const yaml_node_t *node, struct artifact_source *s)
{
	const yaml_node_t *attributes;
	const char *list = NULL;

	if (node->type != YAML_MAPPING_NODE)
		return wrong(r, node, "sources");
	s->type = ARTIFACT_OTHER;
	s->separator = '/';
	if (read_text(r, node, "type", true, &s->type_name) ||
	    read_list(r, node, "supported_os", false, &s->os))
		return -1;
	for (size_t i = 0; i < sizeof types / sizeof *types; i++)
		if (span_is(buf_span(&s->type_name), types[i].name)) {
			s->type = types[i].type;
			list = types[i].list;
		}
	if (!list)
		return 0;
	attributes = member(r, node, "attributes");
	if (!attributes || attributes->type != YAML_MAPPING_NODE)
		return wrong(r, node, "attributes");
	return read_list(r, attributes, list, true, &s->values) || read_separator(r, attributes, &s->separator);
}

static int read_sources(struct reading *r, const yaml_node_t *root, struct artifact *artifact)
{
	const yaml_node_t *list = member(r, root, "sources");
	size_t count;

	if (!list || list->type != YAML_SEQUENCE_NODE)
		return wrong(r, root, "sources");
	count = (size_t)(list->data.sequence.items.top - list->data.sequence.items.start);
	artifact->sources = calloc(count ? count : 1, sizeof *artifact->sources);
	if (!artifact->sources)
		return fail_set(r->f, "out of memory");
	for (size_t i = 0; i < count; i++) {
		const yaml_node_t *node = yaml_document_get_node(&r->document,
		                                                 list->data.sequence.items.start[i]);

		artifact->source_count++;
		if (!node || read_source(r, node, &artifact->sources[i]))
			return node ? -1 : wrong(r, list, "sources");
	}
	return count ? 0 : wrong(r, list, "sources");
}

static int read_definition(struct reading *r, struct artifacts *a)
{
	const yaml_node_t *root = yaml_document_get_root_node(&r->document);
	struct artifact *artifact;

	if (root->type == YAML_SCALAR_NODE && !scalar(root).size)
		return 0;
	if (root->type != YAML_MAPPING_NODE)
		return wrong(r, root, "name");
	artifact = artifact_new();
	if (!artifact)
		return fail_set(r->f, "out of memory");
	if (read_text(r, root, "name", true, &artifact->name) ||
	    read_text(r, root, "doc", false, &artifact->doc) ||
	    read_list(r, root, "aliases", false, &artifact->aliases) ||
	    read_list(r, root, "supported_os", false, &artifact->os) || read_sources(r, root, artifact)) {
		artifact_free(artifact);
		return -1;
	}
	return artifacts_keep(a, artifact, r->f);
}

static int by_name(const void *a, const void *b)
{
	return span_compare(buf_span(&(*(struct artifact *const *)a)->name),
	                    buf_span(&(*(struct artifact *const *)b)->name));
}

/* Whether no name stands twice among the definitions from `first` on. */
static int check_twice(const struct artifacts *a, size_t first, const char *origin, struct fail *f)
{
	size_t count = a->count - first;
	struct artifact **sorted = calloc(count ? count : 1, sizeof *sorted);
	int result = 0;

	if (!sorted)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < count; i++)
		sorted[i] = a->items[first + i];
	qsort(sorted, count, sizeof *sorted, by_name);
	for (size_t i = 1; i < count && !result; i++)
		if (by_name(&sorted[i - 1], &sorted[i]) == 0)
			result = fail_set(f, "'%s': artifact '%s' is defined twice", origin,
			                  buf_string(&sorted[i]->name));
	free(sorted);
	return result;
}

/* 1: a document, 0: the end, -1. */
static int next_document(struct reading *r, yaml_parser_t *parser)
{
	if (!yaml_parser_load(parser, &r->document))
		return fail_set(r->f, "'%s', line %zu: not YAML: %s", r->origin,
		                parser->problem_mark.line + 1, parser->problem ? parser->problem : "");
	if (yaml_document_get_root_node(&r->document))
		return 1;
	yaml_document_delete(&r->document);
	return 0;
}

static int read_all(struct reading *r, struct artifacts *a, yaml_parser_t *parser)
{
	int got;

	while ((got = next_document(r, parser)) > 0) {
		int result = read_definition(r, a);

		yaml_document_delete(&r->document);
		if (result)
			return -1;
	}
	return got;
}

/*
 * Definitions are written for readers that take {paths:[…]} without a blank behind the colon, where
 * libyaml stops: puts the blank there. False: that is not what is wrong.
 */
static bool repair(struct buf *text, const yaml_parser_t *parser)
{
	struct span rest = buf_span(text);
	struct buf fixed = { 0 };
	size_t at;

	if (parser->error != YAML_SCANNER_ERROR)
		return false;
	for (size_t line = 0; line < parser->problem_mark.line; line++)
		span_until(&rest, '\n');
	for (size_t column = 0; column < parser->problem_mark.column && rest.size; column++) {
		bool valid;

		text_next(&rest, &valid);
	}
	at = text->size - rest.size;
	if (rest.size < 2 || rest.data[0] != ':' || (rest.data[1] != '[' && rest.data[1] != '{'))
		return false;
	buf_add(&fixed, span_part(buf_span(text), 0, at + 1));
	buf_byte(&fixed, ' ');
	buf_add(&fixed, span_part(buf_span(text), at + 1, text->size));
	buf_done(text);
	*text = fixed;
	return !fixed.bad;
}

int artifacts_add(struct artifacts *a, const char *origin, struct span yaml, struct fail *f)
{
	struct reading r = { .origin = origin, .f = f };
	struct buf text = { 0 };
	size_t first = a->count;
	bool again = true;
	int result = 0;

	if (yaml.size > ARTIFACTS_BYTES)
		return fail_set(f, "'%s' is longer than %zu bytes", origin, (size_t)ARTIFACTS_BYTES);
	/* The NUL gives even an empty file a place in memory; it is not parsed. */
	buf_add(&text, yaml);
	buf_byte(&text, 0);
	for (int tries = 0; again && !result; tries++) {
		yaml_parser_t parser;

		if (text.bad || !yaml_parser_initialize(&parser)) {
			result = fail_set(f, "out of memory");
			break;
		}
		yaml_parser_set_input_string(&parser, text.data, text.size - 1);
		result = read_all(&r, a, &parser);
		if (!result)
			result = check_twice(a, first, origin, f);
		while (result && a->count > first)
			artifact_free(a->items[--a->count]);
		again = result && tries < REPAIRS && repair(&text, &parser);
		if (again)
			result = 0;
		yaml_parser_delete(&parser);
	}
	buf_done(&text);
	a->files++;
	return result;
}
