/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "collectors/linux/mounts.h"

static struct mounts *parse(const char *text, const char *directory)
{
	struct mounts *m = NULL;
	struct fail f = { 0 };

	CHECK_INT(mounts_parse(&m, span_of(text), span_of(directory), &f), 0);
	return m;
}

static void expect(const struct mounts *m, const char *point, const char *policy)
{
	const struct mount *found = mounts_at(m, span_of(point));

	CHECK_TEXT(found ? mount_policy_name(found->policy) : "none", policy);
}

static const char usual[] =
	"22 27 0:21 / /proc rw,relatime shared:5 - proc proc rw\n"
	"27 1 254:0 / / rw,relatime shared:1 master:2 - ext4 /dev/vda rw,discard\n"
	"28 27 0:30 / /home/net rw - nfs4 server:/home rw,vers=4.2\n"
	"29 28 0:31 / /home/net/tmp rw - tmpfs tmpfs rw\n"
	"30 27 0:32 / /mnt/a\\040b\\011c\\134d\\012e rw - fuse.sshfs me@host:/x rw\n"
	"31 27 254:0 /srv/data /mnt/data rw - ext4 /dev/vda rw\n"
	"32 27 0:33 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw,lowerdir=/a\n"
	"33 27 0:34 / /run/late rw - autofs systemd-1 rw\n"
	"34 27 0:35 / /sys/fs/fuse/connections rw - fusectl fusectl rw\n"
	"35 27 0:36 / /dev rw - devtmpfs devtmpfs rw\n";

TEST(mounts_know_what_to_walk)
{
	struct mounts *m = parse(usual, "/");

	CHECK_INT(m->count, 10);
	CHECK_INT(m->odd, 0);
	expect(m, "/", "walked");
	expect(m, "/proc", "pseudo");
	expect(m, "/home/net", "network");
	expect(m, "/home/net/tmp", "network");
	expect(m, "/mnt/a b\tc\\d\ne", "network");
	expect(m, "/mnt/data", "bind");
	expect(m, "/var/lib/docker/overlay2/x/merged", "overlay");
	expect(m, "/run/late", "network");
	expect(m, "/sys/fs/fuse/connections", "pseudo");
	expect(m, "/dev", "walked");
	CHECK(!mounts_at(m, span_of("/home")));
	CHECK(mount_wanted(mounts_at(m, span_of("/home/net")), true));
	CHECK(!mount_wanted(mounts_at(m, span_of("/home/net")), false));
	CHECK(!mount_wanted(mounts_at(m, span_of("/proc")), true));
	mounts_close(m);
}

TEST(mounts_find_the_one_that_holds_a_path)
{
	struct mounts *m = parse(usual, "/");

	CHECK_SPAN(mounts_of(m, span_of("/home/net/x/y"))->point, span_of("/home/net"));
	CHECK_SPAN(mounts_of(m, span_of("/home/network"))->point, span_of("/"));
	CHECK_SPAN(mounts_of(m, span_of("/"))->point, span_of("/"));
	CHECK_SPAN(mounts_by_id(m, 28)->source, span_of("server:/home"));
	CHECK(!mounts_by_id(m, 99));
	mounts_close(m);
}

TEST(mounts_on_the_same_point_are_covered)
{
	struct mounts *m = parse("1 0 8:1 / / rw - ext4 /dev/a rw\n"
	                         "2 1 8:2 / /x rw - ext4 /dev/b rw\n"
	                         "3 2 8:3 / /x/y rw - ext4 /dev/c rw\n"
	                         "4 2 0:9 / /x rw - tmpfs none rw\n", "/");

	expect(m, "/x", "walked");
	CHECK_INT(mounts_at(m, span_of("/x"))->id, 4);
	CHECK_TEXT(mount_policy_name(mounts_by_id(m, 2)->policy), "covered");
	/* Its path leads into the tmpfs. */
	CHECK_TEXT(mount_policy_name(mounts_by_id(m, 3)->policy), "covered");
	mounts_close(m);
}

TEST(mounts_show_what_a_bind_mount_alone_can_reach)
{
	struct mounts *m = parse("1 0 8:1 / / rw - ext4 /dev/a rw\n"
	                         "2 1 0:9 / /home rw - tmpfs none rw\n"
	                         "3 1 8:1 /home /mnt/under rw - ext4 /dev/a rw\n"
	                         "4 1 8:1 / /mnt/again rw - ext4 /dev/a rw\n"
	                         "5 1 0:50 /@home /vol rw - btrfs /dev/b rw\n"
	                         "6 1 0:50 /@snap /snap rw - btrfs /dev/b rw\n", "/");

	expect(m, "/mnt/again", "bind");
	/* /home of that file system is hidden below the tmpfs. */
	expect(m, "/mnt/under", "walked");
	expect(m, "/vol", "walked");
	expect(m, "/snap", "walked");
	mounts_close(m);
}

TEST(mounts_of_a_mounted_disk)
{
	struct mounts *m = parse("1 0 8:1 / / rw - ext4 /dev/a rw\n"
	                         "2 1 0:7 / /mnt/disk ro - fuseblk /dev/sdb1 ro\n"
	                         "3 2 8:18 / /mnt/disk/var ro - ext4 /dev/sdb2 ro\n"
	                         "4 1 8:19 / /mnt/disk2 ro - ext4 /dev/sdb3 ro\n", "/mnt/disk");

	CHECK_INT(m->count, 2);
	expect(m, "/", "walked");
	expect(m, "/var", "walked");
	mounts_close(m);
}

TEST(mounts_survive_odd_lines)
{
	struct mounts *m = parse("nonsense\n\n1 0 8:1 / / rw - ext4 /dev/a rw\n"
	                         "2 1 8:x / /x rw - ext4 /dev/b rw\n"
	                         "3 1 8:2 / relative rw - ext4 /dev/b rw\n"
	                         "4 1 8:2 / /no/dash rw shared:1\n"
	                         "5 1 8:2 / /bad\\04 rw - ext4 /dev/b rw\n"
	                         "6 1 8:2 / /octal\\777 rw - xfs  rw\n"
	                         "7 1 8:2 / /cut rw - xf", "/");

	CHECK_INT(m->odd, 4);
	CHECK_INT(m->count, 4);
	CHECK(mounts_at(m, span_of("/bad\\04")));
	CHECK(mounts_at(m, span_of("/octal\\777")));
	CHECK_SPAN(mounts_at(m, span_of("/cut"))->type, span_of("xf"));
	mounts_close(m);
	m = parse("", "/");
	CHECK_INT(m->count, 0);
	CHECK(!mounts_of(m, span_of("/etc")));
	mounts_close(m);
}
