/* SPDX-License-Identifier: Apache-2.0 */
/* Files of the host, below a root: resolved inside it, looked at before they are opened. */
#include "lib/os.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "lib/path.h"

enum { LINKS = 40, EXTENTS = 1 << 16 };

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

/* An O_PATH descriptor of a path below the root, or -1 with errno. */
static int resolve(struct os_root *root, struct span path, bool follow)
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

static char kind_of(unsigned mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return 'f';
	case S_IFLNK: return 'l';
	case S_IFDIR: return 'd';
	case S_IFIFO: return 'p';
	case S_IFSOCK: return 's';
	case S_IFBLK: return 'b';
	default: return 'c';
	}
}

static struct file_time time_of(const struct statx_timestamp *t, bool set)
{
	return (struct file_time){ set, t->tv_sec, t->tv_nsec };
}

/* Where statx is missing (old kernels, some sandboxes): the same without birth time. */
static int stat_without_birth(int fd, struct file_facts *facts)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return -1;
	*facts = (struct file_facts){
		.kind = kind_of(st.st_mode), .size = st.st_size, .mode = st.st_mode & 07777,
		.uid = st.st_uid, .gid = st.st_gid, .device = (int64_t)st.st_dev,
		.inode = (int64_t)st.st_ino, .links = (int64_t)st.st_nlink,
		.allocated = (int64_t)st.st_blocks * 512,
		.accessed = { true, st.st_atim.tv_sec, st.st_atim.tv_nsec },
		.modified = { true, st.st_mtim.tv_sec, st.st_mtim.tv_nsec },
		.changed = { true, st.st_ctim.tv_sec, st.st_ctim.tv_nsec },
	};
	return 0;
}

int os_stat_fd(int fd, struct file_facts *facts)
{
	struct statx x;

	if (syscall(SYS_statx, fd, "", AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
	            STATX_BASIC_STATS | STATX_BTIME, &x) < 0)
		return errno == ENOSYS || errno == EPERM ? stat_without_birth(fd, facts) : -1;
	*facts = (struct file_facts){
		.kind = kind_of(x.stx_mode), .size = (int64_t)x.stx_size, .mode = x.stx_mode & 07777,
		.uid = x.stx_uid, .gid = x.stx_gid,
		.device = (int64_t)makedev(x.stx_dev_major, x.stx_dev_minor),
		.inode = (int64_t)x.stx_ino, .links = x.stx_nlink,
		.allocated = (int64_t)x.stx_blocks * 512,
		.accessed = time_of(&x.stx_atime, true), .modified = time_of(&x.stx_mtime, true),
		.changed = time_of(&x.stx_ctime, true),
		.born = time_of(&x.stx_btime, x.stx_mask & STATX_BTIME),
	};
	return 0;
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
	int fd = resolve(root, path, follow), result = 0;

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

/*
 * A readable descriptor of what the O_PATH descriptor names. Through /proc/self/fd it is the very
 * same file; NONBLOCK so that nothing waits, whatever it has become.
 */
static int reopen(int path_fd, int flags)
{
	char name[40];
	int fd;

	snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
	flags |= O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	fd = open(name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? open(name, flags) : fd;
}

static int64_t file_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct os_file *file = (struct os_file *)s;
	ssize_t got;

	do
		got = pread(file->fd, bytes, size, at);
	while (got < 0 && errno == EINTR);
	return got < 0 ? fail_errno(f, errno, "cannot read") : got;
}

static int64_t file_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	return file_read_at(s, s->offset, bytes, size, f);
}

/* The data ranges of a file with holes. With too many of them the rest counts as one range. */
static int find_extents(struct os_file *file, struct fail *f)
{
	int64_t size = file->facts.size, at = 0;
	size_t count = 0, capacity = 0;

	if (file->facts.allocated >= size || lseek(file->fd, 0, SEEK_HOLE) < 0)
		return 0;
	while (at < size) {
		int64_t start = lseek(file->fd, at, SEEK_DATA);
		int64_t end = start < 0 || count + 1 == EXTENTS ? size : lseek(file->fd, start, SEEK_HOLE);

		if (start < 0 || start >= size)
			break;
		if (end <= start || end > size)
			end = size;
		if (count == capacity) {
			size_t more = capacity ? capacity * 2 : 16;
			struct extent *grown = realloc(file->extents, more * sizeof *grown);

			if (!grown)
				return fail_set(f, "out of memory");
			file->extents = grown;
			capacity = more;
		}
		file->extents[count++] = (struct extent){ start, end - start };
		at = end;
	}
	if (count == 1 && file->extents[0].length == size)
		return 0;
	if (!file->extents && !(file->extents = calloc(1, sizeof *file->extents)))
		return fail_set(f, "out of memory");
	file->facts.extents = file->extents;
	file->facts.extent_count = count;
	return 0;
}

int os_file_open(struct os_file *file, struct os_root *root, struct span path, struct fail *f)
{
	struct file_facts facts;
	int path_fd = resolve(root, path, false), fd;

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (os_stat_fd(path_fd, &facts) < 0 || facts.kind != 'f') {
		close(path_fd);
		return fail_set(f, "not a regular file");
	}
	fd = reopen(path_fd, 0);
	close(path_fd);
	if (fd < 0)
		return fail_errno(f, errno, "cannot open");
	*file = (struct os_file){ .source = { .read = file_read, .read_at = file_read_at }, .fd = fd };
	if (os_stat_fd(fd, &file->facts) < 0 || file->facts.kind != 'f') {
		os_file_close(file);
		return fail_set(f, "not a regular file");
	}
	file->facts.path = path;
	file->source.size = file->facts.size;
	if (find_extents(file, f)) {
		os_file_close(file);
		return -1;
	}
	return 0;
}

void os_file_close(struct os_file *file)
{
	if (file->fd >= 0)
		close(file->fd);
	free(file->extents);
	*file = (struct os_file){ .fd = -1 };
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
	int path_fd = resolve(root, path, true), fd, result;
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
	int path_fd = resolve(root, path, true), fd = -1;
	struct file_facts facts;
	size_t start = out->size;
	ssize_t got = 1;

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	if (os_stat_fd(path_fd, &facts) < 0 || facts.kind != 'f') {
		close(path_fd);
		return fail_set(f, "not a regular file");
	}
	fd = reopen(path_fd, 0);
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
