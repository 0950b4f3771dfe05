/* SPDX-License-Identifier: Apache-2.0 */
/* Files. */
#include "triage/detect/themes.h"

#define FILES " 'file', f.id, f.path, coalesce(f.type, '?'), coalesce(f.uid, '?') FROM file f WHERE f.host_id = ?1 AND f.kind = 'file'" \
	" AND NOT EXISTS (SELECT 1 FROM own o WHERE o.host_id = ?1 AND o.sha256 = f.sha256) AND "
#define ELF "coalesce(f.type LIKE 'ELF %' OR f.type LIKE '%executable%' AND f.type NOT LIKE '%script%' OR f.type = 'application/x-executable'" \
	" OR f.type GLOB 'application/x-pie-exec*' OR f.type GLOB 'application/x-sharedlib*', 0)"
#define SCRIPT "(f.type LIKE '%script%' OR f.type LIKE 'text/x-p%' OR f.type LIKE 'text/x-ruby%')"
#define UNPACKAGED "f.packages_known = 1 AND f.package IS NULL"
#define WEB_ROOT(p) "(" p " GLOB '/var/www/*' OR " p " GLOB '/srv/www/*' OR " p " GLOB '/srv/http/*' OR " p " GLOB '/usr/share/nginx/*'" \
	" OR " p " GLOB '*/public_html/*' OR " p " GLOB '*/htdocs/*' OR " p " GLOB '*/webapps/*' OR " p " GLOB '*/wwwroot/*')"
#define WEB_SCRIPT(p) "(" p " LIKE '%.php' OR " p " LIKE '%.phtml' OR " p " LIKE '%.phar' OR " p " LIKE '%.php_' OR " p " LIKE '%.jsp' OR " p " LIKE '%.jspx'" \
	" OR " p " LIKE '%.asp' OR " p " LIKE '%.aspx' OR " p " LIKE '%.ashx' OR " p " LIKE '%.cgi' OR " p " LIKE '%.war')"
#define WEB_USER "f.uid IN (SELECT a.uid FROM account a WHERE a.host_id = ?1 AND a.name IN ('www-data', 'apache', 'nginx', 'http', 'wwwrun', 'tomcat', 'nobody', 'caddy', 'lighttpd'))"
#define UPLOADS(p) "(" p " GLOB '*/uploads/*' OR " p " GLOB '*/upload/*' OR " p " GLOB '*/images/*' OR " p " GLOB '*/img/*' OR " p " GLOB '*/tmp/*'" \
	" OR " p " GLOB '*/media/*' OR " p " GLOB '*/avatars/*' OR " p " GLOB '*/files/*')"
#define IMAGE_NAME(p) "(" p " LIKE '%.jpg' OR " p " LIKE '%.jpeg' OR " p " LIKE '%.png' OR " p " LIKE '%.gif' OR " p " LIKE '%.ico' OR " p " LIKE '%.svg')"

const struct rule rules_file[] = {
{
	.id = "file-setid", .severity = HIGH,
	.title = { "Program that gives root's rights and belongs to no package", "パッケージに属さず root の権限を与えるプログラム" },
	.reason = { "Whoever starts {1} gets the rights of its owner (user id {3}), and no package brought it. A copied shell with this bit is a common back door. Type: {2}",
		"{1} を起動した人は所有者（ユーザー ID {3}）の権限を得ますが、どのパッケージのものでもありません。この権限を付けたシェルの複製は、よくあるバックドアです。種類: {2}" },
	.next = { "Look at its digest, its age and who made it.", "ハッシュ値、作成日時、作成者を確認してください。" },
	.attack = "T1548.001", .needs = "file.packages_known=1 file.mode",
	.sql = "SELECT CASE WHEN (" PLACE("f.path") ") = 'image' THEN 2 WHEN " SHADY("f.path") " THEN 5 WHEN (f.mode & 2048) = 0 OR f.uid > 0 THEN 3"
		" WHEN f.path GLOB '*/chrome-sandbox' OR f.path GLOB '*/chrome_sandbox' THEN 3 END, f.changed, f.path," FILES UNPACKAGED " AND (f.mode & 3072) <> 0 AND (f.mode & 73) <> 0",
},
{
	.id = "file-capabilities", .severity = MEDIUM,
	.title = { "Program with special rights (capabilities) and of no package", "パッケージに属さず特別な権限（ケーパビリティー）を持つプログラム" },
	.reason = { "{1} has rights of root without being set-id, and no package brought it. Type: {2}",
		"{1} は set-id ではありませんが root の権限の一部を持ち、どのパッケージのものでもありません。種類: {2}" },
	.next = { "Look at its digest, its age and who made it.", "ハッシュ値、作成日時、作成者を確認してください。" },
	.attack = "T1548", .needs = "file.packages_known=1",
	.sql = "SELECT CASE WHEN (" PLACE("f.path") ") = 'image' THEN 2 WHEN (" PLACE("f.path") ") IN ('temporary', 'hidden', 'web') THEN 4 END, f.changed, f.path,"
		FILES UNPACKAGED " AND f.capabilities IS NOT NULL",
},
{
	.id = "file-temporary-program", .severity = MEDIUM,
	.title = { "Program in a temporary directory", "一時フォルダーにあるプログラム" },
	.reason = { "{1} is a program in a directory that any user may write to. Intruders put their tools there; so do installers and developers. Type: {2}",
		"{1} は、誰でも書き込めるフォルダーにあるプログラムです。侵入者が道具を置くほか、インストーラーや開発作業でも作られます。種類: {2}" },
	.next = { "Look at its age, owner (user id {3}) and digest.", "作成日時、所有者（ユーザー ID {3}）、ハッシュ値を確認してください。" },
	.attack = "T1036.005 T1105", .needs = "file",
	.sql = "SELECT CASE WHEN f.path GLOB '/dev/*' OR f.path GLOB '/tmp/.*' OR f.path GLOB '/var/tmp/.*' THEN 4 END, f.changed, f.path," FILES
		"(" PLACE("f.path") ") = 'temporary' AND " ELF " AND (f.mode & 73) <> 0",
},
{
	.id = "file-temporary-script", .severity = INFORMATIONAL,
	.title = { "Script in a temporary directory", "一時フォルダーにあるスクリプト" },
	.reason = { "{1} is a script in a directory that any user may write to. Type: {2}", "{1} は、誰でも書き込めるフォルダーにあるスクリプトです。種類: {2}" },
	.next = { "Read it; look at its age and owner (user id {3}).", "内容、作成日時、所有者（ユーザー ID {3}）を確認してください。" },
	.attack = "T1059.004", .needs = "file",
	.sql = "SELECT CASE WHEN f.path GLOB '/dev/*' OR f.path GLOB '/tmp/.[!XI]*' OR f.path GLOB '/var/tmp/.*' THEN 3 END, f.changed, f.path," FILES
		"(" PLACE("f.path") ") = 'temporary' AND " SCRIPT " AND (f.mode & 73) <> 0",
},
{
	.id = "file-hidden-program", .severity = MEDIUM,
	.title = { "Program in a hidden directory of the system", "システムの隠しフォルダーにあるプログラム" },
	.reason = { "{1} is a program under a name that a plain listing does not show, outside of home directories. Type: {2}",
		"{1} は、通常の一覧に出ない名前の場所（ホームフォルダー以外）にあるプログラムです。種類: {2}" },
	.next = { "Look at its age, owner (user id {3}) and digest.", "作成日時、所有者（ユーザー ID {3}）、ハッシュ値を確認してください。" },
	.attack = "T1564.001", .needs = "file",
	.sql = "SELECT CASE WHEN f.path GLOB '/opt/*' OR f.path GLOB '/usr/local/*' OR f.path GLOB '/srv/*' THEN 2 END, f.changed, f.path," FILES
		"(" PLACE("f.path") ") = 'hidden' AND " ELF " AND f.package IS NULL AND f.path NOT GLOB '*/.build-id/*'",
},
{
	.id = "file-unpackaged-in-system", .severity = MEDIUM,
	.title = { "Program among the system's own that no package owns", "システムの場所にあり、どのパッケージにも属さないプログラム" },
	.reason = { "{1} lies where only packages put programs, but none owns it. Type: {2}",
		"{1} はパッケージがプログラムを置く場所にありますが、どのパッケージのものでもありません。種類: {2}" },
	.next = { "Look at its age, owner (user id {3}) and digest; ask the administrator.", "作成日時、所有者（ユーザー ID {3}）、ハッシュ値を確認し、管理者に尋ねてください。" },
	.attack = "T1036.005 T1554", .needs = "file.packages_known=1",
	.sql = "SELECT CASE WHEN f.changed <= ?2 - " DAYS(30) " THEN 2 END, f.changed, f.path," FILES UNPACKAGED " AND (f.mode & 73) <> 0 AND (" ELF " OR " SCRIPT ")"
		" AND (f.path GLOB '/bin/*' OR f.path GLOB '/sbin/*' OR f.path GLOB '/usr/bin/*' OR f.path GLOB '/usr/sbin/*' OR f.path GLOB '/lib/systemd/*'"
		" OR f.path GLOB '/usr/lib/systemd/*' OR f.path GLOB '/usr/lib/*/security/*' OR f.path GLOB '/lib/*/security/*') AND NOT " SHADY("f.path"),
},
{
	.id = "file-web-shell", .severity = HIGH,
	.title = { "Possible web shell", "Web シェルの可能性があるファイル" },
	.reason = { "{1} is a script where visitors' uploads lie, or a script that calls itself a picture. Web shells look like this. Type: {2}",
		"{1} は、利用者のアップロード先にあるスクリプト、または画像を装ったスクリプトです。Web シェルに見られる形です。種類: {2}" },
	.next = { "Read it without opening it in a browser; look in the web server's log for who called it.",
		"ブラウザーで開かずに中身を読み、Web サーバーのログで呼び出した相手を調べてください。" },
	.attack = "T1505.003", .needs = "file",
	.sql = "SELECT CASE WHEN f.modified <= ?2 - " DAYS(90) " THEN 3 END, f.changed, f.path," FILES WEB_ROOT("f.path") " AND f.package IS NULL AND ((" WEB_SCRIPT("f.path") " AND " UPLOADS("f.path")
		" AND f.size > 50) OR (" IMAGE_NAME("f.path") " AND (f.type LIKE '%PHP%' OR f.type LIKE '%script%executable%')))",
},
{
	.id = "file-web-script-changed", .severity = MEDIUM,
	.title = { "Web scripts changed lately by the web server itself", "Web サーバー自身により最近変更されたスクリプト" },
	.reason = { "Scripts under {1} belong to the account of the web server (user id {3}) and were changed within the 30 days before the collection. Updates of the application do this; so does a web shell.",
		"{1} 以下に、Web サーバーのアカウント（ユーザー ID {3}）が所有し、取得前の 30 日間に変更されたスクリプトがあります。アプリケーションの更新のほか、Web シェルの設置でも起こります。" },
	.next = { "Compare with the application's original files; look in the web server's log at the time of the change.",
		"アプリケーションの元のファイルと比べ、変更時刻の Web サーバーのログを調べてください。" },
	.attack = "T1505.003", .needs = "file account",
	.sql = "SELECT NULL, f.changed, rtrim(f.path, replace(f.path, '/', '')), 'file', f.id, rtrim(f.path, replace(f.path, '/', '')), f.path, f.uid FROM file f"
		" WHERE f.host_id = ?1 AND f.kind = 'file' AND " WEB_ROOT("f.path") " AND f.package IS NULL AND " WEB_SCRIPT("f.path") " AND f.changed > ?2 - " DAYS(30)
		" AND " WEB_USER " AND NOT " UPLOADS("f.path"),
},
{
	.id = "file-immutable", .severity = MEDIUM,
	.title = { "File that cannot be changed or removed (immutable)", "変更・削除できない属性（immutable）の付いたファイル" },
	.reason = { "{1} bears the attribute that keeps even root from changing it. Intruders protect their files so. Type: {2}",
		"{1} には root でも変更できない属性が付いています。侵入者が自分のファイルを守るために使います。種類: {2}" },
	.next = { "Ask the administrator; look at the file's age and owner (user id {3}).", "管理者に確認し、作成日時と所有者（ユーザー ID {3}）を調べてください。" },
	.attack = "T1222.002", .needs = "file",
	.sql = "SELECT CASE WHEN f.path IN ('/etc/resolv.conf', '/etc/hosts') OR f.path GLOB '/var/lib/*' OR f.path GLOB '/sys/*' THEN 2 WHEN " SHADY("f.path") " OR f.path GLOB '*/authorized_keys' THEN 4 END,"
		" f.changed, f.path," FILES "f.attributes LIKE '%\"immutable\"%'",
},
{
	.id = "file-in-dev", .severity = MEDIUM,
	.title = { "Ordinary file among the devices", "デバイス用の場所（/dev）にある通常のファイル" },
	.reason = { "{1} is an ordinary file in /dev, where only devices belong. Files are hidden there. Type: {2}",
		"{1} は、デバイスだけが置かれる /dev にある通常のファイルです。ファイルを隠す場所として使われます。種類: {2}" },
	.next = { "Look at its contents and its age.", "中身と作成日時を確認してください。" },
	.attack = "T1564", .needs = "file",
	.sql = "SELECT NULL, f.changed, f.path," FILES "f.path GLOB '/dev/*' AND f.path NOT GLOB '/dev/shm/*' AND f.path NOT GLOB '/dev/mqueue/*' AND f.path NOT GLOB '/dev/hugepages/*'"
		" AND f.path NOT GLOB '/dev/.lxc*' AND f.path NOT GLOB '/dev/.udev*' AND NOT " ELF,
},
{
	.id = "file-from-future", .severity = LOW,
	.title = { "File time in the future", "未来の日時を持つファイル" },
	.reason = { "{1} was last written or changed more than a day after the evidence was taken, as its times say. The clock was wrong, or the times were set by hand. Type: {2}",
		"{1} の更新日時は、証拠の取得より 1 日以上後になっています。時計が狂っていたか、日時が手で設定されています。種類: {2}" },
	.next = { "Do not rely on the times of this file.", "このファイルの日時は当てにしないでください。" },
	.attack = "T1070.006", .needs = "file.modified",
	.sql = "SELECT CASE WHEN f.changed > ?2 + " DAYS(1) " THEN 3 END, f.modified, f.path," FILES "(f.modified > ?2 + " DAYS(1) " OR f.changed > ?2 + " DAYS(1) ")",
},
{ .id = NULL },
};
