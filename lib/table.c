/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "lib/instant.h"

#define TABLE(ident, name, help) static const struct column columns_##ident[] = {
#define COLUMN(ident, name, type, help) { name, type, help },
#define END(ident) { NULL, COL_END, NULL } };
#include "lib/tables.def"
#undef TABLE
#undef COLUMN
#undef END

#define TABLE(ident, name, help) const struct table table_##ident = { name, help, columns_##ident };
#define COLUMN(ident, name, type, help)
#define END(ident)
#include "lib/tables.def"
#undef TABLE

static const struct table *const tables[] = {
#define TABLE(ident, name, help) &table_##ident,
#include "lib/tables.def"
#undef TABLE
#undef COLUMN
#undef END
};

const struct table *table_at(unsigned i)
{
	return i < sizeof tables / sizeof *tables ? tables[i] : NULL;
}

const struct table *table_named(struct span name)
{
	for (unsigned i = 0; i < sizeof tables / sizeof *tables; i++)
		if (span_is(name, tables[i]->name))
			return tables[i];
	return NULL;
}

int table_width(const struct table *table)
{
	int width = 0;

	while (table->columns[width].type != COL_END)
		width++;
	return width;
}

int table_column(const struct table *table, struct span name)
{
	for (int i = 0; table->columns[i].type != COL_END; i++)
		if (span_is(name, table->columns[i].name))
			return i;
	return -1;
}

struct row row_on(const struct table *table)
{
	return (struct row){ .table = table };
}

void row_int(struct row *r, int column, int64_t number)
{
	r->values[column] = (struct value){ .state = VALUE_SET, .number = number };
}

void row_bool(struct row *r, int column, bool yes)
{
	row_int(r, column, yes);
}

void row_real(struct row *r, int column, double real)
{
	if (isfinite(real))
		r->values[column] = (struct value){ .state = VALUE_SET, .real = real };
}

void row_text(struct row *r, int column, const char *text)
{
	if (text)
		row_span(r, column, span_of(text));
}

void row_span(struct row *r, int column, struct span bytes)
{
	if (bytes.data)
		r->values[column] = (struct value){ .state = VALUE_SET, .bytes = bytes };
}

void row_time(struct row *r, int column, int64_t instant)
{
	row_int(r, column, instant);
}

void row_time_of(struct row *r, int column, int64_t seconds, int64_t nanoseconds, char raw[40])
{
	int64_t instant;

	if (instant_of(seconds, nanoseconds, &instant)) {
		row_time(r, column, instant);
		return;
	}
	snprintf(raw, 40, "%" PRId64 ".%09" PRId64, seconds, nanoseconds);
	row_raw(r, column, span_of(raw));
}

void row_raw(struct row *r, int column, struct span text)
{
	r->values[column] = (struct value){ .state = VALUE_RAW, .bytes = text };
}

void list_add(struct buf *list, struct span item)
{
	buf_add(list, item);
	buf_byte(list, 0);
}

bool list_next(struct span *rest, struct span *item)
{
	if (!rest->size)
		return false;
	*item = span_until(rest, 0);
	return true;
}
