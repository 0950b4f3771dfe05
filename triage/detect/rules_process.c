/* SPDX-License-Identifier: Apache-2.0 */
/* What runs. */
#include "triage/detect/themes.h"

#define PROCESS " 'process', p.id, p.pid, p.command, p.user FROM running p WHERE p.host_id = ?1 AND NOT p.is_own AND "
/* A new version stands under the path, or the package manager touched files since the start. */
#define UPGRADED \
	"(p.place IN ('system', 'local', 'image') AND (p.disk_inode IS NOT NULL" \
	" OR EXISTS (SELECT 1 FROM package_event e WHERE e.host_id = p.host_id AND e.time >= p.started" \
	" AND e.action IN ('upgrade', 'remove', 'purge'))))"
#define SHELL(base) base " IN ('sh', 'bash', 'dash', 'ash', 'zsh', 'ksh', 'mksh', 'fish', 'csh', 'tcsh')"

const struct rule rules_process[] = {
{
	.id = "process-memfd", .severity = HIGH,
	.title = { "Program that exists only in memory", "メモリー上にだけ存在するプログラム" },
	.reason = { "Process {1} runs an executable from memory (memfd) that never was a file on the disk. Malware does this to leave nothing behind. Command: {2}",
		"プロセス {1} の実行ファイルは、ディスク上に一度も置かれず、メモリー（memfd）から動いています。痕跡を残さないためにマルウェアが使う方法です。コマンド: {2}" },
	.next = { "Look at its parent, its open files and connections; its digest stands in the row. The program is lost when the process ends.",
		"親プロセス、開いているファイル、通信先を確認してください。ハッシュ値は行にあります。プロセスが終わるとプログラムは失われます。" },
	.attack = "T1620 T1055", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.image GLOB '*runc_cloned*' AND (SELECT q.image GLOB '/usr/*' FROM running q"
		" WHERE q.host_id = p.host_id AND q.pid = p.ppid LIMIT 1) THEN 2 END, p.started, p.image,"
		PROCESS "p.memfd = 1",
},
{
	.id = "process-deleted", .severity = HIGH,
	.title = { "Program that runs although its file was deleted", "ファイルが削除された後も動いているプログラム" },
	.reason = { "The executable of process {1} has no name on the disk any more, and no package upgrade explains it. Attackers delete their tools after starting them. Command: {2}",
		"プロセス {1} の実行ファイルはディスクから消えていますが、パッケージの更新では説明がつきません。攻撃者は起動後に道具を削除することがあります。コマンド: {2}" },
	.next = { "Compare the digest in the row with known software; look at its parent, user {3} and connections. The file can still be read while the process lives.",
		"行にあるハッシュ値を既知のソフトウェアと照合し、親プロセス、ユーザー {3}、通信先を確認してください。プロセスが動いている間は中身を読めます。" },
	.attack = "T1070.004", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.container IS NOT NULL THEN 2 WHEN p.place = 'home' AND p.disk_inode IS NOT NULL"
		" THEN 3 END, p.started, p.image," PROCESS "p.deleted = 1 AND p.memfd IS NOT 1 AND NOT coalesce("
		UPGRADED ", 0)",
},
{
	.id = "process-upgraded", .severity = LOW,
	.title = { "Program that still runs in its version before an upgrade", "更新前の版のまま動いているプログラム" },
	.reason = { "The executable of process {1} was replaced on the disk, as an upgrade does; the old version still runs. Command: {2}",
		"プロセス {1} の実行ファイルは、更新時と同じようにディスク上で置き換えられ、古い版が動き続けています。コマンド: {2}" },
	.next = { "Check that the package log shows an upgrade after the start of the process; a restart of the service brings the new version.",
		"プロセスの起動後にパッケージが更新された記録があるかを確認してください。サービスを再起動すると新しい版になります。" },
	.attack = "", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.packaged = 0 THEN 3 END, p.started, p.image," PROCESS
		"p.deleted = 1 AND p.memfd IS NOT 1 AND " UPGRADED,
},
{
	.id = "process-replaced", .severity = MEDIUM,
	.title = { "Another file stands under the path of a running program", "動いているプログラムのパスに別のファイルがある" },
	.reason = { "What process {1} runs is not what its path now leads to, and the kernel does not call it deleted: something is mounted or linked over it. Command: {2}",
		"プロセス {1} が実行しているものと、今そのパスにあるファイルが異なります。カーネルは削除とはみなしておらず、上からマウントされたか、リンクで差し替えられています。コマンド: {2}" },
	.next = { "Compare both digests; look at the mounts.", "両方のハッシュ値とマウントの状態を確認してください。" },
	.attack = "T1036 T1564", .needs = "process process.image",
	.sql = "SELECT NULL, p.started, p.image," PROCESS
		"p.replaced = 1 AND p.deleted = 0 AND p.memfd IS NOT 1 AND p.container IS NULL AND p.place <> 'image'",
},
{
	.id = "process-temporary", .severity = HIGH,
	.title = { "Program that runs from a temporary or hidden directory", "一時フォルダーや隠しフォルダーから動いているプログラム" },
	.reason = { "Process {1} runs from a place that any user may write to, or that a listing does not show. Installed software does not. Command: {2}",
		"プロセス {1} は、誰でも書き込める場所、または一覧に出ない場所から動いています。通常のソフトウェアはそこから動きません。コマンド: {2}" },
	.next = { "Ask whether somebody builds or tests software there (user {3}); otherwise compare the digest and look at its connections.",
		"ユーザー {3} がそこで開発や試験をしていないか確認してください。心当たりがなければ、ハッシュ値の照合と通信先の確認を行ってください。" },
	.attack = "T1036.005 T1564.001", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.image GLOB '/dev/shm/*' OR p.image GLOB '*/.?*' THEN 4 WHEN p.container IS NOT NULL THEN 2"
		" ELSE 3 END, p.started, p.image," PROCESS
		"p.place IN ('temporary', 'hidden') AND p.memfd IS NOT 1 AND p.deleted IS NOT 1 AND p.packaged IS NOT 1",
},
{
	.id = "process-temporary-script", .severity = MEDIUM,
	.title = { "Script that runs from a temporary directory", "一時フォルダーから動いているスクリプト" },
	.reason = { "Process {1} (user {3}) is an interpreter that runs a script from a place that any user may write to. Command: {2}",
		"プロセス {1}（ユーザー {3}）は、誰でも書き込める場所にあるスクリプトを実行しています。コマンド: {2}" },
	.next = { "Read the script; ask who put it there; look at the parent process.",
		"スクリプトの内容、置いた人物、親プロセスを確認してください。" },
	.attack = "T1059.004 T1059.006", .needs = "process process.command",
	.sql = "SELECT CASE WHEN p.container IS NOT NULL THEN 2 WHEN p.arg1 GLOB '/dev/shm/*' OR p.arg1 GLOB '*/.?*' THEN 4 END, p.started, p.arg1," PROCESS
		"(" PLACE("p.arg1") ") = 'temporary' AND p.arg1 NOT GLOB '/dev/fd/*' AND p.arg1 NOT IN ('/dev/null', '/dev/stdin') AND (" SHELL(BASE("p.image")) " OR " BASE("p.image")
		" GLOB 'python*' OR " BASE("p.image") " GLOB 'perl*' OR " BASE("p.image") " GLOB 'ruby*' OR " BASE("p.image") " GLOB 'php*' OR " BASE("p.image") " = 'node')",
},
{
	.id = "process-kernel-name", .severity = HIGH,
	.title = { "Program that calls itself a thread of the kernel", "カーネルスレッドを名乗るプログラム" },
	.reason = { "Process {1} bears a name of a kernel thread, but it is a program with an executable: {2}. It wants to be overlooked.",
		"プロセス {1} はカーネルスレッドの名前を名乗っていますが、実行ファイルを持つ通常のプログラムです（{2}）。見逃されることを狙った偽装です。" },
	.next = { "Look at the executable, its parent and its connections.", "実行ファイル、親プロセス、通信先を確認してください。" },
	.attack = "T1036.004", .needs = "process process.image",
	.sql = "SELECT NULL, p.started, coalesce(p.arg0, p.name), 'process', p.id, p.pid, p.image, p.user"
		" FROM running p WHERE p.host_id = ?1 AND NOT p.is_own AND p.image IS NOT NULL AND p.kernel IS NOT 1"
		" AND (p.arg0 GLOB '[[]*[]]' OR p.name GLOB '[[]*[]]' OR p.name GLOB 'kworker*' OR p.name GLOB 'ksoftirqd*'"
		" OR p.name GLOB 'migration/*' OR p.name GLOB 'rcu_*' OR p.name GLOB 'kthread*' OR p.name GLOB 'kswapd*'"
		" OR p.name GLOB 'jbd2/*' OR p.name GLOB 'watchdog/*' OR p.name GLOB 'kdevtmpfs*' OR p.name GLOB 'irq/*')",
},
{
	.id = "process-false-name", .severity = HIGH,
	.title = { "Program that bears the name of a system service", "システムのサービス名を名乗るプログラム" },
	.reason = { "Process {1} calls itself {2}, but it does not run from where that service is installed.",
		"プロセス {1} は {2} を名乗っていますが、そのサービスがインストールされる場所から動いていません。" },
	.next = { "Compare the digest with the package's file; look at its parent and its connections.",
		"パッケージのファイルとハッシュ値を比べ、親プロセスと通信先を確認してください。" },
	.attack = "T1036.005", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.place = 'local' THEN 2 WHEN p.container IS NOT NULL THEN 2 END, p.started, p.image,"
		" 'process', p.id, p.pid, p.name, p.user FROM running p WHERE p.host_id = ?1 AND NOT p.is_own"
		" AND p.name IN ('sshd', 'systemd', 'cron', 'crond', 'dbus-daemon', 'agetty', 'rsyslogd', 'systemd-journal',"
		" 'systemd-logind', 'systemd-udevd', 'systemd-network', 'systemd-resolve', 'auditd', 'udevd', 'init', 'login')"
		" AND p.place NOT IN ('system', 'image') AND p.image GLOB '/*' AND p.memfd IS NOT 1 AND p.packaged IS NOT 1",
},
{
	.id = "process-shell-socket", .severity = CRITICAL,
	.title = { "Shell whose input or output is a network connection", "入出力がネットワーク接続につながったシェル" },
	.reason = { "A shell (process {1}, user {3}) reads its commands from the network or answers there: somebody works on this host from {2}.",
		"シェル（プロセス {1}、ユーザー {3}）の入出力がネットワークにつながっています。{2} から誰かがこのホストを操作している可能性があります。" },
	.next = { "Record the peer's address, look at the parent process and at what else talks to that address; decide with the customer how to cut the connection.",
		"相手のアドレスを記録し、親プロセスと、同じアドレスと通信している他のプロセスを確認してください。遮断の方法はお客様と相談して決めてください。" },
	.attack = "T1059.004 T1071", .needs = "process process.image socket socket.pid",
	.sql = "SELECT CASE WHEN o.pid IS NULL THEN 4 END, t.started,"
		" t.image || ' (' || t.pid || ')', 'socket', t.id, t.pid,"
		" coalesce(nullif(t.remote_address, ''), t.local_address) || ':' || coalesce(nullif(t.remote_port, 0), t.local_port), t.user"
		" FROM talking t LEFT JOIN (SELECT host_id, pid, inode FROM open_file WHERE kind = 'socket' AND fd <= 2"
		"  GROUP BY host_id, pid, inode) o ON o.host_id = t.host_id AND o.pid = t.pid AND o.inode = t.inode"
		" WHERE t.host_id = ?1 AND t.protocol IN ('tcp', 'udp', 'sctp') AND " SHELL(BASE("t.image"))
		" AND (" LOOPBACK("t.remote_address") ") IS NOT 1",
},
{
	.id = "process-shell-of-web", .severity = HIGH,
	.title = { "Shell started by a web or database server", "Web サーバーやデータベースから起動されたシェル" },
	.reason = { "Process {1} is a shell or tool whose parent is a network service ({3}). Web shells and exploited services look like this. Command: {2}",
		"プロセス {1} は、ネットワークサービス（{3}）を親に持つシェルまたは道具です。Web シェルや脆弱性の悪用でこの形になります。コマンド: {2}" },
	.next = { "Find the request in the web server's log at the time of the start, and the script that made it.",
		"起動時刻付近の Web サーバーのログから該当する要求を探し、呼び出し元のスクリプトを確認してください。" },
	.attack = "T1505.003 T1190", .needs = "process process.image",
	.sql = "SELECT CASE WHEN p.container IS NOT NULL THEN 3 END, p.started, p.image || ' (' || " BASE("q.image") " || ')', 'process', p.id, p.pid, p.command,"
		" q.image FROM running p JOIN running q ON q.host_id = p.host_id AND q.pid = p.ppid"
		" WHERE p.host_id = ?1 AND (" SHELL(BASE("p.image")) " OR " BASE("p.image")
		" IN ('nc', 'ncat', 'socat', 'curl', 'wget', 'busybox')) AND (" BASE("q.image")
		" IN ('apache2', 'httpd', 'nginx', 'lighttpd', 'caddy', 'mysqld', 'mariadbd', 'postgres', 'redis-server', 'tomcat')"
		" OR " BASE("q.image") " GLOB 'php-fpm*' OR " BASE("q.image") " GLOB 'php-cgi*')",
},
{
	.id = "process-one-liner", .severity = HIGH,
	.title = { "Command line that opens a remote shell", "リモートシェルを開くコマンドライン" },
	.reason = { "The command line of process {1} (user {3}) is one by which remote shells are opened: {2}",
		"プロセス {1}（ユーザー {3}）のコマンドラインは、リモートシェルを開くときの形です: {2}" },
	.next = { "Look at its connections and at who started it.", "通信先と、起動した人物・プロセスを確認してください。" },
	.attack = "T1059", .needs = "process process.command",
	.sql = "SELECT NULL, p.started, substr(p.command, 1, 200)," PROCESS REMOTE_SHELL("p.command"),
},
{
	.id = "process-miner", .severity = HIGH,
	.title = { "Program that mines cryptocurrency", "暗号資産を採掘するプログラム" },
	.reason = { "Process {1} (user {3}) has the name or the options of a mining program: {2}",
		"プロセス {1}（ユーザー {3}）は、採掘プログラムの名前またはオプションを持っています: {2}" },
	.next = { "Find out how it came to the host: the same way is open to others.", "どこから入ったかを確認してください。同じ経路は他の攻撃者にも開いています。" },
	.attack = "T1496", .needs = "process",
	.sql = "SELECT NULL, p.started, coalesce(p.image, p.name)," PROCESS
		"(p.command LIKE '%stratum+tcp%' OR p.command LIKE '%stratum+ssl%' OR p.command LIKE '%--donate-level%'"
		" OR p.command LIKE '%--coin=monero%' OR p.command LIKE '%cryptonight%' OR p.name IN ('xmrig', 'kinsing', 'kdevtmpfsi', 'minerd', 'cpuminer'))",
},
{
	.id = "process-traced", .severity = LOW,
	.title = { "Program that another one traces", "他のプロセスに追跡（トレース）されているプログラム" },
	.reason = { "Process {1} is traced by another process, which can read and change its memory. Debuggers do this, and so do programs that steal passwords. Command: {2}",
		"プロセス {1} は他のプロセスに追跡されており、メモリーを読み書きされ得る状態です。デバッガーのほか、パスワードを盗むプログラムも使います。コマンド: {2}" },
	.next = { "Look at the tracing process.", "追跡している側のプロセスを確認してください。" },
	.attack = "T1055.008", .needs = "process",
	.sql = "SELECT CASE WHEN p.name IN ('sshd', 'login', 'su', 'sudo', 'sssd', 'passwd') THEN 4 END, p.started,"
		" coalesce(p.image, p.name)," PROCESS "p.tracer > 0",
},
{
	.id = "process-preload", .severity = MEDIUM,
	.title = { "Program with a library forced into it", "ライブラリーを強制的に読み込まされているプログラム" },
	.reason = { "The environment of process {1} forces a library into the program ({3}), which then can watch or change all it does. Command: {2}",
		"プロセス {1} の環境変数により、ライブラリーが強制的に読み込まれています（{3}）。読み込まれたライブラリーは、そのプログラムの動作を盗み見たり変えたりできます。コマンド: {2}" },
	.next = { "Look at the library: who owns it, which package it belongs to, when it was made.",
		"そのライブラリーの所有者、パッケージ、作成日時を確認してください。" },
	.attack = "T1574.006", .needs = "process process.environment",
	.sql = "WITH v AS (SELECT p.*, j.value AS variable, ltrim(substr(j.value, instr(j.value, '=') + 1), ': ') AS library"
		" FROM running p, json_each(p.environment) j WHERE p.host_id = ?1 AND NOT p.is_own AND json_valid(p.environment)"
		" AND (j.value GLOB 'LD_PRELOAD=?*' OR j.value GLOB 'LD_AUDIT=?*'))"
		" SELECT CASE WHEN v.library GLOB '*/tmp/*' OR v.library GLOB '*/dev/shm/*' OR v.library GLOB '/home/*'"
		"  OR v.library GLOB '/root/*' OR v.library GLOB '*/.?*' OR v.variable GLOB 'LD_AUDIT=*' THEN 4"
		"  WHEN v.library NOT GLOB '*/*' OR v.library GLOB '/usr/lib*' OR v.library GLOB '/lib*'"
		"  OR v.library GLOB '/snap/*' THEN CASE WHEN EXISTS (SELECT 1 FROM file f WHERE f.host_id = ?1"
		"   AND f.path = v.library AND f.packages_known = 1 AND f.package IS NULL) THEN 4 ELSE 2 END END,"
		" v.started, v.variable, 'process', v.id, v.pid, v.command, v.variable FROM v",
},
{ .id = NULL },
};
