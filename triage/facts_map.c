/* SPDX-License-Identifier: Apache-2.0 */
/* Which evidence answers which question. */
#include "triage/facts.h"

#define USER(uid) \
	"coalesce((SELECT a.name FROM account a WHERE a.host_id = t.host_id AND a.uid = " uid \
	" ORDER BY a.id DESC LIMIT 1), CAST(" uid " AS TEXT))"
#define WORDS(list) "(SELECT group_concat(value, ' ') FROM json_each(" list "))"
#define SEEN "(SELECT e.acquired FROM entry e WHERE e.id = t.entry_id)"
/* The process and socket tables hold the state at the start and at the end; what stayed is one fact. */
#define FIRST_PASS "(t.pass IS NOT 2 OR NOT EXISTS (SELECT 1 FROM "

const struct fact_map fact_maps[] = {
	{ "process", "execution", "time, image, sha256, command, user, pid, grade",
	  "t.started, coalesce(t.image, t.name), t.sha256, " WORDS("t.command") ", " USER("t.uid")
	  ", t.pid, 'executed'",
	  "t.kernel_thread IS NOT 1 AND " FIRST_PASS "process o WHERE o.host_id = t.host_id AND "
	  "o.pid = t.pid AND o.started IS t.started AND o.image IS t.image AND o.id < t.id))" },
	{ "shell_command", "execution", "time, command, user, grade", "t.time, t.command, t.user, 'typed'",
	  NULL },
	{ "auth_event", "execution", "time, command, user, pid, grade",
	  "t.time, t.command, t.user, t.pid, 'executed'",
	  "t.command IS NOT NULL AND t.action IN ('sudo', 'cron')" },
	{ "package_event", "execution", "time, command, user, grade",
	  "t.time, t.command, t.requested_by, 'executed'", "t.command IS NOT NULL AND t.action = 'command'" },
	{ "autorun", "persistence",
	  "time, kind, name, path, command, target, sha256, user, enabled, package",
	  "coalesce(t.file_changed, t.file_modified), coalesce(t.kind, '?'), t.name, t.path, t.command, "
	  "t.target, t.target_sha256, t.user, t.enabled, t.target_package", NULL },
	{ "authorized_key", "persistence", "time, kind, name, path, command, user, enabled",
	  "coalesce(t.file_changed, t.file_modified), 'authorized-key', t.fingerprint, t.path, t.options, "
	  "t.user, 1", NULL },
	{ "login_record", "logon", "time, user, address, service, outcome",
	  "t.time, t.user, coalesce(t.address, nullif(t.host, '')), 'utmp', "
	  "CASE WHEN t.failed THEN 'failure' ELSE 'success' END",
	  "(t.failed OR t.kind = 7) AND NOT EXISTS (SELECT 1 FROM auth_event a WHERE a.host_id = t.host_id "
	  "AND a.time BETWEEN t.time - 2000000000 AND t.time + 2000000000 AND a.user IS t.user AND "
	  "a.action IN ('accepted', 'failed', 'invalid-user'))" },
	{ "auth_event", "logon", "time, user, address, service, method, outcome",
	  "t.time, t.user, t.address, t.service, t.method, "
	  "CASE t.action WHEN 'accepted' THEN 'success' ELSE 'failure' END",
	  "t.action IN ('accepted', 'failed', 'invalid-user')" },
	{ "socket", "flow",
	  "time, protocol, local_address, local_port, remote_address, remote_port, state, pid, image",
	  SEEN ", t.protocol, t.local_address, t.local_port, t.remote_address, t.remote_port, t.state, "
	  "t.pid, t.image",
	  "t.protocol IS NOT NULL AND t.family IN ('ipv4', 'ipv6') AND " FIRST_PASS "socket o WHERE "
	  "o.host_id = t.host_id AND o.pid IS t.pid AND o.protocol IS t.protocol AND o.family IS t.family "
	  "AND o.local_address IS t.local_address AND o.local_port IS t.local_port AND "
	  "o.remote_address IS t.remote_address AND o.remote_port IS t.remote_port AND "
	  "o.state IS t.state AND o.id < t.id))" },
	{ "package_event", "change", "time, kind, subject, detail, by_user",
	  "t.time, 'package', t.package, t.action || coalesce(' ' || t.old_version, '') || "
	  "coalesce(' → ' || t.version, ''), t.requested_by",
	  "t.action IN ('install', 'upgrade', 'remove', 'purge', 'downgrade', 'reinstall')" },
	{ "auth_event", "change", "time, kind, subject, detail, by_user",
	  "t.time, CASE t.action WHEN 'password-changed' THEN 'password' WHEN 'group-changed' THEN 'group' "
	  "ELSE 'account' END, coalesce(t.user, t.group_name), t.action || coalesce(' ' || t.group_name, ''), "
	  "t.by_user",
	  "t.action IN ('account-added', 'account-removed', 'account-changed', 'password-changed', "
	  "'group-changed')" },
	{ 0 },
};
