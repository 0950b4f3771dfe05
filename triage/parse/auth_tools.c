/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/parse/auth.h"

/* Value of "NAME=" up to the next " ; ". */
static struct span sudo_field(struct span fields, const char *name)
{
	struct span before, rest;

	if (!auth_split(fields, name, &before, &rest))
		return (struct span){ 0 };
	return auth_split(rest, " ; ", &before, &fields) ? before : rest;
}

/* "alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/bin/ls", a reason may stand first. */
bool auth_sudo(struct span m, struct auth *a)
{
	struct span fields, reason, rest;

	if (!auth_split(m, " : ", &a->by, &fields))
		return false;
	a->action = "sudo";
	a->by = span_trim(a->by);
	reason = span_part(fields, 0, span_find(fields, ';'));
	if (auth_split(fields, "COMMAND=", &fields, &rest))
		a->command = rest;
	if (span_find(reason, '=') == reason.size) {
		a->action = "failed";
		if (auth_split(reason, " incorrect password attempt", &rest, &reason))
			span_number(rest, &a->count);
	}
	a->terminal = sudo_field(fields, "TTY=");
	a->user = sudo_field(fields, "USER=");
	a->group = sudo_field(fields, "GROUP=");
	return a->command.data || a->user.data || a->terminal.data;
}

static struct span bracket_field(struct span m, const char *name)
{
	struct span before, rest;

	if (!auth_split(m, name, &before, &rest))
		return (struct span){ 0 };
	return span_part(rest, 0, span_find(rest, ']'));
}

/* "alice: Executing command [USER=root] [TTY=unknown] [CWD=/home/alice] [COMMAND=/bin/sh]" */
bool auth_pkexec(struct span m, struct auth *a)
{
	struct span rest;

	if (!auth_split(m, ": ", &a->by, &rest) || !span_starts(rest, "Executing command ["))
		return false;
	a->action = "sudo";
	a->user = bracket_field(rest, "[USER=");
	a->terminal = bracket_field(rest, "[TTY=");
	a->command = bracket_field(rest, "[COMMAND=");
	return true;
}

/* "alice ran command /bin/sh as root from /home/alice" */
bool auth_doas(struct span m, struct auth *a)
{
	struct span rest, before;

	if (!auth_split(m, " ran command ", &a->by, &rest) ||
	    !auth_split_last(rest, " from ", &before, &rest) ||
	    !auth_split_last(before, " as ", &a->command, &a->user))
		return false;
	a->action = "sudo";
	return true;
}

/* "root by alice", "(to root) alice on pts/0", "alice:root", "/dev/pts/0 alice:root" */
static bool su_names(struct span m, struct auth *a)
{
	struct span rest;

	if (auth_take(&m, "(to ")) {
		if (!auth_split(m, ") ", &a->user, &rest))
			return false;
		if (!auth_split_last(rest, " on ", &a->by, &a->terminal))
			a->by = rest;
		return true;
	}
	if (auth_take(&m, "for "))
		return auth_split(m, " by ", &a->user, &a->by);
	a->terminal = span_word(&m);
	return auth_split(span_trim(m), ":", &a->by, &a->user);
}

bool auth_su(struct span m, struct auth *a)
{
	a->action = "su";
	if (auth_take(&m, "FAILED SU ") || auth_take(&m, "FAILED su ") || auth_take(&m, "- "))
		a->action = "failed";
	else if (!auth_take(&m, "Successful su ") && !auth_take(&m, "+ ") && !span_starts(m, "(to "))
		return false;
	return su_names(m, a);
}

/* The name in quotes or the next word, without a comma behind it. */
static struct span name_at(struct span m)
{
	struct span name;

	if (auth_quoted(&m, &name))
		return name;
	name = span_word(&m);
	if (name.size && name.data[name.size - 1] == ',')
		name.size--;
	return name;
}

/*
 * Of shadow: "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure"; of util-linux:
 * "FAILED LOGIN 1 FROM tty1 FOR root, …", "LOGIN ON tty1 BY root", "ROOT LOGIN ON tty1 FROM host".
 */
bool auth_login(struct span m, struct auth *a)
{
	struct span before, rest;

	if (auth_take(&m, "FAILED LOGIN ")) {
		a->action = "failed";
		if (auth_split(m, "FROM ", &before, &rest))
			a->terminal = name_at(rest);
		else if (auth_split(m, "on ", &before, &rest))
			a->terminal = name_at(rest);
		if (auth_split(m, " FOR ", &before, &rest))
			a->user = name_at(rest);
		return a->user.data != NULL;
	}
	a->action = "accepted";
	if (auth_take(&m, "ROOT LOGIN "))
		a->user = span_of("root");
	else if (!auth_take(&m, "LOGIN "))
		return false;
	m = span_trim(m);
	if (!auth_take(&m, "ON ") && !auth_take(&m, "on "))
		return false;
	a->terminal = name_at(m);
	if (auth_split(m, " BY ", &before, &rest))
		a->user = name_at(rest);
	if (auth_split_last(m, " FROM ", &before, &rest))
		a->address = name_at(rest);
	return true;
}

/* "(root) CMD (command)" */
bool auth_cron(struct span m, struct auth *a)
{
	if (!auth_take(&m, "(") || !auth_split(m, ") CMD (", &a->user, &a->command))
		return false;
	a->action = "cron";
	if (a->command.size && a->command.data[a->command.size - 1] == ')')
		a->command.size--;
	return true;
}

/* "(root) REPLACE (alice)": by whom, whose. */
bool auth_crontab(struct span m, struct auth *a)
{
	struct span rest;

	if (!auth_take(&m, "(") || !auth_split(m, ") ", &a->by, &rest))
		return false;
	a->action = "crontab-changed";
	if (!auth_take(&rest, "REPLACE (") && !auth_take(&rest, "DELETE ("))
		return false;
	a->user = span_part(rest, 0, span_find(rest, ')'));
	return true;
}

/* "New session 5 of user alice." */
bool auth_logind(struct span m, struct auth *a)
{
	struct span before, rest;

	/* Newer ones go on: "… alice with class 'user' and type 'tty'." */
	if (!auth_take(&m, "New session ") || !auth_split(m, " of user ", &before, &rest))
		return false;
	a->action = "session-opened";
	if (auth_split(rest, " with class ", &before, &m))
		rest = before;
	if (rest.size && rest.data[rest.size - 1] == '.')
		rest.size--;
	rest = span_trim(rest);
	if (rest.size > 2 && rest.data[0] == '\'' && rest.data[rest.size - 1] == '\'')
		rest = span_part(rest, 1, rest.size - 2);
	a->user = rest;
	return true;
}

/* "new user: name=eve, UID=1001, GID=1001, home=/home/eve, shell=/bin/bash, from=/dev/pts/0" */
static bool added(struct span m, const char *action, struct span *name, struct auth *a)
{
	struct span before, rest;

	if (!auth_take(&m, "name="))
		return false;
	a->action = action;
	*name = span_part(m, 0, span_find(m, ','));
	if (auth_split_last(m, ", from=", &before, &rest))
		a->terminal = span_trim(rest);
	return true;
}

/* "'eve' to group 'sudo'", "'eve' from group 'sudo'"; the lines on shadow groups say the same. */
static bool member(struct span m, struct auth *a)
{
	a->action = "group-changed";
	return auth_quoted(&m, &a->user) &&
	       (auth_take(&m, " to group ") || auth_take(&m, " from group ")) &&
	       auth_quoted(&m, &a->group);
}

/* "alice added by root to group sudo", "alice removed by root from group sudo" */
static bool gpasswd_member(struct span m, struct auth *a)
{
	struct span rest;

	a->action = "group-changed";
	if (auth_split(m, " added by ", &a->user, &rest))
		return auth_split(rest, " to group ", &a->by, &a->group);
	return auth_split(m, " removed by ", &a->user, &rest) &&
	       auth_split(rest, " from group ", &a->by, &a->group);
}

/* "password for 'eve' changed by 'root'", "'eve' password …", "user 'eve' shell from …" */
static bool changed_account(struct span m, struct auth *a)
{
	a->action = "account-changed";
	auth_take(&m, "name ");
	return auth_quoted(&m, &a->user);
}

static bool changed_password(struct span m, struct auth *a)
{
	a->action = "password-changed";
	if (!auth_quoted(&m, &a->user))
		return false;
	if (auth_take(&m, " changed by "))
		auth_quoted(&m, &a->by);
	return true;
}

static bool removed_group(struct span m, struct auth *a)
{
	a->action = "group-changed";
	return auth_quoted(&m, &a->group);
}

/* "group 'x' removed", but not "removed from /etc/group", which says it once more for each file. */
static bool group_gone(struct span m, struct auth *a)
{
	return removed_group(m, a) && span_ends(m, "' removed");
}

static bool removed_user(struct span m, struct auth *a)
{
	a->action = "account-removed";
	return auth_quoted(&m, &a->user);
}

static bool new_user(struct span m, struct auth *a) { return added(m, "account-added", &a->user, a); }
static bool new_group(struct span m, struct auth *a) { return added(m, "group-changed", &a->group, a); }

static const struct { const char *start; bool (*read)(struct span, struct auth *); } messages[] = {
	{ "new user: ", new_user }, { "new group: ", new_group }, { "add ", member },
	{ "delete user ", removed_user }, { "delete ", member }, { "removed group ", removed_group },
	{ "group ", group_gone }, { "user ", gpasswd_member }, { "change user ", changed_account },
	{ "changed user ", changed_account }, { "lock user ", changed_account },
	{ "unlock user ", changed_account }, { "password for ", changed_password },
};

bool auth_accounts(struct span m, struct auth *a)
{
	struct span start = m;

	for (size_t i = 0; i < sizeof messages / sizeof *messages; i++) {
		m = start;
		if (auth_take(&m, messages[i].start) && messages[i].read(m, a))
			return true;
		*a = (struct auth){ .service = a->service, .count = 1 };
	}
	return false;
}
