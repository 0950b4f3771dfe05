/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_POOL_H
#define KAKE_POOL_H
/*
 * Worker threads whose results come back in the order of the jobs, in the thread that gives them.
 * At most `depth` jobs are under way: giving one more first takes back the oldest. Everything but
 * run (and the worker's own start and stop) happens in the giving thread, so sinks need no locks.
 */
#include "lib/fail.h"

struct pool;

struct pool_work {
	void *context;
	void *(*start)(void *context);           /* a worker's own state, made in the worker; may be NULL */
	void (*run)(void *state, void *job);     /* in a worker; failures stand in the job */
	void (*stop)(void *state);               /* with start: in the worker, at its end */
	/* A job that has run. -1 ends the work: pool_put and pool_flush return it. */
	int (*finish)(void *context, void *job, struct fail *f);
	void (*drop)(void *context, void *job);  /* frees a job, finished or not; called once for each */
};

/* Where no thread can be started the jobs run in pool_put. `work` is copied. */
int pool_open(struct pool **p, unsigned threads, unsigned depth, const struct pool_work *work,
              struct fail *f);
/* The job belongs to the pool from here on, also if this fails. */
int pool_put(struct pool *p, void *job, struct fail *f);
/* Takes back the oldest job. 1: done, 0: there is none, -1. */
int pool_take(struct pool *p, struct fail *f);
/* Takes back all. */
int pool_flush(struct pool *p, struct fail *f);
/* Jobs that no worker has begun are dropped without being run or finished. */
void pool_close(struct pool *p);
#endif
