/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <sys/stat.h>

#include "collectors/module.h"
#include "tests/unit/tree.h"

extern const struct module module_autorun;

static void run_on(const struct tree *t, struct capture *got)
{
	struct fail f = { 0 };
	static const volatile int stop;
	struct collection c = { .sink = &got->sink, .module = "autorun", .stop = &stop };

	capture_init(got);
	CHECK_INT(os_root_open(&c.root, t->path, &f), 0);
	CHECK_INT(module_autorun.run(&c, &f), 0);
	os_root_close(c.root);
}

/* Whether one line of the capture holds both texts. */
static bool has(struct capture *got, const char *a, const char *b)
{
	struct span rest = { (const uint8_t *)buf_string(&got->lines), got->lines.size };

	while (rest.size) {
		struct span line = span_until(&rest, '\n');

		if (span_contains(line, a) && span_contains(line, b))
			return true;
	}
	return false;
}

static void mode(const struct tree *t, const char *name, mode_t bits)
{
	char path[1024];

	tree_name(t, name, path);
	if (chmod(path, bits))
		abort();
}

TEST(cron_in_all_forms)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/passwd", "root:x:0:0::/root:/bin/sh\nweb:x:33:33::/srv/web:/bin/sh\n");
	tree_file(&t, "etc/crontab", "SHELL=/tmp/.sh\nPATH=/opt/bin:/bin\n17 * * * * root tool\nrubbish\n");
	tree_file(&t, "opt/bin/tool", "x");
	tree_file(&t, "etc/cron.d/.hidden", "* * * * * root /tmp/.x%input\n");
	tree_file(&t, "etc/cron.daily/job", "#!/bin/sh\n");
	mode(&t, "etc/cron.daily/job", 0755);
	tree_file(&t, "etc/cron.daily/job.bak", "#!/bin/sh\n");
	tree_file(&t, "var/spool/cron/crontabs/web", "@reboot ~/run --x\n");
	tree_file(&t, "etc/anacrontab", "1 5 cron.daily run-parts /etc/cron.daily\n");
	tree_file(&t, "var/spool/cron/atjobs/a0000101b8c2f0",
	          "#!/bin/sh\n# atrun uid=33 gid=33\n# mail web 0\numask 22\nA=b; export A\ncd /srv || {\n"
	          "\t echo 'Execution directory inaccessible' >&2\n\t exit 1\n}\n/srv/web/at-job\n");
	run_on(&t, &got);
	CHECK(has(&got, "\"line\":1,\"trigger\":\"variable of every job in this file\"", "\"command\":\"/tmp/.sh\""));
	CHECK(has(&got, "\"path\":\"/etc/crontab\",\"line\":3,\"user\":\"root\",\"trigger\":\"17 * * * *\",\"command\":\"tool\",\"enabled\":true,\"target\":\"/opt/bin/tool\",\"target_exists\":true",
	          "\"target_sha256\":\"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881\""));
	CHECK(has(&got, "line 4 is not a cron line", "/etc/crontab"));
	CHECK(has(&got, "\"command\":\"/tmp/.x%input\",\"enabled\":false", "\"target\":\"/tmp/.x\",\"target_exists\":false"));
	CHECK(has(&got, "\"name\":\"job\"", "\"trigger\":\"every day\",\"command\":\"/etc/cron.daily/job\",\"enabled\":true"));
	CHECK(has(&got, "\"name\":\"job.bak\"", "\"enabled\":false"));
	CHECK(has(&got, "\"user\":\"web\",\"trigger\":\"@reboot\"", "\"target\":\"/srv/web/run\""));
	CHECK(has(&got, "\"name\":\"cron.daily\"", "\"trigger\":\"1 5\""));
	CHECK(has(&got, "\"kind\":\"at\"", "\"line\":10,\"user\":\"web\",\"trigger\":\"2024-12-02T13:04:00Z\",\"command\":\"/srv/web/at-job\""));
	CHECK_INT(got.notes, 1);
	capture_done(&got);
	tree_remove(&t);
}

TEST(systemd_units_with_all_that_changes_them)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "usr/lib/systemd/system/a-b.service", "[Service]\nUser=web\nExecStart=/usr/bin/a\nExecStopPost=-/tmp/stop\n[Install]\nWantedBy=x.target\n");
	tree_file(&t, "etc/systemd/system/a-b.service.d/10.conf", "[Service]\nExecStart=\nExecStart=@/dev/shm/x [kworker] -d\nEnvironment=\"LD_PRELOAD=/tmp/l.so\"\n");
	tree_file(&t, "usr/lib/systemd/system/a-.service.d/05.conf", "[Service]\nExecStartPre=/pre\n");
	tree_file(&t, "usr/lib/systemd/system/service.d/10.conf", "[Service]\nExecStart=/hidden/by/the/same/name\n");
	tree_link(&t, "etc/systemd/system/x.target.wants/a-b.service", "/usr/lib/systemd/system/a-b.service");
	tree_file(&t, "usr/lib/systemd/system/masked.service", "[Service]\nExecStart=/never\n");
	tree_link(&t, "etc/systemd/system/masked.service", "/dev/null");
	tree_file(&t, "usr/lib/systemd/system/both.service", "[Service]\nExecStart=/vendor\n");
	tree_file(&t, "etc/systemd/system/both.service", "[Service]\nExecStart=/local\n");
	tree_link(&t, "etc/systemd/system/nick.service", "../../../usr/lib/systemd/system/a-b.service");
	tree_file(&t, "usr/lib/systemd/system/tty@.service", "[Service]\nExecStart=/sbin/agetty %i\n");
	tree_link(&t, "etc/systemd/system/getty.target.wants/tty@tty1.service", "/usr/lib/systemd/system/tty@.service");
	tree_file(&t, "etc/systemd/system/job.timer", "[Timer]\nOnCalendar=daily\n[Install]\nWantedBy=timers.target\n");
	tree_link(&t, "etc/systemd/system/timers.target.wants/job.timer", "../job.timer");
	tree_file(&t, "etc/systemd/system/job.service", "[Service]\nExecStart=/bin/sh -c 'exec /opt/job'\n");
	tree_file(&t, "etc/systemd/system/off.service", "[Service]\nExecStart=/off\n[Install]\nWantedBy=x.target\n");
	tree_link(&t, "etc/systemd/system/multi-user.target.wants/ghost.service", "/tmp/ghost.service");
	run_on(&t, &got);
	CHECK(has(&got, "\"path\":\"/etc/systemd/system/a-b.service.d/10.conf\",\"line\":3,\"user\":\"web\",\"trigger\":\"ExecStart; wanted by x.target, by nick.service\",\"command\":\"@/dev/shm/x [kworker] -d\",\"enabled\":true,\"target\":\"/dev/shm/x\"", "\"overrides\":\"/usr/lib/systemd/system/a-b.service\""));
	CHECK(!has(&got, "\"command\":\"/usr/bin/a\"", ""));
	CHECK(!has(&got, "/hidden/by/the/same/name", "\"name\":\"a-b.service\""));
	CHECK(has(&got, "\"command\":\"/pre\"", "a-.service.d/05.conf"));
	CHECK(has(&got, "\"trigger\":\"ExecStopPost; ", "\"target\":\"/tmp/stop\",\"target_exists\":false"));
	CHECK(has(&got, "\"trigger\":\"Environment; ", "\"target\":\"/tmp/l.so\""));
	CHECK(has(&got, "\"kind\":\"systemd-drop-in\"", "10.conf"));
	CHECK(has(&got, "\"name\":\"masked.service\"", "\"trigger\":\"masked\",\"enabled\":false"));
	CHECK(!has(&got, "\"command\":\"/never\"", ""));
	CHECK(has(&got, "\"command\":\"/local\"", "\"overrides\":\"/usr/lib/systemd/system/both.service\""));
	CHECK(!has(&got, "\"command\":\"/vendor\"", ""));
	CHECK(has(&got, "\"name\":\"nick.service\"", "\"trigger\":\"alias\",\"enabled\":true"));
	CHECK(has(&got, "\"name\":\"tty@tty1.service\"", "\"command\":\"/sbin/agetty %i\",\"enabled\":true"));
	CHECK(has(&got, "\"kind\":\"systemd-timer\",\"name\":\"job.timer\"", "\"trigger\":\"OnCalendar=daily; wanted by timers.target\",\"command\":\"job.service\",\"enabled\":true,\"target\":\"/etc/systemd/system/job.service\""));
	CHECK(has(&got, "\"trigger\":\"ExecStart; by job.timer\"", "\"enabled\":true,\"target\":\"/opt/job\""));
	CHECK(has(&got, "\"name\":\"off.service\"", "\"enabled\":false"));
	CHECK(has(&got, "\"name\":\"ghost.service\"", "\"target\":\"/tmp/ghost.service\""));
	CHECK_INT(got.notes, 0);
	capture_done(&got);
	tree_remove(&t);
}

TEST(user_units_count_for_their_user)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/passwd", "hanako:x:1000:1000::/home/hanako:/bin/sh\nsame:x:1001:1001::/home/hanako:/bin/sh\n");
	tree_file(&t, "home/hanako/.config/systemd/user/sync.service", "[Service]\nExecStart=%h/bin/sync\n[Install]\nWantedBy=default.target\n");
	tree_link(&t, "home/hanako/.config/systemd/user/default.target.wants/sync.service", "../sync.service");
	tree_link(&t, "home/hanako/.config/systemd/user/default.target.wants/shared.service", "/usr/lib/systemd/user/shared.service");
	tree_file(&t, "usr/lib/systemd/user/shared.service", "[Service]\nExecStart=/usr/bin/shared\n");
	run_on(&t, &got);
	CHECK(has(&got, "\"user\":\"hanako\",\"trigger\":\"ExecStart; wanted by default.target\",\"command\":\"%h/bin/sync\",\"enabled\":true", "\"target\":\"/home/hanako/bin/sync\""));
	CHECK(has(&got, "\"user\":\"hanako\"", "\"command\":\"/usr/bin/shared\",\"enabled\":true"));
	CHECK(has(&got, "\"user\":\"*\"", "\"command\":\"/usr/bin/shared\",\"target\""));
	CHECK(!has(&got, "\"user\":\"same\"", ""));
	capture_done(&got);
	tree_remove(&t);
}

TEST(cyclic_and_special_files_are_rows_and_never_opened)
{
	struct tree t = tree_make();
	struct capture got;
	char path[1024];

	tree_link(&t, "etc/systemd/system/loop.service", "loop.service");
	tree_link(&t, "etc/systemd/system/one.service.d", "two.service.d");
	tree_link(&t, "etc/systemd/system/two.service.d", "one.service.d");
	tree_file(&t, "etc/systemd/system/one.service", "[Service]\nExecStart=/one\n");
	tree_file(&t, "etc/systemd/system/self.service.d/x", "");
	tree_link(&t, "etc/systemd/system/self.service.d/a.conf", "a.conf");
	tree_file(&t, "etc/systemd/system/self.service", "[Service]\nExecStart=/self\n");
	tree_name(&t, "etc/cron.d/fifo", path);
	CHECK_INT(mkfifo(path, 0644), 0);
	tree_link(&t, "etc/profile.d/loop.sh", "loop.sh");
	tree_link(&t, "etc/profile.d/gone.sh", "/nowhere/gone.sh");
	tree_link(&t, "etc/profile.d/off.sh", "/dev/null");
	run_on(&t, &got);
	CHECK(has(&got, "\"command\":\"/one\"", "one.service"));
	CHECK(has(&got, "\"command\":\"/self\"", "self.service"));
	CHECK(has(&got, "\"note\"", "/etc/systemd/system/loop.service"));
	CHECK(has(&got, "\"note\"", "/etc/systemd/system/self.service.d/a.conf"));
	CHECK(has(&got, "\"kind\":\"cron\",\"name\":\"fifo\"", "/etc/cron.d/fifo"));
	CHECK(has(&got, "not a regular file", "/etc/cron.d/fifo"));
	CHECK(has(&got, "\"name\":\"loop.sh\"", "\"overrides\":\"loop.sh\""));
	CHECK(has(&got, "\"name\":\"gone.sh\"", "\"overrides\":\"/nowhere/gone.sh\""));
	CHECK(has(&got, "\"name\":\"off.sh\"", "\"enabled\":false"));
	capture_done(&got);
	tree_remove(&t);
}

TEST(rules_and_blocks)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/udev/rules.d/9.rules", "# no\nACTION==\"add\", \\\n  SUBSYSTEM==\"net\", RUN+=\"/bin/sh -c '/tmp/u x'\", PROGRAM=\"helper a\"\nRUN{builtin}+=\"kmod load\"\n");
	tree_file(&t, "etc/pam.d/sshd", "@include x\nauth include common\n-session [success=1 default=ignore] pam_exec.so quiet type=open /tmp/p a\nauth required /opt/evil.so\n");
	tree_file(&t, "lib/x86_64-linux-gnu/security/pam_exec.so", "m");
	tree_file(&t, "etc/apt/apt.conf.d/9", "// c\nAPT::Update { Post-Invoke { \"/tmp/one\"; \"/tmp/two\"; }; };\nDPkg::Pre-Install-Pkgs:: \"/tmp/three\"; /* \"x\" */ Acquire::http::Proxy \"http://p/\";\n");
	tree_file(&t, "etc/logrotate.d/x", "/var/log/x {\n  postrotate\n    /tmp/rotate\n    true\n  endscript\n}\n");
	tree_file(&t, "etc/xdg/autostart/a.desktop", "[Desktop Entry]\nName=A\nExec=/tmp/gui %U\n[Desktop Action x]\nExec=/other\n");
	tree_file(&t, "etc/xdg/autostart/b.desktop", "[Desktop Entry]\nExec=b\nHidden=true\n");
	tree_file(&t, "usr/share/dbus-1/system-services/o.service", "[D-BUS Service]\nName=o.x\nExec=/tmp/bus\nUser=web\nSystemdService=o.service\n");
	tree_file(&t, "etc/modprobe.d/x.conf", "blacklist y\ninstall usb_storage /tmp/m; modprobe z\n");
	tree_file(&t, "etc/modules-load.d/x.conf", "my-mod\n");
	tree_file(&t, "lib/modules/6.1/modules.dep", "kernel/a/my_mod.ko.xz: x\n");
	tree_file(&t, "lib/modules/6.1/kernel/a/my_mod.ko.xz", "ko");
	tree_file(&t, "etc/ld.so.preload", "/tmp/a.so:/tmp/b.so # c\n");
	tree_file(&t, "etc/ld.so.conf.d/x.conf", "/usr/lib/fine\n/opt/odd\n");
	tree_file(&t, "etc/environment", "LANG=C\nLD_PRELOAD=\"/tmp/env.so\"\n");
	tree_file(&t, "etc/inittab", "x:2345:respawn:/tmp/init\n");
	tree_file(&t, "etc/aliases", "root: admin\nbob: \"|/tmp/mail x\"\n");
	tree_file(&t, "etc/init.d/svc", "#!/bin/sh\n");
	mode(&t, "etc/init.d/svc", 0755);
	tree_link(&t, "etc/rc2.d/S01svc", "../init.d/svc");
	tree_link(&t, "etc/rc3.d/S05odd", "/tmp/odd");
	tree_file(&t, "etc/ssh/sshd_config", "Subsystem sftp /tmp/sftp\nAuthorizedKeysCommand=/tmp/keys %u\n");
	tree_file(&t, "home/u/.bashrc", "# /tmp/no\nls /usr\nalias sudo='/home/u/.s'\n. /tmp/gone\n");
	run_on(&t, &got);
	CHECK(has(&got, "\"name\":\"RUN\"", "\"line\":2,\"user\":\"root\",\"trigger\":\"ACTION==\\\"add\\\", \\\\\\n  SUBSYSTEM==\\\"net\\\"\",\"command\":\"/bin/sh -c '/tmp/u x'\",\"enabled\":true,\"target\":\"/tmp/u\""));
	CHECK(has(&got, "\"name\":\"PROGRAM\"", "\"target\":\"/usr/lib/udev/helper\""));
	CHECK(!has(&got, "kmod load", ""));
	CHECK(has(&got, "\"command\":\"pam_exec.so quiet type=open /tmp/p a\"", "\"target\":\"/lib/x86_64-linux-gnu/security/pam_exec.so\""));
	CHECK(has(&got, "\"trigger\":\"-session [success=1 default=ignore]\",\"command\":\"/tmp/p a\"", "\"target\":\"/tmp/p\""));
	CHECK(has(&got, "\"kind\":\"pam\"", "\"target\":\"/opt/evil.so\""));
	CHECK(has(&got, "\"name\":\"APT::Update::Post-Invoke\"", "\"line\":2,\"user\":\"root\",\"trigger\":\"use of apt\",\"command\":\"/tmp/two\""));
	CHECK(has(&got, "\"command\":\"/tmp/three\"", "\"line\":3"));
	CHECK(!has(&got, "http://p/", ""));
	CHECK(has(&got, "\"kind\":\"logrotate\",\"name\":\"postrotate\"", "\"command\":\"/tmp/rotate\\n    true\""));
	CHECK(has(&got, "\"kind\":\"xdg\",\"name\":\"A\"", "\"enabled\":true,\"target\":\"/tmp/gui\""));
	CHECK(has(&got, "\"name\":\"b.desktop\"", "\"enabled\":false"));
	CHECK(has(&got, "\"kind\":\"dbus\",\"name\":\"o.x\"", "\"user\":\"web\",\"trigger\":\"call on the system bus, by unit o.service\""));
	CHECK(has(&got, "\"kind\":\"modprobe\",\"name\":\"usb_storage\"", "\"target\":\"/tmp/m\""));
	CHECK(has(&got, "\"kind\":\"modules-load\"", "\"target\":\"/lib/modules/6.1/kernel/a/my_mod.ko.xz\",\"target_exists\":true"));
	CHECK(has(&got, "\"kind\":\"ld-preload\",\"name\":\"a.so\"", "\"target\":\"/tmp/a.so\""));
	CHECK(has(&got, "\"kind\":\"ld-preload\",\"name\":\"b.so\"", ""));
	CHECK(has(&got, "\"kind\":\"ld-path\"", "\"command\":\"/opt/odd\""));
	CHECK(!has(&got, "/usr/lib/fine", ""));
	CHECK(has(&got, "\"kind\":\"environment\",\"name\":\"LD_PRELOAD\"", "\"target\":\"/tmp/env.so\""));
	CHECK(has(&got, "\"kind\":\"init\",\"name\":\"x\"", "\"trigger\":\"2345:respawn:\",\"command\":\"/tmp/init\""));
	CHECK(has(&got, "\"kind\":\"mail\",\"name\":\"bob\"", "\"target\":\"/tmp/mail\""));
	CHECK(has(&got, "\"kind\":\"init\",\"name\":\"svc\"", "\"trigger\":\"run levels 2\",\"command\":\"/etc/init.d/svc\",\"enabled\":true"));
	CHECK(has(&got, "\"name\":\"S05odd\"", "\"overrides\":\"/tmp/odd\""));
	CHECK(!has(&got, "\"name\":\"S01svc\"", ""));
	CHECK(has(&got, "\"kind\":\"ssh\",\"name\":\"Subsystem\"", "\"target\":\"/tmp/sftp\""));
	CHECK(has(&got, "\"name\":\"AuthorizedKeysCommand\"", "\"target\":\"/tmp/keys\""));
	CHECK(has(&got, "\"path\":\"/home/u/.bashrc\",\"line\":3", "\"target\":\"/home/u/.s\""));
	CHECK(has(&got, "\"path\":\"/home/u/.bashrc\",\"line\":4", "\"target\":\"/tmp/gone\""));
	CHECK(!has(&got, "ls /usr", ""));
	capture_done(&got);
	tree_remove(&t);
}

/* The file that no package owns counts before those that one owns; links are followed to their end. */
TEST(target_and_packages)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "var/lib/dpkg/info/base.list", "/bin/true\n/bin/real\n/etc/crontab\n");
	tree_file(&t, "bin/true", "t");
	tree_file(&t, "bin/real", "r");
	tree_link(&t, "bin/alias", "../etc/alternatives/alias");
	tree_link(&t, "etc/alternatives/alias", "/bin/real");
	tree_file(&t, "opt/own", "o");
	tree_file(&t, "etc/crontab", "1 1 1 1 1 root /bin/true; /opt/own\n2 2 2 2 2 root /bin/alias\n3 3 3 3 3 root true\n");
	run_on(&t, &got);
	CHECK(has(&got, "\"line\":1", "\"target\":\"/opt/own\",\"target_exists\":true"));
	CHECK(has(&got, "\"line\":2", "\"target\":\"/bin/real\""));
	CHECK(has(&got, "\"line\":2", "\"target_package\":\"base\",\"package\":\"base\",\"packages_known\":true"));
	capture_done(&got);
	tree_remove(&t);
}

/* The same directory under two names gives one row; /lib counts where it is not /usr/lib. */
TEST(directories_under_two_names)
{
	struct tree t = tree_make();
	struct capture got;

	tree_file(&t, "etc/rc.d/init.d/svc", "#!/bin/sh\ncd /\n/ x\n/tmp/.gone\n");
	tree_link(&t, "etc/init.d", "rc.d/init.d");
	tree_file(&t, "lib/udev/rules.d/1.rules", "RUN+=\"/tmp/u\"\n");
	run_on(&t, &got);
	CHECK_INT(got.rows, 3);
	CHECK(has(&got, "\"path\":\"/etc/init.d/svc\",\"user\":\"root\"", "\"enabled\":false"));
	CHECK(has(&got, "\"path\":\"/etc/init.d/svc\",\"line\":4", "\"target\":\"/tmp/.gone\""));
	CHECK(has(&got, "\"path\":\"/lib/udev/rules.d/1.rules\"", "\"target\":\"/tmp/u\""));
	capture_done(&got);
	tree_remove(&t);
	t = tree_make();
	tree_file(&t, "usr/lib/udev/rules.d/1.rules", "RUN+=\"/tmp/u\"\n");
	tree_link(&t, "lib", "usr/lib");
	run_on(&t, &got);
	CHECK_INT(got.rows, 1);
	capture_done(&got);
	tree_remove(&t);
}
