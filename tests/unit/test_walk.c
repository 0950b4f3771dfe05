/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/path.h"
#include "lib/walk.h"

/* A directory that is removed at the end, with what is in it. */
struct scratch { char path[64]; };

static struct scratch scratch_new(void)
{
	struct scratch s = { "/tmp/kake-walk-XXXXXX" };

	if (!mkdtemp(s.path))
		abort();
	return s;
}

static void scratch_done(const struct scratch *s)
{
	char command[128];

	snprintf(command, sizeof command, "rm -rf '%s'", s->path);
	CHECK_INT(system(command), 0);
}

static void make(const struct scratch *s, const char *command)
{
	char line[1024];

	snprintf(line, sizeof line, "cd '%s' && %s", s->path, command);
	CHECK_INT(system(line), 0);
}

/* What a walk gives, one "kind path" a line, problems with a '!' before them. */
struct seen { struct buf lines; int64_t entries, problems; size_t longest; };

static void walk_all(struct seen *seen, const char *directory, const struct walk_policy *policy)
{
	struct os_root *root;
	struct walk *w;
	struct walk_entry e;
	struct fail f;
	int got;

	*seen = (struct seen){ 0 };
	CHECK_INT(os_root_open(&root, directory, &f), 0);
	CHECK_INT(walk_open(&w, root, span_of("/"), policy, &f), 0);
	while ((got = walk_next(w, &e, &f)) > 0) {
		seen->entries += !e.problem;
		seen->problems += e.problem != NULL;
		if (e.path.size > seen->longest)
			seen->longest = e.path.size;
		if (seen->lines.size > 1 << 20)
			continue;
		if (e.problem)
			buf_byte(&seen->lines, '!');
		buf_byte(&seen->lines, (uint8_t)e.facts.kind);
		buf_byte(&seen->lines, ' ');
		buf_add(&seen->lines, e.path);
		buf_byte(&seen->lines, '\n');
	}
	CHECK_INT(got, 0);
	walk_close(w);
	os_root_close(root);
}

TEST(walk_gives_names_in_order_of_their_bytes)
{
	struct scratch s = scratch_new();
	struct seen seen;

	make(&s, "mkdir a b a/c && touch a/c/f a.txt 'new\nline' && ln -s a link && mkfifo pipe "
	         "&& touch \"$(printf 'x\\377y')\"");
	walk_all(&seen, s.path, NULL);
	CHECK_TEXT(buf_string(&seen.lines),
	           "d /a\nd /a/c\nf /a/c/f\nf /a.txt\nd /b\nl /link\nf /new\nline\np /pipe\nf /x\377y\n");
	buf_done(&seen.lines);
	scratch_done(&s);
}

TEST(walk_goes_round_no_loop)
{
	struct scratch s = scratch_new();
	struct seen seen;

	make(&s, "mkdir a && ln -s ../a a/self && ln -s . x && ln -s / root");
	walk_all(&seen, s.path, NULL);
	CHECK_TEXT(buf_string(&seen.lines), "d /a\nl /a/self\nl /root\nl /x\n");
	buf_done(&seen.lines);
	scratch_done(&s);
}

TEST(walk_comes_back_from_5000_deep)
{
	struct scratch s = scratch_new();
	struct seen seen;
	int fd = open(s.path, O_RDONLY | O_DIRECTORY), next;

	/* A file in each directory that sorts behind the next one: each must be come back to. */
	for (int i = 0; i < 5000; i++) {
		CHECK_INT(mkdirat(fd, "deep", 0700), 0);
		next = openat(fd, "later", O_WRONLY | O_CREAT, 0600);
		close(next);
		next = openat(fd, "deep", O_RDONLY | O_DIRECTORY);
		close(fd);
		fd = next;
	}
	close(fd);
	walk_all(&seen, s.path, NULL);
	CHECK_INT(seen.entries, 10000);
	CHECK_INT(seen.problems, 0);
	CHECK_INT(seen.longest, 4999 * 5 + 6);
	buf_done(&seen.lines);
	scratch_done(&s);
}

static void move_at_the_bottom(bool third)
{
	struct scratch s = scratch_new();
	struct os_root *root;
	struct walk *w;
	struct walk_entry e;
	struct fail f;
	char from[200], to[200];
	int entries = 0, problems = 0, got;

	make(&s, "mkdir -p away $(printf 'd/%.0s' $(seq 1 200)) && touch zz d/d/zz d/d/d/zz d/d/d/d/zz");
	CHECK_INT(os_root_open(&root, s.path, &f), 0);
	CHECK_INT(walk_open(&w, root, span_of("/"), NULL, &f), 0);
	while ((got = walk_next(w, &e, &f)) > 0) {
		entries += !e.problem;
		problems += e.problem != NULL;
		/*
		 * At the bottom everything above is closed. The fifth directory moves out of the fourth,
		 * which is found by its name again; the third moves with the fourth in it, which is not.
		 */
		if (e.path.size != 400)
			continue;
		snprintf(from, sizeof from, "%s/d/d/d/d/d", s.path);
		snprintf(to, sizeof to, "%s/away/five", s.path);
		CHECK_INT(rename(from, to), 0);
		if (!third)
			continue;
		snprintf(from, sizeof from, "%s/d/d/d", s.path);
		snprintf(to, sizeof to, "%s/away/three", s.path);
		CHECK_INT(rename(from, to), 0);
	}
	CHECK_INT(got, 0);
	CHECK_INT(entries, third ? 203 : 205);
	CHECK_INT(problems, third ? 2 : 0);
	walk_close(w);
	os_root_close(root);
	scratch_done(&s);
}

TEST(walk_survives_directories_that_move_away)
{
	move_at_the_bottom(false);
	move_at_the_bottom(true);
}

static bool not_b(void *context, struct span path)
{
	(void)context;
	return !span_is(path, "/b");
}

TEST(walk_asks_before_it_looks)
{
	struct scratch s = scratch_new();
	struct walk_policy policy = { not_b, NULL };
	struct seen seen;

	make(&s, "mkdir a b b/in");
	walk_all(&seen, s.path, &policy);
	CHECK_TEXT(buf_string(&seen.lines), "d /a\n");
	buf_done(&seen.lines);
	scratch_done(&s);
}

TEST(walk_reads_a_large_directory_in_parts)
{
	struct scratch s = scratch_new();
	struct seen seen;

	/* More names than the smallest part holds, below a directory that is read to its end first. */
	make(&s, "mkdir many && cd many && seq -f 'a-rather-long-name-for-a-file-%.0f' 1 30000 | xargs touch");
	walk_all(&seen, s.path, NULL);
	CHECK_INT(seen.entries, 30001);
	CHECK_INT(seen.problems, 0);
	buf_done(&seen.lines);
	scratch_done(&s);
}

TEST(walk_place_outlives_the_walk)
{
	struct scratch s = scratch_new();
	struct os_root *root;
	struct walk *w;
	struct walk_entry e;
	struct walk_place *place;
	struct os_file file;
	struct fail f;
	char bytes[8];

	make(&s, "mkdir a && printf hello > a/f");
	CHECK_INT(os_root_open(&root, s.path, &f), 0);
	CHECK_INT(walk_open(&w, root, span_of("/"), NULL, &f), 0);
	CHECK_INT(walk_next(w, &e, &f), 1);
	CHECK_INT(walk_next(w, &e, &f), 1);
	CHECK_TEXT(e.name, "f");
	CHECK_INT(e.facts.size, 5);
	place = walk_hold(e.place);
	CHECK_INT(walk_next(w, &e, &f), 0);
	CHECK_INT(walk_held(w), 1);
	walk_close(w);
	CHECK_INT(walk_file(&file, place, "f", &f), 0);
	CHECK_INT(source_fill(&file.source, bytes, sizeof bytes, &f), 5);
	os_file_close(&file);
	CHECK_INT(walk_file(&file, place, "..", &f), -1);
	walk_release(place);
	os_root_close(root);
	scratch_done(&s);
}

TEST(walk_says_what_it_cannot_open)
{
	struct os_root *root;
	struct walk *w;
	struct fail f = { 0 };

	CHECK_INT(os_root_open(&root, "/tmp", &f), 0);
	CHECK_INT(walk_open(&w, root, span_of("/no such directory"), NULL, &f), -1);
	CHECK(f.text[LANG_EN][0] != 0 && f.text[LANG_JA][0] != 0);
	os_root_close(root);
}
