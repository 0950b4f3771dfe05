/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <unistd.h>

#include "collectors/linux/logon.h"
#include "collectors/module.h"
#include "lib/base64.h"
#include "tests/unit/tree.h"

/* Made with ssh-keygen, whose -l gives the fingerprint. */
#define KEY "AAAAC3NzaC1lZDI1NTE5AAAAIHHWQIPrSLXMrc7X54677z+gNHi9xQl8+K9voVCF2snF"
#define FINGERPRINT "SHA256:c4SJntOGqaZfqN+E6/B88cnfdZcDsZIFhKKYRBYXFSo"

extern const struct module module_sudo, module_account, module_authorized_key, module_session;

static void run_on(const struct module *m, const struct tree *t, struct capture *got)
{
	struct fail f = { 0 };
	static const volatile int stop;
	struct collection c = { .sink = &got->sink, .module = m->name, .stop = &stop };

	capture_init(got);
	CHECK_INT(os_root_open(&c.root, t->path, &f), 0);
	CHECK_INT(m->run(&c, &f), 0);
	os_root_close(c.root);
}

static bool has(struct capture *got, const char *text)
{
	return strstr(buf_string(&got->lines), text) != NULL;
}

TEST(base64_both_ways)
{
	static const struct { const char *plain, *padded, *bare; } cases[] = {
		{ "", "", "" }, { "f", "Zg==", "Zg" }, { "fo", "Zm8=", "Zm8" }, { "foo", "Zm9v", "Zm9v" },
		{ "foobar", "Zm9vYmFy", "Zm9vYmFy" },
	};
	static const char *const wrong[] = { "Z", "Zg=", "Zh==", "Zm9v=", "Zm 9v", "====", "Zg==Zg==" };

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf b = { 0 };

		base64_add(&b, span_of(cases[i].plain), true);
		CHECK_SPAN(buf_span(&b), span_of(cases[i].padded));
		buf_clear(&b);
		base64_add(&b, span_of(cases[i].plain), false);
		CHECK_SPAN(buf_span(&b), span_of(cases[i].bare));
		buf_clear(&b);
		CHECK(base64_decode(&b, span_of(cases[i].padded)));
		CHECK_SPAN(buf_span(&b), span_of(cases[i].plain));
		buf_clear(&b);
		CHECK(base64_decode(&b, span_of(cases[i].bare)));
		CHECK_SPAN(buf_span(&b), span_of(cases[i].plain));
		buf_done(&b);
	}
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		struct buf b = { 0 };

		CHECK(!base64_decode(&b, span_of(wrong[i])));
		CHECK_INT(b.size, 0);
		buf_done(&b);
	}
}

TEST(password_states)
{
	static const struct { const char *field, *state, *scheme; } cases[] = {
		{ "$y$j9T$salt$hash", "set", "yescrypt" }, { "!$6$salt$hash", "locked", "sha512" },
		{ "*", "none", "-" }, { "!", "none", "-" }, { "!!", "none", "-" }, { "!*", "none", "-" },
		{ "", "empty", "-" }, { "$2b$10$x", "set", "bcrypt" }, { "abcdefghijklm", "set", "des" },
		{ "x1", "none", "-" }, { "$unknown$", "set", "unknown" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const char *scheme;

		CHECK_TEXT(password_state(span_of(cases[i].field), &scheme), cases[i].state);
		CHECK_TEXT(scheme ? scheme : "-", cases[i].scheme);
	}
}

TEST(sudoers_lines)
{
	static const struct { const char *line, *who; bool no_password, all; } cases[] = {
		{ "root ALL=(ALL:ALL) ALL", "root", false, true },
		{ "%sudo\tALL=(ALL:ALL) NOPASSWD: ALL", "%sudo", true, true },
		{ "a, b ALL = /bin/ls, NOPASSWD: /bin/cat", "a, b", true, false },
		{ "a , b ALL=ALL", "a , b", false, true },
		{ "#1000 ALL=(root) NOPASSWD:ALL", "#1000", true, true },
		{ "web ALL=(ALL) NOPASSWD:SETENV: /usr/bin/ALLTOOL", "web", true, false },
		{ "web ALL=(ALL) NOPASSWD: NOEXEC: ALL", "web", true, true },
		{ "deploy ALL=/bin/ls, ALL", "deploy", false, true },
		{ "Defaults:bob !authenticate", "Defaults:bob", true, false },
		{ "User_Alias OPS = a, b", "User_Alias OPS", false, false },
		{ "@includedir /etc/sudoers.d", "@includedir", false, false },
	};
	struct sudo_line line;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(sudoers_parse(span_of(cases[i].line), &line));
		CHECK_SPAN(line.who, span_of(cases[i].who));
		CHECK_INT(line.no_password, cases[i].no_password);
		CHECK_INT(line.all_commands, cases[i].all);
		CHECK_SPAN(line.rule, span_of(cases[i].line));
	}
	CHECK(!sudoers_parse(span_of("  # a comment"), &line));
	CHECK(!sudoers_parse(span_of("#comment"), &line));
	CHECK(!sudoers_parse(span_of(" \t"), &line));
	CHECK(sudoers_parse(span_of("#include \"/etc/a b\""), &line));
	CHECK_SPAN(line.include, span_of("/etc/a b"));
	CHECK(!line.include_folder);
	CHECK(doas_parse(span_of("permit nopass keepenv setenv { A B=c } bob as root"), &line));
	CHECK_SPAN(line.who, span_of("bob"));
	CHECK(line.no_password && line.all_commands);
	CHECK(doas_parse(span_of("permit :wheel cmd /bin/ls"), &line));
	CHECK_SPAN(line.who, span_of(":wheel"));
	CHECK(!line.no_password && !line.all_commands);
	CHECK(doas_parse(span_of("deny bob"), &line));
	CHECK(!line.all_commands);
	CHECK(!doas_parse(span_of("# permit bob"), &line));
}

TEST(sudoers_files_with_includes)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/sudoers", "Defaults env_reset\nalice ALL = \\\n  NOPASSWD: \\\n ALL\n"
	          "@includedir /etc/sudoers.d\n@include sudoers.local\n@include sudoers\n");
	tree_file(&t, "etc/sudoers.local", "local ALL=ALL\n");
	tree_file(&t, "etc/sudoers.d/zz", "svc ALL=(ALL) NOPASSWD: ALL");
	tree_file(&t, "etc/sudoers.d/left.bak", "bak ALL=ALL\n");
	run_on(&module_sudo, &t, &got);
	CHECK(has(&got, "\"line\":2,\"who\":\"alice\""));
	CHECK(has(&got, "\"path\":\"/etc/sudoers.local\",\"line\":1,\"who\":\"local\""));
	CHECK(has(&got, "\"path\":\"/etc/sudoers.d/zz\",\"line\":1,\"who\":\"svc\",\"rule\":\"svc ALL=(ALL) NOPASSWD: ALL\",\"no_password\":true,\"all_commands\":true"));
	CHECK(!has(&got, "\"who\":\"bak\""));
	CHECK(has(&got, "sudo does not read a file of this name"));
	CHECK(has(&got, "too many files include each other"));
	capture_done(&got);
	tree_remove(&t);
}

TEST(authorized_key_lines)
{
	struct key_line line;
	struct buf print = { 0 };

	CHECK(!authorized_key_parse(span_of("# comment"), &line));
	CHECK(!authorized_key_parse(span_of("   "), &line));
	CHECK(authorized_key_parse(span_of("ssh-ed25519 " KEY " hanako at work\r"), &line));
	CHECK_SPAN(line.type, span_of("ssh-ed25519"));
	CHECK_SPAN(line.comment, span_of("hanako at work"));
	CHECK_INT(line.options.size, 0);
	CHECK(key_fingerprint(&print, line.key));
	CHECK_SPAN(buf_span(&print), span_of(FINGERPRINT));
	CHECK(authorized_key_parse(span_of("command=\"sh -c \\\"a b\\\" ssh-rsa\",no-pty ssh-rsa AAAA"), &line));
	CHECK_SPAN(line.options, span_of("command=\"sh -c \\\"a b\\\" ssh-rsa\",no-pty"));
	CHECK_SPAN(line.type, span_of("ssh-rsa"));
	CHECK_SPAN(line.key, span_of("AAAA"));
	CHECK(authorized_key_parse(span_of("command=\"never ends ssh-rsa AAAA"), &line));
	CHECK_INT(line.key.size, 0);
	buf_clear(&print);
	CHECK(!key_fingerprint(&print, span_of("not/base64!")));
	CHECK_INT(print.size, 0);
	buf_done(&print);
}

TEST(key_files_by_pattern)
{
	static const struct { const char *pattern, *path; bool shared; } cases[] = {
		{ ".ssh/authorized_keys", "/home/hanako/.ssh/authorized_keys", false },
		{ "%h/keys", "/home/hanako/keys", false }, { "/etc/keys/%u", "/etc/keys/hanako", false },
		{ "/etc/ssh/.keys", "/etc/ssh/.keys", true }, { "/k/%U%%", "/k/1000%", false },
		{ "/k%%", "/k%", true },
	};
	struct buf path = { 0 };
	bool shared;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		buf_clear(&path);
		CHECK(key_file_of(&path, span_of(cases[i].pattern), span_of("hanako"), 1000,
		                  span_of("/home/hanako"), &shared));
		CHECK_SPAN(buf_span(&path), span_of(cases[i].path));
		CHECK_INT(shared, cases[i].shared);
	}
	CHECK(!key_file_of(&path, span_of("none"), span_of("u"), 1, span_of("/h"), &shared));
	CHECK(!key_file_of(&path, span_of("/k/%x"), span_of("u"), 1, span_of("/h"), &shared));
	CHECK(!key_file_of(&path, span_of("/k/%"), span_of("u"), 1, span_of("/h"), &shared));
	buf_done(&path);
}

TEST(keys_of_a_tree)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/passwd", "root:x:0:0::/root:/bin/sh\nhanako:x:1000:1000::/home/hanako:/bin/sh\n");
	tree_file(&t, "etc/ssh/sshd_config", "Include sshd_config.d/*.conf\nAuthorizedKeysFile=/etc/ssh/.keys \"%h/my keys\" # x\n");
	tree_file(&t, "etc/ssh/sshd_config.d/a.conf", "Match User hanako\n  authorizedkeysfile /var/k/%u\nInclude a.conf\n");
	tree_file(&t, "etc/ssh/.keys", "ssh-ed25519 " KEY " shared\n");
	tree_file(&t, "home/hanako/my keys", "\nssh-ed25519 " KEY " blank\n");
	tree_file(&t, "home/left/.ssh/authorized_keys2", "ssh-ed25519 " KEY " leftover\nrubbish\n");
	tree_file(&t, "var/k/root", "ssh-ed25519 " KEY " matched\n");
	tree_file(&t, "etc/ssh/authorized_keys_old", "ssh-ed25519 " KEY " old\n");
	run_on(&module_authorized_key, &t, &got);
	CHECK_INT(got.rows, 6);
	CHECK(has(&got, "\"path\":\"/etc/ssh/.keys\",\"line\":1,\"type\":\"ssh-ed25519\",\"fingerprint\":\"" FINGERPRINT "\""));
	CHECK(has(&got, "\"path\":\"/home/hanako/my keys\",\"line\":2,\"user\":\"hanako\""));
	CHECK(has(&got, "\"path\":\"/home/left/.ssh/authorized_keys2\",\"line\":1,\"user\":\"left\""));
	CHECK(has(&got, "\"path\":\"/var/k/root\",\"line\":1,\"user\":\"root\""));
	CHECK(has(&got, "\"path\":\"/etc/ssh/authorized_keys_old\""));
	CHECK(has(&got, "line 2 holds no key that can be read"));
	capture_done(&got);
	tree_remove(&t);
}

TEST(accounts_of_a_hostile_passwd)
{
	struct tree t = tree_make();
	struct buf passwd = { 0 };
	struct capture got;

	buf_text(&passwd, "root:x:0:0:root:/root:/bin/bash\ntoor:x:0:0:second:/root:/bin/bash\n"
	         "x;touch /tmp/p:x:1000:1000:g\x1b[2J\xff:$(id):/bin/sh\nminus:x:-1:5::/:/bin/sh\n"
	         "hana:x:1001:27::/home/hana:/bin/sh\nold:$1$salt$hash:1002:1002::/:\n\nshort:x\n+::::::\nlong:x:7:7:");
	for (int i = 0; i < 1 << 20; i++)
		buf_byte(&passwd, 'A');
	buf_text(&passwd, ":/:/bin/sh\nlast:x:8:8::/:/bin/sh\n");
	tree_bytes(&t, "etc/passwd", passwd.data, passwd.size);
	tree_file(&t, "etc/shadow", "root:$y$SECRETHASH:20400:0:99999:7:::\ntoor::20500:::::1:\n"
	          "gone:!$6$SECRETHASH:20300:0:90:7:::\nlast:*:20300::::::\n");
	tree_file(&t, "etc/group", "root:x:0:\nsudo:x:27:x;touch /tmp/p,last\nodd:x:nan:a,b\n");
	run_on(&module_account, &t, &got);
	CHECK_INT(got.rows, 10 + 3);
	CHECK(!has(&got, "SECRETHASH"));
	CHECK(!has(&got, "$1$salt"));
	CHECK(has(&got, "\"name\":\"root\",\"uid\":0,\"gid\":0,\"full_name\":\"root\",\"home\":\"/root\",\"shell\":\"/bin/bash\",\"groups\":[\"root\"],\"password_state\":\"set\",\"password_scheme\":\"yescrypt\",\"password_changed\":\"2025-11-08T00:00:00Z\",\"password_max_days\":99999,\"privileged\":true"));
	CHECK(has(&got, "\"name\":\"toor\",\"uid\":0"));
	CHECK(has(&got, "\"password_state\":\"empty\""));
	CHECK(has(&got, "\"expires\":\"1970-01-02T00:00:00Z\""));
	CHECK(has(&got, "line 2 gives user id 0 to a further account"));
	CHECK(has(&got, "\"home\":\"$(id)\""));
	CHECK(has(&got, "\"name\":\"hana\",\"uid\":1001,\"gid\":27,\"full_name\":\"\",\"home\":\"/home/hana\",\"shell\":\"/bin/sh\",\"groups\":[\"sudo\"],\"password_state\":\"unknown\",\"privileged\":true"));
	CHECK(has(&got, "\"password_state\":\"set\",\"password_scheme\":\"md5\""));
	CHECK(has(&got, "line 4 is not a whole account line"));
	CHECK(has(&got, "line 8 is not a whole account line"));
	CHECK(has(&got, "line 10 is longer than 8192 bytes; it is cut"));
	CHECK(has(&got, "\"name\":\"last\",\"uid\":8"));
	CHECK(has(&got, "no account of the name 'gone'"));
	CHECK(has(&got, "\"name\":\"sudo\",\"gid\":27,\"members\":[\"x;touch /tmp/p\",\"last\"]"));
	buf_done(&passwd);
	capture_done(&got);
	tree_remove(&t);
}

static void put_utmp(uint8_t record[384], uint8_t kind, uint8_t pid, const char *user)
{
	memset(record, 0, 384);
	record[0] = kind;
	record[4] = pid;
	strcpy((char *)record + 8, "pts/0");
	strcpy((char *)record + 44, user);
	strcpy((char *)record + 76, "192.0.2.7");
	record[340] = 60;
}

TEST(sessions_of_both_sources)
{
	struct tree t = tree_make();
	struct capture got;
	uint8_t utmp[3 * 384 + 5] = { 0 };

	put_utmp(utmp, 7, 42, "hanako");
	put_utmp(utmp + 384, 7, 43, "taro");
	put_utmp(utmp + 768, 8, 44, "gone");
	tree_bytes(&t, "run/utmp", utmp, sizeof utmp);
	tree_file(&t, "run/systemd/sessions/3", "# private\nUID=1000\nUSER=hanako\nTTY=pts/0\nREMOTE_HOST=192.0.2.7\nLEADER=42\nREALTIME=1770000000123456\n");
	run_on(&module_session, &t, &got);
	CHECK_INT(got.rows, 2);
	CHECK_INT(got.notes, 1);
	CHECK(has(&got, "\"user\":\"hanako\",\"terminal\":\"pts/0\",\"remote\":\"192.0.2.7\",\"since\":\"2026-02-02T02:40:00.123456Z\",\"pid\":42"));
	CHECK(has(&got, "\"user\":\"taro\",\"terminal\":\"pts/0\",\"remote\":\"192.0.2.7\",\"since\":\"1970-01-01T00:01:00Z\",\"pid\":43"));
	CHECK(has(&got, "5 bytes behind the last whole record"));
	capture_done(&got);
	tree_remove(&t);
}
