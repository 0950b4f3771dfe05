#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# CPU time that memory metadata takes per 1,000 processes, beside ps and lsof, which give far less:
# processes.sh [BUILD [PROCESSES]]. The best of three runs counts.
set -eu
bin=$(cd "${1:-build/release}" && pwd)
crowd=${2:-1000}
work=$(mktemp -d)
trap 'kill $sleepers 2>/dev/null; rm -rf "$work"' EXIT

"$bin/tests/odd" crowd "$crowd" >"$work/ready" &
sleepers=$!
until grep -qs ready "$work/ready"; do
	sleep 0.2
done

# cpu COMMAND…: seconds of user and system time with all children, the best of three
cpu() {
	for round in 1 2 3; do
		rm -rf "$work/out" && mkdir "$work/out"
		sh -c '"$@" >"$0/stdout" 2>"$0/stderr"; times' "$work" "$@" | tail -n 1
	done | awk '{
		total = 0
		for (i = 1; i <= 2; i++) {
			split($i, part, /[ms]/)
			total += part[1] * 60 + part[2]
		}
		if (NR == 1 || total < best)
			best = total
	} END { print best }'
}
set -- /proc/[0-9]*
all=$#
ours=$(cpu "$bin/kake-collect" --profile quick --out "$work/out" --modules process,memory_region,open_file,kernel_module)
echo "processes: $all"
show() { awk -v name="$1" -v t="$2" -v n="$all" -v ours="$ours" 'BEGIN {
	printf "%-44s %7.3f s CPU, %7.3f s per 1,000 processes, ratio %.2f\n", name, t, t * 1000 / n, ours / t }'; }
show "kake-collect, memory metadata, processes twice" "$ours"
command -v ps >/dev/null && show "ps auxww" "$(cpu ps auxww)"
command -v lsof >/dev/null && show "lsof -nP" "$(cpu lsof -nP)"
