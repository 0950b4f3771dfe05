/* SPDX-License-Identifier: Apache-2.0 */
/* What a confined process may still do, asked of the kernel in a child. */
#include "tests/unit/test.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/os.h"

enum {
	CONFINED = 1, FILES = 2, READS_OTHER = 4, WRITES_OWN = 8, CONNECTS = 16, RUNS = 32, READS_OPEN = 64,
};

static bool opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static int confined_child(void)
{
	struct fail f = { 0 };
	char byte, *const arguments[] = { (char *)"true", NULL };
	bool files = false;
	int seen = 0, held = open("/etc/passwd", O_RDONLY);

	if (os_confine("confined", &files, &f))
		return 0;
	seen = CONFINED | (files ? FILES : 0);
	if (opens("/etc/passwd", O_RDONLY))
		seen |= READS_OTHER;
	if (opens("confined/x", O_CREAT | O_RDWR) && unlink("confined/x") == 0)
		seen |= WRITES_OWN;
	if (socket(AF_INET, SOCK_STREAM, 0) >= 0)
		seen |= CONNECTS;
	if (read(held, &byte, 1) == 1)
		seen |= READS_OPEN;
	if (execv("/bin/true", arguments) != -1 || errno != EPERM)
		seen |= RUNS;
	return seen;
}

TEST(a_confined_process_keeps_only_what_it_needs)
{
	int status = 0;
	pid_t child;

	mkdir("confined", 0700);
	child = fork();
	if (child == 0)
		_exit(confined_child());
	CHECK(child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status));
	rmdir("confined");
	if (!(WEXITSTATUS(status) & FILES)) {
		CHECK_INT(WEXITSTATUS(status) & ~READS_OTHER, CONFINED | WRITES_OWN | READS_OPEN);
		test_skip("this kernel has no Landlock");
		return;
	}
	CHECK_INT(WEXITSTATUS(status), CONFINED | FILES | WRITES_OWN | READS_OPEN);
}
