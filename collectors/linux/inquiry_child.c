/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/inquiry_child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "collectors/linux/entries.h"
#include "collectors/linux/proc_text.h"

enum {
	FRAME_BYTES = 256 << 10,     /* answers are sent when they are as long */
	CHUNK_BYTES = 64 << 10,
	INFO_BYTES = 512,            /* of a descriptor's fdinfo: position and flags come first */
};

/*
 * A /proc of our own that is mounted nowhere: nobody can lay anything over it, and it is gone with
 * its descriptor.
 */
static int open_private_proc(void)
{
	int context = (int)syscall(SYS_fsopen, "proc", FSOPEN_CLOEXEC), fd = -1;

	if (context < 0)
		return -1;
	if (syscall(SYS_fsconfig, context, FSCONFIG_CMD_CREATE, NULL, NULL, 0) == 0)
		fd = (int)syscall(SYS_fsmount, context, FSMOUNT_CLOEXEC, 0);
	close(context);
	return fd;
}

static struct child_memory *recall(struct guard_child *c, struct fail *f)
{
	struct child_memory *m = *guard_kept(c);

	if (m)
		return m;
	m = calloc(1, sizeof *m);
	if (m)
		m->digests = calloc(INQUIRY_DIGESTS, sizeof *m->digests);
	if (!m || !m->digests) {
		free(m);
		fail_set(f, "out of memory");
		return NULL;
	}
	m->private_proc = -1;
	m->proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (m->proc < 0 || hash_open(&m->hash, HASH_SHA256, f)) {
		if (m->proc < 0)
			fail_errno(f, errno, "cannot open '%s'", "/proc");
		free(m->digests);
		free(m);
		return NULL;
	}
	if (readlinkat(m->proc, "self/ns/mnt", m->mount_namespace, sizeof m->mount_namespace - 1) < 0)
		m->mount_namespace[0] = 0;
	*guard_kept(c) = m;
	return m;
}

/* ---- answers ---- */

static int flush(struct reading *r, struct fail *f)
{
	int result = r->out.size ? guard_send(r->child, buf_span(&r->out), f) : 0;

	buf_clear(&r->out);
	return result;
}

static int answer(struct reading *r, enum piece piece, struct span bytes, bool cut, int error,
                  struct fail *f)
{
	struct answer head = { (uint32_t)piece, (uint32_t)bytes.size, cut, error };

	buf_add(&r->out, (struct span){ (uint8_t *)&head, sizeof head });
	buf_add(&r->out, bytes);
	if (r->out.bad)
		return fail_set(f, "out of memory");
	return r->out.size >= FRAME_BYTES ? flush(r, f) : 0;
}

/*
 * A text of the process, in pieces of CHUNK_BYTES. Only maps come a page at a time; of every other
 * text the kernel gives as much as is asked for, so that a short read is the end.
 */
static int answer_text(struct reading *r, enum piece piece, const char *name, size_t limit,
                       struct fail *f)
{
	int fd = openat(r->directory, name, O_RDONLY | O_CLOEXEC), result = 0;
	size_t have = 0, total = 0, room;
	ssize_t got = 1;
	bool end = false;

	if (fd < 0)
		return answer(r, piece, (struct span){ 0 }, false, errno, f);
	while (!result && !end && total <= limit) {
		room = CHUNK_BYTES - have;
		got = inquiry_read(fd, r->memory->bytes + have, room);
		end = got <= 0 || (piece != PIECE_MAPS && (size_t)got < room);
		if (got < 0 && !total)
			result = answer(r, piece, (struct span){ 0 }, false, errno, f);
		if (got > 0) {
			have += (size_t)got;
			total += (size_t)got;
		}
		if (!result && have && (end || have == CHUNK_BYTES || total > limit)) {
			bool cut = total > limit;

			if (cut)
				have -= total - limit < have ? total - limit : have;
			result = answer(r, piece, (struct span){ r->memory->bytes, have }, cut, 0, f);
			have = 0;
		}
	}
	close(fd);
	return result;
}

static int answer_link(struct reading *r, enum piece piece, const char *name, struct fail *f)
{
	char bytes[INQUIRY_LINK];
	struct span link = inquiry_link(r, name, bytes);

	if (piece == PIECE_MOUNT_NAMESPACE)
		inquiry_namespace(r, link);
	return answer(r, piece, link, false, link.data ? 0 : errno, f);
}

static int answer_namespaces(struct reading *r, struct fail *f)
{
	static const char *const names[] = {
		"ns/cgroup", "ns/ipc", "ns/mnt", "ns/net", "ns/pid", "ns/time", "ns/user", "ns/uts",
	};
	struct buf list = { 0 };
	char bytes[INQUIRY_LINK];
	int error = 0, result;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct span link = inquiry_link(r, names[i], bytes);

		/* Old kernels have fewer kinds. */
		if (!link.data && errno != ENOENT)
			error = errno;
		if (link.data)
			list_add(&list, link);
		if (span_starts(link, "mnt:"))
			inquiry_namespace(r, link);
	}
	result = answer(r, PIECE_NAMESPACES, buf_span(&list), false, list.size ? 0 : error, f);
	buf_done(&list);
	return result;
}

/* ---- files ---- */

static int answer_image(struct reading *r, struct fail *f)
{
	char bytes[INQUIRY_LINK];
	struct span link = inquiry_link(r, "exe", bytes);
	struct image_facts facts;

	if (!link.data)
		return answer(r, PIECE_IMAGE_FACTS, (struct span){ 0 }, false, errno, f);
	facts = inquiry_look(r, "exe", link);
	return answer(r, PIECE_IMAGE_FACTS, (struct span){ (uint8_t *)&facts, sizeof facts }, false, 0, f);
}

/* The links below map_files open the mapped file itself, also where its name is gone. */
static int answer_backing(struct reading *r, struct span ranges, struct fail *f)
{
	struct span range, path;

	while (list_next(&ranges, &range) && list_next(&ranges, &path)) {
		struct buf name = { 0 };
		struct image_facts facts;
		char bytes[INQUIRY_LINK];
		struct span link;
		int result;

		buf_text(&name, "map_files/");
		buf_add(&name, range);
		link = inquiry_link(r, buf_string(&name), bytes);
		facts = inquiry_look(r, buf_string(&name), link.data ? link : path);
		buf_done(&name);
		result = answer(r, PIECE_BACKING, (struct span){ (uint8_t *)&facts, sizeof facts }, false,
		                0, f);
		if (result)
			return -1;
	}
	return 0;
}

/* ---- open files ---- */

/* Position and flags are worth a read where bytes of a file are behind it. */
static bool has_position(struct span link)
{
	return link.size && link.data[0] == '/' &&
	       (!span_starts(link, "/dev/") || span_starts(link, "/dev/shm/"));
}

static void add_descriptor(struct reading *r, const char *fd, struct buf *chunk)
{
	char name[64], bytes[INQUIRY_LINK], info[INFO_BYTES];
	struct span link;
	ssize_t got = 0;
	int info_fd;

	snprintf(name, sizeof name, "fd/%s", fd);
	link = inquiry_link(r, name, bytes);
	if (!link.data)
		return;
	if (has_position(link)) {
		snprintf(name, sizeof name, "fdinfo/%s", fd);
		info_fd = openat(r->directory, name, O_RDONLY | O_CLOEXEC);
		if (info_fd >= 0) {
			got = inquiry_read(info_fd, info, sizeof info);
			close(info_fd);
		}
	}
	list_add(chunk, span_of(fd));
	list_add(chunk, link);
	list_add(chunk, (struct span){ (uint8_t *)info, got > 0 ? (size_t)got : 0 });
}

struct descriptors { struct reading *reading; struct buf chunk; int64_t count; int result; struct fail *f; };

static void take_descriptor(void *context, const char *name, uint8_t type)
{
	struct descriptors *d = context;

	(void)type;
	if (name[0] == '.' || ++d->count > INQUIRY_DESCRIPTORS || d->result)
		return;
	add_descriptor(d->reading, name, &d->chunk);
	if (d->chunk.bad)
		d->result = fail_set(d->f, "out of memory");
	if (d->result || d->chunk.size < CHUNK_BYTES)
		return;
	d->result = answer(d->reading, PIECE_DESCRIPTORS, buf_span(&d->chunk), false, 0, d->f);
	buf_clear(&d->chunk);
}

static int answer_descriptors(struct reading *r, struct fail *f)
{
	int fd = openat(r->directory, "fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC), error = 0;
	struct descriptors d = { .reading = r, .f = f };
	char left[24];

	if (fd < 0)
		return answer(r, PIECE_DESCRIPTORS, (struct span){ 0 }, false, errno, f);
	if (entries_each(fd, take_descriptor, &d))
		error = errno;
	close(fd);
	if (!d.result)
		d.result = answer(r, PIECE_DESCRIPTORS, buf_span(&d.chunk), false, error, f);
	if (!d.result && d.count > INQUIRY_DESCRIPTORS) {
		snprintf(left, sizeof left, "%" PRId64, d.count - INQUIRY_DESCRIPTORS);
		d.result = answer(r, PIECE_LEFT, span_of(left), false, 0, f);
	}
	buf_done(&d.chunk);
	return d.result;
}

/* ---- one question ---- */

static int answer_piece(struct reading *r, enum piece piece, struct span ranges, struct fail *f)
{
	static const struct { const char *name; size_t limit; } texts[PIECES] = {
		[PIECE_STAT] = { "stat", INQUIRY_TEXT }, [PIECE_STAT_AFTER] = { "stat", INQUIRY_TEXT },
		[PIECE_STATUS] = { "status", INQUIRY_TEXT }, [PIECE_CGROUP] = { "cgroup", INQUIRY_TEXT },
		[PIECE_LOGINUID] = { "loginuid", INQUIRY_TEXT },
		[PIECE_COMMAND] = { "cmdline", INQUIRY_COMMAND },
		[PIECE_ENVIRONMENT] = { "environ", INQUIRY_ENVIRONMENT },
		[PIECE_MAPS] = { "maps", INQUIRY_MAPS },
	};

	if (texts[piece].name)
		return answer_text(r, piece, texts[piece].name, texts[piece].limit, f);
	switch (piece) {
	case PIECE_NAMESPACES: return answer_namespaces(r, f);
	case PIECE_MOUNT_NAMESPACE: return answer_link(r, piece, "ns/mnt", f);
	case PIECE_IMAGE: return answer_link(r, piece, "exe", f);
	case PIECE_CWD: return answer_link(r, piece, "cwd", f);
	case PIECE_ROOT: return answer_link(r, piece, "root", f);
	case PIECE_IMAGE_FACTS: return answer_image(r, f);
	case PIECE_BACKING: return answer_backing(r, ranges, f);
	case PIECE_DESCRIPTORS: return answer_descriptors(r, f);
	default: return 0;
	}
}

static int open_process(struct child_memory *m, const struct question *q)
{
	char name[32];
	int proc = m->proc;

	if (q->covered) {
		if (m->private_proc < 0)
			m->private_proc = open_private_proc();
		proc = m->private_proc;
		if (proc < 0)
			return -1;
	}
	snprintf(name, sizeof name, "%d", (int)q->pid);
	return openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int inquiry_work(struct guard_child *c, struct span request, struct fail *f)
{
	struct reading r = { .child = c, .memory = recall(c, f) };
	struct question q;
	int result = 0;

	if (!r.memory)
		return -1;
	memcpy(&q, request.data, sizeof q);
	r.question = &q;
	r.directory = open_process(r.memory, &q);
	if (r.directory < 0)
		result = answer(&r, PIECE_STAT, (struct span){ 0 }, false, errno, f);
	for (int piece = 0; r.directory >= 0 && !result && piece < PIECES; piece++)
		if (q.what & PIECE(piece))
			result = answer_piece(&r, (enum piece)piece, span_part(request, sizeof q, request.size),
			                      f);
	if (!result)
		result = guard_leave(c, buf_span(&r.out), f);
	if (r.directory >= 0)
		close(r.directory);
	buf_done(&r.out);
	return result;
}
