/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/fuzz/parser_fuzz.h"

extern const struct parser parser_history;
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The form follows from the path. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char *const paths[] = {
		"/root/.bash_history", "/home/a/.zsh_history", "/home/a/.local/share/fish/fish_history",
		"/home/a/.mysql_history",
	};

	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++)
		parser_fuzz(&parser_history, paths[i], data, size);
	return 0;
}
