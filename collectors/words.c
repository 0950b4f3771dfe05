/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/words.h"

#include <inttypes.h>
#include <stdio.h>

void words_number(struct buf *out, int64_t number)
{
	char digits[24];
	int size = snprintf(digits, sizeof digits, "%" PRId64, number);

	for (int i = 0; i < size; i++) {
		buf_byte(out, (uint8_t)digits[i]);
		if ((size - 1 - i) % 3 == 0 && i + 1 < size && digits[i] != '-')
			buf_byte(out, ',');
	}
}

void words_size(struct buf *out, int64_t bytes)
{
	static const char *const units[] = { "kB", "MB", "GB", "TB" };
	double size = (double)bytes / 1000;
	size_t unit = 0;

	if (bytes < 1000) {
		buf_printf(out, "%" PRId64 " B", bytes);
		return;
	}
	while (size >= 999.95 && unit + 1 < sizeof units / sizeof *units) {
		size /= 1000;
		unit++;
	}
	buf_printf(out, "%.1f %s", size, units[unit]);
}

void words_duration(struct buf *out, int64_t nanoseconds)
{
	int64_t seconds = nanoseconds / 1000000000;

	if (seconds >= 3600)
		buf_printf(out, "%" PRId64 ":%02d:%02d", seconds / 3600, (int)(seconds / 60 % 60),
		           (int)(seconds % 60));
	else
		buf_printf(out, "%d:%02d", (int)(seconds / 60), (int)(seconds % 60));
}
