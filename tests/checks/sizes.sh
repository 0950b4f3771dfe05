#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Sizes of the house: no function over 100 lines, nine of ten at most 60; files, headers, line widths.
cd "$SOURCE" || exit 2
command -v ctags >/dev/null || { echo "skipped: ctags (universal-ctags) is not installed"; exit 77; }
status=0
files=$(find lib collectors triage tests -name '*.[ch]')

# shellcheck disable=SC2086
ctags -f - --fields=+ne --kinds-C=f $files 2>/dev/null | awk -F'\t' '
	{ line = end = 0
	  for (i = 1; i <= NF; i++) { if ($i ~ /^line:/) line = substr($i, 6); if ($i ~ /^end:/) end = substr($i, 5) }
	  if (!end) next
	  size = end - line + 1; count++
	  if (size > 60) over++
	  if (size > 100) { print "function of " size " lines: " $1 " in " $2; bad = 1 } }
	END { if (over * 10 > count) { print over " of " count " functions are over 60 lines"; bad = 1 }
	      print count " functions, " over + 0 " over 60 lines"; exit bad }' || status=1

for file in $files; do
	lines=$(wc -l <"$file")
	case $file in
	*.h) limit=150 ;;
	*) limit=1000 ;;
	esac
	[ "$lines" -le "$limit" ] || { echo "$file has $lines lines, $limit are allowed"; status=1; }
	head -n 1 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0' || { echo "$file: no licence line"; status=1; }
	awk -v file="$file" '{ text = $0; width = 0
		n = length(text)
		for (i = 1; i <= n; i++) width += substr(text, i, 1) == "\t" ? 4 - width % 4 : 1
		if (width > 120 && text !~ /JA\(|COLUMN\(|"/) { print file ":" NR ": line of " width " columns"; bad = 1 } }
		END { exit bad }' "$file" || status=1
done
exit $status
