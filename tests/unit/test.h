/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TEST_H
#define KAKE_TEST_H
/*
 * Unit tests in one page: TEST(name) { … CHECK… } registers itself; test.c runs all of a file.
 * A failed check is printed with its values and the test goes on. SKIP says why and ends the test.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "lib/table.h"

void test_register(const char *name, void (*run)(void));
void test_fail(const char *file, int line, const char *what);
void test_skip(const char *why);
/* Whether the check passed; prints both values if not. */
bool test_int(const char *file, int line, const char *what, int64_t got, int64_t wanted);
bool test_text(const char *file, int line, const char *what, struct span got, struct span wanted);

#define TEST(name) \
	static void name(void); \
	__attribute__((constructor)) static void register_##name(void) { test_register(#name, name); } \
	static void name(void)
#define CHECK(condition) \
	((condition) ? (void)0 : test_fail(__FILE__, __LINE__, #condition))
#define CHECK_INT(got, wanted) \
	((void)test_int(__FILE__, __LINE__, #got, (int64_t)(got), (int64_t)(wanted)))
#define CHECK_TEXT(got, wanted) \
	((void)test_text(__FILE__, __LINE__, #got, span_of(got), span_of(wanted)))
#define CHECK_SPAN(got, wanted) \
	((void)test_text(__FILE__, __LINE__, #got, (got), (wanted)))

/* A sink that keeps rows and notes as JSON lines and counts them. capture_done frees it. */
struct capture { struct sink sink; struct buf lines; int64_t rows, notes, files; };
void capture_init(struct capture *c);
void capture_done(struct capture *c);
#endif
