/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pool.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

enum state { WAITING, RUNNING, DONE };

struct slot { void *job; enum state state; };

struct pool {
	struct pool_work work;
	pthread_mutex_t lock;
	pthread_cond_t given, done;
	pthread_t *threads;
	unsigned thread_count, depth;
	struct slot *slots;                  /* a ring: oldest … oldest + count - 1 */
	unsigned oldest, count, next;        /* next: the oldest slot that waits; all mod depth */
	unsigned waiting;
	bool closing;
	void *own_state;                     /* where there are no threads */
};

static void *worker(void *argument)
{
	struct pool *p = argument;
	void *state = p->work.start ? p->work.start(p->work.context) : NULL;

	pthread_mutex_lock(&p->lock);
	for (;;) {
		struct slot *slot;

		while (!p->waiting && !p->closing)
			pthread_cond_wait(&p->given, &p->lock);
		if (p->closing)
			break;
		slot = &p->slots[p->next];
		p->next = (p->next + 1) % p->depth;
		p->waiting--;
		slot->state = RUNNING;
		pthread_mutex_unlock(&p->lock);
		p->work.run(state, slot->job);
		pthread_mutex_lock(&p->lock);
		slot->state = DONE;
		if (slot == &p->slots[p->oldest])
			pthread_cond_signal(&p->done);
	}
	pthread_mutex_unlock(&p->lock);
	if (p->work.stop)
		p->work.stop(state);
	return NULL;
}

int pool_open(struct pool **out, unsigned threads, unsigned depth, const struct pool_work *work,
              struct fail *f)
{
	struct pool *p = calloc(1, sizeof *p);

	if (p) {
		p->work = *work;
		p->depth = depth;
		p->slots = calloc(depth, sizeof *p->slots);
		p->threads = calloc(threads ? threads : 1, sizeof *p->threads);
	}
	if (!p || !p->slots || !p->threads) {
		if (p) {
			free(p->slots);
			free(p->threads);
		}
		free(p);
		return fail_set(f, "out of memory");
	}
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->given, NULL);
	pthread_cond_init(&p->done, NULL);
	while (p->thread_count < threads &&
	       pthread_create(&p->threads[p->thread_count], NULL, worker, p) == 0)
		p->thread_count++;
	if (!p->thread_count && work->start)
		p->own_state = work->start(work->context);
	*out = p;
	return 0;
}

int pool_take(struct pool *p, struct fail *f)
{
	void *job;
	int result;

	if (!p->count)
		return 0;
	pthread_mutex_lock(&p->lock);
	while (p->slots[p->oldest].state != DONE)
		pthread_cond_wait(&p->done, &p->lock);
	job = p->slots[p->oldest].job;
	p->oldest = (p->oldest + 1) % p->depth;
	p->count--;
	pthread_mutex_unlock(&p->lock);
	result = p->work.finish(p->work.context, job, f);
	p->work.drop(p->work.context, job);
	return result ? -1 : 1;
}

int pool_put(struct pool *p, void *job, struct fail *f)
{
	struct slot *slot;

	if (p->count == p->depth && pool_take(p, f) < 0) {
		p->work.drop(p->work.context, job);
		return -1;
	}
	pthread_mutex_lock(&p->lock);
	slot = &p->slots[(p->oldest + p->count++) % p->depth];
	*slot = (struct slot){ job, WAITING };
	p->waiting += p->thread_count != 0;
	pthread_cond_signal(&p->given);
	pthread_mutex_unlock(&p->lock);
	if (!p->thread_count) {
		p->work.run(p->own_state, job);
		slot->state = DONE;
	}
	return 0;
}

int pool_flush(struct pool *p, struct fail *f)
{
	int got;

	while ((got = pool_take(p, f)) > 0)
		;
	return got;
}

void pool_close(struct pool *p)
{
	if (!p)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->given);
	pthread_mutex_unlock(&p->lock);
	for (unsigned i = 0; i < p->thread_count; i++)
		pthread_join(p->threads[i], NULL);
	for (unsigned i = 0; i < p->count; i++)
		p->work.drop(p->work.context, p->slots[(p->oldest + i) % p->depth].job);
	if (!p->thread_count && p->work.stop)
		p->work.stop(p->own_state);
	pthread_mutex_destroy(&p->lock);
	pthread_cond_destroy(&p->given);
	pthread_cond_destroy(&p->done);
	free(p->slots);
	free(p->threads);
	free(p);
}
