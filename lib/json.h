/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_JSON_H
#define KAKE_JSON_H
/*
 * JSON (RFC 8259), one object a line. Bytes that are not valid UTF-8 appear with U+FFFD under their
 * name and exact, in hexadecimal, under NAME_hex. Reading is lazy and in place: a reader walks the
 * members of one object or array and gives each value as its raw text; nothing recurses, nothing is
 * copied before it is asked for.
 */
#include "lib/table.h"

enum { JSON_DEPTH = 64 };        /* nesting; deeper input is malformed */

/* Writing: one open object, members in order. */
struct json { struct buf *out; bool comma; };

struct json json_begin(struct buf *out);                         /* { */
void json_end(struct json *j);                                   /* } */
void json_text(struct json *j, const char *name, struct span text);   /* adds NAME_hex if needed */
void json_word(struct json *j, const char *name, const char *text);   /* NULL: null */
void json_int(struct json *j, const char *name, int64_t number);
void json_real(struct json *j, const char *name, double real);   /* shortest that reads back */
void json_bool(struct json *j, const char *name, bool yes);
void json_null(struct json *j, const char *name);
void json_time(struct json *j, const char *name, int64_t instant);
void json_hex(struct json *j, const char *name, struct span bytes);
void json_list(struct json *j, const char *name, struct span list);   /* a COL_LIST */
void json_raw(struct json *j, const char *name, struct span value);   /* JSON that is ready */
/* A string with its quotes; invalid bytes as U+FFFD. */
void json_quote(struct buf *out, struct span text);
/*
 * A row as one line without its line end: {"column":value,…}, nulls left out. A raw value stands as
 * NAME_raw, and as NAME_raw_hex too if it is no valid UTF-8.
 */
void json_row(struct buf *out, const struct row *row);

/* Reading. */
enum json_type { JSON_BAD, JSON_NULL, JSON_TRUE, JSON_FALSE, JSON_NUMBER, JSON_STRING, JSON_OBJECT, JSON_ARRAY };

struct json_value { enum json_type type; struct span raw; };     /* raw: with quotes or brackets */
struct json_reader { struct span rest; bool started, bad; uint8_t close; };

/* The one value that the text is; JSON_BAD if it is not exactly one well-formed value. */
struct json_value json_parse(struct span text);
/* Walks an object or array that json_parse or a reader gave. */
struct json_reader json_walk(struct json_value v);
/* The next member (key: raw bytes between its quotes, empty in an array); false at the end. */
bool json_next(struct json_reader *r, struct span *key, struct json_value *v);
/* A member of an object by its plain name; JSON_BAD if there is none. */
struct json_value json_member(struct json_value object, const char *name);
/* Appends the decoded text of a string; false if it is no string. Lone surrogates as WTF-8. */
bool json_decode(struct json_value v, struct buf *out);
bool json_number(struct json_value v, int64_t *out);             /* whole numbers within int64 */
bool json_double(struct json_value v, double *out);
bool json_instant(struct json_value v, int64_t *out);
/* Appends the bytes of a string of hexadecimal digits; false (and out unchanged) if it is none. */
bool json_unhex(struct json_value v, struct buf *out);
/*
 * Reads one line into a row of the table. Values borrow from `held`, which the caller keeps and
 * clears between rows. Unknown members are counted in *unknown. -1 with a reason if the line is no
 * object or a member does not fit its column.
 */
int json_read_row(struct span line, const struct table *table, struct row *row, struct buf *held,
                  unsigned *unknown, struct fail *f);
#endif
