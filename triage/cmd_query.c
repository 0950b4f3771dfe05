/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "lib/os.h"
#include "triage/commands.h"
#include "triage/table_out.h"

enum { COLUMNS_MOST = 2000 };    /* what SQLite allows in a result */

struct query_options { const char *format, *lang; int64_t limit, max_time; };

/* Copies the rows to stdout; *cut if there were more than `limit` (0: all). */
static int print_rows(struct query *q, enum table_format format, int64_t limit, bool *cut,
                      struct fail *f)
{
	int columns = query_width(q), got = 0, result;
	const char **names = calloc((size_t)columns, sizeof *names);
	struct cell *cells = calloc((size_t)columns, sizeof *cells);
	struct table_out *t = NULL;
	struct fail ignored = { 0 };

	result = names && cells && columns <= COLUMNS_MOST ? 0 : fail_set(f, "out of memory");
	for (int i = 0; !result && i < columns; i++)
		names[i] = query_name(q, i);
	if (!result)
		result = table_out_open(&t, stdout, format, names, columns, os_terminal_width(1), f);
	while (!result && (got = query_step(q, f)) == 1) {
		*cut = limit && table_out_rows(t) == limit;
		if (*cut)
			break;
		for (int i = 0; i < columns; i++)
			cells[i] = query_cell(q, i);
		result = table_out_row(t, cells, f);
	}
	if (got < 0)
		result = -1;
	if (t && table_out_end(t, result ? &ignored : f))
		result = -1;
	free(names);
	free(cells);
	return result;
}

int cmd_query(int argc, char **argv, enum lang lang)
{
	struct query_options o = { 0 };
	const struct option_row options[] = {
		{ "format", OPT_TEXT, "FORMAT", "table (default), json or csv", &o.format },
		{ "limit", OPT_COUNT, "N", "stop after so many rows", &o.limit },
		{ "max-time", OPT_DURATION, "TIME", "stop after this time, such as 30s", &o.max_time },
		{ "lang", OPT_TEXT, "ja|en", "language of messages", &o.lang },
		{ NULL, OPT_FLAG, NULL, NULL, NULL },
	};
	const struct command_line line = {
		"kake-triage query CASE.db 'SELECT …'",
		"Runs one statement that only reads, and prints what it gives.", options, 2, 2,
	};
	enum table_format format;
	struct store *s = NULL;
	struct query *q = NULL;
	struct fail f = { 0 };
	bool cut = false;
	int operands, result = command_line_read(&line, argc, argv, lang, &operands);

	if (result)
		return result > 0 ? EXIT_COMPLETE : EXIT_FAILED;
	result = table_format_read(o.format, &format, &f) || store_open_read(&s, argv[2], &f) ||
	         query_open_guarded(&q, s, span_of(argv[3]), o.max_time, &f) ||
	         print_rows(q, format, o.limit, &cut, &f);
	query_close(q);
	store_close(s);
	if (result)
		return command_failed(&f, lang);
	if (cut)
		fputs(msg(lang, "there are more rows than --limit\n"), stderr);
	return cut ? EXIT_NOTES : EXIT_COMPLETE;
}
