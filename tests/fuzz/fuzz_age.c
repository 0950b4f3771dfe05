/* SPDX-License-Identifier: Apache-2.0 */
/* Header and payload of an age file, for the identity that the seeds were made for. */
#include <stdlib.h>

#include "lib/age.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char identity[] = "AGE-SECRET-KEY-1RY6APGA7F30SQW4EYWDZ5Q09GEFGPK2YEU6V0SYX26HEHJ50W8PQ7AS28U";

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct age_identities *identities;
	struct memory_source below;
	struct source *plain;
	struct fail f;
	uint8_t bytes[4096];

	if (age_identities_read(&identities, span_of(identity), &f))
		abort();
	memory_source_init(&below, (struct span){ data, size });
	if (age_source_open(&plain, &below.source, identities, &f) == 0) {
		while (source_read(plain, bytes, sizeof bytes, &f) > 0)
			;
		age_source_close(plain);
	}
	age_identities_close(identities);
	return 0;
}
