/* SPDX-License-Identifier: Apache-2.0 */
/* What is known of a host apart from findings: who, what, whereto, when. */
#include "triage/detect/rule.h"
#include "triage/report/listing.h"
#include "triage/report/report.h"

#define HERE(t) "coalesce(nullif(" t ".local_address, ''), '*') || ':' || coalesce(" t ".local_port, '*')"
#define HOLDER "coalesce(s.image, (SELECT p.image FROM process p WHERE p.host_id = s.host_id AND p.pid = s.pid LIMIT 1))"

static const struct listing listings[] = {
	{ "Who logged on, or tried to", "Counted from all logs of log-ons, successes first.", "The evidence holds no log-ons.", 60,
	  "SELECT nullif(user, ''), nullif(address, ''), nullif(service, ''), outcome, count, first, last, count(*) OVER () FROM logon_edge"
	  " WHERE host_id = ?1 ORDER BY outcome <> 'success', last DESC, user, address, service",
	  { { LIST_TEXT, "Account" }, { LIST_TEXT, "From" }, { LIST_TEXT, "Service" }, { LIST_WORD, "Outcome" }, { LIST_COUNT, "Times" },
	    { LIST_TIME, "First" }, { LIST_TIME, "Last" }, { LIST_END, NULL } } },
	{ "Who was logged on at the time", NULL, "Nobody was logged on, or it was not recorded.", 30,
	  "SELECT user, terminal, nullif(remote, ''), since, 'session:' || id, count(*) OVER () FROM session WHERE host_id = ?1 ORDER BY since, id",
	  { { LIST_TEXT, "Account" }, { LIST_TEXT, "Terminal" }, { LIST_TEXT, "From" }, { LIST_TIME, "Since" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "Accounts that can log on", "Accounts with a log-on shell; those with all rights first.", "The evidence holds no accounts.", 40,
	  "SELECT name, uid, CASE privileged WHEN 1 THEN 'all rights' END, password_state, shell, password_changed, 'account:' || id, count(*) OVER ()"
	  " FROM account WHERE host_id = ?1 AND coalesce(shell, '') NOT LIKE '%nologin' AND coalesce(shell, '') NOT LIKE '%/false' AND coalesce(shell, '') NOT LIKE '%/sync'"
	  " GROUP BY name, uid, path ORDER BY privileged IS NOT 1, uid, name",
	  { { LIST_TEXT, "Account" }, { LIST_COUNT, "User id" }, { LIST_WORD, "Rights" }, { LIST_WORD, "Password" }, { LIST_CODE, "Shell" },
	    { LIST_TIME, "Password changed" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "SSH keys that open accounts", NULL, "No such keys were found.", 40,
	  "SELECT user, type, fingerprint, comment, options, file_modified, 'authorized_key:' || id, count(*) OVER () FROM authorized_key"
	  " WHERE host_id = ?1 ORDER BY user <> 'root', file_modified DESC, id",
	  { { LIST_TEXT, "Account" }, { LIST_TEXT, "Kind" }, { LIST_CODE, "Fingerprint" }, { LIST_TEXT, "Comment" }, { LIST_CODE, "Options" },
	    { LIST_TIME, "File changed" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "What starts by itself", "What no package brought comes first, the newest of it first.", "The evidence holds no start entries.", 60,
	  "SELECT kind || coalesce(' ' || name, ''), coalesce(command, target), path, CASE WHEN package IS NOT NULL THEN package"
	  " WHEN packages_known = 1 THEN 'no package' ELSE 'not known' END, coalesce(file_changed, file_modified), 'autorun:' || id, count(*) OVER ()"
	  " FROM autorun WHERE host_id = ?1 AND enabled IS NOT 0 ORDER BY package IS NOT NULL, target_package IS NOT NULL,"
	  " coalesce(file_changed, file_modified) DESC, id",
	  { { LIST_TEXT, "Kind and name" }, { LIST_CODE, "Command" }, { LIST_CODE, "Defined in" }, { LIST_WORD, "Package" }, { LIST_TIME, "Changed" },
	    { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "What waits for connections", NULL, "No waiting ports were seen.", 60,
	  "SELECT s.protocol, " HERE("s") ", " HOLDER ", s.pid, 'socket:' || min(s.id), count(*) OVER () FROM socket s WHERE s.host_id = ?1"
	  " AND (s.state = 'LISTEN' OR (s.protocol = 'udp' AND coalesce(s.remote_port, 0) = 0)) AND s.protocol IN ('tcp', 'udp', 'sctp', 'dccp')"
	  " GROUP BY s.protocol, s.local_address, s.local_port, s.pid ORDER BY " LOOPBACK("s.local_address") ", s.protocol, s.local_port, s.local_address, s.pid",
	  { { LIST_TEXT, "Protocol" }, { LIST_CODE, "Here" }, { LIST_CODE, "Program" }, { LIST_COUNT, "Process" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "What was connected to whom", "Connections at the time of the collection; those to the internet first.", "No connections were seen.", 60,
	  "SELECT s.protocol, " HERE("s") ", s.remote_address || ':' || s.remote_port, s.state, " HOLDER ", s.pid, 'socket:' || min(s.id), count(*) OVER ()"
	  " FROM socket s WHERE s.host_id = ?1 AND s.remote_port > 0 AND NOT " LOOPBACK("s.remote_address")
	  " GROUP BY s.protocol, s.local_address, s.local_port, s.remote_address, s.remote_port, s.pid"
	  " ORDER BY " PRIVATE("s.remote_address") ", s.remote_address, s.remote_port, s.local_port, s.pid",
	  { { LIST_TEXT, "Protocol" }, { LIST_CODE, "Here" }, { LIST_CODE, "There" }, { LIST_TEXT, "State" }, { LIST_CODE, "Program" }, { LIST_COUNT, "Process" },
	    { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "What ran lately", "The newest first. The last column but one says how sure it is.", "The evidence holds no executions.", 50,
	  "SELECT time, image, command, user, grade, row_table || ':' || row_id, count(*) OVER () FROM execution WHERE host_id = ?1 AND time IS NOT NULL"
	  " AND image IS NOT NULL OR host_id = ?1 AND command IS NOT NULL AND time IS NOT NULL ORDER BY time DESC, id",
	  { { LIST_TIME, "Time" }, { LIST_CODE, "Program" }, { LIST_CODE, "Command" }, { LIST_TEXT, "Account" }, { LIST_WORD, "Proof" }, { LIST_ROW, "Row" },
	    { LIST_END, NULL } } },
	{ "What was changed on purpose", "Packages, accounts, groups and passwords, the newest first.", "The evidence holds no such changes.", 50,
	  "SELECT time, kind, subject, detail, by_user, row_table || ':' || row_id, count(*) OVER () FROM change WHERE host_id = ?1 ORDER BY time DESC, id",
	  { { LIST_TIME, "Time" }, { LIST_WORD, "Kind" }, { LIST_TEXT, "What" }, { LIST_CODE, "How" }, { LIST_TEXT, "By" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
	{ "Timeline of notable events", "Rows behind findings of at least medium severity, log-ons, starts of the system and changes of accounts; the latest of them, oldest first.",
	  "The evidence holds no dated events of this kind.", 100,
	  "SELECT time, type, actor, object, row_table || ':' || row_id, total FROM (SELECT *, count(*) OVER () AS total FROM (SELECT e.id, e.time, e.type, e.actor,"
	  " e.object, e.row_table, e.row_id FROM finding n JOIN finding_row r ON r.finding_id = n.id JOIN event e ON e.row_table = r.row_table AND e.row_id = r.row_id"
	  " WHERE n.host_id = ?1 AND n.severity >= 3 AND e.host_id = ?1 AND e.time IS NOT NULL UNION SELECT e.id, e.time, e.type, e.actor, e.object, e.row_table,"
	  " e.row_id FROM event e WHERE e.host_id = ?1 AND e.time IS NOT NULL AND e.type IN ('logon', 'account', 'boot', 'collection')) ORDER BY time DESC, id DESC LIMIT 100)"
	  " ORDER BY time, id",
	  { { LIST_TIME, "Time" }, { LIST_WORD, "Event" }, { LIST_TEXT, "Who" }, { LIST_CODE, "What" }, { LIST_ROW, "Row" }, { LIST_END, NULL } } },
};

int report_facts(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	for (size_t i = 0; i < sizeof listings / sizeof *listings; i++)
		if (listing_write(p, s, &listings[i], host, f))
			return -1;
	return 0;
}
