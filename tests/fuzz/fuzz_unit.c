/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "collectors/linux/autorun/unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct unit_setting setting;
	struct unit_text text;
	struct buf out = { 0 };
	size_t line = 0;

	unit_begin(&text, (struct span){ data, size });
	while (unit_next(&text, &setting)) {
		if (setting.line <= line)
			abort();
		line = setting.line;
		buf_clear(&out);
		exec_program(&out, setting.value);
		unit_expand(&out, setting.value, setting.key, setting.section, setting.key);
		if (unit_template(setting.key, &out) && !unit_instance(setting.key).size)
			abort();
	}
	unit_end(&text);
	buf_done(&out);
	return 0;
}
