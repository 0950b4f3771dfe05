/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_BUF_H
#define KAKE_BUF_H
/*
 * Bytes that grow. A buf remembers its first failed allocation in `bad`, after which additions do
 * nothing: write straight lines, then test once. { 0 } is an empty buf.
 */
#include <stdarg.h>
#include "lib/span.h"

struct buf { uint8_t *data; size_t size, capacity; bool bad; };

void buf_add(struct buf *b, struct span bytes);
void buf_text(struct buf *b, const char *text);
void buf_byte(struct buf *b, uint8_t byte);
void buf_printf(struct buf *b, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buf_vprintf(struct buf *b, const char *format, va_list arguments)
	__attribute__((format(printf, 2, 0)));
/* A number in decimal digits. */
void buf_number(struct buf *b, int64_t number);
/* Lower-case hexadecimal digits of the bytes. */
void buf_hex(struct buf *b, struct span bytes);
/* Room for `size` more bytes behind the contents, not yet counted; NULL if there is no memory. */
uint8_t *buf_room(struct buf *b, size_t size);
struct span buf_span(const struct buf *b);
/* Contents as a C string, valid until the next change; "" if bad. The NUL is not counted. */
const char *buf_string(struct buf *b);
/* Forgets the contents (and bad) and keeps the memory. */
void buf_clear(struct buf *b);
void buf_done(struct buf *b);
#endif
