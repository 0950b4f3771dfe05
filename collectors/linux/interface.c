/* SPDX-License-Identifier: Apache-2.0 */
/* Network interfaces with their addresses, from RTM_GETLINK and RTM_GETADDR. See rtnetlink(7). */
#include <arpa/inet.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "collectors/linux/netlink.h"
#include "collectors/module.h"

enum { ADDRESSES_MAX = 1 << 16 };

struct address { int64_t interface; char text[INET6_ADDRSTRLEN + 8]; };

struct listing { struct collection *c; struct address *addresses; size_t count, capacity; };

static int take_address(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct listing *l = context;
	struct ifaddrmsg m;
	struct span bytes;
	struct address *a;

	if (type != RTM_NEWADDR || payload.size < sizeof m || l->count == ADDRESSES_MAX)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	/* A point-to-point address has its own end in IFA_LOCAL and the peer's in IFA_ADDRESS. */
	bytes = netlink_attribute(payload, sizeof m, IFA_LOCAL);
	if (!bytes.size)
		bytes = netlink_attribute(payload, sizeof m, IFA_ADDRESS);
	if (bytes.size != (m.ifa_family == AF_INET ? 4 : 16))
		return 0;
	if (l->count == l->capacity) {
		size_t more = l->capacity ? l->capacity * 2 : 32;
		struct address *grown = realloc(l->addresses, more * sizeof *grown);

		if (!grown)
			return fail_set(f, "out of memory");
		l->addresses = grown;
		l->capacity = more;
	}
	a = &l->addresses[l->count];
	a->interface = m.ifa_index;
	if (!inet_ntop(m.ifa_family, bytes.data, a->text, INET6_ADDRSTRLEN))
		return 0;
	snprintf(a->text + strlen(a->text), 8, "/%u", (unsigned)m.ifa_prefixlen);
	l->count++;
	return 0;
}

static void hardware_address(struct buf *out, struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		buf_printf(out, i ? ":%02x" : "%02x", bytes.data[i]);
}

static int take_link(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct listing *l = context;
	struct row row = row_on(&table_interface);
	struct buf mac = { 0 }, addresses = { 0 };
	struct ifinfomsg m;
	struct span name, stats, info;
	struct rtnl_link_stats64 counted = { 0 };
	int result;

	if (type != RTM_NEWLINK || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	name = netlink_attribute(payload, sizeof m, IFLA_IFNAME);
	stats = netlink_attribute(payload, sizeof m, IFLA_STATS64);
	info = netlink_attribute(payload, sizeof m, IFLA_LINKINFO);
	memcpy(&counted, stats.data ? stats.data : (const uint8_t *)&counted,
	       stats.size < sizeof counted ? stats.size : sizeof counted);
	hardware_address(&mac, netlink_attribute(payload, sizeof m, IFLA_ADDRESS));
	for (size_t i = 0; i < l->count; i++)
		if (l->addresses[i].interface == m.ifi_index)
			list_add(&addresses, span_of(l->addresses[i].text));
	row_int(&row, INTERFACE_INDEX, m.ifi_index);
	row_span(&row, INTERFACE_NAME, span_part(name, 0, span_find(name, 0)));
	row_span(&row, INTERFACE_MAC, buf_span(&mac));
	row_text(&row, INTERFACE_STATE, m.ifi_flags & IFF_UP ? "up" : "down");
	row_bool(&row, INTERFACE_PROMISCUOUS, (m.ifi_flags & IFF_PROMISC) ||
	         netlink_u32(netlink_attribute(payload, sizeof m, IFLA_PROMISCUITY)) > 0);
	row_int(&row, INTERFACE_MTU, netlink_u32(netlink_attribute(payload, sizeof m, IFLA_MTU)));
	row_span(&row, INTERFACE_ADDRESSES, buf_span(&addresses));
	if (stats.size) {
		row_int(&row, INTERFACE_RECEIVED, (int64_t)counted.rx_bytes);
		row_int(&row, INTERFACE_SENT, (int64_t)counted.tx_bytes);
	}
	info = netlink_attribute(info, 0, IFLA_INFO_KIND);
	row_span(&row, INTERFACE_KIND, span_part(info, 0, span_find(info, 0)));
	result = l->c->sink->row(l->c->sink, &row, f);
	buf_done(&mac);
	buf_done(&addresses);
	return result;
}

static int interface_run(struct collection *c, struct fail *f)
{
	struct listing l = { .c = c };
	struct ifaddrmsg addresses = { .ifa_family = AF_UNSPEC };
	struct ifinfomsg links = { .ifi_family = AF_UNSPEC };
	bool changed;
	int fd, result;

	if (netlink_open(&fd, NETLINK_ROUTE, f))
		return -1;
	result = netlink_dump(fd, RTM_GETADDR, (struct span){ (uint8_t *)&addresses, sizeof addresses },
	                      take_address, &l, &changed, f);
	if (!result)
		result = netlink_dump(fd, RTM_GETLINK, (struct span){ (uint8_t *)&links, sizeof links },
		                      take_link, &l, &changed, f);
	close(fd);
	free(l.addresses);
	return result;
}

static const struct table *const tables[] = { &table_interface, NULL };

const struct module module_interface = {
	.name = "interface", .help = "network cards and their addresses",
	.stage = STAGE_NETWORK, .flags = MODULE_LIVE, .least = PROFILE_QUICK,
	.tables = tables, .run = interface_run,
};
