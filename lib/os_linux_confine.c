/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Landlock (kernel 5.13) takes the file system away but for the places named, and with it ptrace of
 * other processes; seccomp takes programs, network and kernel administration away.
 */
#include "lib/os.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
	READING = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR,
	WRITING = READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |
	          LANDLOCK_ACCESS_FS_REMOVE_FILE,
	/* Everything of the first Landlock; what later ones added is asked for where it is known. */
	HANDLED = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1,
};

#define LANDLOCK_REFER (UINT64_C(1) << 13)
#define LANDLOCK_TRUNCATE (UINT64_C(1) << 14)

/* Numbers of the same calls for 32-bit pointers. */
#define OTHER_CALLS 0x40000000u

#if defined(__x86_64__)
#define OUR_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define OUR_ARCH AUDIT_ARCH_AARCH64
#else
#error "name the audit architecture of this processor"
#endif

static const unsigned forbidden[] = {
	SYS_execve, SYS_execveat, SYS_socket, SYS_socketpair, SYS_connect, SYS_bind, SYS_listen,
	SYS_accept, SYS_accept4, SYS_process_vm_readv, SYS_process_vm_writev, SYS_mount, SYS_umount2,
	SYS_pivot_root, SYS_chroot, SYS_unshare, SYS_setns, SYS_bpf, SYS_perf_event_open, SYS_keyctl,
	SYS_add_key, SYS_request_key, SYS_init_module, SYS_finit_module, SYS_delete_module,
	SYS_kexec_load, SYS_userfaultfd, SYS_io_uring_setup, SYS_open_by_handle_at, SYS_reboot,
	SYS_swapon, SYS_swapoff, SYS_setuid, SYS_setgid, SYS_setgroups, SYS_kill, SYS_tkill,
};

static int allow(int ruleset, const char *directory, uint64_t rights, struct fail *f)
{
	struct landlock_path_beneath_attr rule = { .allowed_access = rights };
	int result;

	rule.parent_fd = open(directory, O_PATH | O_CLOEXEC);
	if (rule.parent_fd < 0)
		return fail_errno(f, errno, "cannot open '%s'", directory);
	result = (int)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0u);
	if (result)
		fail_errno(f, errno, "cannot open '%s'", directory);
	close(rule.parent_fd);
	return result;
}

/* 0, also where the kernel has no Landlock: then *missing is set. */
static int take_files(const char *directory, bool *missing, struct fail *f)
{
	int version = (int)syscall(SYS_landlock_create_ruleset, NULL, 0ul, LANDLOCK_CREATE_RULESET_VERSION);
	struct landlock_ruleset_attr attributes = { .handled_access_fs = HANDLED };
	uint64_t writing = WRITING;
	int ruleset, result;

	*missing = version < 1;
	if (*missing)
		return 0;
	if (version >= 2)
		attributes.handled_access_fs |= LANDLOCK_REFER;
	if (version >= 3) {
		attributes.handled_access_fs |= LANDLOCK_TRUNCATE;
		writing |= LANDLOCK_TRUNCATE;
	}
	ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0u);
	if (ruleset < 0)
		return fail_errno(f, errno, "cannot confine this process");
	/* Sanitizers and the C library read the process's own entries. */
	result = allow(ruleset, directory, writing, f) || allow(ruleset, "/proc/self", READING, f);
	if (!result && syscall(SYS_landlock_restrict_self, ruleset, 0u))
		result = fail_errno(f, errno, "cannot confine this process");
	close(ruleset);
	return result ? -1 : 0;
}

static int take_calls(struct fail *f)
{
	enum { COUNT = sizeof forbidden / sizeof *forbidden, FRONT = 6 };
	struct sock_filter code[FRONT + COUNT * 2 + 1] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, arch)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, OUR_ARCH, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, OTHER_CALLS, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM),
	};
	struct sock_fprog program = { (unsigned short)(sizeof code / sizeof *code), code };

	for (size_t i = 0; i < COUNT; i++) {
		code[FRONT + i * 2] = (struct sock_filter)
			BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, forbidden[i], 0, 1);
		code[FRONT + i * 2 + 1] = (struct sock_filter)
			BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM);
	}
	code[FRONT + COUNT * 2] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program))
		return fail_errno(f, errno, "cannot confine this process");
	return 0;
}

int os_confine(const char *directory, bool *files_too, struct fail *f)
{
	bool missing;

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		return fail_errno(f, errno, "cannot confine this process");
	if (take_files(directory, &missing, f) || take_calls(f))
		return -1;
	*files_too = !missing;
	return 0;
}
