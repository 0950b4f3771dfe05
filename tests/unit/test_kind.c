/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include <math.h>
#include <stdlib.h>

#include "lib/kind.h"

#define HEAD(literal) { (const uint8_t *)(literal), sizeof(literal) - 1 }

static const struct { struct span head; const char *type; bool executable, script; } cases[] = {
	{ HEAD(""), "inode/x-empty", false, false },
	{ HEAD("hello\n"), "text/plain", false, false },
	{ HEAD("日本語\n"), "text/plain", false, false },
	{ HEAD("#!/bin/sh\nexit\n"), "text/x-shellscript", false, true },
	{ HEAD("#! /usr/bin/env python3\n"), "text/x-script.python", false, true },
	{ HEAD("#!/usr/bin/perl -w\n"), "text/x-perl", false, true },
	{ HEAD("#!/opt/strange\n"), "text/plain", false, true },
	{ HEAD("#! comment\n"), "text/plain", false, false },
	{ HEAD("<?php system($_GET['c']); ?>"), "text/x-php", false, false },
	{ HEAD("  {\"a\": 1}"), "application/json", false, false },
	{ HEAD("[section]\nkey=1\n"), "text/plain", false, false },
	{ HEAD("\x1f\x8b\x08\0\0\0\0\0"), "application/gzip", false, false },
	{ HEAD("MZ"), "text/plain", false, false },
};

TEST(kind_knows_the_first_bytes)
{
	struct kinds *k;
	struct fail f;

	CHECK_INT(kinds_open(&k, &f), 0);
	CHECK(kinds_complete(k));
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct kind kind;

		kind_of(k, cases[i].head, &kind);
		CHECK_TEXT(kind.type, cases[i].type);
		CHECK_INT(kind.executable, cases[i].executable);
		CHECK_INT(kind.script, cases[i].script);
	}
	kinds_close(k);
}

/* Names that differ from libmagic's by design: see kind.h. */
static bool is_same(const char *ours, const char *theirs)
{
	if (strcmp(ours, theirs) == 0)
		return true;
	if (strcmp(ours, "text/plain") == 0 || strcmp(ours, "application/json") == 0)
		return strncmp(theirs, "text/", 5) == 0 || strstr(theirs, "json") || strstr(theirs, "script") ||
		       strstr(theirs, "postscript") || strstr(theirs, "message/") || strstr(theirs, "image/");
	if (strstr(ours, "sharedlib") || strstr(ours, "pie-exec"))
		return strstr(theirs, "sharedlib") || strstr(theirs, "pie-exec");
	if (strncmp(ours, "text/", 5) == 0)
		return strncmp(theirs, "text/", 5) == 0;
	return false;
}

static size_t head_of(const char *path, uint8_t *bytes, size_t size)
{
	FILE *file = fopen(path, "rb");
	size_t got = file ? fread(bytes, 1, size, file) : 0;

	if (file)
		fclose(file);
	return got;
}

/* file(1) is the judge, on what this machine has. */
TEST(kind_agrees_with_file)
{
	FILE *list = popen("command -v file >/dev/null && find /usr/bin /usr/lib /usr/share -xdev -type f "
	                   "2>/dev/null | awk 'NR % 400 == 1' | head -400 | xargs -d '\\n' "
	                   "file --mime-type -N -F '|' 2>/dev/null", "r");
	static uint8_t head[KIND_HEAD];
	char line[8192];
	struct kinds *k;
	struct fail f;
	int compared = 0, same = 0;

	CHECK_INT(kinds_open(&k, &f), 0);
	while (list && fgets(line, sizeof line, list)) {
		char *bar = strrchr(line, '|');
		struct kind kind;

		if (!bar)
			continue;
		*bar = 0;
		bar[strcspn(bar + 1, "\n") + 1] = 0;
		kind_of(k, (struct span){ head, head_of(line, head, sizeof head) }, &kind);
		compared++;
		if (is_same(kind.type, bar + 2))
			same++;
		else
			printf("%s: %s, file says %s\n", line, kind.type, bar + 2);
	}
	kinds_close(k);
	if (list)
		pclose(list);
	if (!compared) {
		test_skip("file(1) is not installed");
		return;
	}
	/* A database that guesses may differ on a few. */
	CHECK(same * 100 >= compared * 98);
}

TEST(kind_survives_cut_heads)
{
	static uint8_t head[KIND_HEAD];
	size_t size = head_of("/proc/self/exe", head, sizeof head);
	struct kinds *k;
	struct fail f;

	CHECK_INT(kinds_open(&k, &f), 0);
	for (size_t i = 0; i <= size; i += i < 300 ? 1 : 997) {
		uint8_t *copy = malloc(i ? i : 1);
		struct kind kind;

		memcpy(copy, head, i);
		kind_of(k, (struct span){ copy, i }, &kind);
		CHECK_INT(kind.executable, i >= 20);
		free(copy);
	}
	kinds_close(k);
}

TEST(entropy_is_shannons)
{
	struct entropy e = { 0 };
	uint8_t bytes[1000];

	CHECK(entropy_bits(&e) == 0);
	for (int i = 0; i < 256; i++)
		entropy_add(&e, (struct span){ (uint8_t[]){ (uint8_t)i }, 1 });
	CHECK(fabs(entropy_bits(&e) - 8) < 1e-9);
	e = (struct entropy){ 0 };
	memset(bytes, 'a', sizeof bytes);
	entropy_add(&e, (struct span){ bytes, sizeof bytes });
	CHECK(entropy_bits(&e) == 0);
	entropy_add_zeros(&e, 1000);
	CHECK(fabs(entropy_bits(&e) - 1) < 1e-9);
	CHECK_INT(e.total, 2000);
}

TEST(entropy_of_a_large_file_is_told_from_a_part)
{
	static uint8_t bytes[4 << 20];
	struct entropy whole = { 0 }, portions = { 0 };
	uint64_t state = 1;
	size_t counts[256] = { 0 };
	double exact = 0;

	/* Uneven bytes of a simple generator: the exact value is counted here. */
	for (size_t i = 0; i < sizeof bytes; i++) {
		state = state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
		bytes[i] = (uint8_t)((state >> 40 & 0xff) * (state >> 50 & 0xff) >> 8);
		counts[bytes[i]]++;
	}
	for (int i = 0; i < 256; i++)
		if (counts[i])
			exact -= (double)counts[i] / (double)sizeof bytes * log2((double)counts[i] / (double)sizeof bytes);
	entropy_add(&whole, (struct span){ bytes, sizeof bytes });
	for (size_t at = 0; at < sizeof bytes; at += 3001)
		entropy_add(&portions, span_part((struct span){ bytes, sizeof bytes }, at, 3001));
	CHECK(fabs(entropy_bits(&whole) - exact) < 0.002);
	CHECK(entropy_bits(&whole) == entropy_bits(&portions));
}
