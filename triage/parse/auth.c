/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/auth.h"

#include "lib/path.h"

enum { MOST_TIMES = 1000000 };       /* that a line may claim to stand for */

bool auth_take(struct span *rest, const char *text)
{
	size_t size = strlen(text);

	if (rest->size < size || memcmp(rest->data, text, size) != 0)
		return false;
	*rest = (struct span){ rest->data + size, rest->size - size };
	return true;
}

static bool split_at(struct span s, size_t at, size_t size, struct span *before, struct span *rest)
{
	*before = (struct span){ s.data, at };
	*rest = (struct span){ s.data + at + size, s.size - at - size };
	return true;
}

bool auth_split(struct span s, const char *text, struct span *before, struct span *rest)
{
	size_t size = strlen(text);

	for (size_t at = 0; at + size <= s.size; at++) {
		at += span_find(span_part(s, at, s.size), (uint8_t)text[0]);
		if (at + size <= s.size && memcmp(s.data + at, text, size) == 0)
			return split_at(s, at, size, before, rest);
	}
	return false;
}

bool auth_split_last(struct span s, const char *text, struct span *before, struct span *rest)
{
	size_t size = strlen(text);

	for (size_t at = s.size + 1; at-- > 0;)
		if (at + size <= s.size && memcmp(s.data + at, text, size) == 0)
			return split_at(s, at, size, before, rest);
	return false;
}

bool auth_quoted(struct span *rest, struct span *out)
{
	struct span s = *rest;

	return auth_take(&s, "'") && auth_split(s, "'", out, rest);
}

/* Bytes without a "(uid=0)" behind them; where nothing is before it, the "uid=0" itself. */
static struct span without_uid(struct span name)
{
	struct span before, rest;

	name = span_trim(name);
	if (!name.size || name.data[name.size - 1] != ')' ||
	    !auth_split_last(name, "(uid=", &before, &rest))
		return name;
	return before.size ? before : span_part(name, 1, name.size - 2);
}

/*
 * "logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.1  user=root". ruser and user come from the
 * peer; the host is the first one with nothing but a user behind it.
 */
static bool pam_fields(struct span fields, struct auth *a)
{
	struct span before, rest = fields, word;

	if (auth_split(fields, "tty=", &before, &rest)) {
		a->terminal = span_part(rest, 0, span_find(rest, ' '));
		fields = rest;
	}
	if (!auth_split(fields, "ruser=", &before, &fields))
		return false;
	a->by = fields;
	for (rest = fields; auth_split(rest, "rhost=", &before, &rest);) {
		size_t name = (size_t)(rest.data - strlen("rhost=") - a->by.data);
		struct span after = rest;

		word = span_part(after, 0, span_find(after, ' '));
		after = span_trim(span_part(after, word.size, after.size));
		if (after.size && !span_starts(after, "user=") && !span_starts(after, "[preauth]"))
			continue;
		a->by = span_trim((struct span){ a->by.data, name });
		a->address = word;
		if (auth_take(&after, "user="))
			a->user = after;
		break;
	}
	if (!a->user.data)
		a->user = a->by;
	return true;
}

/* Services that write a line of their own for each failure, which is counted instead. */
static const char *pam_failure(struct span service)
{
	static const char *const own[] = { "sshd", "sudo", "sudo-i", "su", "su-l", "login" };

	for (size_t i = 0; i < sizeof own / sizeof *own; i++)
		if (span_is(service, own[i]))
			return "pam-failed";
	return "failed";
}

static bool pam_text(struct span m, struct auth *a)
{
	struct span before, rest;

	if (auth_take(&m, "session opened for user ")) {
		a->action = "session-opened";
		if (auth_split_last(m, " by ", &before, &rest)) {
			a->by = without_uid(rest);
			m = before;
		}
		a->user = without_uid(m);
		return true;
	}
	if (auth_take(&m, "session closed for user ")) {
		a->action = "session-closed";
		a->user = without_uid(m);
		return true;
	}
	if (auth_take(&m, "authentication failure; ")) {
		a->action = pam_failure(a->service);
		a->method_name = "pam";
		return pam_fields(m, a);
	}
	if (auth_take(&m, "password changed for ")) {
		a->action = "password-changed";
		a->user = span_trim(m);
		return true;
	}
	return false;
}

/* "PAM 2 more authentication failures; logname= …" */
static bool pam_more(struct span m, struct auth *a)
{
	struct span before, rest;

	if (!auth_take(&m, "PAM ") || !auth_split(m, " more authentication failure", &before, &rest) ||
	    !span_number(before, &a->count) || !auth_split(rest, "; ", &before, &rest))
		return false;
	a->action = pam_failure(a->service);
	a->method_name = "pam";
	return pam_fields(rest, a);
}

/*
 * pam_unix(sshd:session): text, (pam_unix) text, or, in old systems, program(pam_unix): text. The
 * service is the one in the brackets, else the program.
 */
static bool auth_pam(struct span m, struct auth *a)
{
	struct span module, rest, service;

	if (span_starts(m, "PAM "))
		return pam_more(m, a);
	if (auth_take(&m, "(pam_")) {
		span_until(&m, ' ');
		return pam_text(m, a);
	}
	if (span_ends(a->service, "(pam_unix)")) {
		a->service.size -= strlen("(pam_unix)");
		return pam_text(m, a);
	}
	if (!span_starts(m, "pam_") || !auth_split(m, ": ", &module, &rest))
		return false;
	if (auth_split(module, "(", &service, &module) && span_find(module, ':') < module.size)
		a->service = span_part(module, 0, span_find(module, ':'));
	return pam_text(rest, a);
}

static const struct { const char *program, *service; bool (*read)(struct span, struct auth *); } readers[] = {
	{ "sshd", "sshd", auth_sshd }, { "sshd-session", "sshd", auth_sshd },
	{ "sshd-auth", "sshd", auth_sshd }, { "sudo", "sudo", auth_sudo },
	{ "pkexec", "pkexec", auth_pkexec }, { "doas", "doas", auth_doas }, { "su", "su", auth_su },
	{ "login", "login", auth_login }, { "CRON", "cron", auth_cron }, { "cron", "cron", auth_cron },
	{ "crond", "cron", auth_cron }, { "CROND", "cron", auth_cron },
	{ "crontab", "crontab", auth_crontab }, { "systemd-logind", "systemd-logind", auth_logind },
	{ "dropbear", "dropbear", auth_dropbear }, { "useradd", "useradd", auth_accounts },
	{ "usermod", "usermod", auth_accounts }, { "userdel", "userdel", auth_accounts },
	{ "groupadd", "groupadd", auth_accounts }, { "groupmod", "groupmod", auth_accounts },
	{ "groupdel", "groupdel", auth_accounts }, { "gpasswd", "gpasswd", auth_accounts },
	{ "passwd", "passwd", auth_accounts }, { "chpasswd", "chpasswd", auth_accounts },
	{ "chage", "chage", auth_accounts }, { "chsh", "chsh", auth_accounts },
	{ "chfn", "chfn", auth_accounts }, { "newusers", "newusers", auth_accounts },
};

/* "[ID 800047 auth.info] text", as Solaris writes. */
static struct span without_id(struct span m)
{
	struct span before, rest;

	if (span_starts(m, "[ID ") && auth_split(m, "] ", &before, &rest))
		return rest;
	return m;
}

static bool may_be_pam(struct span m, struct span program)
{
	uint8_t first = m.size ? m.data[0] : 0;

	if (first != 'p' && first != '(' && first != 'P' && program.data[program.size - 1] != ')')
		return false;
	return span_starts(m, "pam_") || span_starts(m, "(pam_") || span_starts(m, "PAM ") ||
	       span_ends(program, "(pam_unix)");
}

/* The messages of the program that a->service names. */
static bool auth_program(struct span m, struct auth *a)
{
	struct span program = a->service;

	for (size_t i = 0; i < sizeof readers / sizeof *readers; i++) {
		if (readers[i].program[0] != (char)program.data[0] || !span_is(program, readers[i].program))
			continue;
		a->service = span_of(readers[i].service);
		return readers[i].read(m, a);
	}
	return false;
}

bool auth_of(const struct log_line *line, struct auth *a)
{
	struct span program = line->program, m = line->said;
	bool known;

	*a = (struct auth){ .count = 1 };
	if (program.size && program.data[0] == '/')
		program = path_base(program);
	if (!program.size)
		return false;
	m = without_id(m);
	a->service = program;
	known = may_be_pam(m, program) ? auth_pam(m, a) : auth_program(m, a);
	if (a->count < 1 || a->count > MOST_TIMES)
		a->count = 1;
	a->count *= line->repeated;
	return known;
}
