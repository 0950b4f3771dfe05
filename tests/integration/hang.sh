#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A network file system whose server is gone: nothing below its mount point is touched, and a process
# that runs from it costs its deadline only.
. "$SOURCE/tests/integration/lib.sh"
. "$SOURCE/tests/integration/by_hand.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
command -v bindfs >/dev/null || skip "bindfs is not installed"
# The hanging mount is in a name space of its own, so that it hinders nobody else.
[ "${KAKE_ALONE:-}" ] || {
	KAKE_ALONE=1 unshare -m --propagation private sh "$0"
	exit $?
}
mkdir "$work/server" "$work/mnt" "$work/out"
cp "$(command -v sleep)" "$work/server/tool"
bindfs -f -o subtype=sshfs "$work/server" "$work/mnt" >/dev/null 2>&1 &
daemon=$!
later "kill -KILL $daemon; umount -l '$work/mnt' 2>/dev/null"
i=0
while [ $((i += 1)) -lt 100 ] && [ ! -e "$work/mnt/tool" ]; do sleep 0.1; done
[ -e "$work/mnt/tool" ] || skip "no FUSE mount possible here"
(cd "$work/mnt" && exec "$work/mnt/tool" 600 <"$work/mnt/tool") &
tool=$!
later "kill -KILL $tool 2>/dev/null"
sleep 0.5
kill -STOP "$daemon"
# From here on whoever asks the mount waits for ever, so nothing but the collector does.
timeout -s KILL 240 "$collect" --profile quick --out "$work/out" >"$work/log" 2>&1
got=$?
kill -CONT "$daemon"
[ $got = 1 ] || { failed "exit status $got"; tail -n 5 "$work/log"; }
check "the archive" is_whole "$work"/out/*.tar.zst
grep -q "\"mount_point\":\"$work/mnt\",\"type\":\"fuse.sshfs\".*\"policy\":\"network\"" "$work/whole/rows/mount.0001.jsonl" ||
	failed "the mount is not known as one that may hang"
cat "$work"/whole/rows/process.*.jsonl | grep -q "\"pid\":$tool,.*\"image\":\"$work/mnt/tool\"" ||
	failed "the process on the mount is missing"
cat "$work"/whole/notes.*.jsonl | grep "$tool\|$work/mnt" >"$work/notes" || failed "no note on what hung"
cat "$work"/whole/rows/file.*.jsonl 2>/dev/null | grep -q "$work/mnt/" && failed "the mount was walked"
cat "$work/notes"
done_testing
