#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# docs/TABLES.md is what the program says of its tables.
"$BIN/kake-triage" tables | diff -u "$SOURCE/docs/TABLES.md" - || {
	echo "run: build/*/kake-triage tables >docs/TABLES.md"
	exit 1
}
