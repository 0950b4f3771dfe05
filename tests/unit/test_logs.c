/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "collectors/module.h"
#include "lib/json.h"
#include "lib/pack.h"

extern const struct module module_logs;

static const int never = 0;

static void no_progress(struct collection *c, struct span what, int64_t done, int64_t total)
{
	(void)c;
	(void)what;
	(void)done;
	(void)total;
}

/* Keeps "path kind artifact" for what came without contents, and path and contents for the rest. */
struct taken { struct capture capture; struct buf facts, contents; const char *rotate; };

static int keep_file(struct sink *s, const struct file_facts *facts, struct source *in, struct fail *f)
{
	struct taken *t = (struct taken *)s;
	uint8_t bytes[4096];
	int64_t got;

	t->capture.files += in != NULL;
	/* In the middle of its copy the log is rotated. */
	if (t->rotate && span_ends(facts->path, "/rotated.log"))
		CHECK_INT(system(t->rotate), 0);
	buf_add(&t->facts, facts->path);
	buf_printf(&t->facts, " %c%s ", facts->kind, in ? "+" : "");
	buf_add(&t->facts, facts->artifact);
	buf_byte(&t->facts, '\n');
	while (in && facts->size < 1 << 20 && (got = source_read(in, bytes, sizeof bytes, f)) > 0)
		buf_add(&t->contents, (struct span){ bytes, (size_t)got });
	return 0;
}

static void run(const char *directory, enum profile profile, const char *artifacts, struct taken *t)
{
	struct collection c = {
		.profile = profile, .pass = 1, .started = os_now(), .artifacts_path = artifacts,
		.module = "logs", .progress = no_progress, .stop = &never,
	};
	struct fail f = { 0 };

	t->facts = t->contents = (struct buf){ 0 };
	capture_init(&t->capture);
	t->capture.sink.file = keep_file;
	c.sink = &t->capture.sink;
	CHECK_INT(os_root_open(&c.root, directory, &f), 0);
	CHECK_INT(module_logs.run(&c, &f), 0);
	CHECK_TEXT(f.text[LANG_EN], "");
	os_root_close(c.root);
}

static void done(struct taken *t)
{
	capture_done(&t->capture);
	buf_done(&t->facts);
	buf_done(&t->contents);
}

static bool has(const struct taken *t, const char *line)
{
	struct buf text = { 0 };
	bool found;

	buf_byte(&text, '\n');
	buf_add(&text, buf_span(&t->facts));
	found = span_contains(buf_span(&text), line);
	buf_done(&text);
	return found;
}

static void shell(const char *directory, const char *command)
{
	char line[4096];

	snprintf(line, sizeof line, "cd '%s' && %s", directory, command);
	CHECK_INT(system(line), 0);
}

#define FIXTURE SOURCE_DIR "/tests/fixtures/linux-root"

TEST(logs_takes_the_fixture)
{
	static const char *const wanted[] = {
		"\n/var/log/auth.log f+ LinuxAuthLogs\n", "\n/root/.bash_history f+ ShellHistories\n",
		"\n/home/taro/.zsh_history f+ ShellHistories\n", "\n/srv/deploy/.ash_history f+ ShellHistories\n",
		"\n/home/taro/.local/share/fish/fish_history f+ ShellHistories\n",
		"\n/home/hanako/.ssh/authorized_keys f+ SshUserFiles\n", "\n/etc/passwd f+ LinuxAccountFiles\n",
		"\n/home/hanako/.viminfo f+ InteractiveToolHistories\n",
		"\n/var/spool/cron/crontabs/root f+ LinuxCronFiles\n",
		"\n/etc/systemd/system/nginx.service.d/override.conf f+ LinuxSystemdUnits\n",
		"\n/etc/systemd/system/multi-user.target.wants/agent.service l LinuxSystemdUnits\n",
		"\n/var/log/nginx/access.log f+ WebServerLogs\n", "\n/var/lib/dpkg/status f+ PackageManagerState\n",
		"\n/var/lib/dpkg/info/nginx.md5sums f+ DpkgFileLists\n", "\n/var/log/syslog f+ LinuxCoreLogs\n",
		/* what a link leads to, under its own path */
		"\n/etc/os-release l LinuxHostIdentity\n", "\n/usr/lib/os-release f+ LinuxHostIdentity\n",
		"\n/usr/lib/systemd/system/cron.service f+ LinuxSystemdUnits\n",
	};
	struct taken t = { 0 };

	run(FIXTURE, PROFILE_STANDARD, NULL, &t);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (!has(&t, wanted[i]))
			test_fail(__FILE__, __LINE__, wanted[i]);
	done(&t);
}

/* With the widest profile too: no hash, no key, no document is in what was taken. */
TEST(logs_never_takes_secrets)
{
	struct taken t = { 0 };

	run(FIXTURE, PROFILE_FULL, NULL, &t);
	CHECK(has(&t, "\n/etc/fstab f+"));
	CHECK(has(&t, "\n/etc/shadow f LinuxEtc\n") && has(&t, "\n/etc/gshadow- f LinuxEtc\n"));
	CHECK(has(&t, "\n/etc/ssl/private/server.key f LinuxEtc\n"));
	CHECK(has(&t, "\n/etc/ssh/ssh_host_ed25519_key f SshUserFiles\n"));
	CHECK(!span_contains(buf_span(&t.contents), "not.a.real.hash"));
	CHECK(!span_contains(buf_span(&t.contents), "PRIVATE KEY"));
	CHECK(!span_contains(buf_span(&t.contents), "not to be taken"));
	CHECK(t.capture.notes >= 6);
	done(&t);
}

TEST(logs_knows_secrets_under_other_names)
{
	char directory[] = "/tmp/kake-logs-XXXXXX";
	struct taken t = { 0 };

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir -p etc var/log etc/ssh home/u/.ssh && echo 'root:!:SECRET' > etc/shadow && "
	                 "ln etc/shadow var/log/hard.log && ln -s /etc/shadow var/log/link.log && "
	                 "ln -s ../../etc var/log/dir && "
	                 "echo '-----BEGIN RSA PRIVATE KEY----- SECRET' > var/log/key.log && "
	                 "echo '-----BEGIN RSA PRIVATE KEY----- SECRET' > home/u/.ssh/authorized_keys && "
	                 "cp etc/shadow etc/shadow.old && ln -s /nowhere var/log/dangling && "
	                 "ln -s ../../../../../../../etc/shadow var/log/out.log && ln -s loop var/log/loop");
	run(directory, PROFILE_STANDARD, NULL, &t);
	CHECK_INT(t.capture.files, 0);
	CHECK(!span_contains(buf_span(&t.contents), "SECRET"));
	CHECK(has(&t, "\n/var/log/dangling l "));
	CHECK(has(&t, "\n/var/log/link.log l "));
	CHECK(has(&t, "\n/var/log/loop l "));
	done(&t);
	shell(directory, "rm -rf etc var home && rmdir \"$PWD\"");
}

/* Names from the host are data: nothing of them is run, or taken for a pattern. */
TEST(logs_takes_strange_homes_as_data)
{
	char directory[] = "/tmp/kake-logs-XXXXXX";
	struct taken t = { 0 };

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir -p etc '$(id)' 'home/x;touch ran' 'home/*' home/other 'a\nb' root && "
	                 "printf '%s\\n' 'x;touch ran:x:1:1::/$(id):/bin/sh' 'y:x:4294967295:0::/home/x;touch ran:' "
	                 "'star:x:3:3::/home/*:/bin/sh' 'up:x:3:3::/../../../tmp:/bin/sh' 'z:x::' ':::::::::' > etc/passwd && "
	                 "head -c 1000000 /dev/zero | tr '\\0' 'A' >> etc/passwd && "
	                 "for d in '$(id)' 'home/x;touch ran' 'home/*' home/other; do "
	                 "echo \"$d\" > \"$d/.bash_history\"; done");
	run(directory, PROFILE_QUICK, NULL, &t);
	CHECK(has(&t, "\n/$(id)/.bash_history f+ ShellHistories\n"));
	CHECK(has(&t, "\n/home/x;touch ran/.bash_history f+ ShellHistories\n"));
	CHECK(has(&t, "\n/home/other/.bash_history f+ ShellHistories\n"));
	CHECK(span_contains(buf_span(&t.capture.lines), "characters of patterns"));
	done(&t);
	shell(directory, "test ! -e ran && test ! -e /tmp/p && rm -rf etc home root '$(id)' 'a\nb' && rmdir \"$PWD\"");
}

TEST(logs_opens_nothing_but_regular_files)
{
	char directory[] = "/tmp/kake-logs-XXXXXX";
	struct taken t = { 0 };

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir -p etc/cron.d var/log dev && mkfifo etc/cron.d/x var/log/x && "
	                 "mknod var/log/null c 1 3 && ln -s /dev/zero var/log/zero && mknod dev/zero c 1 5 && "
	                 "truncate -s 1T var/log/lastlog && mkdir -p var/log/a && ln -s ../a var/log/a/self");
	run(directory, PROFILE_STANDARD, NULL, &t);
	CHECK(has(&t, "\n/etc/cron.d/x p "));
	CHECK(has(&t, "\n/var/log/x p "));
	CHECK(has(&t, "\n/var/log/null c "));
	CHECK(has(&t, "\n/var/log/zero l "));
	CHECK(has(&t, "\n/var/log/a/self l "));
	CHECK_INT(t.capture.files, 1);
	done(&t);
	shell(directory, "rm -rf etc var dev && rmdir \"$PWD\"");
}

TEST(logs_names_both_inodes_of_a_rotated_log)
{
	char directory[] = "/tmp/kake-logs-XXXXXX", rotate[256];
	struct taken t = { .rotate = rotate };

	CHECK(mkdtemp(directory) != NULL);
	snprintf(rotate, sizeof rotate, "cd '%s/var/log' && mv rotated.log old && echo new > rotated.log", directory);
	shell(directory, "mkdir -p var/log && echo first > var/log/rotated.log");
	run(directory, PROFILE_STANDARD, NULL, &t);
	CHECK(span_contains(buf_span(&t.contents), "first"));
	CHECK(span_contains(buf_span(&t.capture.lines), "replaced while it was copied: inode "));
	done(&t);
	shell(directory, "rm -rf var && rmdir \"$PWD\"");
}

static const char custom[] =
	"name: Mine\nsources:\n- type: COMMAND\n  attributes: {cmd: id}\n- type: FILE\n"
	"  attributes: {paths: ['/a/**1/x', '/b/?[0-9]', '%%users.homedir%%/.mine', '/c/**', '%%environ_x%%/y']}\n"
	"- type: PATH\n  attributes: {paths: ['/a']}\n- type: FILE\n  supported_os: [Windows]\n"
	"  attributes: {paths: ['/w']}\n---\nname: Up\nsources:\n- type: FILE\n"
	"  attributes: {paths: ['/../../etc/*', '%%users.homedir%%/../../x']}\n";

TEST(logs_follows_further_definitions)
{
	char directory[] = "/tmp/kake-logs-XXXXXX", path[64];
	struct taken t = { 0 };
	FILE *file;

	CHECK(mkdtemp(directory) != NULL);
	snprintf(path, sizeof path, "%s/mine.yaml", directory);
	file = fopen(path, "w");
	CHECK(file && fputs(custom, file) >= 0);
	fclose(file);
	shell(directory, "mkdir -p a/d/e b c/1/2/3 home/u etc w x && touch a/x a/d/x a/d/e/x b/a1 b/aa c/1/2/3/f "
	                 "home/u/.mine etc/odd w/w && echo 'u:x:1:1::/home/u:' > etc/passwd");
	run(directory, PROFILE_QUICK, path, &t);
	CHECK(has(&t, "\n/a/x f+ Mine\n") && has(&t, "\n/a/d/x f+ Mine\n") && !has(&t, "/a/d/e/x"));
	CHECK(has(&t, "\n/b/a1 f+ Mine\n") && !has(&t, "/b/aa"));
	CHECK(has(&t, "\n/c/1/2/3/f f+ Mine\n"));
	CHECK(has(&t, "\n/home/u/.mine f+ Mine\n"));
	CHECK(has(&t, "\n/a d Mine\n"));
	CHECK(!has(&t, "\n/w"));
	CHECK(has(&t, "\n/etc/odd f+ Up\n"));
	CHECK(span_contains(buf_span(&t.capture.lines), "COMMAND"));
	done(&t);
	shell(directory, "rm -rf a b c home etc w x mine.yaml && rmdir \"$PWD\"");
}

TEST(logs_does_not_start_with_an_unknown_name)
{
	char path[] = "/tmp/kake-logs-XXXXXX";
	int fd = mkstemp(path);
	FILE *file = fdopen(fd, "w");
	struct collection c = { .artifacts_path = path, .module = "logs", .stop = &never };
	struct fail f = { 0 };

	CHECK(file && fputs("name: G\nsources:\n- type: ARTIFACT_GROUP\n  attributes: {names: [NoSuch]}\n", file) >= 0);
	fclose(file);
	CHECK_INT(module_logs.run(&c, &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "NoSuch"));
	remove(path);
}
