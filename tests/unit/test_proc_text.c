/* SPDX-License-Identifier: Apache-2.0 */
/* Texts of /proc as kernels wrote them, with the bytes that a process may choose. */
#include "tests/unit/test.h"

#include <inttypes.h>

#include "collectors/linux/proc_text.h"

static void check_list(const struct buf *list, const char *wanted)
{
	struct span rest = buf_span(list), item;
	struct buf shown = { 0 };

	while (list_next(&rest, &item)) {
		buf_text(&shown, "[");
		buf_add(&shown, item);
		buf_text(&shown, "]");
	}
	CHECK_SPAN(buf_span(&shown), span_of(wanted));
	buf_done(&shown);
}

TEST(stat_takes_any_name)
{
	static const char tail[] = " S 7018 7027 3631 34816 7027 4194560 1 0 0 0 0 0 0 0 20 0 3 0 119527 "
		"3133440 424 18446744073709551615 94069239132160 94069239149737 140723 0 0 0 0 0 0 0 0 0 17 1\n";
	static const char *const names[] = {
		"cat", "a) R 1 (b", ")", "x\ny", "", "tmux: server", "\xff\x1b[2J", "(sd-pam)",
	};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf text = { 0 };
		struct proc_stat stat = { 0 };

		buf_printf(&text, "7027 (%s)%s", names[i], tail);
		CHECK(proc_stat_read(buf_span(&text), &stat) || !*names[i]);
		if (*names[i]) {
			CHECK_SPAN(stat.name, span_of(names[i]));
			CHECK_INT(stat.pid, 7027);
			CHECK_INT(stat.ppid, 7018);
			CHECK_INT(stat.state, 'S');
			CHECK_INT(stat.session, 3631);
			CHECK_INT(stat.tty, 34816);
			CHECK_INT(stat.threads, 3);
			CHECK_INT(stat.start_ticks, 119527);
			CHECK_INT(stat.start_code, 94069239132160);
			CHECK(!stat.kernel_thread);
		}
		buf_done(&text);
	}
}

TEST(stat_knows_kernel_threads_and_refuses_what_is_cut)
{
	static const char kthread[] = "2 (kthreadd) S 0 0 0 0 -1 2129984 0 0 0 0 0 0 0 0 20 0 1 0 9 0 0 "
		"18446744073709551615 0 0 0 0 0 0 0 2147483647 0 0 0 0 17 0 0 0 0 0 0 0 0 0 0 0 0 0 0\n";
	struct proc_stat stat;

	CHECK(proc_stat_read(span_of(kthread), &stat));
	CHECK(stat.kernel_thread);
	CHECK_INT(stat.ppid, 0);
	for (size_t size = 0; size < 60; size++)
		CHECK(!proc_stat_read(span_part(span_of(kthread), 0, size), &stat));
}

TEST(status_reads_what_is_there)
{
	static const char text[] = "Name:\tx\\ny\nUmask:\t0022\nState:\tS (sleeping)\nTgid:\t812\nNgid:\t0\n"
		"Pid:\t813\nPPid:\t1\nTracerPid:\t99\nUid:\t33\t0\t33\t33\nGid:\t34\t35\t34\t34\n"
		"FDSize:\t64\nGroups:\t4 24 27 \nVmRSS:\t    1696 kB\nCapEff:\t000001ffffffffff\n"
		"NoNewPrivs:\t1\nSeccomp:\t2\n";
	struct proc_status status;

	proc_status_read(span_of(text), &status);
	CHECK_INT(status.tgid, 812);
	CHECK_INT(status.uid, 33);
	CHECK_INT(status.euid, 0);
	CHECK_INT(status.gid, 34);
	CHECK_INT(status.egid, 35);
	CHECK_INT(status.tracer, 99);
	CHECK_INT(status.no_new_privs, 1);
	CHECK_INT(status.seccomp, 2);
	CHECK_INT(status.rss, 1696 * 1024);
	CHECK(status.has_capabilities && status.capabilities == 0x1ffffffffff);
	CHECK_SPAN(status.groups, span_of("4 24 27"));
	proc_status_read(span_of("Name:\tkthreadd\n"), &status);
	CHECK_INT(status.rss, -1);
	CHECK_INT(status.uid, -1);
	CHECK(!status.has_capabilities);
}

#define ID "4ab5e2dd1f9e3c1a8a2b6f0d3c5e7f9012345678901234567890abcdefabcdef"

TEST(cgroup_finds_the_container)
{
	static const struct { const char *text, *path, *container; } cases[] = {
		{ "0::/\n", "/", "" },
		{ "0::/system.slice/cron.service\n", "/system.slice/cron.service", "" },
		{ "0::/system.slice/docker-" ID ".scope\n", "/system.slice/docker-" ID ".scope", ID },
		{ "12:pids:/docker/" ID "\n1:name=systemd:/docker/" ID "\n0::/\n", "/docker/" ID, ID },
		{ "0::/machine.slice/libpod-" ID ".scope/container\n",
		  "/machine.slice/libpod-" ID ".scope/container", ID },
		{ "0::/machine.slice/libpod-conmon-" ID ".scope\n", "/machine.slice/libpod-conmon-" ID ".scope",
		  "" },
		{ "11:memory:/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796/" ID "\n0::/\n",
		  "/kubepods/burstable/pod2c48913c-b29f-11e7-9350-020968147796/" ID, ID },
		{ "0::/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice/"
		  "cri-containerd-" ID ".scope\n",
		  "/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1_2.slice/"
		  "cri-containerd-" ID ".scope", ID },
		{ "0::/lxc.payload.web/init.scope\n", "/lxc.payload.web/init.scope", "web" },
		{ "4:memory:/lxc/db/user.slice\n", "/lxc/db/user.slice", "db" },
		{ "0::/machine.slice/systemd-nspawn@build.service/payload\n",
		  "/machine.slice/systemd-nspawn@build.service/payload", "build" },
		{ "5:cpu:/\n4:memory:/a:b\n1:name=systemd:/user.slice\n", "/user.slice", "" },
		{ "4:memory:/a:b\n", "/a:b", "" },
		{ "", "", "" },
		{ "garbage\n::\n:", "", "" },
		{ "0::/x/" ID "0\n", "/x/" ID "0", "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct proc_cgroup got = proc_cgroup_read(span_of(cases[i].text));

		CHECK_SPAN(got.path, span_of(cases[i].path));
		CHECK_SPAN(got.container, span_of(cases[i].container));
	}
}

TEST(maps_take_odd_names)
{
	static const struct { const char *line, *path; int64_t inode; bool executable, writable; } cases[] = {
		{ "55d0c3a4c000-55d0c3a50000 r-xp 00002000 fd:01 247839                     /usr/bin/cat",
		  "/usr/bin/cat", 247839, true, false },
		{ "7f2a00000000-7f2a00021000 rwxp 00000000 00:00 0 ", "", 0, true, true },
		{ "7ffd1c5e2000-7ffd1c603000 rw-p 00000000 00:00 0                          [stack]", "[stack]",
		  0, false, true },
		{ "ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]",
		  "[vsyscall]", 0, true, false },
		{ "7f0000000000-7f0000001000 r-xs 00000000 00:01 2049                       /memfd:a b (deleted)",
		  "/memfd:a b (deleted)", 2049, true, false },
		{ "7f0000000000-7f0000001000 r--p 00000000 00:1f 7 /tmp/a\\012b  c", "/tmp/a\\012b  c", 7, false,
		  false },
		{ "00400000-00401000 r-xp 00000000 103:02 18446744 //deleted", "//deleted", 18446744, true, false },
	};
	static const char *const bad[] = {
		"", "x", "00400000 r-xp 00000000 00:00 0", "00400000-00300000 r-xp 0 00:00 0",
		"00400000-00401000 r-x 00000000 00:00 0", "00400000-00401000 r-xp 00000000 00:00",
		"00400000-00401000 r-xp zz 00:00 0", "-00401000 r-xp 00000000 00:00 0",
	};
	struct proc_map m;

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		CHECK(proc_map_read(span_of(cases[i].line), &m));
		CHECK_SPAN(m.path, span_of(cases[i].path));
		CHECK_INT(m.inode, cases[i].inode);
		CHECK_INT(proc_map_executable(&m), cases[i].executable);
		CHECK_INT(proc_map_writable(&m), cases[i].writable);
	}
	CHECK(proc_map_read(span_of(cases[0].line), &m));
	CHECK_INT(m.start, 0x55d0c3a4c000);
	CHECK_INT(m.end, 0x55d0c3a50000);
	CHECK_INT(m.offset, 0x2000);
	CHECK_SPAN(m.device, span_of("fd:01"));
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		CHECK(!proc_map_read(span_of(bad[i]), &m));
}

TEST(links_tell_what_is_gone)
{
	CHECK(proc_link_deleted(span_of("/tmp/x (deleted)")));
	CHECK(!proc_link_deleted(span_of("/tmp/x")));
	CHECK_SPAN(proc_link_plain(span_of("/tmp/x (deleted)")), span_of("/tmp/x"));
	CHECK_SPAN(proc_link_plain(span_of("/tmp/x")), span_of("/tmp/x"));
	CHECK(proc_link_memfd(span_of("/memfd: (deleted)")));
	CHECK(proc_link_memfd(span_of("/SYSV00000000 (deleted)")));
	CHECK(!proc_link_memfd(span_of("/memfd:x")));
	CHECK(!proc_link_memfd(span_of("/tmp/memfd:x (deleted)")));
}

TEST(programs_that_make_code)
{
	static const char *const yes[] = {
		"/usr/bin/node", "/usr/bin/node18", "/usr/lib/jvm/java-17-openjdk-amd64/bin/java",
		"/opt/google/chrome/chrome", "/usr/lib/firefox-esr/firefox-esr", "/usr/sbin/php-fpm8.2",
		"/usr/bin/qemu-system-x86_64", "/snap/firefox/1/usr/lib/firefox/firefox", "/usr/share/dotnet/dotnet",
	};
	static const char *const no[] = {
		"/tmp/node", "/home/u/.cache/java", "/dev/shm/chrome", "/usr/bin/cat", "/memfd:java (deleted)", "",
		"node", "/usr/bin/notnode", "/var/tmp/php",
	};

	for (size_t i = 0; i < sizeof yes / sizeof *yes; i++)
		CHECK(proc_makes_code(span_of(yes[i])));
	for (size_t i = 0; i < sizeof no / sizeof *no; i++)
		CHECK(!proc_makes_code(span_of(no[i])));
}

static void check_arguments(struct span text, const char *wanted)
{
	struct buf list = { 0 };

	proc_arguments(text, &list);
	check_list(&list, wanted);
	buf_done(&list);
}

TEST(arguments_keep_what_was_given)
{
	static const struct { const char *text; size_t size; const char *wanted; } cases[] = {
		{ "", 0, "" }, { "a\0", 2, "[a]" }, { "a", 1, "[a]" }, { "a\0\0", 3, "[a][]" },
		{ "a\0\0b\0", 5, "[a][][b]" }, { "nginx: master\0\0\0\0", 17, "[nginx: master]" },
		{ "a b\nc\0-x\0", 9, "[a b\nc][-x]" }, { "\0", 1, "" }, { "\0\0\0", 3, "" },
	};

	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		check_arguments((struct span){ (const uint8_t *)cases[i].text, cases[i].size },
		                cases[i].wanted);
}

TEST(environment_is_chosen_and_counted)
{
	static const char text[] = "SHELL=/bin/sh\0LD_PRELOAD=/tmp/x.so\0SECRET=1\0SSH_CONNECTION=192.0.2.1 5 6 "
		"7\0LD_AUDIT=\0https_proxy=http://u:pa:ss@proxy:8080/\0http_proxy=proxy:3128\0"
		"no_proxy=localhost\0noequals\0\0HISTFILE=/dev/null\0SSHPASS=x\0cut_of=";
	struct buf list = { 0 }, large = { 0 };
	int64_t count;

	proc_environment((struct span){ (const uint8_t *)text, sizeof text - 1 }, &list, &count);
	CHECK_INT(count, 12);
	check_list(&list, "[LD_PRELOAD=/tmp/x.so][SSH_CONNECTION=192.0.2.1 5 6 7][LD_AUDIT=]"
	                  "[https_proxy=http://u:***@proxy:8080/][http_proxy=proxy:3128]"
	                  "[no_proxy=localhost][HISTFILE=/dev/null]");
	buf_clear(&list);
	for (int i = 0; i < 1000; i++) {
		buf_text(&large, "LD_LIBRARY_PATH=");
		for (int k = 0; k < 5000; k++)
			buf_byte(&large, 'x');
		buf_byte(&large, 0);
	}
	proc_environment(buf_span(&large), &list, &count);
	CHECK_INT(count, 1000);
	CHECK(list.size > 65536 && list.size < 80000);
	buf_done(&list);
	buf_done(&large);
}

TEST(modules_are_read)
{
	struct proc_module m;

	CHECK(proc_module_read(span_of("evil 16384 2 - Live 0xffffffffc0a5e000 (OE)"), &m));
	CHECK_SPAN(m.name, span_of("evil"));
	CHECK_INT(m.size, 16384);
	CHECK_INT(m.uses, 2);
	CHECK_SPAN(m.state, span_of("Live"));
	CHECK_SPAN(m.taint, span_of("OE"));
	CHECK(proc_module_read(span_of("nf_nat 57344 1 nft_chain_nat,xt_nat, Live 0x0000000000000000"), &m));
	CHECK_SPAN(m.taint, span_of(""));
	CHECK(proc_module_read(span_of("x 1 - - Unloading 0x0"), &m));
	CHECK_INT(m.uses, -1);
	CHECK(!proc_module_read(span_of(""), &m));
	CHECK(!proc_module_read(span_of("x y"), &m));
}
