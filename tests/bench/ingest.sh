#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Rows a second from a signed archive into a case file with its timeline and indexes, and the peak of
# memory, beside a plain .import of the same rows with the sqlite3 shell.
#   BIN=build/release sh tests/bench/ingest.sh [LINES]
set -eu
lines=${1:-500000}
bin=$(cd "$BIN" && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/root/var/log" "$work/root/etc" "$work/out"
echo bench >"$work/root/etc/hostname"
awk -v n="$lines" 'BEGIN {
	for (i = 0; i < n; i++) {
		t = 1700000000 + int(i / 5)
		printf "%s web1 app[%d]: request %d from 192.0.2.%d took %d ms and gave /var/www/page-%d.html\n",
			strftime("%Y-%m-%dT%H:%M:%S+00:00", t, 1), 1000 + i % 40, i, i % 250, i % 977, i % 5000
	}
}' >"$work/root/var/log/syslog"
"$bin/kake-collect" --root "$work/root" --out "$work/out" >/dev/null 2>&1 || [ $? = 1 ]
# timed NAME COMMAND…: sets seconds and kib; 1 is complete with notes.
timed() {
	/usr/bin/time -o "$work/time" -f '%e %M %U %S' "$@" >/dev/null 2>"$work/err" || [ $? = 1 ] || cat "$work/err"
	read -r seconds kib user system <<-END
		$(tail -n 1 "$work/time")
	END
}
timed "$bin/kake-triage" ingest "$work/case.db" "$work"/out/*.tar.zst
rows=$(sqlite3 "$work/case.db" "SELECT (SELECT count(*) FROM syslog) + (SELECT count(*) FROM event)")
awk -v r="$rows" -v s="$seconds" -v u="$user" -v y="$system" -v k="$kib" 'BEGIN {
	printf "ingest: %d rows in %.2f s (%.2f s of processor) = %d rows a second, peak %.0f MiB\n", r, s, u + y, r / s, k / 1024 }'
mine=$seconds
sqlite3 -csv "$work/case.db" "SELECT id, host_id, entry_id, offset, length, time, grade, host, program, pid, message, format
	FROM syslog" >"$work/syslog.csv"
sqlite3 -csv "$work/case.db" "SELECT * FROM event" >"$work/event.csv"
timed sqlite3 "$work/plain.db" "CREATE TABLE syslog (id, host_id, entry_id, offset, length, time, grade, host, program, pid,
	message, format)" "CREATE TABLE event (id, host_id, time, time_kind, grade, type, actor, object, summary, row_table,
	row_id, entry_id, offset, length)" ".import --csv $work/syslog.csv syslog" ".import --csv $work/event.csv event" \
	"CREATE INDEX event_time ON event (time)"
awk -v r="$rows" -v s="$seconds" -v m="$mine" 'BEGIN {
	printf "sqlite3 .import of the same rows: %.2f s = %d rows a second; ingest takes %.2f times as long\n", s, r / s, m / s }'
