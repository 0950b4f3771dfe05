#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# findings and report as a person calls them: statuses, formats, both languages, nothing half-written.
. "$SOURCE/tests/integration/lib.sh"
escape=$(printf '\033')

status 1 "$collect" --root "$SOURCE/tests/fixtures/linux-root" --profile quick --out "$work"
archive=$(ls "$work"/*.tar.zst)
"$triage" ingest "$work/case.db" "$archive" >"$work/out" 2>&1
[ $? -le 1 ] || failed "ingest: $(cat "$work/out")"
# Some rules had nothing to look at: complete with notes.
status 1 "$triage" findings "$work/case.db"
grep -q ' rules ran' "$work/out" || failed "no account of the rules"
grep -q "$escape" "$work/out" && failed "an escape character reached the terminal"
awk 'length > 400 { exit 1 }' "$work/out" || failed "a line is longer than a terminal"

status 1 "$triage" findings "$work/case.db" --all --format json
[ "$(rows "SELECT json_valid(readfile('$work/out'))")" = 1 ] || failed "the JSON is not valid"
n=$(rows "SELECT json_array_length(readfile('$work/out'))")
[ "$n" = "$(rows 'SELECT count(*) FROM finding')" ] || failed "$n findings in JSON"
status 1 "$triage" findings "$work/case.db" --ledger --format csv --lang ja
[ "$(wc -l <"$work/out")" = "$(($(rows 'SELECT count(*) FROM rule_state') + 1))" ] || failed "the ledger is not whole"

# Detection again gives the same, and so does the page.
for lang in ja en; do
	status 0 "$triage" report "$work/case.db" --lang $lang --out "$work/$lang.html"
	status 0 "$triage" report "$work/case.db" --lang $lang
	cmp -s "$work/out" "$work/$lang.html" || failed "the $lang page differs from one time to the next"
	grep -qi '<script\|<[^>]*\(href="[^#]\|src=\|onerror\)' "$work/$lang.html" && failed "the $lang page holds something that acts"
	grep -q "<html lang=\"$lang\">" "$work/$lang.html" || failed "the page is not in $lang"
done

status 2 "$triage" findings "$work/none.db"
[ ! -e "$work/none.db" ] || failed "asking made a case file"
status 2 "$triage" findings "$work/case.db" --min-severity loud
status 2 "$triage" findings "$work/case.db" --host nobody
status 2 "$triage" findings "$archive"
status 2 "$triage" report "$work/case.db" --out "$work/none/page.html"
mkdir "$work/page.html"
status 2 "$triage" report "$work/case.db" --out "$work/page.html"
[ -z "$(find "$work" -name '*.part')" ] || failed "a part was left behind"
done_testing
