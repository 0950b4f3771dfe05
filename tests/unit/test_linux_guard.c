/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/guard.h"

static struct guard *opened(void)
{
	struct guard *g = NULL;
	struct fail f = { 0 };

	CHECK_INT(guard_open(&g, &f), 0);
	return g;
}

/*
 * A FUSE file system that no daemon serves: whoever looks into it waits for ever. Mounted in a name
 * space of our own. Gives its descriptor, which ends the waiting when it is closed, or -1.
 */
static int mount_unserved(const char *directory)
{
	int fd = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	char options[80];

	snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=0,group_id=0", fd);
	if (fd < 0 || unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("unserved", directory, "fuse", 0, options) < 0) {
		if (fd >= 0)
			close(fd);
		return -1;
	}
	return fd;
}

static char *temporary(const char *contents, size_t size)
{
	static char path[64];
	int fd;

	snprintf(path, sizeof path, "/tmp/kake-guard-XXXXXX");
	fd = mkstemp(path);
	CHECK(fd >= 0 && write(fd, contents, size) == (ssize_t)size);
	close(fd);
	return path;
}

TEST(guard_reads_up_to_the_limit)
{
	struct guard *g = opened();
	char *path = temporary("0123456789", 10);
	struct buf out = { 0 };
	struct fail f = { 0 };
	bool cut = true;

	CHECK_INT(guard_read(g, span_of(path), 10, 5000, &out, &cut, &f), 0);
	CHECK_SPAN(buf_span(&out), span_of("0123456789"));
	CHECK(!cut);
	buf_clear(&out);
	CHECK_INT(guard_read(g, span_of(path), 9, 5000, &out, &cut, &f), 0);
	CHECK_SPAN(buf_span(&out), span_of("012345678"));
	CHECK(cut);
	/* Appends. */
	CHECK_INT(guard_read(g, span_of(path), 0, 5000, &out, &cut, &f), 0);
	CHECK_SPAN(buf_span(&out), span_of("012345678"));
	CHECK(cut);
	unlink(path);
	buf_done(&out);
	guard_close(g);
}

TEST(guard_says_what_the_system_said)
{
	struct guard *g = opened();
	struct buf out = { 0 };
	struct fail f = { 0 };
	bool cut;

	CHECK_INT(guard_read(g, span_of("/nonexistent/x"), 10, 5000, &out, &cut, &f), -1);
	CHECK_INT(f.code, ENOENT);
	CHECK_INT(guard_read(g, span_of("/dev/zero"), 10, 5000, &out, &cut, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "not a regular file");
	CHECK_INT(out.size, 0);
	guard_close(g);
}

TEST(guard_never_opens_a_fifo)
{
	struct guard *g = opened();
	char *path = temporary("", 0);
	struct buf out = { 0 };
	struct fail f = { 0 };
	bool cut;

	unlink(path);
	CHECK_INT(mkfifo(path, 0600), 0);
	CHECK_INT(guard_read(g, span_of(path), 10, 5000, &out, &cut, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "not a regular file");
	unlink(path);
	guard_close(g);
}

TEST(guard_digests_the_running_image)
{
	struct guard *g = opened();
	struct guard_facts facts;
	struct fail f = { 0 };
	struct buf all = { 0 };
	uint8_t wanted[SHA256_SIZE];
	struct stat st;

	/* /proc/self is the child's: the same image. */
	CHECK_INT(guard_digest(g, span_of("/proc/self/exe"), 60000, &facts, &f), 0);
	CHECK_INT(os_read_whole("/proc/self/exe", 256 << 20, &all, &f), 0);
	CHECK_INT(hash_sha256(buf_span(&all), wanted, &f), 0);
	CHECK(memcmp(wanted, facts.sha256, sizeof wanted) == 0);
	CHECK_INT(stat("/proc/self/exe", &st), 0);
	CHECK_INT(facts.size, st.st_size);
	CHECK_INT(facts.inode, st.st_ino);
	CHECK_INT(facts.device, st.st_dev);
	buf_done(&all);
	guard_close(g);
}

TEST(guard_gives_up_a_read_that_hangs)
{
	struct guard *g = opened();
	char directory[] = "/tmp/kake-guard-XXXXXX", path[64];
	int fuse = mkdtemp(directory) ? mount_unserved(directory) : -1;
	struct buf out = { 0 };
	struct fail f = { 0 };
	bool cut;

	if (fuse < 0) {
		test_skip("no FUSE mount possible here (needs root and /dev/fuse)");
	} else {
		struct guard_facts facts;

		snprintf(path, sizeof path, "%s/x", directory);
		for (int i = 0; i < 3; i++) {
			CHECK_INT(guard_read(g, span_of(path), 100, 50, &out, &cut, &f), -1);
			CHECK_INT(f.code, ETIMEDOUT);
			CHECK_INT(guard_digest(g, span_of(path), 50, &facts, &f), -1);
			CHECK_INT(f.code, ETIMEDOUT);
			CHECK_INT(guard_read(g, span_of("/proc/self/comm"), 100, 5000, &out, &cut, &f), 0);
		}
		CHECK_SPAN(buf_span(&out), span_of("kake-guard\nkake-guard\nkake-guard\n"));
		close(fuse);
		umount2(directory, MNT_DETACH);
	}
	rmdir(directory);
	buf_done(&out);
	guard_close(g);
}

struct tally { unsigned frames, sum; unsigned refuse_at; };

static int count_up(struct guard_child *c, struct span request, struct fail *f)
{
	int *kept = *guard_kept(c);

	if (!kept) {
		kept = calloc(1, sizeof *kept);
		*guard_kept(c) = kept;
	}
	++*kept;
	for (uint8_t i = 0; i < request.data[0]; i++)
		if (guard_send(c, (struct span){ &i, 1 }, f))
			return -1;
	if (request.data[1])
		pause();
	return *kept == 3 ? fail_set(f, "out of memory") : 0;
}

static int add_frame(void *context, struct span frame, struct fail *f)
{
	struct tally *t = context;

	if (t->frames == t->refuse_at)
		return fail_set(f, "not a regular file");
	t->frames++;
	t->sum += frame.data[0];
	return 0;
}

TEST(guard_calls_give_frames_in_order)
{
	struct guard *g = opened();
	struct tally t = { .refuse_at = 1000 };
	struct fail f = { 0 };
	uint8_t request[2] = { 200, 0 };
	struct span asked = { request, sizeof request };

	CHECK_INT(guard_call(g, count_up, asked, 5000, add_frame, &t, &f), 0);
	CHECK_INT(t.frames, 200);
	CHECK_INT(t.sum, 199 * 200 / 2);
	CHECK_INT(guard_call(g, count_up, asked, 5000, add_frame, &t, &f), 0);
	/* The third time in the same child. */
	CHECK_INT(guard_call(g, count_up, asked, 5000, add_frame, &t, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "out of memory");
	t = (struct tally){ .refuse_at = 10 };
	CHECK_INT(guard_call(g, count_up, asked, 5000, add_frame, &t, &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "not a regular file");
	t = (struct tally){ .refuse_at = 1000 };
	request[1] = 1;
	CHECK_INT(guard_call(g, count_up, asked, 100, add_frame, &t, &f), -1);
	CHECK_INT(f.code, ETIMEDOUT);
	CHECK_INT(t.frames, 200);
	CHECK_INT(guard_left_behind(g), 0);
	guard_close(g);
}

static int leave_behind(struct guard_child *c, struct span request, struct fail *f)
{
	static const uint8_t last = 7;

	if (request.data[0] && count_up(c, request, f))
		return -1;
	return request.data[1] ? guard_leave(c, (struct span){ &last, 1 }, f) : 0;
}

TEST(guard_takes_a_last_frame_with_the_end)
{
	struct guard *g = opened();
	struct tally t = { .refuse_at = 1000 };
	struct fail f = { 0 };
	uint8_t request[2] = { 0, 1 };
	struct span asked = { request, sizeof request };

	CHECK_INT(guard_call(g, leave_behind, asked, 5000, add_frame, &t, &f), 0);
	CHECK_INT(t.frames, 1);
	CHECK_INT(t.sum, 7);
	request[1] = 0;
	CHECK_INT(guard_call(g, leave_behind, asked, 5000, add_frame, &t, &f), 0);
	CHECK_INT(t.frames, 1);
	request[0] = 3;
	CHECK_INT(guard_call(g, leave_behind, asked, 5000, add_frame, &t, &f), 0);
	CHECK_INT(t.frames, 4);
	CHECK_INT(t.sum, 7 + 0 + 1 + 2);
	guard_close(g);
}

TEST(guard_survives_the_end_of_its_child)
{
	struct guard *g = opened();
	struct buf out = { 0 };
	struct fail f = { 0 };
	bool cut;
	int64_t child = 0;
	struct span word, rest;

	CHECK_INT(guard_read(g, span_of("/proc/self/status"), 4000, 5000, &out, &cut, &f), 0);
	rest = buf_span(&out);
	while (!span_is(word = span_word(&rest), "Pid:") && word.size)
		continue;
	CHECK(span_number(span_word(&rest), &child) && child > 1);
	if (child > 1)
		kill((pid_t)child, SIGKILL);
	CHECK_INT(guard_read(g, span_of("/proc/self/status"), 4000, 5000, &out, &cut, &f), -1);
	CHECK_INT(guard_read(g, span_of("/proc/self/status"), 4000, 5000, &out, &cut, &f), 0);
	buf_done(&out);
	guard_close(g);
}
