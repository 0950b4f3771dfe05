/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_HOST_NAMED_H
#define KAKE_HOST_NAMED_H
#include "triage/store_query.h"

/* The host with this name, address, or machine id. */
int host_named(struct store *s, const char *name, int64_t *id, struct fail *f);
#endif
