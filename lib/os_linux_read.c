/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the system knows of a file, and its bytes: access time and page cache are left as they were.
 *
 * The cache: a read with RWF_DONTCACHE (Linux 6.14) drops the pages that it brought in itself and no
 * others. Where kernel or file system do not know it, cachestat (6.5) or mincore tells before the
 * first read whether any page of the file is cached; only if none is are the pages dropped at the
 * end. So nothing that was cached is ever evicted, and a partly cached file may fill up.
 */
#include "lib/os_linux.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/stat.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

enum { EXTENTS = 1 << 16, DONTCACHE = 0x80, CACHESTAT = 451, MAPPED = 64 << 20 };

enum cache { CACHE_UNKNOWN, CACHE_SKIPPED, CACHE_LEFT, CACHE_DROPPED };

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
static int stat_without_birth(int directory, const char *name, struct file_facts *facts)
{
	struct stat st;

	if (fstatat(directory, name, &st, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
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

int linux_stat(int directory, const char *name, struct file_facts *facts)
{
	struct statx x;

	if (syscall(SYS_statx, directory, name,
	            AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT,
	            STATX_BASIC_STATS | STATX_BTIME, &x) < 0)
		return errno == ENOSYS || errno == EPERM ? stat_without_birth(directory, name, facts) : -1;
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

int os_stat_fd(int fd, struct file_facts *facts)
{
	return linux_stat(fd, "", facts);
}

/* Through /proc/self/fd it is the very same file; NONBLOCK so that nothing waits. */
int linux_reopen(int path_fd)
{
	const int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	char name[40];
	int fd;

	snprintf(name, sizeof name, "/proc/self/fd/%d", path_fd);
	fd = open(name, flags | O_NOATIME);
	return fd < 0 && errno == EPERM ? open(name, flags) : fd;
}

/* Whether any page of the first bytes is in memory, asked of a mapping that is never touched. */
static bool is_cached_by_mincore(int fd, int64_t size)
{
	size_t page = (size_t)sysconf(_SC_PAGESIZE);
	size_t bytes = size < MAPPED ? (size_t)size : MAPPED, pages = (bytes + page - 1) / page;
	unsigned char *flags = calloc(pages ? pages : 1, 1);
	void *map = bytes ? mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
	bool cached = true;

	if (flags && map != MAP_FAILED && mincore(map, bytes, flags) == 0) {
		cached = false;
		for (size_t i = 0; i < pages; i++)
			cached |= flags[i] & 1;
	}
	if (map != MAP_FAILED)
		munmap(map, bytes);
	free(flags);
	return cached;
}

static bool is_cached(int fd, int64_t size)
{
	struct { uint64_t offset, length; } range = { 0, 0 };
	struct { uint64_t cached, dirty, writeback, evicted, recently; } pages;

	if (syscall(CACHESTAT, fd, &range, &pages, 0) == 0)
		return pages.cached != 0;
	return is_cached_by_mincore(fd, size);
}

static ssize_t read_quietly(struct os_file *file, int64_t at, void *bytes, size_t size)
{
	struct iovec to = { bytes, size };
	ssize_t got;

	if (file->cache == CACHE_UNKNOWN || file->cache == CACHE_SKIPPED) {
		got = preadv2(file->fd, &to, 1, at, DONTCACHE);
		if (got >= 0 || file->cache == CACHE_SKIPPED) {
			file->cache = CACHE_SKIPPED;
			return got;
		}
		if (errno != EOPNOTSUPP && errno != EINVAL && errno != ENOSYS)
			return got;
		file->cache = is_cached(file->fd, file->facts.size) ? CACHE_LEFT : CACHE_DROPPED;
	}
	return pread(file->fd, bytes, size, at);
}

static int64_t file_read_at(struct source *s, int64_t at, void *bytes, size_t size, struct fail *f)
{
	struct os_file *file = (struct os_file *)s;
	ssize_t got;

	do
		got = read_quietly(file, at, bytes, size);
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

int linux_file_open(struct os_file *file, int path_fd, struct fail *f)
{
	struct file_facts facts;
	int fd;

	if (os_stat_fd(path_fd, &facts) < 0 || facts.kind != 'f') {
		close(path_fd);
		return fail_set(f, "not a regular file");
	}
	fd = linux_reopen(path_fd);
	close(path_fd);
	if (fd < 0)
		return fail_errno(f, errno, "cannot open");
	*file = (struct os_file){
		.source = { .size = facts.size, .read = file_read, .read_at = file_read_at },
		.fd = fd, .facts = facts,
	};
	if (find_extents(file, f)) {
		os_file_close(file);
		return -1;
	}
	return 0;
}

void os_file_close(struct os_file *file)
{
	if (file->fd >= 0 && file->cache == CACHE_DROPPED)
		posix_fadvise(file->fd, 0, 0, POSIX_FADV_DONTNEED);
	if (file->fd >= 0)
		close(file->fd);
	free(file->extents);
	*file = (struct os_file){ .fd = -1 };
}
