/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LOCAL_TIME_H
#define KAKE_LOCAL_TIME_H
/* Whole dates in the host's own time, as package managers log them. */
#include "triage/parser.h"

/*
 * Sets the time column from "2026-03-01 06:00:00" (blanks or T between), read in the host's zone,
 * and the grade; what is no date is kept as raw text.
 */
void row_local_time(struct row *row, int time, int grade, struct span text,
                    const struct origin *origin);
#endif
