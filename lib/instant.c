/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/instant.h"

bool instant_of(int64_t seconds, int64_t nanoseconds, int64_t *out)
{
	int64_t product;

	if (nanoseconds < 0 || nanoseconds >= INSTANT_SECOND)
		return false;
	/* The earliest second is only partly representable: count up from the next one. */
	if (seconds < 0 && nanoseconds > 0) {
		seconds++;
		nanoseconds -= INSTANT_SECOND;
	}
	if (__builtin_mul_overflow(seconds, INSTANT_SECOND, &product) ||
	    __builtin_add_overflow(product, nanoseconds, &product))
		return false;
	*out = product;
	return true;
}

int64_t instant_seconds(int64_t instant)
{
	return instant / INSTANT_SECOND - (instant % INSTANT_SECOND < 0);
}

static bool is_leap(int64_t year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int64_t year, int month)
{
	static const uint8_t days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && is_leap(year));
}

bool civil_valid(const struct civil *c)
{
	return c->year >= 1 && c->year <= 9999 && c->month >= 1 && c->month <= 12 && c->day >= 1 &&
	       c->day <= days_in(c->year, c->month) && c->hour >= 0 && c->hour <= 23 &&
	       c->minute >= 0 && c->minute <= 59 && c->second >= 0 && c->second <= 60 &&
	       c->nanosecond >= 0 && c->nanosecond < INSTANT_SECOND;
}

/* Days since 1970-01-01, counted in eras of 400 years that begin on 1 March. */
static int64_t civil_days(int64_t year, int month, int day)
{
	int64_t shifted = month <= 2 ? year - 1 : year;
	int64_t era = (shifted >= 0 ? shifted : shifted - 399) / 400;
	int64_t of_era = shifted - era * 400;
	int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

	return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

int64_t civil_seconds(const struct civil *c)
{
	return civil_days(c->year, c->month, c->day) * 86400 + c->hour * 3600 + c->minute * 60 +
	       c->second;
}

struct civil civil_of(int64_t seconds)
{
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int64_t rest = seconds - days * 86400;
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t of_era = shifted - era * 146097;
	int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
	int64_t month = (5 * of_year + 2) / 153;

	return (struct civil){
		.year = year + era * 400 + (month >= 10),
		.month = (int)(month < 10 ? month + 3 : month - 9),
		.day = (int)(of_year - (153 * month + 2) / 5 + 1),
		.hour = (int)(rest / 3600), .minute = (int)(rest / 60 % 60), .second = (int)(rest % 60),
	};
}

/* A number below 10^digits, with zeros before it. */
static void padded(struct buf *out, int64_t number, int digits)
{
	uint8_t text[10];

	for (int i = digits - 1; i >= 0; i--) {
		text[i] = (uint8_t)('0' + number % 10);
		number /= 10;
	}
	buf_add(out, (struct span){ text, (size_t)digits });
}

bool seconds_text(struct buf *out, int64_t seconds, int64_t nanoseconds)
{
	struct civil c;

	/* The first second of year 1 and the last of year 9999. */
	if (seconds < INT64_C(-62135596800) || seconds > INT64_C(253402300799))
		return false;
	c = civil_of(seconds);
	padded(out, c.year, 4);
	buf_byte(out, '-');
	padded(out, c.month, 2);
	buf_byte(out, '-');
	padded(out, c.day, 2);
	buf_byte(out, 'T');
	padded(out, c.hour, 2);
	buf_byte(out, ':');
	padded(out, c.minute, 2);
	buf_byte(out, ':');
	padded(out, c.second, 2);
	if (nanoseconds) {
		buf_byte(out, '.');
		padded(out, nanoseconds, 9);
		while (!out->bad && out->data[out->size - 1] == '0')
			out->size--;
	}
	buf_byte(out, 'Z');
	return true;
}

void instant_text(struct buf *out, int64_t instant)
{
	int64_t seconds = instant_seconds(instant);

	/* Not seconds * INSTANT_SECOND, which overflows for the earliest second. */
	seconds_text(out, seconds, (instant % INSTANT_SECOND + INSTANT_SECOND) % INSTANT_SECOND);
}

/* Takes exactly `count` digits. */
static bool digits(struct span *rest, size_t count, int *out)
{
	int64_t number;

	if (rest->size < count || rest->data[0] == '-' ||
	    !span_number(span_part(*rest, 0, count), &number))
		return false;
	*rest = span_part(*rest, count, rest->size);
	*out = (int)number;
	return true;
}

static bool symbol(struct span *rest, const char *set)
{
	if (!rest->size || !rest->data[0] || !strchr(set, rest->data[0]))
		return false;
	*rest = span_part(*rest, 1, rest->size);
	return true;
}

/* Digits behind the point, as nanoseconds; those behind the ninth are dropped. */
static bool fraction(struct span *rest, int *out)
{
	int place = (int)INSTANT_SECOND / 10, sum = 0, digit = 0;
	bool any = false;

	while (rest->size && rest->data[0] >= '0' && rest->data[0] <= '9') {
		digits(rest, 1, &digit);
		sum += digit * place;
		place /= 10;
		any = true;
	}
	*out = sum;
	return any;
}

/* Z, +09, +0900, +09:00, or nothing. */
static bool zone_offset(struct span *rest, int *seconds, bool *present)
{
	bool negative = rest->size && rest->data[0] == '-';
	int hours, minutes = 0;

	*seconds = 0;
	*present = rest->size > 0;
	if (!rest->size || symbol(rest, "Zz"))
		return true;
	if (!symbol(rest, "+-") || !digits(rest, 2, &hours))
		return false;
	if (rest->size) {
		symbol(rest, ":");
		if (!digits(rest, 2, &minutes))
			return false;
	}
	*seconds = (hours * 60 + minutes) * (negative ? -60 : 60);
	return hours <= 23 && minutes <= 59;
}

bool instant_parse(struct span text, int64_t *out, bool *has_offset)
{
	struct civil c = { 0 };
	int year, offset;

	if (!digits(&text, 4, &year) || !symbol(&text, "-") || !digits(&text, 2, &c.month) ||
	    !symbol(&text, "-") || !digits(&text, 2, &c.day) || !symbol(&text, "Tt ") ||
	    !digits(&text, 2, &c.hour) || !symbol(&text, ":") || !digits(&text, 2, &c.minute) ||
	    !symbol(&text, ":") || !digits(&text, 2, &c.second))
		return false;
	c.year = year;
	if (symbol(&text, ".,") && !fraction(&text, &c.nanosecond))
		return false;
	if (!zone_offset(&text, &offset, has_offset) || text.size || !civil_valid(&c))
		return false;
	return instant_of(civil_seconds(&c) - offset, c.nanosecond, out);
}

int month_of(struct span name)
{
	static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

	for (int i = 0; name.size == 3 && i < 12; i++)
		if (memcmp(months + 3 * i, name.data, 3) == 0)
			return i + 1;
	return 0;
}
