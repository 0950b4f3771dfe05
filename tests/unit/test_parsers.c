/* SPDX-License-Identifier: Apache-2.0 */
/* Which parser a path goes to, years of logs without years, and what single lines say. */
#include "lib/instant.h"
#include "tests/unit/corpus.h"
#include "triage/parse/auth.h"
#include "triage/parse/logyear.h"

extern const struct parser parser_syslog, parser_lastlog;

TEST(paths_go_to_their_parser)
{
	static const struct { const char *path, *parser; } cases[] = {
		{ "/var/log/wtmp", "utmp" }, { "/var/log/wtmp.1", "utmp" }, { "/var/log/btmp-20260301", "utmp" },
		{ "/var/log/btmp.2.gz", "utmp" }, { "/run/utmp", "utmp" }, { "/var/run/utmp", "utmp" },
		{ "/var/log/wtmp.db", NULL }, { "/var/log/xwtmp", NULL }, { "/home/a/wtmp", NULL },
		{ "/var/log/lastlog", "lastlog" }, { "/var/log/lastlog2.db", NULL },
		{ "/var/log/syslog", "syslog" }, { "/var/log/syslog.1", "syslog" },
		{ "/var/log/syslog.7.gz", "syslog" }, { "/var/log/messages-20260301.xz", "syslog" },
		{ "/var/log/auth.log.2.zst", "syslog" }, { "/var/log/secure", "syslog" },
		{ "/var/log/cron.log", "syslog" }, { "/var/log/local7.log", "syslog" },
		{ "/var/lib/docker/overlay2/ab/diff/var/log/auth.log", "syslog" },
		{ "/var/log/syslog-ng.conf", NULL }, { "/var/log/auth.log.bak", NULL },
		{ "/var/log/messages/readme", NULL }, { "/var/log/apt/history.log", "apt_history" },
		{ "/var/log/apt/history.log.3.gz", "apt_history" }, { "/var/log/apt/term.log", NULL },
		{ "/var/log/dpkg.log", "dpkg_log" }, { "/var/log/dpkg.log.1", "dpkg_log" },
		{ "/root/.bash_history", "history" }, { "/home/a/.bash_history-01234.tmp", "history" },
		{ "/home/a/.local/share/fish/fish_history", "history" }, { "/home/a/.zsh_history", "history" },
		{ "/var/lib/postgresql/.psql_history", "history" }, { "/home/a/fish_history", NULL },
		{ "/home/a/bash_history", NULL },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct parser *parser = parser_for(span_of(cases[i].path), 0);

		if (!parser != !cases[i].parser || (parser && strcmp(parser->name, cases[i].parser) != 0))
			test_fail(__FILE__, __LINE__, cases[i].path);
	}
}

/* Times of the rows, one a line. */
struct times { struct sink sink; struct buf lines; };

static int times_row(struct sink *s, const struct row *r, struct fail *f)
{
	struct times *t = (struct times *)s;

	(void)f;
	if (r->table != &table_syslog)
		return 0;
	if (r->values[SYSLOG_TIME].state == VALUE_SET)
		instant_text(&t->lines, r->values[SYSLOG_TIME].number);
	else
		buf_add(&t->lines, r->values[SYSLOG_TIME].bytes);
	buf_byte(&t->lines, '\n');
	return 0;
}

static int times_note(struct sink *s, const struct note *n, struct fail *f)
{
	(void)s;
	(void)n;
	(void)f;
	return 0;
}

static void dated(const char *text, const char *modified, bool forward_only, const char *wanted)
{
	struct times t = { .sink = { times_row, times_note, NULL } };
	struct origin origin = { .path = span_of("/var/log/syslog"), .modified = INT64_MIN,
	                         .collected = INT64_MIN };
	struct memory_source in;
	bool has_offset;
	struct fail f;

	memory_source_init(&in, span_of(text));
	if (*modified)
		CHECK(instant_parse(span_of(modified), &origin.modified, &has_offset));
	CHECK_INT(parser_syslog.parse(&in.source, &origin, &t.sink, &f), 0);
	CHECK_TEXT(buf_string(&t.lines), wanted);
	buf_clear(&t.lines);
	if (forward_only) {
		memory_source_init(&in, span_of(text));
		in.source.read_at = NULL;
		CHECK_INT(parser_syslog.parse(&in.source, &origin, &t.sink, &f), 0);
		CHECK_TEXT(buf_string(&t.lines), wanted);
	}
	buf_done(&t.lines);
}

TEST(years_are_told_backwards_from_the_last_write)
{
	static const char over[] = "Dec 30 00:00:00 h a: 1\nJan  2 00:00:00 h a: 2\n";

	dated(over, "2026-01-02T00:00:05Z", true, "2025-12-30T00:00:00Z\n2026-01-02T00:00:00Z\n");
	/* A file that was not written for long, and one whose last line is a little ahead of the clock. */
	dated(over, "2026-11-25T00:00:00Z", true, "2025-12-30T00:00:00Z\n2026-01-02T00:00:00Z\n");
	dated("Dec 31 23:59:59 h a: 1\nJan  1 00:00:10 h a: 2\n", "2025-12-31T23:59:58Z", false,
	      "2025-12-31T23:59:59Z\n2026-01-01T00:00:10Z\n");
	dated("Mar  1 00:00:00 h a: 1\nJan  1 00:00:00 h a: 2\nDec  1 00:00:00 h a: 3\n"
	      "Feb  1 00:00:00 h a: 4\n", "2026-02-02T00:00:00Z", false,
	      "2024-03-01T00:00:00Z\n2025-01-01T00:00:00Z\n2025-12-01T00:00:00Z\n2026-02-01T00:00:00Z\n");
	dated(over, "", true, "Dec 30 00:00:00\nJan  2 00:00:00\n");
}

TEST(lines_that_are_out_of_order_are_no_new_year)
{
	dated("Mar  2 00:00:00 h a: 1\nFeb 28 23:59:59 h a: 2\nMar  3 00:00:00 h a: 3\n",
	      "2026-03-03T00:00:00Z", true,
	      "2026-03-02T00:00:00Z\n2026-02-28T23:59:59Z\n2026-03-03T00:00:00Z\n");
	dated("Dec 31 23:59:58 h a: 1\nJan  1 00:00:00 h a: 2\nDec 31 23:59:59 h a: late\n"
	      "Jan  1 00:00:01 h a: 4\n", "2026-01-01T00:00:02Z", true,
	      "2025-12-31T23:59:58Z\n2026-01-01T00:00:00Z\n2025-12-31T23:59:59Z\n2026-01-01T00:00:01Z\n");
	/* A host without a battery starts on 1 January until its clock is set. */
	dated("Jun 10 10:00:00 h a: 1\nJan  1 00:00:05 h a: boot\nJun 10 10:01:00 h a: 3\n",
	      "2026-06-10T10:01:00Z", false,
	      "2026-06-10T10:00:00Z\n2026-01-01T00:00:05Z\n2026-06-10T10:01:00Z\n");
}

TEST(leap_days_and_whole_dates_pin_the_year)
{
	dated("Feb 29 10:00:00 h a: 1\nMar  1 10:00:00 h a: 2\n", "2026-05-01T00:00:00Z", false,
	      "2024-02-29T10:00:00Z\n2024-03-01T10:00:00Z\n");
	/* The daemon began to write whole dates: the lines before are older than the first of them. */
	dated("Dec 30 10:00:00 h a: 1\n2024-01-05T00:00:00Z h a: 2\n2026-01-05T00:00:00Z h a: 3\n",
	      "2026-05-01T00:00:00Z", false,
	      "2023-12-30T10:00:00Z\n2024-01-05T00:00:00Z\n2026-01-05T00:00:00Z\n");
}

/* "action service user by address port method command terminal group", - for what is not there. */
static void says(const char *text, const char *wanted)
{
	struct log_line line = log_line_of(span_of(text));
	struct buf out = { 0 };
	struct auth a;

	if (auth_of(&line, &a)) {
		const struct span parts[] = { a.service, a.user, a.by, a.address, a.port, a.method, a.command,
		                              a.terminal, a.group };

		buf_text(&out, a.action);
		for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
			buf_byte(&out, '|');
			buf_add(&out, parts[i]);
		}
	}
	CHECK_TEXT(buf_string(&out), wanted);
	buf_done(&out);
}

#define L "Mar  1 00:00:00 h "

/* Lines as the sources of the programs print them. */
TEST(lines_of_log_on_services)
{
	says(L "login[5]: FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
	     "failed|login|root||||||/dev/tty1|");
	says(L "login[5]: FAILED LOGIN 2 FROM tty2 FOR alice, Authentication failure",
	     "failed|login|alice||||||tty2|");
	says(L "login[5]: ROOT LOGIN  on '/dev/tty1'", "accepted|login|root||||||/dev/tty1|");
	says(L "login[5]: LOGIN ON tty3 BY alice FROM host.example.com",
	     "accepted|login|alice||host.example.com||||tty3|");
	says(L "pkexec[7]: alice: Executing command [USER=root] [TTY=unknown] [CWD=/home/alice] [COMMAND=/bin/sh]",
	     "sudo|pkexec|root|alice||||/bin/sh|unknown|");
	says(L "doas[7]: alice ran command /bin/ls -l as root from /home/alice",
	     "sudo|doas|root|alice||||/bin/ls -l||");
	says(L "su[7]: Successful su for root by alice", "su|su|root|alice||||||");
	says(L "su[7]: + /dev/pts/0 alice:root", "su|su|root|alice|||||/dev/pts/0|");
	says(L "su[7]: - /dev/pts/0 alice:root", "failed|su|root|alice|||||/dev/pts/0|");
	says(L "sudo[7]:     bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/id",
	     "failed|sudo|root|bob||||/bin/id|pts/1|");
	says(L "dropbear[7]: Pubkey auth succeeded for 'root' with ssh-ed25519 key SHA256:ab from 192.0.2.1:5000",
	     "accepted|dropbear|root||192.0.2.1|5000|Pubkey|||");
	says(L "systemd-logind[7]: New session '12' of user 'alice' with class 'user' and type 'tty'.",
	     "session-opened|systemd-logind|alice|||||||");
	says(L "sshd[7]: Postponed publickey for git from 192.0.2.1 port 57904 ssh2 [preauth]", "");
	says(L "sshd[7]: Server listening on 0.0.0.0 port 22.", "");
	says(L "crontab[7]: (root) LIST (root)", "");
	says(L "kernel: Failed password for root from 192.0.2.1 port 1 ssh2", "");
}

TEST(lines_of_account_tools)
{
	says(L "gpasswd[7]: user alice added by root to group sudo", "group-changed|gpasswd|alice|root||||||sudo");
	says(L "gpasswd[7]: user alice removed by root from group sudo",
	     "group-changed|gpasswd|alice|root||||||sudo");
	says(L "usermod[7]: delete 'eve' from group 'adm'", "group-changed|usermod|eve|||||||adm");
	says(L "usermod[7]: change user 'eve' UID from '1001' to '0'",
	     "account-changed|usermod|eve|||||||");
	says(L "groupadd[7]: new group: name=ops, GID=1005", "group-changed|groupadd||||||||ops");
	says(L "groupadd[7]: group added to /etc/group: name=ops, GID=1005", "");
	says(L "groupdel[7]: group 'ops' removed", "group-changed|groupdel||||||||ops");
	says(L "groupdel[7]: group 'ops' removed from /etc/group", "");
	says(L "passwd[7]: password for 'eve' changed by 'root'", "password-changed|passwd|eve|root||||||");
}

/* What a stranger may choose as a name must not become the address. */
TEST(forged_names)
{
	says(L "sshd[7]: Failed password for invalid user a from 10.1.1.1 port 22 ssh2 from 192.0.2.9 port 40000 ssh2",
	     "failed|sshd|a from 10.1.1.1 port 22 ssh2||192.0.2.9|40000|password|||");
	says(L "sshd[7]: Invalid user a from 10.1.1.1 port 22 from 192.0.2.9 port 40000",
	     "invalid-user|sshd|a from 10.1.1.1 port 22||192.0.2.9|40000||||");
	says(L "sshd[7]: Disconnected from invalid user a 10.1.1.1 port 22 192.0.2.9 port 40000 [preauth]",
	     "disconnected|sshd|a 10.1.1.1 port 22||192.0.2.9|40000||||");
	says(L "sshd[7]: Accepted publickey for alice from 192.0.2.9 port 40000 ssh2: ED25519-CERT SHA256:x ID a from 10.1.1.1 port 22 (serial 0) CA",
	     "accepted|sshd|alice||192.0.2.9|40000|publickey|||");
	says(L "sshd[7]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser=a rhost=10.1.1.1 rhost=192.0.2.9  user=root",
	     "pam-failed|sshd|root|a rhost=10.1.1.1|192.0.2.9||||ssh|");
	says(L "sshd[7]: Received disconnect from 192.0.2.9 port 40000:11: from 10.1.1.1 port 22 [preauth]",
	     "disconnected|sshd|||192.0.2.9|40000||||");
}

/* A terabyte of which three records are there: holes are moved over, not read. */
struct sparse { struct source source; int64_t at, data; struct span bytes; int64_t read; };

static int64_t sparse_skip(struct source *s)
{
	struct sparse *sparse = (struct sparse *)s;
	int64_t end = sparse->data + (int64_t)sparse->bytes.size, hole = 0;

	if (s->offset < sparse->data)
		hole = sparse->data - s->offset;
	else if (s->offset >= end && s->offset < s->size)
		hole = s->size - s->offset;
	return hole;
}

static int64_t sparse_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct sparse *sparse = (struct sparse *)s;
	int64_t left = s->size - s->offset, within = s->offset - sparse->data;

	(void)f;
	if ((int64_t)size > left)
		size = (size_t)left;
	memset(bytes, 0, size);
	for (size_t i = 0; i < size; i++)
		if (within + (int64_t)i >= 0 && within + (int64_t)i < (int64_t)sparse->bytes.size)
			((uint8_t *)bytes)[i] = sparse->bytes.data[within + (int64_t)i];
	sparse->read += (int64_t)size;
	return (int64_t)size;
}

TEST(a_lastlog_of_a_terabyte)
{
	struct buf records = { 0 };
	struct sparse sparse = { { .size = INT64_C(1) << 40, .read = sparse_read, .skip = sparse_skip },
	                         0, INT64_C(292) * 3000000000, { 0 }, 0 };
	struct origin origin = { .path = span_of("/var/log/lastlog"), .modified = INT64_MIN };
	struct capture c;
	struct fail f;

	/* 0x69a3d5e0 is 2026-03-01T06:00:00Z. */
	buf_text(&records, "\xe0\xd5\xa3\x69pts/0");
	while (records.size < 292)
		buf_byte(&records, 0);
	sparse.bytes = buf_span(&records);
	capture_init(&c);
	CHECK_INT(parser_lastlog.parse(&sparse.source, &origin, &c.sink, &f), 0);
	CHECK_TEXT(buf_string(&c.lines), "{\"uid\":3000000000,\"time\":\"2026-03-01T06:00:00Z\",\"line\":\"pts/0\"}\n");
	CHECK_INT(c.notes, 0);
	CHECK(sparse.read < 1 << 20);
	capture_done(&c);
	buf_done(&records);
}
