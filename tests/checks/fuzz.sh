#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds every fuzz target with clang and libFuzzer and lets each run for a few seconds from its seeds.
cd "$SOURCE" || exit 2
command -v clang >/dev/null || { echo "skipped: clang is not installed"; exit 77; }
seconds=${FUZZ_SECONDS:-8}
scripts/build fuzz || exit 1
status=0
for file in tests/fuzz/fuzz_*.c; do
	name=$(basename "$file" .c)
	work=$(mktemp -d)
	if (cd "$work" && "$SOURCE/build/fuzz/tests/$name" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=1024 \
		-print_final_stats=1 -verbosity=0 "$work" "$SOURCE/tests/fuzz/corpus/${name#fuzz_}" >"$work/log" 2>&1); then
		echo "$name: $(grep -o 'number_of_executed_units: .*' "$work/log")"
	else
		tail -n 40 "$work/log"
		echo "$name: failed"
		status=1
	fi
	rm -rf "$work"
done
exit $status
