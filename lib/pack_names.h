/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PACK_NAMES_H
#define KAKE_PACK_NAMES_H
/*
 * Member names of files: path_to_member below "files/", with "%~2", "%~3" … behind a component that
 * a file system blind to case would take for one already used in another way, and components of more
 * than 200 bytes continued behind "%/".
 */
#include "lib/buf.h"

enum { NAME_PIECE = 200 };

struct pack_names { struct name_slot *slots; size_t capacity, count; };

/* Adds the member name of the path to `out` and remembers it. False if there is no memory. */
bool pack_names_add(struct pack_names *n, struct span path, struct buf *out);
void pack_names_done(struct pack_names *n);
#endif
