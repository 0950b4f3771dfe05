#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The folder says what may include what; each outside library has one door.
cd "$SOURCE" || exit 2
bad=0

# complain WHAT: reads offending lines; any is a failure.
complain() {
	while IFS= read -r line; do
		echo "$1: $line"
		bad=1
		: >"$flag"
	done
}
flag=$(mktemp) && rm "$flag"
trap 'rm -f "$flag"' EXIT

includes() { grep -rnE "^[[:space:]]*#[[:space:]]*include[[:space:]]+$1" --include='*.c' --include='*.h' "$2"; }

includes '"' lib | grep -vE 'include[[:space:]]+"lib/' | complain "lib/ includes only lib/"
includes '"' collectors | grep -vE 'include[[:space:]]+"(lib|collectors)/' | complain "collectors/ includes lib/ and collectors/"
includes '"' triage | grep -vE 'include[[:space:]]+"(lib|triage)/' | complain "triage/ includes lib/ and triage/"

door() { # pattern, allowed files as a regular expression
	for folder in lib collectors triage; do includes "<$1" "$folder"; done |
		grep -vE "^($2):" | complain "<$1…> has one door ($2)"
}
door 'openssl/' 'lib/(hash|sign|age)[a-z_]*\.c'
door 'magic\.h' 'lib/kind\.c'
door 'sqlite3\.h' 'triage/store[a-z_]*\.[ch]'
door 'zstd' 'lib/(zstd_[a-z]*|pack_[a-z_]*)\.c'
door 'zlib\.h' 'lib/gzip_[a-z]*\.c'
door 'yaml\.h' 'collectors/artifacts[a-z_]*\.c'
door 'archive\.h' 'nothing'
door '(linux/|sys/(syscall|socket|mount|xattr|prctl|sysmacros|utsname)\.h|netinet/|arpa/|net/if|sched\.h|dirent\.h|unistd\.h|fcntl\.h|poll\.h)' \
	'(lib/os_linux[a-z_]*\.c|collectors/linux/.*|collectors/[a-z]*_linux\.c)'

# The library never prints, never exits and keeps no state.
grep -nE '\b(printf|fprintf|puts|putchar|perror|exit|abort)[[:space:]]*\(' lib/*.c | grep -vE 'v?snprintf' |
	complain "lib/ never prints and never exits"
# No platform switch inside functions (they are indented).
grep -rnE '^[[:space:]]+#[[:space:]]*if' --include='*.c' lib collectors triage | complain "no #if inside functions"

[ ! -e "$flag" ]
