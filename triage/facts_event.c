/* SPDX-License-Identifier: Apache-2.0 */
/* The timeline: what each kind of evidence puts into `event`. */
#include "triage/facts.h"

/* The name of an account of the host by its number, or the number. */
#define USER(uid) \
	"coalesce((SELECT a.name FROM account a WHERE a.host_id = t.host_id AND a.uid = " uid \
	" ORDER BY a.id DESC LIMIT 1), " uid ")"
/* A list as words. */
#define WORDS(list) "(SELECT group_concat(value, ' ') FROM json_each(" list "))"
/* " VALUE", " word VALUE", or nothing where the value is null. */
#define ALSO(value) "coalesce(' ' || " value ", '')"
#define PART(word, value) "coalesce(' " word " ' || " value ", '')"

const struct event_map event_maps[] = {
	{ "host", "t.booted", "started", "'exact'", "'boot'", "NULL", "t.name",
	  "'system started' || " PART("with kernel", "t.kernel"),
	  "NOT EXISTS (SELECT 1 FROM host o WHERE o.host_id = t.host_id AND o.boot_id IS t.boot_id "
	  "AND o.id < t.id)" },
	{ "host", "t.collected", "snapshot", "'exact'", "'collection'", "NULL", "t.name",
	  "'evidence collected from ' || coalesce(t.name, '?')", NULL },
	{ "process", "t.started", "started", "'exact'", "'process'", USER("t.uid"),
	  "coalesce(t.image, t.name)",
	  "coalesce(t.name, '?') || ' [' || coalesce(t.pid, '?') || ']' || " PART("runs", WORDS("t.command")),
	  "t.kernel_thread IS NOT 1 AND NOT EXISTS (SELECT 1 FROM process o WHERE o.host_id = t.host_id "
	  "AND o.pid = t.pid AND o.started IS t.started AND o.id < t.id)" },
	{ "autorun", "t.file_modified", "modified", "'exact'", "'autorun'", "t.user", "t.path",
	  "coalesce(t.kind, '?') || " ALSO("t.name") " || " PART("runs", "t.command"),
	  "t.package IS NULL AND t.file_modified IS NOT NULL AND NOT EXISTS (SELECT 1 FROM autorun o "
	  "WHERE o.host_id = t.host_id AND o.path IS t.path AND o.line IS t.line "
	  "AND o.file_modified IS t.file_modified AND o.id < t.id)" },
	{ "authorized_key", "t.file_modified", "modified", "'exact'", "'account'", "t.user", "t.path",
	  "'file of authorized keys written: ' || coalesce(t.path, '?')",
	  "t.file_modified IS NOT NULL AND NOT EXISTS (SELECT 1 FROM authorized_key o WHERE "
	  "o.host_id = t.host_id AND o.path IS t.path AND o.file_modified IS t.file_modified "
	  "AND o.id < t.id)" },
	{ "account", "t.password_changed", "changed", "'exact'", "'account'", "NULL", "t.name",
	  "'password of ' || coalesce(t.name, '?') || ' changed (day)'",
	  "t.password_changed IS NOT NULL AND t.password_state = 'set' AND NOT EXISTS (SELECT 1 FROM account "
	  "o WHERE o.host_id = t.host_id AND o.name IS t.name AND o.password_changed IS t.password_changed "
	  "AND o.id < t.id)" },
	{ "login_record", "t.time", "logged", "'exact'",
	  "CASE WHEN t.failed THEN 'logon-failed' WHEN t.kind = 7 THEN 'logon' WHEN t.kind = 8 THEN 'logoff' "
	  "ELSE 'boot' END",
	  "t.user", "t.line",
	  "CASE WHEN t.failed THEN 'failed log-on' WHEN t.kind = 7 THEN 'log-on' WHEN t.kind = 8 THEN "
	  "'end of session' ELSE 'system started' END || " PART("of", "nullif(t.user, '')")
	  " || " PART("on", "nullif(t.line, '')") " || " PART("from", "coalesce(nullif(t.host, ''), t.address)"),
	  "t.failed OR t.kind IN (2, 7, 8)" },
	{ "last_login", "t.time", "logged", "'exact'", "'logon'", USER("t.uid"), "t.line",
	  "'last log-on of ' || " USER("t.uid") " || " PART("from", "nullif(t.host, '')"),
	  "t.time IS NOT NULL AND NOT EXISTS (SELECT 1 FROM login_record r WHERE r.host_id = t.host_id AND "
	  "r.time BETWEEN t.time - 2000000000 AND t.time + 2000000000 AND r.kind = 7)" },
	{ "syslog", "t.time", "logged", "coalesce(t.grade, 'exact')", "'log'", "t.program", "NULL",
	  "coalesce(t.program || coalesce('[' || t.pid || ']', '') || ': ', '') || coalesce(t.message, '')",
	  "NOT EXISTS (SELECT 1 FROM auth_event a WHERE a.entry_id = t.entry_id AND a.offset = t.offset)" },
	{ "auth_event", "t.time", "logged", "coalesce(t.grade, 'exact')",
	  "CASE t.action WHEN 'accepted' THEN 'logon' WHEN 'failed' THEN 'logon-failed' WHEN 'invalid-user' "
	  "THEN 'logon-failed' WHEN 'session-opened' THEN 'session' WHEN 'session-closed' THEN 'logoff' "
	  "WHEN 'sudo' THEN 'command' WHEN 'cron' THEN 'command' WHEN 'su' THEN 'session' WHEN 'pam-failed' "
	  "THEN 'logon-failed' WHEN 'connection' THEN 'log' WHEN 'disconnected' THEN 'log' ELSE 'account' END",
	  "coalesce(t.by_user, t.user)", "coalesce(t.command, t.user)",
	  "coalesce(t.action, '?') || " PART("by", "t.method") " || " PART("for", "t.user")
	  " || " PART("asked by", "t.by_user") " || " PART("from", "t.address") " || " PART("at", "t.service")
	  " || " PART("runs", "t.command"), NULL },
	{ "package_event", "t.time", "logged", "coalesce(t.grade, 'exact')", "'package'", "t.requested_by",
	  "t.package",
	  "coalesce(t.manager || ' ', '') || coalesce(t.action, '') || " ALSO("t.package") " || "
	  PART("from", "t.old_version") " || " PART("to", "t.version") " || " PART("runs", "t.command"),
	  "t.action NOT IN ('status', 'configure', 'startup', 'trigproc')" },
	{ "shell_command", "t.time", "logged", "'exact'", "'command'", "t.user", "NULL",
	  "coalesce(t.command, '')", NULL },
	{ 0 },
};
