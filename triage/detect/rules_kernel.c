/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel, and what one view of the host shows and another does not. */
#include "triage/detect/themes.h"

#define HIDDEN(kinds) \
	" coalesce(h.item, h.kind), 'hidden', h.id, h.seen_by, h.missing_from, h.detail FROM hidden h" \
	" WHERE h.host_id = ?1 AND h.kind " kinds \
	" AND NOT EXISTS (SELECT 1 FROM running p WHERE p.host_id = h.host_id AND p.pid = h.pid AND p.is_own)"

const struct rule rules_kernel[] = {
{
	.id = "hidden-process", .severity = CRITICAL,
	.title = { "Process hidden from the list of processes", "プロセス一覧から隠されたプロセス" },
	.reason = { "One view of the host shows it ({1}), another does not ({2}). Rootkits hide their processes so. What is known: {3}",
		"ある見方（{1}）では見えるのに、別の見方（{2}）では見えません。ルートキットがプロセスを隠すときの状態です。分かっていること: {3}" },
	.next = { "Do not trust what this host's own tools show. Take a memory image if one can be had, and look at the disk from another system.",
		"このホスト上の道具の表示は信用できません。可能ならメモリーイメージを取得し、ディスクは別のシステムから調べてください。" },
	.attack = "T1014 T1564", .needs = "process",
	.sql = "SELECT NULL, NULL," HIDDEN("= 'process'"),
},
{
	.id = "hidden-module", .severity = CRITICAL,
	.title = { "Kernel module hidden from the list of modules", "モジュール一覧から隠されたカーネルモジュール" },
	.reason = { "One view of the kernel shows it ({1}), another does not ({2}). Rootkits hide their module so. What is known: {3}",
		"ある見方（{1}）では見えるのに、別の見方（{2}）では見えません。ルートキットが自身を隠すときの状態です。分かっていること: {3}" },
	.next = { "Do not trust what this host's own tools show. Look at the disk from another system for the module and what loads it.",
		"このホスト上の道具の表示は信用できません。ディスクを別のシステムから調べ、モジュールと読み込み元を探してください。" },
	.attack = "T1014 T1547.006", .needs = "kernel_module|process",
	.sql = "SELECT NULL, NULL," HIDDEN("= 'kernel_module'"),
},
{
	.id = "hidden-socket", .severity = HIGH,
	.title = { "Connection or port hidden from one view of the host", "一部の見方から隠された通信またはポート" },
	.reason = { "One view of the network shows it ({1}), another does not ({2}). What is known: {3}",
		"ある見方（{1}）では見えるのに、別の見方（{2}）では見えません。分かっていること: {3}" },
	.next = { "Look for the address and port in firewall logs; see which process holds it.", "アドレスとポートをファイアウォールのログで探し、どのプロセスのものかを確認してください。" },
	.attack = "T1014", .needs = "socket",
	.sql = "SELECT NULL, NULL," HIDDEN("= 'socket'"),
},
{
	.id = "hidden-file", .severity = HIGH,
	.title = { "File or directory hidden from listings", "一覧から隠されたファイルまたはフォルダー" },
	.reason = { "One view of the file system shows it ({1}), another does not ({2}). What is known: {3}",
		"ある見方（{1}）では見えるのに、別の見方（{2}）では見えません。分かっていること: {3}" },
	.next = { "Look at the disk from another system.", "ディスクを別のシステムから調べてください。" },
	.attack = "T1014 T1564.001", .needs = "file|process",
	.sql = "SELECT CASE WHEN h.kind <> 'file' THEN 3 END, NULL," HIDDEN("NOT IN ('process', 'kernel_module', 'socket')"),
},
{
	.id = "kernel-module-tainted", .severity = MEDIUM,
	.title = { "Kernel module without signature or from outside the kernel", "署名のない、または外部から追加されたカーネルモジュール" },
	.reason = { "Module {1} ({2}) did not come with the kernel or bears no signature that it knows. Drivers built by hand are such; so are rootkits.",
		"モジュール {1}（{2}）は、カーネルに付属しないか、カーネルが認める署名がありません。自分で作ったドライバーのほか、ルートキットも該当します。" },
	.next = { "Find its file under /lib/modules and ask which product installed it.", "/lib/modules 以下のファイルを探し、どの製品が入れたものか確認してください。" },
	.attack = "T1547.006", .needs = "kernel_module",
	.sql = "SELECT CASE WHEN m.name IN ('nvidia', 'nvidia_drm', 'nvidia_modeset', 'nvidia_uvm', 'vboxdrv', 'vboxnetflt', 'vboxnetadp',"
		" 'vboxguest', 'vboxsf', 'vboxvideo', 'zfs', 'spl', 'wl', 'vmmon', 'vmnet', 'zavl', 'zunicode', 'zcommon', 'znvpair', 'icp') THEN 2 END,"
		" NULL, m.name, 'kernel_module', m.id, m.name, m.taint, NULL FROM kernel_module m WHERE m.host_id = ?1"
		" AND (m.taint GLOB '*O*' OR m.taint GLOB '*E*' OR m.taint GLOB '*F*')",
},
{
	.id = "kernel-tainted", .severity = MEDIUM,
	.title = { "Kernel took a foreign module that is not loaded now", "今は見えない外部モジュールをカーネルが読み込んだ形跡" },
	.reason = { "The kernel's taint flags ({1}) say that a module from outside or without signature was loaded since boot, but none is listed: it was removed, or it hides.",
		"カーネルの taint フラグ（{1}）は、起動後に外部または署名なしのモジュールが読み込まれたことを示しますが、一覧にはありません。外されたか、隠れています。" },
	.next = { "Look in the kernel's log for the name of the module.", "カーネルのログからモジュールの名前を探してください。" },
	.attack = "T1014 T1547.006", .needs = "host.taint kernel_module",
	.sql = "SELECT NULL, h.booted, 'kernel', 'host', h.id, h.taint, NULL, NULL FROM host h WHERE h.host_id = ?1"
		" AND (h.taint & 12290) <> 0 AND NOT EXISTS (SELECT 1 FROM kernel_module m WHERE m.host_id = ?1"
		"  AND (m.taint GLOB '*O*' OR m.taint GLOB '*E*' OR m.taint GLOB '*F*'))",
},
{
	.id = "mount-over-process", .severity = CRITICAL,
	.title = { "Mount that hides a process", "プロセスを隠すためのマウント" },
	.reason = { "Something is mounted over {1}, so that the process does not show in lists.",
		"{1} の上に別のものがマウントされ、そのプロセスが一覧に出なくなっています。" },
	.next = { "Look at the process with that number by other means, such as its control group.", "その番号のプロセスを、コントロールグループなど別の手段で調べてください。" },
	.attack = "T1564", .needs = "mount",
	.sql = "SELECT NULL, NULL, m.mount_point, 'mount', m.id, m.mount_point, m.source, m.type FROM mount m WHERE m.host_id = ?1"
		" AND m.mount_point GLOB '/proc/[0-9]*'",
},
{ .id = NULL },
};
