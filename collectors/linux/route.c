/* SPDX-License-Identifier: Apache-2.0 */
/* Routes of all tables and neighbours, from RTM_GETROUTE and RTM_GETNEIGH. See rtnetlink(7). */
#include <arpa/inet.h>
#include <linux/neighbour.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <unistd.h>

#include "collectors/linux/netlink.h"
#include "collectors/module.h"

/* Address bytes as text, with the prefix where it is not negative; empty if they are none. */
static void address_text(char *out, size_t size, int family, struct span bytes, int prefix)
{
	out[0] = 0;
	if (bytes.size != (family == AF_INET ? 4 : 16) || !inet_ntop(family, bytes.data, out, (socklen_t)size))
		return;
	if (prefix >= 0)
		snprintf(out + strlen(out), size - strlen(out), "/%d", prefix);
}

static void row_word(struct row *row, int column, const char *text)
{
	if (text[0])
		row_text(row, column, text);
}

static int take_route(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct collection *c = context;
	struct row row = row_on(&table_route);
	char to[64], via[64], from[64], name[IF_NAMESIZE] = "";
	struct span attribute;
	struct rtmsg m;
	uint32_t table;

	if (type != RTM_NEWROUTE || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	table = netlink_u32(netlink_attribute(payload, sizeof m, RTA_TABLE));
	/* The local table lists our own addresses again; multicast and anycast say nothing. */
	if ((m.rtm_family != AF_INET && m.rtm_family != AF_INET6) || table == RT_TABLE_LOCAL ||
	    (m.rtm_flags & RTM_F_CLONED))
		return 0;
	address_text(to, sizeof to, m.rtm_family, netlink_attribute(payload, sizeof m, RTA_DST),
	             m.rtm_dst_len);
	address_text(via, sizeof via, m.rtm_family, netlink_attribute(payload, sizeof m, RTA_GATEWAY), -1);
	address_text(from, sizeof from, m.rtm_family, netlink_attribute(payload, sizeof m, RTA_PREFSRC),
	             -1);
	if_indextoname(netlink_u32(netlink_attribute(payload, sizeof m, RTA_OIF)), name);
	row_text(&row, ROUTE_FAMILY, m.rtm_family == AF_INET ? "ipv4" : "ipv6");
	row_text(&row, ROUTE_DESTINATION, m.rtm_dst_len ? to : "default");
	row_word(&row, ROUTE_GATEWAY, via);
	row_word(&row, ROUTE_INTERFACE, name);
	row_word(&row, ROUTE_SOURCE, from);
	attribute = netlink_attribute(payload, sizeof m, RTA_PRIORITY);
	if (attribute.size)
		row_int(&row, ROUTE_METRIC, netlink_u32(attribute));
	row_int(&row, ROUTE_TABLE, table ? table : m.rtm_table);
	row_int(&row, ROUTE_PROTOCOL, m.rtm_protocol);
	return c->sink->row(c->sink, &row, f);
}

static const char *neighbour_state(unsigned state)
{
	static const struct { unsigned bit; const char *name; } states[] = {
		{ NUD_PERMANENT, "PERMANENT" }, { NUD_REACHABLE, "REACHABLE" }, { NUD_STALE, "STALE" },
		{ NUD_DELAY, "DELAY" }, { NUD_PROBE, "PROBE" }, { NUD_INCOMPLETE, "INCOMPLETE" },
		{ NUD_FAILED, "FAILED" }, { NUD_NOARP, "NOARP" },
	};

	for (size_t i = 0; i < sizeof states / sizeof *states; i++)
		if (state & states[i].bit)
			return states[i].name;
	return "NONE";
}

static int take_neighbour(void *context, uint16_t type, struct span payload, struct fail *f)
{
	struct collection *c = context;
	struct row row = row_on(&table_neighbour);
	char address[64], name[IF_NAMESIZE] = "", mac[64] = "";
	struct span bytes;
	struct ndmsg m;

	if (type != RTM_NEWNEIGH || payload.size < sizeof m)
		return 0;
	memcpy(&m, payload.data, sizeof m);
	/* Multicast and loopback entries are made by the kernel for itself. */
	if ((m.ndm_family != AF_INET && m.ndm_family != AF_INET6) || m.ndm_state == NUD_NOARP)
		return 0;
	address_text(address, sizeof address, m.ndm_family,
	             netlink_attribute(payload, sizeof m, NDA_DST), -1);
	bytes = netlink_attribute(payload, sizeof m, NDA_LLADDR);
	for (size_t i = 0; i < bytes.size && i < 20; i++)
		snprintf(mac + strlen(mac), sizeof mac - strlen(mac), i ? ":%02x" : "%02x", bytes.data[i]);
	if_indextoname((unsigned)m.ndm_ifindex, name);
	row_word(&row, NEIGHBOUR_ADDRESS, address);
	row_word(&row, NEIGHBOUR_MAC, mac);
	row_word(&row, NEIGHBOUR_INTERFACE, name);
	row_text(&row, NEIGHBOUR_STATE, neighbour_state(m.ndm_state));
	return c->sink->row(c->sink, &row, f);
}

static int route_run(struct collection *c, struct fail *f)
{
	struct rtmsg routes = { .rtm_family = AF_UNSPEC };
	struct ndmsg neighbours = { .ndm_family = AF_UNSPEC };
	bool changed;
	int fd, result;

	if (netlink_open(&fd, NETLINK_ROUTE, f))
		return -1;
	result = netlink_dump(fd, RTM_GETROUTE, (struct span){ (uint8_t *)&routes, sizeof routes },
	                      take_route, c, &changed, f);
	if (!result)
		result = netlink_dump(fd, RTM_GETNEIGH, (struct span){ (uint8_t *)&neighbours, sizeof neighbours },
		                      take_neighbour, c, &changed, f);
	close(fd);
	return result;
}

static const struct table *const tables[] = { &table_route, &table_neighbour, NULL };

const struct module module_route = {
	.name = "route", .help = "routes and neighbours in the network",
	.stage = STAGE_NETWORK, .flags = MODULE_LIVE, .least = PROFILE_QUICK,
	.tables = tables, .run = route_run,
};
