/* SPDX-License-Identifier: Apache-2.0 */
/* What was typed. */
#include "triage/detect/themes.h"

#define TYPED " substr(c.command, 1, 200), 'shell_command', c.id, c.user, c.command, e.path_text FROM shell_command c" \
	" JOIN entry e ON e.id = c.entry_id WHERE c.host_id = ?1 AND "
#define LOGS_GONE(c) \
	"(" c " GLOB '*rm *-*r* /var/log*' OR " c " GLOB '*rm */var/log/*tmp*' OR " c " GLOB '*rm */var/log/auth*' OR " c " GLOB '*rm */var/log/syslog*'" \
	" OR " c " GLOB '*rm */var/log/messages*' OR " c " GLOB '*rm */var/log/secure*' OR " c " GLOB '*> /var/log/*tmp*' OR " c " GLOB '*>/var/log/*tmp*'" \
	" OR " c " GLOB '*[^>]> /var/log/auth*' OR " c " GLOB '*[^>]> /var/log/syslog*' OR " c " GLOB '> /var/log/*' OR " c " GLOB '>/var/log/*'" \
	" OR " c " GLOB '*shred*/var/log*' OR " c " GLOB '*truncate*/var/log*' OR " c " GLOB '*journalctl*--vacuum-time=1s*'" \
	" OR " c " GLOB '*journalctl*--rotate*--vacuum*' OR " c " GLOB '*cp /dev/null /var/log/*' OR " c " GLOB '*cat /dev/null > /var/log/*')"
#define HISTORY_GONE(c) \
	"(" c " GLOB '*history -c*' OR " c " GLOB '*history -w /dev/null*' OR " c " GLOB '*unset HIST*' OR " c " GLOB '*HISTFILE=/dev/null*'" \
	" OR " c " GLOB '*HISTSIZE=0*' OR " c " GLOB '*HISTFILESIZE=0*' OR " c " GLOB '*rm *.bash_history*' OR " c " GLOB '*rm *.zsh_history*'" \
	" OR " c " GLOB '*> *.bash_history*' OR " c " GLOB '*>*.bash_history*' OR " c " GLOB '*ln -s* /dev/null *history*'" \
	" OR " c " GLOB '*shred*history*' OR " c " GLOB '*set +o history*')"

const struct rule rules_shell[] = {
{
	.id = "command-remote-shell", .severity = HIGH,
	.title = { "Command typed that opens a remote shell", "リモートシェルを開くコマンドの入力" },
	.reason = { "The history of {1} holds a command by which somebody on the network is given a shell: {2}",
		"{1} の履歴に、ネットワーク上の誰かにシェルを渡すコマンドがあります: {2}" },
	.next = { "Record the address; look at what was typed before and after, and at log-ons of {1} then.",
		"アドレスを記録し、前後に入力されたコマンドと、当時の {1} のログオンを調べてください。" },
	.attack = "T1059.004", .needs = "shell_command",
	.sql = "SELECT NULL, c.time," TYPED REMOTE_SHELL("c.command"),
},
{
	.id = "command-download-run", .severity = MEDIUM,
	.title = { "Command typed that downloads or decodes and runs", "ダウンロードや復号をして実行するコマンドの入力" },
	.reason = { "The history of {1} holds a command that runs what comes from the network or from encoded text: {2}",
		"{1} の履歴に、ネットワークから取得したもの、または復元したものを実行するコマンドがあります: {2}" },
	.next = { "See whether the address belongs to a vendor that {1} uses; look at what was typed next.",
		"アドレスが {1} の利用している製品のものか確認し、続けて入力されたコマンドを調べてください。" },
	.attack = "T1105 T1140", .needs = "shell_command",
	.sql = "SELECT CASE WHEN c.command GLOB '*://[0-9]*.[0-9]*.[0-9]*.[0-9]*' OR c.command GLOB '*/dev/shm/*' OR c.command GLOB '*/tmp/.*' OR "
		DECODE_RUN("c.command") " THEN 4 END, c.time," TYPED "(" DOWNLOAD_RUN("c.command") " OR " DECODE_RUN("c.command") ")",
},
{
	.id = "command-clears-logs", .severity = HIGH,
	.title = { "Command typed that removes logs", "ログを消すコマンドの入力" },
	.reason = { "The history of {1} holds a command that removes or empties logs: {2}", "{1} の履歴に、ログを削除または空にするコマンドがあります: {2}" },
	.next = { "Ask the owner why; look for the same facts in the journal and on a log server.", "理由を本人に確認し、同じ内容をジャーナルやログサーバーで探してください。" },
	.attack = "T1070.002", .needs = "shell_command",
	.sql = "SELECT NULL, c.time," TYPED LOGS_GONE("c.command"),
},
{
	.id = "command-clears-history", .severity = MEDIUM,
	.title = { "Command typed that removes the shell history", "シェルの履歴を消すコマンドの入力" },
	.reason = { "The history of {1} holds a command that removes the history or switches it off: {2}", "{1} の履歴に、履歴を消すか無効にするコマンドがあります: {2}" },
	.next = { "Ask the owner why; what was typed before may be missing.", "理由を本人に確認してください。それ以前の入力は欠けている可能性があります。" },
	.attack = "T1070.003", .needs = "shell_command",
	.sql = "SELECT NULL, c.time," TYPED HISTORY_GONE("c.command"),
},
{
	.id = "command-weakens", .severity = MEDIUM,
	.title = { "Command typed that weakens the protection", "保護を弱めるコマンドの入力" },
	.reason = { "The history of {1} holds a command that switches a protection off or makes a hidden way in: {2}",
		"{1} の履歴に、保護機能を止めるか、隠れた入口を作るコマンドがあります: {2}" },
	.next = { "Ask the owner whether it was maintenance, and see whether it is still so.", "保守作業だったか本人に確認し、現在もその状態か調べてください。" },
	.attack = "T1562.001 T1548.001 T1136.001", .needs = "shell_command",
	.sql = "SELECT CASE WHEN c.command GLOB '*useradd*-o*-u 0*' OR c.command GLOB '*useradd*-u 0*-o*' OR c.command GLOB '*useradd*-ou 0*'"
		" OR c.command GLOB '*chmod*[u+]s */*bin/*sh' OR c.command GLOB '*chmod 4755 */*sh' OR c.command GLOB '*>> /etc/passwd*' OR c.command GLOB '*>> /etc/ld.so.preload*' THEN 4 END, c.time," TYPED
		"(c.command GLOB '*systemctl *stop *auditd*' OR c.command GLOB '*systemctl *disable *auditd*' OR c.command GLOB '*systemctl *stop *rsyslog*'"
		" OR c.command GLOB '*systemctl *disable *rsyslog*' OR c.command GLOB '*service *rsyslog stop*' OR c.command GLOB '*service *auditd stop*'"
		" OR c.command GLOB '*auditctl -e 0*' OR c.command GLOB '*auditctl -D*' OR c.command GLOB '*setenforce 0*' OR c.command GLOB '*iptables -F*'"
		" OR c.command GLOB '*ufw disable*' OR c.command GLOB '*systemctl *stop *clamav*' OR c.command GLOB '*systemctl *stop *falcon*'"
		" OR c.command GLOB '*chattr *+i *' OR c.command GLOB '*chmod *u+s *' OR c.command GLOB '*chmod +s *' OR c.command GLOB '*chmod 4[0-7][0-7][0-7] *'"
		" OR c.command GLOB '*useradd*-o*-u 0*' OR c.command GLOB '*useradd*-u 0*-o*' OR c.command GLOB '*useradd*-ou 0*' OR c.command GLOB '*>> /etc/passwd*'"
		" OR c.command GLOB '*>> /etc/ld.so.preload*' OR c.command GLOB '*insmod *' OR c.command GLOB '*setcap *setuid*')",
},
{
	.id = "command-attack-tool", .severity = HIGH,
	.title = { "Attack tool named in a typed command", "攻撃用の道具の名前を含むコマンドの入力" },
	.reason = { "The history of {1} names a tool for attacks: {2}", "{1} の履歴に、攻撃用の道具の名前があります: {2}" },
	.next = { "Ask whether a security test was ordered; otherwise look for the tool and what it made.",
		"セキュリティ診断を依頼していないか確認し、心当たりがなければ道具と作られたファイルを探してください。" },
	.attack = "T1588.002", .needs = "shell_command",
	.sql = "SELECT NULL, c.time," TYPED "(c.command LIKE '%linpeas%' OR c.command LIKE '%mimipenguin%' OR c.command LIKE '%pspy64%' OR c.command LIKE '%chisel %client%'"
		" OR c.command LIKE '%msfvenom%' OR c.command LIKE '%meterpreter%' OR c.command LIKE '%xmrig%' OR c.command LIKE '%dirtycow%' OR c.command LIKE '%dirtypipe%'"
		" OR c.command LIKE '%pwnkit%' OR c.command LIKE '%linux-exploit-suggester%' OR c.command LIKE '%reptile%cmd%' OR c.command LIKE '%diamorphine%'"
		" OR c.command LIKE '%3snake%' OR c.command LIKE '%laZagne%' OR c.command LIKE '%hashcat %' OR c.command GLOB '*hydra -*' OR c.command LIKE '%sliver-client%')",
},
{ .id = NULL },
};
