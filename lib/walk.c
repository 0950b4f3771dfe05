/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/walk.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "lib/path.h"

enum { LEAST_NAMES = 4 << 10, DEVICES = 256, FIRST_SLOTS = 1 << 10 };

struct walk_place { struct os_directory directory; atomic_uint users; atomic_uint *held; };

/* A directory on the way down. `place` is NULL while it is closed for want of descriptors. */
struct frame {
	struct walk_place *place;
	struct os_directory reached;         /* where its listing goes on; fd unused */
	int64_t device, inode;
	size_t path_size;                    /* of its own path, in walk.path */
	struct buf names;
	const char **sorted;                 /* into names; each points to the kind byte */
	size_t next, count;
};

/* Inodes of one device that were gone into: open addressing, 0 is free. */
struct visited { int64_t device; uint64_t *slots; size_t used, capacity; };

struct walk {
	struct walk_policy policy;
	struct frame *frames;
	size_t depth, capacity, lowest_open; /* open: frames[0], frames[lowest_open … depth - 1] */
	size_t names;                        /* bytes, in all frames */
	struct buf path;
	struct visited devices[DEVICES];
	size_t device_count, visited_count;
	struct fail problem;
	bool pending;                        /* the entry given last is a directory to go into */
	atomic_uint *held;                   /* outlives the walk while places do */
};

static struct walk_place *place_new(atomic_uint *held, const struct os_directory *directory)
{
	struct walk_place *place = malloc(sizeof *place);

	if (!place)
		return NULL;
	place->directory = *directory;
	place->held = held;
	atomic_init(&place->users, 1);
	atomic_fetch_add(held, 1);
	return place;
}

struct walk_place *walk_hold(struct walk_place *place)
{
	atomic_fetch_add(&place->users, 1);
	return place;
}

/* The count has one user for the walk itself in its upper half, so that the last one frees it. */
enum { WALK_ALIVE = 1 << 24 };

static void held_drop(atomic_uint *held, unsigned by)
{
	if (atomic_fetch_sub(held, by) == by)
		free(held);
}

void walk_release(struct walk_place *place)
{
	if (!place || atomic_fetch_sub(&place->users, 1) != 1)
		return;
	os_directory_close(&place->directory);
	held_drop(place->held, 1);
	free(place);
}

unsigned walk_held(const struct walk *w)
{
	return atomic_load(w->held) % WALK_ALIVE;
}

int walk_file(struct os_file *file, const struct walk_place *place, const char *name, struct fail *f)
{
	return os_directory_file(&place->directory, name, file, f);
}

int walk_link(const struct walk_place *place, const char *name, struct buf *target, struct fail *f)
{
	return os_directory_link(&place->directory, name, target, f);
}

static size_t slot_of(const struct visited *v, uint64_t inode)
{
	size_t at = (size_t)((inode * UINT64_C(0x9e3779b97f4a7c15)) >> 20) & (v->capacity - 1);

	while (v->slots[at] && v->slots[at] != inode)
		at = (at + 1) & (v->capacity - 1);
	return at;
}

static bool visited_grow(struct visited *v)
{
	struct visited bigger = *v;

	bigger.capacity = v->capacity ? v->capacity * 2 : FIRST_SLOTS;
	bigger.slots = calloc(bigger.capacity, sizeof *bigger.slots);
	if (!bigger.slots)
		return false;
	for (size_t i = 0; i < v->capacity; i++)
		if (v->slots[i])
			bigger.slots[slot_of(&bigger, v->slots[i])] = v->slots[i];
	free(v->slots);
	*v = bigger;
	return true;
}

/* Whether the directory is new; remembers it. 0 or 1, or -1 out of memory. */
static int is_new(struct walk *w, const struct file_facts *facts)
{
	uint64_t inode = (uint64_t)facts->inode;
	struct visited *v = w->devices;
	size_t at;

	while (v < w->devices + w->device_count && v->device != facts->device)
		v++;
	if (v == w->devices + w->device_count) {
		if (w->device_count == DEVICES)
			return 1;
		w->device_count++;
		v->device = facts->device;
	}
	if (v->capacity && v->slots[slot_of(v, inode)])
		return 0;
	if (!inode || w->visited_count == WALK_VISITED)
		return 1;
	if (v->used * 4 >= v->capacity * 3 && !visited_grow(v))
		return -1;
	at = slot_of(v, inode);
	v->slots[at] = inode;
	v->used++;
	w->visited_count++;
	return 1;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a + 1, *(const char *const *)b + 1);
}

/* Reads the next part of a frame's names and sorts it. */
static int frame_fill(struct walk *w, struct frame *frame, struct fail *f)
{
	size_t left, count = 0;

	w->names -= frame->names.size;
	buf_clear(&frame->names);
	free(frame->sorted);
	frame->sorted = NULL;
	frame->next = frame->count = 0;
	left = w->names < WALK_NAMES ? (WALK_NAMES - w->names) / 2 : 0;
	frame->reached.fd = frame->place->directory.fd;
	if (os_directory_read(&frame->reached, left > LEAST_NAMES ? left : LEAST_NAMES, &frame->names, f))
		return -1;
	w->names += frame->names.size;
	for (size_t at = 0; at < frame->names.size; at++)
		count += !frame->names.data[at];
	if (!count)
		return 0;
	frame->sorted = malloc(count * sizeof *frame->sorted);
	if (!frame->sorted)
		return fail_errno(f, ENOMEM, "out of memory");
	for (size_t at = 0; at < frame->names.size;
	     at += strlen((const char *)frame->names.data + at) + 1)
		frame->sorted[frame->count++] = (const char *)frame->names.data + at;
	qsort(frame->sorted, frame->count, sizeof *frame->sorted, by_name);
	return 0;
}

static void frame_done(struct walk *w, struct frame *frame)
{
	walk_release(frame->place);
	w->names -= frame->names.size;
	buf_done(&frame->names);
	free(frame->sorted);
}

/* Takes over the directory, also when it fails. */
static int push(struct walk *w, struct os_directory *d, const struct file_facts *facts, struct fail *f)
{
	struct frame *frame;

	if (w->depth == w->capacity) {
		size_t more = w->capacity ? w->capacity * 2 : 32;
		struct frame *grown = realloc(w->frames, more * sizeof *grown);

		if (!grown) {
			os_directory_close(d);
			return fail_set(f, "out of memory");
		}
		w->frames = grown;
		w->capacity = more;
	}
	frame = &w->frames[w->depth];
	*frame = (struct frame){
		.reached = { .fd = -1 }, .device = facts->device, .inode = facts->inode,
		.path_size = w->path.size, .place = place_new(w->held, d),
	};
	if (!frame->place) {
		os_directory_close(d);
		return fail_set(f, "out of memory");
	}
	w->depth++;
	if (w->depth > w->lowest_open + WALK_OPEN) {
		struct frame *lowest = &w->frames[w->lowest_open++];

		walk_release(lowest->place);
		lowest->place = NULL;
	}
	return 0;
}

/* Opens a closed frame as `name` in another directory; it must still be the same directory. */
static int frame_reopen(struct walk *w, struct frame *frame, const struct os_directory *from,
                        const char *name, struct fail *f)
{
	struct os_directory d;
	struct file_facts facts;

	if (os_directory_into(&d, from, name, f))
		return -1;
	if (os_directory_stat(&d, "", &facts, f)) {
		os_directory_close(&d);
		return -1;
	}
	if (facts.device != frame->device || facts.inode != frame->inode) {
		os_directory_close(&d);
		return fail_set(f, "the directory was moved while it was read; what was left of it is not seen");
	}
	frame->place = place_new(w->held, &d);
	if (!frame->place) {
		os_directory_close(&d);
		return fail_set(f, "out of memory");
	}
	return 0;
}

/* The same by the names from the start down, for when a directory on the way was moved. */
static int frame_regain(struct walk *w, struct frame *frame, struct fail *f)
{
	struct frame *at = w->frames;

	for (; at < frame; at++) {
		int result = frame_reopen(w, at + 1, &at->place->directory, at->sorted[at->next - 1] + 1, f);

		if (at > w->frames) {
			walk_release(at->place);
			at->place = NULL;
		}
		if (result)
			return -1;
	}
	return 0;
}

/*
 * Leaves the top directory. 0, or 1 if the one above it cannot be gone on with (w->problem tells
 * why, w->path is its path): it has no names left then.
 */
static int pop(struct walk *w)
{
	struct frame *top = &w->frames[w->depth - 1], *above = top - 1;
	int lost = 0;

	w->depth--;
	w->path.size = w->depth ? above->path_size : 0;
	if (w->depth > 1 && w->lowest_open == w->depth) {
		w->lowest_open--;
		lost = (!top->place || frame_reopen(w, above, &top->place->directory, "..", &w->problem)) &&
		       frame_regain(w, above, &w->problem);
	}
	if (lost) {
		above->next = above->count;
		above->reached.end = true;
	}
	frame_done(w, top);
	return lost;
}

static void give(struct walk *w, struct walk_entry *e, struct walk_place *place, const char *name)
{
	e->path = buf_span(&w->path);
	e->facts.path = e->path;
	e->name = name;
	e->place = place;
}

/* Goes into the directory that was given last. 1: it cannot be, and *e tells why. */
static int descend(struct walk *w, struct walk_entry *e, struct fail *f)
{
	const struct frame *top = &w->frames[w->depth - 1];
	const char *name = top->sorted[top->next - 1] + 1;
	struct os_directory d;
	struct file_facts facts;
	int new;

	w->pending = false;
	*e = (struct walk_entry){ .facts.kind = 'd', .problem = &w->problem };
	give(w, e, top->place, name);
	if (w->depth >= WALK_DEPTH) {
		fail_set(&w->problem, "more than %d directories deep; what is below is not seen", WALK_DEPTH);
		return 1;
	}
	if (os_directory_into(&d, &top->place->directory, name, &w->problem))
		return 1;
	if (os_directory_stat(&d, "", &facts, &w->problem)) {
		os_directory_close(&d);
		return 1;
	}
	new = is_new(w, &facts);
	if (new > 0)
		return push(w, &d, &facts, f);
	os_directory_close(&d);
	return new < 0 ? fail_set(f, "out of memory") : 0;
}

/* The next name of the top frame. 1: an entry is there; 0: it may not be looked at. */
static int look(struct walk *w, struct walk_entry *e, struct fail *f)
{
	struct frame *top = &w->frames[w->depth - 1];
	const char *name = top->sorted[top->next++];

	w->path.size = top->path_size;
	if (!w->path.size || w->path.data[w->path.size - 1] != '/')
		buf_byte(&w->path, '/');
	buf_text(&w->path, name + 1);
	if (w->path.bad)
		return fail_set(f, "out of memory");
	if (w->policy.allowed && !w->policy.allowed(w->policy.context, buf_span(&w->path)))
		return 0;
	*e = (struct walk_entry){ .facts.kind = name[0] };
	if (os_directory_stat(&top->place->directory, name + 1, &e->facts, &w->problem))
		e->problem = &w->problem;
	give(w, e, top->place, name + 1);
	w->pending = !e->problem && e->facts.kind == 'd';
	return 1;
}

int walk_next(struct walk *w, struct walk_entry *e, struct fail *f)
{
	int got = w->pending ? descend(w, e, f) : 0;

	while (!got && w->depth) {
		struct frame *top = &w->frames[w->depth - 1];
		bool failed = false;

		if (top->next < top->count) {
			got = look(w, e, f);
			continue;
		}
		w->path.size = top->path_size;
		if (!top->reached.end) {
			failed = frame_fill(w, top, &w->problem) != 0;
			if (failed && w->problem.code == ENOMEM)
				got = fail_set(f, "out of memory");
			top->reached.end |= failed;
		} else {
			failed = pop(w);
		}
		if (failed && !got) {
			*e = (struct walk_entry){ .facts.kind = 'd', .problem = &w->problem };
			give(w, e, NULL, "");
			got = 1;
		}
	}
	return got;
}

void walk_skip(struct walk *w)
{
	w->pending = false;
}

int walk_open(struct walk **out, struct os_root *root, struct span start,
              const struct walk_policy *policy, struct fail *f)
{
	struct walk *w = calloc(1, sizeof *w);
	struct os_directory d;
	struct file_facts facts;

	if (w)
		w->held = malloc(sizeof *w->held);
	if (!w || !w->held) {
		free(w);
		return fail_set(f, "out of memory");
	}
	atomic_init(w->held, WALK_ALIVE);
	w->lowest_open = 1;
	if (policy)
		w->policy = *policy;
	path_clean(&w->path, start);
	if (w->path.bad || os_directory_open(&d, root, start, f)) {
		walk_close(w);
		return -1;
	}
	if (os_directory_stat(&d, "", &facts, f)) {
		os_directory_close(&d);
		walk_close(w);
		return -1;
	}
	if (is_new(w, &facts) < 0 || push(w, &d, &facts, f)) {
		walk_close(w);
		return fail_set(f, "out of memory");
	}
	*out = w;
	return 0;
}

void walk_close(struct walk *w)
{
	if (!w)
		return;
	while (w->depth)
		frame_done(w, &w->frames[--w->depth]);
	for (size_t i = 0; i < w->device_count; i++)
		free(w->devices[i].slots);
	free(w->frames);
	buf_done(&w->path);
	held_drop(w->held, WALK_ALIVE);
	free(w);
}
