/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cursor.h"

struct cursor cursor_on(struct span bytes)
{
	return (struct cursor){ bytes, false };
}

struct span cursor_take(struct cursor *c, size_t size)
{
	struct span taken = { c->rest.data, size };

	if (c->bad || size > c->rest.size) {
		c->bad = true;
		return (struct span){ 0 };
	}
	c->rest = (struct span){ c->rest.data + size, c->rest.size - size };
	return taken;
}

static uint64_t little(struct cursor *c, size_t size)
{
	struct span bytes = cursor_take(c, size);
	uint64_t number = 0;

	for (size_t i = bytes.size; i > 0; i--)
		number = number << 8 | bytes.data[i - 1];
	return number;
}

static uint64_t big(struct cursor *c, size_t size)
{
	struct span bytes = cursor_take(c, size);
	uint64_t number = 0;

	for (size_t i = 0; i < bytes.size; i++)
		number = number << 8 | bytes.data[i];
	return number;
}

uint8_t cursor_u8(struct cursor *c) { return (uint8_t)little(c, 1); }
uint16_t cursor_u16le(struct cursor *c) { return (uint16_t)little(c, 2); }
uint32_t cursor_u32le(struct cursor *c) { return (uint32_t)little(c, 4); }
uint64_t cursor_u64le(struct cursor *c) { return little(c, 8); }
uint16_t cursor_u16be(struct cursor *c) { return (uint16_t)big(c, 2); }
uint32_t cursor_u32be(struct cursor *c) { return (uint32_t)big(c, 4); }
uint64_t cursor_u64be(struct cursor *c) { return big(c, 8); }

struct span cursor_text(struct cursor *c, size_t field)
{
	struct span bytes = cursor_take(c, field);

	return span_part(bytes, 0, span_find(bytes, 0));
}
