/* SPDX-License-Identifier: Apache-2.0 */
/* Gzip files made by gzip 1.12 and by hand, whole and damaged. */
#include "tests/unit/test.h"

#include "lib/gzip_in.h"
#include "lib/spool.h"

/* printf 'hello\n' | gzip -n */
static const uint8_t hello[] = {
	0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 0x02,
	0x00, 0x20, 0x30, 0x3a, 0x36, 0x06, 0x00, 0x00, 0x00,
};

static const struct {
	const char *what;
	size_t first, times, tail;       /* bytes of `hello`, how often, and zeros or rubbish behind */
	uint8_t filler;
	int64_t most;
	const char *wanted, *problem;
} cases[] = {
	{ "whole", sizeof hello, 1, 0, 0, 100, "hello\n", NULL },
	{ "two members", sizeof hello, 2, 0, 0, 100, "hello\nhello\n", NULL },
	{ "padded with zeros", sizeof hello, 1, 9, 0, 100, "hello\n", NULL },
	{ "rubbish behind", sizeof hello, 1, 9, 'x', 100, "hello\n",
	  "bytes that are no gzip data follow the contents" },
	{ "cut in the sums", sizeof hello - 3, 1, 0, 0, 100, "hello\n", "the gzip data end too soon" },
	{ "cut in the data", 14, 1, 0, 0, 100, NULL, "the gzip data end too soon" },
	{ "wrong sum", sizeof hello - 8, 1, 8, 'x', 100, "hello\n", "the gzip data are damaged here" },
	{ "no gzip", 0, 1, 20, 'x', 100, "", "not gzip data" },
	{ "empty", 0, 1, 0, 0, 100, "", NULL },
	{ "larger than allowed", sizeof hello, 3, 0, 0, 8, "hello\nhe",
	  "the contents of the gzip file are larger than the limit; the rest is left out" },
};

TEST(contents_end_where_the_data_do)
{
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct memory_source below;
		struct buf bytes = { 0 };
		struct gzip_in *g = NULL;
		struct fail f = { 0 };
		uint8_t out[100];
		int64_t got;

		for (size_t n = 0; n < cases[i].times; n++)
			buf_add(&bytes, span_part((struct span){ hello, sizeof hello }, 0, cases[i].first));
		for (size_t n = 0; n < cases[i].tail; n++)
			buf_byte(&bytes, cases[i].filler);
		memory_source_init(&below, buf_span(&bytes));
		CHECK_INT(gzip_in_open(&g, &below.source, cases[i].most, &f), 0);
		got = source_fill(gzip_in_source(g), out, sizeof out, &f);
		CHECK(got >= 0);
		if (cases[i].wanted && !span_is((struct span){ out, (size_t)got }, cases[i].wanted))
			test_fail(__FILE__, __LINE__, cases[i].what);
		CHECK_TEXT(gzip_in_problem(g) ? gzip_in_problem(g)->text[LANG_EN] : "none",
		           cases[i].problem ? cases[i].problem : "none");
		gzip_in_close(g);
		buf_done(&bytes);
	}
}

TEST(a_spool_is_read_from_the_start_each_time)
{
	struct memory_source in;
	struct spool_source again;
	struct spool *s = NULL;
	struct fail f = { 0 }, why = { 0 };
	char text[16] = "";
	bool broken = true;

	CHECK_INT(spool_open(&s, &f), 0);
	memory_source_init(&in, span_of("something longer"));
	CHECK_INT(spool_fill(s, &in.source, &broken, &why, &f), 0);
	memory_source_init(&in, span_of("short"));
	CHECK_INT(spool_fill(s, &in.source, &broken, &why, &f), 0);
	CHECK(!broken);
	for (int i = 0; i < 2; i++) {
		spool_source_init(&again, s);
		CHECK_INT(again.source.size, 5);
		CHECK_INT(source_fill(&again.source, text, sizeof text, &f), 5);
		CHECK_SPAN(((struct span){ (uint8_t *)text, 5 }), span_of("short"));
	}
	CHECK_INT(again.source.read_at(&again.source, 3, text, 9, &f), 2);
	CHECK_INT(again.source.read_at(&again.source, 5, text, 9, &f), 0);
	spool_close(s);
}
