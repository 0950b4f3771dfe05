/* SPDX-License-Identifier: Apache-2.0 */
/* What starts by itself. */
#include "triage/detect/themes.h"

#define AUTORUN " 'autorun', a.id, a.kind || coalesce(' ' || a.name, ''), coalesce(a.command, a.target, ''), a.path" \
	" FROM autorun a WHERE a.host_id = ?1 AND a.enabled IS NOT 0 AND "
/* Written by a package and not meant to be edited: what a package has in /etc may have been changed since. */
#define AS_PACKAGED "(a.package IS NOT NULL AND a.path NOT GLOB '/etc/*' AND a.path NOT GLOB '/var/*')"
#define NEW "coalesce(a.file_born > ?2 - " DAYS(30) ", a.file_changed > ?2 - " DAYS(30) ", 0)"
/* A command that runs, not merely mentions, what lies in such a directory. */
#define RUNS_FROM(directory) \
	"coalesce(a.target GLOB '" directory "?*', 0) OR coalesce(a.command GLOB '" directory "?*' OR a.command GLOB '*sh " directory "?*'" \
	" OR a.command GLOB '*sh -c *" directory "?*' OR a.command GLOB '*python* " directory "?*'" \
	" OR a.command GLOB '*perl " directory "?*' OR a.command GLOB '*php " directory "?*'" \
	" OR a.command GLOB '*[;&|] " directory "?*' OR a.command GLOB '*[;&|]" directory "?*'" \
	" OR a.command GLOB '*LD_PRELOAD=" directory "?*' OR a.command GLOB '. " directory "?*' OR a.command GLOB 'source " directory "?*', 0)"
#define RUNS_FROM_TEMPORARY "coalesce(" RUNS_FROM("/tmp/") " OR " RUNS_FROM("/var/tmp/") " OR " RUNS_FROM("/dev/shm/") \
	" OR a.target GLOB '/run/user/*' OR a.target GLOB '/dev/?*', 0)"
/* The files by which a user's shell starts read one another, also some that need not be there. */
#define OWN_SHELL_START "(a.kind = 'shell-start' AND (a.path GLOB '/home/*' OR a.path GLOB '/root/*') AND a.target GLOB '*/.*')"
/* Files that every installation writes itself, so that no package lists them. */
#define WRITTEN_BY_SYSTEM \
	"(a.kind IN ('pam', 'shell-start', 'modules-load', 'motd') OR a.path GLOB '/etc/pam.d/*' OR a.path GLOB '/etc/rc?.d/*'" \
	" OR a.path GLOB '*/.bashrc' OR a.path GLOB '*/.profile' OR a.path GLOB '*/.bash_logout' OR a.path GLOB '/etc/profile'" \
	" OR a.path GLOB '/etc/modules*' OR a.path GLOB '/run/*' OR a.path GLOB '/etc/environment')"

const struct rule rules_autorun[] = {
{
	.id = "autorun-temporary", .severity = HIGH,
	.title = { "Starts by itself from a temporary directory", "一時フォルダーから自動的に起動する設定" },
	.reason = { "{1} in {3} starts something from a directory that any user may write to: {2}",
		"{3} の {1} は、誰でも書き込めるフォルダーにあるものを起動します: {2}" },
	.next = { "Look at the file it names, at who wrote the entry and when; keep both before anything is removed.",
		"起動されるファイルと、設定を書いた人物・日時を確認してください。消す前に両方を保全してください。" },
	.attack = "T1053.003 T1543.002", .needs = "autorun",
	.sql = "SELECT CASE WHEN " AS_PACKAGED " THEN 2 END, a.file_changed, coalesce(a.target, a.command, a.path),"
		AUTORUN RUNS_FROM_TEMPORARY,
},
{
	.id = "autorun-hidden", .severity = HIGH,
	.title = { "Starts by itself from a hidden file or directory", "隠しファイル・隠しフォルダーから自動的に起動する設定" },
	.reason = { "{1} in {3} starts a file that a plain listing does not show: {2}",
		"{3} の {1} は、通常の一覧に出ないファイルを起動します: {2}" },
	.next = { "Look at the file, its owner and its age.", "ファイルの中身、所有者、作成日時を確認してください。" },
	.attack = "T1564.001 T1053.003", .needs = "autorun",
	.sql = "SELECT CASE WHEN a.target GLOB '/home/*' OR a.target GLOB '/root/*' THEN 3 END, a.file_changed, a.target,"
		AUTORUN "a.target GLOB '*/.?*' AND a.target_package IS NULL AND a.kind NOT IN ('shell-start') AND NOT " RUNS_FROM_TEMPORARY
		" AND a.target NOT GLOB '/home/*/.local/*' AND a.target NOT GLOB '/root/.local/*'"
		" AND a.target NOT GLOB '*/.cargo/bin/*' AND a.target NOT GLOB '*/.nvm/*'",
},
{
	.id = "autorun-home", .severity = MEDIUM,
	.title = { "System start entry that runs something in a home directory", "ホームフォルダーにあるものを起動するシステムの設定" },
	.reason = { "{1} in {3} starts what lies in a user's home: {2}. Who can write there decides what it runs.",
		"{3} の {1} は、利用者のホームフォルダーにあるものを起動します: {2}。そこに書き込める人が、実行される内容を変えられます。" },
	.next = { "Look at the owner and the age of the file; ask the administrator.", "ファイルの所有者と作成日時を確認し、管理者に尋ねてください。" },
	.attack = "T1543.002 T1053.003", .needs = "autorun",
	.sql = "SELECT CASE WHEN a.path GLOB '/home/*' OR a.kind IN ('xdg', 'shell-start') OR a.user NOT IN ('root', '0') THEN 2 END,"
		" a.file_changed, coalesce(a.target, a.command),"
		AUTORUN "(" RUNS_FROM("/home/") " OR " RUNS_FROM("/root/") ") AND NOT " AS_PACKAGED " AND NOT " OWN_SHELL_START,
},
{
	.id = "autorun-remote-shell", .severity = CRITICAL,
	.title = { "Starts a remote shell by itself", "リモートシェルを自動的に起動する設定" },
	.reason = { "{1} in {3} runs a command by which somebody on the network is given a shell: {2}",
		"{3} の {1} は、ネットワーク上の誰かにシェルを渡すコマンドを実行します: {2}" },
	.next = { "Record the address in the command; look for it in firewall logs and on other hosts.",
		"コマンド中のアドレスを記録し、ファイアウォールのログと他のホストで探してください。" },
	.attack = "T1059.004 T1053.003", .needs = "autorun autorun.command",
	.sql = "SELECT CASE WHEN " AS_PACKAGED " THEN 3 END, a.file_changed, substr(a.command, 1, 200)," AUTORUN REMOTE_SHELL("a.command"),
},
{
	.id = "autorun-download", .severity = HIGH,
	.title = { "Downloads or decodes something and runs it by itself", "ダウンロードや復号したものを自動的に実行する設定" },
	.reason = { "{1} in {3} runs what comes from the network or from encoded text: {2}",
		"{3} の {1} は、ネットワークから取得したもの、または符号化された文字列から復元したものを実行します: {2}" },
	.next = { "Record the address; decode the text on another machine; look for what it left behind.",
		"アドレスを記録し、文字列の復元は別の機器で行い、残されたものを探してください。" },
	.attack = "T1105 T1140 T1053.003", .needs = "autorun autorun.command",
	.sql = "SELECT CASE WHEN " AS_PACKAGED " THEN 2 END, a.file_changed, substr(a.command, 1, 200)," AUTORUN
		"(" DOWNLOAD_RUN("a.command") " OR " DECODE_RUN("a.command") ")",
},
{
	.id = "autorun-fetches", .severity = MEDIUM,
	.title = { "Start entry of no package that fetches or decodes", "パッケージに属さず、取得や復号を行う自動起動の設定" },
	.reason = { "{1} in {3} belongs to no package and uses a tool that fetches or decodes data: {2}",
		"{3} の {1} はどのパッケージにも属さず、データの取得や復号を行う道具を使います: {2}" },
	.next = { "Ask the administrator what it is for.", "用途を管理者に確認してください。" },
	.attack = "T1105", .needs = "autorun autorun.command autorun.packages_known=1",
	.sql = "SELECT NULL, a.file_changed, substr(a.command, 1, 200)," AUTORUN "a.packages_known = 1 AND a.package IS NULL AND a.kind <> 'pam'"
		" AND (a.command GLOB '*curl *' OR a.command GLOB '*wget *' OR a.command GLOB '*base64 *' OR a.command GLOB '*openssl enc*'"
		" OR a.command GLOB '*nc *' AND a.command NOT GLOB '*[a-z]nc *')"
		" AND NOT (" DOWNLOAD_RUN("a.command") " OR " DECODE_RUN("a.command") " OR " REMOTE_SHELL("a.command") ")",
},
{
	.id = "autorun-unpackaged", .severity = MEDIUM,
	.title = { "Starts by itself and belongs to no package", "どのパッケージにも属さないものの自動起動" },
	.reason = { "{1} in {3} starts a file that no package owns: {2}. Software installed by hand is such; so is what an intruder leaves.",
		"{3} の {1} は、どのパッケージにも属さないファイルを起動します: {2}。手作業で入れたソフトウェアのほか、侵入者が残したものも該当します。" },
	.next = { "Ask the administrator; look at the file's age, owner and digest.", "管理者に確認し、ファイルの作成日時、所有者、ハッシュ値を確認してください。" },
	.attack = "T1543 T1053", .needs = "autorun autorun.packages_known=1",
	.sql = "SELECT CASE WHEN a.kind IN ('shell-start', 'xdg', 'motd') THEN 1 WHEN (" PLACE("a.target") ") IN ('local', 'image', 'home', 'web') AND NOT "
		NEW " THEN 2 WHEN a.target GLOB '/etc/*' AND NOT " NEW " THEN 2 END, a.file_changed, a.target,"
		AUTORUN "a.packages_known = 1 AND a.target IS NOT NULL AND a.target_exists = 1 AND a.target_package IS NULL AND a.kind <> 'pam' AND NOT " AS_PACKAGED
		" AND NOT " SHADY("a.target"),
},
{
	.id = "autorun-own-entry", .severity = LOW,
	.title = { "Start entry of no package for a packaged program", "パッケージのプログラムを起動する、独自の自動起動の設定" },
	.reason = { "{1} in {3} was not installed by a package, but starts a program of one, or a command: {2}",
		"{3} の {1} はパッケージが入れたものではなく、パッケージのプログラムやコマンドを起動します: {2}" },
	.next = { "Read the entry; ask the administrator if it is not known.", "設定の内容を読み、心当たりがなければ管理者に確認してください。" },
	.attack = "T1543 T1053", .needs = "autorun autorun.packages_known=1",
	.sql = "SELECT CASE WHEN " WRITTEN_BY_SYSTEM " THEN 1 WHEN " NEW " AND a.kind IN ('cron', 'at', 'udev', 'systemd-timer', 'network-hook') THEN 3 END,"
		" a.file_changed, a.path, " AUTORUN "a.packages_known = 1 AND a.package IS NULL"
		" AND NOT coalesce(a.target_exists = 1 AND a.target_package IS NULL, 0) AND a.path IS NOT NULL AND a.path NOT GLOB '/run/*'"
		" AND a.kind NOT IN ('ld-preload') AND coalesce(a.command, a.target) IS NOT NULL",
},
{
	.id = "autorun-missing-target", .severity = LOW,
	.title = { "Start entry whose file is missing", "起動するファイルが存在しない自動起動の設定" },
	.reason = { "{1} in {3} names a file that is not there: {2}. It may be a leftover, or the file was removed after use.",
		"{3} の {1} が示すファイルはありません: {2}。残骸のほか、使用後に削除された可能性もあります。" },
	.next = { "Look in logs for runs of the command.", "ログでそのコマンドの実行記録を探してください。" },
	.attack = "T1070.004", .needs = "autorun autorun.packages_known=1",
	.sql = "SELECT CASE WHEN " SHADY("a.target") " THEN 4 END, a.file_changed, a.target," AUTORUN
		"a.packages_known = 1 AND a.package IS NULL AND a.target_exists = 0 AND a.target IS NOT NULL AND NOT " OWN_SHELL_START,
},
{
	.id = "autorun-writable-target", .severity = MEDIUM,
	.title = { "File started as root that others may change", "root で起動され、他の利用者が書き換えられるファイル" },
	.reason = { "{1} in {3} runs as root what another user owns or everybody may write to: {2}",
		"{3} の {1} は root として動きますが、起動されるファイルは他の利用者の所有か、誰でも書き込めます: {2}" },
	.next = { "Look at the owner and the permission bits, and whether the file was changed lately.",
		"所有者と権限、最近の変更の有無を確認してください。" },
	.attack = "T1574.010", .needs = "autorun",
	.sql = "SELECT CASE WHEN (a.target_mode & 2) = 0 THEN 2 END, a.file_changed, a.target," AUTORUN
		"coalesce(a.user, 'root') IN ('root', '0') AND a.kind IN ('cron', 'at', 'systemd-service', 'systemd-timer', 'init', 'rc', 'udev', 'pam', 'network-hook')"
		" AND a.path NOT GLOB '/home/*' AND a.target_exists = 1 AND ((a.target_mode & 2) <> 0 OR a.target_uid > 0)",
},
{
	.id = "autorun-ld-preload", .severity = HIGH,
	.title = { "Library forced into every program (ld.so.preload)", "すべてのプログラムに強制的に読み込まれるライブラリー（ld.so.preload）" },
	.reason = { "{3} loads {2} into every program that starts. User-land rootkits hide files, processes and log-ons in this way.",
		"{3} により、起動するすべてのプログラムに {2} が読み込まれます。ファイルやプロセス、ログオンを隠すルートキットがこの仕組みを使います。" },
	.next = { "Look at the library from another system: this host's own tools may not show it.",
		"このホスト上の道具には表示されない可能性があります。別のシステムからライブラリーを調べてください。" },
	.attack = "T1574.006 T1014", .needs = "autorun|file",
	.sql = "SELECT CASE WHEN a.target_package IS NOT NULL THEN 2 WHEN " SHADY("a.target") " OR a.target GLOB '/home/*' THEN 5 END, a.file_changed,"
		" coalesce(a.target, a.command, a.path)," AUTORUN "(a.kind = 'ld-preload' OR a.path = '/etc/ld.so.preload')"
		" UNION ALL SELECT NULL, f.changed, f.path, 'file', f.id, 'file', f.size || ' bytes', f.path FROM file f WHERE f.host_id = ?1"
		" AND f.path = '/etc/ld.so.preload' AND f.size > 1 AND NOT EXISTS (SELECT 1 FROM autorun b WHERE b.host_id = ?1 AND b.path = f.path)",
},
{
	.id = "autorun-pam-module", .severity = HIGH,
	.title = { "Log-on module (PAM) that no package owns", "パッケージに属さないログオン用モジュール（PAM）" },
	.reason = { "{3} uses a module of no package: {2}. Such a module sees every password and can let anybody in.",
		"{3} は、どのパッケージにも属さないモジュールを使っています: {2}。このモジュールはすべてのパスワードを見ることができ、誰でも通すことができます。" },
	.next = { "Compare its digest; look at its age; ask the administrator.", "ハッシュ値の照合と作成日時の確認を行い、管理者に尋ねてください。" },
	.attack = "T1556.003", .needs = "autorun autorun.packages_known=1",
	.sql = "SELECT CASE WHEN a.target GLOB '*/pam_exec*' THEN 3 END, a.file_changed, a.target," AUTORUN
		"a.kind = 'pam' AND a.packages_known = 1 AND a.target GLOB '*.so' AND a.target_exists = 1 AND a.target_package IS NULL",
},
{ .id = NULL },
};
