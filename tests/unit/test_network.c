/* SPDX-License-Identifier: Apache-2.0 */
/* The network modules on the running kernel, with sockets that the test itself has opened. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "collectors/linux/sockets.h"
#include "collectors/module.h"
#include "lib/json.h"
#include "tests/unit/test.h"

extern const struct module module_socket, module_interface, module_route, module_resolver;

static const int stop;

static void run(const struct module *module, struct capture *got)
{
	struct collection c = { .live = true, .pass = 1, .sink = &got->sink, .module = module->name,
	                        .stop = &stop };
	struct fail f = { 0 };

	capture_init(got);
	CHECK_INT(os_root_open(&c.root, "/", &f), 0);
	CHECK_INT(module->run(&c, &f), 0);
	os_root_close(c.root);
}

/* The first captured row in which the member has the number, as JSON. */
static struct json_value find(const struct capture *got, const char *member, int64_t number,
                              const char *other, const char *text)
{
	struct span rest = buf_span(&got->lines);

	while (rest.size) {
		struct json_value v = json_parse(span_until(&rest, '\n'));
		struct buf value = { 0 };
		int64_t have;
		bool same = json_number(json_member(v, member), &have) && have == number &&
		            json_decode(json_member(v, other), &value) && span_is(buf_span(&value), text);

		buf_done(&value);
		if (same)
			return v;
	}
	return (struct json_value){ 0 };
}

static void check_text(struct json_value row, const char *member, const char *wanted)
{
	struct buf text = { 0 };

	CHECK(json_decode(json_member(row, member), &text));
	CHECK_SPAN(buf_span(&text), span_of(wanted));
	buf_done(&text);
}

static int listener(int family, int *port)
{
	struct sockaddr_storage address = { .ss_family = (sa_family_t)family };
	socklen_t size = family == AF_INET ? sizeof(struct sockaddr_in) : sizeof(struct sockaddr_in6);
	int fd = socket(family, SOCK_STREAM, 0);

	if (family == AF_INET)
		((struct sockaddr_in *)&address)->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	else
		((struct sockaddr_in6 *)&address)->sin6_addr = in6addr_loopback;
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) < 0 || listen(fd, 1) < 0)
		return -1;
	getsockname(fd, (struct sockaddr *)&address, &size);
	*port = ntohs(family == AF_INET ? ((struct sockaddr_in *)&address)->sin_port :
	              ((struct sockaddr_in6 *)&address)->sin6_port);
	return fd;
}

TEST(a_listening_socket_is_tied_to_its_process)
{
	static const struct { int family; const char *name, *address; } families[] = {
		{ AF_INET, "ipv4", "127.0.0.1" }, { AF_INET6, "ipv6", "::1" },
	};

	for (size_t i = 0; i < 2; i++) {
		struct capture got;
		struct json_value row;
		int port, fd = listener(families[i].family, &port);
		int64_t pid;

		if (fd < 0) {
			test_skip("no socket of this family can be opened here");
			continue;
		}
		run(&module_socket, &got);
		row = find(&got, "local_port", port, "family", families[i].name);
		check_text(row, "local_address", families[i].address);
		check_text(row, "state", "LISTEN");
		check_text(row, "protocol", "tcp");
		CHECK(json_number(json_member(row, "pid"), &pid) && pid == getpid());
		CHECK_SPAN(json_member(row, "views").raw, span_of("[\"diag\",\"proc\"]"));
		CHECK(!span_contains(buf_span(&got.lines), "missing_from"));
		capture_done(&got);
		close(fd);
	}
}

TEST(packet_and_unix_sockets_are_seen)
{
	struct sockaddr_un name = { .sun_family = AF_UNIX, .sun_path = "\0kake-test-socket" };
	int packet = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), local = socket(AF_UNIX, SOCK_STREAM, 0);
	struct capture got;

	CHECK_INT(bind(local, (struct sockaddr *)&name,
	               (socklen_t)(sizeof name.sun_family + sizeof "kake-test-socket")), 0);
	CHECK_INT(listen(local, 1), 0);
	run(&module_socket, &got);
	CHECK(span_contains(buf_span(&got.lines), "\"path\":\"@kake-test-socket\""));
	check_text(find(&got, "pid", getpid(), "protocol", "unix"), "state", "LISTEN");
	if (packet < 0)
		test_skip("packet sockets need root");
	else
		CHECK(find(&got, "pid", getpid(), "protocol", "packet").type == JSON_OBJECT);
	capture_done(&got);
	close(local);
	close(packet);
}

TEST(loopback_is_among_the_interfaces)
{
	struct capture got;

	run(&module_interface, &got);
	CHECK(span_contains(buf_span(&got.lines), "\"name\":\"lo\""));
	CHECK(span_contains(buf_span(&got.lines), "\"127.0.0.1/8\""));
	capture_done(&got);
	run(&module_route, &got);
	CHECK_INT(got.notes, 0);
	capture_done(&got);
}

TEST(proc_text_gives_addresses_in_network_order)
{
	static const char text[] =
		"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
		"   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 4242 1 x\n"
		"rubbish\n";
	static const char text6[] =
		"  sl\n"
		"   0: B80D01200000000000000000010000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 0 0 1\n"
		"   1: B80D0120000000000000000001000000:0016 00000000000000000000000000000000:0000 0A 0:0 0:0 0 7 0 4243 1\n";
	struct sockets s = { 0 };
	struct buf address = { 0 };
	struct fail f = { 0 };
	unsigned odd = 0;

	CHECK_INT(sockets_by_proc(&s, "tcp", span_of(text), &odd, &f), 0);
	CHECK_INT(sockets_by_proc(&s, "tcp6", span_of(text6), &odd, &f), 0);
	CHECK_INT(s.count, 2);
	CHECK_INT(odd, 2);
	CHECK(sockets_find(&s, 4242) && sockets_find(&s, 4243));
	CHECK_INT(sockets_find(&s, 4242)->local_port, 8080);
	CHECK_INT(sockets_find(&s, 4242)->uid, 1000);
	CHECK_TEXT(socket_state(sockets_find(&s, 4242)), "LISTEN");
	socket_address(&address, "ipv4", sockets_find(&s, 4242)->local);
	buf_byte(&address, ' ');
	socket_address(&address, "ipv6", sockets_find(&s, 4243)->local);
	CHECK_SPAN(buf_span(&address), span_of("127.0.0.1 2001:db8::1"));
	buf_done(&address);
	sockets_done(&s);
}
