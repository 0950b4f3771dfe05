# SPDX-License-Identifier: Apache-2.0
# Shared by the integration tests: . "$SOURCE/tests/integration/lib.sh"
set -u
collect=$BIN/kake-collect
triage=$BIN/kake-triage
work=$(mktemp -d)
failures=0
export LC_ALL=C.UTF-8

# What must be undone when the test ends; newest first.
undo=:
later() { undo="$1; $undo"; }
finish() {
	eval "$undo"
	rm -rf "$work"
}
trap finish EXIT
trap 'exit 1' INT TERM HUP

skip() {
	echo "skipped: $1"
	exit 77
}
failed() {
	echo "FAILED: $1"
	failures=$((failures + 1))
}
# check WHAT COMMAND…: the command must succeed.
check() {
	what=$1
	shift
	"$@" || failed "$what"
}
# status WANTED COMMAND…: the command must end with that status; its output is in $work/out and err.
status() {
	wanted=$1
	shift
	"$@" >"$work/out" 2>"$work/err"
	got=$?
	[ "$got" = "$wanted" ] || {
		failed "exit status $got instead of $wanted: $*"
		sed 's/^/    /' "$work/out" "$work/err" | head -n 40
	}
}
# rows SQL: what the sqlite3 shell says of $work/case.db.
rows() { sqlite3 -batch -noheader "$work/case.db" "$1"; }
done_testing() {
	[ "$failures" = 0 ] && echo "all checks passed"
	exit $((failures > 0))
}
