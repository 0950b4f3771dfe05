/* SPDX-License-Identifier: Apache-2.0 */
/* What lies in the memory of processes. */
#include "triage/detect/themes.h"

/* Mappings of each process and kind as one match, with the process that holds them. */
#define REGIONS(values) \
	" 'memory_region', r.id, r.pid, r.protection || ' ' || coalesce(r.size, '?') || ' bytes at ' || coalesce(r.address, '?'), " values \
	" FROM memory_region r JOIN running p ON p.host_id = r.host_id AND p.pid = r.pid" \
	" WHERE r.host_id = ?1 AND NOT p.is_own AND "

const struct rule rules_memory[] = {
{
	.id = "memory-code-without-file", .severity = MEDIUM,
	.title = { "Code in memory that comes from no file", "ファイルに由来しないコードがメモリーにある" },
	.reason = { "Process {1} ({3}) has executable memory without a file behind it: {2}. Injected code looks like this; so does what a language runtime compiles.",
		"プロセス {1}（{3}）に、元のファイルがない実行可能なメモリー領域があります: {2}。注入されたコードのほか、言語処理系が実行時に作るコードもこの形になります。" },
	.next = { "Ask whether the program compiles at run time. If not, look at its parent, connections and loaded libraries.",
		"実行時にコードを作るプログラムかを確認してください。そうでなければ、親プロセス、通信先、読み込まれたライブラリーを確認してください。" },
	.attack = "T1055 T1620", .needs = "memory_region process.image",
	.sql = "SELECT CASE WHEN p.place IN ('temporary', 'hidden') OR p.memfd = 1 THEN 4 WHEN r.jit = 1 THEN 1"
		" WHEN p.container IS NOT NULL THEN 2 END, r.started, coalesce(p.image, p.name),"
		REGIONS("coalesce(p.command, p.name)") "r.reason = 'anonymous-executable'",
},
{
	.id = "memory-writable-code", .severity = MEDIUM,
	.title = { "Memory that can be both written and run", "書き込みと実行の両方ができるメモリー" },
	.reason = { "Process {1} ({3}) has memory that is writable and executable at once: {2}. Careful programs never need it; injected code does.",
		"プロセス {1}（{3}）に、書き込みと実行が同時にできるメモリー領域があります: {2}。通常は不要で、注入されたコードに見られます。" },
	.next = { "Ask whether the program compiles at run time. If not, look at its parent, connections and loaded libraries.",
		"実行時にコードを作るプログラムかを確認してください。そうでなければ、親プロセス、通信先、読み込まれたライブラリーを確認してください。" },
	.attack = "T1055", .needs = "memory_region process.image",
	.sql = "SELECT CASE WHEN p.place IN ('temporary', 'hidden') OR p.memfd = 1 THEN 4 WHEN r.jit = 1 THEN 1"
		" WHEN p.container IS NOT NULL THEN 2 END, r.started, coalesce(p.image, p.name),"
		REGIONS("coalesce(p.command, p.name)") "r.reason = 'writable-executable'",
},
{
	.id = "memory-memfd-code", .severity = HIGH,
	.title = { "Library or code loaded from memory only", "メモリー上だけから読み込まれたコード" },
	.reason = { "Process {1} ({3}) runs code from a memory file that has no name on the disk: {2}.",
		"プロセス {1}（{3}）は、ディスクに名前のないメモリー上のファイルからコードを実行しています: {2}。" },
	.next = { "Look at what loaded it: parent, environment, open files.", "読み込みの元（親プロセス、環境変数、開いているファイル）を確認してください。" },
	.attack = "T1620", .needs = "memory_region process.image",
	.sql = "SELECT CASE WHEN r.jit = 1 THEN 1 WHEN p.container IS NOT NULL THEN 2 END, r.started,"
		" coalesce(p.image, p.name) || ' ← ' || coalesce(r.path, 'memfd'),"
		REGIONS("coalesce(p.command, p.name)")
		"r.reason = 'memfd-backing' AND r.protection GLOB '??x*' AND p.memfd IS NOT 1",
},
{
	.id = "memory-deleted-code", .severity = HIGH,
	.title = { "Loaded library whose file was deleted", "ファイルが削除されたライブラリーを読み込んでいる" },
	.reason = { "Process {1} runs code from a file that is gone: {3}. It lay where software is not installed.",
		"プロセス {1} は、既に削除されたファイルのコードを実行しています: {3}。通常のソフトウェアが置かれる場所ではありません。" },
	.next = { "The file can be read from the process while it lives; look at who wrote it.", "プロセスが動いている間は中身を読めます。誰が書いたファイルかを確認してください。" },
	.attack = "T1070.004 T1574.006", .needs = "memory_region process.image",
	.sql = "SELECT CASE WHEN r.jit = 1 THEN 1 WHEN p.container IS NOT NULL THEN 2 WHEN r.path GLOB '/home/*'"
		" OR r.path GLOB '/root/*' THEN 3 END, r.started, coalesce(p.image, p.name) || ' ← ' || r.path,"
		REGIONS("r.path") "r.reason = 'deleted-backing' AND r.protection GLOB '??x*' AND p.deleted IS NOT 1"
		" AND (" PLACE("r.path") ") IN ('temporary', 'hidden', 'home', 'web')",
},
{
	.id = "memory-upgraded-code", .severity = INFORMATIONAL,
	.title = { "Libraries still in use in a version before an upgrade", "更新前の版のライブラリーを使い続けているプログラム" },
	.reason = { "{3} still runs libraries whose files were replaced or removed since (process {1}).",
		"{3} は、その後に置き換えられたか削除されたライブラリーを使い続けています（プロセス {1}）。" },
	.next = { "A restart of the service loads the new version.", "サービスを再起動すると新しい版が読み込まれます。" },
	.attack = "", .needs = "memory_region process.image",
	.sql = "SELECT NULL, r.started, coalesce(p.image, p.name)," REGIONS("coalesce(p.image, p.name)")
		"r.reason IN ('deleted-backing', 'replaced-backing') AND r.protection GLOB '??x*' AND p.deleted IS NOT 1"
		" AND (" PLACE("r.path") ") NOT IN ('temporary', 'hidden', 'home', 'web')",
},
{ .id = NULL },
};
