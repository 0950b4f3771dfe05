/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/mounts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/path.h"

enum { MOUNTINFO_BYTES = 16 << 20 };

/* Beginnings of file system types whose answers come from elsewhere. */
static const char *const network_types[] = {
	"fuse", "nfs", "cifs", "smb", "9p", "ceph", "gluster", "lustre", "autofs", "afs", "coda", "ncp",
	"virtiofs", "vboxsf", "vmhgfs", "prl_fs", "orangefs", "pvfs", "beegfs", "gpfs", "ocfs2", "gfs2",
	"davfs", "sshfs", "acfs", "panfs", NULL,
};
/* Whole names of types that hold no files. devtmpfs, tmpfs and ramfs do: things are hidden there. */
static const char *const pseudo_types[] = {
	"proc", "sysfs", "cgroup", "cgroup2", "devpts", "securityfs", "debugfs", "tracefs", "bpf",
	"pstore", "configfs", "mqueue", "hugetlbfs", "efivarfs", "binfmt_misc", "rpc_pipefs",
	"selinuxfs", "smackfs", "apparmorfs", "fusectl", "nsfs", "resctrl", "nfsd", "binder",
	"functionfs", "openpromfs", "xenfs", "usbfs", "cpuset", "pipefs", "sockfs", "bdev", "anon_inodefs",
	NULL,
};

static bool starts_with_one(struct span type, const char *const *names)
{
	for (; *names; names++)
		if (span_starts(type, *names))
			return true;
	return false;
}

static bool is_one(struct span type, const char *const *names)
{
	for (; *names; names++)
		if (span_is(type, *names))
			return true;
	return false;
}

static enum mount_policy policy_of_type(struct span type)
{
	/* fusectl begins as the mounts do that it controls. */
	if (is_one(type, pseudo_types))
		return MOUNT_PSEUDO;
	if (starts_with_one(type, network_types))
		return MOUNT_NETWORK;
	if (span_is(type, "overlay") || span_is(type, "overlayfs") || span_is(type, "aufs"))
		return MOUNT_OVERLAY;
	return MOUNT_WALKED;
}

static bool octal(struct span s)
{
	for (size_t i = 0; i < s.size; i++)
		if (s.data[i] < '0' || s.data[i] > '7')
			return false;
	return s.size == 3 && s.data[0] <= '3';
}

/* Undoes \ooo in place; `s` lies within the bytes of `text`. */
static struct span unescape(struct buf *text, struct span s)
{
	uint8_t *out = text->data + (s.data - text->data), *start = out;

	for (size_t i = 0; i < s.size; i++) {
		struct span digits = span_part(s, i + 1, 3);

		if (s.data[i] == '\\' && octal(digits)) {
			*out++ = (uint8_t)((digits.data[0] - '0') << 6 | (digits.data[1] - '0') << 3 |
			                   (digits.data[2] - '0'));
			i += 3;
		} else {
			*out++ = s.data[i];
		}
	}
	return (struct span){ start, (size_t)(out - start) };
}

static bool take_number(struct span s, unsigned *out)
{
	int64_t number;

	if (!span_number(s, &number) || number < 0 || number > UINT32_MAX)
		return false;
	*out = (unsigned)number;
	return true;
}

/* One line: id parent major:minor root point options [tags …] - type source super-options. */
static bool read_line(struct buf *text, struct span line, struct mount *m)
{
	struct span id = span_until(&line, ' '), parent = span_until(&line, ' ');
	struct span device = span_until(&line, ' '), major = span_until(&device, ':'), tag;

	m->root = span_until(&line, ' ');
	m->point = span_until(&line, ' ');
	m->options = span_until(&line, ' ');
	do
		tag = span_until(&line, ' ');
	while (tag.size && !span_is(tag, "-"));
	m->type = span_until(&line, ' ');
	m->source = span_until(&line, ' ');
	m->super_options = line;
	if (!span_number(id, &m->id) || !span_number(parent, &m->parent) ||
	    !take_number(major, &m->major) || !take_number(device, &m->minor))
		return false;
	if (!span_starts(m->point, "/") || !tag.size || !m->type.size)
		return false;
	m->root = unescape(text, m->root);
	m->point = unescape(text, m->point);
	m->type = unescape(text, m->type);
	m->source = unescape(text, m->source);
	return true;
}

/* Turns a point on the host into one below the root; false if it is not there. */
static bool rebase(struct mount *m, struct span directory)
{
	if (directory.size <= 1)
		return true;
	if (!path_below(m->point, directory))
		return false;
	m->point = span_part(m->point, directory.size, m->point.size);
	if (!m->point.size)
		m->point = span_of("/");
	return true;
}

static int by_point(const void *a, const void *b)
{
	const struct mount *x = *(struct mount *const *)a, *y = *(struct mount *const *)b;
	int order = span_compare(x->point, y->point);

	return order ? order : x < y ? 1 : -1;
}

/* The part of a path that lies below its directory, with its leading '/'. */
static struct span below(struct span path, struct span directory)
{
	return directory.size <= 1 ? path : span_part(path, directory.size, path.size);
}

/*
 * Whether all files of `m` are reached through `other`: the same file system, mounted from a
 * directory that holds m's, and nothing is mounted over the way to it.
 */
static bool shows_all(const struct mounts *all, const struct mount *other, const struct mount *m)
{
	struct buf way = { 0 };
	struct span rest;
	bool clear;

	if (other->policy != MOUNT_WALKED || other->major != m->major ||
	    other->minor != m->minor || !path_below(m->root, other->root))
		return false;
	if (span_equal(m->root, other->root))
		return true;
	rest = below(m->root, other->root);
	buf_add(&way, other->point.size > 1 ? other->point : (struct span){ 0 });
	buf_add(&way, rest);
	clear = !way.bad && mounts_of(all, buf_span(&way)) == other;
	buf_done(&way);
	return clear;
}

/*
 * Whether the path of the mount leads to it: it is the topmost on its point, and the lowest one
 * there hangs on the mount that the path goes through.
 */
static bool reachable(const struct mounts *all, const struct mount *m)
{
	const struct mount *lowest = m, *parent = mounts_by_id(all, m->parent), *holder;

	if (mounts_at(all, m->point) != m)
		return false;
	for (size_t i = 0; parent && i < all->count && span_equal(parent->point, m->point); i++) {
		lowest = parent;
		parent = mounts_by_id(all, lowest->parent);
	}
	holder = m->point.size > 1 ? mounts_of(all, path_parent(m->point)) : NULL;
	return !holder || !parent || holder == parent;
}

/* Nothing is asked below a mount that may hang: reaching it could hang too. */
static bool below_network(const struct mounts *all, const struct mount *m)
{
	struct span parent = m->point;

	while (parent.size > 1) {
		const struct mount *above;

		parent = path_parent(parent);
		above = mounts_at(all, parent);
		if (above && above->policy == MOUNT_NETWORK)
			return true;
	}
	return false;
}

static int by_reach(const void *a, const void *b)
{
	const struct mount *x = *(struct mount *const *)a, *y = *(struct mount *const *)b;

	return x->root.size != y->root.size ? (x->root.size < y->root.size ? -1 : 1) : x < y ? -1 : 1;
}

/* Each is judged after all that could show its files, so only what stays walked counts. */
static int find_binds(struct mounts *all, struct fail *f)
{
	struct mount **order = calloc(all->count + 1, sizeof *order);

	if (!order)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < all->count; i++)
		order[i] = &all->items[i];
	if (all->count)
		qsort(order, all->count, sizeof *order, by_reach);
	for (size_t i = 0; i < all->count; i++)
		for (size_t k = 0; k < i && order[i]->policy == MOUNT_WALKED; k++)
			if (!span_is(order[i]->point, "/") && shows_all(all, order[k], order[i]))
				order[i]->policy = MOUNT_BIND;
	free(order);
	return 0;
}

static int judge(struct mounts *all, struct fail *f)
{
	for (size_t i = 0; i < all->count; i++) {
		struct mount *m = &all->items[i];

		/* The root was asked for, whatever it lies on. */
		m->policy = !reachable(all, m)         ? MOUNT_COVERED :
		            span_is(m->point, "/") ? MOUNT_WALKED :
		                                     policy_of_type(m->type);
	}
	for (size_t i = 0; i < all->count; i++) {
		struct mount *m = &all->items[i];

		if (m->policy != MOUNT_COVERED && below_network(all, m))
			m->policy = MOUNT_NETWORK;
	}
	return find_binds(all, f);
}

static int keep(struct mounts *m, struct span directory, struct fail *f)
{
	struct span rest = buf_span(&m->text);
	size_t capacity = 0;

	while (rest.size) {
		struct span line = span_until(&rest, '\n');
		struct mount one = { 0 };

		if (!line.size)
			continue;
		if (!read_line(&m->text, line, &one)) {
			m->odd++;
			continue;
		}
		if (!rebase(&one, directory))
			continue;
		if (m->count == MOUNTS_MOST) {
			m->cut = true;
			break;
		}
		if (m->count == capacity) {
			struct mount *grown;

			capacity = capacity ? capacity * 2 : 64;
			grown = realloc(m->items, capacity * sizeof *grown);
			if (!grown)
				return fail_set(f, "out of memory");
			m->items = grown;
		}
		m->items[m->count++] = one;
	}
	m->by_point = calloc(m->count + 1, sizeof *m->by_point);
	if (!m->by_point)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < m->count; i++)
		m->by_point[i] = &m->items[i];
	if (m->count)
		qsort(m->by_point, m->count, sizeof *m->by_point, by_point);
	return 0;
}

int mounts_parse(struct mounts **m, struct span mountinfo, struct span directory, struct fail *f)
{
	struct mounts *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	buf_add(&made->text, mountinfo);
	if (made->text.bad)
		fail_set(f, "out of memory");
	if (made->text.bad || keep(made, directory, f) || judge(made, f)) {
		mounts_close(made);
		return -1;
	}
	*m = made;
	return 0;
}

/* The kernel's name for the directory of the root. */
static int root_directory(struct os_root *root, struct buf *out, struct fail *f)
{
	char name[40];
	uint8_t *room = buf_room(out, 4096);
	ssize_t size;

	snprintf(name, sizeof name, "/proc/self/fd/%d", os_root_fd(root));
	if (!room)
		return fail_set(f, "out of memory");
	size = readlink(name, (char *)room, 4096);
	if (size < 0)
		return fail_errno(f, errno, "cannot read '%s'", name);
	out->size += (size_t)size;
	return 0;
}

int mounts_read(struct mounts **m, struct os_root *root, struct fail *f)
{
	struct buf directory = { 0 }, text = { 0 };
	int result = root_directory(root, &directory, f);

	if (!result)
		result = os_read_whole("/proc/self/mountinfo", MOUNTINFO_BYTES, &text, f);
	if (!result)
		result = mounts_parse(m, buf_span(&text), buf_span(&directory), f);
	buf_done(&directory);
	buf_done(&text);
	return result;
}

void mounts_close(struct mounts *m)
{
	if (!m)
		return;
	buf_done(&m->text);
	free(m->items);
	free(m->by_point);
	free(m);
}

const struct mount *mounts_at(const struct mounts *m, struct span path)
{
	size_t low = 0, high = m->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (span_compare(m->by_point[middle]->point, path) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < m->count && span_equal(m->by_point[low]->point, path) ? m->by_point[low] : NULL;
}

const struct mount *mounts_of(const struct mounts *m, struct span path)
{
	const struct mount *found = mounts_at(m, path);

	while (!found && path.size > 1) {
		path = path_parent(path);
		found = mounts_at(m, path);
	}
	return found;
}

const struct mount *mounts_by_id(const struct mounts *m, int64_t id)
{
	for (size_t i = 0; i < m->count; i++)
		if (m->items[i].id == id)
			return &m->items[i];
	return NULL;
}

bool mount_wanted(const struct mount *mount, bool remote)
{
	return mount->policy == MOUNT_WALKED || (remote && mount->policy == MOUNT_NETWORK);
}

const char *mount_policy_name(enum mount_policy policy)
{
	static const char *const names[] = {
		[MOUNT_WALKED] = "walked", [MOUNT_NETWORK] = "network", [MOUNT_PSEUDO] = "pseudo",
		[MOUNT_BIND] = "bind", [MOUNT_OVERLAY] = "overlay", [MOUNT_COVERED] = "covered",
	};

	return names[policy];
}
