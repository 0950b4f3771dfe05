/* SPDX-License-Identifier: Apache-2.0 */
/* docs/TABLES.md, made of lib/tables.def and the comments of schema.sql. For those who build. */
#include <stdio.h>

#include "triage/commands.h"
#include "triage/store.h"

extern const unsigned char schema_sql[];

static const char front[] =
	"# Tables of a case file\n\n"
	"A case file is a SQLite database (`application_id` \"KAKE\"). Made by `kake-triage tables` from\n"
	"`lib/tables.def` and `triage/schema.sql`; do not edit. Names of tables and columns are a promise:\n"
	"later versions add, they do not rename.\n\n"
	"Times are nanoseconds since 1970-01-01 in UTC, digests lower-case hexadecimal, lists JSON arrays of\n"
	"texts. Views show the same with times as text, under English (`v_timeline`, `v_process`, …) and\n"
	"Japanese names (`タイムライン`, `プロセス`, …).\n\n"
	"## Evidence\n\n"
	"Each table of evidence has these columns around its own:\n\n"
	"| column | type | |\n|---|---|---|\n"
	"| `id` | INTEGER | number of the row; `TABLE:id` names it for `extract` |\n"
	"| `host_id` | INTEGER | host, see `host_identity` |\n"
	"| `entry_id` | INTEGER | member of the archive that it came from, see `entry` |\n"
	"| `offset`, `length` | INTEGER | bytes of that member (of what it unpacks to, for a .gz) |\n"
	"| `raw` | TEXT | null, or JSON with what the columns cannot hold: `NAME_hex` exact bytes, `NAME_raw` "
	"text of a value of the wrong kind |\n"
	"| `key` | BLOB | only where marked *once*: a record that is seen again adds a row to `source` |\n";

static const char *type_word(enum column_type type)
{
	switch (type) {
	case COL_INT: return "INTEGER";
	case COL_BOOL: return "INTEGER, 0 or 1";
	case COL_REAL: return "REAL";
	case COL_TIME: return "INTEGER, time";
	case COL_DIGEST: return "TEXT, digest";
	case COL_LIST: return "TEXT, list";
	default: return "TEXT";
	}
}

/* Text in a table cell. */
static void cell(struct span text)
{
	for (size_t i = 0; i < text.size; i++) {
		if (text.data[i] == '|')
			putchar('\\');
		putchar(text.data[i]);
	}
}

static void evidence(const struct table *t)
{
	printf("\n### `%s`\n\n%s%s\n\n| column | type | |\n|---|---|---|\n", t->name, t->help,
	       store_has_key(t) ? " *(once)*" : "");
	for (const struct column *c = t->columns; c->type != COL_END; c++) {
		printf("| `%s` | %s | ", c->name, type_word(c->type));
		cell(span_of(c->help));
		printf(" |\n");
	}
}

/* What stands behind "-- " in the line; the line loses it. */
static struct span comment_of(struct span *line)
{
	for (size_t i = 0; i + 2 < line->size; i++)
		if (memcmp(line->data + i, "-- ", 3) == 0) {
			struct span comment = span_part(*line, i + 3, line->size);

			*line = span_trim(span_part(*line, 0, i));
			return comment;
		}
	return (struct span){ 0 };
}

static void schema_column(struct span line, struct span comment)
{
	struct span rest = line, name = span_word(&rest), type = span_word(&rest);

	while (type.size && (type.data[type.size - 1] == ',' || type.data[type.size - 1] == ')'))
		type.size--;
	printf("| `%.*s` | %.*s | ", (int)name.size, (const char *)name.data, (int)type.size,
	       (const char *)type.data);
	cell(comment);
	printf(" |\n");
}

/* The case file's own tables: a heading for each "-- Section" line that stands between them. */
static void schema(struct span sql)
{
	bool inside = false;

	while (sql.size) {
		struct span line = span_until(&sql, '\n'), whole = line, comment = comment_of(&line);

		if (span_starts(whole, "CREATE TABLE ")) {
			struct span rest = span_part(line, 13, line.size), name = span_word(&rest);

			printf("\n### `%.*s`\n\n", (int)name.size, (const char *)name.data);
			cell(comment);
			printf("\n\n| column | type | |\n|---|---|---|\n");
			inside = true;
		} else if (span_starts(whole, ")")) {
			inside = false;
		} else if (inside && comment.data) {
			schema_column(line, comment);
		} else if (!inside && comment.data && sql.size && sql.data[0] == '\n') {
			printf("\n## %.*s\n", (int)comment.size, (const char *)comment.data);
		}
	}
}

int cmd_tables(int argc, char **argv, enum lang lang)
{
	(void)argc, (void)argv, (void)lang;
	fputs(front, stdout);
	for (unsigned i = 0; table_at(i); i++)
		evidence(table_at(i));
	schema(span_of((const char *)schema_sql));
	return fflush(stdout) ? EXIT_FAILED : EXIT_COMPLETE;
}
