/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ZONE_H
#define KAKE_ZONE_H
/*
 * A time zone with its history, read from the host's own TZif bytes (RFC 8536), so that a log is
 * read in the zone of the host and never in the analyst's. The footer rule serves times behind the
 * table.
 */
#include "lib/instant.h"
#include "lib/fail.h"

struct zone;

int zone_read(struct zone **z, struct span tzif, struct fail *f);
/* A fixed offset, in seconds east of UTC. */
int zone_fixed(struct zone **z, int64_t offset, struct fail *f);
/* Seconds east of UTC at a time given in UTC seconds. */
int64_t zone_offset(const struct zone *z, int64_t utc);
/*
 * UTC seconds of a wall-clock time given as if it were UTC. A time that exists twice gives the first
 * one, one that does not exist is read with the offset before the gap. Times more than 9,999 years
 * from 1970 are given back as they are.
 */
int64_t zone_to_utc(const struct zone *z, int64_t wall);
void zone_close(struct zone *z);
#endif
