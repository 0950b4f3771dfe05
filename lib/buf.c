/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/buf.h"

#include <stdio.h>
#include <stdlib.h>

uint8_t *buf_room(struct buf *b, size_t size)
{
	size_t capacity = b->capacity ? b->capacity : 64;
	uint8_t *data;

	if (b->bad || size > SIZE_MAX / 4 - b->size) {
		b->bad = true;
		return NULL;
	}
	if (b->data && b->size + size <= b->capacity)
		return b->data + b->size;
	while (capacity < b->size + size)
		capacity *= 2;
	data = realloc(b->data, capacity);
	if (!data) {
		b->bad = true;
		return NULL;
	}
	b->data = data;
	b->capacity = capacity;
	return data + b->size;
}

void buf_add(struct buf *b, struct span bytes)
{
	uint8_t *room = buf_room(b, bytes.size);

	if (!room || !bytes.size)
		return;
	memcpy(room, bytes.data, bytes.size);
	b->size += bytes.size;
}

void buf_text(struct buf *b, const char *text)
{
	buf_add(b, span_of(text));
}

void buf_byte(struct buf *b, uint8_t byte)
{
	buf_add(b, (struct span){ &byte, 1 });
}

void buf_vprintf(struct buf *b, const char *format, va_list arguments)
{
	va_list again;
	uint8_t *room;
	int size;

	va_copy(again, arguments);
	size = vsnprintf(NULL, 0, format, again);
	va_end(again);
	if (size < 0) {
		b->bad = true;
		return;
	}
	room = buf_room(b, (size_t)size + 1);
	if (!room)
		return;
	vsnprintf((char *)room, (size_t)size + 1, format, arguments);
	b->size += (size_t)size;
}

void buf_printf(struct buf *b, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	buf_vprintf(b, format, arguments);
	va_end(arguments);
}

void buf_number(struct buf *b, int64_t number)
{
	uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
	uint8_t digits[20];
	size_t at = sizeof digits;

	do
		digits[--at] = (uint8_t)('0' + left % 10);
	while (left /= 10);
	if (number < 0)
		buf_byte(b, '-');
	buf_add(b, (struct span){ digits + at, sizeof digits - at });
}

void buf_hex(struct buf *b, struct span bytes)
{
	static const char digits[] = "0123456789abcdef";
	uint8_t *room = buf_room(b, bytes.size * 2);

	if (!room)
		return;
	for (size_t i = 0; i < bytes.size; i++) {
		room[2 * i] = (uint8_t)digits[bytes.data[i] >> 4];
		room[2 * i + 1] = (uint8_t)digits[bytes.data[i] & 15];
	}
	b->size += bytes.size * 2;
}

struct span buf_span(const struct buf *b)
{
	return (struct span){ b->data, b->size };
}

const char *buf_string(struct buf *b)
{
	uint8_t *room = buf_room(b, 1);

	if (!room)
		return "";
	*room = 0;
	return (const char *)b->data;
}

void buf_clear(struct buf *b)
{
	b->size = 0;
	b->bad = false;
}

void buf_done(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}
