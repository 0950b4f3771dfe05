/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "triage/store_query.h"

static const char path[] = "test_store.db";

static void clean(void)
{
	remove(path);
	remove("test_store.db-wal");
	remove("test_store.db-shm");
}

static void write_file(const char *text)
{
	FILE *file = fopen(path, "wb");

	CHECK(file != NULL);
	if (!file)
		return;
	fputs(text, file);
	fclose(file);
}

static struct store *fresh(void)
{
	struct store *s = NULL;
	struct fail f = { 0 };

	clean();
	CHECK_INT(store_open(&s, path, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	return s;
}

static int64_t number(struct store *s, const char *sql)
{
	struct fail f = { 0 };
	int64_t out = -1;

	CHECK_INT(store_number(s, sql, &out, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	return out;
}

static void check_text(struct store *s, const char *sql, const char *wanted)
{
	struct fail f = { 0 };
	struct query *q = NULL;

	CHECK_INT(query_open(&q, s, sql, &f), 0);
	if (!q)
		return;
	CHECK_INT(query_step(q, &f), 1);
	CHECK_SPAN(query_bytes(q, 0), span_of(wanted));
	query_close(q);
}

TEST(a_new_case_file_has_every_table)
{
	struct store *s = fresh();
	struct fail f = { 0 };

	CHECK(store_is_new(s));
	CHECK_INT(store_index(s, &f), 0);
	CHECK_INT(number(s, "PRAGMA user_version"), STORE_VERSION);
	for (unsigned i = 0; table_at(i); i++) {
		char sql[200];

		snprintf(sql, sizeof sql, "SELECT count(*) FROM pragma_table_info('%s')", table_at(i)->name);
		CHECK_INT(number(s, sql),
		          5 + table_width(table_at(i)) + 1 + store_has_key(table_at(i)));
		snprintf(sql, sizeof sql, "SELECT strict FROM pragma_table_list WHERE name='%s'",
		         table_at(i)->name);
		CHECK_INT(number(s, sql), 1);
	}
	check_text(s, "PRAGMA integrity_check", "ok");
	store_close(s);
	CHECK_INT(store_open(&s, path, &f), 0);
	CHECK(!store_is_new(s));
	check_text(s, "PRAGMA journal_mode", "wal");
	store_close(s);
}

TEST(a_column_that_came_later_is_added)
{
	struct store *s = fresh();
	struct fail f = { 0 };

	CHECK_INT(store_exec(s, "ALTER TABLE route DROP COLUMN metric", &f), 0);
	store_close(s);
	CHECK_INT(store_open(&s, path, &f), 0);
	CHECK_INT(number(s, "SELECT count(*) FROM pragma_table_info('route') WHERE name='metric'"), 1);
	store_close(s);
}

TEST(what_is_no_case_file_is_left_alone)
{
	struct store *s = NULL;
	struct fail f = { 0 };
	char text[32] = "";
	FILE *file;

	clean();
	write_file("this is a letter, not a database; it is longer than a header of SQLite would be, "
	           "so that nothing can be mistaken here\n");
	CHECK_INT(store_open(&s, path, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "'test_store.db' is not a case file; name another file");
	CHECK_INT(store_open_read(&s, path, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "'test_store.db' is not a case file; name another file");
	file = fopen(path, "rb");
	CHECK(file && fread(text, 1, 16, file) == 16);
	CHECK_TEXT(text, "this is a letter");
	if (file)
		fclose(file);
	CHECK_INT(store_open_read(&s, "test_store_nowhere.db", &f), -1);
	CHECK_TEXT(f.text[LANG_EN],
	           "there is no case file 'test_store_nowhere.db'; 'kake-triage ingest' makes one");
	CHECK_INT(store_open(&s, "no/such/place/case.db", &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "cannot be opened or written here"));
}

TEST(only_what_was_made_is_removed_again)
{
	struct store *s = NULL;
	struct fail f = { 0 };
	FILE *file;

	clean();
	CHECK_INT(store_open(&s, path, &f), 0);
	store_discard(s);
	CHECK(fopen(path, "rb") == NULL);
	write_file("");
	CHECK_INT(store_open(&s, path, &f), 0);
	CHECK(store_is_new(s));
	store_discard(s);
	file = fopen(path, "rb");
	CHECK(file != NULL);
	if (file)
		fclose(file);
	CHECK_INT(store_open(&s, ".", &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "cannot be opened"));
}

TEST(foreign_and_newer_databases_are_refused)
{
	struct store *s = fresh();
	struct fail f = { 0 };

	CHECK_INT(store_exec(s, "PRAGMA user_version=2", &f), 0);
	store_close(s);
	CHECK_INT(store_open(&s, path, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "made by a newer version"));
	CHECK_INT(store_open_read(&s, path, &f), -1);
	s = fresh();
	CHECK_INT(store_exec(s, "PRAGMA application_id=1", &f), 0);
	store_close(s);
	CHECK_INT(store_open(&s, path, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "'test_store.db' is not a case file; name another file");
}

TEST(a_damaged_case_file_is_told)
{
	struct store *s = fresh();
	struct fail f = { 0 };
	FILE *file;

	store_close(s);
	file = fopen(path, "r+b");
	CHECK(file != NULL);
	if (!file)
		return;
	fseek(file, 100, SEEK_SET);
	for (int i = 0; i < 4000; i++)
		fputc(0xa5, file);
	fclose(file);
	CHECK_INT(store_open(&s, path, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "is damaged"));
}

static int64_t add(struct store *s, const struct row *row, int wanted)
{
	struct fail f = { 0 };
	int64_t id = 0;

	CHECK_INT(store_row(s, row, 1, 2, &id, &f), wanted);
	return id;
}

TEST(values_keep_what_columns_cannot_hold)
{
	static const uint8_t list[] = "one\0tw\xffo\0", digest[] = { 0xab, 0x00, 0xff };
	struct store *s = fresh();
	struct row row = row_on(&table_process);
	char raw[40];

	row_int(&row, PROCESS_PID, 7);
	row_span(&row, PROCESS_NAME, (struct span){ (const uint8_t *)"a\xff" "b\0c", 5 });
	row_time_of(&row, PROCESS_STARTED, INT64_MAX, 5, raw);
	row_span(&row, PROCESS_SHA256, (struct span){ digest, sizeof digest });
	row_span(&row, PROCESS_COMMAND, (struct span){ list, sizeof list - 1 });
	row_text(&row, PROCESS_IMAGE, "/tmp/\xe6\x97\xa5 \"q\"");
	row.offset = 11;
	row.length = 12;
	CHECK_INT(add(s, &row, 1), 1);
	check_text(s, "SELECT name FROM process", "a\xef\xbf\xbd" "b\xef\xbf\xbd" "c");
	check_text(s, "SELECT raw->>'name_hex' FROM process", "61ff620063");
	check_text(s, "SELECT typeof(started) FROM process", "null");
	check_text(s, "SELECT raw->>'started_raw' FROM process", "9223372036854775807.000000005");
	check_text(s, "SELECT sha256 FROM process", "ab00ff");
	check_text(s, "SELECT command FROM process", "[\"one\",\"tw\xef\xbf\xbdo\"]");
	check_text(s, "SELECT raw->>'command_hex' FROM process", "6f6e65007477ff6f00");
	check_text(s, "SELECT image FROM process", "/tmp/\xe6\x97\xa5 \"q\"");
	CHECK_INT(number(s, "SELECT host_id*1000000 + entry_id*10000 + offset*100 + length FROM process"),
	          1021112);
	CHECK_INT(number(s, "SELECT json_valid(raw) FROM process"), 1);
	store_close(s);
}

static struct row line(const char *message, int64_t time, int64_t offset)
{
	struct row row = row_on(&table_syslog);

	row_time(&row, SYSLOG_TIME, time);
	row_text(&row, SYSLOG_MESSAGE, message);
	row.offset = offset;
	row.length = 10;
	return row;
}

TEST(a_record_seen_twice_is_one_row_with_two_sources)
{
	struct store *s = fresh();
	struct row a = line("a", 1000, 0), again = line("a", 1000, 10), b = line("b", 1000, 20);

	CHECK_INT(add(s, &a, 1), 1);
	CHECK_INT(add(s, &again, 1), 2);         /* the second of two equal lines is a row of its own */
	CHECK_INT(add(s, &b, 1), 3);
	store_next_file(s);
	a.offset = 500;
	CHECK_INT(add(s, &a, 0), 1);
	CHECK_INT(add(s, &again, 0), 2);
	a = line("a", 1001, 40);
	CHECK_INT(add(s, &a, 1), 4);
	CHECK_INT(number(s, "SELECT count(*) FROM source"), 2);
	CHECK_INT(number(s, "SELECT offset FROM source WHERE row_table='syslog' AND row_id=1"), 500);
	/* in the order of time, also before 1970 */
	a = line("old", -5, 60);
	CHECK_INT(add(s, &a, 1), 5);
	CHECK_INT(number(s, "SELECT id FROM syslog ORDER BY key LIMIT 1"), 5);
	store_close(s);
}

TEST(undated_commands_are_counted_through_the_file)
{
	static const char *const first[] = { "ls", "id", "ls" }, *const later[] = { "ls", "id", "ls", "ls" };
	struct store *s = fresh();
	struct row row = row_on(&table_shell_command);

	row_text(&row, SHELL_USER, "root");
	for (int i = 0; i < 3; i++) {
		row_int(&row, SHELL_LINE, i + 1);
		row_text(&row, SHELL_COMMAND, first[i]);
		add(s, &row, 1);
	}
	store_next_file(s);
	for (int i = 0; i < 4; i++) {
		row_int(&row, SHELL_LINE, i + 101);
		row_text(&row, SHELL_COMMAND, later[i]);
		add(s, &row, i == 3);
	}
	CHECK_INT(number(s, "SELECT count(*) FROM shell_command"), 4);
	store_close(s);
}

TEST(a_mark_can_be_gone_back_to)
{
	struct store *s = fresh();
	struct row a = line("a", 1, 0), b = line("b", 2, 0);
	struct fail f = { 0 };

	CHECK_INT(store_begin(s, &f), 0);
	CHECK_INT(store_mark(s, &f), 0);
	add(s, &a, 1);
	CHECK_INT(store_mark(s, &f), 0);
	add(s, &b, 1);
	CHECK_INT(store_back_to_mark(s, &f), 0);
	CHECK_INT(store_commit(s, &f), 0);
	CHECK_INT(number(s, "SELECT count(*) FROM syslog"), 1);
	CHECK_INT(store_begin(s, &f), 0);
	add(s, &b, 1);
	store_rollback(s);
	CHECK_INT(number(s, "SELECT count(*) FROM syslog"), 1);
	store_close(s);
}

TEST(an_analysts_query_only_reads)
{
	static const char *const refused[] = {
		"DELETE FROM meta", "DROP TABLE meta", "ATTACH 'x.db' AS x", "PRAGMA journal_mode=DELETE",
		"INSERT INTO meta VALUES ('a', 'b')", "SELECT 1; SELECT 2", "", "  ; ", "BEGIN",
		"SELECT load_extension('x')", "VACUUM INTO 'y.db'", "SELECT 1; DELETE FROM meta",
	};
	struct store *s = fresh();
	struct fail f = { 0 };
	struct query *q = NULL;

	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
		if (query_open_guarded(&q, s, span_of(refused[i]), 0, &f) != -1)
			test_fail(__FILE__, __LINE__, refused[i]);
	CHECK_INT(query_open_guarded(&q, s, span_of("SELECT what FROM nowhere"), 0, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "the query cannot be run: no such table: nowhere");
	CHECK_INT(query_open_guarded(&q, s, span_of("WITH a AS (SELECT 40 AS n) SELECT n + 2 FROM a; "), 0,
	                             &f), 0);
	CHECK_INT(query_step(q, &f), 1);
	CHECK_INT(query_number(q, 0), 42);
	query_close(q);
	CHECK_INT(query_open_guarded(&q, s, span_of("WITH RECURSIVE a(n) AS (SELECT 1 UNION ALL SELECT "
	          "n + 1 FROM a) SELECT count(*) FROM a"), 1, &f), 0);
	CHECK_INT(query_step(q, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "longer than its time limit"));
	query_close(q);
	store_close(s);
	clean();
}
