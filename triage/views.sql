-- SPDX-License-Identifier: Apache-2.0
-- Plain names in both languages, times as text, for people who open the case file in sqlite3 or
-- Datasette. A Japanese view shows the same as its English one.

CREATE VIEW IF NOT EXISTS "v_timeline" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	h.name AS "host",
	t.type AS "type",
	t.actor AS "actor",
	t.object AS "object",
	t.summary AS "summary",
	t.time_kind AS "time_kind",
	t.grade AS "grade",
	t.row_table || ':' || t.row_id AS "row"
FROM event t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;
CREATE VIEW IF NOT EXISTS "タイムライン" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	h.name AS "ホスト",
	t.type AS "種類",
	t.actor AS "主体",
	t.object AS "対象",
	t.summary AS "内容",
	t.time_kind AS "日時の意味",
	t.grade AS "日時の確かさ",
	t.row_table || ':' || t.row_id AS "元の行"
FROM event t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;

CREATE VIEW IF NOT EXISTS "v_process" AS SELECT
	h.name AS "host",
	t.pass AS "pass",
	t.pid AS "pid",
	t.ppid AS "ppid",
	t.name AS "name",
	strftime('%Y-%m-%dT%H:%M:%S', (t.started - ((t.started % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.started % 1000000000) + 1000000000) % 1000000000) AS "started",
	t.image AS "image",
	t.image_deleted AS "image_deleted",
	t.image_memfd AS "image_memfd",
	t.sha256 AS "sha256",
	(SELECT group_concat(value, ' ') FROM json_each(t.command)) AS "command",
	t.cwd AS "cwd",
	t.uid AS "uid",
	'process:' || t.id AS "row"
FROM process t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "プロセス" AS SELECT
	h.name AS "ホスト",
	t.pass AS "回",
	t.pid AS "PID",
	t.ppid AS "親PID",
	t.name AS "名前",
	strftime('%Y-%m-%dT%H:%M:%S', (t.started - ((t.started % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.started % 1000000000) + 1000000000) % 1000000000) AS "開始日時",
	t.image AS "実行ファイル",
	t.image_deleted AS "削除済み",
	t.image_memfd AS "メモリー上のみ",
	t.sha256 AS "SHA256",
	(SELECT group_concat(value, ' ') FROM json_each(t.command)) AS "コマンドライン",
	t.cwd AS "作業フォルダー",
	t.uid AS "UID",
	'process:' || t.id AS "元の行"
FROM process t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_socket" AS SELECT
	h.name AS "host",
	t.protocol AS "protocol",
	t.local_address AS "local_address",
	t.local_port AS "local_port",
	t.remote_address AS "remote_address",
	t.remote_port AS "remote_port",
	t.state AS "state",
	t.pid AS "pid",
	t.image AS "image",
	'socket:' || t.id AS "row"
FROM socket t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "通信" AS SELECT
	h.name AS "ホスト",
	t.protocol AS "プロトコル",
	t.local_address AS "自アドレス",
	t.local_port AS "自ポート",
	t.remote_address AS "相手アドレス",
	t.remote_port AS "相手ポート",
	t.state AS "状態",
	t.pid AS "PID",
	t.image AS "実行ファイル",
	'socket:' || t.id AS "元の行"
FROM socket t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_execution" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	h.name AS "host",
	t.image AS "image",
	t.command AS "command",
	t.user AS "user",
	t.sha256 AS "sha256",
	t.grade AS "grade",
	t.row_table || ':' || t.row_id AS "row"
FROM execution t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;
CREATE VIEW IF NOT EXISTS "実行" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	h.name AS "ホスト",
	t.image AS "実行ファイル",
	t.command AS "コマンドライン",
	t.user AS "ユーザー",
	t.sha256 AS "SHA256",
	t.grade AS "根拠の強さ",
	t.row_table || ':' || t.row_id AS "元の行"
FROM execution t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;

CREATE VIEW IF NOT EXISTS "v_persistence" AS SELECT
	h.name AS "host",
	t.kind AS "kind",
	t.name AS "name",
	t.path AS "path",
	t.command AS "command",
	t.target AS "target",
	t.package AS "package",
	t.user AS "user",
	t.enabled AS "enabled",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "changed",
	t.row_table || ':' || t.row_id AS "row"
FROM persistence t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "自動起動" AS SELECT
	h.name AS "ホスト",
	t.kind AS "種類",
	t.name AS "名前",
	t.path AS "定義ファイル",
	t.command AS "コマンド",
	t.target AS "実行されるファイル",
	t.package AS "パッケージ",
	t.user AS "ユーザー",
	t.enabled AS "有効",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "変更日時",
	t.row_table || ':' || t.row_id AS "元の行"
FROM persistence t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_logon" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	h.name AS "host",
	t.user AS "user",
	t.address AS "address",
	t.service AS "service",
	t.method AS "method",
	t.outcome AS "outcome",
	t.row_table || ':' || t.row_id AS "row"
FROM logon t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;
CREATE VIEW IF NOT EXISTS "ログオン" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	h.name AS "ホスト",
	t.user AS "ユーザー",
	t.address AS "接続元",
	t.service AS "サービス",
	t.method AS "方法",
	t.outcome AS "結果",
	t.row_table || ':' || t.row_id AS "元の行"
FROM logon t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;

CREATE VIEW IF NOT EXISTS "v_logon_edge" AS SELECT
	h.name AS "host",
	t.user AS "user",
	t.address AS "address",
	t.service AS "service",
	t.outcome AS "outcome",
	t.count AS "count",
	strftime('%Y-%m-%dT%H:%M:%S', (t.first - ((t.first % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.first % 1000000000) + 1000000000) % 1000000000) AS "first",
	strftime('%Y-%m-%dT%H:%M:%S', (t.last - ((t.last % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.last % 1000000000) + 1000000000) % 1000000000) AS "last"
FROM logon_edge t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "接続元別ログオン" AS SELECT
	h.name AS "ホスト",
	t.user AS "ユーザー",
	t.address AS "接続元",
	t.service AS "サービス",
	t.outcome AS "結果",
	t.count AS "回数",
	strftime('%Y-%m-%dT%H:%M:%S', (t.first - ((t.first % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.first % 1000000000) + 1000000000) % 1000000000) AS "最初",
	strftime('%Y-%m-%dT%H:%M:%S', (t.last - ((t.last % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.last % 1000000000) + 1000000000) % 1000000000) AS "最後"
FROM logon_edge t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_change" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	h.name AS "host",
	t.kind AS "kind",
	t.subject AS "subject",
	t.detail AS "detail",
	t.by_user AS "by_user",
	t.row_table || ':' || t.row_id AS "row"
FROM change t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;
CREATE VIEW IF NOT EXISTS "変更" AS SELECT
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	h.name AS "ホスト",
	t.kind AS "種類",
	t.subject AS "対象",
	t.detail AS "内容",
	t.by_user AS "実行者",
	t.row_table || ':' || t.row_id AS "元の行"
FROM change t JOIN host_identity h ON h.id = t.host_id ORDER BY t.time, t.id;

CREATE VIEW IF NOT EXISTS "v_account" AS SELECT
	h.name AS "host",
	t.name AS "name",
	t.uid AS "uid",
	t.home AS "home",
	t.shell AS "shell",
	t.password_state AS "password_state",
	strftime('%Y-%m-%dT%H:%M:%S', (t.password_changed - ((t.password_changed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.password_changed % 1000000000) + 1000000000) % 1000000000) AS "password_changed",
	t.privileged AS "privileged",
	'account:' || t.id AS "row"
FROM account t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "アカウント" AS SELECT
	h.name AS "ホスト",
	t.name AS "名前",
	t.uid AS "UID",
	t.home AS "ホーム",
	t.shell AS "シェル",
	t.password_state AS "パスワードの状態",
	strftime('%Y-%m-%dT%H:%M:%S', (t.password_changed - ((t.password_changed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.password_changed % 1000000000) + 1000000000) % 1000000000) AS "パスワード変更日",
	t.privileged AS "特権",
	'account:' || t.id AS "元の行"
FROM account t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_file" AS SELECT
	h.name AS "host",
	t.path AS "path",
	t.size AS "size",
	printf('%04o', t.mode) AS "mode",
	t.uid AS "uid",
	strftime('%Y-%m-%dT%H:%M:%S', (t.modified - ((t.modified % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.modified % 1000000000) + 1000000000) % 1000000000) AS "modified",
	strftime('%Y-%m-%dT%H:%M:%S', (t.changed - ((t.changed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.changed % 1000000000) + 1000000000) % 1000000000) AS "changed",
	strftime('%Y-%m-%dT%H:%M:%S', (t.born - ((t.born % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.born % 1000000000) + 1000000000) % 1000000000) AS "born",
	strftime('%Y-%m-%dT%H:%M:%S', (t.accessed - ((t.accessed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.accessed % 1000000000) + 1000000000) % 1000000000) AS "accessed",
	t.sha256 AS "sha256",
	t.type AS "type",
	t.package AS "package",
	'file:' || t.id AS "row"
FROM file t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "ファイル" AS SELECT
	h.name AS "ホスト",
	t.path AS "パス",
	t.size AS "サイズ",
	printf('%04o', t.mode) AS "権限",
	t.uid AS "UID",
	strftime('%Y-%m-%dT%H:%M:%S', (t.modified - ((t.modified % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.modified % 1000000000) + 1000000000) % 1000000000) AS "更新日時",
	strftime('%Y-%m-%dT%H:%M:%S', (t.changed - ((t.changed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.changed % 1000000000) + 1000000000) % 1000000000) AS "属性変更日時",
	strftime('%Y-%m-%dT%H:%M:%S', (t.born - ((t.born % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.born % 1000000000) + 1000000000) % 1000000000) AS "作成日時",
	strftime('%Y-%m-%dT%H:%M:%S', (t.accessed - ((t.accessed % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.accessed % 1000000000) + 1000000000) % 1000000000) AS "参照日時",
	t.sha256 AS "SHA256",
	t.type AS "種類",
	t.package AS "パッケージ",
	'file:' || t.id AS "元の行"
FROM file t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_finding" AS SELECT
	t.severity AS "severity",
	h.name AS "host",
	t.title AS "title",
	t.subject AS "subject",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	t.reason AS "reason",
	t.next AS "next",
	t.attack AS "attack",
	t.count AS "count",
	'finding:' || t.id AS "row"
FROM finding t JOIN host_identity h ON h.id = t.host_id ORDER BY t.rank DESC, t.id;
CREATE VIEW IF NOT EXISTS "検出事項" AS SELECT
	t.severity AS "重大度",
	h.name AS "ホスト",
	t.title_ja AS "名前",
	t.subject AS "対象",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	t.reason_ja AS "理由",
	t.next_ja AS "次にすること",
	t.attack AS "ATT&CK",
	t.count AS "件数",
	'finding:' || t.id AS "元の行"
FROM finding t JOIN host_identity h ON h.id = t.host_id ORDER BY t.rank DESC, t.id;

CREATE VIEW IF NOT EXISTS "v_coverage" AS SELECT
	h.name AS "host",
	t.source AS "source",
	strftime('%Y-%m-%dT%H:%M:%S', (t.first - ((t.first % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.first % 1000000000) + 1000000000) % 1000000000) AS "first",
	strftime('%Y-%m-%dT%H:%M:%S', (t.last - ((t.last % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.last % 1000000000) + 1000000000) % 1000000000) AS "last",
	t.count AS "count",
	t.gap / 1000000000 AS "gap_seconds",
	strftime('%Y-%m-%dT%H:%M:%S', (t.gap_start - ((t.gap_start % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.gap_start % 1000000000) + 1000000000) % 1000000000) AS "gap_start"
FROM coverage t JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "証拠の範囲" AS SELECT
	h.name AS "ホスト",
	t.source AS "ログまたは表",
	strftime('%Y-%m-%dT%H:%M:%S', (t.first - ((t.first % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.first % 1000000000) + 1000000000) % 1000000000) AS "最初",
	strftime('%Y-%m-%dT%H:%M:%S', (t.last - ((t.last % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.last % 1000000000) + 1000000000) % 1000000000) AS "最後",
	t.count AS "件数",
	t.gap / 1000000000 AS "最長の空白（秒）",
	strftime('%Y-%m-%dT%H:%M:%S', (t.gap_start - ((t.gap_start % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.gap_start % 1000000000) + 1000000000) % 1000000000) AS "空白の始まり"
FROM coverage t JOIN host_identity h ON h.id = t.host_id;

CREATE VIEW IF NOT EXISTS "v_note" AS SELECT
	h.name AS "host",
	t.module AS "module",
	t.item AS "item",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "time",
	t.reason AS "reason"
FROM note t JOIN archive a ON a.id = t.archive_id LEFT JOIN host_identity h ON h.id = a.host_id;
CREATE VIEW IF NOT EXISTS "取得できなかったもの" AS SELECT
	h.name AS "ホスト",
	t.module AS "モジュール",
	t.item AS "対象",
	strftime('%Y-%m-%dT%H:%M:%S', (t.time - ((t.time % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.time % 1000000000) + 1000000000) % 1000000000) AS "日時",
	t.reason_ja AS "理由"
FROM note t JOIN archive a ON a.id = t.archive_id LEFT JOIN host_identity h ON h.id = a.host_id;

CREATE VIEW IF NOT EXISTS "v_archive" AS SELECT
	t.name AS "name",
	h.name AS "host",
	t.case_name AS "case_name",
	t.operator AS "operator",
	strftime('%Y-%m-%dT%H:%M:%S', (t.started - ((t.started % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.started % 1000000000) + 1000000000) % 1000000000) AS "started",
	strftime('%Y-%m-%dT%H:%M:%S', (t.ended - ((t.ended % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.ended % 1000000000) + 1000000000) % 1000000000) AS "ended",
	t.signer AS "signer",
	t.signature AS "signature",
	t.complete AS "complete",
	t.problems AS "problems",
	t.sha256 AS "sha256",
	t.code AS "code"
FROM archive t LEFT JOIN host_identity h ON h.id = t.host_id;
CREATE VIEW IF NOT EXISTS "証拠アーカイブ" AS SELECT
	t.name AS "ファイル名",
	h.name AS "ホスト",
	t.case_name AS "事案",
	t.operator AS "担当者",
	strftime('%Y-%m-%dT%H:%M:%S', (t.started - ((t.started % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.started % 1000000000) + 1000000000) % 1000000000) AS "開始",
	strftime('%Y-%m-%dT%H:%M:%S', (t.ended - ((t.ended % 1000000000) + 1000000000) % 1000000000) / 1000000000, 'unixepoch') || printf('.%09dZ', ((t.ended % 1000000000) + 1000000000) % 1000000000) AS "終了",
	t.signer AS "署名者",
	t.signature AS "署名の状態",
	t.complete AS "完全",
	t.problems AS "問題",
	t.sha256 AS "SHA256",
	t.code AS "確認番号"
FROM archive t LEFT JOIN host_identity h ON h.id = t.host_id;

-- Every file that the evidence shows: those listed, and those whose bytes were taken.
CREATE VIEW IF NOT EXISTS file_seen AS
SELECT f.host_id, f.path, f.kind, f.size, f.mode, f.uid, f.gid, f.accessed, f.modified, f.changed, f.born,
	f.sha256, 'file' AS row_table, f.id AS row_id FROM file f
UNION ALL
SELECT a.host_id, e.path_text, e.file_kind, e.size, e.mode, e.uid, e.gid, e.accessed, e.modified, e.changed,
	e.born, CASE e.sparse WHEN 0 THEN e.sha256 END, 'entry', e.id
FROM entry e JOIN archive a ON a.id = e.archive_id WHERE e.kind = 'file';
