/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdlib.h>

#include "lib/pool.h"

enum { JOBS = 5000 };

struct job { int number; uint64_t result; };
struct work { int finished, dropped, started, in_order, fail_at; };

static void *work_start(void *context)
{
	(void)context;
	return calloc(1, sizeof(int));
}

static void work_run(void *state, void *job)
{
	struct job *j = job;

	++*(int *)state;
	/* Uneven, so that later jobs overtake earlier ones. */
	for (int i = 0; i < (j->number % 7) * 300; i++)
		j->result = j->result * 31 + (uint64_t)i;
	j->result = (uint64_t)j->number * 2;
}

static int work_finish(void *context, void *job, struct fail *f)
{
	struct work *w = context;
	struct job *j = job;

	if (w->fail_at && w->finished == w->fail_at)
		return fail_set(f, "out of memory");
	w->in_order += j->number == w->finished && j->result == (uint64_t)j->number * 2;
	w->finished++;
	return 0;
}

static void work_drop(void *context, void *job)
{
	((struct work *)context)->dropped++;
	free(job);
}

static int give_all(struct pool *p, int *given, struct fail *f)
{
	for (*given = 0; *given < JOBS; ++*given) {
		struct job *job = calloc(1, sizeof *job);

		job->number = *given;
		if (pool_put(p, job, f)) {
			++*given;
			return -1;
		}
	}
	return 0;
}

static void run_with(unsigned threads, unsigned depth)
{
	struct work w = { 0 };
	struct pool_work work = { &w, work_start, work_run, free, work_finish, work_drop };
	struct pool *p;
	struct fail f;
	int given;

	CHECK_INT(pool_open(&p, threads, depth, &work, &f), 0);
	CHECK_INT(give_all(p, &given, &f), 0);
	CHECK_INT(pool_flush(p, &f), 0);
	CHECK_INT(w.finished, JOBS);
	CHECK_INT(w.in_order, JOBS);
	pool_close(p);
	CHECK_INT(w.dropped, JOBS);
}

TEST(pool_keeps_the_order)
{
	run_with(4, 64);
	run_with(2, 1);
	run_with(1, 3);
}

TEST(pool_works_without_threads)
{
	run_with(0, 8);
}

TEST(pool_ends_at_the_first_failure_and_frees_every_job)
{
	struct work w = { .fail_at = 100 };
	struct pool_work work = { &w, work_start, work_run, free, work_finish, work_drop };
	struct pool *p;
	struct fail f = { 0 };
	int given;

	CHECK_INT(pool_open(&p, 3, 16, &work, &f), 0);
	CHECK_INT(give_all(p, &given, &f), -1);
	CHECK_INT(w.finished, 100);
	CHECK(f.text[LANG_EN][0] != 0);
	pool_close(p);
	CHECK_INT(w.dropped, given);
}
