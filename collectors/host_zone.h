/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_HOST_ZONE_H
#define KAKE_HOST_ZONE_H
/* The time zone of the host below a root, from its own files: never that of our environment. */
#include "lib/os.h"

struct host_zone {
	struct buf name;                     /* "Asia/Tokyo"; empty if nothing tells */
	struct buf tzif;                     /* bytes of /etc/localtime; empty if there is none: UTC */
	int64_t offset;                      /* seconds east of UTC at the time asked for */
};

/* -1: there are bytes, but they are no time zone; name and bytes are filled in all the same. */
int host_zone_read(struct host_zone *z, struct os_root *root, int64_t instant, struct fail *f);
void host_zone_done(struct host_zone *z);
#endif
