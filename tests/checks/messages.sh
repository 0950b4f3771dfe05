#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every text that a person may see has a Japanese twin: reasons of failures and notes, texts that go
# through msg(), help of options and modules.
cd "$SOURCE" || exit 2
texts=$(mktemp) && twins=$(mktemp) || exit 2
trap 'rm -f "$texts" "$twins"' EXIT
string='"([^"\\]|\\.)*"'

sed -n 's/^JA(\(".*\)/\1/p' lib/messages/*.def | grep -oE "^$string" | sort -u >"$twins"
for file in $(find lib collectors triage -name '*.c'); do
	# Strings that stand in parts are joined.
	tr '\n\t' '  ' <"$file" | sed 's/span_of("[^"]*")//g; s/\([^\]\)" *"/\1/g' >"$texts.one"
	grep -oE "\b(fail_set|fail_errno|fail_vset|msg|remark|host_note|note_text|warn|account_warn)\([^\";]*$string" "$texts.one" |
		grep -oE "$string$"
	grep -oE "\.help = $string" "$texts.one" | grep -oE "$string$"
	grep -oE "OPT_[A-Z]+, [^,]*, $string" "$texts.one" | grep -oE "$string$"
done | sort -u >"$texts"
rm -f "$texts.one"
# A format that only passes on what others said needs none.
missing=$(comm -23 "$texts" "$twins" | grep -vxE '"(%s|%.\*s|)"')
[ -z "$missing" ] || { echo "no Japanese twin in lib/messages/:"; echo "$missing"; exit 1; }
echo "$(wc -l <"$texts") texts have their twins"
