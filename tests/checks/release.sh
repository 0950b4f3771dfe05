#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What people run is built optimised: it must build without a warning, and hardened.
cd "$SOURCE" || exit 2
scripts/build release || exit 1
for program in kake-collect kake-triage; do
	file=build/release/$program
	readelf -hd "$file" | grep -q 'DYN' || { echo "$program is not position independent"; exit 1; }
	readelf -d "$file" | grep -q 'BIND_NOW' || { echo "$program is bound lazily"; exit 1; }
	readelf -lW "$file" | grep -q 'GNU_RELRO' || { echo "$program has no RELRO"; exit 1; }
	readelf -lW "$file" | grep 'GNU_STACK' | grep -q 'RWE' && { echo "$program has an executable stack"; exit 1; }
	"$file" --version || exit 1
done
