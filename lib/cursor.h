/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_CURSOR_H
#define KAKE_CURSOR_H
/*
 * Reads numbers and ranges from borrowed bytes, never past their end. A read that does not fit
 * returns zero (or an empty span) and sets `bad`, which stays set: read a record, then test once.
 */
#include "lib/span.h"

struct cursor { struct span rest; bool bad; };

struct cursor cursor_on(struct span bytes);
uint8_t cursor_u8(struct cursor *c);
uint16_t cursor_u16le(struct cursor *c);
uint32_t cursor_u32le(struct cursor *c);
uint64_t cursor_u64le(struct cursor *c);
uint16_t cursor_u16be(struct cursor *c);
uint32_t cursor_u32be(struct cursor *c);
uint64_t cursor_u64be(struct cursor *c);
struct span cursor_take(struct cursor *c, size_t size);
/* A field of `field` bytes, up to its first NUL. */
struct span cursor_text(struct cursor *c, size_t field);
#endif
