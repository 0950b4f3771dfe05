/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_NETLINK_H
#define KAKE_NETLINK_H
/* Dumps from the kernel's netlink: one request, many answers. See netlink(7), sock_diag(7), rtnetlink(7). */
#include <linux/netlink.h>

#include "lib/fail.h"
#include "lib/span.h"

/* A socket of this protocol (NETLINK_ROUTE, NETLINK_SOCK_DIAG) that waits a few seconds at most. */
int netlink_open(int *fd, int protocol, struct fail *f);
/*
 * Sends the request (its header is filled in here) and gives each answer's type and payload to
 * `each`, which returns 0, or -1 to stop. -1 with the kernel's error number in f->code where it
 * refuses: ENOENT means that it has no such thing. *interrupted tells that the kernel's tables changed
 * meanwhile, so that an answer may be missing or double.
 */
int netlink_dump(int fd, uint16_t type, struct span request,
                 int (*each)(void *context, uint16_t type, struct span payload, struct fail *f),
                 void *context, bool *interrupted, struct fail *f);
/* The payload of an attribute behind `skip` bytes of fixed header; data NULL if there is none. */
struct span netlink_attribute(struct span payload, size_t skip, uint16_t kind);
uint32_t netlink_u32(struct span attribute);
#endif
