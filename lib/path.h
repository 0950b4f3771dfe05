/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PATH_H
#define KAKE_PATH_H
/* Paths and names are bytes. '/' separates; nothing is assumed of the rest. */
#include "lib/buf.h"

/* Behind the last '/'. */
struct span path_base(struct span path);
/* Before the last '/', "/" for a name in the root, empty if there is no '/'. */
struct span path_parent(struct span path);
/* Adds "directory/name" with exactly one '/' between. */
void path_join(struct buf *out, struct span directory, struct span name);
/* Adds the path with //, /./ and /../ resolved as text; never leaves "/". */
void path_clean(struct buf *out, struct span path);
/* Whether the path is the directory or lies below it. */
bool path_below(struct span path, struct span directory);
/*
 * Shell-like pattern: ? and * within a component, [a-z] and [!a-z], ** as a whole component for any
 * number of components (also none). Byte-wise, linear in practice and bounded by pattern × path.
 */
bool path_match(struct span pattern, struct span path);
/*
 * The member name under which a host path is safe to extract anywhere (docs/format.md): without the
 * leading '/', valid UTF-8 readable, every other or unsafe byte as %XX. And the way back, also for
 * the marks that the pack adds: "%~2" behind a name that clashes, "%/" within one that is too long.
 */
void path_to_member(struct buf *out, struct span path);
bool path_from_member(struct buf *out, struct span member);
#endif
