/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/views.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collectors/linux/entries.h"
#include "collectors/linux/mounts.h"
#include "collectors/linux/proc_text.h"

enum { BATCH = 128, TEXT_BYTES = 64 << 10, STAT_BYTES = 4 << 20, FIRST_PIDS = 1024, CAP_PTRACE = 19 };

static long open_directory(int at, const char *name)
{
	return syscall(SYS_openat, at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC, 0);
}

struct marking { struct views *views; uint8_t view; };

static void mark(struct views *v, int64_t pid, uint8_t view)
{
	if (pid > 0 && pid < v->limit)
		v->seen[pid] |= view;
}

static void mark_listed(void *context, const char *name, uint8_t type)
{
	struct marking *m = context;
	int64_t pid;

	(void)type;
	if (name[0] >= '0' && name[0] <= '9' && span_number(span_of(name), &pid))
		mark(m->views, pid, m->view);
}

static int list_into(struct views *v, uint8_t view, struct fail *f)
{
	struct marking m = { v, view };
	long fd = open_directory(AT_FDCWD, "/proc");
	int result;

	if (fd < 0)
		return fail_errno(f, errno, "cannot list '%s'", "/proc");
	result = entries_each((int)fd, mark_listed, &m) ?
	         fail_errno(f, errno, "cannot list '%s'", "/proc") : 0;
	close((int)fd);
	return result;
}

/* A small text below an open directory; "" where it cannot be read. */
static struct span text_at(int directory, const char *name, char *bytes, size_t size)
{
	long fd = syscall(SYS_openat, directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0), got = 0;
	size_t have = 0;

	if (fd < 0)
		return (struct span){ 0 };
	while (have < size && (got = read((int)fd, bytes + have, size - have)) > 0)
		have += (size_t)got;
	close((int)fd);
	return (struct span){ (uint8_t *)bytes, have };
}

/*
 * Whether the id is of a process, and not of one of its threads: only a process can be held by a
 * plain pidfd. Kernels before 5.3 have none; there its own text says so.
 */
static bool is_process(int64_t pid)
{
	char name[48], bytes[4096];
	struct proc_status status;
	long fd = syscall(SYS_pidfd_open, (int)pid, 0);

	if (fd >= 0)
		close((int)fd);
	if (fd >= 0 || (errno != ENOSYS && errno != EPERM))
		return fd >= 0;
	snprintf(name, sizeof name, "/proc/%d/status", (int)pid);
	proc_status_read(text_at(AT_FDCWD, name, bytes, sizeof bytes), &status);
	return status.tgid == pid;
}

/* Any refusal but "no such process" is an answer. */
static bool answers(int64_t pid)
{
	return syscall(SYS_getpgid, (int)pid) >= 0 || errno != ESRCH;
}

/*
 * Ids are given in order. As long as fewer processes and threads were made than there are ids, none
 * is above their number, but for those that the kernel keeps for itself at first.
 */
static int64_t given_limit(struct collection *c, const struct views *v)
{
	struct buf bytes = { 0 };
	struct fail why;
	int64_t forks = v->limit, highest = 0;
	bool cut;

	if (os_slurp(c->root, span_of("/proc/stat"), STAT_BYTES, &bytes, &cut, &why) == 0)
		for (struct span text = buf_span(&bytes); text.size;) {
			struct span line = span_until(&text, '\n');

			if (span_is(span_word(&line), "processes"))
				span_number(span_word(&line), &forks);
		}
	buf_done(&bytes);
	for (int64_t pid = views_next(v, 0); pid; pid = views_next(v, pid))
		highest = pid;
	if (forks < highest)
		forks = highest;
	return forks + FIRST_PIDS < v->limit ? forks + FIRST_PIDS : v->limit;
}

static void probe(struct collection *c, struct views *v, int64_t limit)
{
	for (int64_t pid = 1; pid < limit; pid++) {
		if ((pid & 0xffff) == 0 && collection_stopped(c))
			return;
		if (answers(pid) && ((v->seen[pid] & VIEW_LIST) || is_process(pid)))
			v->seen[pid] |= VIEW_PROBE;
	}
}

/* ---- control groups ---- */

struct group_walk { struct views *views; int depth; int64_t groups; int fd; };

static void mark_members(struct views *v, int directory)
{
	char bytes[TEXT_BYTES];
	long fd = syscall(SYS_openat, directory, "cgroup.procs", O_RDONLY | O_CLOEXEC | O_NOFOLLOW, 0);
	int64_t pid = 0;
	ssize_t got;

	if (fd < 0)
		return;
	while ((got = read((int)fd, bytes, sizeof bytes)) > 0)
		for (ssize_t i = 0; i < got; i++) {
			if (bytes[i] >= '0' && bytes[i] <= '9' && pid < VIEWS_PIDS) {
				pid = pid * 10 + bytes[i] - '0';
				continue;
			}
			/* Some kernels name a process that has ended; 0 is one of another pid name space. */
			if (pid < v->limit && !(v->seen[pid] & VIEW_CGROUP) &&
			    ((v->seen[pid] & VIEW_LIST) || is_process(pid)))
				mark(v, pid, VIEW_CGROUP);
			pid = 0;
		}
	close((int)fd);
}

static void walk_group(void *context, const char *name, uint8_t type)
{
	struct group_walk *w = context, below = *w;

	if (type != DT_DIR || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    w->depth >= VIEWS_CGROUP_DEPTH || w->groups >= VIEWS_CGROUPS)
		return;
	below.fd = (int)open_directory(w->fd, name);
	if (below.fd < 0)
		return;
	below.depth++;
	below.groups++;
	mark_members(w->views, below.fd);
	entries_each(below.fd, walk_group, &below);
	close(below.fd);
	w->groups = below.groups;
}

static void look_into_groups(struct views *v, const struct mounts *mounts)
{
	struct buf path = { 0 };

	for (size_t i = 0; i < mounts->count; i++) {
		const struct mount *m = &mounts->items[i];
		struct group_walk w = { .views = v };
		struct statfs fs;

		/* What lies on top may be of another kind, and hang. */
		if ((!span_is(m->type, "cgroup") && !span_is(m->type, "cgroup2")) ||
		    mounts_at(mounts, m->point) != m)
			continue;
		buf_clear(&path);
		buf_add(&path, m->point);
		w.fd = (int)open_directory(AT_FDCWD, buf_string(&path));
		if (w.fd < 0)
			continue;
		if (fstatfs(w.fd, &fs) == 0 && (fs.f_type == CGROUP_SUPER_MAGIC ||
		                                fs.f_type == CGROUP2_SUPER_MAGIC)) {
			mark_members(v, w.fd);
			entries_each(w.fd, walk_group, &w);
		}
		close(w.fd);
	}
	buf_done(&path);
}

/* ---- the second look ---- */

/*
 * Each of these ids is held by a pidfd while /proc is listed once more. Who is still alive after
 * that was alive during it.
 */
static int confirm_batch(struct views *v, const int64_t *pids, size_t count, struct fail *f)
{
	struct views again = { .seen = calloc((size_t)v->limit, 1), .limit = v->limit };
	int held[BATCH], result;

	if (!again.seen)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < count; i++)
		held[i] = (int)syscall(SYS_pidfd_open, (int)pids[i], 0);
	result = list_into(&again, VIEW_LIST, f);
	for (size_t i = 0; i < count; i++) {
		bool alive = held[i] >= 0 ?
		             syscall(SYS_pidfd_send_signal, held[i], 0, NULL, 0) == 0 || errno == EPERM :
		             answers(pids[i]) && is_process(pids[i]);

		if (held[i] >= 0)
			close(held[i]);
		if (result)
			continue;
		if (again.seen[pids[i]] & VIEW_LIST)
			v->seen[pids[i]] |= VIEW_LIST;
		else if (alive)
			v->seen[pids[i]] |= VIEW_HIDDEN;
		else
			v->seen[pids[i]] = 0;
	}
	free(again.seen);
	return result;
}

static int confirm_hidden(struct views *v, struct fail *f)
{
	int64_t pids[BATCH];
	size_t count = 0;

	for (int64_t pid = views_next(v, 0); pid; pid = views_next(v, pid)) {
		if (!(v->seen[pid] & VIEW_LIST))
			pids[count++] = pid;
		if (count == BATCH) {
			if (confirm_batch(v, pids, count, f))
				return -1;
			count = 0;
		}
	}
	return count ? confirm_batch(v, pids, count, f) : 0;
}

/* Listed, but no answer: its open directory gives texts only as long as the very process lives. */
static void confirm_unanswered(struct views *v)
{
	for (int64_t pid = views_next(v, 0); pid; pid = views_next(v, pid)) {
		char name[32], bytes[4096];
		struct proc_stat stat;
		int fd;
		bool lives, answered;

		if (v->seen[pid] & (VIEW_PROBE | VIEW_COVERED) || !(v->seen[pid] & VIEW_LIST))
			continue;
		snprintf(name, sizeof name, "/proc/%d", (int)pid);
		fd = (int)open_directory(AT_FDCWD, name);
		if (fd < 0)
			continue;
		lives = proc_stat_read(text_at(fd, "stat", bytes, sizeof bytes), &stat);
		answered = answers(pid);
		lives = lives && proc_stat_read(text_at(fd, "stat", bytes, sizeof bytes), &stat);
		if (answered)
			v->seen[pid] |= VIEW_PROBE;
		else if (lives && stat.pid == pid && stat.state != 'Z' && stat.state != 'X')
			v->seen[pid] |= VIEW_UNANSWERED;
		close(fd);
	}
}

/* ---- what lies on /proc ---- */

static bool may_trace(void)
{
	char bytes[8192];
	struct proc_status status;

	proc_status_read(text_at(AT_FDCWD, "/proc/self/status", bytes, sizeof bytes), &status);
	return status.capabilities >> CAP_PTRACE & 1;
}

/*
 * Options of a proc mount that keep processes from us. A list of them is no list to compare with,
 * nor is that of a /proc that belongs to another pid name space.
 */
static bool is_narrowed(const struct mounts *mounts)
{
	const struct mount *m = mounts_at(mounts, span_of("/proc"));
	char self[32] = "";
	int64_t pid = 0;
	ssize_t size = readlink("/proc/self", self, sizeof self);

	if (size <= 0 || !span_number((struct span){ (uint8_t *)self, (size_t)size }, &pid) ||
	    pid != getpid())
		return true;
	return m && !may_trace() && (span_contains(m->super_options, "hidepid=2") ||
	                             span_contains(m->super_options, "hidepid=4") ||
	                             span_contains(m->super_options, "hidepid=invisible") ||
	                             span_contains(m->super_options, "hidepid=ptraceable"));
}

static void mark_covered(struct views *v, const struct mounts *mounts)
{
	for (size_t i = 0; i < mounts->count; i++) {
		struct span rest = mounts->items[i].point;
		int64_t pid;

		if (!span_starts(rest, "/proc/"))
			continue;
		rest = span_part(rest, strlen("/proc/"), rest.size);
		if (span_number(span_until(&rest, '/'), &pid) && pid > 0 && pid < v->limit && v->seen[pid])
			v->seen[pid] |= VIEW_COVERED;
	}
}

static int views_init(struct views *v, struct fail *f)
{
	char bytes[32];
	int64_t most = 0;

	*v = (struct views){ .limit = VIEWS_PIDS };
	if (span_number(span_trim(text_at(AT_FDCWD, "/proc/sys/kernel/pid_max", bytes, sizeof bytes)),
	                &most) && most > 0 && most < VIEWS_PIDS)
		v->limit = most + 1;
	v->seen = calloc((size_t)v->limit, 1);
	return v->seen ? 0 : fail_set(f, "out of memory");
}

static void count_all(struct views *v)
{
	for (int64_t pid = views_next(v, 0); pid; pid = views_next(v, pid))
		v->count++;
}

static int compare(struct collection *c, struct views *v, const struct mounts *mounts,
                   enum views_depth depth, struct fail *f)
{
	int64_t limit = v->limit;

	if (mounts)
		look_into_groups(v, mounts);
	if (depth != VIEWS_ALL)
		limit = given_limit(c, v);
	if (depth == VIEWS_CHEAP && limit > VIEWS_CHEAP_PIDS)
		limit = 0;
	probe(c, v, limit);
	if (mounts)
		mark_covered(v, mounts);
	if (confirm_hidden(v, f))
		return -1;
	if (limit)
		confirm_unanswered(v);
	return 0;
}

int views_take(struct collection *c, struct views *v, enum views_depth depth, struct fail *f)
{
	struct mounts *mounts = NULL;
	struct fail why;
	int result;

	if (views_init(v, f))
		return -1;
	result = list_into(v, VIEW_LIST, f);
	if (!result && mounts_read(&mounts, c->root, &why))
		result = collection_note(c, span_of("/proc/self/mountinfo"), &why, f);
	if (!result) {
		v->narrowed = mounts && is_narrowed(mounts);
		if (!v->narrowed)
			result = compare(c, v, mounts, depth, f);
	}
	mounts_close(mounts);
	if (result)
		views_done(v);
	else
		count_all(v);
	return result;
}

void views_done(struct views *v)
{
	free(v->seen);
	*v = (struct views){ 0 };
}

int64_t views_next(const struct views *v, int64_t pid)
{
	while (++pid < v->limit)
		if (v->seen[pid])
			return pid;
	return 0;
}

void views_names(uint8_t seen, struct buf *list)
{
	static const char *const names[] = { "list", "probe", "cgroup" };

	for (unsigned i = 0; i < sizeof names / sizeof *names; i++)
		if (seen >> i & 1)
			list_add(list, span_of(names[i]));
}
