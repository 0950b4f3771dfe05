/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sockets through NETLINK_SOCK_DIAG, compared with /proc/net, in every network name space that a
 * process lives in, and tied to the processes that hold them by the socket:[inode] links in
 * /proc/PID/fd. See sock_diag(7), proc(5).
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/linux/netlink.h"
#include "collectors/linux/sockets.h"
#include "collectors/module.h"

enum { HOLDERS_MAX = 4 << 20, NAMESPACES_MAX = 1024, PROC_BYTES = 256 << 20, HELD_SHOWN = 64 };

/* A process that holds a socket. */
struct holder { uint64_t inode; int64_t pid; };

struct holders { struct holder *items; size_t count, capacity; bool cut; };

struct namespace { uint64_t inode; int64_t pid; };

struct scan {
	struct holders holders;
	struct namespace namespaces[NAMESPACES_MAX];
	size_t namespace_count;
	unsigned unreadable;                 /* processes whose descriptors may not be seen */
};

static int hold(struct holders *h, uint64_t inode, int64_t pid, struct fail *f)
{
	if (h->count == HOLDERS_MAX) {
		h->cut = true;
		return 0;
	}
	if (h->count == h->capacity) {
		size_t more = h->capacity ? h->capacity * 2 : 1024;
		struct holder *grown = realloc(h->items, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		h->items = grown;
		h->capacity = more;
	}
	h->items[h->count++] = (struct holder){ inode, pid };
	return 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	if (x->inode != y->inode)
		return x->inode < y->inode ? -1 : 1;
	return (x->pid > y->pid) - (x->pid < y->pid);
}

/* The number in "socket:[123]" or "net:[123]", which a link of /proc points to; 0 if it is another. */
static uint64_t link_number(const struct collection *c, const char *path, const char *kind)
{
	char target[64];
	ssize_t size = readlinkat(os_root_fd(c->root), path, target, sizeof target);
	struct span rest = { (uint8_t *)target, size > 0 ? (size_t)size : 0 };
	int64_t number;

	if (!span_is(span_until(&rest, '['), kind) || !rest.size ||
	    !span_number(span_part(rest, 0, rest.size - 1), &number))
		return 0;
	return (uint64_t)number;
}

static void note_namespace(struct scan *scan, uint64_t inode, int64_t pid)
{
	for (size_t i = 0; i < scan->namespace_count; i++)
		if (scan->namespaces[i].inode == inode)
			return;
	if (inode && scan->namespace_count < NAMESPACES_MAX)
		scan->namespaces[scan->namespace_count++] = (struct namespace){ inode, pid };
}

static int scan_process(struct collection *c, struct scan *scan, int64_t pid, struct buf *names,
                        struct fail *f)
{
	struct span rest, name;
	struct fail why;
	char path[64];

	snprintf(path, sizeof path, "proc/%" PRId64 "/ns/net", pid);
	note_namespace(scan, link_number(c, path, "net:"), pid);
	snprintf(path, sizeof path, "/proc/%" PRId64 "/fd", pid);
	buf_clear(names);
	if (os_list(c->root, span_of(path), names, &why)) {
		scan->unreadable += why.code == EACCES || why.code == EPERM;
		return 0;
	}
	rest = buf_span(names);
	while (list_next(&rest, &name)) {
		uint64_t inode;

		snprintf(path, sizeof path, "proc/%" PRId64 "/fd/%.*s", pid, (int)name.size,
		         (const char *)name.data);
		inode = link_number(c, path, "socket:");
		if (inode && hold(&scan->holders, inode, pid, f))
			return -1;
	}
	return 0;
}

static int scan_processes(struct collection *c, struct scan *scan, struct fail *f)
{
	struct buf pids = { 0 }, names = { 0 };
	struct span rest, name;
	int64_t pid;
	int result = os_list(c->root, span_of("/proc"), &pids, f);

	rest = buf_span(&pids);
	while (!result && list_next(&rest, &name))
		if (span_number(name, &pid))
			result = scan_process(c, scan, pid, &names, f);
	buf_done(&pids);
	buf_done(&names);
	if (!result && scan->holders.count)
		qsort(scan->holders.items, scan->holders.count, sizeof *scan->holders.items, by_inode);
	return result;
}

/* The first holder of the inode, or NULL; the others follow it. */
static const struct holder *first_holder(const struct holders *h, uint64_t inode)
{
	size_t low = 0, high = h->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (h->items[middle].inode < inode)
			low = middle + 1;
		else
			high = middle;
	}
	return low < h->count && h->items[low].inode == inode && inode ? &h->items[low] : NULL;
}

/* What a row borrows. */
struct row_text { struct buf local, remote, pids, views; char image[4096]; };

static void fill_holders(struct collection *c, const struct holders *h, uint64_t inode,
                         struct row *row, struct row_text *t)
{
	const struct holder *holder = first_holder(h, inode), *end = h->items + h->count;
	char text[32];
	ssize_t size;

	if (!holder)
		return;
	row_int(row, SOCKET_PID, holder->pid);
	snprintf(text, sizeof text, "proc/%" PRId64 "/exe", holder->pid);
	size = readlinkat(os_root_fd(c->root), text, t->image, sizeof t->image);
	if (size > 0)
		row_span(row, SOCKET_IMAGE, (struct span){ (uint8_t *)t->image, (size_t)size });
	for (unsigned n = 0; holder < end && holder->inode == inode && n < HELD_SHOWN; n++, holder++) {
		snprintf(text, sizeof text, "%" PRId64, holder->pid);
		list_add(&t->pids, span_of(text));
	}
	row_span(row, SOCKET_PIDS, buf_span(&t->pids));
}

static int emit(struct collection *c, const struct sockets *s, const struct socket_found *found,
                const struct holders *h, uint64_t namespace, struct row_text *t, struct fail *f)
{
	struct row row = row_on(&table_socket);
	bool is_inet = strncmp(found->family, "ipv", 3) == 0;

	buf_clear(&t->local);
	buf_clear(&t->remote);
	buf_clear(&t->pids);
	buf_clear(&t->views);
	row_int(&row, SOCKET_PASS, c->pass);
	row_text(&row, SOCKET_PROTOCOL, found->protocol);
	row_text(&row, SOCKET_FAMILY, found->family);
	if (is_inet) {
		socket_address(&t->local, found->family, found->local);
		socket_address(&t->remote, found->family, found->remote);
		row_span(&row, SOCKET_LOCAL, buf_span(&t->local));
		row_span(&row, SOCKET_REMOTE, buf_span(&t->remote));
		row_int(&row, SOCKET_LOCAL_PORT, found->local_port);
		row_int(&row, SOCKET_REMOTE_PORT, found->remote_port);
	}
	row_text(&row, SOCKET_STATE, socket_state(found));
	if (found->name_size)
		row_span(&row, SOCKET_PATH, span_part(buf_span(&s->names), found->name_at, found->name_size));
	if (found->inode)
		row_int(&row, SOCKET_INODE, (int64_t)found->inode);
	if (found->has_uid)
		row_int(&row, SOCKET_UID, found->uid);
	if (found->interface)
		row_int(&row, SOCKET_INTERFACE, found->interface);
	if (found->filter_known)
		row_bool(&row, SOCKET_FILTER, found->has_filter);
	row_int(&row, SOCKET_NETNS, (int64_t)namespace);
	if (found->views & VIEW_DIAG)
		list_add(&t->views, span_of("diag"));
	if (found->views & VIEW_PROC)
		list_add(&t->views, span_of("proc"));
	row_span(&row, SOCKET_VIEWS, buf_span(&t->views));
	fill_holders(c, h, found->inode, &row, t);
	return c->sink->row(c->sink, &row, f);
}

/*
 * A netlink socket in the name space of a process: a socket belongs to the name space in which its
 * maker stood. Comes back to our own in any case.
 */
static int netlink_in(const struct collection *c, const struct namespace *ns, int *fd, struct fail *f)
{
	int own = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC), other, result;
	char path[48];

	snprintf(path, sizeof path, "proc/%" PRId64 "/ns/net", ns->pid);
	other = openat(os_root_fd(c->root), path, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || (link_number(c, "proc/self/ns/net", "net:") != ns->inode &&
	                             setns(other, CLONE_NEWNET) < 0))
		result = fail_errno(f, errno, "the sockets of a container cannot be seen");
	else
		result = netlink_open(fd, NETLINK_SOCK_DIAG, f);
	if (own >= 0 && setns(own, CLONE_NEWNET) < 0 && errno != EPERM && !result) {
		close(*fd);
		result = fail_errno(f, errno, "the sockets of a container cannot be seen");
	}
	if (own >= 0)
		close(own);
	if (other >= 0)
		close(other);
	return result;
}

/* Both views of one name space into `s`. */
static int look(struct collection *c, const struct namespace *ns, struct sockets *s, struct fail *f)
{
	struct buf text = { 0 };
	unsigned odd = 0;
	struct fail why;
	char path[64];
	bool cut;
	int fd, result = 0;

	/* Refused by a sandbox or an old kernel: /proc alone must do, and the account says so. */
	if (netlink_in(c, ns, &fd, &why) == 0) {
		result = sockets_by_diag(s, fd, &why);
		close(fd);
	} else {
		s->diag_missing = 1;
		result = collection_note(c, span_of("sock_diag"), &why, f);
	}
	if (result)
		result = collection_note(c, span_of("sock_diag"), &why, f);
	sockets_sort(s);
	for (const char *const *file = sockets_proc_files; !result && *file; file++) {
		snprintf(path, sizeof path, "/proc/%" PRId64 "/net/%s", ns->pid, *file);
		buf_clear(&text);
		if (os_slurp(c->root, span_of(path), PROC_BYTES, &text, &cut, &why) == 0)
			result = sockets_by_proc(s, *file, buf_span(&text), &odd, f);
		else if (why.code != ENOENT)
			result = collection_note(c, span_of(path), &why, f);
	}
	buf_done(&text);
	if (!result && odd) {
		fail_set(&why, "%u lines could not be read", odd);
		result = collection_note(c, span_of("/proc/net"), &why, f);
	}
	return result;
}

static int hidden_row(struct collection *c, const struct socket_found *found, struct fail *f)
{
	struct row row = row_on(&table_hidden);
	struct buf item = { 0 };
	int result;

	buf_printf(&item, "%s ", found->protocol);
	socket_address(&item, found->family, found->local);
	buf_printf(&item, " %u inode %" PRIu64, found->local_port, found->inode);
	row_text(&row, HIDDEN_KIND, "socket");
	row_span(&row, HIDDEN_ITEM, buf_span(&item));
	row_text(&row, HIDDEN_SEEN, found->views & VIEW_DIAG ? "diag" : "proc");
	row_text(&row, HIDDEN_MISSING, found->views & VIEW_DIAG ? "proc" : "diag");
	row_text(&row, HIDDEN_DETAIL, socket_state(found));
	result = c->sink->row(c->sink, &row, f);
	buf_done(&item);
	return result;
}

static bool one_sided(const struct socket_found *found)
{
	/* Ping sockets have no sock_diag, so /proc alone shows them; unix ones come and go by the hundred. */
	return found->inode && strncmp(found->family, "ipv", 3) == 0 &&
	       strcmp(found->protocol, "icmp") != 0 && found->views != (VIEW_DIAG | VIEW_PROC);
}

/* Sockets that one view lacks: looked for twice, since they come and go between two readings. */
static int compare(struct collection *c, const struct namespace *ns, const struct sockets *first,
                   struct fail *f)
{
	struct sockets again = { 0 };
	bool needed = false;
	int result = 0;

	for (size_t i = 0; i < first->count; i++)
		needed |= one_sided(&first->items[i]);
	if (!needed || first->diag_missing || first->cut)
		return 0;
	result = look(c, ns, &again, f);
	for (size_t i = 0; !result && i < first->count; i++) {
		const struct socket_found *found = &first->items[i], *later;

		if (!one_sided(found))
			continue;
		later = sockets_find(&again, found->inode);
		if (later && later->views == found->views)
			result = hidden_row(c, found, f);
	}
	sockets_done(&again);
	return result;
}

static int run_namespace(struct collection *c, const struct scan *scan, const struct namespace *ns,
                         struct row_text *t, struct fail *f)
{
	struct sockets found = { 0 };
	int result = look(c, ns, &found, f);

	for (size_t i = 0; !result && i < found.count && !collection_stopped(c); i++)
		result = emit(c, &found, &found.items[i], &scan->holders, ns->inode, t, f);
	if (!result)
		result = compare(c, ns, &found, f);
	sockets_done(&found);
	return result;
}

static int socket_run(struct collection *c, struct fail *f)
{
	struct scan *scan = calloc(1, sizeof *scan);
	struct row_text text = { 0 };
	struct fail why;
	int result = scan ? scan_processes(c, scan, f) : fail_set(f, "out of memory");

	for (size_t i = 0; !result && i < scan->namespace_count && !collection_stopped(c); i++)
		result = run_namespace(c, scan, &scan->namespaces[i], &text, f);
	if (!result && scan->unreadable) {
		fail_set(&why, "the open sockets of %u processes cannot be seen without root rights",
		         scan->unreadable);
		result = collection_note(c, span_of("/proc"), &why, f);
	}
	buf_done(&text.local);
	buf_done(&text.remote);
	buf_done(&text.pids);
	buf_done(&text.views);
	if (scan)
		free(scan->holders.items);
	free(scan);
	return result;
}

static const struct table *const tables[] = { &table_socket, &table_hidden, NULL };

const struct module module_socket = {
	.name = "socket", .help = "open network connections and the programs that hold them",
	.stage = STAGE_NETWORK, .flags = MODULE_LIVE | MODULE_TWICE, .least = PROFILE_QUICK,
	.tables = tables, .run = socket_run,
};
