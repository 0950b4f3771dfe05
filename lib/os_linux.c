/* SPDX-License-Identifier: Apache-2.0 */
/* Time, machine, and files of our own side. Files of the host: os_linux_files.c. */
#include "lib/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <time.h>
#include <unistd.h>

static int64_t clock_of(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

int64_t os_now(void)
{
	return clock_of(CLOCK_REALTIME);
}

int64_t os_monotonic(void)
{
	return clock_of(CLOCK_MONOTONIC);
}

unsigned os_cores(void)
{
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) > 0)
		return (unsigned)CPU_COUNT(&set);
	return 1;
}

bool os_is_terminal(int fd)
{
	return isatty(fd) == 1;
}

unsigned os_terminal_width(int fd)
{
	struct winsize size = { 0 };

	return ioctl(fd, TIOCGWINSZ, &size) == 0 ? size.ws_col : 0;
}

int os_host_name(struct buf *out, struct fail *f)
{
	struct utsname name;

	if (uname(&name) < 0)
		return fail_errno(f, errno, "cannot read '%s'", "uname");
	buf_text(out, name.nodename);
	return out->bad ? fail_set(f, "out of memory") : 0;
}

int os_read_whole(const char *path, size_t limit, struct buf *out, struct fail *f)
{
	struct os_source s;
	int64_t got = 1;
	int result = 0;

	if (os_source_open(&s, path, f))
		return -1;
	while (got > 0 && out->size <= limit) {
		uint8_t *room = buf_room(out, 65536);

		if (!room) {
			result = fail_set(f, "out of memory");
			break;
		}
		got = source_read(&s.source, room, 65536, f);
		if (got < 0)
			result = -1;
		else
			out->size += (size_t)got;
	}
	os_source_close(&s);
	if (!result && out->size > limit)
		result = fail_set(f, "'%s' is longer than %zu bytes", path, limit);
	return result;
}

static int64_t fd_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct os_source *o = (struct os_source *)s;
	ssize_t got;

	do
		got = read(o->fd, bytes, size);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail_errno(f, errno, "cannot read") : got;
}

static int64_t fd_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct os_source *o = (struct os_source *)s;
	ssize_t got;

	do
		got = pread(o->fd, bytes, size, at);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail_errno(f, errno, "cannot read") : got;
}

int os_source_open(struct os_source *s, const char *path, struct fail *f)
{
	struct stat st;
	int fd = strcmp(path, "-") == 0 ? dup(0) : open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	if (fd < 0)
		return fail_errno(f, errno, "cannot open '%s'", path);
	if (fstat(fd, &st) < 0 || S_ISDIR(st.st_mode)) {
		int number = S_ISDIR(st.st_mode) ? EISDIR : errno;

		close(fd);
		return fail_errno(f, number, "cannot read '%s'", path);
	}
	*s = (struct os_source){ .source = { .size = -1, .read = fd_read }, .fd = fd };
	if (S_ISREG(st.st_mode)) {
		s->source.size = st.st_size;
		s->source.read_at = fd_read_at;
	}
	return 0;
}

void os_source_close(struct os_source *s)
{
	if (s->fd >= 0)
		close(s->fd);
	s->fd = -1;
}

struct os_output {
	struct output output;
	int fd;
	struct stat stat;
	char *path, *part;
	struct os_reserve *reserve;
};

/* Where the disk is full: 1 if there is space again. */
static bool make_room(struct os_output *out, int number)
{
	if ((number != ENOSPC && number != EDQUOT) || !out->reserve)
		return false;
	out->reserve->full = 1;
	if (!out->reserve->held)
		return false;
	os_reserve_release(out->reserve);
	return true;
}

static int output_write(struct output *o, struct span bytes, struct fail *f)
{
	struct os_output *out = (struct os_output *)o;

	while (bytes.size) {
		ssize_t put = write(out->fd, bytes.data, bytes.size);

		if (put < 0 && (errno == EINTR || make_room(out, errno)))
			continue;
		if (put < 0)
			return fail_errno(f, errno, "cannot write '%s'", out->path);
		bytes = span_part(bytes, (size_t)put, bytes.size);
	}
	return 0;
}

static int output_settle(struct output *o, struct fail *f)
{
	struct os_output *out = (struct os_output *)o;

	while (fdatasync(out->fd) < 0) {
		/* EINVAL: a pipe or a file system that has no such thing. */
		if (errno == EINVAL || errno == EROFS)
			return 0;
		if (!make_room(out, errno))
			return fail_errno(f, errno, "cannot write '%s'", out->path);
	}
	return 0;
}

static int output_end(struct output *o, struct fail *f)
{
	struct os_output *out = (struct os_output *)o;

	if (output_settle(o, f))
		return -1;
	if (close(out->fd) < 0) {
		out->fd = -1;
		return fail_errno(f, errno, "cannot write '%s'", out->path);
	}
	out->fd = -1;
	return 0;
}

static void output_close(struct output *o)
{
	struct os_output *out = (struct os_output *)o;

	if (!out)
		return;
	if (out->fd >= 0)
		close(out->fd);
	free(out->path);
	free(out->part);
	free(out);
}

int os_output_open(struct output **o, const char *path, struct fail *f)
{
	struct os_output *out = calloc(1, sizeof *out);
	size_t size = strlen(path) + sizeof ".part";

	if (out) {
		out->fd = -1;
		out->path = strdup(path);
		out->part = malloc(size);
	}
	if (!out || !out->path || !out->part) {
		output_close(out ? &out->output : NULL);
		return fail_set(f, "out of memory");
	}
	snprintf(out->part, size, "%s.part", path);
	out->output = (struct output){ output_write, output_settle, output_end, output_close, 0 };
	if (access(path, F_OK) == 0) {
		output_close(&out->output);
		fail_set(f, "'%s' already exists; nothing is overwritten", path);
		f->code = EEXIST;
		return -1;
	}
	out->fd = open(out->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (out->fd < 0 || fstat(out->fd, &out->stat) < 0) {
		fail_errno(f, errno, "cannot write '%s'", out->part);
		output_close(&out->output);
		return -1;
	}
	*o = &out->output;
	return 0;
}

int os_output_keep(struct output *o, struct fail *f)
{
	struct os_output *out = (struct os_output *)o;

	/* 1: RENAME_NOREPLACE, which old kernels and some file systems do not know. */
	if (syscall(SYS_renameat2, AT_FDCWD, out->part, AT_FDCWD, out->path, 1u) == 0)
		return 0;
	if (errno == EEXIST || access(out->path, F_OK) == 0)
		return fail_set(f, "'%s' already exists; nothing is overwritten", out->path);
	if (rename(out->part, out->path) < 0)
		return fail_errno(f, errno, "cannot write '%s'", out->path);
	return 0;
}

void os_output_identity(const struct output *o, int64_t *device, int64_t *inode)
{
	const struct os_output *out = (const struct os_output *)o;

	*device = (int64_t)out->stat.st_dev;
	*inode = (int64_t)out->stat.st_ino;
}

int os_reserve_take(struct os_reserve *r, const char *path, size_t bytes, struct fail *f)
{
	static const uint8_t zeros[1 << 16];
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	*r = (struct os_reserve){ 0 };
	if (fd < 0)
		return fail_errno(f, errno, "cannot write '%s'", path);
	/* Without a name it is gone when we are, however we end. */
	unlink(path);
	r->fd = fd;
	r->held = true;
	/* FAT has no fallocate: zeros do there. */
	if (posix_fallocate(fd, 0, (off_t)bytes) != 0)
		for (size_t at = 0; r->held && at < bytes; at += sizeof zeros)
			if (write(fd, zeros, sizeof zeros) != (ssize_t)sizeof zeros) {
				fail_errno(f, errno, "cannot write '%s'", path);
				os_reserve_release(r);
			}
	return r->held ? 0 : -1;
}

void os_reserve_release(struct os_reserve *r)
{
	if (r->held)
		close(r->fd);
	r->held = false;
}

void os_output_spare(struct output *o, struct os_reserve *r)
{
	((struct os_output *)o)->reserve = r;
}

int64_t os_largest_file(const char *directory)
{
	struct statfs s;

	/* FAT: a file's size has 32 bits. */
	if (statfs(directory, &s) == 0 && s.f_type == MSDOS_SUPER_MAGIC)
		return UINT32_MAX;
	return 0;
}
