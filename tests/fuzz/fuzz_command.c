/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "collectors/linux/autorun/command.h"
#include "lib/table.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const enum command_syntax both[] = { COMMAND_SHELL, COMMAND_EXEC };

	for (int i = 0; i < 2; i++) {
		struct buf list = { 0 };
		struct span rest, name;
		int count = 0;

		command_programs(&list, (struct span){ data, size }, both[i]);
		rest = buf_span(&list);
		while (list_next(&rest, &name))
			if (!name.size || ++count > COMMAND_PROGRAMS)
				abort();
		buf_done(&list);
	}
	return 0;
}
