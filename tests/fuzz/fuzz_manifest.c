/* SPDX-License-Identifier: Apache-2.0 */
#include <stdint.h>

#include "lib/manifest.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { data, size };
	struct buf held = { 0 }, again = { 0 };

	while (rest.size) {
		struct span line = span_until(&rest, '\n');
		struct manifest_start start;
		struct manifest_entry entry;
		struct manifest_end end;
		struct fail f;

		manifest_read_start(line, &start, &held, &f);
		buf_clear(&held);
		manifest_read_end(line, &end);
		if (manifest_read_entry(line, &entry, &held, &f) == 0)
			manifest_write_entry(&again, &entry);
		buf_clear(&held);
		buf_clear(&again);
	}
	buf_done(&held);
	buf_done(&again);
	return 0;
}
