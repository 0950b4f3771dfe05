/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/table_out.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "lib/json.h"
#include "lib/text.h"

enum {
	SAMPLE_ROWS = 200,               /* whose widths count for all */
	SAMPLE_BYTES = 1 << 20,
	COLUMN_MOST = 60,                /* width on a terminal; the last column takes what is left */
	COLUMN_LEAST = 8,
	RULE_MOST = 40,                  /* under the last column where nothing is cut */
	GAP = 2,
};

struct column_out { size_t width; bool number; };

struct table_out {
	FILE *to;
	enum table_format format;
	const char *const *names;
	int columns;
	unsigned width;
	int64_t rows;
	struct column_out *shape;
	struct buf sample;               /* first rows: cells as a COL_LIST, until widths are known */
	int sampled;
	bool flowing;                    /* widths are known */
	struct buf line;
};

int table_format_read(const char *name, enum table_format *out, struct fail *f)
{
	static const char *const names[] = { "table", "json", "csv" };

	for (int i = 0; i < 3; i++)
		if (!name || strcmp(name, names[i]) == 0) {
			*out = (enum table_format)i;
			return 0;
		}
	return fail_set(f, "option --format takes table, json or csv, not '%s'", name);
}

int table_out_open(struct table_out **out, FILE *to, enum table_format format,
                   const char *const *names, int columns, unsigned width, struct fail *f)
{
	struct table_out *t = calloc(1, sizeof *t);

	if (t)
		t->shape = calloc((size_t)columns + 1, sizeof *t->shape);
	if (!t || !t->shape) {
		free(t);
		return fail_set(f, "out of memory");
	}
	t->to = to;
	t->format = format;
	t->names = names;
	t->columns = columns;
	t->width = width;
	*out = t;
	return 0;
}

static int flush_line(struct table_out *t, struct fail *f)
{
	size_t put;

	if (t->line.bad)
		return fail_set(f, "out of memory");
	put = fwrite(t->line.data, 1, t->line.size, t->to);
	if (put != t->line.size)
		return fail_errno(f, errno, "cannot write '%s'", "stdout");
	buf_clear(&t->line);
	return 0;
}

static void cell_plain(struct buf *out, const struct cell *c)
{
	switch (c->type) {
	case CELL_INT: buf_printf(out, "%" PRId64, c->number); break;
	case CELL_REAL: buf_printf(out, "%.15g", c->real); break;
	case CELL_BLOB: buf_hex(out, c->bytes); break;
	case CELL_TEXT: buf_add(out, c->bytes); break;
	case CELL_NULL: break;
	}
}

static void csv_row(struct table_out *t, const struct cell *cells)
{
	for (int i = 0; i < t->columns; i++) {
		if (i)
			buf_byte(&t->line, ',');
		if (cells[i].type == CELL_TEXT)
			text_csv(&t->line, cells[i].bytes);
		else
			cell_plain(&t->line, &cells[i]);
	}
	buf_text(&t->line, "\r\n");
}

static void csv_head(struct table_out *t)
{
	buf_text(&t->line, "\xef\xbb\xbf");
	for (int i = 0; i < t->columns; i++) {
		if (i)
			buf_byte(&t->line, ',');
		text_csv(&t->line, span_of(t->names[i]));
	}
	buf_text(&t->line, "\r\n");
}

static void json_line(struct table_out *t, const struct cell *cells)
{
	buf_text(&t->line, t->rows > 1 ? ",\n{" : "\n{");
	for (int i = 0; i < t->columns; i++) {
		const struct cell *c = &cells[i];

		if (i)
			buf_byte(&t->line, ',');
		json_quote(&t->line, span_of(t->names[i]));
		buf_byte(&t->line, ':');
		if (c->type == CELL_NULL) {
			buf_text(&t->line, "null");
		} else if (c->type == CELL_TEXT) {
			json_quote(&t->line, c->bytes);
		} else if (c->type == CELL_BLOB) {
			buf_byte(&t->line, '"');
			cell_plain(&t->line, c);
			buf_byte(&t->line, '"');
		} else {
			cell_plain(&t->line, c);
		}
	}
	buf_byte(&t->line, '}');
}

/* Adds the text cut to `width` columns, an ellipsis in place of what is missing. Its width. */
static size_t add_cut(struct buf *out, struct span text, size_t width)
{
	size_t used = 0;

	if (text_width(text) <= width) {
		buf_add(out, text);
		return text_width(text);
	}
	while (text.size && width) {
		struct span rest = text, one;
		bool valid;

		text_next(&rest, &valid);
		one = span_part(text, 0, text.size - rest.size);
		if (used + text_width(one) + 1 > width)
			break;
		used += text_width(one);
		buf_add(out, one);
		text = rest;
	}
	buf_text(out, "…");
	return used + 1;
}

static void pad(struct buf *out, size_t count)
{
	while (count--)
		buf_byte(out, ' ');
}

/* One line; `cells` is a COL_LIST of texts that are ready to show. */
static void table_line(struct table_out *t, struct span *cells)
{
	struct span item = { 0 };

	for (int i = 0; i < t->columns && list_next(cells, &item); i++) {
		size_t width = t->shape[i].width, own = text_width(item);
		bool last = i + 1 == t->columns;

		if (t->shape[i].number && own < width)
			pad(&t->line, width - own);
		own = add_cut(&t->line, item, t->width || !last ? width : SIZE_MAX);
		if (!last)
			pad(&t->line, GAP + (t->shape[i].number || own > width ? 0 : width - own));
	}
	buf_byte(&t->line, '\n');
}

/* Shares the terminal's width: each column up to what it needs, the last one what is left. */
static void fit(struct table_out *t)
{
	size_t used = 0;

	for (int i = 0; t->width && i < t->columns; i++) {
		size_t left = t->width > used ? t->width - used : 0;
		size_t most = i + 1 == t->columns ? left : COLUMN_MOST;

		if (t->shape[i].width > most)
			t->shape[i].width = most < COLUMN_LEAST ? COLUMN_LEAST : most;
		used += t->shape[i].width + GAP;
	}
}

static void measure(struct table_out *t)
{
	struct span rest = buf_span(&t->sample), item;

	for (int i = 0; i < t->columns; i++)
		t->shape[i].width = text_width(span_of(t->names[i]));
	for (int row = 0; row < t->sampled; row++)
		for (int i = 0; i < t->columns && list_next(&rest, &item); i++)
			if (text_width(item) > t->shape[i].width)
				t->shape[i].width = text_width(item);
	fit(t);
}

static void table_head(struct table_out *t)
{
	struct buf names = { 0 };
	struct span rest;

	for (int i = 0; i < t->columns; i++) {
		text_terminal(&names, span_of(t->names[i]));
		buf_byte(&names, 0);
	}
	rest = buf_span(&names);
	table_line(t, &rest);
	buf_done(&names);
	for (int i = 0; i < t->columns; i++) {
		bool open_end = !t->width && i + 1 == t->columns;
		size_t width = t->shape[i].width;

		for (width = open_end && width > RULE_MOST ? RULE_MOST : width; width; width--)
			buf_byte(&t->line, '-');
		if (i + 1 < t->columns)
			pad(&t->line, GAP);
	}
	buf_byte(&t->line, '\n');
}

static int flow(struct table_out *t, struct fail *f)
{
	struct span rest = buf_span(&t->sample);

	measure(t);
	table_head(t);
	for (int row = 0; row < t->sampled; row++)
		table_line(t, &rest);
	buf_clear(&t->sample);
	t->flowing = true;
	return flush_line(t, f);
}

static int table_row(struct table_out *t, const struct cell *cells, struct fail *f)
{
	struct buf plain = { 0 };
	struct span rest;

	for (int i = 0; i < t->columns; i++) {
		buf_clear(&plain);
		cell_plain(&plain, &cells[i]);
		text_terminal(&t->sample, buf_span(&plain));
		buf_byte(&t->sample, 0);
		if (t->rows == 1)
			t->shape[i].number = cells[i].type == CELL_INT || cells[i].type == CELL_REAL;
	}
	buf_done(&plain);
	if (t->sample.bad)
		return fail_set(f, "out of memory");
	if (!t->flowing) {
		t->sampled++;
		return t->sampled < SAMPLE_ROWS && t->sample.size < SAMPLE_BYTES ? 0 : flow(t, f);
	}
	rest = buf_span(&t->sample);
	table_line(t, &rest);
	buf_clear(&t->sample);
	return flush_line(t, f);
}

int table_out_row(struct table_out *t, const struct cell *cells, struct fail *f)
{
	t->rows++;
	switch (t->format) {
	case FORMAT_TABLE:
		return table_row(t, cells, f);
	case FORMAT_JSON:
		if (t->rows == 1)
			buf_byte(&t->line, '[');
		json_line(t, cells);
		break;
	case FORMAT_CSV:
		if (t->rows == 1)
			csv_head(t);
		csv_row(t, cells);
		break;
	}
	return flush_line(t, f);
}

int table_out_end(struct table_out *t, struct fail *f)
{
	int result = 0;

	if (t->format == FORMAT_TABLE && !t->flowing)
		result = flow(t, f);
	if (t->format == FORMAT_CSV && !t->rows)
		csv_head(t);
	if (t->format == FORMAT_JSON)
		buf_text(&t->line, t->rows ? "\n]\n" : "[]\n");
	if (!result)
		result = flush_line(t, f);
	if (!result && fflush(t->to))
		result = fail_errno(f, errno, "cannot write '%s'", "stdout");
	buf_done(&t->line);
	buf_done(&t->sample);
	free(t->shape);
	free(t);
	return result;
}

int64_t table_out_rows(const struct table_out *t)
{
	return t->rows;
}
