#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A collector that is killed at any moment leaves an archive of which every closed segment verifies.
. "$SOURCE/tests/integration/lib.sh"
. "$SOURCE/tests/integration/by_hand.sh"

# Modules whose time does not depend on what else runs here.
modules=machine,mount,interface,resolver,account,sudo
# The moments are spread over the time that a run takes, counted from when its file is there.
took=2000000000
for try in 1 2 3; do
	begun=$(date +%s%N)
	"$collect" --modules $modules --out "$work" >/dev/null 2>&1
	now=$(($(date +%s%N) - begun))
	[ $now -ge $took ] || took=$now
done
seed=${SEED:-$(date +%s)}
echo "seed $seed, a run takes $((took / 1000000)) ms"
moments=$(awk -v seed="$seed" -v took=$took 'BEGIN {
	srand(seed); for (i = 0; i < 50; i++) printf "%.3f\n", rand() * took * 0.6 / 1e9 }')
segments=0 cut=0 n=0
for moment in $moments; do
	n=$((n + 1))
	mkdir "$work/$n"
	"$collect" --modules $modules --out "$work/$n" >/dev/null 2>&1 &
	i=0
	while [ $((i += 1)) -lt 500 ] && [ -z "$(ls "$work/$n")" ]; do sleep 0.01; done
	sleep "$moment"
	kill -KILL $! 2>/dev/null
	wait $! 2>/dev/null
	for archive in "$work/$n"/*; do
		[ -s "$archive" ] || continue
		unpack "$archive" "$work/parts"
		found=$(by_hand "$work/parts") || failed "a closed segment does not verify after $moment s ($archive)"
		segments=$((segments + found))
		case $archive in
		*.part)
			cut=$((cut + 1))
			"$triage" verify "$archive" >"$work/out" 2>&1
			[ $? != 0 ] || failed "killed after $moment s, and called complete"
			;;
		*) is_whole "$archive" || failed "has its name and is not whole: killed after $moment s" ;;
		esac
	done
	rm -rf "$work/$n"
done
echo "$cut archives were cut; $segments closed segments verify"
[ "$cut" -gt 5 ] || failed "too few runs were caught in the middle"
[ "$segments" -gt 20 ] || failed "too few segments were closed before the kill"
done_testing
