#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Compiles the portable layers for Windows: everything but the three doors of the platforms.
cd "$SOURCE" || exit 2
cc=x86_64-w64-mingw32-gcc
command -v $cc >/dev/null || cc=x86_64-w64-mingw32-gcc-win32
command -v $cc >/dev/null || { echo "skipped: no mingw-w64 compiler (gcc-mingw-w64-x86-64-win32)"; exit 77; }
out=$(mktemp -d)
trap 'rm -rf "$out"' EXIT

# The libraries' own headers, which know every platform, without the host's C library beside them.
mkdir -p "$out/include/openssl"
for file in /usr/include/openssl/*.h /usr/include/*-linux-gnu*/openssl/*.h; do ln -sf "$file" "$out/include/openssl/"; done
for name in zstd zstd_errors magic sqlite3 yaml zlib zconf; do
	for file in /usr/include/$name.h /usr/include/*-linux-gnu*/$name.h; do
		[ -f "$file" ] && ln -sf "$file" "$out/include/"
	done
done

count=0 status=0
for file in lib/*.c collectors/*.c collectors/common/*.c triage/*.c triage/*/*.c; do
	[ -f "$file" ] || continue
	case $file in lib/os_linux*|collectors/*_linux.c) continue ;; esac
	$cc -std=c11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -D__USE_MINGW_ANSI_STDIO=1 -DKAKE_VERSION='"0"' \
		-DYAML_DECLARE_STATIC -I. -isystem "$out/include" -O0 -Wall -Wextra -Wno-missing-field-initializers -Wno-format -Wno-attributes -Werror -c "$file" \
		-o "$out/object.o" || { echo "does not compile for Windows: $file"; status=1; }
	count=$((count + 1))
done
echo "$count portable files compiled"
exit $status
