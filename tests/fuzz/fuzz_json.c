/* SPDX-License-Identifier: Apache-2.0 */
/* Values walked to their depth and decoded, and lines read as rows. */
#include <stdint.h>
#include <stdlib.h>

#include "lib/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void walk(struct json_value v, int depth, struct buf *held)
{
	struct json_reader r = json_walk(v);
	struct json_value inner;
	struct span key;
	int64_t number;
	double real;

	if (depth > JSON_DEPTH)
		abort();
	buf_clear(held);
	json_decode(v, held);
	json_unhex(v, held);
	json_number(v, &number);
	json_double(v, &real);
	json_instant(v, &number);
	while (json_next(&r, &key, &inner))
		walk(inner, depth + 1, held);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { data, size };
	struct buf held = { 0 }, line = { 0 }, again = { 0 };
	const struct table *const tables[] = { &table_process, &table_file, &table_syslog };
	struct fail f;
	unsigned unknown;

	walk(json_parse(rest), 0, &held);
	while (rest.size) {
		struct span text = span_until(&rest, '\n');

		for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
			struct row row, second;

			buf_clear(&held);
			buf_clear(&line);
			buf_clear(&again);
			if (json_read_row(text, tables[i], &row, &held, &unknown, &f))
				continue;
			/* What was written is read again and written the same. */
			json_row(&line, &row);
			buf_clear(&again);
			if (json_read_row(buf_span(&line), tables[i], &second, &again, &unknown, &f) || unknown)
				abort();
			buf_clear(&held);
			json_row(&held, &second);
			if (!span_equal(buf_span(&held), buf_span(&line)))
				abort();
		}
	}
	buf_done(&held);
	buf_done(&line);
	buf_done(&again);
	return 0;
}
