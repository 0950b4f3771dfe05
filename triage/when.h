/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_WHEN_H
#define KAKE_WHEN_H
/* Times as the analyst writes and reads them: in UTC, at a fixed offset, or in each host's zone. */
#include "lib/instant.h"
#include "lib/fail.h"

struct when_zone { bool host; int64_t offset; };     /* seconds east of UTC; of each row if `host` */

/* "utc", "host", "+09:00"; NULL is utc. */
int when_zone_read(const char *name, struct when_zone *out, struct fail *f);
/*
 * "2026-03-27", "2026-03-27 10:02", "2026-03-27T10:02:03.5+09:00"; without an offset in the zone, or
 * in UTC if that is of each host.
 */
int when_read(const char *text, const struct when_zone *zone, int64_t *out, struct fail *f);
/* RFC 3339 with the offset: 2026-03-27T10:02:03.5+09:00; Z for UTC. */
void when_text(struct buf *out, int64_t instant, int64_t offset);
#endif
