/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lib/json.h"

enum { MOST = 256, SKIPPED = 77 };

static struct { const char *name; void (*run)(void); } tests[MOST];
static int count, failures, skips;

void test_register(const char *name, void (*run)(void))
{
	if (count == MOST)
		abort();
	tests[count].name = name;
	tests[count++].run = run;
}

void test_fail(const char *file, int line, const char *what)
{
	printf("%s:%d: failed: %s\n", file, line, what);
	failures++;
}

void test_skip(const char *why)
{
	printf("skipped: %s\n", why);
	skips++;
}

bool test_int(const char *file, int line, const char *what, int64_t got, int64_t wanted)
{
	if (got == wanted)
		return true;
	printf("%s:%d: %s is %" PRId64 ", wanted %" PRId64 "\n", file, line, what, got, wanted);
	failures++;
	return false;
}

bool test_text(const char *file, int line, const char *what, struct span got, struct span wanted)
{
	if (span_equal(got, wanted))
		return true;
	printf("%s:%d: %s is\n  '%.*s', wanted\n  '%.*s'\n", file, line, what, (int)got.size,
	       (const char *)got.data, (int)wanted.size, (const char *)wanted.data);
	failures++;
	return false;
}

static int keep_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct capture *c = (struct capture *)s;

	(void)f;
	c->rows++;
	json_row(&c->lines, r);
	buf_byte(&c->lines, '\n');
	return 0;
}

static int keep_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct capture *c = (struct capture *)s;
	struct json j = json_begin(&c->lines);

	(void)f;
	c->notes++;
	json_text(&j, "note", span_of(n->reason->text[LANG_EN]));
	if (n->item.size)
		json_text(&j, "item", n->item);
	if (n->offset >= 0)
		json_int(&j, "offset", n->offset);
	json_end(&j);
	buf_byte(&c->lines, '\n');
	return 0;
}

static int keep_file(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct capture *c = (struct capture *)s;

	(void)facts;
	(void)in;
	(void)f;
	c->files++;
	return 0;
}

void capture_init(struct capture *c)
{
	*c = (struct capture){ .sink = { keep_row, keep_note, keep_file } };
}

void capture_done(struct capture *c)
{
	buf_done(&c->lines);
}

int main(int argc, char **argv)
{
	for (int i = 0; i < count; i++) {
		int before = failures;

		if (argc > 1 && strcmp(argv[1], tests[i].name) != 0)
			continue;
		tests[i].run();
		printf("%s %s\n", failures == before ? "ok    " : "FAILED", tests[i].name);
	}
	printf("%d tests, %d failed checks, %d skipped\n", count, failures, skips);
	return failures ? 1 : skips == count ? SKIPPED : 0;
}
