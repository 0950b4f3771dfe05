#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# An archive of odd files, judged by GNU tar, bsdtar, zstd, openssl, sha256sum and python3.
. "$SOURCE/tests/integration/lib.sh"
packtree=$BIN/tests/packtree
umask 022
# Regular files below a directory; a name may hold a line end.
files() { find "$1" -type f -printf x | wc -c; }

tree=$work/tree
mkdir -p "$tree/etc" "$tree/case/Foo" "$tree/log"
cd "$tree" || exit 1
printf 'newline' >"$(printf 'etc/a\nb')"
printf 'latin' >"$(printf 'etc/\377x')"
printf 'blank' >'etc/trailing '
printf 'backslash' >'etc/back\slash'
printf 'dash' >'etc/-rf'
printf 'emoji' >'etc/😀.txt'
printf 'device' >etc/con.txt
printf 'percent' >etc/100%25
printf 'upper' >case/NAME
printf 'lower' >case/name
printf 'below' >case/Foo/x
printf 'file' >case/foo
: >etc/empty
head -c 300000 /dev/urandom >etc/random
chmod 4755 etc/random
touch -d '1999-12-31 23:59:58.25 UTC' etc/empty
touch -d '2021-05-06 07:08:09.123456789 UTC' etc/random
ln -s /etc/passwd etc/link
mkfifo etc/fifo
truncate -s 1T log/lastlog
printf START | dd of=log/lastlog conv=notrunc status=none
printf MIDDLE | dd of=log/lastlog conv=notrunc status=none bs=1M seek=500000
printf END | dd of=log/lastlog conv=notrunc status=none bs=1 seek=$((1024 * 1024 * 1024 * 1024 - 3))
truncate -s 100000 log/small
printf data | dd of=log/small conv=notrunc status=none bs=1 seek=50000
truncate -s 70000 log/hole
cd "$work" || exit 1

code=$("$packtree" a.tar.zst tree) || failed "packtree"
status 1 "$triage" verify --code "$code" a.tar.zst
check "says that it is whole" grep -q 'whole and signed' out
status 1 "$triage" verify --code "$(echo "$code" | tr -d ' ')" a.tar.zst
status 2 "$triage" verify --code "0000 0000 0000 0000 0000 0001" a.tar.zst
check "zstd finds it whole" zstd -qt a.tar.zst

# Recreated by both tars, without a word on stderr.
zstd -dc a.tar.zst >a.tar
for tar in tar bsdtar; do
	command -v $tar >/dev/null || { echo "not judged by $tar: not installed"; continue; }
	rm -rf x
	mkdir x
	$tar -x -f a.tar -C x >out 2>err || failed "$tar cannot extract"
	[ -s err ] && { failed "$tar complains"; head -n 5 err; }
	[ "$(files x/files)" = "$(files tree)" ] || failed "$tar: number of files"
	while read -r made from; do
		cmp "x/files/$made" "$(printf "tree/$from")" || failed "$tar: $made"
	done <<-END
		etc/a%0Ab etc/a\nb
		etc/%FFx etc/\377x
		etc/trailing%20 etc/trailing\040
		etc/back%5Cslash etc/back\\\\slash
		etc/%2Drf etc/-rf
		etc/😀.txt etc/😀.txt
		etc/%63on.txt etc/con.txt
		etc/100%2525 etc/100%%25
		case/NAME case/NAME
		case/name%~2 case/name
		case/Foo/x case/Foo/x
		case/foo%~2 case/foo
		etc/empty etc/empty
		etc/random etc/random
		log/small log/small
		log/hole log/hole
	END
	for f in etc/empty etc/random log/small; do
		[ "$(stat -c '%y %a %s' x/files/$f)" = "$(stat -c '%y %a %s' tree/$f)" ] ||
			failed "$tar: times, mode or size of $f"
	done
	[ "$(stat -c %s x/files/log/lastlog)" = 1099511627776 ] || failed "$tar: size of the sparse file"
	[ "$(du -k x/files/log/lastlog | cut -f1)" -lt 1024 ] || failed "$tar: the sparse file has no holes"
	for at in 0 524288000000 1099511627773; do
		dd if=x/files/log/lastlog bs=4M iflag=skip_bytes,count_bytes skip=$at count=6 status=none >one
		dd if=tree/log/lastlog bs=4M iflag=skip_bytes,count_bytes skip=$at count=6 status=none >two
		cmp one two || failed "$tar: data of the sparse file at $at"
	done
done

# What the manifest says, against sha256sum.
cd x || exit 1
grep -h '"kind":"file"' manifest/*.jsonl >../lines
check "lists every file" [ "$(grep -c . ../lines)" = "$(files ../tree)" ]
sed -n 's/.*"name":"\([^"]*\)".*"sha256":"\([0-9a-f]*\)".*/\2  \1/p' ../lines >../sums
check "digests" sha256sum --quiet -c ../sums
[ "$(sha256sum manifest/00001.jsonl | cut -d' ' -f1)" = \
	"$(sed -n '1s/.*"previous":"\([0-9a-f]*\)".*/\1/p' manifest/00002.jsonl)" ] || failed "the chain"
check "links and FIFOs are told of" [ "$(grep -c '"kind":"meta"' manifest/00001.jsonl)" = 2 ]
if command -v python3 >/dev/null; then
	python3 - "$code" <<-'END' || failed "python3 finds another code or digest"
		import glob, hashlib, json, os, sys
		last = open(sorted(glob.glob("manifest/*.jsonl"))[-1], "rb").read()
		number = int.from_bytes(hashlib.sha256(last).digest()[:16], "big") % 10**24
		assert "%024d" % number == sys.argv[1].replace(" ", ""), number
		for line in open("../lines"):
		    e = json.loads(line)
		    if "sha256_blocks" not in e:
		        continue
		    h, size = hashlib.sha256(), e["size"]
		    f = os.open(e["name"], os.O_RDONLY)
		    at = 0
		    while at < size:
		        try:
		            at = os.lseek(f, at, os.SEEK_DATA) // 4096 * 4096
		        except OSError:
		            break
		        block = os.pread(f, 4096, at)
		        if block.strip(b"\0"):
		            h.update(at.to_bytes(8, "big") + block)
		        at += 4096
		    h.update(size.to_bytes(8, "big"))
		    assert h.hexdigest() == e["sha256_blocks"], e["name"]
	END
else
	echo "code and sha256_blocks not judged: no python3"
fi

# Signatures, by openssl.
openssl pkcs7 -inform DER -in manifest/00001.p7s -print_certs -out ../signer.pem
for s in manifest/*.jsonl; do
	openssl cms -verify -binary -inform DER -in "${s%.jsonl}.p7s" -content "$s" -CAfile ../signer.pem \
		-out /dev/null 2>../err || { failed "openssl refuses $s"; cat ../err; }
done
cd ..

# A key of an authority.
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout ca.key -out ca.pem -days 9 \
	-subj '/O=Provider/CN=CA' 2>err || cat err
for kind in 'ec -pkeyopt ec_paramgen_curve:P-256' 'rsa:2048'; do
	rm -rf y b.tar.zst
	# shellcheck disable=SC2086
	openssl req -newkey $kind -nodes -keyout kit.key -out kit.csr -subj '/O=Provider/CN=キット' -utf8 2>err
	openssl x509 -req -in kit.csr -CA ca.pem -CAkey ca.key -days 5 -set_serial 4660 -out kit.pem 2>err
	"$packtree" b.tar.zst tree/etc kit.key kit.pem >out || failed "signing with $kind"
	status 0 "$triage" verify --ca ca.pem b.tar.zst
	check "names the signer" grep -q 'CN=キット' out
	status 2 "$triage" verify --ca signer.pem b.tar.zst
	status 0 "$triage" verify b.tar.zst
	mkdir y
	zstd -dc b.tar.zst | tar -x -C y
	openssl cms -verify -binary -inform DER -in y/manifest/00001.p7s -content y/manifest/00001.jsonl \
		-CAfile ca.pem -purpose any -out /dev/null 2>err || { failed "openssl refuses $kind"; cat err; }
done

# An authority between: its certificate travels in the signature.
printf 'basicConstraints=critical,CA:TRUE\n' >ca.ext
openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout mid.key -out mid.csr \
	-subj '/O=Provider/CN=Between' 2>err
openssl x509 -req -in mid.csr -CA ca.pem -CAkey ca.key -days 5 -set_serial 17 -extfile ca.ext -out mid.pem 2>err
openssl x509 -req -in kit.csr -CA mid.pem -CAkey mid.key -days 5 -set_serial 18 -out leaf.pem 2>err
cat leaf.pem mid.pem >chain.pem
"$packtree" e.tar.zst tree/etc kit.key chain.pem >out || failed "signing with a chain"
status 0 "$triage" verify --ca ca.pem e.tar.zst
"$packtree" g.tar.zst tree/etc kit.key leaf.pem >out || failed "signing without the chain"
status 2 "$triage" verify --ca ca.pem g.tar.zst

# Cut: never whole.
head -c $(($(stat -c %s a.tar.zst) - 1)) a.tar.zst >cut.tar.zst
status 2 "$triage" verify cut.tar.zst
check "says that it is cut" grep -q 'CUT' out
status 2 "$triage" verify --json cut.tar.zst
check "says so in JSON" grep -q '"state":"cut","complete":false' out
status 2 "$triage" verify /dev/null

# Times that no clock shows today. (bsdtar 3.6 reads -1.75 as -0.25, so only whole seconds there.)
mkdir odd
touch -d '1969-12-31 23:59:58.25 UTC' odd/before
touch -d '1969-12-31 23:59:58 UTC' odd/whole
touch -d '2106-05-06 07:08:09.123456789 UTC' odd/later
"$packtree" o.tar.zst odd >out || failed "packtree on odd times"
for tar in 'tar --warning=no-timestamp' bsdtar; do
	command -v "${tar%% *}" >/dev/null || continue
	rm -rf x
	mkdir x
	zstd -dc o.tar.zst | $tar -x -f - -C x
	for f in before whole later; do
		[ $f = before ] && [ "$tar" = bsdtar ] && continue
		[ "$(stat -c %y x/files/$f)" = "$(stat -c %y odd/$f)" ] || failed "$tar: time of $f"
	done
done

# A path of more than 4096 bytes: listed in full.
"$packtree" d.tar.zst --long >out || failed "packtree on a long path"
for tar in tar bsdtar; do
	command -v $tar >/dev/null || continue
	zstd -dc d.tar.zst | $tar -t -f - >list 2>err || failed "$tar cannot list a long path"
	[ "$(awk 'length > 5000' list | wc -l)" = 1 ] || failed "$tar: the long path"
done
status 1 "$triage" verify d.tar.zst
done_testing
