/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <stdlib.h>
#include <unistd.h>

#include "collectors/packages.h"
#include "tests/unit/tree.h"

static struct packages *open_in(const struct tree *t)
{
	struct packages *p = NULL;
	struct os_root *root = NULL;
	struct fail f = { 0 };

	CHECK_INT(os_root_open(&root, t->path, &f), 0);
	CHECK_INT(packages_open(&p, root, &f), 0);
	os_root_close(root);
	return p;
}

static void check_owner(const struct packages *p, const char *path, const char *wanted)
{
	const char *owner = packages_owner(p, span_of(path));

	CHECK_TEXT(owner ? owner : "(none)", wanted);
}

TEST(nothing_is_known_of_an_empty_tree)
{
	struct tree t = tree_make();
	struct packages *p = open_in(&t);

	CHECK(!packages_known(p));
	CHECK(!packages_incomplete(p));
	CHECK(!packages_owner(p, span_of("/usr/bin/ls")));
	packages_close(p);
	tree_remove(&t);
}

TEST(dpkg_lists_merged_usr_and_diversions)
{
	struct tree t = tree_make();
	struct packages *p;

	tree_link(&t, "bin", "usr/bin");
	tree_link(&t, "lib", "usr/lib");
	tree_file(&t, "var/lib/dpkg/info/coreutils.list", "/.\n/bin\n/bin/ls\n/usr\n/usr/bin\n/usr/bin/env\n");
	tree_file(&t, "var/lib/dpkg/info/libc6:amd64.list", "/lib\n/lib/ld.so\n/usr/lib/libc.so.6");
	tree_file(&t, "var/lib/dpkg/info/dash.list", "/usr/bin/sh\n/etc/both\n");
	tree_file(&t, "var/lib/dpkg/info/mksh.list", "/bin/sh\n/etc/both\n");
	tree_file(&t, "var/lib/dpkg/info/odd.list", "\n\n//\nrelative\n/opt/a b\n");
	tree_file(&t, "var/lib/dpkg/info/coreutils.md5sums", "x  usr/bin/not-a-list\n");
	tree_file(&t, "var/lib/dpkg/diversions", "/bin/sh\n/bin/sh.distrib\nmksh\n/etc/cut\n");
	p = open_in(&t);
	CHECK(packages_known(p));
	CHECK(!packages_incomplete(p));
	check_owner(p, "/bin/ls", "coreutils");
	check_owner(p, "/usr/bin/ls", "coreutils");
	check_owner(p, "/usr/bin/env", "coreutils");
	check_owner(p, "/bin/env", "coreutils");
	check_owner(p, "/usr/bin", "(none)");
	check_owner(p, "/usr/lib/ld.so", "libc6:amd64");
	check_owner(p, "/lib/libc.so.6", "libc6:amd64");
	check_owner(p, "/bin/sh", "mksh");
	check_owner(p, "/usr/bin/sh.distrib", "dash");
	check_owner(p, "/etc/both", "dash");
	check_owner(p, "/opt/a b", "odd");
	check_owner(p, "/binary/ls", "(none)");
	check_owner(p, "relative", "(none)");
	check_owner(p, "", "(none)");
	packages_close(p);
	tree_remove(&t);
}

TEST(separate_usr_keeps_both_spellings_apart)
{
	struct tree t = tree_make();
	struct packages *p;

	tree_file(&t, "bin/ls", "");
	tree_file(&t, "var/lib/dpkg/info/coreutils.list", "/bin/ls\n");
	p = open_in(&t);
	check_owner(p, "/bin/ls", "coreutils");
	check_owner(p, "/usr/bin/ls", "(none)");
	packages_close(p);
	tree_remove(&t);
}

TEST(apk_and_pacman)
{
	struct tree t = tree_make();
	struct packages *p;

	tree_link(&t, "sbin", "usr/sbin");
	tree_file(&t, "usr/bin/x", "");
	tree_link(&t, "usr/sbin", "bin");
	tree_file(&t, "lib/apk/db/installed",
	          "C:Q1x\nP:musl\nV:1\nF:lib\nR:ld-musl.so.1\na:0:0:755\nF:\nR:top\n\nP:busybox\nF:bin\nR:busybox\n");
	tree_file(&t, "var/lib/pacman/local/gcc-libs-13.2.1-3/files",
	          "%FILES%\nusr/\nusr/lib/\nusr/lib/libgcc_s.so\nusr/sbin/tool\n\n%BACKUP%\netc/x\n");
	tree_file(&t, "var/lib/pacman/local/ALPM_DB_VERSION", "9\n");
	p = open_in(&t);
	CHECK(packages_known(p));
	CHECK(!packages_incomplete(p));
	check_owner(p, "/lib/ld-musl.so.1", "musl");
	check_owner(p, "/top", "musl");
	check_owner(p, "/bin/busybox", "busybox");
	check_owner(p, "/usr/lib/libgcc_s.so", "gcc-libs");
	check_owner(p, "/sbin/tool", "gcc-libs");
	check_owner(p, "/usr/bin/tool", "gcc-libs");
	check_owner(p, "/etc/x", "(none)");
	packages_close(p);
	tree_remove(&t);
}

TEST(a_list_that_cannot_be_read_is_told)
{
	struct tree t = tree_make();
	struct packages *p;

	tree_file(&t, "var/lib/dpkg/info/a.list", "/a\n");
	tree_link(&t, "var/lib/dpkg/info/b.list", "/dev");
	tree_file(&t, "dev/x", "");
	p = open_in(&t);
	check_owner(p, "/a", "a");
	CHECK(packages_incomplete(p) != NULL);
	packages_close(p);
	tree_remove(&t);
}

/* Many paths: the table grows, and each is found again and no other. */
TEST(twenty_thousand_paths)
{
	struct tree t = tree_make();
	struct buf list = { 0 };
	struct packages *p;
	int found = 0, wrong = 0;
	char path[64];

	for (int i = 0; i < 20000; i++)
		buf_printf(&list, "/usr/share/d%d/file-%d\n", i % 100, i);
	tree_file(&t, "var/lib/dpkg/info/many.list", buf_string(&list));
	buf_done(&list);
	p = open_in(&t);
	for (int i = 0; i < 20000; i++) {
		snprintf(path, sizeof path, "/usr/share/d%d/file-%d", i % 100, i);
		found += packages_owner(p, span_of(path)) != NULL;
		snprintf(path, sizeof path, "/usr/share/d%d/file-%d", i % 100, i + 1);
		wrong += packages_owner(p, span_of(path)) != NULL;
	}
	CHECK_INT(found, 20000);
	CHECK_INT(wrong, 0);
	packages_close(p);
	tree_remove(&t);
}
