/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PREPARE_H
#define KAKE_PREPARE_H
/*
 * What several rules ask, worked out once for all of them, in tables that last as long as the
 * connection:
 *   running  processes, each once: image without what the kernel adds, command as one text, `place`
 *            (see PLACE), `packaged` (1, 0, or null: not known), user, is_own (the collector)
 *   talking  sockets with the process that holds them, the collector's left out
 *   own      what the collector says of itself, per archive
 */
#include "triage/store_query.h"

int prepare_make(struct store *store, struct fail *f);
int prepare_drop(struct store *store, struct fail *f);
#endif
