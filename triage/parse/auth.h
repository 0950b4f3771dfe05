/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AUTH_H
#define KAKE_AUTH_H
/*
 * What the messages of sshd, PAM, sudo, su, login, cron and the account tools say. Names in them come
 * from strangers: where a name could hold words that look like the log's own, the place is taken
 * that the writer of the log puts behind it.
 */
#include "triage/parse/logline.h"

struct auth {
	const char *action;          /* as in the table auth_event */
	const char *method_name;     /* where the method is no word of the line */
	/* Parts that the line does not have are { NULL, 0 }. */
	struct span service, user, by, address, port, method, key, command, terminal, group;
	int64_t count;
};

/* True, and *a filled in, if the line is about a log-on, rights or accounts. */
bool auth_of(const struct log_line *line, struct auth *a);

/* One program's messages. */
bool auth_sshd(struct span message, struct auth *a);
bool auth_dropbear(struct span message, struct auth *a);
bool auth_sudo(struct span message, struct auth *a);
bool auth_pkexec(struct span message, struct auth *a);
bool auth_doas(struct span message, struct auth *a);
bool auth_su(struct span message, struct auth *a);
bool auth_login(struct span message, struct auth *a);
bool auth_cron(struct span message, struct auth *a);
bool auth_crontab(struct span message, struct auth *a);
bool auth_logind(struct span message, struct auth *a);
bool auth_accounts(struct span message, struct auth *a);

/* Takes the text off the front of *rest, if it is there. */
bool auth_take(struct span *rest, const char *text);
/* Bytes before the first (last) occurrence of the text, and in *rest those behind it; false if none. */
bool auth_split(struct span s, const char *text, struct span *before, struct span *rest);
bool auth_split_last(struct span s, const char *text, struct span *before, struct span *rest);
/* The bytes between quotes at the front of *rest, which is moved behind them. */
bool auth_quoted(struct span *rest, struct span *out);
#endif
