/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Processes that are hard to read, for the tests; all of them harmless: odd WHAT …
 *   wait …          does nothing, with whatever arguments
 *   memfd BYTES     runs from a memory file of that size
 *   code            memory that was written, and then made executable; a page that looks like the vdso
 *   map FILE        maps the file executable
 *   title NAME TEXT calls itself NAME and writes TEXT over its arguments
 *   environ         writes over its environment
 *   maps N          has N mappings, the last of them writable and executable
 *   files N         has N open files
 *   threads N       has N threads
 *   crowd N         N sleeping children
 *   churn SECONDS   starts and ends children as fast as it can
 * Prints "ready" when it is in place. Its children end with it.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int wait_here(void)
{
	puts("ready");
	fflush(stdout);
	pause();
	return 0;
}

static int from_memory(long bytes)
{
	int from = open("/proc/self/exe", O_RDONLY), to = memfd_create("odd", 0);
	char *arguments[] = { (char[]){ "odd" }, (char[]){ "wait" }, NULL };
	char block[65536];
	ssize_t got;

	if (from < 0 || to < 0)
		return 1;
	while ((got = read(from, block, sizeof block)) > 0)
		if (write(to, block, (size_t)got) != got)
			return 1;
	if (ftruncate(to, bytes) < 0)
		return 1;
	fexecve(to, arguments, environ);
	return 1;
}

static int made_executable(void)
{
	char *vdso = (char *)getauxval(AT_SYSINFO_EHDR);
	unsigned char *code = mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *like = mmap(vdso - (1 << 20), 8192, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (code == MAP_FAILED || like == MAP_FAILED)
		return 1;
	memset(code, 0xc3, 8192);
	return mprotect(code, 8192, PROT_READ | PROT_EXEC) < 0 ? 1 : wait_here();
}

static int mapping(const char *path)
{
	int fd = open(path, O_RDONLY);

	return fd < 0 || mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) == MAP_FAILED ?
	       1 : wait_here();
}

static int titled(char **argv)
{
	char *first = argv[0], *last = argv[3] + strlen(argv[3]);
	char name[64], text[256];

	snprintf(name, sizeof name, "%s", argv[2]);
	snprintf(text, sizeof text, "%s", argv[3]);
	prctl(PR_SET_NAME, name);
	memset(first, 0, (size_t)(last - first));
	memcpy(first, text, strlen(text));
	return wait_here();
}

static int over_environment(char **environment)
{
	for (char **e = environment; *e; e++)
		memset(*e, 'X', strlen(*e));
	return wait_here();
}

static int many_maps(long count)
{
	for (long i = 0; i < count; i++)
		if (mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		         -1, 0) == MAP_FAILED)
			return 1;
	return mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
	       MAP_FAILED ? 1 : wait_here();
}

static int many_files(long count)
{
	struct rlimit limit = { (rlim_t)count + 100, (rlim_t)count + 100 };

	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		return 1;
	for (long i = 0; i < count; i++)
		if (open("/etc/hostname", O_RDONLY) < 0)
			return 1;
	return wait_here();
}

static void *sleeping(void *nothing)
{
	pause();
	return nothing;
}

static int many_threads(long count)
{
	pthread_t thread;

	for (long i = 0; i < count; i++)
		if (pthread_create(&thread, NULL, sleeping, NULL))
			return 1;
	return wait_here();
}

static int crowd(long count)
{
	for (long i = 0; i < count; i++)
		if (fork() == 0) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			pause();
			_exit(0);
		}
	return wait_here();
}

static int churn(long seconds)
{
	time_t end = time(NULL) + seconds;

	puts("ready");
	fflush(stdout);
	while (time(NULL) < end) {
		if (fork() == 0) {
			usleep(500);
			_exit(0);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
	while (wait(NULL) > 0)
		;
	return 0;
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	long number = argc > 2 ? atol(argv[2]) : 0;

	if (strcmp(what, "wait") == 0)
		return wait_here();
	if (strcmp(what, "memfd") == 0)
		return from_memory(number);
	if (strcmp(what, "code") == 0)
		return made_executable();
	if (strcmp(what, "map") == 0 && argc == 3)
		return mapping(argv[2]);
	if (strcmp(what, "title") == 0 && argc == 4)
		return titled(argv);
	if (strcmp(what, "environ") == 0)
		return over_environment(environ);
	if (strcmp(what, "maps") == 0)
		return many_maps(number);
	if (strcmp(what, "files") == 0)
		return many_files(number);
	if (strcmp(what, "threads") == 0)
		return many_threads(number);
	if (strcmp(what, "crowd") == 0)
		return crowd(number);
	if (strcmp(what, "churn") == 0)
		return churn(number);
	return 2;
}
