#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Processes that are hard to read, or hide: what the collector says of them, against ps, sha256sum,
# readlink and what was planted.
. "$SOURCE/tests/integration/lib.sh"
odd=$BIN/tests/odd
hide=$BIN/tests/libhide.so

# start NAME COMMAND…: starts it, waits for "ready", leaves its pid in $pid and in $pid_NAME.
start() {
	name=$1
	shift
	"$@" >"$work/$name.out" 2>&1 &
	pid=$!
	later "kill $pid 2>/dev/null"
	eval "pid_$name=$pid"
	tries=0
	until grep -qs ready "$work/$name.out" || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ $tries -lt 100 ] || failed "$name did not start: $(cat "$work/$name.out")"
}

# take NAME MODULES COMMAND…: collects, leaves each table of the archive in $work/NAME.db, one JSON
# object a line: SELECT … t->>'column' FROM table.
take() {
	run=$1
	modules=$2
	shift 2
	mkdir "$work/$run"
	"$@" "$collect" --out "$work/$run" --modules "$modules" >"$work/out" 2>"$work/err"
	ended=$?
	[ $ended -le 1 ] || failed "exit status $ended of $run: $(cat "$work/err")"
	zstd -qdc "$work/$run"/*.tar.zst | tar xf - -C "$work/$run"
	for table in process memory_region open_file hidden; do
		cat "$work/$run"/rows/$table.*.jsonl >"$work/lines" 2>/dev/null
		sqlite3 -batch "$work/$run.db" "CREATE TABLE $table (t TEXT)" '.mode ascii' \
			'.separator "\037" "\n"' ".import $work/lines $table"
	done
	cat "$work/$run"/notes.*.jsonl >"$work/$run.notes" 2>/dev/null
}
# one NAME SQL: what the shell says. is WHAT NAME SQL WANTED
one() { sqlite3 -batch -noheader "$work/$1.db" "$2"; }
is() {
	got=$(one "$2" "$3")
	[ "$got" = "$4" ] || failed "$1: '$got' instead of '$4'"
}
# of_process WHAT PID COLUMN WANTED, in the first snapshot
of_process() { is "$1: $3" a "SELECT t->>'$3' FROM process WHERE t->>'pid' = $2 AND t->>'pass' = 1" "$4"; }
# regions WHAT PID WANTED CONDITION
regions() { is "$1" a "SELECT count(*) FROM memory_region WHERE t->>'pid' = $2 AND $4" "$3"; }

# ---- the running image: gone, in memory only, large, replaced, on a file system that is gone ----
digest=$(sha256sum <"$odd" | cut -d' ' -f1)
cp "$odd" "$work/gone" && start gone "$work/gone" wait && rm "$work/gone"
cp "$odd" "$work/other" && start replaced "$work/other" wait
cp "$work/other" "$work/new" && printf x >>"$work/new" && mv "$work/new" "$work/other"
cp "$odd" "$work/name (deleted)" && start literal "$work/name (deleted)" wait
start memfd "$odd" memfd 0$(stat -c %s "$odd")
start large "$odd" memfd 314572800
start plain "$odd" wait 'a b' '' "$(printf 'x\ny')"

# ---- names and texts that a process chooses itself ----
start newline "$odd" title "$(printf 'a)\nS 1 (b')" 'sshd: root@pts/0'
start kworker "$odd" title 'kworker/0:1' '[kworker/0:1-events]'
big=$(head -c 100000 /dev/zero | tr '\0' x)
start long "$odd" wait $big $big $big $big $big $big $big $big $big $big $big $big $big $big $big $big $big $big $big
start environ env LD_PRELOAD="$hide" HIDE_PID=none SECRET=1 HISTFILE=/dev/null "$odd" wait
start erased env LD_AUDIT=/none "$odd" environ
start threads "$odd" threads 20

# ---- memory and files ----
start code "$odd" code
cp "$hide" "$work/lib.so" && start library "$odd" map "$work/lib.so" && rm "$work/lib.so"
start maps "$odd" maps 60000
start files "$odd" files 10000
start crowd "$odd" crowd 1000

take a process,memory_region,open_file

of_process gone "$pid_gone" image "$work/gone (deleted)"
of_process gone "$pid_gone" image_deleted 1
of_process gone "$pid_gone" sha256 "$digest"
of_process gone "$pid_gone" disk_inode ""
of_process replaced "$pid_replaced" image_deleted 1
of_process replaced "$pid_replaced" image_replaced 1
of_process replaced "$pid_replaced" sha256 "$digest"
of_process replaced "$pid_replaced" disk_inode "$(stat -c %i "$work/other")"
of_process replaced "$pid_replaced" image_inode "$(stat -L -c %i "/proc/$pid_replaced/exe")"
of_process literal "$pid_literal" image_deleted 0
of_process literal "$pid_literal" image_replaced 0
of_process memfd "$pid_memfd" image_memfd 1
of_process memfd "$pid_memfd" sha256 "$digest"
of_process large "$pid_large" image_memfd 1
of_process large "$pid_large" image_size 314572800
of_process large "$pid_large" sha256 "$(sha256sum <"/proc/$pid_large/exe" | cut -d' ' -f1)"
of_process plain "$pid_plain" image_deleted 0
of_process plain "$pid_plain" image_memfd 0
of_process plain "$pid_plain" command "$(printf '["%s","wait","a b","","x\\ny"]' "$odd")"
of_process plain "$pid_plain" cwd "$(readlink "/proc/$pid_plain/cwd")"
of_process plain "$pid_plain" cgroup "$(sed -n 's/^[0-9]*:[^:]*:\(\/.\)/\1/p' "/proc/$pid_plain/cgroup" | head -n 1 | grep . || echo /)"

of_process newline "$pid_newline" name "$(printf 'a)\nS 1 (b')"
of_process newline "$pid_newline" command '["sshd: root@pts/0"]'
of_process kworker "$pid_kworker" name kworker/0:1
of_process kworker "$pid_kworker" kernel_thread 0
of_process kworker "$pid_kworker" image "$odd"
of_process long "$pid_long" command_cut 1
is "bytes kept of a long command line" a "SELECT sum(length(value) + 1) FROM process, json_each(t, '\$.command')
	WHERE t->>'pid' = $pid_long AND t->>'pass' = 1" 131073
is "chosen variables" a "SELECT count(*) FROM process, json_each(t, '\$.environment') WHERE t->>'pid' = $pid_environ
	AND t->>'pass' = 1 AND (value = 'LD_PRELOAD=$hide' OR value = 'HISTFILE=/dev/null' OR value LIKE '%SECRET%')" 2
of_process environ "$pid_environ" variables "$(tr '\0' '\n' <"/proc/$pid_environ/environ" | wc -l)"
of_process erased "$pid_erased" environment ""
of_process threads "$pid_threads" threads 21

regions "writable code" "$pid_maps" 1 "t->>'reason' = 'writable-executable' AND t->>'protection' = 'rwxp' AND t->>'path' IS NULL"
regions "code after mprotect, and what looks like the vdso" "$pid_code" 2 "t->>'reason' = 'anonymous-executable'
	AND t->>'protection' = 'r-xp' AND t->>'size' = 8192 AND t->>'jit' = 0"
regions "library that is gone" "$pid_library" 1 "t->>'reason' = 'deleted-backing' AND t->>'path' = '$work/lib.so (deleted)'
	AND t->>'sha256' = '$(sha256sum <"$hide" | cut -d' ' -f1)'"
regions "image in memory" "$pid_memfd" 1 "t->>'reason' = 'memfd-backing' AND t->>'sha256' = '$digest'"
regions "image on the disk" "$pid_plain" 1 "t->>'reason' = 'file-executable' AND t->>'path' = '$odd'
	AND t->>'sha256' = '$digest' AND t->>'inode' = $(stat -c %i "$odd")"
regions "anything odd in a plain process" "$pid_plain" 0 "t->>'reason' <> 'file-executable'"
is "open files" a "SELECT count(*) FROM open_file WHERE t->>'pid' = $pid_files AND t->>'path' = '/etc/hostname'
	AND t->>'kind' = 'file' AND t->>'flags' = 32768 AND t->>'position' = 0" 10000
is "sleepers" a "SELECT count(*) FROM process WHERE t->>'ppid' = $pid_crowd AND t->>'pass' = 1" 1000
is "hidden, of what hides nothing" a "SELECT group_concat(t) FROM hidden" ""

# ps, for what stands still
ps -o pid= -o ppid= -o ruid= -o euid= -o rgid= -o egid= -o sid= -o nlwp= -p "$(echo "$pid_gone $pid_plain $pid_newline $pid_threads $pid_maps $pid_files" | tr ' ' ,)" |
	awk '{ $1 = $1; print }' >"$work/by-ps"
one a "SELECT t->>'pid', t->>'ppid', t->>'uid', t->>'euid', t->>'gid', t->>'egid', t->>'session', t->>'threads' FROM process
	WHERE t->>'pass' = 1 AND t->>'pid' IN ($pid_gone, $pid_plain, $pid_newline, $pid_threads, $pid_maps, $pid_files)
	ORDER BY CAST(t->>'pid' AS INTEGER)" | tr '|' ' ' >"$work/by-us"
cmp -s "$work/by-ps" "$work/by-us" || failed "ps says otherwise: $(diff "$work/by-ps" "$work/by-us")"
began=$(one a "SELECT unixepoch(t->>'started') FROM process WHERE t->>'pid' = $pid_plain AND t->>'pass' = 1")
by_ps=$(date -d "$(ps -o lstart= -p "$pid_plain")" +%s)
[ $((began - by_ps)) -le 1 ] && [ $((by_ps - began)) -le 1 ] || failed "start time $began, of ps $by_ps"
is "threads that are taken for processes" a "SELECT count(*) FROM process WHERE t->>'pid' IN
	($(ls "/proc/$pid_threads/task" | grep -v "^$pid_threads$" | tr '\n' ,)0)" 0

# ---- a library that hides a process from readdir, and a ps that lies ----
mkdir "$work/bin" && printf '#!/bin/sh\nexit 0\n' >"$work/bin/ps" && chmod 755 "$work/bin/ps"
LD_PRELOAD=$hide HIDE_PID=$pid_plain ls /proc | grep -qx "$pid_plain" && failed "the hiding library does not hide"
take b process env LD_PRELOAD="$hide" HIDE_PID="$pid_plain" PATH="$work/bin:$PATH" \
	ASAN_OPTIONS=verify_asan_link_order=0
is "a process behind a patched library" b "SELECT t->>'views' FROM process WHERE t->>'pid' = $pid_plain AND t->>'pass' = 1" \
	"$(one a "SELECT t->>'views' FROM process WHERE t->>'pid' = $pid_plain AND t->>'pass' = 1")"

# ---- children that start and end all the time ----
start churn "$odd" churn 4
take c process,memory_region,open_file
is "half rows" c "SELECT count(*) FROM process WHERE t->>'state' <> 'Z' AND t->>'kernel_thread' = 0 AND t->>'pid' <> 1 AND
	(t->>'image' IS NULL OR t->>'uid' IS NULL OR t->>'started' IS NULL OR t->>'cwd' IS NULL)" 0
is "hidden, of what only ended" c "SELECT group_concat(t) FROM hidden" ""
grep -q 'that ended while they were read' "$work/c.notes" || failed "no note of processes that ended"

# ---- what needs mounts ----
if [ "$(id -u)" = 0 ] && mkdir "$work/empty" "$work/lazy" && mount -t tmpfs tmpfs "$work/lazy" 2>/dev/null; then
	cp "$odd" "$work/lazy/on-tmpfs" && start lazy "$work/lazy/on-tmpfs" wait
	umount -l "$work/lazy"
	mount --bind "$work/empty" "/proc/$pid_plain" && later "umount /proc/$pid_plain 2>/dev/null"
	mount --bind "/proc/$$" "/proc/$pid_code" && later "umount /proc/$pid_code 2>/dev/null"
	take d process,memory_region
	is "image on a file system that was taken away" d "SELECT t->>'image_deleted', t->>'sha256' FROM process
		WHERE t->>'pid' = $pid_lazy AND t->>'pass' = 1" "1|$digest"
	for covered in $pid_plain $pid_code; do
		is "process under a mount" d "SELECT t->>'image', t->>'sha256', t->>'ppid' FROM process WHERE t->>'pid' = $covered
			AND t->>'pass' = 1" "$odd|$digest|$$"
		is "the mount" d "SELECT DISTINCT t->>'kind', t->>'item', t->>'missing_from' FROM hidden
			WHERE t->>'pid' = $covered" "process|$covered|mount over /proc"
	done
	is "memory of a process under a mount" d "SELECT count(*) FROM memory_region WHERE t->>'pid' = $pid_code
		AND t->>'reason' = 'anonymous-executable'" 2
	is "other hidden processes" d "SELECT count(*) FROM hidden WHERE t->>'pid' NOT IN ($pid_plain, $pid_code)" 0
	umount "/proc/$pid_plain" "/proc/$pid_code"
else
	echo "left out: processes under mounts (no right to mount)"
fi

# ---- a program on a FUSE file system that no longer answers ----
if [ "$(id -u)" = 0 ] && [ -e /dev/fuse ] && command -v bindfs >/dev/null; then
	mkdir "$work/below" "$work/fuse" && cp "$odd" "$work/below/odd"
	bindfs -f "$work/below" "$work/fuse" &
	server=$!
	later "kill -CONT $server 2>/dev/null; umount -l $work/fuse; kill $server 2>/dev/null"
	tries=0
	until [ -e "$work/fuse/odd" ] || [ $tries = 100 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	cd "$work/fuse" && start stuck "$work/fuse/odd" wait && cd "$work"
	kill -STOP $server
	sleep 2
	take e process,memory_region,open_file
	is "process whose program does not answer" e "SELECT t->>'image', t->>'cwd', t->>'sha256', t->>'command' FROM process
		WHERE t->>'pid' = $pid_stuck AND t->>'pass' = 1" \
		"$work/fuse/odd|$work/fuse||[\"$work/fuse/odd\",\"wait\"]"
	grep "/proc/$pid_stuck/exe" "$work/e.notes" | grep -q 'does not return' || failed "no note of the program that hangs"
	is "the others" e "SELECT count(*) FROM process WHERE t->>'pid' IN ($pid_gone, $pid_plain) AND t->>'pass' = 1
		AND t->>'sha256' = '$digest'" 2
	kill -CONT $server
else
	echo "left out: a program on a FUSE file system that hangs (no bindfs, or no right to mount)"
fi

# ---- without rights, and with a /proc that hides the others ----
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null && unshare -m true 2>/dev/null; then
	mkdir -m 777 "$work/nobody" && chmod 755 "$work"
	cp "$collect" "$work/nobody/"
	mkdir -m 777 "$work/nobody/out"
	unshare -m sh -c "mount -t proc -o hidepid=2 proc /proc && exec setpriv --reuid 65534 --regid 65534 --clear-groups \
		$work/nobody/kake-collect --out $work/nobody/out --modules process" >"$work/out" 2>"$work/err"
	[ $? = 1 ] || failed "a run without rights: $(cat "$work/err")"
	zstd -qdc "$work/nobody/out"/*.tar.zst | tar xf - -C "$work/nobody/out"
	cat "$work/nobody/out"/rows/hidden.* 2>/dev/null | grep . && failed "processes of others are called hidden"
	grep -q 'hidden ones were not looked for' "$work/nobody/out"/notes.*.jsonl || failed "no note of what /proc does not show"
	setpriv --reuid 65534 --regid 65534 --clear-groups "$work/nobody/kake-collect" --out "$work/nobody" \
		--modules process,memory_region,open_file >"$work/out" 2>"$work/err"
	[ $? = 1 ] || failed "a run without rights: $(cat "$work/err")"
	zstd -qdc "$work/nobody"/*.tar.zst | tar xf - -C "$work/nobody"
	grep -q "\"pid\":$pid_plain,.*\"uid\":0" "$work/nobody"/rows/process.*.jsonl || failed "another's process is missing"
	grep -q 'this user may not read in full' "$work/nobody"/notes.*.jsonl || failed "no note of what may not be read"
else
	echo "left out: a run without rights (no right to change the user)"
fi
done_testing
