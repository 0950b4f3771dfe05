#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Encrypted archives and volumes, with age, zstd, tar and openssl as independent readers; a disk that
# becomes full and a run that is killed.
. "$SOURCE/tests/integration/lib.sh"
command -v age >/dev/null || skip "age is not installed"

status 0 "$triage" keygen --out "$work/key"
cp "$work/out" "$work/public"
[ "$(age-keygen -y "$work/key")" = "$(cat "$work/public")" ] || failed "age-keygen reads another public key"
status 2 "$triage" keygen --out "$work/key"
status 0 "$triage" keygen --out "$work/other"

# Volumes of one archive; what belongs together is read by public tools alone.
mkdir "$work/a" "$work/a/x"
"$collect" --profile quick --modules process,mount,interface --out "$work/a" --recipient "$work/public" --volume-size 20K \
	>"$work/out" 2>"$work/err"
[ $? -le 1 ] || failed "collecting: $(tail -n 3 "$work/err")"
first=$(ls "$work"/a/*.age.000)
stem=${first%.000}
[ "$(ls "$stem".??? | wc -l)" -gt 2 ] || failed "not cut into volumes"
ls "$work"/a | grep -q 'part\|reserve' && failed "something was left behind: $(ls "$work"/a)"
cat "$stem".??? | age -d -i "$work/key" | zstd -dc | tar x -C "$work/a/x" 2>"$work/err" || failed "tar: $(cat "$work/err")"
[ -s "$work/err" ] && failed "tar warns: $(head -n 2 "$work/err")"
for segment in "$work"/a/x/manifest/*.jsonl; do
	openssl cms -verify -binary -inform DER -in "${segment%.jsonl}.p7s" -content "$segment" -noverify \
		-out /dev/null 2>/dev/null || failed "openssl refuses $segment"
done
tail -n 1 "$segment" | grep -q '"end":true' || failed "the last segment has no end mark"

status 1 "$triage" verify "$first" -i "$work/key"
status 2 "$triage" verify "$first"
grep -q 'encrypted' "$work/err" "$work/out" || failed "does not say that it is encrypted"
status 2 "$triage" verify "$first" -i "$work/other"
grep -q 'none of the given identities fits' "$work/err" "$work/out" || failed "does not say that the identity is wrong"
"$triage" ingest "$work/case.db" "$first" -i "$work/key" >"$work/out" 2>&1
[ $? -le 1 ] || failed "ingest: $(cat "$work/out")"
[ "$(rows 'SELECT count(*) > 0 FROM process')" = 1 ] || failed "no process was ingested"

mv "$stem.001" "$work/kept"
status 2 "$triage" verify "$first" -i "$work/key"
grep -q '\.001.* is missing' "$work/err" "$work/out" || failed "the missing volume is not named"
cp "$stem.002" "$stem.001"
status 2 "$triage" verify "$first" -i "$work/key"
mv "$work/kept" "$stem.001"
status 1 "$triage" verify "$first" -i "$work/key"

# A disk that becomes full: closed in the space that was kept, and verified as complete.
if [ "$(id -u)" = 0 ] && mkdir "$work/small" && mount -t tmpfs -o size=12m none "$work/small" 2>/dev/null; then
	later "umount $work/small"
	mkdir -p "$work/root/var/log"
	head -c 30000000 /dev/urandom >"$work/root/var/log/syslog"
	status 2 "$collect" --root "$work/root" --modules logs --out "$work/small" --recipient "$work/public"
	grep -q 'no space left' "$work/out" || failed "does not say that the disk was full"
	ls "$work"/small/*.age >/dev/null 2>&1 || failed "the archive was not closed: $(ls "$work/small")"
	[ -e "$work"/small/*.reserve ] && failed "the reserve is still there"
	status 1 "$triage" verify "$work"/small/*.age -i "$work/key"
else
	echo "skipped: the full disk needs root and tmpfs"
fi

# Killed at any moment: what was closed is whole.
mkdir "$work/k"
for delay in 0.3 0.7 1.2 2; do
	rm -f "$work"/k/*
	"$collect" --profile quick --out "$work/k" --recipient "$work/public" >/dev/null 2>&1 &
	pid=$!
	sleep $delay
	kill -9 $pid 2>/dev/null
	wait $pid 2>/dev/null
	part=$(ls "$work"/k/*.part 2>/dev/null) || continue
	"$triage" verify "$part" -i "$work/key" >"$work/out" 2>&1
	[ $? = 2 ] || failed "a killed run verifies as complete"
	grep -q 'CUT\|was cut\|途中' "$work/out" || failed "not told as cut: $(cat "$work/out")"
	grep -qi 'altered' "$work/out" && failed "a closed segment does not verify: $(cat "$work/out")"
done
done_testing
