#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# A disk that an intruder has prepared: names, loops, holes, pipes, races. Nothing hangs, everything
# is there, nothing outside the root or forbidden is taken, and the archive is whole.
. "$SOURCE/tests/integration/lib.sh"
. "$SOURCE/tests/integration/by_hand.sh"
[ "$(id -u)" = 0 ] || skip "needs root"
command -v perl >/dev/null || skip "perl is not installed"
# Mounts are in a name space of their own, so that nothing stays behind.
[ "${KAKE_ALONE:-}" ] || {
	KAKE_ALONE=1 unshare -m --propagation private sh "$0"
	exit $?
}

tree=$work/tree
# A new empty tree; "$1" says what comes. In memory, or on the disk of the scratch directory.
begin() {
	echo "-- $1"
	rm -rf "$work/out" "$work/whole"
	mkdir -p "$work/out" "$tree"
	[ "${2:-}" = disk ] || mount -t tmpfs -o size=2G none "$tree" || skip "cannot mount"
	mkdir -p "$tree/etc" "$tree/var/log" "$tree/tmp" "$tree/home/u"
	echo 'u:x:1000:1000::/home/u:/bin/sh' >"$tree/etc/passwd"
}
end() {
	umount "$tree" 2>/dev/null || chattr -R -ia "$tree"
	rm -rf "$tree"
}
later "umount '$tree' 2>/dev/null"
# take NOTES [OPTION…]: one run over the tree, which must be whole, with notes on files or without
# ("yes" or "no"). Exit status 1 may have other reasons: rights that this root has not.
take() {
	wanted=$1
	shift
	timeout -s KILL 240 "$collect" --root "$tree" --modules logs,file --profile full --out "$work/out" "$@" \
		>"$work/log" 2>&1
	got=$?
	[ "$got" -le 1 ] || {
		failed "exit status $got"
		tail -n 20 "$work/log"
	}
	check "the archive is whole" is_whole "$work"/out/*.tar.zst
	notes | grep -q '"module":"\(file\|logs\|pack\)"\|limit for all' && noted=yes || noted=no
	[ "$noted" = "$wanted" ] || {
		failed "notes: $noted instead of $wanted"
		notes | head -n 5
	}
}
files() { cat "$work"/whole/rows/file.*.jsonl; }
notes() { cat "$work"/whole/notes.*.jsonl 2>/dev/null; }
# row PATH PATTERN: the row of that path (as JSON shows it) has the pattern.
row() { files | grep -F "\"path\":\"$1\"" | grep -q "$2" || failed "row of $1 without $2"; }

begin "a terabyte of holes, with data at start, middle and end" disk
mkdir "$tree/tmp/ram"
mount -t tmpfs none "$tree/tmp/ram" || skip "cannot mount"
later "umount '$tree/tmp/ram' 2>/dev/null"
truncate -s 1T "$tree/var/log/lastlog"
for place in "$tree/var/log/holes" "$tree/tmp/ram/holes"; do
	truncate -s 1T "$place"
	for at in 0 500000000000 1099511627770; do
		printf 'data' | dd of="$place" bs=1 seek=$at conv=notrunc status=none
	done
done
take no --max-size 1G
row /var/log/lastlog '"size":1099511627776,"allocated":0'
digests=$(files | grep -F '/holes"' | sed -n 's/.*"sha256_blocks":"\([0-9a-f]*\)".*/\1/p')
[ "$(echo "$digests" | wc -l)" = 2 ] && [ "$(echo "$digests" | sort -u | wc -l)" = 1 ] ||
	failed "the digests of the same holes differ: $digests"
[ "$(stat -c %s "$work/whole/files/var/log/holes")" = 1099511627776 ] &&
	[ "$(stat -c %b "$work/whole/files/var/log/holes")" -lt 100 ] ||
	failed "the holes did not come back as holes"
for at in 0 500000000000 1099511627770; do
	[ "$(dd if="$work/whole/files/var/log/holes" bs=1 skip=$at count=4 status=none)" = data ] ||
		failed "data at $at did not come back"
done
umount "$tree/tmp/ram"
end

begin "pipes, sockets and devices"
mkdir -p "$tree/etc/cron.d" "$tree/dev"
mkfifo "$tree/etc/cron.d/x" "$tree/var/log/x" "$tree/tmp/tokens"
mknod "$tree/var/log/null" c 1 3
mknod "$tree/tmp/block" b 7 200
ln -s /dev/zero "$tree/var/log/zero"
mknod "$tree/dev/zero" c 1 5
perl -MSocket -e 'socket(S, AF_UNIX, SOCK_STREAM, 0); chdir shift; bind(S, sockaddr_un("s"))' "$tree/tmp"
sh -c "echo blocked >'$tree/etc/cron.d/x'; echo written >'$work/written'" &
writer=$!
exec 3<>"$tree/tmp/tokens"
printf 'tokens\n' >&3
take no
[ -e "$work/written" ] && failed "a pipe was opened"
kill "$writer" 2>/dev/null
read -r tokens <&3
exec 3>&-
[ "$tokens" = tokens ] || failed "the pipe was drained"
row /etc/cron.d/x '"kind":"fifo"'
row /tmp/s '"kind":"socket"'
row /tmp/block '"kind":"block"'
row /var/log/null '"kind":"char"'
row /var/log/zero '"kind":"link".*"link":"/dev/zero"'
end

begin "views of the kernel below the root"
mkdir "$tree/proc"
mount --bind /proc "$tree/proc"
later "umount '$tree/proc' 2>/dev/null"
ln -s /proc/kmsg "$tree/var/log/kmsg"
ln -s /proc/kcore "$tree/var/log/core"
take no
files | grep -q '"path":"/proc/' && failed "/proc was walked"
[ -e "$work/whole/files/proc" ] && failed "something of /proc was copied"
umount "$tree/proc"
end

begin "loops and depths"
mkdir -p "$tree/tmp/a" "$tree/home/loop"
ln -s ../a "$tree/tmp/a/self"
ln -s . "$tree/tmp/x"
ln -s x "$tree/tmp/y"
mount --bind "$tree" "$tree/home/loop"
later "umount '$tree/home/loop' 2>/dev/null"
perl -e 'chdir shift; for (1 .. 5000) { mkdir "d"; chdir "d" or die; } open(F, ">", "bottom"); close F;' "$tree/tmp"
: >"$tree/tmp/$(printf '%0255d' 0)"
take no
[ "$(files | grep -c '"path":"/tmp/d[/d]*"')" = 5000 ] || failed "not every directory is there"
files | grep -q '/d/d/bottom"' || failed "the bottom is missing"
row "/tmp/$(printf '%0255d' 0)" '"kind":"file"'
files | grep -q '"path":"/home/loop/' && failed "the bind mount was walked twice"
umount "$tree/home/loop"
end

begin "names"
i=0
for name in 'new
line' 'trailing ' 'back\slash' "$(printf 'bad\377byte')" "$(printf '\223\372\226{')" "$(printf 'clear\033[2J')" \
	"$(printf 'rtl\342\200\256gpj.exe')" '$(touch ran)' '-rf' "$(printf 'four\360\237\230\200')" '%41' 'a:b' '..'' .' 'con'; do
	i=$((i + 1))
	mkdir -p "$tree/var/log/names"
	echo "contents $i" >"$tree/var/log/names/$name"
done
take no
cat "$work"/whole/files/var/log/names/* "$work"/whole/files/var/log/names/.[!.]* 2>/dev/null | sort >"$work/got"
cat "$tree"/var/log/names/* "$tree"/var/log/names/.[!.]* 2>/dev/null | sort >"$work/wanted"
[ "$(wc -l <"$work/wanted")" -ge 13 ] && cmp -s "$work/got" "$work/wanted" || failed "contents were lost"
files | grep -q '"path_hex":"2f7661722f6c6f672f6e616d65732f626164ff62797465"' || failed "no exact bytes of a name"
[ -e ran ] && failed "a name was run"
grep -q "$(printf '\033')\[2J" "$work/log" && failed "a name reached the terminal"
end

begin "attributes, access times and a hard link to what is forbidden" disk
echo 'root:!:FORBIDDEN' >"$tree/etc/shadow"
ln "$tree/etc/shadow" "$tree/var/log/other-name.log"
echo kept >"$tree/var/log/fixed.log"
echo kept >"$tree/var/log/appended.log"
# Listing a directory may set its access time, so the list is made before.
find "$tree" ! -type l >"$work/list"
chattr +i "$tree/var/log/fixed.log" 2>/dev/null && chattr +a "$tree/var/log/appended.log" && flags=yes || flags=no
xargs touch -a -d '2020-01-01 00:00:00' <"$work/list" 2>/dev/null
xargs stat -c '%X %n' <"$work/list" >"$work/before"
chattr +i "$tree/var/log/fixed.log" 2>/dev/null && chattr +a "$tree/var/log/appended.log" && flags=yes || flags=no
take yes
xargs stat -c '%X %n' <"$work/list" >"$work/after"
diff "$work/before" "$work/after" || failed "access times changed"
grep -rq FORBIDDEN "$work/whole" && failed "the contents of shadow were taken"
notes | grep -q 'other-name.log.*password hashes\|password hashes.*other-name.log' || failed "no note on the hard link"
[ $flags = no ] || {
	row /var/log/fixed.log '"attributes":\["immutable"\]'
	row /var/log/appended.log '"attributes":\["append-only"\]'
}
end

begin "files that change while they are read"
outside=$work/outside
echo 'FORBIDDEN outside' >"$outside"
mkdir "$tree/var/log/race" "$tree/tmp/race"
sh -c "while :; do
	for i in 1 2 3 4 5 6 7 8; do
		head -c 200000 /dev/zero >'$tree/var/log/race/'\$i
		: >'$tree/var/log/race/'\$i
		rm '$tree/var/log/race/'\$i
		ln -s '$outside' '$tree/var/log/race/'\$i
		rm '$tree/var/log/race/'\$i
		mkdir '$tree/tmp/race/'\$i && mv '$tree/tmp/race/'\$i '$tree/tmp/race/moved'\$i; rmdir '$tree/tmp/race/moved'\$i
		ln -s /etc '$tree/tmp/race/'\$i; rm '$tree/tmp/race/'\$i
	done
	sleep 0.01
done" >/dev/null 2>&1 &
racer=$!
later "kill $racer 2>/dev/null"
yes 'a line that is added' | head -c 200M >"$tree/var/log/endless.log" &
endless=$!
later "kill $endless 2>/dev/null"
for try in 1 2; do
	rm -f "$work"/out/*
	timeout -s KILL 240 "$collect" --root "$tree" --modules logs,file --profile full --out "$work/out" >"$work/log" 2>&1
	got=$?
	[ $got -le 1 ] || failed "exit status $got"
	check "the archive is whole" is_whole "$work"/out/*.tar.zst
	grep -rq 'FORBIDDEN outside' "$work/whole" && failed "a link that was swapped in was followed"
done
kill $racer $endless 2>/dev/null
wait $racer $endless 2>/dev/null
[ -e "$work/whole/files/var/log/endless.log" ] || failed "the growing log is missing"
end

begin "100,000 small files, and a limit on all sizes"
perl -e 'chdir shift; for (1 .. 100000) { open(F, ">", "a-name-of-some-length-$_"); print F $_; close F }' "$tree/tmp"
head -c 3000000 /dev/urandom >"$tree/var/log/large"
head -c 1000 /dev/urandom >"$tree/var/log/small"
take yes --max-size 1M
[ "$(files | grep -c '"path":"/tmp/a-name')" = 100000 ] || failed "not every file is there"
[ -e "$work/whole/files/var/log/large" ] && failed "the limit was not kept"
[ -e "$work/whole/files/var/log/small" ] || failed "a small file behind a large one is missing"
notes | grep -q 'limit for all files' || failed "no note on what was left out"
end

begin "a disk that cannot be read in the middle"
if command -v dmsetup >/dev/null && [ -e /dev/mapper/control ] && dmsetup version >/dev/null 2>&1; then
	truncate -s 64M "$work/disk"
	loop=$(losetup -f --show "$work/disk")
	later "losetup -d $loop"
	mkfs.ext4 -q "$loop"
	mkdir -p "$tree/var/log/bad"
	mount "$loop" "$tree/var/log/bad"
	head -c 8M /dev/urandom >"$tree/var/log/bad/file"
	start=$(filefrag -b512 -v "$tree/var/log/bad/file" | awk '$1 == "0:" { sub(/\.\..*/, "", $4); print $4 }')
	umount "$tree/var/log/bad"
	total=$(blockdev --getsz "$loop")
	bad=$((start + 8192))
	dmsetup create kake-bad <<-TABLE
		0 $bad linear $loop 0
		$bad 8 error
		$((bad + 8)) $((total - bad - 8)) linear $loop $((bad + 8))
	TABLE
	later "umount '$tree/var/log/bad' 2>/dev/null; dmsetup remove kake-bad"
	mount -o ro /dev/mapper/kake-bad "$tree/var/log/bad"
	take yes
	[ "$(stat -c %s "$work/whole/files/var/log/bad/file")" = 8388608 ] || failed "the readable parts are missing"
	notes | grep -q 'could not be read' || failed "no note on the bad range"
	umount "$tree/var/log/bad"
else
	echo "skipped: no device mapper on this kernel"
fi
end
done_testing
