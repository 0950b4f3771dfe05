/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Does harmless things that look like an attacker's, for the tests: plant WHAT… [SECONDS]
 *   sleep            just sleeps, from whatever this file was copied to
 *   memfd            runs a copy of itself that exists only in memory
 *   memory           maps anonymous memory writable and executable
 *   listen PORT NAME listens on 127.0.0.1 and calls itself NAME
 * Prints "ready" when it is in place. Ends by itself.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

static int wait_here(unsigned seconds)
{
	puts("ready");
	fflush(stdout);
	sleep(seconds);
	return 0;
}

static int in_memory_only(char *seconds)
{
	int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("kake-plant", 0);
	char *arguments[] = { (char[]){ "plant" }, (char[]){ "sleep" }, seconds, NULL };
	char bytes[65536];
	ssize_t got;

	if (from < 0 || to < 0)
		return 1;
	while ((got = read(from, bytes, sizeof bytes)) > 0)
		if (write(to, bytes, (size_t)got) != got)
			return 1;
	fexecve(to, arguments, environ);
	return 1;
}

static int writable_code(unsigned seconds)
{
	void *memory = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE | PROT_EXEC,
	                    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return memory == MAP_FAILED ? 1 : wait_here(seconds);
}

static int listening(const char *port, const char *name, unsigned seconds)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port)) };
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	prctl(PR_SET_NAME, name);
	if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, 1) < 0)
		return 1;
	return wait_here(seconds);
}

int main(int argc, char **argv)
{
	unsigned seconds = argc > 2 ? (unsigned)atoi(argv[argc - 1]) : 60;

	if (argc > 1 && strcmp(argv[1], "sleep") == 0)
		return wait_here(seconds);
	if (argc > 2 && strcmp(argv[1], "memfd") == 0)
		return in_memory_only(argv[2]);
	if (argc > 1 && strcmp(argv[1], "memory") == 0)
		return writable_code(seconds);
	if (argc > 4 && strcmp(argv[1], "listen") == 0)
		return listening(argv[2], argv[3], seconds);
	return 2;
}
