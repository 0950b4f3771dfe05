# SPDX-License-Identifier: Apache-2.0
# Checks an archive with zstd, tar, openssl and sha256sum alone; for . after lib.sh.

# unpack ARCHIVE DIR: what is there of it; a cut archive gives what stands before the cut.
unpack() {
	rm -rf "$2" && mkdir "$2" && zstd -qdc "$1" 2>/dev/null | tar xf - -C "$2" 2>/dev/null
}
# by_hand DIR: every closed segment is signed and every entry it names is there as it says. Prints
# the number of segments.
by_hand() {
	count=0
	for signature in "$1"/manifest/*.p7s; do
		[ -e "$signature" ] || break
		segment=${signature%.p7s}.jsonl
		if ! openssl cms -verify -binary -inform DER -noverify -in "$signature" -content "$segment" \
			-out /dev/null 2>/dev/null; then
			# The last signature may be cut; then its segment is not closed.
			openssl asn1parse -inform DER -in "$signature" >/dev/null 2>&1 && return 1
			continue
		fi
		grep -v '"sparse"' "$segment" |
			sed -n 's/.*"name":"\([^"]*\)".*"sha256":"\([0-9a-f]*\)".*/\2  \1/p' >"$1.sums"
		[ ! -s "$1.sums" ] || (cd "$1" && sha256sum --quiet -c "$1.sums") || return 1
		count=$((count + 1))
	done
	echo "$count"
}
# is_whole ARCHIVE: unpacks to $work/whole and checks all of it, the end mark too.
is_whole() {
	zstd -qt "$1" && unpack "$1" "$work/whole" && closed=$(by_hand "$work/whole") &&
		[ "$closed" = "$(ls "$work/whole/manifest" | grep -c 'jsonl$')" ] &&
		cat "$work"/whole/manifest/*.jsonl | tail -n 1 | grep -q '"end":true'
}
