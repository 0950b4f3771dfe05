/* SPDX-License-Identifier: Apache-2.0 */
/* System logs of the corpus: lines that fail2ban and loghub know, and damaged files. */
#include "lib/instant.h"
#include "tests/unit/corpus.h"

extern const struct parser parser_syslog;

/* 2006-01-01: the year in which fail2ban's own tests put the lines is 2004 or 2005. */
#define MODIFIED (INT64_C(1136073600) * INSTANT_SECOND)

/* Keeps what a test compares of the rows, copied. */
struct seen {
	struct sink sink;
	int64_t rows, notes, events, time;
	struct buf address, user, action, tally;
	/* Called for each row, if set. */
	void (*look)(struct seen *s, const struct row *r);
	struct span rest;
	int64_t agreed;
};

static int seen_row(struct sink *sink, const struct row *r, struct fail *f)
{
	struct seen *s = (struct seen *)sink;

	(void)f;
	s->rows++;
	if (s->look)
		s->look(s, r);
	if (r->table != &table_auth_event)
		return 0;
	s->events++;
	s->time = r->values[AUTH_TIME].number;
	buf_clear(&s->address);
	buf_clear(&s->user);
	buf_clear(&s->action);
	buf_add(&s->address, r->values[AUTH_ADDRESS].bytes);
	buf_add(&s->user, r->values[AUTH_USER].bytes);
	buf_add(&s->action, r->values[AUTH_ACTION].bytes);
	return 0;
}

static int seen_note(struct sink *sink, const struct note *n, struct fail *f)
{
	(void)n;
	(void)f;
	((struct seen *)sink)->notes++;
	return 0;
}

static void seen_done(struct seen *s)
{
	buf_done(&s->address);
	buf_done(&s->user);
	buf_done(&s->action);
	buf_done(&s->tally);
}

struct known {
	const char *file;
	const char *before;          /* put in front of lines that have no time */
	int64_t hosts, users;        /* lines whose host (user) agrees */
};

/* Whether the time is the expected one; the year is inferred from another date here. */
static bool same_time(int64_t instant, struct span wanted)
{
	struct civil got = civil_of(instant_seconds(instant)), other;
	int64_t expected;
	bool has_offset;

	if (!instant_parse(wanted, &expected, &has_offset))
		return false;
	other = civil_of(instant_seconds(expected));
	return got.month == other.month && got.day == other.day && got.hour == other.hour &&
	       got.minute == other.minute && got.second == other.second;
}

/* path, line number, time, match, host, user, what, line */
static void fail2ban_line(const struct known *k, struct span fields, int64_t *hosts, int64_t *users)
{
	struct seen s = { .sink = { seen_row, seen_note, NULL } };
	struct span time, match, host, user;
	struct buf text = { 0 };

	span_until(&fields, '\t');
	time = span_until(&fields, '\t');
	match = span_until(&fields, '\t');
	host = span_until(&fields, '\t');
	user = span_until(&fields, '\t');
	span_until(&fields, '\t');
	buf_text(&text, k->before);
	buf_add(&text, fields);
	buf_byte(&text, '\n');
	CHECK_INT(corpus_parse(&parser_syslog, buf_span(&text), "/var/log/auth.log", MODIFIED, &s.sink), 0);
	if (span_is(match, "true") && s.events && s.address.size) {
		bool agrees = span_equal(buf_span(&s.address), host);

		*hosts += agrees;
		if (!agrees)
			printf("  differs: %.*s\n", (int)fields.size, (const char *)fields.data);
		/* fail2ban's time of lines with an offset is in the zone of its test. */
		if (!*k->before && fields.data[0] != '<' && fields.data[0] != '2')
			CHECK(same_time(s.time, time));
		*users += user.size && span_equal(buf_span(&s.user), user);
	}
	buf_done(&text);
	seen_done(&s);
}

/*
 * What is left of fail2ban's matches says no address in the line itself, is of programs that are no
 * log-on service here, or (once a file) is "Failed password for invalid user test from 127.0.0.1
 * port 58946 ssh2: from 10.10.1.2 port 55555 ssh2": no sshd writes anything behind "ssh2" for a
 * password, so that the user name holds the first address and the last one is the peer's.
 */
TEST(hosts_and_users_as_fail2ban_sees_them)
{
	static const struct known files[] = {
		{ "linux-logs/fail2ban/sshd", "", 88, 5 },
		{ "linux-logs/fail2ban/sshd-journal", "Jan  1 00:00:00 ", 76, 5 },
		{ "linux-logs/fail2ban/pam-generic", "", 8, 6 },
		{ "linux-logs/fail2ban/dropbear", "", 7, 0 },
		{ "linux-logs/fail2ban/vsftpd", "", 2, 0 },
	};
	struct buf expected = { 0 };

	if (!corpus_load(&expected, "expected/logs/fail2ban.tsv"))
		return;
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct span rest = buf_span(&expected);
		int64_t hosts = 0, users = 0;

		while (rest.size) {
			struct span line = span_until(&rest, '\n');

			if (span_is(span_until(&line, '\t'), files[i].file))
				fail2ban_line(&files[i], line, &hosts, &users);
		}
		printf("%s: %" PRId64 " hosts and %" PRId64 " users agree with fail2ban\n", files[i].file,
		       hosts, users);
		CHECK_INT(hosts, files[i].hosts);
		CHECK_INT(users, files[i].users);
	}
	buf_done(&expected);
}

/* A field of a CSV line; quotes are doubled inside. */
static void csv_field(struct span *rest, struct buf *out)
{
	buf_clear(out);
	if (!rest->size || rest->data[0] != '"') {
		buf_add(out, span_until(rest, ','));
		return;
	}
	for (size_t i = 1; i < rest->size; i++) {
		if (rest->data[i] == '"' && i + 1 < rest->size && rest->data[i + 1] == '"')
			i++;
		else if (rest->data[i] == '"') {
			*rest = span_part(*rest, i + 2, rest->size);
			return;
		}
		buf_byte(out, rest->data[i]);
	}
	*rest = (struct span){ 0 };
}

/* Fields 5 to 7 are, in both files, component (or host), pid and content, without blanks at its end. */
static void compare_csv(struct seen *s, const struct row *r)
{
	struct span line, message = span_trim(r->values[SYSLOG_MESSAGE].bytes);
	struct buf field = { 0 };
	int64_t pid = 0;

	if (r->table != &table_syslog)
		return;
	line = span_until(&s->rest, '\n');
	if (line.size && line.data[line.size - 1] == '\r')
		line.size--;
	for (int i = 0; i < 4; i++)
		csv_field(&line, &field);
	csv_field(&line, &field);
	csv_field(&line, &field);
	if (!span_number(buf_span(&field), &pid)) {
		/* The Linux file has the program here and the pid behind it. */
		bool same = span_equal(buf_span(&field), r->values[SYSLOG_PROGRAM].bytes);

		csv_field(&line, &field);
		pid = 0;
		if (field.size)
			CHECK(span_number(buf_span(&field), &pid));
		csv_field(&line, &field);
		if (same && pid == r->values[SYSLOG_PID].number && span_equal(message, buf_span(&field)))
			s->agreed++;
		else
			printf("  differs: %.*s\n", (int)message.size, (const char *)message.data);
	} else {
		csv_field(&line, &field);
		CHECK_SPAN(message, buf_span(&field));
		s->agreed += pid == r->values[SYSLOG_PID].number;
	}
	buf_done(&field);
}

static void compare_loghub(const char *log, const char *csv, int64_t wanted)
{
	struct seen s = { .sink = { seen_row, seen_note, NULL }, .look = compare_csv };
	struct buf bytes = { 0 }, expected = { 0 };

	if (corpus_load(&bytes, log) && corpus_load(&expected, csv)) {
		s.rest = buf_span(&expected);
		span_until(&s.rest, '\n');
		CHECK_INT(corpus_parse(&parser_syslog, buf_span(&bytes), "/var/log/auth.log", MODIFIED,
		                       &s.sink), 0);
		printf("%s: program, pid and message of %" PRId64 " lines agree with loghub\n", log, s.agreed);
		CHECK_INT(s.agreed, wanted);
	}
	buf_done(&bytes);
	buf_done(&expected);
	seen_done(&s);
}

/*
 * The eight others: loghub takes "syslogd 1.4.1" for the program of seven, and one is of a login that
 * calls itself "-- root".
 */
TEST(lines_as_loghub_takes_them_apart)
{
	compare_loghub("linux-logs/loghub/OpenSSH_2k.log",
	               "linux-logs/loghub/OpenSSH_2k.log_structured.csv", 2000);
	compare_loghub("linux-logs/loghub/Linux_2k.log",
	               "linux-logs/loghub/Linux_2k.log_structured.csv", 1992);
}

struct tally { const char *action, *address; int64_t wanted, lines; };

static struct tally ssh_tally[] = {
	{ "failed", "", 520, 0 }, { "accepted", "", 1, 0 }, { "invalid-user", "", 113, 0 },
	{ "failed", "183.62.140.253", 286, 0 }, { "failed", "187.141.143.180", 80, 0 },
	{ "failed", "103.99.0.122", 46, 0 }, { "failed", "112.95.230.3", 26, 0 },
	{ "failed", "5.188.10.180", 18, 0 },
};

static void count_ssh(struct seen *s, const struct row *r)
{
	(void)s;
	if (r->table != &table_auth_event)
		return;
	for (size_t i = 0; i < sizeof ssh_tally / sizeof *ssh_tally; i++) {
		struct tally *t = &ssh_tally[i];

		t->lines += span_is(r->values[AUTH_ACTION].bytes, t->action) &&
		            (r->values[AUTH_METHOD].state == VALUE_NULL ||
		             span_is(r->values[AUTH_METHOD].bytes, "password")) && (!*t->address || span_is(r->values[AUTH_ADDRESS].bytes, t->address));
	}
}

/* Numbers of expected/logs/loghub.tsv: lines with "Failed password", "Invalid user" and so on. */
TEST(counts_of_real_ssh_lines)
{
	struct seen s = { .sink = { seen_row, seen_note, NULL }, .look = count_ssh };
	struct buf bytes = { 0 };

	if (!corpus_load(&bytes, "linux-logs/loghub/OpenSSH_2k.log"))
		return;
	CHECK_INT(corpus_parse(&parser_syslog, buf_span(&bytes), "/var/log/auth.log", MODIFIED, &s.sink), 0);
	for (size_t i = 0; i < sizeof ssh_tally / sizeof *ssh_tally; i++) {
		printf("%s %s: %" PRId64 "\n", ssh_tally[i].action, ssh_tally[i].address, ssh_tally[i].lines);
		CHECK_INT(ssh_tally[i].lines, ssh_tally[i].wanted);
	}
	buf_done(&bytes);
	seen_done(&s);
}

/* How many rows and notes each file of plaso's and of the damaged ones gives; none is lost. */
TEST(odd_files)
{
	static const struct { const char *file; int64_t rows, notes; } files[] = {
		{ "linux-logs/plaso/syslog_syslog", 18 + 3, 1 },
		{ "linux-logs/plaso/syslog_syslog_cron.log", 9 + 9, 0 },
		{ "linux-logs/plaso/syslog_syslog_rsyslog_SyslogProtocol23Format", 10, 1 },
		{ "linux-logs/plaso/syslog_syslog_ssh.log", 9 + 8, 0 },
		{ "corrupt/made/logs/nul_and_invalid_utf8.log", 5, 2 },
		{ "corrupt/made/logs/long_line.log", 2, 0 },
		{ "corrupt/made/logs/only_newlines.log", 0, 0 },
		{ "corrupt/made/logs/empty.log", 0, 0 },
		{ "corrupt/made/logs/utf16le.log", 1, 3 },
	};

	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct seen s = { .sink = { seen_row, seen_note, NULL } };
		struct buf bytes = { 0 };

		if (corpus_load(&bytes, files[i].file)) {
			CHECK_INT(corpus_parse(&parser_syslog, buf_span(&bytes), "/var/log/syslog", MODIFIED,
			                       &s.sink), 0);
			printf("%s: %" PRId64 " rows, %" PRId64 " notes\n", files[i].file, s.rows, s.notes);
			CHECK_INT(s.rows, files[i].rows);
			CHECK_INT(s.notes, files[i].notes);
		}
		buf_done(&bytes);
		seen_done(&s);
	}
}
