#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# From a mounted disk through the archive into the case file, and back to the bytes; judged by the
# files themselves, utmpdump and the sqlite3 shell.
. "$SOURCE/tests/integration/lib.sh"
logs=$CORPUS/linux-logs
[ -d "$logs" ] || skip "no corpus beside the sources"
command -v utmpdump >/dev/null || skip "no utmpdump"
case_file=$work/case.db

root=$work/root
mkdir "$root" "$work/archives"
cp -a "$SOURCE/tests/fixtures/linux-root/." "$root"
mkdir -p "$root/var/log" "$root/root"
cp "$logs/loghub/OpenSSH_2k.log" "$root/var/log/auth.log"
gzip -nc "$logs/loghub/Linux_2k.log" >"$root/var/log/syslog.2.gz"
cp "$CORPUS/wtmp/plaso/utmp_wtmp.1" "$root/var/log/wtmp"
printf 'id\nid\nwget http://203.0.113.9/=x\n' >"$root/root/.bash_history"
touch -d '2023-12-20 00:00:00Z' "$root/var/log/auth.log" "$root/var/log/syslog.2.gz"
"$collect" --root "$root" --out "$work/archives" --case C-9 >"$work/out" 2>&1
[ $? -le 1 ] || { cat "$work/out"; failed "collecting"; done_testing; }
archive=$(ls "$work"/archives/*.tar.zst)

ingest() {
	"$triage" ingest "$@" >"$work/out" 2>"$work/err"
	got=$?
	[ $got -le 1 ] || { failed "exit status $got: ingest $*"; cat "$work/err"; }
}
equal() { [ "$2" = "$3" ] || failed "$1: $2 instead of $3"; }

echo "- what went in"
ingest "$case_file" "$archive"
equal "integrity" "$(rows 'PRAGMA integrity_check')" ok
equal "our mark" "$(rows 'PRAGMA application_id')" $((0x4b414b45))
equal "case" "$(rows 'SELECT case_name FROM archive')" C-9
equal "digest" "$(rows 'SELECT sha256 FROM archive')" "$(sha256sum "$archive" | cut -d' ' -f1)"
equal "host" "$(rows 'SELECT key FROM host_identity')" "$(cat "$root/etc/machine-id")"
ssh_lines=$(grep -c '' "$logs/loghub/OpenSSH_2k.log")
linux_lines=$(grep -c '' "$logs/loghub/Linux_2k.log")
equal "lines of logs, seen again or new" \
	"$(rows "SELECT count(*) FROM (SELECT entry_id FROM syslog UNION ALL SELECT entry_id FROM source WHERE
	row_table = 'syslog') t JOIN entry e ON e.id = t.entry_id WHERE
	e.path_text IN ('/var/log/auth.log', '/var/log/syslog.2.gz')")" \
	$((ssh_lines + linux_lines))
equal "failed passwords" "$(rows "SELECT count(*) FROM auth_event WHERE action = 'failed' AND service = 'sshd' AND
	entry_id = (SELECT id FROM entry WHERE path_text = '/var/log/auth.log')")" \
	"$(grep -cE 'Failed (password|none) for' "$logs/loghub/OpenSSH_2k.log")"
equal "records of wtmp" \
	"$(rows "SELECT (SELECT count(*) FROM login_record) + (SELECT count(*) FROM source WHERE row_table = 'login_record')")" \
	"$(utmpdump "$root/var/log/wtmp" 2>/dev/null | grep -c '')"
equal "commands typed" "$(rows "SELECT group_concat(command, '|') FROM (SELECT s.command FROM shell_command s
	JOIN entry e ON e.id = s.entry_id WHERE e.path_text = '/root/.bash_history' ORDER BY s.line)")" \
	"$(paste -sd'|' "$root/root/.bash_history")"
equal "log lines told twice in the timeline" "$(rows "SELECT count(*) FROM event a JOIN event b ON
	a.entry_id = b.entry_id AND a.offset = b.offset AND a.row_table = 'syslog' AND b.row_table = 'auth_event'")" 0
equal "the oldest line of the log in coverage" \
	"$(rows "SELECT count(*) FROM coverage c, (SELECT min(time) AS t FROM syslog s JOIN entry e ON e.id = s.entry_id
	WHERE e.path_text = '/var/log/syslog.2.gz') WHERE c.source = '/var/log/syslog' AND c.first = t")" 1

echo "- back to the bytes"
for path in /var/log/auth.log /var/log/syslog.2.gz /var/log/wtmp; do
	id=$(rows "SELECT id FROM entry WHERE path_text = '$path'")
	rm -f "$work/bytes"
	status 0 "$triage" extract "$case_file" "entry:$id" --archive "$archive" --out "$work/bytes"
	check "bytes of $path" cmp "$work/bytes" "$root$path"
	grep -q "$(sha256sum "$root$path" | cut -d' ' -f1)" "$work/out" || failed "proof of $path"
done
zcat "$root/var/log/syslog.2.gz" >"$work/syslog.2"
for id in $(rows "SELECT id FROM syslog WHERE id % 331 = 5"); do
	set -- $(rows "SELECT e.path_text || ' ' || t.offset || ' ' || t.length FROM syslog t JOIN entry e ON e.id = t.entry_id WHERE t.id = $id")
	file=$root$1
	[ "$1" = /var/log/syslog.2.gz ] && file=$work/syslog.2
	"$triage" extract "$case_file" "syslog:$id" --archive "$archive" >"$work/bytes" 2>"$work/err" || failed "syslog:$id"
	tail -c +$(($2 + 1)) "$file" | head -c "$3" | cmp -s - "$work/bytes" || failed "bytes of syslog:$id"
	grep -qxF "$(cat "$work/bytes")" "$file" || failed "syslog:$id is no line of $file"
done
status 2 "$triage" extract "$case_file" syslog:1 --archive "$work/syslog.2"
status 2 "$triage" extract "$case_file" syslog:99999999
status 2 "$triage" extract "$case_file" 'syslog:1; DROP TABLE meta'

echo "- the same again"
rows .dump >"$work/before"
ingest "$case_file" "$archive"
rows .dump >"$work/after"
check "the same archive changed the case file" cmp "$work/before" "$work/after"
ingest "$work/second.db" "$archive"
sqlite3 "$work/second.db" .dump >"$work/after"
check "two ingests differ" cmp "$work/before" "$work/after"

echo "- what must not go in"
size=$(stat -c %s "$archive")
for at in $((size / 5)) $((size / 2)) $((size * 4 / 5)); do
	cp "$archive" "$work/altered.tar.zst"
	byte=$(tail -c +$((at + 1)) "$archive" | head -c 1 | od -An -tu1 | tr -d ' ')
	printf "\\$(printf %o $((byte ^ 1)))" | dd of="$work/altered.tar.zst" bs=1 seek=$at conv=notrunc 2>/dev/null
	status 2 "$triage" ingest "$work/none.db" "$work/altered.tar.zst"
	[ ! -e "$work/none.db" ] || failed "a case file was left behind"
done
status 2 "$triage" ingest "$root/etc/passwd" "$archive"
grep -q 'is not a case file' "$work/err" || failed "does not say that it is no case file"
check "passwd was changed" cmp "$root/etc/passwd" "$SOURCE/tests/fixtures/linux-root/etc/passwd"
status 2 "$triage" ingest "$work/none.db" "$work/nowhere.tar.zst"
status 2 "$triage" ingest "$work/no/such/place.db" "$archive"
status 2 "$triage" ingest "$work/none.db" "$archive" --ca "$root/etc/passwd"

echo "- asking"
status 0 "$triage" query "$case_file" 'SELECT count(*) AS n FROM syslog' --format json
equal "JSON" "$(tr -d '\n' <"$work/out")" "[{\"n\":$(rows 'SELECT count(*) FROM syslog')}]"
for sql in 'DELETE FROM syslog' 'SELECT 1; SELECT 2' "ATTACH 'x' AS x" 'PRAGMA user_version = 9'; do
	status 2 "$triage" query "$case_file" "$sql"
done
status 1 "$triage" query "$case_file" 'SELECT id FROM syslog' --limit 3
status 0 "$triage" query "$case_file" \
	"SELECT id, message, '=1+1' AS formula, x'00ff' AS bytes, NULL AS empty FROM syslog ORDER BY id" --format csv
[ "$(head -c 3 "$work/out" | od -An -tx1 | tr -d ' ')" = efbbbf ] || failed "no byte-order mark"
tail -c +4 "$work/out" >"$work/read.csv"
sqlite3 "$work/read.db" ".import --csv $work/read.csv t" "SELECT id, message, formula, bytes, empty FROM t ORDER BY id + 0" >"$work/read"
rows "SELECT id, CASE WHEN message GLOB '[-=+@]*' THEN '''' ELSE '' END || message, '''=1+1', '00ff', ''
	FROM syslog ORDER BY id" >"$work/wanted"
check "CSV as another program reads it" cmp "$work/read" "$work/wanted"
status 0 "$triage" timeline "$case_file" --format json
sqlite3 "$work/read.db" "CREATE TABLE e AS SELECT key, value FROM json_each(CAST(readfile('$work/out') AS TEXT))"
equal "events with a time" "$(sqlite3 "$work/read.db" 'SELECT count(*) FROM e')" \
	"$(rows 'SELECT count(*) FROM event WHERE time IS NOT NULL')"
equal "events out of order" "$(sqlite3 "$work/read.db" "SELECT count(*) FROM e a JOIN e b ON b.key = a.key + 1
	WHERE substr(a.value->>'time', 1, 19) > substr(b.value->>'time', 1, 19)")" 0
status 0 "$triage" timeline "$case_file" --type logon-failed --grep 173.234.31.186 --zone +09:00 --limit 1
grep -q '+09:00 ' "$work/out" || failed "zone of the timeline"
status 2 "$triage" timeline "$case_file" --from yesterday
status 2 "$triage" timeline "$case_file" --host nobody
status 2 "$triage" timeline "$work/nowhere.db"
rows 'SELECT * FROM タイムライン LIMIT 1' | grep -q '|' || failed "Japanese view"
for view in $(rows "SELECT name FROM sqlite_master WHERE type = 'view'"); do
	rows "SELECT count(*) FROM (SELECT * FROM \"$view\" LIMIT 1)" >/dev/null || failed "view $view"
done

echo "- in a place that cannot be written"
mkdir "$work/readonly"
cp "$case_file" "$work/readonly/case.db"
if [ "$(id -u)" = 0 ] && mount --bind "$work/readonly" "$work/readonly" 2>/dev/null; then
	later "umount '$work/readonly'"
	mount -o remount,bind,ro "$work/readonly" || failed "remounting"
	status 0 "$triage" query "$work/readonly/case.db" 'SELECT count(*) FROM entry'
	status 0 "$triage" timeline "$work/readonly/case.db" --limit 1
	status 2 "$triage" ingest "$work/readonly/case.db" "$archive"
	status 2 "$triage" ingest "$work/readonly/new.db" "$archive"
else
	echo "skipped: cannot mount"
fi
done_testing
