/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/proc_text.h"

#include <inttypes.h>

#include "lib/path.h"

enum {
	STAT_FIELDS = 26,            /* 1 pid, 2 name, 3 state … 26 start of the code */
	KERNEL_THREAD = 0x00200000,  /* PF_KTHREAD */
	CONTAINER_DIGITS = 64,
	ENVIRONMENT_VALUE = 4096,    /* bytes kept of one variable */
	ENVIRONMENT_TOTAL = 65536,   /* and of all of them */
};

bool proc_stat_read(struct span text, struct proc_stat *out)
{
	size_t open = span_find(text, '('), close = text.size;
	struct span rest, state;
	int64_t field[STAT_FIELDS + 1] = { 0 };

	while (close > open && text.data[close - 1] != ')')
		close--;
	if (close <= open + 1 || !span_number(span_trim(span_part(text, 0, open)), &field[1]))
		return false;
	rest = span_part(text, close, text.size);
	state = span_word(&rest);
	for (int i = 4; i <= STAT_FIELDS; i++) {
		struct span word = span_word(&rest);

		/* The limit of the resident set is 2^64-1 as a rule, which no field in use is. */
		if (!span_number(word, &field[i]) && i <= 22)
			return false;
	}
	if (state.size != 1)
		return false;
	*out = (struct proc_stat){
		.pid = field[1], .ppid = field[4], .session = field[6], .tty = field[7],
		.threads = field[20], .start_ticks = field[22], .start_code = field[26],
		.state = (char)state.data[0], .kernel_thread = (field[9] & KERNEL_THREAD) != 0,
		.name = span_part(text, open + 1, close - open - 2),
	};
	return true;
}

void proc_status_read(struct span text, struct proc_status *out)
{
	*out = (struct proc_status){ -1, -1, -1, -1, -1, -1, -1, -1, -1, 0, false, { 0 } };
	while (text.size) {
		struct span line = span_until(&text, '\n');
		struct span key = span_until(&line, ':'), word = line, rest = line;

		word = span_word(&rest);
		if (span_is(key, "Tgid")) {
			span_number(word, &out->tgid);
		} else if (span_is(key, "TracerPid")) {
			span_number(word, &out->tracer);
		} else if (span_is(key, "Uid")) {
			span_number(word, &out->uid);
			span_number(span_word(&rest), &out->euid);
		} else if (span_is(key, "Gid")) {
			span_number(word, &out->gid);
			span_number(span_word(&rest), &out->egid);
		} else if (span_is(key, "Groups")) {
			out->groups = span_trim(line);
		} else if (span_is(key, "NoNewPrivs")) {
			span_number(word, &out->no_new_privs);
		} else if (span_is(key, "Seccomp")) {
			span_number(word, &out->seccomp);
		} else if (span_is(key, "VmRSS")) {
			if (span_number(word, &out->rss))
				out->rss = out->rss < INT64_MAX / 1024 ? out->rss * 1024 : -1;
		} else if (span_is(key, "CapEff")) {
			out->has_capabilities = span_hex(word, &out->capabilities);
		}
	}
}

static bool is_hex(uint8_t byte)
{
	return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'f');
}

/* The first run of exactly 64 hexadecimal digits. */
static struct span container_digits(struct span name)
{
	for (size_t at = 0; at < name.size;) {
		size_t run = 0;

		while (at + run < name.size && is_hex(name.data[at + run]))
			run++;
		if (run == CONTAINER_DIGITS)
			return span_part(name, at, run);
		at += run + 1;
	}
	return (struct span){ 0 };
}

static struct span without(struct span name, const char *before, const char *after)
{
	size_t head = strlen(before), tail = strlen(after);

	if (!span_starts(name, before) || !span_ends(name, after) || name.size <= head + tail)
		return (struct span){ 0 };
	return span_part(name, head, name.size - head - tail);
}

/* The innermost container that a control group's path names. */
static struct span container_of(struct span path)
{
	struct span found = { 0 }, before = { 0 };

	while (path.size) {
		struct span name = span_until(&path, '/'), id = container_digits(name);

		/* conmon watches over a container from outside. */
		if (span_contains(name, "conmon"))
			id = (struct span){ 0 };
		if (!id.size && (span_is(before, "lxc") || span_is(before, "lxc.payload")))
			id = name;
		if (!id.size)
			id = without(name, "lxc.payload.", "");
		if (!id.size)
			id = without(name, "systemd-nspawn@", ".service");
		if (id.size)
			found = id;
		before = name;
	}
	return found;
}

struct proc_cgroup proc_cgroup_read(struct span text)
{
	struct proc_cgroup best = { 0 };
	int best_rank = -1;

	while (text.size) {
		struct span line = span_until(&text, '\n'), number = span_until(&line, ':');
		struct span controllers = span_until(&line, ':'), container = container_of(line);
		int rank = 0;

		if (!line.size || line.data[0] != '/')
			continue;
		if (line.size > 1)
			rank = span_is(number, "0") ? 3 : span_is(controllers, "name=systemd") ? 2 : 1;
		if (container.size)
			rank += 4;
		if (rank > best_rank) {
			best = (struct proc_cgroup){ line, container };
			best_rank = rank;
		}
	}
	return best;
}

bool proc_map_read(struct span line, struct proc_map *out)
{
	struct span rest = line, range = span_word(&rest), start = span_until(&range, '-');
	struct proc_map m = { 0 };

	m.protection = span_word(&rest);
	if (!span_hex(start, &m.start) || !span_hex(range, &m.end) || m.end < m.start ||
	    m.protection.size != 4 || !span_hex(span_word(&rest), &m.offset))
		return false;
	m.device = span_word(&rest);
	if (!m.device.size || !span_number(span_word(&rest), &m.inode))
		return false;
	while (rest.size && rest.data[0] == ' ')
		rest = span_part(rest, 1, rest.size);
	m.path = rest;
	*out = m;
	return true;
}

bool proc_map_executable(const struct proc_map *m)
{
	return m->protection.data[2] == 'x';
}

bool proc_map_writable(const struct proc_map *m)
{
	return m->protection.data[1] == 'w';
}

bool proc_link_deleted(struct span link)
{
	return span_ends(link, " (deleted)");
}

struct span proc_link_plain(struct span link)
{
	return proc_link_deleted(link) ? span_part(link, 0, link.size - strlen(" (deleted)")) : link;
}

bool proc_link_memfd(struct span link)
{
	return proc_link_deleted(link) &&
	       (span_starts(link, "/memfd:") || span_starts(link, "/SYSV"));
}

void proc_item(struct buf *out, int64_t pid, const char *name)
{
	buf_printf(out, "/proc/%" PRId64 "%s%s", pid, *name ? "/" : "", name);
}

bool proc_makes_code(struct span image)
{
	/* A name that ends in '*' stands for every name that begins so: versions follow. */
	static const char *const names[] = {
		"node*", "java*", "deno*", "bun", "dotnet", "pwsh", "mono*", "php*", "luajit*", "qemu-*",
		"pypy*", "beam.smp", "julia", "postgres", "chrome*", "chromium*", "msedge",
		"brave*", "opera", "vivaldi*", "electron*", "code", "slack", "discord", "firefox*",
		"thunderbird*", "epiphany*", "WebKit*", "gnome-shell", "gjs*", "polkitd", "plasmashell",
		"ruby*", "guile*", "wasmtime", "clickhouse*", "*-amd64-linux", "Xorg", "Xwayland",
	};
	static const char *const places[] = { "/usr/", "/opt/", "/snap/", "/nix/store/", "/bin/", "/sbin/" };
	struct span name = path_base(image);
	bool placed = false;

	for (size_t i = 0; i < sizeof places / sizeof *places; i++)
		placed = placed || span_starts(image, places[i]);
	for (size_t i = 0; placed && i < sizeof names / sizeof *names; i++)
		if (path_match(span_of(names[i]), name))
			return true;
	return false;
}

void proc_arguments(struct span text, struct buf *list)
{
	size_t size = text.size, empty = 0;

	while (size && text.data[size - 1] == 0) {
		size--;
		empty++;
	}
	if (!size)
		return;
	buf_add(list, span_part(text, 0, size));
	buf_byte(list, 0);
	if (empty == 2)
		buf_byte(list, 0);
}

static bool is_chosen(struct span name)
{
	/* A name that ends in '_' stands for all that begin so. */
	static const char *const chosen[] = {
		"LD_", "GLIBC_TUNABLES", "MALLOC_CHECK_", "SSH_", "SUDO_", "DOAS_USER", "PKEXEC_UID",
		"HISTFILE", "HISTSIZE", "HISTFILESIZE", "HISTCONTROL", "HISTIGNORE", "PROMPT_COMMAND",
		"BASH_ENV", "ENV", "ZDOTDIR", "PATH", "XDG_SESSION_ID", "container",
		"KUBERNETES_SERVICE_HOST", "PYTHONPATH", "PYTHONSTARTUP", "PERL5LIB", "PERL5OPT", "RUBYLIB",
		"RUBYOPT", "NODE_OPTIONS", "JAVA_TOOL_OPTIONS", "_JAVA_OPTIONS", "GCONV_PATH",
		"http_proxy", "https_proxy", "ftp_proxy", "all_proxy", "no_proxy", "HTTP_PROXY",
		"HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "REMOTE_ADDR", "REMOTE_HOST",
	};

	for (size_t i = 0; name.size && i < sizeof chosen / sizeof *chosen; i++) {
		bool prefix = chosen[i][strlen(chosen[i]) - 1] == '_';

		if (chosen[i][0] != name.data[0])
			continue;
		if (prefix ? span_starts(name, chosen[i]) : span_is(name, chosen[i]))
			return true;
	}
	return false;
}

/* scheme://user:password@host: who it was may be told, the password not. */
static void add_proxy(struct buf *list, struct span value)
{
	size_t at = value.size, scheme = 0, colon;

	while (at && value.data[at - 1] != '@')
		at--;
	for (size_t i = 0; i + 3 <= value.size; i++)
		if (memcmp(value.data + i, "://", 3) == 0) {
			scheme = i + 3;
			break;
		}
	colon = at > scheme ? scheme + span_find(span_part(value, scheme, at - scheme), ':') : at;
	if (!at || colon >= at) {
		buf_add(list, value);
		return;
	}
	buf_add(list, span_part(value, 0, colon));
	buf_text(list, ":***");
	buf_add(list, span_part(value, at - 1, value.size));
}

void proc_environment(struct span text, struct buf *list, int64_t *count)
{
	*count = 0;
	while (text.size) {
		struct span value = span_until(&text, 0), name;
		bool cut;

		if (!value.size)
			continue;
		(*count)++;
		name = span_until(&value, '=');
		if (!is_chosen(name) || list->size > ENVIRONMENT_TOTAL)
			continue;
		cut = value.size > ENVIRONMENT_VALUE;
		value = span_part(value, 0, ENVIRONMENT_VALUE);
		buf_add(list, name);
		buf_byte(list, '=');
		if (span_ends(name, "_proxy") || span_ends(name, "_PROXY"))
			add_proxy(list, value);
		else
			buf_add(list, value);
		buf_text(list, cut ? "…" : "");
		buf_byte(list, 0);
	}
}

bool proc_module_read(struct span line, struct proc_module *out)
{
	struct proc_module m = { .name = span_word(&line) };

	if (!span_number(span_word(&line), &m.size))
		return false;
	/* "-" where the kernel does not count. */
	if (!span_number(span_word(&line), &m.uses))
		m.uses = -1;
	span_word(&line);
	m.state = span_word(&line);
	span_word(&line);
	m.taint = span_word(&line);
	if (m.taint.size > 2 && m.taint.data[0] == '(')
		m.taint = span_part(m.taint, 1, m.taint.size - 2);
	*out = m;
	return m.name.size > 0;
}
