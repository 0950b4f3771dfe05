/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "collectors/linux/autorun/readers.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool inside(struct span part, struct span whole)
{
	return !part.size ||
		   (part.data >= whole.data && part.data + part.size <= whole.data + whole.size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { data, size };

	while (rest.size) {
		struct span text = span_until(&rest, '\n');

		for (int with_user = 0; with_user < 2; with_user++) {
			struct cron_line line;
			int got = cron_parse(text, with_user, &line);

			if (got > 0 && !line.command.size && !line.variable.size)
				abort();
			if (!inside(line.schedule, text) || !inside(line.user, text) ||
			    !inside(cron_program(line.command), text) || !inside(line.value, text))
				abort();
		}
	}
	return 0;
}
