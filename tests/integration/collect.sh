#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# kake-collect from the outside: its archive, its words, its exit status, on hosts that do not help.
. "$SOURCE/tests/integration/lib.sh"
. "$SOURCE/tests/integration/by_hand.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
few=machine,mount,resolver,account

# new: an empty directory for the next run, $out.
new() { out=$work/out.$((number = ${number:-0} + 1)) && mkdir "$out"; }
# took WANTED COMMAND…: ends with 0 or 1 (some rights may be missing here), with one whole archive.
took() {
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	[ $got -le 1 ] || { failed "exit status $got: $*"; head -n 5 "$work/err"; }
	archive=$(ls "$out"/*.tar.zst)
	[ "$(ls "$out" | wc -l)" = 1 ] || failed "more than the archive: $(ls "$out")"
	check "archive of: $*" is_whole "$archive"
}
# refused TEXT COMMAND…: status 2, says TEXT, leaves nothing.
refused() {
	text=$1
	shift
	status 2 "$@"
	grep -q -- "$text" "$work/err" || { failed "does not say '$text': $*"; cat "$work/err"; }
	[ -z "$(ls -A "$out")" ] || failed "left behind: $(ls "$out")"
}
member() { cat "$work/whole/$1"; }

echo "- this host, quick"
new
took "$collect" --profile quick --out "$out" --case 'C-7 "x"' --operator 山田
ls "$out" | grep -Eq "^$(uname -n)-[0-9]{8}T[0-9]{6}Z\.tar\.zst$" || failed "name $(ls "$out")"
[ "$(zstd -qdc "$archive" | tar tf - | head -n 1)" = collection.json ] || failed "collection.json is not first"
member collection.json >"$work/record"
grep -q "\"program_sha256\":\"$(sha256sum "$collect" | cut -d' ' -f1)\"" "$work/record" || failed "own digest"
grep -q '"case":"C-7 \\"x\\"","operator":"山田","profile":"quick"' "$work/record" || failed "case, operator, profile"
grep -q "\"tzif\":\"$(od -An -v -tx1 /etc/localtime | tr -d ' \n')\"" "$work/record" || failed "zone bytes"
grep -q '"key":"throw-away"' "$work/record" || failed "kind of key"
member rows/host.0001.jsonl >"$work/host"
grep -q "\"name\":\"$(uname -n)\"" "$work/host" || failed "host name"
grep -q "\"machine_id\":\"$(cat /etc/machine-id)\"" "$work/host" || failed "machine id"
grep -q "\"kernel\":\"$(uname -r) " "$work/host" || failed "kernel"
grep -q "\"booted\":\"$(date -u -d "@$(awk '$1 == "btime" { print $2 }' /proc/stat)" +%Y-%m-%dT%H:%M:%SZ)\"" "$work/host" ||
	failed "time of boot"
findmnt -rno TARGET | sort -u | while read -r point; do
	printf '"mount_point":"%b"\n' "$point"
done >"$work/points"
while IFS= read -r point; do
	grep -qF "$point" "$work/whole/rows/mount.0001.jsonl" || failed "mount: $point"
done <"$work/points"
for module in process socket machine; do
	cat "$work"/whole/rows/module_run.*.jsonl | grep -q "\"module\":\"$module\",\"pass\":1.*\"state\":\"done\"" ||
		failed "module_run has no $module"
done
cat "$work"/whole/rows/module_run.*.jsonl | grep -q '"module":"process","pass":2' || failed "no second look"
code=$(grep -E '^  \| +[0-9]{4} ' "$work/out" | tr -d ' |')
[ ${#code} = 24 ] || failed "read-back code: $code"
"$triage" verify "$archive" --code "$code" >"$work/verify" 2>&1
[ $? -le 1 ] || { failed "kake-triage verify"; cat "$work/verify"; }

echo "- a mounted disk"
new
took "$collect" --root "$SOURCE/tests/fixtures/linux-root" --out "$out"
name=$(cat "$SOURCE/tests/fixtures/linux-root/etc/hostname")
ls "$out" | grep -q "^$name-" || failed "name of the disk's host: $(ls "$out")"
[ ! -e "$work/whole/rows/process.0001.jsonl" ] || failed "processes of this host under --root"
cat "$work"/whole/rows/module_run.*.jsonl | grep -q '"module":"process","state":"not-live"' || failed "not-live"

echo "- what cannot be followed"
new
refused "unknown option '--outt'" "$collect" --outt "$out"
refused "no profile 'fast'" "$collect" --out "$out" --profile fast
refused "no module 'nothing'" "$collect" --out "$out" --modules nothing
refused "unexpected word 'now'" "$collect" --out "$out" now
refused "a time such as 90s or 10m, not 'soon'" "$collect" --out "$out" --max-time soon
refused "belong together" "$collect" --out "$out" --key "$work/none"
refused "No such file or directory" "$collect" --out "$out" --artifacts "$work/none"
refused "No such file or directory" "$collect" --out "$out/none"
refused "Not a directory" "$collect" --out /etc/passwd
refused "No such file or directory" "$collect" --out "$out" --root "$work/none"
refused "No such file or directory" "$collect" --out "$out" --key "$work/none" --cert "$work/none"

echo "- never over an existing file"
new
now=$(date +%s)
for second in 0 1 2 3 4 5 6 7 8 9; do
	echo mine >"$out/$(uname -n)-$(date -u -d "@$((now + second))" +%Y%m%dT%H%M%SZ).tar.zst"
done
"$collect" --modules $few --out "$out" >/dev/null 2>&1
[ "$(grep -lx mine "$out"/*Z.tar.zst | wc -l)" = 10 ] || failed "an existing file was changed"
check "the second name" is_whole "$out"/*Z-2.tar.zst

echo "- two at once"
new
"$collect" --modules $few --out "$out" >/dev/null 2>&1 &
"$collect" --modules $few --out "$out" >/dev/null 2>&1
wait
[ "$(ls "$out" | wc -l)" = 2 ] || failed "two runs gave $(ls "$out")"
for archive in "$out"/*.tar.zst; do check "one of two" is_whole "$archive"; done

echo "- a plan"
new
(cd "$out" && status 0 "$collect" --plan --profile quick)
for module in process socket machine; do
	grep -q "($module)" "$work/out" || failed "the plan does not name $module"
done
[ -z "$(ls -A "$out")" ] || failed "a plan left something"

echo "- a full disk"
new
if mount -t tmpfs -o size=16k none "$out" 2>/dev/null; then
	later "umount -l $out"
	status 2 "$collect" --modules process,memory_region,open_file --out "$out"
	grep -q "No space left on device" "$work/err" || failed "does not say that the disk is full"
	ls "$out" | grep -qv '\.part$' && failed "a name without .part on a full disk"
	unpack "$(ls "$out"/*.part)" "$work/parts"
	by_hand "$work/parts" >/dev/null || failed "closed segments on a full disk"
else
	echo "  left out: no tmpfs can be mounted here"
fi

echo "- not root"
new
chmod 711 "$work" && chown 65534 "$out" && cp "$collect" "$work/kake-collect"
took setpriv --reuid=65534 --regid=65534 --clear-groups --inh-caps=-all \
	"$work/kake-collect" --profile quick --modules process,machine,account --out "$out"
grep -q "^! Not run as root" "$work/out" || failed "no warning: not root"
for capability in CAP_SYS_PTRACE CAP_DAC_READ_SEARCH CAP_NET_ADMIN; do
	cat "$work"/whole/notes.*.jsonl | grep -q "$capability" || failed "no note on $capability"
done
chmod 555 "$out" && rm -f "$out"/*
refused "Permission denied" setpriv --reuid=65534 --regid=65534 --clear-groups "$work/kake-collect" --out "$out"

echo "- nothing to read from or write to, no environment"
new
took "$collect" --modules $few --out "$out" <&-
new
"$collect" --modules $few --out "$out" <&- >&- 2>&-
[ $? -le 1 ] || failed "all closed: exit status"
check "all closed" is_whole "$out"/*.tar.zst
new
took env -i PATH= "$collect" --modules $few --out "$out"
new
"$collect" --modules $few --out "$out" 2>&1 | :
check "a reader that goes away" is_whole "$out"/*.tar.zst

echo "- stopped in the middle"
for signal in INT TERM HUP; do
	new
	rm "$work/err"
	"$collect" --modules process,file --profile full --out "$out" >"$work/out" 2>"$work/err" &
	pid=$!
	# The process snapshot is in: its segment is closed.
	i=0
	while [ $((i += 1)) -lt 200 ] && ! grep -qs '^\[1/' "$work/err"; do sleep 0.05; done
	kill -$signal $pid
	wait $pid
	[ $? = 1 ] || failed "SIG$signal: exit status"
	check "SIG$signal" is_whole "$out"/*.tar.zst
	grep -q '^! The run was stopped' "$work/out" || failed "SIG$signal: not told"
	cat "$work"/whole/rows/module_run.*.jsonl | grep -Eq '"module":"file".*"state":"(stopped|not-reached)"' || failed "SIG$signal: the module is not marked"
done

echo "- out of time"
new
"$collect" --modules process,file,account --profile full --max-time 1s --out "$out" >"$work/out" 2>"$work/err"
[ $? = 1 ] || failed "out of time: exit status"
check "out of time" is_whole "$out"/*.tar.zst
grep -q '^! The time for the run was over' "$work/out" || failed "out of time: not told"

echo "- access times"
new
cp -a "$SOURCE/tests/fixtures/linux-root" "$work/root"
# Not of links: the system has no way to read one without.
find "$work/root" ! -type l -print0 >"$work/paths"
xargs -0 touch -a -d '2001-02-03 04:05:06' <"$work/paths"
took "$collect" --root "$work/root" --profile full --out "$out"
xargs -0 stat -c '%X %n' <"$work/paths" | grep -v '^981173106 ' >"$work/changed"
[ ! -s "$work/changed" ] || { failed "access times changed"; head "$work/changed"; }

echo "- keys"
new
mkdir "$work/kit"
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj '/CN=Kit 7' \
	-keyout "$work/kit/key.pem" -out "$work/kit/cert.pem" 2>/dev/null
took "$work/kake-collect" --modules $few --out "$out"
member collection.json | grep -q '"signer":"[^"]*Kit 7".*"key":"kit"' || failed "kit key"
openssl cms -verify -binary -inform DER -purpose any -CAfile "$work/kit/cert.pem" -in "$work/whole/manifest/00001.p7s" \
	-content "$work/whole/manifest/00001.jsonl" -out /dev/null 2>/dev/null || failed "signature by the kit key"
echo broken >"$work/kit/key.pem"
new
refused "kit/key.pem" "$work/kake-collect" --modules $few --out "$out"

echo "- in Japanese"
# The first two bytes of the first half of hiragana.
hiragana=$(printf '\343\201')
english='[A-Za-z]{3,} [a-z]{2,} [a-z]{2,}'
new
for words in "--help" "--plan" "--modules process,machine,mount,socket,account --out $out" "--profile x" "--out /etc/passwd"; do
	# shellcheck disable=SC2086
	LC_ALL='' LANG=ja_JP.UTF-8 "$collect" $words >"$work/ja" 2>&1
	grep -E "$english" "$work/ja" && failed "English in the Japanese output of $words"
	LC_ALL=C grep -q "$hiragana" "$work/ja" || failed "no Japanese in the output of $words"
done
done_testing
