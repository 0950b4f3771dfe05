/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_OUTPUT_H
#define KAKE_OUTPUT_H
/*
 * Bytes out, through layers: an output may pass what it makes of its bytes to the next one. age and
 * volumes will be two more of these.
 */
#include "lib/fail.h"
#include "lib/span.h"

struct output {
	int (*write)(struct output *o, struct span bytes, struct fail *f);
	/* What was written so far can be read back even if nothing follows; on the disk, if it ends there. */
	int (*settle)(struct output *o, struct fail *f);
	/* Nothing follows. */
	int (*end)(struct output *o, struct fail *f);
	/* Frees this and the layers below, whatever state they are in. */
	void (*close)(struct output *o);
	/*
	 * settle() is sure only of whole multiples of this many bytes since the first (0: of every byte):
	 * a layer above that wants more must fill up.
	 */
	size_t granule;
};
#endif
