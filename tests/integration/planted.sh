#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Plants a harmless compromise on this host, collects, ingests, and expects each part as a finding
# with the right row behind it.
. "$SOURCE/tests/integration/lib.sh"
[ "$(id -u)" = 0 ] || skip "planting needs root"
plant=$BIN/tests/plant
shm=/dev/shm/.kake-$$
cron=/etc/cron.d/kake-planted-$$
seconds=240

start() { # NAME COMMAND…: starts it, waits for "ready", leaves its pid in $pid
	name=$1
	shift
	"$@" >"$work/$name" 2>&1 &
	pid=$!
	later "kill $pid 2>/dev/null"
	tries=0
	until grep -q ready "$work/$name" || [ $tries = 50 ]; do
		sleep 0.1
		tries=$((tries + 1))
	done
	[ $tries -lt 50 ] || failed "$name did not start: $(cat "$work/$name")"
}

mkdir -m 700 "$shm" && later "rm -rf $shm"
cp "$plant" "$shm/gone" && start deleted "$shm/gone" sleep $seconds && deleted=$pid && rm "$shm/gone"
start memfd "$plant" memfd $seconds && memfd=$pid
start memory "$plant" memory $seconds && memory=$pid
cp "$plant" "$shm/kworker" && start listen "$shm/kworker" listen 47113 '[kworker/0:1]' $seconds && listener=$pid
rm "$shm/kworker"
echo 'int kake_planted;' | cc -shared -fPIC -x c -o "$work/preloaded.so" - || failed "no compiler"
start preload env LD_PRELOAD="$work/preloaded.so" "$plant" sleep $seconds && preload=$pid
printf '#!/bin/sh\nexit 0\n' >"$shm/job" && chmod 755 "$shm/job"
later "rm -f $cron"
printf '@reboot root %s/job --quiet\n' "$shm" >"$cron"

status 1 "$collect" --profile quick --out "$work"
archive=$(ls "$work"/*.tar.zst)
status 1 "$triage" verify "$archive"
"$triage" ingest "$work/case.db" "$archive" >"$work/out" 2>&1
[ $? -le 1 ] || failed "ingest: $(cat "$work/out")"
"$triage" findings "$work/case.db" --format json >"$work/findings.json" || [ $? = 1 ] || failed "findings"

# found RULE TABLE CONDITION: a finding of the rule whose row in the table fits the condition.
found() {
	n=$(rows "SELECT count(*) FROM finding f JOIN finding_row r ON r.finding_id = f.id
		JOIN $2 t ON t.id = r.row_id WHERE f.rule = '$1' AND r.row_table = '$2' AND ($3)")
	[ "$n" -ge 1 ] 2>/dev/null || failed "no finding $1 with the planted row of $2 ($3)"
}
digest=$(sha256sum "$plant" | cut -d' ' -f1)
found process-deleted process "t.pid = $deleted AND t.image_deleted = 1 AND t.sha256 = '$digest'"
found process-memfd process "t.pid = $memfd AND t.image_memfd = 1 AND t.sha256 = '$digest'"
found process-preload process "t.pid = $preload"
found process-kernel-name process "t.pid = $listener"
found socket-suspect-listener socket "t.pid = $listener AND t.local_port = 47113"
found memory-writable-code memory_region "t.pid = $memory"
found autorun-temporary autorun "CAST(t.path AS TEXT) = '$cron'"

# Each says why in both languages, and what to do next.
n=$(rows "SELECT count(*) FROM finding WHERE reason = '' OR reason_ja = '' OR next = '' OR next_ja = '' OR title_ja = ''")
[ "$n" = 0 ] || failed "$n findings without a text"
# The collector that ran is no finding (one that somebody left in /tmp may be).
n=$(rows "SELECT count(*) FROM finding WHERE subject LIKE '%$collect%'")
[ "$n" = 0 ] || failed "the collector found itself $n times"

# The original bytes behind a row are what was signed: the line of the archive's member.
row=$(rows "SELECT r.row_id FROM finding f JOIN finding_row r ON r.finding_id = f.id WHERE f.rule = 'process-memfd' AND r.row_table = 'process' LIMIT 1")
status 0 "$triage" extract "$work/case.db" "process:$row" --archive "$archive" --out "$work/line"
grep -q "\"pid\":$memfd," "$work/line" || failed "extract gave another line"
done_testing
