/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TABLE_OUT_H
#define KAKE_TABLE_OUT_H
/*
 * Rows for people and programs, as they come. `table`: aligned columns, harmless on a terminal, and
 * cut to its width; widths follow the first rows. `json`: one array of objects, an object a line.
 * `csv`: RFC 4180 with a byte-order mark, and what a spreadsheet would run as a formula gets a '.
 */
#include <stdio.h>

#include "triage/store_query.h"

enum table_format { FORMAT_TABLE, FORMAT_JSON, FORMAT_CSV };

struct table_out;

/* NULL is a table. */
int table_format_read(const char *name, enum table_format *out, struct fail *f);
/* `width`: columns of the terminal, 0: nothing is cut. Names are borrowed until table_out_end. */
int table_out_open(struct table_out **t, FILE *to, enum table_format format, const char *const *names,
                   int columns, unsigned width, struct fail *f);
int table_out_row(struct table_out *t, const struct cell *cells, struct fail *f);
/* Writes what is pending and frees; also where something failed before. -1: it could not be written. */
int table_out_end(struct table_out *t, struct fail *f);
/* Number of rows so far. */
int64_t table_out_rows(const struct table_out *t);
#endif
