/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/inet_diag.h>
#include <linux/packet_diag.h>
#include <linux/sock_diag.h>
#include <linux/unix_diag.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "collectors/linux/netlink.h"

enum { STATE_ESTABLISHED = 1, STATE_CLOSE = 7, STATE_LISTEN = 10 };

const char *socket_state(const struct socket_found *s)
{
	static const char *const names[] = {
		NULL, "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE",
		"CLOSE_WAIT", "LAST_ACK", "LISTEN", "CLOSING", "NEW_SYN_RECV",
	};
	bool is_datagram = strcmp(s->protocol, "tcp") != 0 && strcmp(s->family, "unix") != 0;

	if (s->state >= sizeof names / sizeof *names)
		return NULL;
	/* A datagram socket without a peer is "closed" for the kernel; it can receive all the same. */
	return is_datagram && s->state == STATE_CLOSE ? "UNCONNECTED" : names[s->state];
}

void socket_address(struct buf *out, const char *family, const uint8_t address[16])
{
	char text[INET6_ADDRSTRLEN];

	if (inet_ntop(strcmp(family, "ipv4") == 0 ? AF_INET : AF_INET6, address, text, sizeof text))
		buf_text(out, text);
}

static struct socket_found *add(struct sockets *s, struct fail *f)
{
	if (s->count >= SOCKETS_MAX) {
		s->cut = true;
		return NULL;
	}
	if (s->count == s->capacity) {
		size_t more = s->capacity ? s->capacity * 2 : 256;
		struct socket_found *grown = realloc(s->items, more * sizeof *grown);

		if (!grown) {
			fail_set(f, "out of memory");
			return NULL;
		}
		s->items = grown;
		s->capacity = more;
	}
	s->items[s->count] = (struct socket_found){ .protocol = "", .family = "" };
	return &s->items[s->count++];
}

struct dump { struct sockets *sockets; const char *protocol; };

static int inet_answer(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct dump *dump = context;
	struct inet_diag_msg m;
	struct socket_found *found;

	if (type != SOCK_DIAG_BY_FAMILY || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	found = add(dump->sockets, f);
	if (!found)
		return dump->sockets->cut ? 0 : -1;
	*found = (struct socket_found){
		.protocol = dump->protocol, .family = m.idiag_family == AF_INET ? "ipv4" : "ipv6",
		.local_port = ntohs(m.id.idiag_sport), .remote_port = ntohs(m.id.idiag_dport),
		.state = m.idiag_state, .has_uid = true, .uid = m.idiag_uid,
		.interface = m.id.idiag_if, .inode = m.idiag_inode, .views = VIEW_DIAG,
	};
	memcpy(found->local, m.id.idiag_src, 16);
	memcpy(found->remote, m.id.idiag_dst, 16);
	return 0;
}

static int unix_answer(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct dump *dump = context;
	struct socket_found *found;
	struct unix_diag_msg m;
	struct span name, uid;

	if (type != SOCK_DIAG_BY_FAMILY || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	found = add(dump->sockets, f);
	if (!found)
		return dump->sockets->cut ? 0 : -1;
	name = netlink_attribute(payload, sizeof m, UNIX_DIAG_NAME);
	uid = netlink_attribute(payload, sizeof m, UNIX_DIAG_UID);
	*found = (struct socket_found){
		.protocol = "unix", .family = "unix", .state = m.udiag_state, .inode = m.udiag_ino, .views = VIEW_DIAG,
		.name_at = dump->sockets->names.size, .name_size = name.size,
		.has_uid = uid.size > 0, .uid = netlink_u32(uid),
	};
	/* An abstract name begins with NUL, which /proc and every tool show as '@'. */
	for (size_t i = 0; i < name.size; i++)
		buf_byte(&dump->sockets->names, name.data[i] ? name.data[i] : '@');
	return 0;
}

static int packet_answer(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct dump *dump = context;
	struct socket_found *found;
	struct packet_diag_info info = { 0 };
	struct packet_diag_msg m;
	struct span attribute, uid;

	if (type != SOCK_DIAG_BY_FAMILY || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	found = add(dump->sockets, f);
	if (!found)
		return dump->sockets->cut ? 0 : -1;
	attribute = netlink_attribute(payload, sizeof m, PACKET_DIAG_INFO);
	if (attribute.size >= sizeof info)
		memcpy(&info, attribute.data, sizeof info);
	uid = netlink_attribute(payload, sizeof m, PACKET_DIAG_UID);
	*found = (struct socket_found){
		.protocol = "packet", .family = "packet", .inode = m.pdiag_ino, .views = VIEW_DIAG,
		.local_port = m.pdiag_num, .interface = info.pdi_index, .filter_known = true,
		.has_filter = netlink_attribute(payload, sizeof m, PACKET_DIAG_FILTER).size > 0,
		.has_uid = uid.size > 0, .uid = netlink_u32(uid),
	};
	return 0;
}

/* One dump; a kind that this kernel does not know is counted and is no failure. */
static int dump_kind(struct sockets *s, int fd, const char *protocol, struct span request,
                     int (*answer)(void *, uint16_t, struct span, struct fail *), struct fail *f)
{
	struct dump dump = { s, protocol };
	bool interrupted;
	int result = netlink_dump(fd, SOCK_DIAG_BY_FAMILY, request, answer, &dump, &interrupted, f);

	s->interrupted |= interrupted;
	if (!result || (f->code != ENOENT && f->code != EINVAL && f->code != EOPNOTSUPP))
		return result;
	s->diag_missing++;
	return 0;
}

int sockets_by_diag(struct sockets *s, int netlink_fd, struct fail *f)
{
	static const struct { const char *name; uint8_t protocol; } kinds[] = {
		{ "tcp", IPPROTO_TCP }, { "udp", IPPROTO_UDP }, { "udplite", IPPROTO_UDPLITE },
		{ "raw", IPPROTO_RAW }, { "sctp", IPPROTO_SCTP }, { "dccp", IPPROTO_DCCP },
	};
	static const uint8_t families[] = { AF_INET, AF_INET6 };
	struct unix_diag_req local = {
		.sdiag_family = AF_UNIX, .udiag_states = UINT32_MAX,
		.udiag_show = UDIAG_SHOW_NAME | UDIAG_SHOW_UID,
	};
	struct packet_diag_req packet = {
		.sdiag_family = AF_PACKET, .pdiag_show = PACKET_SHOW_INFO | PACKET_SHOW_FILTER,
	};

	for (size_t i = 0; i < 2 * sizeof kinds / sizeof *kinds; i++) {
		struct inet_diag_req_v2 inet = {
			.sdiag_family = families[i % 2], .sdiag_protocol = kinds[i / 2].protocol,
			.idiag_states = UINT32_MAX,
		};

		if (dump_kind(s, netlink_fd, kinds[i / 2].name, (struct span){ (uint8_t *)&inet, sizeof inet },
		              inet_answer, f))
			return -1;
	}
	if (dump_kind(s, netlink_fd, "unix", (struct span){ (uint8_t *)&local, sizeof local },
	              unix_answer, f) ||
	    dump_kind(s, netlink_fd, "packet", (struct span){ (uint8_t *)&packet, sizeof packet },
	              packet_answer, f))
		return -1;
	return s->names.bad ? fail_set(f, "out of memory") : 0;
}

static int by_inode(const void *a, const void *b)
{
	const struct socket_found *x = a, *y = b;

	return (x->inode > y->inode) - (x->inode < y->inode);
}

void sockets_sort(struct sockets *s)
{
	if (s->count)
		qsort(s->items, s->count, sizeof *s->items, by_inode);
}

struct socket_found *sockets_find(const struct sockets *s, uint64_t inode)
{
	struct socket_found key = { .inode = inode };

	return s->count ? bsearch(&key, s->items, s->count, sizeof *s->items, by_inode) : NULL;
}

void sockets_done(struct sockets *s)
{
	free(s->items);
	buf_done(&s->names);
	*s = (struct sockets){ 0 };
}

const char *const sockets_proc_files[] = {
	"tcp", "tcp6", "udp", "udp6", "udplite", "udplite6", "raw", "raw6", "icmp", "icmp6", "unix",
	"packet", NULL,
};

/* "0100007F:0016": 32-bit words as numbers of the host, and a port. */
static bool proc_address(struct span word, uint8_t address[16], uint16_t *port)
{
	struct span digits = span_until(&word, ':');
	uint64_t number;

	if ((digits.size != 8 && digits.size != 32) || !span_hex(word, &number))
		return false;
	*port = (uint16_t)number;
	for (size_t i = 0; i < digits.size / 8; i++) {
		uint32_t host_order;

		if (!span_hex(span_part(digits, 8 * i, 8), &number))
			return false;
		host_order = (uint32_t)number;
		memcpy(address + 4 * i, &host_order, 4);
	}
	return true;
}

/* sl local remote state tx:rx tr:when retransmits uid timeout inode … */
static bool proc_inet_line(struct span line, struct socket_found *found)
{
	struct span words[10];
	uint64_t state;
	int64_t uid, inode;

	for (size_t i = 0; i < 10; i++)
		words[i] = span_word(&line);
	if (!proc_address(words[1], found->local, &found->local_port) ||
	    !proc_address(words[2], found->remote, &found->remote_port) ||
	    !span_hex(words[3], &state) || !span_number(words[7], &uid) ||
	    !span_number(words[9], &inode))
		return false;
	found->state = (uint8_t)state;
	found->has_uid = true;
	found->uid = (uint32_t)uid;
	found->inode = (uint64_t)inode;
	return true;
}

/* Num RefCount Protocol Flags Type St Inode Path */
static bool proc_unix_line(struct sockets *s, struct span line, struct socket_found *found)
{
	struct span words[7];
	uint64_t state, flags;
	int64_t inode;

	for (size_t i = 0; i < 7; i++)
		words[i] = span_word(&line);
	if (!span_hex(words[3], &flags) || !span_hex(words[5], &state) ||
	    !span_number(words[6], &inode))
		return false;
	found->inode = (uint64_t)inode;
	/* 0x10000: __SO_ACCEPTCON; 3: SS_CONNECTED. */
	found->state = flags & 0x10000 ? STATE_LISTEN : state == 3 ? STATE_ESTABLISHED : STATE_CLOSE;
	line = span_part(line, 1, line.size);
	found->name_at = s->names.size;
	found->name_size = line.size;
	buf_add(&s->names, line);
	return true;
}

/* sk RefCnt Type Proto Iface R Rmem User Inode */
static bool proc_packet_line(struct span line, struct socket_found *found)
{
	struct span words[9];
	int64_t interface, uid, inode;

	for (size_t i = 0; i < 9; i++)
		words[i] = span_word(&line);
	if (!span_number(words[4], &interface) || !span_number(words[7], &uid) ||
	    !span_number(words[8], &inode))
		return false;
	found->interface = (uint32_t)interface;
	found->has_uid = true;
	found->uid = (uint32_t)uid;
	found->inode = (uint64_t)inode;
	return true;
}

static bool proc_line(struct sockets *s, const char *file, struct span line,
                      struct socket_found *found)
{
	static const char *const stems[] = { "tcp", "udplite", "udp", "raw", "icmp" };

	if (strcmp(file, "unix") == 0) {
		found->family = found->protocol = "unix";
		return proc_unix_line(s, line, found);
	}
	if (strcmp(file, "packet") == 0) {
		found->family = found->protocol = "packet";
		return proc_packet_line(line, found);
	}
	for (size_t i = 0; i < sizeof stems / sizeof *stems; i++)
		if (strncmp(file, stems[i], strlen(stems[i])) == 0) {
			found->protocol = stems[i];
			break;
		}
	found->family = file[strlen(file) - 1] == '6' ? "ipv6" : "ipv4";
	return proc_inet_line(line, found);
}

int sockets_by_proc(struct sockets *s, const char *file, struct span text, unsigned *odd,
                    struct fail *f)
{
	size_t sorted = s->count;

	span_until(&text, '\n');
	while (text.size) {
		struct socket_found found = { .protocol = "", .family = "", .views = VIEW_PROC }, *known, *new;
		struct span line = span_until(&text, '\n');
		struct sockets known_part = { .items = s->items, .count = sorted };

		if (!proc_line(s, file, line, &found)) {
			++*odd;
			continue;
		}
		known = found.inode ? sockets_find(&known_part, found.inode) : NULL;
		if (known) {
			known->views |= VIEW_PROC;
			s->names.size -= found.name_size;
			continue;
		}
		/* Without an inode (TIME_WAIT) there is nothing to compare by: sock_diag has shown it. */
		if (!found.inode)
			continue;
		new = add(s, f);
		if (!new)
			return s->cut ? 0 : -1;
		*new = found;
	}
	sockets_sort(s);
	return s->names.bad ? fail_set(f, "out of memory") : 0;
}
