/* SPDX-License-Identifier: Apache-2.0 */
/* Who logged on, or tried to. */
#include "triage/detect/themes.h"

/* Web servers and the like: accounts that no person uses. */
#define SERVICE_USER(u) u " IN ('www-data', 'apache', 'nginx', 'nobody', 'mysql', 'postgres', 'redis', 'tomcat', 'daemon', 'mail', 'bin', 'games')"

const struct rule rules_logon[] = {
{
	.id = "logon-after-failures", .severity = HIGH,
	.title = { "Log-on after many failed attempts", "多数の失敗の後に成功したログオン" },
	.reason = { "Account {1} was logged on to from {2} after {3} failed attempts from there within the day before: the password may have been guessed.",
		"{2} から直前の 1 日に {3} 回失敗した後、同じ場所からアカウント {1} へのログオンが成功しています。パスワードを言い当てられた可能性があります。" },
	.next = { "Ask the owner whether it was they; look at what was done from that log-on.", "本人のログオンか確認し、そのログオンから行われたことを調べてください。" },
	.attack = "T1110 T1078", .needs = "logon|auth_event",
	.sql = "WITH bad AS MATERIALIZED (SELECT address, time, count(*) OVER (PARTITION BY address, row_table ORDER BY time RANGE BETWEEN 86400000000000 PRECEDING AND CURRENT ROW) AS failures"
		" FROM logon WHERE host_id = ?1 AND outcome = 'failure' AND address <> '' AND time IS NOT NULL),"
		" many AS (SELECT address, time, failures FROM bad WHERE failures >= 10)"
		" SELECT CASE WHEN " PRIVATE("l.address") " AND max(m.failures) < 30 THEN 3 END, l.time, l.user || ' ← ' || l.address, l.row_table, l.row_id, l.user, l.address, max(m.failures)"
		" FROM logon l JOIN many m ON m.address = l.address AND m.time <= l.time AND m.time > l.time - " DAYS(1)
		" WHERE l.host_id = ?1 AND l.outcome = 'success' GROUP BY l.id",
},
{
	.id = "logon-failures", .severity = LOW,
	.title = { "Many failed log-ons", "多数のログオン失敗" },
	.reason = { "{1} failed attempts came from {2} (accounts tried: {3}). Machines on the internet see such attempts all the time; inside an office they mean an infected machine or a wrong setting.",
		"{2} から {1} 回のログオン失敗があります（試されたアカウント数: {3}）。インターネットに面した機器では日常的ですが、社内からの場合は感染した機器や設定の誤りが考えられます。" },
	.next = { "Check that no log-on succeeded from there; for an address inside, look at that machine.", "同じ場所からの成功がないか確認してください。社内のアドレスであれば、その機器を調べてください。" },
	.attack = "T1110", .needs = "logon|auth_event",
	.sql = "SELECT CASE WHEN " PRIVATE("l.address") " AND NOT " LOOPBACK("l.address") " THEN 3 END, min(l.time), l.address, l.row_table, min(l.row_id), count(*), l.address, count(DISTINCT l.user)"
		" FROM logon l WHERE l.host_id = ?1 AND l.outcome = 'failure' AND l.address <> '' GROUP BY l.address, l.row_table HAVING count(*) >= 20",
},
{
	.id = "logon-first-public", .severity = LOW,
	.title = { "First log-on of an account from an address on the internet", "インターネット側のアドレスからの初めてのログオン" },
	.reason = { "Account {1} was logged on to from {2} for the first time that the logs show, within the 30 days before the collection (by {3}).",
		"取得前の 30 日間に、アカウント {1} へ {2} から、記録上初めてのログオンがありました（方式 {3}）。" },
	.next = { "Ask the owner whether they were there; look up to whom the address belongs.", "本人がその場所にいたか確認し、アドレスの持ち主を調べてください。" },
	.attack = "T1078 T1133", .needs = "logon|auth_event",
	.sql = "SELECT CASE WHEN max(l.method = 'password') = 1 OR l.user = 'root' THEN 3 END, min(l.time), l.user || ' ← ' || l.address, l.row_table, l.row_id,"
		" l.user, l.address, coalesce(max(l.method), '?') FROM logon l WHERE l.host_id = ?1 AND l.outcome = 'success' AND "
		PUBLIC("l.address") " GROUP BY l.user, l.address HAVING min(l.time) > ?2 - " DAYS(30),
},
{
	.id = "logon-root-password", .severity = MEDIUM,
	.title = { "Root log-on over the network by password", "パスワードによる root のネットワーク越しログオン" },
	.reason = { "Somebody logged on as root from {2} with a password. Passwords for root can be guessed from outside while this is allowed.",
		"{2} から、パスワードで root へのログオンがありました。これが許されている間は、外部から root のパスワードを試すことができます。" },
	.next = { "Ask the administrator whether it was they.", "管理者本人の操作か確認してください。" },
	.attack = "T1078.003", .needs = "logon|auth_event",
	.sql = "SELECT NULL, l.time, 'root ← ' || l.address, l.row_table, l.row_id, l.user, l.address, NULL FROM logon l"
		" WHERE l.host_id = ?1 AND l.outcome = 'success' AND l.user = 'root' AND l.method = 'password' AND l.address <> ''",
},
{
	.id = "logon-service-account", .severity = HIGH,
	.title = { "A service's account logged on or took other rights", "サービス用アカウントによるログオンまたは権限の取得" },
	.reason = { "Account {1}, which no person uses, logged on or used {2}: {3}",
		"人が使わないアカウント {1} がログオンしたか、{2} を使いました: {3}" },
	.next = { "Look at the web server's log and at processes of that account at the time.", "その時刻の Web サーバーのログと、そのアカウントのプロセスを調べてください。" },
	.attack = "T1078 T1548.003", .needs = "auth_event",
	.sql = "SELECT CASE WHEN e.action = 'session-opened' THEN 3 END, e.time, coalesce(CASE WHEN e.action IN ('sudo', 'su') THEN e.by_user END, e.user), 'auth_event', e.id,"
		" coalesce(CASE WHEN e.action IN ('sudo', 'su') THEN e.by_user END, e.user), coalesce(e.service, e.action), coalesce(e.command, e.address, '')"
		" FROM auth_event e WHERE e.host_id = ?1 AND ((e.action IN ('sudo', 'su') AND " SERVICE_USER("e.by_user")
		") OR (e.action = 'accepted' AND " SERVICE_USER("e.user") "))",
},
{ .id = NULL },
};
