/* SPDX-License-Identifier: Apache-2.0 */
/* utmp files of the corpus against utmpdump (util-linux) and the asserted values of another reader. */
#include "lib/instant.h"
#include "tests/unit/corpus.h"

extern const struct parser parser_utmp;

/* Writes each row as utmpdump.tsv does: record, type, pid, id, user, line, host, address, time. */
struct dump { struct sink sink; struct buf lines; int64_t record_size, rows, notes; };

static void dump_time(struct buf *out, int64_t instant)
{
	struct civil c = civil_of(instant_seconds(instant));

	buf_printf(out, "%04d-%02d-%02dT%02d:%02d:%02d,%06d+00:00", (int)c.year, c.month, c.day, c.hour,
	           c.minute, c.second, (int)(instant % INSTANT_SECOND / 1000));
}

static int dump_row(struct sink *s, const struct row *r, struct fail *f)
{
	static const int texts[] = { LOGIN_ID, LOGIN_USER, LOGIN_LINE, LOGIN_HOST };
	struct dump *d = (struct dump *)s;

	(void)f;
	buf_printf(&d->lines, "%d\t%d\t%05d", (int)(r->offset / d->record_size),
	           (int)r->values[LOGIN_KIND].number, (int)r->values[LOGIN_PID].number);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		buf_byte(&d->lines, '\t');
		/* utmpdump -r, which wrote some of the files, fills ids up with blanks. */
		buf_add(&d->lines, span_trim(r->values[texts[i]].bytes));
	}
	buf_byte(&d->lines, '\t');
	if (r->values[LOGIN_ADDRESS].state == VALUE_NULL)
		buf_text(&d->lines, "0.0.0.0");
	buf_add(&d->lines, r->values[LOGIN_ADDRESS].bytes);
	buf_byte(&d->lines, '\t');
	dump_time(&d->lines, r->values[LOGIN_TIME].number);
	buf_byte(&d->lines, '\n');
	d->rows++;
	return 0;
}

static int dump_note(struct sink *s, const struct note *n, struct fail *f)
{
	(void)f;
	printf("  note at %" PRId64 ": %s\n", n->offset, n->reason->text[LANG_EN]);
	((struct dump *)s)->notes++;
	return 0;
}

static struct dump dump_of(const char *name, int64_t record_size)
{
	struct dump d = { .sink = { dump_row, dump_note, NULL }, .record_size = record_size };
	struct buf bytes = { 0 };

	if (corpus_load(&bytes, name))
		CHECK_INT(corpus_parse(&parser_utmp, buf_span(&bytes), name, INT64_MIN, &d.sink), 0);
	buf_done(&bytes);
	return d;
}

/* Compares with the lines of the file's own in utmpdump.tsv; how many agreed. */
static int compare(const char *name, struct span expected)
{
	struct dump d = dump_of(name, 384);
	struct span rest = buf_span(&d.lines);
	int agreed = 0;

	while (expected.size) {
		struct span wanted = span_until(&expected, '\n'), path = span_until(&wanted, '\t');

		if (span_is(path, name))
			agreed += test_text(__FILE__, __LINE__, name, span_until(&rest, '\n'), wanted);
	}
	CHECK_INT(rest.size, 0);
	printf("%s: %d records agree with utmpdump, %" PRId64 " notes\n", name, agreed, d.notes);
	buf_done(&d.lines);
	return agreed;
}

TEST(every_record_is_as_utmpdump_shows_it)
{
	struct buf expected = { 0 };

	if (!corpus_load(&expected, "expected/wtmp/utmpdump.tsv"))
		return;
	CHECK_INT(compare("wtmp/made/wtmp", buf_span(&expected)), 86);
	CHECK_INT(compare("wtmp/made/wtmp_tampered", buf_span(&expected)), 86);
	CHECK_INT(compare("wtmp/made/btmp", buf_span(&expected)), 240);
	CHECK_INT(compare("wtmp/plaso/utmp_utmp", buf_span(&expected)), 14);
	CHECK_INT(compare("wtmp/plaso/utmp_utmp_x86_64", buf_span(&expected)), 6);
	CHECK_INT(compare("wtmp/plaso/utmp_wtmp.1", buf_span(&expected)), 4);
	CHECK_INT(compare("corrupt/wtmp/utmp_corrupted", buf_span(&expected)), 4);
	CHECK_INT(compare("corrupt/wtmp/wtmp_truncated", buf_span(&expected)), 15);
	buf_done(&expected);
}

/* Values that plaso's tests assert (utmp.py); it writes "localhost" where the host is empty. */
TEST(layouts_of_other_machines)
{
	static const char aarch64[] =
		"0\t0\t00018\t\t\t\t\t4.3.2.1\t2026-07-03T14:57:58,000000+00:00\n"
		"1\t8\t00018\tt2\t\ttty2\t\t4.3.2.1\t2026-07-03T14:57:58,000000+00:00\n"
		"2\t2\t00018\t~\treboot\tsystem boot\t0.0.0.0\t4.3.2.1\t2026-07-03T14:57:58,000000+00:00\n"
		"3\t1\t00018\t~\tshutdown\trunlevel 0\t\t4.3.2.1\t2026-07-03T14:57:58,000000+00:00\n"
		"4\t4\t00018\t~~\tdate\t|\t\t4.3.2.1\t2026-07-03T14:57:58,000000+00:00\n"
		"5\t3\t00018\t~~\tdate\t}\t\t4.3.2.1\t2026-07-03T15:02:58,000000+00:00\n";
	struct dump d = dump_of("wtmp/plaso/utmp_utmp_aarch64", 400);
	struct dump s = dump_of("wtmp/plaso/utmp_utmp_s390", 400);
	struct span lines = buf_span(&s.lines), line;

	if (d.rows || d.notes)
		CHECK_TEXT(buf_string(&d.lines), aarch64);
	if (s.rows || s.notes) {
		CHECK_INT(s.rows, 6);
		CHECK_INT(s.notes, 0);
		span_until(&lines, '\n');
		line = span_until(&lines, '\n');
		CHECK_SPAN(line, span_of("1\t8\t00032\tt2\t\ttty2\t\t1.2.3.4\t"
		                         "2026-07-04T05:00:25,000000+00:00"));
		line = span_until(&lines, '\n');
		CHECK_SPAN(line, span_of("2\t2\t00032\t~\treboot\tsystem boot\t0.0.0.0\t1.2.3.4\t"
		                         "2026-07-04T05:00:25,000000+00:00"));
	}
	buf_done(&d.lines);
	buf_done(&s.lines);
}

TEST(damaged_files_say_so)
{
	static const struct { const char *name; int64_t rows, notes; } cases[] = {
		{ "corrupt/made/wtmp/odd_length.wtmp", 2, 1 },
		{ "corrupt/made/wtmp/random.wtmp", 0, 4 },
		{ "corrupt/wtmp/wtmp_truncated", 15, 1 },
		{ "wtmp/plaso/utmp_wtmp.1", 4, 1 },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dump d = dump_of(cases[i].name, 384);

		if (d.rows || d.notes) {
			CHECK_INT(d.rows, cases[i].rows);
			CHECK_INT(d.notes, cases[i].notes);
		}
		buf_done(&d.lines);
	}
}
