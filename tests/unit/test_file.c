/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/linux/scope.h"
#include "collectors/module.h"
#include "lib/instant.h"
#include "lib/json.h"

extern const struct module module_file;

static const int never = 0;

static void no_progress(struct collection *c, struct span what, int64_t done, int64_t total)
{
	(void)c;
	(void)what;
	(void)done;
	(void)total;
}

/* Runs the module on a directory; the caller frees the capture. */
static void run(const char *directory, enum profile profile, struct capture *got,
                void (*adjust)(struct collection *))
{
	struct collection c = {
		.profile = profile, .pass = 1, .started = os_now(), .digests = HASH_SHA256,
		.sink = &got->sink, .module = "file", .progress = no_progress, .stop = &never,
	};
	struct fail f;

	capture_init(got);
	if (adjust)
		adjust(&c);
	CHECK_INT(os_root_open(&c.root, directory, &f), 0);
	CHECK_INT(module_file.run(&c, &f), 0);
	os_root_close(c.root);
}

static void shell(const char *directory, const char *command)
{
	char line[2048];

	snprintf(line, sizeof line, "cd '%s' && %s", directory, command);
	CHECK_INT(system(line), 0);
}

/* The text of a member of the row (or note) of that path; "" if there is none. */
static const char *member(const struct capture *got, const char *path, const char *name)
{
	static struct buf text;
	struct span rest = buf_span(&got->lines);

	while (rest.size) {
		struct json_value line = json_parse(span_until(&rest, '\n')), value;

		buf_clear(&text);
		if (!json_decode(json_member(line, "path"), &text) || !span_is(buf_span(&text), path))
			continue;
		value = json_member(line, name);
		buf_clear(&text);
		if (value.type == JSON_STRING)
			json_decode(value, &text);
		else if (value.type != JSON_BAD)
			buf_add(&text, value.raw);
		return buf_string(&text);
	}
	return "";
}

TEST(file_agrees_with_sha256sum_and_stat)
{
	char directory[] = "/tmp/kake-file-XXXXXX", line[4096];
	struct capture got;
	FILE *judge;
	int lines = 0;

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir -p home/u bin && printf '#!/bin/sh\\n' > bin/s && chmod 4755 bin/s && "
	                 "head -c 3000000 /dev/urandom > home/u/big && : > home/u/empty && "
	                 "printf '\\n' > home/u/line && cp /proc/self/exe home/u/elf && ln -s /etc/shadow home/u/l");
	run(directory, PROFILE_STANDARD, &got, NULL);
	snprintf(line, sizeof line, "cd '%s' && find . -type f | while read -r p; do "
	         "echo \"$(sha256sum < \"$p\" | cut -c1-64) $(stat -c '%%s %%i %%u' \"$p\") ${p#.}\"; done",
	         directory);
	judge = popen(line, "r");
	while (judge && fgets(line, sizeof line, judge)) {
		char sha[65], size[32], inode[32], uid[32], path[2048];

		CHECK_INT(sscanf(line, "%64s %31s %31s %31s %2047[^\n]", sha, size, inode, uid, path), 5);
		CHECK_TEXT(member(&got, path, "sha256"), sha);
		CHECK_TEXT(member(&got, path, "size"), size);
		CHECK_TEXT(member(&got, path, "inode"), inode);
		CHECK_TEXT(member(&got, path, "uid"), uid);
		lines++;
	}
	if (judge)
		pclose(judge);
	CHECK_INT(lines, 5);
	CHECK_INT(got.rows, 6);
	CHECK_INT(got.notes, 0);
	CHECK_TEXT(member(&got, "/bin/s", "mode"), "2541");
	CHECK_TEXT(member(&got, "/bin/s", "why"), "[\"set-id\",\"executable\",\"script\",\"program-directory\",\"changed\"]");
	CHECK_TEXT(member(&got, "/bin/s", "type"), "text/x-shellscript");
	CHECK_TEXT(member(&got, "/home/u/empty", "trivial"), "true");
	CHECK_TEXT(member(&got, "/home/u/line", "trivial"), "true");
	CHECK_TEXT(member(&got, "/home/u/big", "trivial"), "false");
	CHECK_TEXT(member(&got, "/home/u/l", "link"), "/etc/shadow");
	CHECK_TEXT(member(&got, "/home/u/l", "kind"), "link");
	CHECK_TEXT(member(&got, "/home/u/l", "sha256"), "");
	CHECK(strtod(member(&got, "/home/u/big", "entropy"), NULL) > 7.99);
	capture_done(&got);
	shell(directory, "rm -rf home bin && rmdir \"$PWD\"");
}

static void only_small(struct collection *c)
{
	c->max_file_size = 1000;
}

TEST(file_rows_for_what_is_not_read)
{
	char directory[] = "/tmp/kake-file-XXXXXX";
	struct capture got;

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir tmp && mkfifo tmp/fifo && head -c 2000 /dev/zero > tmp/large && "
	                 "mknod tmp/null c 1 3 && truncate -s 1T tmp/sparse");
	run(directory, PROFILE_QUICK, &got, only_small);
	CHECK_INT(got.rows, 4);
	CHECK_INT(got.notes, 1);
	CHECK_TEXT(member(&got, "/tmp/fifo", "kind"), "fifo");
	CHECK_TEXT(member(&got, "/tmp/null", "kind"), "char");
	CHECK_TEXT(member(&got, "/tmp/large", "sha256"), "");
	CHECK_TEXT(member(&got, "/tmp/large", "type"), "application/octet-stream");
	CHECK_TEXT(member(&got, "/tmp/sparse", "size"), "1099511627776");
	CHECK_TEXT(member(&got, "/tmp/sparse", "allocated"), "0");
	CHECK_TEXT(member(&got, "/tmp/sparse", "sha256"), "");
	CHECK(span_contains(buf_span(&got.lines), "larger than the limit for one file"));
	capture_done(&got);
	shell(directory, "rm -rf tmp && rmdir \"$PWD\"");
}

/* Holes that are small enough are digested as what they read as. */
TEST(file_digests_small_holes_as_zeros)
{
	char directory[] = "/tmp/kake-file-XXXXXX", line[200], sha[65] = "";
	struct capture got;
	FILE *judge;

	CHECK(mkdtemp(directory) != NULL);
	shell(directory, "mkdir tmp && truncate -s 20M tmp/s && printf x | dd of=tmp/s bs=1 seek=5000000 "
	                 "conv=notrunc status=none && printf y | dd of=tmp/s bs=1 seek=20971519 conv=notrunc status=none");
	run(directory, PROFILE_FULL, &got, NULL);
	snprintf(line, sizeof line, "sha256sum '%s/tmp/s'", directory);
	judge = popen(line, "r");
	CHECK(judge && fgets(sha, sizeof sha, judge));
	pclose(judge);
	CHECK_TEXT(member(&got, "/tmp/s", "sha256"), sha);
	CHECK_TEXT(member(&got, "/tmp", "kind"), "directory");
	capture_done(&got);
	shell(directory, "rm -rf tmp && rmdir \"$PWD\"");
}

static void already_over(struct collection *c)
{
	c->deadline = 1;
}

TEST(file_stops_when_time_is_up)
{
	struct capture got;

	run(SOURCE_DIR "/tests/fixtures/linux-root", PROFILE_FULL, &got, already_over);
	CHECK_INT(got.rows, 0);
	CHECK_INT(got.notes, 1);
	capture_done(&got);
}

static unsigned judge(enum profile profile, const char *path, int64_t mode, int64_t age_days)
{
	struct home homes[] = {
		{ span_of("/home/u"), span_of("u"), 1000 }, { span_of("/usr"), span_of("x"), 1001 },
		{ span_of("/var/lib/db"), span_of("db"), 999 },
	};
	struct homes all = { .items = homes, .count = 3 };
	struct file_facts facts = { .path = span_of(path), .kind = 'f', .mode = mode };
	struct scope s;
	unsigned why;

	facts.modified = (struct file_time){ true, instant_seconds(os_now()) - age_days * 86400, 0 };
	scope_init(&s, profile, os_now(), &all);
	why = scope_of(&s, &facts);
	scope_done(&s);
	return why;
}

TEST(scope_follows_the_profile)
{
	CHECK_INT(judge(PROFILE_STANDARD, "/usr/share/doc/x", 0644, 1000), 0);
	CHECK_INT(judge(PROFILE_STANDARD, "/usr/share/doc/x", 0644, 80), WHY_CHANGED);
	CHECK_INT(judge(PROFILE_STANDARD, "/usr/share/doc/x", 0755, 1000), WHY_EXECUTABLE);
	CHECK_INT(judge(PROFILE_STANDARD, "/usr/lib/libc.so.6", 0644, 1000), WHY_EXECUTABLE);
	CHECK_INT(judge(PROFILE_STANDARD, "/opt/x.py", 0644, 1000), WHY_SCRIPT);
	CHECK_INT(judge(PROFILE_STANDARD, "/home/u/a/b", 0644, 1000), WHY_HOME);
	CHECK_INT(judge(PROFILE_STANDARD, "/home/u/public_html/b", 0644, 1000), WHY_HOME | WHY_WEB);
	CHECK_INT(judge(PROFILE_STANDARD, "/home/uu/b", 0644, 1000), 0);
	CHECK_INT(judge(PROFILE_STANDARD, "/var/lib/db/b", 0644, 1000), 0);
	CHECK_INT(judge(PROFILE_STANDARD, "/var/tmp/b", 0644, 1000), WHY_TEMPORARY);
	CHECK_INT(judge(PROFILE_STANDARD, "/var/tmpfoo/b", 0644, 1000), 0);
	CHECK_INT(judge(PROFILE_STANDARD, "/var/x", 04644, 1000), WHY_SETID);
	CHECK_INT(judge(PROFILE_QUICK, "/usr/bin/x", 0755, 1000), WHY_EXECUTABLE | WHY_PROGRAM_DIRECTORY);
	CHECK_INT(judge(PROFILE_QUICK, "/usr/lib/x", 0755, 1), 0);
	CHECK_INT(judge(PROFILE_QUICK, "/home/u/x", 0755, 1), 0);
	CHECK_INT(judge(PROFILE_QUICK, "/usr/lib/x", 02755, 1000), WHY_SETID | WHY_EXECUTABLE);
	CHECK_INT(judge(PROFILE_FULL, "/usr/share/doc/x", 0644, 1000), WHY_ALL);
}
