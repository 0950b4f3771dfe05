/* SPDX-License-Identifier: Apache-2.0 */
/* What listens and what talks to whom. */
#include "triage/detect/themes.h"

#define TALKS " 'socket', t.id, t.pid, coalesce(t.command, t.image), t.user FROM talking t WHERE t.host_id = ?1 AND "
#define INET "t.protocol IN ('tcp', 'udp', 'sctp', 'dccp')"
#define LISTENS INET " AND (t.state = 'LISTEN' OR (t.protocol = 'udp' AND coalesce(t.remote_port, 0) = 0))"
#define CONNECTED INET " AND coalesce(t.remote_port, 0) > 0 AND t.state IS NOT 'LISTEN' AND NOT " LOOPBACK("t.remote_address")
/* Deleted without an upgrade, in memory only, or where nothing is installed. */
#define SUSPECT \
	"coalesce(t.memfd = 1 OR (t.deleted = 1 AND NOT (t.disk_inode IS NOT NULL AND t.place IN ('system', 'local', 'image')))" \
	" OR t.place IN ('temporary', 'hidden'), 0)"
#define HERE "coalesce(t.local_address, '*') || ':' || coalesce(t.local_port, '?')"
#define THERE "t.remote_address || ':' || t.remote_port"

const struct rule rules_network[] = {
{
	.id = "socket-suspect-listener", .severity = HIGH,
	.title = { "Port opened by a deleted, hidden or memory-only program", "削除済み・隠し場所・メモリー上のプログラムが開いているポート" },
	.reason = { "Process {1} (user {3}) waits for connections, and its executable is deleted, in memory only, or in a temporary or hidden directory. Command: {2}",
		"プロセス {1}（ユーザー {3}）が接続を待ち受けています。実行ファイルは削除済みか、メモリー上だけ、または一時・隠しフォルダーにあります。コマンド: {2}" },
	.next = { "See who is connected now, whether a firewall lets the port through, and since when the process runs.",
		"現在の接続相手、ファイアウォールで通っているか、いつから動いているかを確認してください。" },
	.attack = "T1571 T1205", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL THEN 2 WHEN " LOOPBACK("t.local_address") " THEN 3 END, t.started,"
		" t.protocol || ' ' || " HERE " || ' ' || t.image," TALKS LISTENS " AND " SUSPECT,
},
{
	.id = "socket-suspect-connection", .severity = HIGH,
	.title = { "Connection of a deleted, hidden or memory-only program", "削除済み・隠し場所・メモリー上のプログラムの通信" },
	.reason = { "Process {1} (user {3}) is connected to another machine, and its executable is deleted, in memory only, or in a temporary or hidden directory. Command: {2}",
		"プロセス {1}（ユーザー {3}）が他の機器と通信しています。実行ファイルは削除済みか、メモリー上だけ、または一時・隠しフォルダーにあります。コマンド: {2}" },
	.next = { "Look for the peer's address in firewall and proxy logs and on the other hosts.",
		"相手のアドレスを、ファイアウォールやプロキシーのログ、他のホストで探してください。" },
	.attack = "T1071 T1105", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL THEN 2 END, t.started, t.image || ' → ' || " THERE ","
		TALKS CONNECTED " AND " SUSPECT,
},
{
	.id = "socket-home-listener", .severity = MEDIUM,
	.title = { "Port opened by a program in a home directory", "ホームフォルダーのプログラムが開いているポート" },
	.reason = { "Process {1} (user {3}) waits for connections and runs from a home directory. Command: {2}",
		"プロセス {1}（ユーザー {3}）が接続を待ち受けており、実行ファイルはホームフォルダーにあります。コマンド: {2}" },
	.next = { "Ask the user whether they started it.", "本人が起動したものか確認してください。" },
	.attack = "T1571", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL OR " LOOPBACK("t.local_address") " THEN 2 END, t.started,"
		" t.protocol || ' ' || " HERE " || ' ' || t.image," TALKS LISTENS " AND t.place = 'home' AND NOT " SUSPECT,
},
{
	.id = "socket-home-connection", .severity = LOW,
	.title = { "Connection of a program in a home directory", "ホームフォルダーのプログラムの通信" },
	.reason = { "Process {1} (user {3}) runs from a home directory and is connected to another machine. Command: {2}",
		"プロセス {1}（ユーザー {3}）はホームフォルダーから動いており、他の機器と通信しています。コマンド: {2}" },
	.next = { "Ask the user whether they started it, and check the peer's address.", "本人が起動したものかと、相手のアドレスを確認してください。" },
	.attack = "T1071", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.user = 'root' AND " PUBLIC("t.remote_address") " THEN 3 END, t.started,"
		" t.image || ' → ' || " THERE "," TALKS CONNECTED " AND t.place = 'home' AND NOT " SUSPECT,
},
{
	.id = "socket-unpackaged-listener", .severity = MEDIUM,
	.title = { "Port open to others by a program no package owns", "パッケージに属さないプログラムが外部に開いているポート" },
	.reason = { "Process {1} (user {3}) waits for connections from other machines; its executable belongs to no package. Command: {2}",
		"プロセス {1}（ユーザー {3}）が他の機器からの接続を待ち受けています。実行ファイルはどのパッケージにも属していません。コマンド: {2}" },
	.next = { "Ask the administrator whether it was installed by hand.", "管理者が手作業で入れたものか確認してください。" },
	.attack = "T1571", .needs = "socket socket.pid file.packages_known=1",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL OR t.place IN ('local', 'image') THEN 2 END, t.started,"
		" t.protocol || ' ' || " HERE " || ' ' || t.image," TALKS LISTENS " AND t.packaged = 0 AND NOT "
		LOOPBACK("t.local_address") " AND t.place <> 'home' AND NOT " SUSPECT,
},
{
	.id = "socket-relay-tool", .severity = HIGH,
	.title = { "Tool for relays and remote shells with an open connection", "中継・遠隔操作の道具が通信している" },
	.reason = { "Process {1} (user {3}) is a tool that administrators and attackers use to pass data or a shell over the network: {2}",
		"プロセス {1}（ユーザー {3}）は、データやシェルをネットワーク越しに渡すための道具です。管理者も攻撃者も使います: {2}" },
	.next = { "Ask the administrator; look at the peer and at the parent process.", "管理者に確認し、通信相手と親プロセスを調べてください。" },
	.attack = "T1090 T1572", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL THEN 3 WHEN " LOOPBACK("coalesce(nullif(t.remote_address, ''), t.local_address)")
		" THEN 3 END, t.started, t.image || ' ' || " HERE "," TALKS INET
		" AND " BASE("t.image") " IN ('nc', 'ncat', 'nc.openbsd', 'nc.traditional', 'netcat', 'socat', 'chisel', 'ligolo',"
		" 'ngrok', 'frpc', 'frps', 'gost', 'iodine', 'dnscat', 'dnscat2', 'pwncat', 'revsocks')",
},
{
	.id = "socket-capture", .severity = HIGH,
	.title = { "Program that can read all network traffic", "ネットワークの通信を丸ごと読めるプログラム" },
	.reason = { "Process {1} (user {3}) holds a packet or raw socket, or one with a filter, and no package owns its executable. Back doors wait in this way for a secret packet; password sniffers listen so. Command: {2}",
		"プロセス {1}（ユーザー {3}）はパケットソケット・RAW ソケット、またはフィルター付きのソケットを持ち、実行ファイルはどのパッケージにも属していません。合図のパケットを待つバックドアや、パスワードの盗聴でこの形になります。コマンド: {2}" },
	.next = { "Compare the digest; look at where the executable lies and who started it.", "ハッシュ値を照合し、実行ファイルの場所と起動元を確認してください。" },
	.attack = "T1040 T1205.002", .needs = "socket socket.pid process.image",
	.sql = "SELECT CASE WHEN t.container IS NOT NULL THEN 2 WHEN t.place IN ('temporary', 'hidden', 'home') OR t.memfd = 1"
		" OR t.deleted = 1 THEN 4 WHEN t.packaged = 0 AND t.place = 'local' THEN 3 WHEN t.packaged = 0 THEN 4"
		" ELSE 3 END, t.started, t.image," TALKS
		"(t.protocol IN ('raw', 'packet') OR t.family = 'packet' OR t.has_filter = 1) AND t.family IS NOT 'netlink'"
		" AND t.family IS NOT 'unix' AND t.packaged IS NOT 1 AND NOT (t.packaged IS NULL AND t.place = 'system' AND t.deleted IS NOT 1)",
},
{
	.id = "interface-promiscuous", .severity = LOW,
	.title = { "Network interface that takes all traffic", "すべての通信を受け取る状態のネットワークインターフェース" },
	.reason = { "Interface {1} takes also what is meant for other machines (promiscuous). Sniffers need this; so do bridges and virtual machines.",
		"インターフェース {1} は他の機器宛ての通信も受け取る状態（プロミスキャス）です。盗聴のほか、ブリッジや仮想マシンでも使われます。" },
	.next = { "See which process holds a packet socket.", "パケットソケットを持つプロセスを確認してください。" },
	.attack = "T1040", .needs = "interface",
	.sql = "SELECT CASE WHEN EXISTS (SELECT 1 FROM interface b WHERE b.host_id = ?1 AND b.kind IN ('bridge', 'macvlan', 'macvtap')) THEN 1 END,"
		" NULL, i.name, 'interface', i.id, i.name, NULL, NULL FROM interface i WHERE i.host_id = ?1 AND i.promiscuous = 1"
		" AND coalesce(i.kind, '') NOT IN ('veth', 'tun', 'bridge', 'bond_slave', 'vxlan')",
},
{
	.id = "hosts-redirected", .severity = MEDIUM,
	.title = { "Update or security site led elsewhere by the hosts file", "更新・セキュリティ関連のサイトが hosts で別の宛先になっている" },
	.reason = { "{1} gives {2} the address {3}: updates or security software may not reach their servers.",
		"{1} により {2} のアドレスが {3} になっています。更新やセキュリティソフトがサーバーに届かない可能性があります。" },
	.next = { "Ask who made the entry; compare with other hosts.", "誰が書いた設定か確認し、他のホストと比べてください。" },
	.attack = "T1562.001 T1565.001", .needs = "resolver",
	.sql = "SELECT NULL, NULL, j.value, 'resolver', r.id, r.path, j.value, r.value FROM resolver r, json_each(r.names) j"
		" WHERE r.host_id = ?1 AND r.kind = 'host' AND json_valid(r.names) AND (j.value LIKE '%debian.org' OR j.value LIKE '%ubuntu.com'"
		" OR j.value LIKE '%redhat.com' OR j.value LIKE '%clamav.net' OR j.value LIKE '%virustotal.com' OR j.value LIKE '%eset.com'"
		" OR j.value LIKE '%trendmicro.%' OR j.value LIKE '%symantec.%' OR j.value LIKE '%sophos.%' OR j.value LIKE '%kaspersky.%'"
		" OR j.value LIKE '%crowdstrike.com' OR j.value LIKE '%microsoft.com' OR j.value LIKE '%windowsupdate.com')",
},
{ .id = NULL },
};
