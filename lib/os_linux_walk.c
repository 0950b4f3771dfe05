/* SPDX-License-Identifier: Apache-2.0 */
/* One directory of the host, open: its names, and what is known of each. */
#include "lib/os_linux.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { CHUNK = 32 << 10, SMALL_CHUNK = 4 << 10 };

/* As the kernel gives it; the name follows the kind. */
struct entry { uint64_t inode; int64_t next; uint16_t size; uint8_t kind; };
enum { NAME_AT = offsetof(struct entry, kind) + 1 };

static int open_directory(int parent, const char *name)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK;
	int fd = openat(parent, name, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(parent, name, flags) : fd;
}

int os_directory_open(struct os_directory *d, struct os_root *root, struct span path, struct fail *f)
{
	int path_fd = linux_resolve(root, path, false), fd;

	if (path_fd < 0)
		return fail_errno(f, errno, "cannot open");
	fd = open_directory(path_fd, ".");
	if (fd < 0)
		fail_errno(f, errno, "cannot list the directory");
	close(path_fd);
	if (fd < 0)
		return -1;
	*d = (struct os_directory){ .fd = fd };
	return 0;
}

int os_directory_into(struct os_directory *d, const struct os_directory *parent, const char *name,
                      struct fail *f)
{
	int fd = open_directory(parent->fd, name);

	if (fd < 0)
		return fail_errno(f, errno, "cannot list the directory");
	*d = (struct os_directory){ .fd = fd };
	return 0;
}

static uint8_t kind_letter(uint8_t type)
{
	switch (type) {
	case DT_REG: return 'f';
	case DT_DIR: return 'd';
	case DT_LNK: return 'l';
	case DT_FIFO: return 'p';
	case DT_SOCK: return 's';
	case DT_BLK: return 'b';
	case DT_CHR: return 'c';
	default: return '?';
	}
}

int os_directory_read(struct os_directory *d, size_t limit, struct buf *names, struct fail *f)
{
	size_t start = names->size, chunk = limit < CHUNK ? SMALL_CHUNK : CHUNK;
	union { uint8_t bytes[CHUNK]; uint64_t aligned; } read;

	if (d->position && lseek(d->fd, d->position, SEEK_SET) < 0)
		return fail_errno(f, errno, "cannot list the directory");
	while (!d->end && names->size - start < limit) {
		long got = syscall(SYS_getdents64, d->fd, read.bytes, chunk);
		struct entry entry;

		if (got < 0)
			return fail_errno(f, errno, "cannot list the directory");
		d->end = got == 0;
		for (long at = 0; at + NAME_AT < got; at += entry.size) {
			const char *name = (const char *)read.bytes + at + NAME_AT;

			memcpy(&entry, read.bytes + at, NAME_AT);
			d->position = entry.next;
			if (entry.size <= NAME_AT)
				break;
			if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
				continue;
			buf_byte(names, kind_letter(entry.kind));
			buf_add(names, (struct span){ (const uint8_t *)name, strlen(name) + 1 });
		}
	}
	return names->bad ? fail_set(f, "out of memory") : 0;
}

int os_directory_stat(const struct os_directory *d, const char *name, struct file_facts *facts,
                      struct fail *f)
{
	return linux_stat(d->fd, name, facts) < 0 ? fail_errno(f, errno, "cannot read") : 0;
}

int os_directory_file(const struct os_directory *d, const char *name, struct os_file *file,
                      struct fail *f)
{
	int fd = openat(d->fd, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 ? fail_errno(f, errno, "cannot open") : linux_file_open(file, fd, f);
}

int os_directory_link(const struct os_directory *d, const char *name, struct buf *target,
                      struct fail *f)
{
	uint8_t *room = buf_room(target, 4096);
	ssize_t size = room ? readlinkat(d->fd, name, (char *)room, 4096) : -1;

	if (!room)
		return fail_set(f, "out of memory");
	if (size < 0)
		return fail_errno(f, errno, "cannot read");
	target->size += (size_t)size;
	return 0;
}

void os_directory_close(struct os_directory *d)
{
	if (d->fd >= 0)
		close(d->fd);
	d->fd = -1;
}
