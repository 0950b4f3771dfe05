/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>
#include <stdint.h>

#include "collectors/artifacts.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct artifacts a = { 0 };
	struct fail f;

	if (artifacts_add(&a, "fuzz", (struct span){ data, size }, &f) == 0)
		(void)artifacts_check(&a, &f);
	artifacts_done(&a);
	return 0;
}
