/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_PROC_TEXT_H
#define KAKE_PROC_TEXT_H
/*
 * The texts of /proc as the kernel writes them, see proc(5). A process chooses some of the bytes
 * itself (its name, its arguments, file names), so nothing is taken for granted. Spans borrow from
 * the text that was read.
 */
#include "lib/buf.h"

/* /proc/PID/stat. The name may hold any byte, also ')' and line ends. */
struct proc_stat {
	int64_t pid, ppid, session, tty, threads;
	int64_t start_ticks;                /* since boot, in clock ticks */
	int64_t start_code;                 /* address of the code: changes with every exec; 0 if not shown */
	char state;
	bool kernel_thread;
	struct span name;
};
bool proc_stat_read(struct span text, struct proc_stat *out);

/* /proc/PID/status; what an old kernel does not write stays -1. */
struct proc_status {
	int64_t tgid, uid, euid, gid, egid, tracer, no_new_privs, seccomp, rss;
	uint64_t capabilities;              /* effective */
	bool has_capabilities;
	struct span groups;                 /* ids, blanks between */
};
void proc_status_read(struct span text, struct proc_status *out);

/*
 * /proc/PID/cgroup: the path that tells most (one with a container in it, else of version 2, of
 * systemd, or any that is not the root), and the container: a run of 64 hexadecimal digits as
 * docker, podman, containerd and cri-o name them, or the name of an LXC or nspawn container.
 */
struct proc_cgroup { struct span path, container; };
struct proc_cgroup proc_cgroup_read(struct span text);

/* One line of /proc/PID/maps, without its line end. */
struct proc_map {
	uint64_t start, end, offset;
	int64_t inode;
	struct span protection, device, path;       /* path as written: a line end in it is \012 */
};
bool proc_map_read(struct span line, struct proc_map *out);
bool proc_map_executable(const struct proc_map *m);
bool proc_map_writable(const struct proc_map *m);

/* What a link of /proc (exe, fd, maps) says of its file. */
bool proc_link_deleted(struct span link);               /* ends in " (deleted)" */
struct span proc_link_plain(struct span link);          /* without that */
bool proc_link_memfd(struct span link);                 /* memfd or System V memory: never had a name */

/* An item such as /proc/PID/ns/net for notes and rows. */
void proc_item(struct buf *out, int64_t pid, const char *name);

/* Whether the program is known to make code while it runs: by its name and where packages put it. */
bool proc_makes_code(struct span image);

/*
 * The arguments as a COL_LIST from the bytes of /proc/PID/cmdline. More than one empty argument at
 * the end is padding of a program that rewrote its title, and is left out.
 */
void proc_arguments(struct span text, struct buf *list);
/*
 * Chosen variables of /proc/PID/environ as a COL_LIST: what tells how a program was loaded, who
 * logged on from where, and where histories and proxies point; passwords in proxy addresses are
 * masked, long values cut. All are counted.
 */
void proc_environment(struct span text, struct buf *list, int64_t *count);

/* One line of /proc/modules. */
struct proc_module { struct span name, state, taint; int64_t size, uses; };
bool proc_module_read(struct span line, struct proc_module *out);
#endif
