/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a rows member into the table that the first byte chooses, in a case file in memory. */
#include "lib/json.h"
#include "lib/lines.h"
#include "triage/store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct table *chosen(uint8_t byte)
{
	unsigned count = 0;

	while (table_at(count))
		count++;
	return table_at(byte % count);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct store *store;
	struct fail f = { 0 };
	struct memory_source in;
	struct lines lines;
	struct line line;
	struct buf held = { 0 };
	int64_t id;

	if (!size || (!store && store_open(&store, ":memory:", &f)))
		return 0;
	if (store_begin(store, &f))
		__builtin_trap();
	memory_source_init(&in, (struct span){ data + 1, size - 1 });
	lines_init(&lines, &in.source);
	store_next_file(store);
	while (lines_next(&lines, &line, &f) == 1) {
		struct row row;
		unsigned unknown;

		buf_clear(&held);
		/* Whatever could be read must find its place. */
		if (json_read_row(line.text, chosen(data[0]), &row, &held, &unknown, &f) == 0 &&
		    store_row(store, &row, 1, 1, &id, &f) < 0)
			__builtin_trap();
	}
	lines_done(&lines);
	buf_done(&held);
	store_rollback(store);
	return 0;
}
