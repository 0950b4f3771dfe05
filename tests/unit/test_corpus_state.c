/* SPDX-License-Identifier: Apache-2.0 */
/* lastlog, shell histories and apt's log of the corpus; and every damaged file to every parser. */
#include <dirent.h>

#include "lib/instant.h"
#include "tests/unit/corpus.h"

extern const struct parser parser_lastlog, parser_history, parser_apt_history;

/* Each row as text: the columns asked for, with blanks between; line ends inside become blanks. */
struct listing { struct sink sink; const int *columns; struct buf lines; int64_t rows, notes; };

static void list_value(struct buf *out, const struct value *v, enum column_type type)
{
	if (v->state == VALUE_NULL)
		buf_byte(out, '-');
	else if (type == COL_TIME && v->state == VALUE_SET)
		instant_text(out, v->number);
	else if (type == COL_INT)
		buf_printf(out, "%" PRId64, v->number);
	for (size_t i = 0; i < v->bytes.size; i++)
		buf_byte(out, v->bytes.data[i] == '\n' ? ' ' : v->bytes.data[i]);
}

static int list_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct listing *l = (struct listing *)s;

	(void)f;
	l->rows++;
	for (const int *c = l->columns; c && *c >= 0; c++) {
		if (c != l->columns)
			buf_byte(&l->lines, ' ');
		list_value(&l->lines, &r->values[*c], r->table->columns[*c].type);
	}
	buf_byte(&l->lines, '\n');
	return 0;
}

static int list_note(struct sink *s, const struct note *n, struct fail *f)
{
	struct listing *l = (struct listing *)s;

	(void)f;
	CHECK(n->reason->text[LANG_EN][0] && n->reason->text[LANG_JA][0]);
	l->notes++;
	return 0;
}

static struct listing listing_of(const int *columns)
{
	return (struct listing){ .sink = { list_row, list_note, NULL }, .columns = columns };
}

static void compare(const struct parser *parser, const char *file, const char *path,
                    const int *columns, const char *wanted)
{
	struct listing l = listing_of(columns);
	struct buf bytes = { 0 };

	if (corpus_load(&bytes, file)) {
		CHECK_INT(corpus_parse(parser, buf_span(&bytes), path, INT64_MIN, &l.sink), 0);
		CHECK_TEXT(buf_string(&l.lines), wanted);
		CHECK_INT(l.notes, 0);
	}
	buf_done(&bytes);
	buf_done(&l.lines);
}

/* expected/wtmp/lastlog.tsv: written so, and shown so by lastlog(8). */
TEST(last_logins_as_lastlog_shows_them)
{
	static const int columns[] = { LASTLOG_UID, LASTLOG_TIME, LASTLOG_LINE, LASTLOG_HOST, -1 };

	compare(&parser_lastlog, "wtmp/made/lastlog", "/var/log/lastlog", columns,
	        "0 2026-03-02T06:00:00Z pts/1 198.51.100.23\n"
	        "1000 2026-03-03T06:00:00Z pts/0 192.0.2.44\n"
	        "1001 2026-03-04T06:00:00Z tty1 -\n"
	        "1005 2026-03-05T06:00:00Z pts/3 2001:db8::15\n");
}

/* plaso asserts 10 and 5 commands, the first of fish, and the second and last of bash. */
TEST(histories_as_plaso_reads_them)
{
	static const int columns[] = { SHELL_TIME, SHELL_COMMAND, -1 };

	compare(&parser_history, "linux-logs/plaso/fish_history",
	        "/home/u/.local/share/fish/fish_history", columns,
	        "2021-04-29T22:53:00Z ll\n2021-04-29T22:53:02Z la\n2021-04-29T22:53:24Z mkdir test\n"
	        "2021-04-29T22:53:32Z cp *.txt test\n2021-04-29T22:53:37Z cd test\n"
	        "2021-04-29T22:54:18Z rm -rf test\n2021-05-03T08:20:14Z clear\n"
	        "2021-05-03T19:08:19Z pwd\n"
	        "2021-07-11T02:58:01Z git clone git@github.com:log2timeline/plaso.git\n"
	        "2021-07-11T02:58:35Z cd plaso\n");
	compare(&parser_history, "corrupt/logs/bash_history_desync", "/root/.bash_history", columns,
	        "- /sbin/reboot\n2013-10-01T12:36:17Z /usr/lib/plaso\n2013-10-01T12:36:18Z /bin/bash\n"
	        "2013-10-01T12:36:19Z /usr/local/bin/splunk -p 8080\n"
	        "2021-06-10T22:30:36Z binary argument1 \"--params=\\ param1=foo, param2=bar \" argument2\n");
}

/* plaso asserts ten blocks, and the command line and packages of the third. */
TEST(apt_blocks_as_plaso_reads_them)
{
	static const int columns[] = { PACKAGE_TIME, PACKAGE_ACTION, PACKAGE_NAME, PACKAGE_ARCH, -1 };
	struct listing l = listing_of(columns);
	struct buf bytes = { 0 };
	int64_t blocks = 0, third = 0;
	struct span rest;

	if (!corpus_load(&bytes, "linux-logs/plaso/apt_history.log"))
		return;
	CHECK_INT(corpus_parse(&parser_apt_history, buf_span(&bytes), "/var/log/apt/history.log",
	                       INT64_MIN, &l.sink), 0);
	for (rest = buf_span(&l.lines); rest.size;) {
		struct span line = span_until(&rest, '\n');

		blocks += span_contains(line, " command ");
		third += span_starts(line, "2019-07-11T12:20:55Z install ");
	}
	printf("apt: %" PRId64 " rows, %" PRId64 " blocks, %" PRId64 " packages in the third\n", l.rows,
	       blocks, third);
	CHECK_INT(blocks, 10);
	/* awk counts as many closing brackets in its Install line. */
	CHECK_INT(third, 113);
	CHECK_INT(l.notes, 0);
	buf_done(&bytes);
	buf_done(&l.lines);
}

static int everyone_reads(const char *folder)
{
	struct buf path = { 0 }, bytes = { 0 };
	struct dirent *item;
	int files = 0;
	DIR *d;

	buf_printf(&path, "%s/%s", CORPUS_DIR, folder);
	d = opendir(buf_string(&path));
	while (d && (item = readdir(d))) {
		if (item->d_name[0] == '.')
			continue;
		buf_clear(&path);
		buf_clear(&bytes);
		buf_printf(&path, "%s/%s", folder, item->d_name);
		if (!corpus_load(&bytes, buf_string(&path)))
			continue;
		files++;
		for (const struct parser *const *p = parsers; *p; p++) {
			struct listing l = listing_of(NULL);

			CHECK_INT(corpus_parse(*p, buf_span(&bytes), "/x/.bash_history", INT64_MIN, &l.sink), 0);
			/* Whatever is in a file is a row or a remark. */
			CHECK(l.rows + l.notes > 0 || !span_trim(buf_span(&bytes)).size || bytes.size < 292);
			buf_done(&l.lines);
		}
	}
	if (d)
		closedir(d);
	buf_done(&path);
	buf_done(&bytes);
	return files;
}

TEST(damaged_files_to_every_parser)
{
	static const char *const folders[] = {
		"corrupt/logs", "corrupt/made/logs", "corrupt/wtmp", "corrupt/made/wtmp",
		"corrupt/journal", "corrupt/made/audit", "corrupt/made/journal", "corrupt/lnk",
	};
	int files = 0;

	for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
		files += everyone_reads(folders[i]);
	printf("%d files\n", files);
	if (!files)
		test_skip("the corpus is not there");
}
