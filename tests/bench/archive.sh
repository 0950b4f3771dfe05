#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Writing an archive against "tar | zstd -3 --check", and checking it against "zstd -dc | sha256sum".
# archive.sh [BUILD [DIRECTORY]]: about 500 MB of shared libraries by default.
set -eu
bin=$(cd "${1:-build/release}" && pwd)
from=${2:-/usr/lib/x86_64-linux-gnu}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/tree"
find "$from" -maxdepth 1 -type f -size +64k -exec cp {} "$work/tree" \;
cd "$work"
find tree -type f -exec cat {} + >/dev/null

# cost NAME COMMAND…: seconds passed and seconds of processor with all children, kept in cost.NAME
cost() {
	name=$1
	shift
	start=$(date +%s.%N)
	sh -c '"$@" >out 2>err; times' sh "$@" | tail -n 1 >times
	echo "$start $(date +%s.%N) $(cat times)" | awk '{
		for (i = 3; i <= 4; i++) { split($i, part, /[ms]/); cpu += part[1] * 60 + part[2] }
		print $2 - $1, cpu }' >"cost.$name"
	awk -v name="$name" '{ printf "%-16s %7.2f s, %7.2f s of processor\n", name, $1, $2 }' "cost.$name"
}
ratio() {
	paste "cost.$1" "cost.$2" | awk -v a="$1" -v b="$2" \
		'{ printf "%s / %s: %.2f in time, %.2f in processor time\n", a, b, $1 / $3, $2 / $4 }'
}
du -sm tree
cost pack "$bin/tests/packtree" a.tar.zst tree
cost tar-zstd sh -c 'tar -cf - tree | zstd -q -3 --check -o b.tar.zst'
cost verify "$bin/kake-triage" verify a.tar.zst
cost zstd-sha256sum sh -c 'zstd -dc a.tar.zst | sha256sum'
ratio pack tar-zstd
ratio verify zstd-sha256sum
