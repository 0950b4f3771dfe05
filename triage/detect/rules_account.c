/* SPDX-License-Identifier: Apache-2.0 */
/* Accounts, their rights, and the keys that open them. */
#include "triage/detect/themes.h"

#define LOGIN_SHELL(s) "(" s " GLOB '*sh' AND " s " NOT GLOB '*/false' AND " s " NOT GLOB '*nologin')"

const struct rule rules_account[] = {
{
	.id = "account-root-equal", .severity = HIGH,
	.title = { "Second account with all rights of root", "root と同じ権限を持つ別のアカウント" },
	.reason = { "Account {1} has user id 0, as root has (shell {2}). It is a common back door.",
		"アカウント {1} のユーザー ID は root と同じ 0 です（シェル {2}）。よくあるバックドアです。" },
	.next = { "Ask who made it; look at the log-ons of that name.", "誰が作ったか確認し、その名前のログオン記録を調べてください。" },
	.attack = "T1136.001 T1078.003", .needs = "account",
	.sql = "SELECT NULL, max(a.password_changed), a.name, 'account', a.id, a.name, a.shell, NULL FROM account a"
		" WHERE a.host_id = ?1 AND a.uid = 0 AND a.name <> 'root' GROUP BY a.name",
},
{
	.id = "account-empty-password", .severity = HIGH,
	.title = { "Account without a password", "パスワードのないアカウント" },
	.reason = { "Account {1} can be used without a password (shell {2}).", "アカウント {1} はパスワードなしで使えます（シェル {2}）。" },
	.next = { "Ask the administrator; look at the log-ons of that name.", "管理者に確認し、その名前のログオン記録を調べてください。" },
	.attack = "T1078.003", .needs = "account.password_state",
	.sql = "SELECT CASE WHEN NOT " LOGIN_SHELL("a.shell") " THEN 2 END, max(a.password_changed), a.name, 'account', a.id, a.name, a.shell, NULL"
		" FROM account a WHERE a.host_id = ?1 AND a.password_state = 'empty' GROUP BY a.name",
},
{
	.id = "account-service-password", .severity = MEDIUM,
	.title = { "System account that can log on with a password", "パスワードでログオンできるシステムアカウント" },
	.reason = { "Account {1} (user id {2}) belongs to a service, but has a password and the shell {3}.",
		"アカウント {1}（ユーザー ID {2}）はサービス用ですが、パスワードとシェル {3} を持っています。" },
	.next = { "Ask the administrator; look at the log-ons of that name.", "管理者に確認し、その名前のログオン記録を調べてください。" },
	.attack = "T1078.003 T1098", .needs = "account.password_state",
	.sql = "SELECT CASE WHEN a.uid < 100 THEN 4 END, max(a.password_changed), a.name, 'account', a.id, a.name, a.uid, a.shell FROM account a"
		" WHERE a.host_id = ?1 AND a.uid > 0 AND a.uid < 1000 AND a.password_state = 'set' AND " LOGIN_SHELL("a.shell") " GROUP BY a.name",
},
{
	.id = "account-added", .severity = MEDIUM,
	.title = { "Account added lately", "最近追加されたアカウント" },
	.reason = { "The log says that account {1} was added within the 30 days before the collection (by {2}).",
		"取得前の 30 日間にアカウント {1} が追加された記録があります（実行者 {2}）。" },
	.next = { "Ask the administrator whether they made it.", "管理者が作成したものか確認してください。" },
	.attack = "T1136.001", .needs = "auth_event",
	.sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM account c WHERE c.host_id = ?1 AND c.name = e.user AND c.uid > 0"
		"  AND (c.uid < 1000 OR c.uid > 60000)) THEN 1 END, e.time, coalesce(e.user, '?'), 'auth_event', e.id, coalesce(e.user, '?'),"
		" coalesce(e.by_user, '?'), NULL FROM auth_event e WHERE e.host_id = ?1 AND e.action = 'account-added' AND e.time > ?2 - " DAYS(30),
},
{
	.id = "sudo-all-without-password", .severity = MEDIUM,
	.title = { "All rights without asking for a password (sudo)", "パスワードなしで全権限を使える設定（sudo）" },
	.reason = { "{1} may run every command as root without a password: {2} ({3}).",
		"{1} はパスワードなしで root としてすべてのコマンドを実行できます: {2}（{3}）。" },
	.next = { "Ask the administrator; cloud images have such a rule for their first user.", "管理者に確認してください。クラウドのイメージでは最初の利用者に設定されています。" },
	.attack = "T1548.003", .needs = "account",
	.sql = "SELECT CASE WHEN s.who IN ('ALL', 'www-data', 'nobody', 'apache', 'nginx', 'mysql', 'postgres') THEN 4"
		" WHEN s.who IN ('root', '%root') THEN 1 END, NULL, s.who, 'sudo_rule', s.id, s.who,"
		" s.rule, s.path FROM sudo_rule s WHERE s.host_id = ?1 AND s.no_password = 1 AND s.all_commands = 1",
},
{
	.id = "key-recent", .severity = LOW,
	.title = { "SSH keys changed lately", "最近変更された SSH の鍵ファイル" },
	.reason = { "{3}, which lets {1} log on by key, was written within the 30 days before the collection. Intruders add a key to come back. Key: {2}",
		"{1} が鍵でログオンするためのファイル {3} が、取得前の 30 日間に書き換えられています。侵入者は再び入るために鍵を追加します。鍵: {2}" },
	.next = { "Ask the owner whether each key is theirs.", "それぞれの鍵が本人のものか確認してください。" },
	.attack = "T1098.004", .needs = "account",
	.sql = "SELECT CASE WHEN k.user = 'root' OR EXISTS (SELECT 1 FROM account a WHERE a.host_id = ?1 AND a.name = k.user AND a.privileged = 1) THEN 3 END,"
		" max(k.file_modified, coalesce(k.file_changed, k.file_modified)), k.path, 'authorized_key', k.id, k.user,"
		" coalesce(k.type || ' ' || k.fingerprint || ' ' || coalesce(k.comment, ''), '?'), k.path FROM authorized_key k WHERE k.host_id = ?1"
		" AND (k.file_modified > ?2 - " DAYS(30) " OR k.file_changed > ?2 - " DAYS(30) ")",
},
{
	.id = "key-service-account", .severity = HIGH,
	.title = { "SSH key for a system account", "システムアカウント用の SSH の鍵" },
	.reason = { "{1} is an account of a service (user id {2}), yet a key lets somebody log on as it: {3}",
		"{1} はサービス用のアカウント（ユーザー ID {2}）ですが、鍵でログオンできる状態です: {3}" },
	.next = { "Ask the administrator; look at log-ons of that name.", "管理者に確認し、その名前のログオン記録を調べてください。" },
	.attack = "T1098.004", .needs = "account",
	.sql = "SELECT CASE WHEN a.uid >= 100 OR a.name IN ('backup', 'list') THEN 3 END, k.file_modified, k.path, 'authorized_key', k.id, k.user, a.uid,"
		" k.path FROM authorized_key k JOIN account a ON a.host_id = k.host_id AND a.name = k.user WHERE k.host_id = ?1 AND a.uid > 0"
		" AND a.uid < 1000 AND a.name NOT IN ('git', 'gitea', 'gitlab', 'forgejo')",
},
{
	.id = "key-command", .severity = LOW,
	.title = { "SSH key that runs a fixed command", "決まったコマンドを実行する SSH の鍵" },
	.reason = { "A key of {1} in {3} runs a command at log-on or opens a tunnel: {2}",
		"{3} にある {1} の鍵は、ログオン時に決まったコマンドを実行するか、トンネルを開きます: {2}" },
	.next = { "Read the command. Backup jobs and cloud images use this on purpose.", "コマンドの内容を確認してください。バックアップやクラウドのイメージで意図して使われることもあります。" },
	.attack = "T1098.004 T1572", .needs = "account",
	.sql = "SELECT CASE WHEN " REMOTE_SHELL("k.options") " OR k.options LIKE '%/tmp/%' OR k.options LIKE '%/dev/shm/%' OR "
		DOWNLOAD_RUN("k.options") " THEN 4 WHEN k.options LIKE '%Please login as the user%' THEN 1 END, k.file_modified, k.path, 'authorized_key', k.id, k.user, k.options, k.path"
		" FROM authorized_key k WHERE k.host_id = ?1 AND (k.options LIKE '%command=%' OR k.options LIKE '%tunnel=%' OR k.options LIKE '%environment=%')",
},
{
	.id = "key-root", .severity = INFORMATIONAL,
	.title = { "SSH keys that open root", "root でログオンできる SSH の鍵" },
	.reason = { "The holder of this key can log on as {1}: {2} ({3}).", "この鍵の持ち主は {1} としてログオンできます: {2}（{3}）。" },
	.next = { "Check that each holder is known and still entitled.", "鍵の持ち主が分かっており、現在も必要な人かを確認してください。" },
	.attack = "T1098.004", .needs = "account",
	.sql = "SELECT NULL, k.file_modified, k.path, 'authorized_key', k.id, k.user, coalesce(k.fingerprint, '?') || ' ' || coalesce(k.comment, ''), k.path"
		" FROM authorized_key k WHERE k.host_id = ?1 AND k.user = 'root'",
},
{ .id = NULL },
};
