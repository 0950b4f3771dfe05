/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/parser_fuzz.h"

extern const struct parser parser_lastlog;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	parser_fuzz(&parser_lastlog, "/var/log/lastlog", data, size);
	return 0;
}
