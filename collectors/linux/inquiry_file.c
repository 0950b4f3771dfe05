/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collectors/linux/inquiry_child.h"
#include "collectors/linux/proc_text.h"

ssize_t inquiry_read(int fd, void *bytes, size_t size)
{
	ssize_t got;

	do
		got = read(fd, bytes, size);
	while (got < 0 && errno == EINTR);
	return got;
}

struct span inquiry_link(struct reading *r, const char *name, char bytes[INQUIRY_LINK])
{
	ssize_t size = readlinkat(r->directory, name, bytes, INQUIRY_LINK - 1);

	if (size < 0)
		return (struct span){ 0 };
	bytes[size] = 0;
	return (struct span){ (uint8_t *)bytes, (size_t)size };
}

static struct identity identity_of(const struct stat *st)
{
	return (struct identity){
		(uint64_t)st->st_dev, (uint64_t)st->st_ino, st->st_size, st->st_ctim.tv_sec,
		st->st_ctim.tv_nsec, st->st_mtim.tv_sec, st->st_mtim.tv_nsec,
	};
}

/* The place of a file in the table: where it stands, or where it would. */
static struct remembered *place_of(struct child_memory *m, const struct identity *file)
{
	uint64_t hash = (file->inode * UINT64_C(0x9e3779b97f4a7c15)) ^ file->device;
	size_t at = (hash ^ hash >> 32) % INQUIRY_DIGESTS;

	while (m->digests[at].used && memcmp(&m->digests[at].file, file, sizeof *file) != 0)
		at = (at + 1) % INQUIRY_DIGESTS;
	return &m->digests[at];
}

static int open_quietly(int directory, const char *name)
{
	int flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY;
	int fd = openat(directory, name, flags | O_NOATIME);

	return fd < 0 && errno == EPERM ? openat(directory, name, flags) : fd;
}

/* The digest of the very file that was looked at; not known if it changes meanwhile. */
static bool digest(struct reading *r, const char *name, const struct identity *file,
                   uint8_t sha256[SHA256_SIZE])
{
	struct child_memory *m = r->memory;
	int fd = open_quietly(r->directory, name);
	struct digests digests;
	struct identity now;
	struct stat st;
	struct fail why;
	ssize_t got = -1;

	if (fd < 0)
		return false;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) {
		hash_start(m->hash);
		while ((got = inquiry_read(fd, m->bytes, INQUIRY_READ)) > 0)
			hash_add(m->hash, (struct span){ m->bytes, (size_t)got });
	}
	if (got == 0 && fstat(fd, &st) == 0 && hash_end(m->hash, &digests, &why) == 0)
		now = identity_of(&st);
	else
		got = -1;
	close(fd);
	if (got < 0 || memcmp(&now, file, sizeof now) != 0)
		return false;
	memcpy(sha256, digests.sha256, SHA256_SIZE);
	return true;
}

static void find_digest(struct reading *r, const char *name, const struct stat *st,
                        struct image_facts *out)
{
	struct identity file = identity_of(st);
	struct remembered *place = place_of(r->memory, &file);

	if (place->used) {
		memcpy(out->sha256, place->sha256, SHA256_SIZE);
		out->digested = true;
	} else if (file.size <= r->question->most) {
		out->digested = digest(r, name, &file, out->sha256);
		if (out->digested && r->memory->count < INQUIRY_DIGESTS / 4 * 3) {
			*place = (struct remembered){ .file = file, .used = true };
			memcpy(place->sha256, out->sha256, SHA256_SIZE);
			r->memory->count++;
		}
	}
}

/*
 * What stands under a path of the process, or why nothing does. In its own mount name space the
 * kernel shows paths as we would use them; in another one they begin at the root of the process.
 */
static int stat_standing(struct reading *r, struct span path, bool own, struct stat *st)
{
	struct buf name = { 0 };
	int error = 0;

	buf_text(&name, own ? "" : "root");
	buf_add(&name, path);
	if (name.bad)
		error = ENOMEM;
	else if (fstatat(r->directory, buf_string(&name), st, AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT) < 0)
		error = errno;
	buf_done(&name);
	return error;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

void inquiry_namespace(struct reading *r, struct span link)
{
	r->asked_namespace = true;
	r->own_namespace = link.data && span_is(link, r->memory->mount_namespace);
}

/* Whether the process sees the same mounts as we do. */
static bool in_own_namespace(struct reading *r)
{
	char bytes[INQUIRY_LINK];

	if (!r->asked_namespace)
		inquiry_namespace(r, inquiry_link(r, "ns/mnt", bytes));
	return r->own_namespace;
}

/* What of the path of a file that is in use still leads to it, or leads elsewhere. */
static void compare_standing(struct reading *r, struct span link, const struct stat *st,
                             struct image_facts *out)
{
	bool own = in_own_namespace(r);
	struct stat disk;
	int error;

	/* "(unreachable)/…" lies outside of our root. */
	out->deleted = proc_link_deleted(link);
	if (proc_link_memfd(link) || !link.size || link.data[0] != '/')
		return;
	error = stat_standing(r, link, own, &disk);
	if (proc_link_deleted(link)) {
		/* " (deleted)" may be part of a name. */
		out->deleted = error || !same_file(st, &disk);
		if (out->deleted)
			error = stat_standing(r, proc_link_plain(link), own, &disk);
	} else {
		/* The kernel knows of no removal, and yet nothing is there: the file system was taken away. */
		out->deleted = own && (error == ENOENT || error == ENOTDIR);
	}
	out->standing = error == 0;
	if (out->standing) {
		out->disk_device = (int64_t)disk.st_dev;
		out->disk_inode = (int64_t)disk.st_ino;
	}
}

struct image_facts inquiry_look(struct reading *r, const char *name, struct span link)
{
	struct image_facts out;
	struct stat st;

	memset(&out, 0, sizeof out);
	if (fstatat(r->directory, name, &st, 0) < 0)
		return out;
	out.known = true;
	out.regular = S_ISREG(st.st_mode);
	out.device = (int64_t)st.st_dev;
	out.inode = (int64_t)st.st_ino;
	out.size = st.st_size;
	out.links = (int64_t)st.st_nlink;
	compare_standing(r, link, &st, &out);
	if (out.regular)
		find_digest(r, name, &st, &out);
	return out;
}
