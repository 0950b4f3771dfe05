/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SPAN_H
#define KAKE_SPAN_H
/*
 * Borrowed bytes. A span owns nothing and is never freed; it is valid as long as what it points
 * into. Paths and names are spans because they may hold any byte but NUL; text is UTF-8 by
 * intention and never trusted to be.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct span { const uint8_t *data; size_t size; };

/* The bytes of a C string without its NUL; NULL gives the empty span. */
struct span span_of(const char *text);
bool span_equal(struct span a, struct span b);
bool span_is(struct span a, const char *text);
bool span_starts(struct span a, const char *prefix);
bool span_ends(struct span a, const char *suffix);
/* memcmp order, the shorter first where one begins the other. */
int span_compare(struct span a, struct span b);
/* Bytes from `at` to `at + size`, cut to what there is. */
struct span span_part(struct span a, size_t at, size_t size);
/* Offset of the first `byte`, or a.size. */
size_t span_find(struct span a, uint8_t byte);
/* Whether the text occurs in the bytes. */
bool span_contains(struct span a, const char *text);
/* Without leading and trailing blanks (space, tab, CR, LF). */
struct span span_trim(struct span a);
/*
 * The next word of *rest, as split at runs of blanks, and *rest moved behind it; an empty span at
 * the end.
 */
struct span span_word(struct span *rest);
/* The bytes up to `byte` (or all), and *rest moved behind it. */
struct span span_until(struct span *rest, uint8_t byte);
/* A whole decimal number and nothing else, within int64: true and *out set. */
bool span_number(struct span a, int64_t *out);
bool span_hex(struct span a, uint64_t *out);
#endif
