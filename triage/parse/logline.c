/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/logline.h"

static struct span tail(struct span s, size_t at)
{
	return at < s.size ? (struct span){ s.data + at, s.size - at } :
	                     (struct span){ s.data + s.size, 0 };
}

static bool is_digit(uint8_t byte)
{
	return byte >= '0' && byte <= '9';
}

/* Exactly two digits at `at`, which the caller knows to be inside; -1 if they are none. */
static int two(const uint8_t *at)
{
	return is_digit(at[0]) && is_digit(at[1]) ? (at[0] - '0') * 10 + (at[1] - '0') : -1;
}

/* hh:mm:ss at the start of eight bytes. */
static bool clock_at(const uint8_t *at, struct civil *c)
{
	c->hour = two(at);
	c->minute = two(at + 3);
	c->second = two(at + 6);
	return at[2] == ':' && at[5] == ':' && c->hour >= 0 && c->minute >= 0 && c->second >= 0;
}

/* A point or comma and digits, as nanoseconds; what is behind the ninth is dropped. */
static void fraction(struct span *rest, struct civil *c)
{
	int place = 100000000;
	size_t size = 1;

	if (rest->size < 2 || (rest->data[0] != '.' && rest->data[0] != ',') || !is_digit(rest->data[1]))
		return;
	for (; size < rest->size && is_digit(rest->data[size]); size++, place /= 10)
		c->nanosecond += (rest->data[size] - '0') * place;
	*rest = tail(*rest, size);
}

/* Z, +hh:mm, +hhmm, +hh. */
static bool offset(struct span *rest, struct log_stamp *stamp)
{
	const uint8_t *at = rest->data;
	int hours, minutes = 0;
	size_t size = 3;

	if (!rest->size || (at[0] != 'Z' && at[0] != 'z' && at[0] != '+' && at[0] != '-'))
		return true;
	stamp->has_offset = true;
	if (at[0] == 'Z' || at[0] == 'z') {
		*rest = tail(*rest, 1);
		return true;
	}
	if (rest->size < 3 || (hours = two(at + 1)) < 0)
		return false;
	if (rest->size >= 6 && at[3] == ':' && (minutes = two(at + 4)) >= 0)
		size = 6;
	else if (rest->size >= 5 && is_digit(at[3]) && (minutes = two(at + 3)) >= 0)
		size = 5;
	else
		minutes = 0;
	stamp->offset = (hours * 60 + minutes) * (at[0] == '-' ? -60 : 60);
	*rest = tail(*rest, size);
	return hours <= 23 && minutes <= 59;
}

/* 2026-11-25T07:32:21.123456+00:00 */
static bool full_stamp(struct span *rest, struct log_stamp *stamp)
{
	const uint8_t *at = rest->data;
	struct civil *c = &stamp->at;
	struct span after;
	int century, year;

	if (rest->size < 19 || at[4] != '-' || at[7] != '-' || (at[10] != 'T' && at[10] != ' '))
		return false;
	century = two(at);
	year = two(at + 2);
	c->year = century * 100 + year;
	c->month = two(at + 5);
	c->day = two(at + 8);
	if (century < 0 || year < 0 || !clock_at(at + 11, c))
		return false;
	after = tail(*rest, 19);
	fraction(&after, c);
	if (!offset(&after, stamp) || !civil_valid(c))
		return false;
	stamp->kind = STAMP_FULL;
	*rest = after;
	return true;
}

/* Mmm dd [yyyy] hh:mm:ss; the day in one or two places. */
static bool short_stamp(struct span *rest, struct log_stamp *stamp)
{
	const uint8_t *at = rest->data;
	struct civil *c = &stamp->at;
	size_t clock = 7;

	if (rest->size < 14 || at[3] != ' ')
		return false;
	c->month = month_of((struct span){ at, 3 });
	if (!c->month)
		return false;
	if (is_digit(at[4]) && at[5] == ' ')
		clock = 6;
	c->day = clock == 6 ? at[4] - '0' : at[4] == ' ' && is_digit(at[5]) ? at[5] - '0' : two(at + 4);
	if (c->day < 1 || c->day > 31 || at[clock - 1] != ' ')
		return false;
	if (rest->size >= clock + 13 && at[clock + 4] == ' ' && two(at + clock) >= 0 &&
	    two(at + clock + 2) >= 0) {
		c->year = two(at + clock) * 100 + two(at + clock + 2);
		clock += 5;
	}
	if (rest->size < clock + 8 || !clock_at(at + clock, c) || c->hour > 23 || c->minute > 59 ||
	    c->second > 60)
		return false;
	stamp->kind = STAMP_SHORT;
	*rest = tail(*rest, clock + 8);
	fraction(rest, c);
	return true;
}

/* <PRI> of at most 191. */
static int priority(struct span *rest)
{
	int number = 0;
	size_t size = 1;

	if (rest->size < 3 || rest->data[0] != '<')
		return -1;
	while (size < rest->size && size < 4 && is_digit(rest->data[size]))
		number = number * 10 + (rest->data[size++] - '0');
	if (size == 1 || size >= rest->size || rest->data[size] != '>' || number > 191)
		return -1;
	*rest = tail(*rest, size + 1);
	return number;
}

/* The version of RFC 5424 behind a <PRI>. */
static bool version(struct span *rest)
{
	if (rest->size < 2 || rest->data[0] != '1' || rest->data[1] != ' ')
		return false;
	*rest = tail(*rest, 2);
	return true;
}

static bool stamp_at(struct span *rest, struct log_stamp *stamp)
{
	if (!rest->size)
		return false;
	return is_digit(rest->data[0]) ? full_stamp(rest, stamp) : short_stamp(rest, stamp);
}

struct span log_trim(struct span text)
{
	size_t at = 0;

	while (at < text.size && !text.data[at])
		at++;
	return (struct span){ text.data + at, text.size - at };
}

struct log_stamp log_stamp_of(struct span text)
{
	struct log_stamp stamp = { 0 };

	if (text.size && text.data[0] == '<' && priority(&text) >= 0)
		version(&text);
	if (!stamp_at(&text, &stamp))
		return (struct log_stamp){ 0 };
	return stamp;
}

static struct span word(struct span *rest)
{
	size_t size = span_find(*rest, ' ');
	struct span taken = { rest->data, size };

	*rest = tail(*rest, size + 1);
	return taken;
}

static struct span field5424(struct span *rest)
{
	struct span taken = word(rest);

	return span_is(taken, "-") ? (struct span){ 0 } : taken;
}

/* Bytes of the structured data: elements in brackets, values in quotes with \ before " \ ]. */
static size_t data_size(struct span s)
{
	bool inside = false, quoted = false;

	for (size_t i = 0; i < s.size; i++) {
		uint8_t byte = s.data[i];

		if (quoted) {
			i += byte == '\\';
			quoted = byte != '"';
		} else if (inside) {
			quoted = byte == '"';
			inside = byte != ']';
		} else if (byte == '[') {
			inside = true;
		} else {
			return i;
		}
	}
	return inside ? 0 : s.size;
}

static void rest5424(struct span rest, struct log_line *line)
{
	static const uint8_t bom[] = { 0xef, 0xbb, 0xbf };
	size_t size;

	line->host = field5424(&rest);
	line->program = field5424(&rest);
	line->pid = field5424(&rest);
	line->message_id = field5424(&rest);
	size = rest.size && rest.data[0] == '[' ? data_size(rest) : 0;
	if (size) {
		line->data = span_part(rest, 0, size);
		rest = tail(rest, size);
	} else if (rest.size && rest.data[0] == '-') {
		rest = tail(rest, 1);
	}
	if (rest.size && rest.data[0] == ' ')
		rest = tail(rest, 1);
	if (rest.size >= sizeof bom && memcmp(rest.data, bom, sizeof bom) == 0)
		rest = tail(rest, sizeof bom);
	line->message = rest;
}

/* Splits "program[pid]" in two; "[program]", as metalog writes, loses its brackets. */
static void program_pid(struct span tag, struct log_line *line)
{
	size_t open = span_find(tag, '[');

	if (tag.size > 2 && open == 0 && tag.data[tag.size - 1] == ']') {
		line->program = span_part(tag, 1, tag.size - 2);
		return;
	}
	if (open && open < tag.size && tag.data[tag.size - 1] == ']') {
		line->pid = (struct span){ tag.data + open + 1, tag.size - open - 2 };
		tag.size = open;
	}
	line->program = tag;
}

static bool is_tag(struct span first)
{
	return first.size > 1 && (first.data[first.size - 1] == ':' || first.data[first.size - 1] == ']');
}

static bool begins_tag(struct span rest)
{
	uint8_t byte = rest.size ? rest.data[0] : 0;

	return (byte | 0x20) >= 'a' ? (byte | 0x20) <= 'z' || byte >= 0x80 :
	       is_digit(byte) || byte == '/' || byte == '(' || byte == '[' || byte == '_';
}

/* [host] [program[pid][:]] message */
static void rest3164(struct span rest, struct log_line *line)
{
	struct span after = rest, first = word(&after), tag;

	if (!is_tag(first)) {
		line->host = first;
		rest = after;
		first = word(&after);
	}
	line->message = rest;
	if (!begins_tag(first) || span_starts(rest, "last message repeated "))
		return;
	tag = first;
	if (tag.data[tag.size - 1] == ':')
		tag.size--;
	program_pid(tag, line);
	line->message = after;
}

static int64_t number_at(struct span s, size_t *size)
{
	int64_t sum = 0;

	*size = 0;
	while (*size < s.size && *size < 9 && is_digit(s.data[*size]))
		sum = sum * 10 + (s.data[(*size)++] - '0');
	return sum;
}

int64_t log_repeats(struct span message)
{
	size_t size;
	int64_t times;

	if (span_starts(message, "--- "))
		message = tail(message, 4);
	if (!span_starts(message, "last message repeated "))
		return 0;
	message = tail(message, strlen("last message repeated "));
	times = number_at(message, &size);
	return span_starts(tail(message, size), " time") ? times : 0;
}

/* Drops blanks in front, and takes apart "message repeated N times: [ TEXT]", as rsyslog writes. */
static void unroll(struct log_line *line)
{
	struct span m = line->message;
	size_t size;
	int64_t times;

	while (m.size && m.data[0] == ' ')
		m = tail(m, 1);
	line->message = line->said = m;
	if (!span_starts(m, "message repeated "))
		return;
	m = tail(m, strlen("message repeated "));
	times = number_at(m, &size);
	m = tail(m, size);
	if (!size || times < 1 || !span_starts(m, " times: [") || m.data[m.size - 1] != ']')
		return;
	line->repeated = times;
	m = tail(m, strlen(" times: ["));
	m.size--;
	if (m.size && m.data[0] == ' ')
		m = tail(m, 1);
	line->said = m;
}

struct log_line log_line_of(struct span text)
{
	struct log_line line = { .facility = -1, .severity = -1, .message = text, .said = text,
	                         .repeated = 1 };
	struct span rest = text, start;
	int pri = rest.size && rest.data[0] == '<' ? priority(&rest) : -1;
	bool modern = pri >= 0 && version(&rest);

	start = rest;
	if (modern && rest.size >= 2 && rest.data[0] == '-' && rest.data[1] == ' ')
		rest = tail(rest, 1);
	else if (!stamp_at(&rest, &line.stamp))
		return line;
	line.time = span_part(start, 0, start.size - rest.size);
	if (pri >= 0) {
		line.facility = pri / 8;
		line.severity = pri % 8;
	}
	line.format = modern ? "rfc5424" : line.stamp.kind == STAMP_FULL ? "iso" : "rfc3164";
	if (rest.size && rest.data[0] == ' ') {
		rest = tail(rest, 1);
		if (modern)
			rest5424(rest, &line);
		else
			rest3164(rest, &line);
	} else {
		/* "Nov 18 01:15:43: text", without a host */
		if (rest.size && rest.data[0] == ':')
			rest = tail(rest, 1);
		line.message = rest.size && rest.data[0] == ' ' ? tail(rest, 1) : rest;
	}
	unroll(&line);
	return line;
}
