/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host, below a root: resolved inside it, looked at before they are opened. */
#include "lib/os_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "lib/path.h"

enum { LINKS = 40 };

struct os_root { int fd; bool is_slash, no_openat2; };

int os_root_open(struct os_root **root, const char *directory, struct fail *f)
{
	struct os_root *r = calloc(1, sizeof *r);

	if (!r)
		return fail_set(f, "out of memory");
	r->is_slash = strcmp(directory, "/") == 0;
	r->fd = open(directory, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->fd < 0) {
		free(r);
		return fail_errno(f, errno, "cannot open '%s'", directory);
	}
	*root = r;
	return 0;
}

void os_root_close(struct os_root *root)
{
	if (!root)
		return;
	close(root->fd);
	free(root);
}

int os_root_fd(const struct os_root *root)
{
	return root->fd;
}

/* Opens "a/b/c" (no links in it) below the root. */
static int open_plain(const struct os_root *root, struct span clean, int flags)
{
	struct buf path = { 0 };
	int fd;

	buf_add(&path, span_part(clean, 1, clean.size));
	fd = path.size ? openat(root->fd, buf_string(&path), flags | O_NOFOLLOW) : dup(root->fd);
	buf_done(&path);
	return fd;
}

/*
 * For kernels without openat2: resolves component by component, links as text inside the root.
 * `done` is the part that is known to hold no link. Gives an O_PATH descriptor.
 */
static int resolve_by_hand(struct os_root *root, struct span path, bool follow)
{
	struct buf done = { 0 }, rest = { 0 }, next = { 0 };
	char target[4096];
	int fd = -1, links = 0;

	buf_add(&rest, path);
	for (;;) {
		struct span left = buf_span(&rest), part;
		struct stat st;
		size_t before = done.size;
		ssize_t size = -1;

		while (left.size && left.data[0] == '/')
			left = span_part(left, 1, left.size);
		part = span_until(&left, '/');
		if (!part.size)
			break;
		buf_byte(&done, '/');
		buf_add(&done, part);
		buf_clear(&next);
		path_clean(&next, buf_span(&done));
		if (fd >= 0)
			close(fd);
		fd = open_plain(root, buf_span(&next), O_PATH | O_CLOEXEC);
		if (fd < 0 || fstat(fd, &st) < 0)
			break;
		if (S_ISLNK(st.st_mode) && (left.size || follow))
			size = readlinkat(fd, "", target, sizeof target - 1);
		if (size > 0) {
			if (++links > LINKS) {
				close(fd);
				fd = -1;
				errno = ELOOP;
				break;
			}
			done.size = target[0] == '/' ? 0 : before;
			buf_clear(&next);
			buf_add(&next, (struct span){ (uint8_t *)target, (size_t)size });
			buf_byte(&next, '/');
		} else {
			done.size = 0;
			buf_add(&done, buf_span(&next));
			if (done.size == 1)
				done.size = 0;
			buf_clear(&next);
		}
		buf_add(&next, left);
		buf_clear(&rest);
		buf_add(&rest, buf_span(&next));
	}
	if (fd < 0 && !done.size)
		fd = dup(root->fd);
	buf_done(&done);
	buf_done(&rest);
	buf_done(&next);
	return fd;
}

int linux_resolve(struct os_root *root, struct span path, bool follow)
{
	struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW),
		.resolve = RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS,
	};
	struct buf text = { 0 };
	long fd;

	while (path.size && path.data[0] == '/')
		path = span_part(path, 1, path.size);
	if (!path.size)
		return openat(root->fd, ".", O_PATH | O_CLOEXEC);
	if (root->no_openat2)
		return resolve_by_hand(root, path, follow);
	buf_add(&text, path);
	fd = syscall(SYS_openat2, root->fd, buf_string(&text), &how, sizeof how);
	buf_done(&text);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) {
		root->no_openat2 = errno == ENOSYS;
		return resolve_by_hand(root, path, follow);
	}
	return (int)fd;
}

static int read_link(int fd, struct buf *link, struct fail *f)
{
	uint8_t *room = buf_room(link, 4096);
	ssize_t size = room ? readlinkat(fd, "", (char *)room, 4096) : -1;

	if (!room)
		return fail_set(f, "out of memory");
	if (size < 0)
		return fail_errno(f, errno, "cannot read");
	link->size += (size_t)size;
	return 0;
}

int os_stat(struct os_root *root, struct span path, bool follow, struct file_facts *facts,
            struct buf *link, struct fail *f)
{
	int fd = linux_resolve(root, path, follow), result = 0;

	if (fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (os_stat_fd(fd, facts) < 0)
		result = fail_errno(f, errno, "cannot read");
	facts->path = path;
	if (!result && link && facts->kind == 'l') {
		size_t start = link->size;

		result = read_link(fd, link, f);
		facts->link = span_part(buf_span(link), start, link->size);
	}
	close(fd);
	return result;
}

int os_file_open(struct os_file *file, struct os_root *root, struct span path, struct fail *f)
{
	int path_fd = linux_resolve(root, path, false);

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (linux_file_open(file, path_fd, f))
		return -1;
	file->facts.path = path;
	return 0;
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* Reads all names, sorts them, and appends them as a list. */
static int add_sorted(DIR *directory, struct buf *names, struct fail *f)
{
	char **items = NULL;
	size_t count = 0, capacity = 0;
	struct dirent *item;
	int result = 0;

	errno = 0;
	while (!result && (item = readdir(directory))) {
		if (strcmp(item->d_name, ".") == 0 || strcmp(item->d_name, "..") == 0)
			continue;
		if (count == capacity) {
			size_t more = capacity ? capacity * 2 : 64;
			char **grown = realloc(items, more * sizeof *grown);

			if (!grown) {
				result = fail_set(f, "out of memory");
				break;
			}
			items = grown;
			capacity = more;
		}
		items[count] = strdup(item->d_name);
		if (!items[count++])
			result = fail_set(f, "out of memory");
		errno = 0;
	}
	if (!result && errno)
		result = fail_errno(f, errno, "cannot list the directory");
	if (!result && count)
		qsort(items, count, sizeof *items, by_bytes);
	for (size_t i = 0; i < count; i++) {
		if (!result)
			list_add(names, span_of(items[i]));
		free(items[i]);
	}
	free(items);
	return result || !names->bad ? result : fail_set(f, "out of memory");
}

int os_list(struct os_root *root, struct span path, struct buf *names, struct fail *f)
{
	int path_fd = linux_resolve(root, path, true), fd, result;
	DIR *directory;

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot list the directory");
	fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOATIME);
	if (fd < 0 && errno == EPERM)
		fd = openat(path_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	close(path_fd);
	directory = fd < 0 ? NULL : fdopendir(fd);
	if (!directory) {
		fail_errno(f, errno, "cannot list the directory");
		if (fd >= 0)
			close(fd);
		return -1;
	}
	result = add_sorted(directory, names, f);
	closedir(directory);
	return result;
}

int os_slurp(struct os_root *root, struct span path, size_t limit, struct buf *out, bool *cut,
             struct fail *f)
{
	int path_fd = linux_resolve(root, path, true), fd = -1;
	struct file_facts facts;
	size_t start = out->size;
	ssize_t got = 1;

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (os_stat_fd(path_fd, &facts) < 0 || facts.kind != 'f') {
		close(path_fd);
		return fail_set(f, "not a regular file");
	}
	fd = linux_reopen(path_fd);
	close(path_fd);
	if (fd < 0)
		return fail_errno(f, errno, "cannot open");
	while (got > 0 && out->size - start <= limit) {
		uint8_t *room = buf_room(out, 16384);

		got = room ? read(fd, room, 16384) : -1;
		if (got > 0)
			out->size += (size_t)got;
	}
	if (got < 0)
		fail_errno(f, out->bad ? ENOMEM : errno, "cannot read");
	close(fd);
	if (got < 0)
		return -1;
	*cut = out->size - start > limit;
	if (*cut)
		out->size = start + limit;
	return 0;
}
