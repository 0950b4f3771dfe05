/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/instant.h"
#include "lib/json.h"
#include "tests/unit/test.h"

TEST(writing)
{
	static const uint8_t list[] = "one\0two \xff\0", odd[] = { 'a', 0xff, 0 };
	struct buf out = { 0 };
	struct json j = json_begin(&out);

	json_text(&j, "text", span_of("\"\\/\b\f\n\r\t\x01\x7f調\xf0\x9f\x94\x8d"));
	json_text(&j, "odd", (struct span){ odd, 3 });
	json_word(&j, "word", NULL);
	json_int(&j, "int", INT64_MIN);
	json_real(&j, "real", 0.1);
	json_real(&j, "none", 1.0 / 0.0);
	json_bool(&j, "yes", true);
	json_time(&j, "time", 1);
	json_hex(&j, "hex", (struct span){ odd, 3 });
	json_list(&j, "list", (struct span){ list, sizeof list - 1 });
	json_raw(&j, "raw", span_of("[1]"));
	json_end(&j);
	CHECK_TEXT(buf_string(&out),
	           "{\"text\":\"\\\"\\\\/\\u0008\\u000c\\n\\r\\t\\u0001\\u007f調\xf0\x9f\x94\x8d\","
	           "\"odd\":\"a\xef\xbf\xbd\\u0000\",\"odd_hex\":\"61ff00\",\"word\":null,"
	           "\"int\":-9223372036854775808,\"real\":0.1,\"none\":null,\"yes\":true,"
	           "\"time\":\"1970-01-01T00:00:00.000000001Z\",\"hex\":\"61ff00\","
	           "\"list\":[\"one\",\"two \xef\xbf\xbd\"],\"list_hex\":\"6f6e650074776f20ff00\",\"raw\":[1]}");
	buf_done(&out);
}

/* Of RFC 8259 and the JSONTestSuite's kinds of traps. */
TEST(well_formed_or_not)
{
	static const struct { const char *text; enum json_type type; } cases[] = {
		{ "{}", JSON_OBJECT }, { " [ ] ", JSON_ARRAY }, { "[1,2.5e-3,\"a\",null,true,false,{},[]]", JSON_ARRAY },
		{ "\"\\u00e9\\ud83d\\udd0d\"", JSON_STRING }, { "-0", JSON_NUMBER }, { "1E+2", JSON_NUMBER },
		{ "null", JSON_NULL }, { "true", JSON_TRUE }, { "{\"a\":{\"b\":[{}]}}", JSON_OBJECT },
		{ "", JSON_BAD }, { "{", JSON_BAD }, { "[1,]", JSON_BAD }, { "{\"a\":1,}", JSON_BAD },
		{ "{a:1}", JSON_BAD }, { "{\"a\" 1}", JSON_BAD }, { "{,}", JSON_BAD }, { "[1 2]", JSON_BAD },
		{ "01", JSON_BAD }, { "1.", JSON_BAD }, { ".5", JSON_BAD }, { "+1", JSON_BAD }, { "1e", JSON_BAD },
		{ "-", JSON_BAD }, { "NaN", JSON_BAD }, { "nulL", JSON_BAD }, { "truex", JSON_BAD }, { "{} {}", JSON_BAD },
		{ "\"a", JSON_BAD }, { "\"\\x\"", JSON_BAD }, { "\"\\u12\"", JSON_BAD }, { "\"a\nb\"", JSON_BAD },
		{ "[}", JSON_BAD }, { "{]", JSON_BAD }, { "[\"a\":1]", JSON_BAD }, { "\"\\", JSON_BAD }, { "{\"a\":}", JSON_BAD },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (json_parse(span_of(cases[i].text)).type != cases[i].type)
			test_fail(__FILE__, __LINE__, cases[i].text);
}

TEST(nesting_has_a_limit)
{
	struct buf text = { 0 };

	for (int i = 0; i < JSON_DEPTH; i++)
		buf_byte(&text, '[');
	for (int i = 0; i < JSON_DEPTH; i++)
		buf_byte(&text, ']');
	CHECK(json_parse(buf_span(&text)).type == JSON_ARRAY);
	buf_clear(&text);
	for (int i = 0; i < JSON_DEPTH + 1; i++)
		buf_byte(&text, '[');
	for (int i = 0; i < JSON_DEPTH + 1; i++)
		buf_byte(&text, ']');
	CHECK(json_parse(buf_span(&text)).type == JSON_BAD);
	buf_clear(&text);
	for (int i = 0; i < 1000000; i++)
		buf_text(&text, "{\"a\":[");
	CHECK(json_parse(buf_span(&text)).type == JSON_BAD);
	buf_done(&text);
}

static void decoded(const char *json, const char *wanted)
{
	struct buf out = { 0 };

	CHECK(json_decode(json_parse(span_of(json)), &out));
	CHECK_TEXT(buf_string(&out), wanted);
	buf_done(&out);
}

TEST(strings)
{
	decoded("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t");
	decoded("\"\\u8abf\\u00e9\\ud83d\\udd0d\"", "調é\xf0\x9f\x94\x8d");
	decoded("\"\\ud83dx\\udd0d\"", "\xed\xa0\xbd" "x\xed\xb4\x8d");
	decoded("\"\\ud83d\\u0041\"", "\xed\xa0\xbd" "A");
	decoded("\"\"", "");
}

TEST(members)
{
	struct json_value o = json_parse(span_of(" {\"a\" : 1, \"b\":\"2026-03-01T00:00:00+09:00\", \"c\":[10,20] ,\"d\":\"0aFF\"}"));
	struct json_value list = json_member(o, "c"), v;
	struct json_reader r = json_walk(list);
	struct buf bytes = { 0 };
	int64_t number = 0, sum = 0;
	struct span key;
	double real;

	CHECK(json_number(json_member(o, "a"), &number) && number == 1);
	CHECK(!json_number(json_member(o, "b"), &number) && json_member(o, "x").type == JSON_BAD);
	CHECK(json_instant(json_member(o, "b"), &number));
	/* date -u -d 2026-03-01T00:00:00+09:00 +%s */
	CHECK_INT(number, INT64_C(1772290800) * INSTANT_SECOND);
	while (json_next(&r, &key, &v))
		sum += json_number(v, &number) ? number : 1000;
	CHECK_INT(sum, 30);
	CHECK(!r.bad);
	CHECK(json_unhex(json_member(o, "d"), &bytes) && bytes.size == 2 && bytes.data[0] == 0x0a);
	CHECK(!json_unhex(json_parse(span_of("\"0a0\"")), &bytes) && bytes.size == 2);
	CHECK(!json_unhex(json_parse(span_of("\"0g\"")), &bytes) && bytes.size == 2);
	CHECK(json_double(json_parse(span_of("2.5e-1")), &real) && real == 0.25);
	CHECK(!json_double(json_parse(span_of("1e999")), &real));
	buf_done(&bytes);
}

static const struct column columns[] = {
	{ "int", COL_INT, "" }, { "yes", COL_BOOL, "" }, { "real", COL_REAL, "" }, { "text", COL_TEXT, "" },
	{ "path", COL_PATH, "" }, { "time", COL_TIME, "" }, { "digest", COL_DIGEST, "" },
	{ "list", COL_LIST, "" }, { "void", COL_TEXT, "" }, { "empty", COL_TEXT, "" },
	{ "odd_time", COL_TIME, "" }, { "odd_list", COL_LIST, "" }, { "odd_raw", COL_TIME, "" }, { NULL, COL_END, NULL },
};
static const struct table table = { "test", "", columns };

static bool same(const struct value *a, const struct value *b)
{
	return a->state == b->state && a->number == b->number && a->real == b->real &&
	       span_equal(a->bytes, b->bytes);
}

TEST(a_row_of_every_type_goes_out_and_comes_back)
{
	static const uint8_t odd[] = { 'x', 0xff, '\n', 0x1b }, list[] = "a\0\0b c\0", odd_list[] = "\xfe\0z\0";
	struct row row = row_on(&table), back;
	struct buf line = { 0 }, held = { 0 };
	unsigned unknown = 0;
	struct fail f;
	char raw[40];

	row_int(&row, 0, INT64_MAX);
	row_bool(&row, 1, true);
	row_real(&row, 2, 7.25);
	row_text(&row, 3, "調査 \"x\"\\");
	row_span(&row, 4, (struct span){ odd, sizeof odd });
	row_time(&row, 5, INT64_MIN);
	row_span(&row, 6, (struct span){ odd, sizeof odd });
	row_span(&row, 7, (struct span){ list, sizeof list - 1 });
	row_span(&row, 9, span_of(""));
	row_time_of(&row, 10, INT64_MAX, 5, raw);
	row_span(&row, 11, (struct span){ odd_list, sizeof odd_list - 1 });
	row_raw(&row, 12, (struct span){ odd, sizeof odd });
	json_row(&line, &row);
	CHECK_INT(json_read_row(buf_span(&line), &table, &back, &held, &unknown, &f), 0);
	CHECK_INT(unknown, 0);
	for (int i = 0; columns[i].type != COL_END; i++)
		if (!same(&row.values[i], &back.values[i]))
			test_fail(__FILE__, __LINE__, columns[i].name);
	CHECK(back.values[8].state == VALUE_NULL && back.values[9].state == VALUE_SET);
	CHECK_SPAN(back.values[10].bytes, span_of("9223372036854775807.000000005"));
	buf_done(&line);
	buf_done(&held);
}

TEST(rows_that_do_not_fit)
{
	static const char *const bad[] = {
		"[]", "{\"int\":1.5}", "{\"int\":\"1\"}", "{\"yes\":1}", "{\"time\":\"2026-03-01T00:00:00\"}", "{\"digest\":\"0\"}",
		"{\"list\":[1]}", "{\"list\":\"a\"}", "{\"text\":5}", "{\"text_hex\":\"zz\"}", "{\"real\":\"x\"}", "{\"text_raw\":1}",
	};
	struct buf held = { 0 };
	unsigned unknown;
	struct row row;
	struct fail f;

	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		if (json_read_row(span_of(bad[i]), &table, &row, &held, &unknown, &f) == 0)
			test_fail(__FILE__, __LINE__, bad[i]);
	CHECK_INT(json_read_row(span_of("{\"new\":[{}],\"int\":null,\"new_hex\":\"00\"}"), &table, &row, &held, &unknown, &f), 0);
	CHECK_INT(unknown, 2);
	CHECK(row.values[0].state == VALUE_NULL);
	buf_done(&held);
}

TEST(every_table_fits_a_row)
{
	const struct table *t;

	for (unsigned i = 0; (t = table_at(i)) != NULL; i++) {
		CHECK(table_width(t) > 0 && table_width(t) <= ROW_COLUMNS);
		CHECK(table_named(span_of(t->name)) == t);
		for (int c = 0; t->columns[c].type != COL_END; c++) {
			CHECK_INT(table_column(t, span_of(t->columns[c].name)), c);
			/* A name of that form would be taken for another column's exact bytes. */
			CHECK(!span_ends(span_of(t->columns[c].name), "_hex") && !span_ends(span_of(t->columns[c].name), "_raw"));
			CHECK(*t->columns[c].help);
		}
	}
}
