/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SOCKETS_H
#define KAKE_SOCKETS_H
/*
 * All sockets of one network name space, by two views: the kernel's sock_diag (netlink) and the text
 * files of /proc/net. A socket that only one of them shows is suspicious.
 */
#include "lib/buf.h"
#include "lib/fail.h"

enum { SOCKETS_MAX = 4 << 20 };

enum { VIEW_DIAG = 1, VIEW_PROC = 2 };

struct socket_found {
	const char *protocol, *family;       /* words of the table */
	uint8_t local[16], remote[16];       /* address bytes; 4 are used with ipv4 */
	uint16_t local_port, remote_port;    /* raw: the IP protocol number */
	uint8_t state;                       /* TCP state numbers, 0 unknown */
	bool has_uid, has_filter, filter_known;
	uint32_t uid, interface;
	uint64_t inode;                      /* 0: belongs to no process any more */
	size_t name_at, name_size;           /* of a unix socket, in names */
	unsigned views;                      /* VIEW_… that show it */
};

struct sockets {
	struct socket_found *items;
	size_t count, capacity;
	struct buf names;
	unsigned diag_missing;               /* kinds that sock_diag does not know here */
	bool interrupted, cut;               /* cut: more than SOCKETS_MAX */
};

/* Adds what sock_diag shows through a netlink socket of that name space. */
int sockets_by_diag(struct sockets *s, int netlink_fd, struct fail *f);
/*
 * Adds what the text of one /proc/net file shows ("tcp", "udp6", "unix", …); a socket that is there
 * by its inode already only gets the view. Unreadable lines are counted in *odd.
 */
int sockets_by_proc(struct sockets *s, const char *file, struct span text, unsigned *odd,
                    struct fail *f);
/* Files that sockets_by_proc reads, ends with NULL. */
extern const char *const sockets_proc_files[];
/* Sorts by inode: before sockets_by_proc and sockets_find. */
void sockets_sort(struct sockets *s);
/* Those with the inode stand together; NULL if there is none. */
struct socket_found *sockets_find(const struct sockets *s, uint64_t inode);
/* "LISTEN", "ESTABLISHED", …; NULL for 0. */
const char *socket_state(const struct socket_found *s);
/* Adds an address as text. */
void socket_address(struct buf *out, const char *family, const uint8_t address[16]);
void sockets_done(struct sockets *s);
#endif
