/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "collectors/account.h"
#include "lib/text.h"

struct fixture { struct account account; struct capture archive; };

static void begin(struct fixture *x)
{
	struct fail f;

	capture_init(&x->archive);
	CHECK_INT(account_init(&x->account, &f), 0);
	x->account.archive = &x->archive.sink;
}

static void end(struct fixture *x)
{
	account_done(&x->account);
	capture_done(&x->archive);
}

static void add_rows(struct account *a, const struct table *table, int count)
{
	struct row row = row_on(table);
	struct fail f;

	for (int i = 0; i < count; i++)
		CHECK_INT(a->sink.row(&a->sink, &row, &f), 0);
}

static void add_note(struct account *a, const char *module, const char *item, const char *reason)
{
	struct note note = { .module = module, .item = span_of(item), .offset = -1 };
	struct fail why, f;

	fail_set(&why, "%s", reason);
	note.reason = &why;
	CHECK_INT(a->sink.note(&a->sink, &note, &f), 0);
}

static void add_file(struct account *a, const char *path, int64_t size, int64_t inode)
{
	struct file_facts facts = { .path = span_of(path), .kind = 'f', .size = size, .device = 7,
	                            .inode = inode };
	struct memory_source in;
	struct fail f;

	memory_source_init(&in, span_of("x"));
	CHECK_INT(a->sink.file(&a->sink, &facts, &in.source, &f), 0);
}

TEST(account_counts_what_passes)
{
	struct fixture x;

	begin(&x);
	add_rows(&x.account, &table_process, 3);
	add_rows(&x.account, &table_socket, 2);
	add_rows(&x.account, &table_process, 1);
	x.account.second_pass = true;
	add_rows(&x.account, &table_process, 4);
	add_file(&x.account, "/var/log/a", 100, 1);
	CHECK_INT(account_rows(&x.account, &table_process), 4);
	CHECK_INT(account_rows(&x.account, &table_socket), 2);
	CHECK_INT(account_rows(&x.account, &table_file), 0);
	CHECK_INT(x.account.totals.rows, 10);
	CHECK_INT(x.account.totals.files, 1);
	CHECK_INT(x.account.totals.bytes, 100);
	CHECK_INT(x.archive.rows, 10);
	CHECK_INT(x.archive.files, 1);
	end(&x);
}

TEST(account_keeps_the_limits_and_says_so)
{
	struct fixture x;
	struct buf out = { 0 };

	begin(&x);
	x.account.max_file_size = 100;
	x.account.max_size = 250;
	add_file(&x.account, "/a", 100, 1);
	add_file(&x.account, "/b", 101, 2);
	add_file(&x.account, "/c", 100, 3);
	add_file(&x.account, "/d", 51, 4);
	add_file(&x.account, "/e", 50, 5);
	CHECK_INT(x.account.totals.files, 3);
	CHECK_INT(x.account.totals.bytes, 250);
	CHECK_INT(x.account.left_out, 2);
	CHECK_INT(x.account.left_out_bytes, 152);
	account_taken(&x.account, LANG_EN, &out);
	CHECK(span_contains(buf_span(&out), "Files left out by a size limit ..... 2 (152 B)\n"));
	buf_done(&out);
	CHECK_INT(x.archive.files, 5);
	CHECK_INT(x.archive.notes, 2);
	CHECK(span_contains(buf_span(&x.archive.lines), "\"item\":\"/b\""));
	CHECK(span_contains(buf_span(&x.archive.lines), "\"item\":\"/d\""));
	end(&x);
}

TEST(account_counts_the_data_of_a_file_with_holes)
{
	struct fixture x;
	struct extent extents[] = { { 0, 10 }, { INT64_C(1) << 40, 20 } };
	struct file_facts facts = { .path = span_of("/var/log/lastlog"), .kind = 'f',
	                            .size = (INT64_C(1) << 40) + 20, .extents = extents,
	                            .extent_count = 2 };
	struct memory_source in;
	struct fail f;

	begin(&x);
	x.account.max_file_size = 1000;
	memory_source_init(&in, span_of("x"));
	CHECK_INT(x.account.sink.file(&x.account.sink, &facts, &in.source, &f), 0);
	CHECK_INT(x.account.totals.bytes, 30);
	CHECK_INT(x.account.totals.notes, 0);
	end(&x);
}

TEST(account_never_takes_its_own_files)
{
	struct fixture x;

	begin(&x);
	account_own(&x.account, 7, 42);
	add_file(&x.account, "/media/stick/kit/key.pem", 10, 42);
	add_file(&x.account, "/other", 10, 43);
	CHECK_INT(x.account.totals.files, 1);
	CHECK_INT(x.account.totals.notes, 1);
	CHECK(span_contains(buf_span(&x.archive.lines), "key.pem"));
	end(&x);
}

TEST(account_gathers_notes_by_reason)
{
	struct fixture x;
	struct buf out = { 0 };

	begin(&x);
	for (int i = 0; i < 5; i++)
		add_note(&x.account, "logs", "/var/log/\x1b[2Jbtmp", "cannot open: Permission denied");
	add_note(&x.account, "process", "", "seven vanished");
	account_missed(&x.account, LANG_EN, &out);
	CHECK_SPAN(buf_span(&out), span_of("  - seven vanished\n"
	                                   "  - cannot open: Permission denied (5 times)\n"
	                                   "      /var/log/\\x1b[2Jbtmp\n"
	                                   "      /var/log/\\x1b[2Jbtmp\n"
	                                   "      /var/log/\\x1b[2Jbtmp\n"
	                                   "      …\n"));
	CHECK_INT(x.account.totals.notes, 6);
	buf_done(&out);
	end(&x);
}

TEST(account_is_bounded_by_kinds_of_notes)
{
	struct fixture x;
	struct buf out = { 0 };
	char reason[32];

	begin(&x);
	for (int i = 0; i < 2 * ACCOUNT_REASONS; i++) {
		snprintf(reason, sizeof reason, "reason %d", i);
		add_note(&x.account, "logs", "/x", reason);
	}
	CHECK_INT(x.account.reason_count, ACCOUNT_REASONS);
	CHECK_INT(x.account.other_notes, ACCOUNT_REASONS);
	account_missed(&x.account, LANG_EN, &out);
	CHECK(span_contains(buf_span(&out), "388 more for other reasons"));
	buf_done(&out);
	end(&x);
}

TEST(account_shows_what_was_taken_in_columns)
{
	struct fixture x;
	struct buf out = { 0 };
	struct span rest, line;

	begin(&x);
	add_rows(&x.account, &table_process, 1234);
	add_rows(&x.account, &table_module_run, 3);
	for (int lang = 0; lang < LANGS; lang++) {
		size_t width = 0;

		buf_clear(&out);
		account_taken(&x.account, (enum lang)lang, &out);
		CHECK(span_contains(buf_span(&out), "1,234\n"));
		CHECK(span_contains(buf_span(&out), " 0 (0 B)\n"));
		rest = buf_span(&out);
		while ((line = span_until(&rest, '\n')).size) {
			size_t end_of_number = text_width(span_until(&line, '('));

			if (!rest.size)
				end_of_number--;
			CHECK(!width || end_of_number == width);
			width = end_of_number;
		}
	}
	buf_done(&out);
	end(&x);
}

static int refuse(struct sink *s, const struct row *r, struct fail *f)
{
	(void)s;
	(void)r;
	return fail_set(f, "cannot write '%s'", "x");
}

TEST(account_tells_a_full_archive_from_a_failed_module)
{
	struct fixture x;
	struct row row = row_on(&table_process);
	struct fail f;

	begin(&x);
	x.archive.sink.row = refuse;
	CHECK_INT(x.account.sink.row(&x.account.sink, &row, &f), -1);
	CHECK(x.account.broken);
	CHECK_TEXT(x.account.failure.text[LANG_EN], "cannot write 'x'");
	CHECK_INT(x.account.totals.rows, 0);
	end(&x);
}
