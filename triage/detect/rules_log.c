/* SPDX-License-Identifier: Apache-2.0 */
/* What was done to the logs themselves. */
#include "triage/detect/themes.h"

#define MAIN_LOG(p) \
	p " IN ('/var/log/auth.log', '/var/log/secure', '/var/log/syslog', '/var/log/messages', '/var/log/wtmp'," \
	" '/var/log/btmp', '/var/log/lastlog', '/var/log/kern.log', '/var/log/audit/audit.log', '/var/log/dpkg.log')"
/* A rotated copy was written when this one was emptied. */
#define ROTATED(log) \
	"EXISTS (SELECT 1 FROM entry r WHERE r.archive_id = " log ".archive_id AND r.path_text GLOB " log ".path_text || '[-.]*'" \
	" AND abs(coalesce(r.changed, r.modified) - " log ".modified) < " SECONDS(600) ")"
#define LOG_FILES "entry e JOIN archive v ON v.id = e.archive_id WHERE v.host_id = ?1 AND e.kind = 'file'"

const struct rule rules_log[] = {
{
	.id = "log-emptied", .severity = HIGH,
	.title = { "Log emptied in place", "その場で空にされたログ" },
	.reason = { "{1} is empty although it is an old file (made {2}, emptied {3}), and no rotated copy was made then. Clearing logs is done to hide what happened.",
		"{1} は以前からあるファイル（作成 {2}、空になった時刻 {3}）ですが中身がなく、そのときに切り替えた控えもありません。ログの消去は痕跡を隠すために行われます。" },
	.next = { "Look at what happened shortly before; the same facts may stand in the journal, in rotated logs, or on a log server.",
		"直前の出来事を調べてください。同じ内容がジャーナル、切り替え済みのログ、ログサーバーに残っている場合があります。" },
	.attack = "T1070.002", .needs = "entry",
	.sql = "SELECT CASE WHEN e.path_text IN ('/var/log/btmp', '/var/log/lastlog', '/var/log/kern.log', '/var/log/dpkg.log') THEN 3 END, e.modified, e.path_text, 'entry', e.id, e.path_text,"
		" strftime('%Y-%m-%dT%H:%M:%SZ', e.born / 1000000000, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', e.modified / 1000000000, 'unixepoch')"
		" FROM " LOG_FILES " AND " MAIN_LOG("e.path_text") " AND e.size = 0 AND e.born > " DAYS(1) " AND e.born < e.modified - " SECONDS(3600) " AND NOT coalesce(" ROTATED("e") ", 0)",
},
{
	.id = "log-empty", .severity = LOW,
	.title = { "Empty log", "空のログ" },
	.reason = { "{1} is empty. After a rotation or on a fresh installation this is normal; what it should hold cannot be examined.",
		"{1} は空です。切り替え直後や新しい環境では正常ですが、本来記録される内容は調べられません。" },
	.next = { "Look at the rotated copies and the journal for the same time.", "同じ期間の切り替え済みログとジャーナルを確認してください。" },
	.attack = "T1070.002", .needs = "entry",
	.sql = "SELECT CASE WHEN e.path_text IN ('/var/log/btmp', '/var/log/lastlog') THEN 1 END, e.modified, e.path_text, 'entry', e.id, e.path_text, NULL, NULL FROM " LOG_FILES
		" AND " MAIN_LOG("e.path_text") " AND e.size = 0 AND NOT coalesce(e.born > " DAYS(1) " AND e.born < e.modified - " SECONDS(3600) " AND NOT " ROTATED("e") ", 0)",
},
{
	.id = "log-shrunk", .severity = MEDIUM,
	.title = { "Log much smaller than its history suggests", "これまでの量に比べて極端に小さいログ" },
	.reason = { "{1} holds {2} bytes in a time in which its rotated copy ({3} bytes a week) would have filled at least fifty times as many. Lines may have been removed.",
		"{1} は {2} バイトしかありませんが、切り替え済みの控え（1 週間で {3} バイト）から考えると、少なくともその 50 倍はあるはずです。行が削除された可能性があります。" },
	.next = { "Compare with the journal and with other logs of the same days.", "同じ日のジャーナルや他のログと比べてください。" },
	.attack = "T1070.002", .needs = "entry",
	.sql = "SELECT NULL, r.modified, e.path_text, 'entry', e.id, e.path_text, e.size, r.size FROM entry r JOIN " LOG_FILES " AND " MAIN_LOG("e.path_text")
		" AND r.archive_id = e.archive_id AND r.path_text = e.path_text || '.1' AND e.size > 0 AND r.size > 20000 AND e.modified - r.modified > " DAYS(2) " AND e.size * 50.0 < r.size * ((e.modified - r.modified) / 1.0 / " DAYS(7) ")",
},
{
	.id = "log-zeroed-record", .severity = HIGH,
	.title = { "Log-on record overwritten with zeros", "ゼロで上書きされたログオン記録" },
	.reason = { "A record in {1} holds nothing but zeros. Tools that erase an intruder's log-ons leave such records; the system does not.",
		"{1} に、すべてゼロの記録があります。侵入者のログオンを消す道具が残す形で、システムが書くことはありません。" },
	.next = { "Compare with auth.log, the journal and lastlog for log-ons between the neighbouring records.",
		"前後の記録の間のログオンを、auth.log、ジャーナル、lastlog と照合してください。" },
	.attack = "T1070.006 T1070.002", .needs = "login_record",
	.sql = "SELECT NULL, NULL, e.path_text, 'login_record', r.id, e.path_text, r.offset, NULL FROM login_record r JOIN entry e ON e.id = r.entry_id"
		" WHERE r.host_id = ?1 AND coalesce(r.kind, 0) = 0 AND coalesce(r.time, 0) = 0 AND coalesce(r.user, '') = '' AND coalesce(r.line, '') = ''"
		" AND coalesce(r.pid, 0) = 0 AND (e.path_text GLOB '*wtmp*' OR e.path_text GLOB '*btmp*')",
},
{
	.id = "log-time-backwards", .severity = MEDIUM,
	.title = { "Log-on records not in order of time", "時刻の順になっていないログオン記録" },
	.reason = { "In {1} a record is more than an hour older than the one before it ({2} after {3}). Records were changed, or the clock was set back.",
		"{1} で、記録の時刻が直前の記録より 1 時間以上前に戻っています（{3} の後に {2}）。記録が改変されたか、時計が戻されています。" },
	.next = { "Look for a change of the clock at that time; compare with auth.log.", "その時刻に時計の変更がないか確認し、auth.log と照合してください。" },
	.attack = "T1070.006", .needs = "login_record.time",
	.sql = "WITH o AS (SELECT r.*, e.path_text, lag(r.time) OVER w AS before, lag(r.kind) OVER w AS kind_before FROM login_record r JOIN entry e ON e.id = r.entry_id"
		" WHERE r.host_id = ?1 AND r.time > 0 AND e.path_text GLOB '*[wb]tmp*' WINDOW w AS (PARTITION BY r.entry_id ORDER BY r.offset))"
		" SELECT CASE WHEN o.kind IN (1, 2, 3, 4) OR o.kind_before IN (1, 2, 3, 4) THEN 2 END, o.time, o.path_text, 'login_record', o.id, o.path_text,"
		" strftime('%Y-%m-%dT%H:%M:%SZ', o.time / 1000000000, 'unixepoch'), strftime('%Y-%m-%dT%H:%M:%SZ', o.before / 1000000000, 'unixepoch')"
		" FROM o WHERE o.time < o.before - " SECONDS(3600),
},
{
	.id = "log-gap", .severity = MEDIUM,
	.title = { "Long silence in a busy log while the host was up", "稼働中なのに長時間途切れているログ" },
	.reason = { "{1} has no line for {2} hours from {3} on, though the host was running and the log is otherwise busy.",
		"{1} には {3} から {2} 時間にわたり記録がありません。ホストは稼働しており、普段は記録の多いログです。" },
	.next = { "See whether other logs and the journal go on in that time.", "同じ時間帯に他のログやジャーナルが続いているか確認してください。" },
	.attack = "T1070.002 T1562.001", .needs = "coverage",
	.sql = "SELECT NULL, c.gap_start, c.source, 'host', (SELECT max(h.id) FROM host h WHERE h.host_id = ?1), c.source, c.gap / 3600000000000, "
		" strftime('%Y-%m-%dT%H:%M:%SZ', c.gap_start / 1000000000, 'unixepoch') FROM coverage c WHERE c.host_id = ?1 AND c.kind = 'log'"
		" AND c.count > 200 AND c.gap > " DAYS(1) " AND c.gap > (c.last - c.first) / c.count * 50 AND c.gap_start > (SELECT max(h.booted) FROM host h WHERE h.host_id = ?1)"
		" AND (c.source GLOB '*/auth.log' OR c.source GLOB '*/secure' OR c.source GLOB '*/syslog' OR c.source GLOB '*/messages')",
},
{
	.id = "log-deleted-open", .severity = MEDIUM,
	.title = { "Log that was deleted while a program writes it", "書き込み中に削除されたログ" },
	.reason = { "Process {1} still writes to {2}, whose name is gone from the disk: its lines are lost when the process ends.",
		"プロセス {1} は、ディスクから名前の消えた {2} に書き続けています。プロセスが終わると内容は失われます。" },
	.next = { "The file can be read through the process while it lives.", "プロセスが動いている間は、プロセスを通じて中身を読めます。" },
	.attack = "T1070.002", .needs = "open_file",
	.sql = "SELECT CASE WHEN o.path GLOB '/var/log/journal/*' OR o.path GLOB '*.[0-9]*' THEN 2 END, NULL, o.path, 'open_file', o.id, o.pid, o.path, NULL FROM open_file o"
		" WHERE o.host_id = ?1 AND o.deleted = 1 AND o.path GLOB '/var/log/*'",
},
{
	.id = "history-disabled", .severity = MEDIUM,
	.title = { "Shell history that is never kept", "残らないようにされたシェルの履歴" },
	.reason = { "{1} leads to {2}, so that no typed command is kept.", "{1} が {2} へのリンクになっており、入力したコマンドが残りません。" },
	.next = { "Ask the owner; look at process accounting, sudo lines and the journal instead.", "本人に確認し、代わりに sudo の記録やジャーナルを調べてください。" },
	.attack = "T1070.003 T1562.003", .needs = "entry|file",
	.sql = "SELECT NULL, f.changed, f.path, 'file', f.id, f.path, f.link, NULL FROM file f WHERE f.host_id = ?1 AND f.path GLOB '*/.*history' AND f.link = '/dev/null'",
},
{
	.id = "history-variable", .severity = MEDIUM,
	.title = { "Process that keeps no shell history", "シェルの履歴を残さない設定のプロセス" },
	.reason = { "The environment of process {1} (user {3}) switches the history off: {2}", "プロセス {1}（ユーザー {3}）の環境変数で履歴が無効になっています: {2}" },
	.next = { "Look at who is logged on there.", "誰がログオンしているか確認してください。" },
	.attack = "T1562.003", .needs = "process process.environment",
	.sql = "SELECT NULL, p.started, coalesce(p.image, p.name) || ' ' || j.value, 'process', p.id, p.pid, j.value, p.user FROM running p, json_each(p.environment) j"
		" WHERE p.host_id = ?1 AND json_valid(p.environment) AND (j.value = 'HISTFILE=/dev/null' OR j.value = 'HISTFILE=' OR j.value = 'HISTSIZE=0' OR j.value = 'HISTFILESIZE=0')",
},
{
	.id = "clock-off", .severity = LOW,
	.title = { "Clock of the host is wrong", "ホストの時計のずれ" },
	.reason = { "The host's clock was off by {1} seconds when the evidence was taken. All times from this host are shifted by that.",
		"証拠の取得時、ホストの時計は {1} 秒ずれていました。このホストの時刻はすべてその分ずれています。" },
	.next = { "Take it into account when comparing with other hosts and devices.", "他のホストや機器の時刻と比べるときに考慮してください。" },
	.attack = "", .needs = "archive.clock_offset",
	.sql = "SELECT NULL, v.started, 'clock', 'archive', v.id, v.clock_offset / 1000000000, NULL, NULL FROM archive v WHERE v.host_id = ?1 AND abs(v.clock_offset) > " SECONDS(120),
},
{ .id = NULL },
};
