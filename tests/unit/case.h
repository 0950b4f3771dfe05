/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TEST_CASE_H
#define KAKE_TEST_CASE_H
/* Small case files made by hand, for the tests of detection and report. */
#include "triage/store_query.h"

/* A fresh case file with two hosts, web01 (Asia/Tokyo, archive 1) and db01 (archive 2, unverified and cut). */
struct store *case_open(const char *path);
/* One row of an evidence table, from JSON; complains if it does not fit. */
void case_row(struct store *s, int64_t host, const char *table, const char *json);
void case_sql(struct store *s, const char *sql);
/* First cell of a query, as a number. */
int64_t case_number(struct store *s, const char *sql);
#endif
