/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_INSTANT_H
#define KAKE_INSTANT_H
/*
 * Time is one int64_t of nanoseconds since 1970-01-01T00:00:00Z (1677-09-21 to 2262-04-11).
 * Calendar arithmetic is proleptic Gregorian and knows no leap seconds, as the kernel's.
 */
#include "lib/buf.h"

#define INSTANT_SECOND INT64_C(1000000000)

struct civil { int64_t year; int month, day, hour, minute, second, nanosecond; };

/* False, and *out untouched, if the sum does not fit an instant. nanoseconds: 0 to 999,999,999. */
bool instant_of(int64_t seconds, int64_t nanoseconds, int64_t *out);
/* Whole seconds (rounded down) of an instant. */
int64_t instant_seconds(int64_t instant);
/* Seconds since 1970 of a date and time in UTC; months 1–12, days 1–31, hours 0–23, seconds 0–60. */
bool civil_valid(const struct civil *c);
int64_t civil_seconds(const struct civil *c);
struct civil civil_of(int64_t seconds);
/* RFC 3339 in UTC with as many of nine digits as are needed: 2026-03-27T01:02:03.5Z */
void instant_text(struct buf *out, int64_t instant);
/* The same for seconds of any year 0001–9999; false (nothing written) outside. */
bool seconds_text(struct buf *out, int64_t seconds, int64_t nanoseconds);
/*
 * RFC 3339 and its close kin: T or a blank between, fraction after '.' or ',', offset Z, +09:00,
 * +0900, +09. *has_offset tells whether one was there; without one the value is read as UTC.
 * False if the bytes are not wholly such a time or it does not fit.
 */
bool instant_parse(struct span text, int64_t *out, bool *has_offset);
/* January … as three English letters: 1–12, or 0. */
int month_of(struct span name);
#endif
