/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/instant.h"
#include "lib/text.h"

static void quote_byte(struct buf *out, uint8_t byte)
{
	switch (byte) {
	case '"': buf_text(out, "\\\""); break;
	case '\\': buf_text(out, "\\\\"); break;
	case '\n': buf_text(out, "\\n"); break;
	case '\r': buf_text(out, "\\r"); break;
	case '\t': buf_text(out, "\\t"); break;
	default: buf_printf(out, "\\u%04x", byte);
	}
}

void json_quote(struct buf *out, struct span text)
{
	buf_byte(out, '"');
	while (text.size) {
		size_t plain = 0;

		while (plain < text.size && text.data[plain] >= 0x20 && text.data[plain] < 0x7f &&
		       text.data[plain] != '"' && text.data[plain] != '\\')
			plain++;
		buf_add(out, span_part(text, 0, plain));
		text = span_part(text, plain, text.size);
		if (!text.size)
			break;
		if (text.data[0] < 0x80) {
			quote_byte(out, text.data[0]);
			text = span_part(text, 1, text.size);
		} else {
			struct span before = text;
			bool valid;

			text_next(&text, &valid);
			if (valid)
				buf_add(out, span_part(before, 0, before.size - text.size));
			else
				buf_text(out, "\xef\xbf\xbd");
		}
	}
	buf_byte(out, '"');
}

static void name(struct json *j, const char *text, const char *suffix)
{
	if (j->comma)
		buf_byte(j->out, ',');
	j->comma = true;
	buf_byte(j->out, '"');
	buf_text(j->out, text);
	buf_text(j->out, suffix);
	buf_text(j->out, "\":");
}

struct json json_begin(struct buf *out)
{
	buf_byte(out, '{');
	return (struct json){ out, false };
}

void json_end(struct json *j)
{
	buf_byte(j->out, '}');
}

static void hex_member(struct json *j, const char *text, const char *suffix, struct span bytes)
{
	name(j, text, suffix);
	buf_byte(j->out, '"');
	buf_hex(j->out, bytes);
	buf_byte(j->out, '"');
}

void json_text(struct json *j, const char *member, struct span text)
{
	name(j, member, "");
	json_quote(j->out, text);
	if (!text_is_utf8(text))
		hex_member(j, member, "_hex", text);
}

void json_word(struct json *j, const char *member, const char *text)
{
	if (text)
		json_text(j, member, span_of(text));
	else
		json_null(j, member);
}

void json_int(struct json *j, const char *member, int64_t number)
{
	name(j, member, "");
	buf_number(j->out, number);
}

void json_real(struct json *j, const char *member, double real)
{
	char text[32];

	if (!isfinite(real)) {
		json_null(j, member);
		return;
	}
	snprintf(text, sizeof text, "%.15g", real);
	if (strtod(text, NULL) != real)
		snprintf(text, sizeof text, "%.17g", real);
	name(j, member, "");
	buf_text(j->out, text);
}

void json_bool(struct json *j, const char *member, bool yes)
{
	name(j, member, "");
	buf_text(j->out, yes ? "true" : "false");
}

void json_null(struct json *j, const char *member)
{
	name(j, member, "");
	buf_text(j->out, "null");
}

void json_time(struct json *j, const char *member, int64_t instant)
{
	name(j, member, "");
	buf_byte(j->out, '"');
	instant_text(j->out, instant);
	buf_byte(j->out, '"');
}

void json_hex(struct json *j, const char *member, struct span bytes)
{
	hex_member(j, member, "", bytes);
}

void json_list(struct json *j, const char *member, struct span list)
{
	struct span rest = list, item;
	bool comma = false;

	name(j, member, "");
	buf_byte(j->out, '[');
	while (list_next(&rest, &item)) {
		if (comma)
			buf_byte(j->out, ',');
		comma = true;
		json_quote(j->out, item);
	}
	buf_byte(j->out, ']');
	if (!text_is_utf8(list))
		hex_member(j, member, "_hex", list);
}

void json_raw(struct json *j, const char *member, struct span value)
{
	name(j, member, "");
	buf_add(j->out, value);
}

static void row_member(struct json *j, const struct column *column, const struct value *v)
{
	if (v->state == VALUE_RAW) {
		name(j, column->name, "_raw");
		json_quote(j->out, v->bytes);
		if (!text_is_utf8(v->bytes))
			hex_member(j, column->name, "_raw_hex", v->bytes);
		return;
	}
	switch (column->type) {
	case COL_INT: json_int(j, column->name, v->number); break;
	case COL_BOOL: json_bool(j, column->name, v->number != 0); break;
	case COL_REAL: json_real(j, column->name, v->real); break;
	case COL_TIME: json_time(j, column->name, v->number); break;
	case COL_DIGEST: json_hex(j, column->name, v->bytes); break;
	case COL_LIST: json_list(j, column->name, v->bytes); break;
	case COL_TEXT:
	case COL_PATH: json_text(j, column->name, v->bytes); break;
	case COL_END: break;
	}
}

void json_row(struct buf *out, const struct row *row)
{
	struct json j = json_begin(out);

	for (int i = 0; row->table->columns[i].type != COL_END; i++)
		if (row->values[i].state != VALUE_NULL)
			row_member(&j, &row->table->columns[i], &row->values[i]);
	json_end(&j);
}

static void blanks(struct span *rest)
{
	while (rest->size && (rest->data[0] == ' ' || rest->data[0] == '\t' || rest->data[0] == '\n' ||
	                      rest->data[0] == '\r'))
		*rest = span_part(*rest, 1, rest->size);
}

/* Bytes of a string that mean themselves: all but quotes, backslashes and control characters. */
static size_t plain_size(const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && bytes[i] >= 0x20 && bytes[i] != '"' && bytes[i] != '\\')
		i++;
	return i;
}

/* Size of the string at the start, with its quotes; 0 if it is malformed. */
static size_t string_size(struct span s)
{
	for (size_t i = 1; i < s.size; i++) {
		i += plain_size(s.data + i, s.size - i);
		if (i == s.size)
			return 0;
		if (s.data[i] == '"')
			return i + 1;
		if (s.data[i] < 0x20)
			return 0;
		if (s.data[i] != '\\')
			continue;
		i++;
		if (i >= s.size || !s.data[i] || !strchr("\"\\/bfnrtu", s.data[i]))
			return 0;
		for (size_t digits = 4; s.data[i] == 'u' && digits; digits--) {
			uint64_t digit;

			if (!span_hex(span_part(s, i + 5 - digits, 1), &digit))
				return 0;
		}
	}
	return 0;
}

/* Size of the number at the start, or 0: -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)? */
static size_t number_size(struct span s)
{
	size_t i = s.size && s.data[0] == '-', start = i;

	while (i < s.size && s.data[i] >= '0' && s.data[i] <= '9')
		i++;
	if (i == start || (s.data[start] == '0' && i > start + 1))
		return 0;
	if (i < s.size && s.data[i] == '.') {
		start = ++i;
		while (i < s.size && s.data[i] >= '0' && s.data[i] <= '9')
			i++;
		if (i == start)
			return 0;
	}
	if (i < s.size && (s.data[i] | 0x20) == 'e') {
		i++;
		if (i < s.size && (s.data[i] == '+' || s.data[i] == '-'))
			i++;
		start = i;
		while (i < s.size && s.data[i] >= '0' && s.data[i] <= '9')
			i++;
		if (i == start)
			return 0;
	}
	return i;
}

static struct json_value scalar(struct span s)
{
	static const struct { const char *word; enum json_type type; } words[] = {
		{ "null", JSON_NULL }, { "true", JSON_TRUE }, { "false", JSON_FALSE },
	};
	size_t size;

	if (!s.size)
		return (struct json_value){ 0 };
	if (s.data[0] == '"') {
		size = string_size(s);
		return (struct json_value){ size ? JSON_STRING : JSON_BAD, span_part(s, 0, size) };
	}
	for (size_t i = 0; i < 3; i++)
		if (span_starts(s, words[i].word))
			return (struct json_value){ words[i].type, span_part(s, 0, strlen(words[i].word)) };
	size = number_size(s);
	return (struct json_value){ size ? JSON_NUMBER : JSON_BAD, span_part(s, 0, size) };
}

/*
 * Where a walk through nested brackets stands: what may come next. One byte of `nest` a level holds
 * the closing bracket that the level waits for.
 */
struct nesting { uint8_t nest[JSON_DEPTH]; int depth; };

/* Takes the opening and closing brackets, separators and keys up to the next scalar or the end. */
static bool open_bracket(struct nesting *n, struct span *rest)
{
	if (n->depth == JSON_DEPTH)
		return false;
	n->nest[n->depth++] = rest->data[0] == '{' ? '}' : ']';
	*rest = span_part(*rest, 1, rest->size);
	return true;
}

static bool take_key(struct span *rest, struct span *key)
{
	size_t size;

	blanks(rest);
	size = rest->size && rest->data[0] == '"' ? string_size(*rest) : 0;
	if (!size)
		return false;
	*key = span_part(*rest, 1, size - 2);
	if (!key->data)
		*key = (struct span){ rest->data + 1, 0 };
	*rest = span_part(*rest, size, rest->size);
	blanks(rest);
	if (!rest->size || rest->data[0] != ':')
		return false;
	*rest = span_part(*rest, 1, rest->size);
	blanks(rest);
	return true;
}

/* Behind a value: closes what ends and takes the comma and key before the next value. */
static bool after_value(struct nesting *n, struct span *rest)
{
	struct span key;

	for (;;) {
		if (!n->depth)
			return true;
		blanks(rest);
		if (!rest->size)
			return false;
		if (rest->data[0] == n->nest[n->depth - 1]) {
			n->depth--;
			*rest = span_part(*rest, 1, rest->size);
			continue;
		}
		if (rest->data[0] != ',')
			return false;
		*rest = span_part(*rest, 1, rest->size);
		blanks(rest);
		return n->nest[n->depth - 1] == ']' || take_key(rest, &key);
	}
}

/* The value at the start of *rest, well formed to its end; *rest is moved behind it. */
static struct json_value take_value(struct span *rest)
{
	struct nesting n = { .depth = 0 };
	struct span start = *rest, key;
	struct json_value v = { JSON_OBJECT, { 0 } };

	do {
		if (rest->size && (rest->data[0] == '{' || rest->data[0] == '[')) {
			if (!open_bracket(&n, rest))
				return (struct json_value){ 0 };
			blanks(rest);
			if (rest->size && rest->data[0] == n.nest[n.depth - 1]) {
				n.depth--;
				*rest = span_part(*rest, 1, rest->size);
			} else {
				if (n.nest[n.depth - 1] == '}' && !take_key(rest, &key))
					return (struct json_value){ 0 };
				continue;
			}
		} else {
			v = scalar(*rest);
			if (v.type == JSON_BAD)
				return v;
			*rest = span_part(*rest, v.raw.size, rest->size);
		}
		if (!after_value(&n, rest))
			return (struct json_value){ 0 };
		if (!n.depth)
			break;
	} while (true);
	if (start.data[0] == '{' || start.data[0] == '[')
		v.type = start.data[0] == '{' ? JSON_OBJECT : JSON_ARRAY;
	v.raw = span_part(start, 0, start.size - rest->size);
	return v;
}

struct json_value json_parse(struct span text)
{
	struct json_value v;

	blanks(&text);
	if (!text.size)
		return (struct json_value){ 0 };
	v = take_value(&text);
	blanks(&text);
	return text.size ? (struct json_value){ 0 } : v;
}

struct json_reader json_walk(struct json_value v)
{
	struct json_reader r = { .rest = v.raw, .bad = true };

	if ((v.type != JSON_OBJECT && v.type != JSON_ARRAY) || v.raw.size < 2)
		return r;
	r.close = v.type == JSON_OBJECT ? '}' : ']';
	r.rest = span_part(r.rest, 1, r.rest.size);
	r.bad = false;
	return r;
}

bool json_next(struct json_reader *r, struct span *key, struct json_value *v)
{
	*key = (struct span){ 0 };
	if (r->bad)
		return false;
	blanks(&r->rest);
	if (!r->rest.size || r->rest.data[0] == r->close)
		return false;
	if (r->started) {
		if (r->rest.data[0] != ',')
			return false;
		r->rest = span_part(r->rest, 1, r->rest.size);
		blanks(&r->rest);
	}
	r->started = true;
	r->bad = (r->close == '}' && !take_key(&r->rest, key)) || !r->rest.size;
	if (r->bad)
		return false;
	*v = take_value(&r->rest);
	r->bad = v->type == JSON_BAD;
	return !r->bad;
}

struct json_value json_member(struct json_value object, const char *member)
{
	struct json_reader r = json_walk(object);
	struct json_value v;
	struct span key;

	while (object.type == JSON_OBJECT && json_next(&r, &key, &v))
		if (span_is(key, member))
			return v;
	return (struct json_value){ 0 };
}

static void add_utf8(struct buf *out, uint32_t code)
{
	if (code < 0x80) {
		buf_byte(out, (uint8_t)code);
		return;
	}
	if (code < 0x800) {
		buf_byte(out, (uint8_t)(0xc0 | code >> 6));
	} else if (code < 0x10000) {
		buf_byte(out, (uint8_t)(0xe0 | code >> 12));
		buf_byte(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
	} else {
		buf_byte(out, (uint8_t)(0xf0 | code >> 18));
		buf_byte(out, (uint8_t)(0x80 | (code >> 12 & 0x3f)));
		buf_byte(out, (uint8_t)(0x80 | (code >> 6 & 0x3f)));
	}
	buf_byte(out, (uint8_t)(0x80 | (code & 0x3f)));
}

/* The four digits at `at`, which string_size has checked. */
static uint32_t unit_at(struct span s, size_t at)
{
	uint64_t unit = 0;

	return span_hex(span_part(s, at, 4), &unit) ? (uint32_t)unit : 0;
}

/* Adds the escape that begins at s[at] == '\\' and returns its size. */
static size_t decode_escape(struct buf *out, struct span s, size_t at)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *plain;
	uint32_t unit, low;

	if (s.data[at + 1] != 'u') {
		plain = strchr(from, s.data[at + 1]);
		buf_byte(out, plain ? (uint8_t)to[plain - from] : s.data[at + 1]);
		return 2;
	}
	unit = unit_at(s, at + 2);
	if (unit >= 0xd800 && unit < 0xdc00 && at + 12 <= s.size && s.data[at + 6] == '\\' &&
	    s.data[at + 7] == 'u') {
		low = unit_at(s, at + 8);
		if (low >= 0xdc00 && low < 0xe000) {
			add_utf8(out, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
			return 12;
		}
	}
	add_utf8(out, unit);
	return 6;
}

bool json_decode(struct json_value v, struct buf *out)
{
	struct span s = v.raw;

	if (v.type != JSON_STRING)
		return false;
	s = span_part(s, 1, s.size - 2);
	while (s.size) {
		size_t plain = span_find(s, '\\');

		buf_add(out, span_part(s, 0, plain));
		if (plain == s.size)
			break;
		s = span_part(s, plain, s.size);
		s = span_part(s, decode_escape(out, s, 0), s.size);
	}
	return true;
}

bool json_number(struct json_value v, int64_t *out)
{
	return v.type == JSON_NUMBER && span_number(v.raw, out);
}

bool json_double(struct json_value v, double *out)
{
	char text[64];

	if (v.type != JSON_NUMBER || v.raw.size >= sizeof text)
		return false;
	memcpy(text, v.raw.data, v.raw.size);
	text[v.raw.size] = 0;
	*out = strtod(text, NULL);
	return isfinite(*out);
}

bool json_instant(struct json_value v, int64_t *out)
{
	bool has_offset;

	return v.type == JSON_STRING &&
	       instant_parse(span_part(v.raw, 1, v.raw.size - 2), out, &has_offset) && has_offset;
}

/* 0 to 15, or -1. */
static int hex_digit(uint8_t c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 :
	       c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

bool json_unhex(struct json_value v, struct buf *out)
{
	struct span digits = v.raw;
	uint8_t *room;

	if (v.type != JSON_STRING || digits.size % 2)
		return false;
	digits = span_part(digits, 1, digits.size - 2);
	room = buf_room(out, digits.size / 2);
	for (size_t i = 0; room && i < digits.size; i += 2) {
		int high = hex_digit(digits.data[i]), low = hex_digit(digits.data[i + 1]);

		if (high < 0 || low < 0)
			return false;
		room[i / 2] = (uint8_t)(high << 4 | low);
	}
	if (room)
		out->size += digits.size / 2;
	return true;
}

/* Where a value's bytes begin in `held`; turned into pointers when the row is complete. */
struct held_value { size_t start, size; bool used; };

static bool read_list(struct json_value v, struct buf *held)
{
	struct json_reader r = json_walk(v);
	struct json_value item;
	struct span key;

	if (v.type != JSON_ARRAY)
		return false;
	while (json_next(&r, &key, &item)) {
		if (!json_decode(item, held))
			return false;
		buf_byte(held, 0);
	}
	return !r.bad;
}

static bool read_value(struct json_value v, enum column_type type, struct value *value,
                       struct buf *held)
{
	value->state = VALUE_SET;
	switch (type) {
	case COL_INT: return json_number(v, &value->number);
	case COL_TIME: return json_instant(v, &value->number);
	case COL_REAL: return json_double(v, &value->real);
	case COL_BOOL:
		value->number = v.type == JSON_TRUE;
		return v.type == JSON_TRUE || v.type == JSON_FALSE;
	case COL_DIGEST: return json_unhex(v, held);
	case COL_LIST: return read_list(v, held);
	case COL_TEXT:
	case COL_PATH: return json_decode(v, held);
	case COL_END: break;
	}
	return false;
}

/* The column of a member named COLUMN and the suffix, or -1. */
static int suffixed(const struct table *table, struct span key, const char *suffix)
{
	if (!span_ends(key, suffix))
		return -1;
	return table_column(table, span_part(key, 0, key.size - strlen(suffix)));
}

/* Members mostly come in the order of the columns: the one at *next is tried first. */
static int column_of(const struct table *table, struct span key, int *next)
{
	int column = *next;

	if (table->columns[column].type == COL_END || !span_is(key, table->columns[column].name))
		column = table_column(table, key);
	if (column >= 0)
		*next = column + 1;
	return column;
}

static bool read_member(struct span key, struct json_value v, const struct table *table,
                        struct row *row, struct held_value *places, struct buf *held, int *next,
                        unsigned *unknown)
{
	int column = column_of(table, key, next), hex = -1, raw = -1;
	size_t start = held->size;
	bool ok;

	if (column < 0) {
		hex = suffixed(table, key, "_hex");
		raw = suffixed(table, key, "_raw");
		column = hex >= 0 ? hex : raw;
	}
	if (column < 0)
		column = hex = raw = suffixed(table, key, "_raw_hex");
	if (column < 0) {
		++*unknown;
		return true;
	}
	if (v.type == JSON_NULL)
		return true;
	ok = hex >= 0 ? json_unhex(v, held) : raw >= 0 ? json_decode(v, held) :
	     read_value(v, table->columns[column].type, &row->values[column], held);
	if (hex >= 0)
		row->values[column].state = VALUE_SET;
	if (raw >= 0)
		row->values[column].state = VALUE_RAW;
	places[column] = (struct held_value){ start, held->size - start, true };
	return ok;
}

int json_read_row(struct span line, const struct table *table, struct row *row, struct buf *held,
                  unsigned *unknown, struct fail *f)
{
	struct held_value places[ROW_COLUMNS] = { 0 };
	struct json_reader r = { .close = '}' };
	struct json_value v;
	struct span key;
	int next = 0;

	line = span_trim(line);
	r.rest = span_part(line, 1, line.size);
	r.bad = !line.size || line.data[0] != '{';
	*row = row_on(table);
	*unknown = 0;
	while (json_next(&r, &key, &v))
		if (!read_member(key, v, table, row, places, held, &next, unknown))
			return fail_set(f, "member '%.*s' does not fit its column in table '%s'",
			                (int)key.size, (const char *)key.data, table->name);
	/* The walk believes nothing beyond its place: it must have ended at the bracket that ends the line. */
	if (r.bad || r.rest.size != 1 || r.rest.data[0] != '}')
		return fail_set(f, "not a JSON object");
	if (held->bad)
		return fail_set(f, "out of memory");
	for (int i = 0; i < ROW_COLUMNS; i++)
		if (places[i].used)
			row->values[i].bytes = places[i].size ?
				(struct span){ held->data + places[i].start, places[i].size } : span_of("");
	return 0;
}
