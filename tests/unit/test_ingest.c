/* SPDX-License-Identifier: Apache-2.0 */
/* Archives made here with the writer, and what becomes of them in a case file. */
#include "tests/unit/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/json.h"
#include "tests/unit/pack_kit.h"
#include "triage/ingest.h"
#include "triage/store_query.h"

static const char path[] = "test_ingest.db";

static void clean(void)
{
	remove(path);
	remove("test_ingest.db-wal");
	remove("test_ingest.db-shm");
}

static struct store *fresh(void)
{
	struct store *s = NULL;
	struct fail f = { 0 };

	clean();
	CHECK_INT(store_open(&s, path, &f), 0);
	return s;
}

static int64_t number(struct store *s, const char *sql)
{
	struct fail f = { 0 };
	int64_t out = -1;

	if (store_number(s, sql, &out, &f)) {
		test_fail(__FILE__, __LINE__, sql);
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
	}
	return out;
}

static void check_text(struct store *s, const char *sql, const char *wanted)
{
	struct fail f = { 0 };
	struct query *q = NULL;

	CHECK_INT(query_open(&q, s, sql, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	if (!q)
		return;
	CHECK_INT(query_step(q, &f), 1);
	CHECK_SPAN(query_bytes(q, 0), span_of(wanted));
	query_close(q);
}

static const char collection[] =
	"{\"host\":\"web1\",\"machine_id\":\"0123456789abcdef0123456789abcdef\",\"case\":\"C-7\","
	"\"operator\":\"Yamada\",\"profile\":\"standard\",\"version\":\"0.1.0\","
	"\"started\":\"2026-03-27T01:00:00Z\",\"zone\":{\"name\":\"Asia/Tokyo\",\"utc_offset\":32400}}";

/* One record of wtmp, little-endian 64-bit Linux. */
static void login(uint8_t record[384], int kind, const char *user, const char *host, uint32_t time)
{
	memset(record, 0, 384);
	record[0] = (uint8_t)kind;
	memcpy(record + 8, "pts/0", 5);
	memcpy(record + 44, user, strlen(user));
	memcpy(record + 76, host, strlen(host));
	for (int i = 0; i < 4; i++)
		record[340 + i] = (uint8_t)(time >> (8 * i));
}

static int put_file(struct sink *s, const char *name, struct span bytes, struct fail *f)
{
	struct file_facts facts = {
		.path = span_of(name), .kind = 'f', .size = (int64_t)bytes.size, .mode = 0644, .links = 1,
		.modified = { true, 1774573200, 0 },
	};
	struct memory_source in;

	memory_source_init(&in, bytes);
	return s->file(s, &facts, &in.source, f);
}

static int put_rows(struct sink *s, struct fail *f)
{
	static const char command[] = "/tmp/x\0-k\0";
	struct row host = row_on(&table_host), process = row_on(&table_process);
	struct row account = row_on(&table_account), socket = row_on(&table_socket);

	row_text(&host, HOST_NAME, "web1");
	row_text(&host, HOST_OS_NAME, "Debian GNU/Linux 12");
	row_time(&host, HOST_BOOTED, INT64_C(1774000000000000000));
	row_time(&host, HOST_COLLECTED, INT64_C(1774573200000000000));
	row_text(&account, ACCOUNT_NAME, "daemon");
	row_int(&account, ACCOUNT_UID, 1);
	for (int pass = 1; pass <= 2; pass++) {
		row_int(&process, PROCESS_PASS, pass);
		row_int(&process, PROCESS_PID, 77);
		row_int(&process, PROCESS_UID, 1);
		row_text(&process, PROCESS_NAME, "x");
		row_span(&process, PROCESS_IMAGE, (struct span){ (const uint8_t *)"/tmp/\xff", 6 });
		row_span(&process, PROCESS_COMMAND, (struct span){ (const uint8_t *)command, sizeof command - 1 });
		row_time(&process, PROCESS_STARTED, INT64_C(1774573100123456789));
		if (s->row(s, &process, f))
			return -1;
	}
	row_int(&socket, SOCKET_PASS, 1);
	row_text(&socket, SOCKET_PROTOCOL, "tcp");
	row_text(&socket, SOCKET_FAMILY, "ipv4");
	row_text(&socket, SOCKET_REMOTE, "203.0.113.9");
	row_int(&socket, SOCKET_PID, 77);
	return s->row(s, &host, f) || s->row(s, &account, f) || s->row(s, &socket, f) ? -1 : 0;
}

static int put_all(struct pack_writer *w, struct fail *f)
{
	struct sink *s = pack_writer_sink(w);
	struct fail why;
	struct note note = { "files", span_of("/root/\xff"), -1, &why };
	uint8_t wtmp[3][384];

	login(wtmp[0], 2, "reboot", "6.1.0", 1774000000);
	login(wtmp[1], 7, "root", "203.0.113.9", 1774573000);
	login(wtmp[2], 8, "", "", 1774573060);
	fail_set(&why, "cannot read '%s'", "x");
	if (put_rows(s, f) || pack_writer_segment(w, f))
		return -1;
	return put_file(s, "/var/log/wtmp", (struct span){ wtmp[0], sizeof wtmp }, f) ||
	       put_file(s, "/var/log/wtmp.1", (struct span){ wtmp[0], 2 * 384 + 10 }, f) ||
	       put_file(s, "/etc/other", span_of("nothing known"), f) || s->note(s, &note, f) ||
	       pack_writer_segment(w, f) ? -1 : 0;
}

/* An archive about `about` with what `fill` puts in. */
static void make(struct buf *to, const char *about, int (*fill)(struct pack_writer *, struct fail *))
{
	struct pack_writer *w = NULL;
	struct signer *signer = NULL;
	struct output *out;
	struct fail f = { 0 };
	char code[PACK_CODE];

	CHECK_INT(kit_output(&out, to, &f), 0);
	CHECK_INT(signer_make(&signer, "kit", &f), 0);
	CHECK_INT(pack_writer_open(&w, out, signer, span_of(about), &f), 0);
	CHECK_INT(fill(w, &f), 0);
	CHECK_INT(pack_writer_end(w, code, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	pack_writer_close(w);
	signer_close(signer);
}

static struct ingest_account take(struct store *s, struct span archive, bool accept)
{
	struct ingest in = { .store = s, .accept_unverified = accept };
	struct ingest_account account;
	struct memory_source raw;
	struct fail f = { 0 };

	memory_source_init(&raw, archive);
	CHECK_INT(spool_open(&in.spool, &f), 0);
	CHECK_INT(ingest_archive(&in, &raw.source, &raw.source, "a.tar.zst", &account, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	spool_close(in.spool);
	return account;
}

/* Every row of every table as text, in order: two case files are the same if this is. */
static void dump(struct store *s, struct buf *out)
{
	struct fail f = { 0 };
	struct query *tables = NULL, *rows = NULL;
	struct buf sql = { 0 };

	CHECK_INT(query_open(&tables, s, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name",
	                     &f), 0);
	while (query_step(tables, &f) == 1) {
		buf_clear(&sql);
		buf_printf(&sql, "SELECT * FROM \"%s\"", (const char *)query_bytes(tables, 0).data);
		CHECK_INT(query_open(&rows, s, buf_string(&sql), &f), 0);
		buf_printf(out, "%s\n", buf_string(&sql));
		while (query_step(rows, &f) == 1) {
			for (int i = 0; i < query_width(rows); i++) {
				buf_hex(out, query_bytes(rows, i));
				buf_byte(out, query_is_null(rows, i) ? '!' : ' ');
			}
			buf_byte(out, '\n');
		}
		query_close(rows);
	}
	query_close(tables);
	buf_done(&sql);
}

TEST(an_archive_becomes_rows_and_facts)
{
	struct buf archive = { 0 };
	struct store *s = fresh();
	struct ingest_account a;

	make(&archive, collection, put_all);
	a = take(s, buf_span(&archive), false);
	CHECK_INT(a.outcome, INGEST_ADDED);
	CHECK_INT(a.rows, 8);            /* two processes, host, account, socket, three log-in records */
	CHECK_INT(a.repeated, 2);        /* the rotated copy */
	CHECK_INT(a.remarks, 1);         /* … which ends in the middle of a record */
	CHECK_INT(a.notes, 1);
	check_text(s, "SELECT key || ' ' || name || ' ' || os FROM host_identity",
	           "0123456789abcdef0123456789abcdef web1 Debian GNU/Linux 12");
	check_text(s, "SELECT case_name || operator || profile || signature || complete || zone || utc_offset "
	           "|| problems FROM archive", "C-7Yamadastandardthrow-away1Asia/Tokyo324000");
	CHECK_INT(number(s, "SELECT count(*) FROM entry WHERE NOT sound OR segment IS NULL OR sha256 IS NULL"), 0);
	check_text(s, "SELECT summary FROM event WHERE type = 'process'", "x [77] runs /tmp/x -k");
	check_text(s, "SELECT actor FROM event WHERE type = 'process'", "daemon");
	CHECK_INT(number(s, "SELECT time FROM event WHERE type = 'process'"), INT64_C(1774573100123456789));
	check_text(s, "SELECT group_concat(type, ' ') FROM (SELECT type FROM event ORDER BY time, id)",
	           "boot boot logon logoff process collection");
	check_text(s, "SELECT user || ' ' || address || ' ' || outcome FROM logon", "root 203.0.113.9 success");
	CHECK_INT(number(s, "SELECT count FROM logon_edge WHERE user = 'root'"), 1);
	check_text(s, "SELECT image || '|' || command || '|' || user || '|' || grade FROM execution",
	           "/tmp/\xef\xbf\xbd|/tmp/x -k|daemon|executed");
	CHECK_INT(number(s, "SELECT count(*) FROM flow WHERE remote_address = '203.0.113.9'"), 1);
	check_text(s, "SELECT item || '|' || reason FROM note", "/root/\xef\xbf\xbd|cannot read 'x'");
	CHECK_INT(number(s, "SELECT gap FROM coverage WHERE source = '/var/log/wtmp'"),
	          INT64_C(573000000000000));
	CHECK_INT(number(s, "SELECT count FROM coverage WHERE source = '/var/log/wtmp'"), 3);
	CHECK_INT(number(s, "SELECT hosts FROM prevalence WHERE kind = 'address' AND value = '203.0.113.9'"), 1);
	check_text(s, "SELECT state FROM parse WHERE entry_id = (SELECT id FROM entry WHERE path_text = "
	           "'/var/log/wtmp.1')", "partial");
	check_text(s, "PRAGMA integrity_check", "ok");
	buf_done(&archive);
	store_close(s);
}

TEST(the_same_archive_twice_changes_nothing)
{
	struct buf archive = { 0 }, before = { 0 }, after = { 0 }, other = { 0 };
	struct store *s = fresh();

	make(&archive, collection, put_all);
	CHECK_INT(take(s, buf_span(&archive), false).outcome, INGEST_ADDED);
	dump(s, &before);
	CHECK_INT(take(s, buf_span(&archive), false).outcome, INGEST_KNOWN);
	dump(s, &after);
	CHECK(before.size > 1000);
	CHECK(span_equal(buf_span(&before), buf_span(&after)));
	store_close(s);
	s = fresh();
	CHECK_INT(take(s, buf_span(&archive), false).outcome, INGEST_ADDED);
	dump(s, &other);
	CHECK(span_equal(buf_span(&before), buf_span(&other)));
	store_close(s);
	buf_done(&archive);
	buf_done(&before);
	buf_done(&after);
	buf_done(&other);
}

TEST(a_second_collection_adds_sources_and_snapshots)
{
	struct buf first = { 0 }, second = { 0 };
	struct store *s = fresh();

	make(&first, collection, put_all);
	make(&second, collection, put_all);      /* another key: another archive of the same host */
	CHECK_INT(take(s, buf_span(&first), false).outcome, INGEST_ADDED);
	CHECK_INT(take(s, buf_span(&second), false).outcome, INGEST_ADDED);
	CHECK_INT(number(s, "SELECT count(*) FROM host_identity"), 1);
	CHECK_INT(number(s, "SELECT count(*) FROM login_record"), 3);
	CHECK_INT(number(s, "SELECT count(*) FROM source"), 2 + 5);
	CHECK_INT(number(s, "SELECT count(*) FROM process"), 4);
	CHECK_INT(number(s, "SELECT count(*) FROM event WHERE type = 'process'"), 1);
	CHECK_INT(number(s, "SELECT count FROM logon_edge WHERE user = 'root'"), 1);
	store_close(s);
	buf_done(&first);
	buf_done(&second);
}

TEST(every_offset_leads_to_the_bytes)
{
	struct buf archive = { 0 };
	struct store *s = fresh();
	struct pack_events events = { 0 };
	struct pack_reader *r = NULL;
	struct pack_entry e;
	struct memory_source raw;
	struct query *q = NULL;
	struct fail f = { 0 };
	int checked = 0;

	make(&archive, collection, put_all);
	take(s, buf_span(&archive), false);
	CHECK_INT(query_open(&q, s, "SELECT t.offset, t.length, t.pid, t.pass FROM process t JOIN entry e ON "
	                     "e.id = t.entry_id WHERE e.number = ?1 ORDER BY t.id", &f), 0);
	memory_source_init(&raw, buf_span(&archive));
	CHECK_INT(pack_reader_open(&r, &raw.source, NULL, &events, &f), 0);
	while (r && pack_reader_next(r, &e, &f) == 1) {
		static uint8_t content[65536];
		int64_t size = source_fill(e.content, content, sizeof content, &f);

		query_int(q, 1, e.number);
		while (query_step(q, &f) == 1) {
			struct json_value line = json_parse(span_part((struct span){ content, (size_t)size },
			        (size_t)query_number(q, 0), (size_t)query_number(q, 1)));
			int64_t pid = 0, pass = 0;

			CHECK_INT(line.type, JSON_OBJECT);
			json_number(json_member(line, "pid"), &pid);
			json_number(json_member(line, "pass"), &pass);
			CHECK_INT(pid, query_number(q, 2));
			CHECK_INT(pass, query_number(q, 3));
			checked++;
		}
		query_reset(q);
	}
	CHECK_INT(checked, 2);
	pack_reader_close(r);
	query_close(q);
	store_close(s);
	buf_done(&archive);
}

/* Tables as another version of the collector might have them. */
static const struct column strange_columns[] = { { "a", COL_INT, "" }, { NULL, COL_END, NULL } };
static const struct column other_columns[] = {
	{ "pid", COL_TEXT, "" }, { "name", COL_TEXT, "" }, { "later", COL_INT, "" }, { NULL, COL_END, NULL },
};
static const struct table strange = { "strange", "", strange_columns };
static const struct table other_process = { "process", "", other_columns };

static int put_strange(struct pack_writer *w, struct fail *f)
{
	struct sink *s = pack_writer_sink(w);
	struct row unknown = row_on(&strange), wrong = row_on(&other_process), row = row_on(&other_process);
	struct row large = row_on(&other_process);
	static char text[3 << 19];
	int result;

	memset(text, 'x', sizeof text - 1);
	row_int(&unknown, 0, 1);
	row_text(&wrong, 0, "seven");
	row_text(&large, 1, text);
	row_text(&row, 1, "whole");
	row_int(&row, 2, 5);
	result = s->row(s, &unknown, f) || s->row(s, &wrong, f) || s->row(s, &large, f) || s->row(s, &row, f);
	return result ? -1 : pack_writer_segment(w, f);
}

TEST(what_does_not_fit_is_told_and_the_rest_goes_in)
{
	struct buf archive = { 0 };
	struct store *s = fresh();
	struct ingest_account a;

	make(&archive, "{}", put_strange);
	a = take(s, buf_span(&archive), false);
	CHECK_INT(a.outcome, INGEST_ADDED);
	CHECK_INT(a.rows, 1);
	check_text(s, "SELECT group_concat(reason, '; ') FROM (SELECT reason FROM parse_error ORDER BY reason)",
	           "1 values of columns that this program does not know were left out; a row is longer than "
	           "1048576 bytes and was left out; member 'pid' does not fit its column in table 'process'; "
	           "table 'strange' is not known to this program");
	CHECK_INT(number(s, "SELECT count(*) FROM parse_error WHERE reason = reason_ja"), 0);
	check_text(s, "SELECT name FROM process", "whole");
	check_text(s, "SELECT group_concat(state, ' ') FROM (SELECT state FROM parse ORDER BY state)",
	           "failed partial");
	check_text(s, "SELECT key FROM host_identity", "unknown");
	store_close(s);
	buf_done(&archive);
}

TEST(an_altered_archive_is_refused_as_a_whole)
{
	struct buf archive = { 0 }, before = { 0 }, after = { 0 };
	struct store *s = fresh();
	struct ingest_account a;
	size_t refused = 0, tries = 0, altered = 0;

	make(&archive, collection, put_all);
	dump(s, &before);
	for (size_t at = 40; at < archive.size; at += archive.size / 23, tries++) {
		archive.data[at] ^= 0x10;
		a = take(s, buf_span(&archive), false);
		archive.data[at] ^= 0x10;
		/* Where the length of the last frame is hit, nothing tells it from a cut. */
		CHECK(a.outcome == INGEST_REFUSED || (a.outcome == INGEST_CUT && !a.verdict.complete));
		if (a.outcome == INGEST_REFUSED) {
			CHECK(a.why.text[LANG_EN][0] && a.why.text[LANG_JA][0]);
			refused++;
			altered = a.verdict.entries ? at : altered;
		} else {
			store_close(s);
			s = fresh();
		}
	}
	CHECK(refused + 3 >= tries && altered);
	dump(s, &after);
	CHECK(span_equal(buf_span(&before), buf_span(&after)));
	archive.data[altered] ^= 0x10;
	a = take(s, buf_span(&archive), true);
	CHECK(a.outcome == INGEST_ADDED || a.outcome == INGEST_CUT);
	check_text(s, "SELECT signature FROM archive", "unverified");
	CHECK(number(s, "SELECT problems FROM archive") > 0);
	CHECK(number(s, "SELECT count(*) FROM entry WHERE sound") > 0);
	store_close(s);
	buf_done(&archive);
	buf_done(&before);
	buf_done(&after);
}

TEST(a_cut_archive_goes_in_as_far_as_it_is_signed)
{
	struct buf archive = { 0 };
	struct store *s = fresh();
	struct ingest_account a = { 0 };
	size_t size;

	make(&archive, collection, put_all);
	/* Between the first and the second segment lies a cut that leaves the first whole. */
	for (size = archive.size - 1; size > 0; size -= archive.size / 40) {
		a = take(s, span_part(buf_span(&archive), 0, size), false);
		if (a.outcome == INGEST_CUT && a.verdict.segments == 1)
			break;
		if (a.outcome == INGEST_CUT) {
			store_close(s);
			s = fresh();
		}
		if (size <= archive.size / 40)
			break;
	}
	CHECK_INT(a.outcome, INGEST_CUT);
	CHECK_INT(number(s, "SELECT complete FROM archive"), 0);
	CHECK_INT(number(s, "SELECT count(*) FROM archive WHERE ended IS NULL AND code IS NULL"), 1);
	CHECK_INT(number(s, "SELECT count(*) FROM process"), 2);
	CHECK_INT(number(s, "SELECT count(*) FROM login_record"), 0);
	CHECK_INT(number(s, "SELECT count(*) FROM entry WHERE segment IS NULL"), 0);
	CHECK_INT(number(s, "SELECT count(*) FROM coverage WHERE kind = 'log'"), 0);
	/* Cut before anything is signed. */
	a = take(s, span_part(buf_span(&archive), 0, 200), false);
	CHECK_INT(a.outcome, INGEST_REFUSED);
	a = take(s, (struct span){ 0 }, false);
	CHECK_INT(a.outcome, INGEST_REFUSED);
	a = take(s, span_of("not an archive at all, but long enough to be looked at"), false);
	CHECK_INT(a.outcome, INGEST_REFUSED);
	store_close(s);
	buf_done(&archive);
	clean();
}
