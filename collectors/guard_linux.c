/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One child does one request at a time. Single bytes over a socket pass the turn, what is said lies
 * in memory that the two share. A child that does not answer in time is killed, and if the kernel
 * does not let go of it, left behind with its memory, so that a late answer cannot reach the wrong
 * reader.
 */
#include "collectors/guard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { REQUEST_BYTES = 64 << 10, LEFT_MOST = 64, KILL_MILLISECONDS = 100, PIECE = 128 << 10 };

/* Whose turn it is: the child's with a request or for the next frame, ours with a frame or the end. */
enum turn { TURN_WORK = 'w', TURN_FRAME = 'f', TURN_NEXT = 'n', TURN_END = 'e' };

struct exchange {
	int (*work)(struct guard_child *c, struct span request, struct fail *f);
	size_t request_size, limit;
	uint8_t request[REQUEST_BYTES + 1];  /* a NUL behind it */

	int result;
	struct fail fail;
	size_t size;
	bool cut;
	struct guard_facts facts;
	uint8_t bytes[GUARD_BYTES + 1];
};

struct guard_child { int socket; struct exchange *shared; struct hash *hash; void *kept; };

struct guard {
	pid_t child;                         /* 0: none runs */
	int socket;
	struct exchange *shared;
	struct hash *hash;                   /* used by the child only; opened here, before the fork */
	pid_t left[LEFT_MOST];
	unsigned left_count;
};

/* ---- in the child ---- */

/* A readable descriptor of a regular file, or -1. */
static int open_regular(const char *path, int flags, struct guard_facts *facts, struct fail *f)
{
	int path_fd = open(path, O_PATH | O_CLOEXEC | flags), fd;
	struct file_facts all = { 0 };
	char name[40];

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (os_stat_fd(path_fd, &all) < 0 || all.kind != 'f') {
		if (all.kind)
			fail_set(f, "not a regular file");
		else
			fail_errno(f, errno, "cannot open");
		close(path_fd);
		return -1;
	}
	*facts = (struct guard_facts){
		.size = all.size, .device = all.device, .inode = all.inode,
		.mode = all.mode, .uid = all.uid, .gid = all.gid,
	};
	snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
	fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = open(name, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd < 0)
		fail_errno(f, errno, "cannot open");
	close(path_fd);
	return fd;
}

static ssize_t read_some(int fd, void *bytes, size_t size)
{
	ssize_t got;

	do
		got = read(fd, bytes, size);
	while (got < 0 && errno == EINTR);
	return got;
}

static int work_read(struct guard_child *c, struct span request, struct fail *f)
{
	struct exchange *x = c->shared;
	int fd = open_regular((const char *)request.data, O_NOFOLLOW, &x->facts, f);
	ssize_t got = 1;

	if (fd < 0)
		return -1;
	x->size = 0;
	/* One byte more than asked tells whether there was more. */
	while (got > 0 && x->size <= x->limit) {
		got = read_some(fd, x->bytes + x->size, x->limit + 1 - x->size);
		if (got > 0)
			x->size += (size_t)got;
	}
	if (got < 0)
		fail_errno(f, errno, "cannot read");
	close(fd);
	x->cut = x->size > x->limit;
	if (x->cut)
		x->size = x->limit;
	return got < 0 ? -1 : 0;
}

static int work_digest(struct guard_child *c, struct span request, struct fail *f)
{
	struct exchange *x = c->shared;
	int fd = open_regular((const char *)request.data, 0, &x->facts, f);
	struct digests digests;
	ssize_t got;
	int result;

	if (fd < 0)
		return -1;
	hash_start(c->hash);
	while ((got = read_some(fd, x->bytes, PIECE)) > 0)
		hash_add(c->hash, (struct span){ x->bytes, (size_t)got });
	if (got < 0)
		fail_errno(f, errno, "cannot read");
	result = got < 0 ? -1 : hash_end(c->hash, &digests, f);
	close(fd);
	if (!result)
		memcpy(x->facts.sha256, digests.sha256, SHA256_SIZE);
	return result;
}

static bool pass(int socket, enum turn turn)
{
	uint8_t byte = (uint8_t)turn;

	return send(socket, &byte, 1, MSG_NOSIGNAL) == 1;
}

int guard_leave(struct guard_child *c, struct span frame, struct fail *f)
{
	if (frame.size > GUARD_BYTES)
		return fail_errno(f, EMSGSIZE, "cannot read");
	if (frame.size)
		memcpy(c->shared->bytes, frame.data, frame.size);
	c->shared->size = frame.size;
	return 0;
}

int guard_send(struct guard_child *c, struct span frame, struct fail *f)
{
	uint8_t byte;

	if (guard_leave(c, frame, f))
		return -1;
	if (!pass(c->socket, TURN_FRAME) || read_some(c->socket, &byte, 1) != 1)
		_exit(0);
	c->shared->size = 0;
	return 0;
}

void **guard_kept(struct guard_child *c)
{
	return &c->kept;
}

/*
 * Keeps nothing of the parent's: a child that is left behind must not hold the archive, the stick
 * it lies on, or the pipe that waits for the parent's last output.
 */
static int detach(int socket)
{
	int null = open("/dev/null", O_RDWR);

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	prctl(PR_SET_NAME, "kake-guard");
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
	if (chdir("/") < 0)
		return -1;
	socket = fcntl(socket, F_DUPFD, 3);
	for (int fd = 0; fd < 3; fd++)
		if (null < 0 || dup2(null, fd) < 0)
			close(fd);
	if (dup2(socket, 3) < 0)
		return -1;
	if (syscall(SYS_close_range, 4u, ~0u, 0u) < 0)
		for (int fd = 4; fd < 1024; fd++)
			close(fd);
	return 3;
}

static void serve(struct guard_child *c, pid_t parent)
{
	uint8_t byte;

	c->socket = detach(c->socket);
	if (c->socket < 0 || getppid() != parent)
		return;
	while (read_some(c->socket, &byte, 1) == 1) {
		struct exchange *x = c->shared;

		x->result = x->work(c, (struct span){ x->request, x->request_size }, &x->fail);
		if (!pass(c->socket, TURN_END))
			return;
	}
}

/* ---- in the parent ---- */

static int start_child(struct guard *g, struct fail *f)
{
	pid_t parent = getpid();
	int ends[2];
	void *shared;

	if (g->left_count == LEFT_MOST) {
		fail_set(f, "too many reads hang on this host; no more are tried");
		f->code = ETIMEDOUT;
		return -1;
	}
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0)
		return fail_errno(f, errno, "cannot start a process for reading");
	shared = mmap(NULL, sizeof *g->shared, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	g->child = shared == MAP_FAILED ? -1 : fork();
	if (g->child == 0) {
		struct guard_child child = { .socket = ends[1], .shared = shared, .hash = g->hash };

		serve(&child, parent);
		_exit(0);
	}
	if (g->child < 0) {
		fail_errno(f, errno, "cannot start a process for reading");
		g->child = 0;
		if (shared != MAP_FAILED)
			munmap(shared, sizeof *g->shared);
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	g->socket = ends[0];
	g->shared = shared;
	return 0;
}

/* Waits for our turn. The turn, 0: the time is over, -1: the child is gone. *left goes down. */
static int await(const struct guard *g, int64_t *left)
{
	int64_t start = os_monotonic(), end = start + *left;

	for (;;) {
		struct pollfd wait = { .fd = g->socket, .events = POLLIN };
		int ready = poll(&wait, 1, *left > 0 ? (int)((*left + 999999) / 1000000) : 0);
		uint8_t byte;

		*left = end - os_monotonic();
		if (ready > 0)
			return read_some(g->socket, &byte, 1) == 1 ? byte : -1;
		if (ready == 0)
			return 0;
		if (errno != EINTR)
			return -1;
	}
}

/* Ends the child, if the kernel lets it end. */
static void give_up(struct guard *g)
{
	int64_t patience = KILL_MILLISECONDS * INT64_C(1000000);
	int turn;

	kill(g->child, SIGKILL);
	do
		turn = await(g, &patience);
	while (turn > 0);
	if (turn < 0)
		waitpid(g->child, NULL, 0);
	else
		g->left[g->left_count++] = g->child;
	close(g->socket);
	munmap(g->shared, sizeof *g->shared);
	g->child = 0;
	g->shared = NULL;
}

static int begin(struct guard *g,
                 int (*work)(struct guard_child *c, struct span request, struct fail *f),
                 struct span request, size_t limit, struct fail *f)
{
	if (request.size > REQUEST_BYTES)
		return fail_errno(f, ENAMETOOLONG, "cannot open");
	if (!g->child && start_child(g, f))
		return -1;
	g->shared->work = work;
	g->shared->limit = limit < GUARD_BYTES ? limit : GUARD_BYTES;
	g->shared->size = 0;
	g->shared->cut = false;
	if (request.size)
		memcpy(g->shared->request, request.data, request.size);
	g->shared->request[request.size] = 0;
	g->shared->request_size = request.size;
	return 0;
}

static struct span frame_of(const struct guard *g)
{
	size_t size = g->shared->size;

	return (struct span){ g->shared->bytes, size < GUARD_BYTES ? size : GUARD_BYTES };
}

/* Lets the child work until it ends; `take` may be NULL where no frames come. */
static int run(struct guard *g, int milliseconds,
               int (*take)(void *context, struct span frame, struct fail *f), void *context,
               struct fail *f)
{
	int64_t left = milliseconds * INT64_C(1000000);
	int turn = pass(g->socket, TURN_WORK) ? await(g, &left) : -1;

	while (turn == TURN_FRAME) {
		if (take && take(context, frame_of(g), f)) {
			give_up(g);
			return -1;
		}
		turn = pass(g->socket, TURN_NEXT) ? await(g, &left) : -1;
	}
	if (turn == TURN_END) {
		if (g->shared->result) {
			*f = g->shared->fail;
			return -1;
		}
		return take && g->shared->size ? take(context, frame_of(g), f) : 0;
	}
	give_up(g);
	if (turn < 0)
		return fail_set(f, "the process that reads for us was ended by something else");
	fail_set(f, "reading does not return; given up after %d ms", milliseconds);
	f->code = ETIMEDOUT;
	return -1;
}

int guard_open(struct guard **g, struct fail *f)
{
	struct guard *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	if (hash_open(&made->hash, HASH_SHA256, f)) {
		free(made);
		return -1;
	}
	*g = made;
	return 0;
}

int guard_call(struct guard *g, int (*work)(struct guard_child *c, struct span request, struct fail *f),
               struct span request, int milliseconds,
               int (*take)(void *context, struct span frame, struct fail *f), void *context,
               struct fail *f)
{
	if (begin(g, work, request, 0, f))
		return -1;
	return run(g, milliseconds, take, context, f);
}

int guard_read(struct guard *g, struct span path, size_t limit, int milliseconds, struct buf *out,
               bool *cut, struct fail *f)
{
	if (begin(g, work_read, path, limit, f) || run(g, milliseconds, NULL, NULL, f))
		return -1;
	buf_add(out, (struct span){ g->shared->bytes, g->shared->size });
	if (out->bad)
		return fail_set(f, "out of memory");
	*cut = g->shared->cut;
	return 0;
}

int guard_digest(struct guard *g, struct span path, int milliseconds, struct guard_facts *out,
                 struct fail *f)
{
	if (begin(g, work_digest, path, 0, f) || run(g, milliseconds, NULL, NULL, f))
		return -1;
	*out = g->shared->facts;
	return 0;
}

unsigned guard_left_behind(const struct guard *g)
{
	return g->left_count;
}

void guard_close(struct guard *g)
{
	if (!g)
		return;
	if (g->child) {
		kill(g->child, SIGKILL);
		waitpid(g->child, NULL, 0);
		close(g->socket);
		munmap(g->shared, sizeof *g->shared);
	}
	for (unsigned i = 0; i < g->left_count; i++)
		waitpid(g->left[i], NULL, WNOHANG);
	hash_close(g->hash);
	free(g);
}
