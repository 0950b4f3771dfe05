/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/self.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timex.h>
#include <unistd.h>

enum { NICE = 10, IOPRIO_PROCESS = 1, IOPRIO_LOWEST_BEST_EFFORT = 2 << 13 | 7 };

static void raise_open_files(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

void self_settle(void)
{
	struct rlimit none = { 0, 0 };
	int fd = open("/dev/null", O_RDWR);

	/* open gives the lowest free number: 0 to 2 are filled first. */
	while (fd >= 0 && fd < 3)
		fd = open("/dev/null", O_RDWR);
	if (fd >= 0)
		close(fd);
	signal(SIGPIPE, SIG_IGN);
	/* A limit on file sizes is a failed write, not the end. */
	signal(SIGXFSZ, SIG_IGN);
	/* Not the idle class: on a busy host it would never be served, and deadlines would pass. */
	syscall(SYS_ioprio_set, IOPRIO_PROCESS, 0, IOPRIO_LOWEST_BEST_EFFORT);
	if (getpriority(PRIO_PROCESS, 0) < NICE)
		setpriority(PRIO_PROCESS, 0, NICE);
	raise_open_files();
	setrlimit(RLIMIT_CORE, &none);
}

static volatile int stop_asked;

static void ask_to_stop(int number)
{
	(void)number;
	stop_asked = 1;
}

volatile const int *self_signals(void)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction action = { .sa_handler = ask_to_stop, .sa_flags = SA_RESTART };

	sigemptyset(&action.sa_mask);
	for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
		struct sigaction before;

		/* nohup has the last word. */
		if (numbers[i] == SIGHUP && sigaction(SIGHUP, NULL, &before) == 0 &&
		    before.sa_handler == SIG_IGN)
			continue;
		sigaction(numbers[i], &action, NULL);
	}
	return &stop_asked;
}

int self_image(struct buf *path, uint8_t sha256[SHA256_SIZE], struct fail *f)
{
	uint8_t *room = buf_room(path, 4096);
	ssize_t size = room ? readlink("/proc/self/exe", (char *)room, 4096) : -1;
	struct hash *hash = NULL;
	struct digests digests;
	struct os_source in;
	int64_t got = 1;
	int result = -1;

	if (size < 0)
		return fail_errno(f, room ? errno : ENOMEM, "cannot read '%s'", "/proc/self/exe");
	path->size += (size_t)size;
	if (os_source_open(&in, "/proc/self/exe", f))
		return -1;
	if (hash_open(&hash, HASH_SHA256, f))
		goto out;
	hash_start(hash);
	while (got > 0) {
		uint8_t bytes[65536];

		got = source_read(&in.source, bytes, sizeof bytes, f);
		if (got > 0)
			hash_add(hash, (struct span){ bytes, (size_t)got });
	}
	if (got < 0 || hash_end(hash, &digests, f))
		goto out;
	memcpy(sha256, digests.sha256, SHA256_SIZE);
	result = 0;
out:
	hash_close(hash);
	os_source_close(&in);
	return result;
}

int self_identity(int64_t *device, int64_t *inode, struct fail *f)
{
	struct stat st;

	if (stat("/proc/self/exe", &st) < 0)
		return fail_errno(f, errno, "cannot read '%s'", "/proc/self/exe");
	*device = (int64_t)st.st_dev;
	*inode = (int64_t)st.st_ino;
	return 0;
}

static uint64_t known_capabilities(void)
{
	struct buf text = { 0 };
	struct fail f;
	int64_t last = CAP_LAST_CAP;

	if (os_read_whole("/proc/sys/kernel/cap_last_cap", 64, &text, &f) == 0)
		span_number(span_trim(buf_span(&text)), &last);
	buf_done(&text);
	return last >= 0 && last < 63 ? (UINT64_C(1) << (last + 1)) - 1 : UINT64_MAX;
}

/* Whether a link of /proc is there and says something else. */
static bool elsewhere(const char *path, const char *wanted)
{
	char target[64];
	ssize_t size = readlink(path, target, sizeof target);

	return size > 0 && !span_is((struct span){ (uint8_t *)target, (size_t)size }, wanted);
}

void self_rights(struct rights *r)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct data[2] = { 0 };

	*r = (struct rights){ .uid = getuid(), .euid = geteuid() };
	if (syscall(SYS_capget, &header, data) == 0)
		r->capabilities = (uint64_t)data[1].effective << 32 | data[0].effective;
	/* The kernel's numbers of the first name spaces, fixed since Linux 3.8. */
	r->contained = elsewhere("/proc/self/ns/user", "user:[4026531837]") ||
	               elsewhere("/proc/self/ns/pid", "pid:[4026531836]");
	r->all = r->euid == 0 && !r->contained && (~r->capabilities & known_capabilities()) == 0;
}

const char *self_gap(const struct rights *r, bool live, unsigned i)
{
	static const struct { int capability; bool disk; const char *text; } gaps[] = {
		{ CAP_SYS_PTRACE, false, "without the right to look into other processes (CAP_SYS_PTRACE): their executables, memory maps, environment and open files are missing" },
		{ CAP_DAC_READ_SEARCH, true, "without the right to read every file (CAP_DAC_READ_SEARCH): files that only their owner may read are missing, such as logs, cron tables and shell histories" },
		{ CAP_SYSLOG, false, "without the right to see kernel addresses (CAP_SYSLOG): a kernel module that hides cannot be told by its symbols" },
		{ CAP_NET_ADMIN, false, "without the right over the network (CAP_NET_ADMIN): packet filters on sockets and details of some connections are missing" },
		{ CAP_SYS_ADMIN, false, "without the right to enter name spaces (CAP_SYS_ADMIN): sockets of containers and trusted attributes of files are missing" },
		{ CAP_SYS_RESOURCE, false, "without the right to exceed limits (CAP_SYS_RESOURCE): a run on a host that is short of resources may end early" },
	};

	for (size_t k = 0; k < sizeof gaps / sizeof *gaps; k++) {
		uint64_t bits = UINT64_C(1) << gaps[k].capability;

		if (gaps[k].capability == CAP_DAC_READ_SEARCH)
			bits |= UINT64_C(1) << CAP_DAC_OVERRIDE;
		if ((live || gaps[k].disk) && !(r->capabilities & bits) && i-- == 0)
			return gaps[k].text;
	}
	if (live && r->contained && i == 0)
		return "run inside a container: processes, sockets and files of the host around it are missing";
	return NULL;
}

bool self_clock_synchronised(void)
{
	struct timex t = { 0 };

	return adjtimex(&t) >= 0 && !(t.status & STA_UNSYNC);
}
