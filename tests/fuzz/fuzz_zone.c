/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "lib/zone.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const int64_t times[] = {
		INT64_MIN, INT64_MIN / 3, -2208988800, -1, 0, 951782400, 1774746000, 4102444800,
		INT64_C(253402300799), INT64_MAX / 3, INT64_MAX,
	};
	struct zone *z;
	struct fail f;

	if (zone_read(&z, (struct span){ data, size }, &f))
		return 0;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		int64_t offset = zone_offset(z, times[i]);

		if (offset < -26 * 3600 || offset > 26 * 3600)
			abort();
		zone_to_utc(z, times[i]);
	}
	zone_close(z);
	return 0;
}
