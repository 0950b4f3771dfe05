/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_DETECT_H
#define KAKE_DETECT_H
/*
 * Runs every rule over every host of a case file and fills `finding`, `finding_row` and
 * `rule_state`; what an earlier run left there is replaced. The same case gives the same rows.
 *
 * A finding's rank is severity × rarity: severity (1 to 5) times a factor that falls from 1, for a
 * finding that one host has, to 0.65, for one that every host has. So what is everywhere comes after
 * what is as severe and rare, yet a critical finding never falls below a medium one.
 */
#include "lib/fail.h"

struct store;

/* Hostile evidence can match without end: further findings of a rule are only counted. */
enum { RULE_FINDINGS = 500, FINDING_ROWS = 200 };

/* Within the transaction that the caller holds. */
int detect_run(struct store *store, struct fail *f);
/* The same for rules given, as the registry holds them. */
struct rule;
int detect_rules(struct store *store, const struct rule *const *lists, struct fail *f);
/* 1 to 5 as a word of the language; the number that such a word stands for, or 0. */
const char *severity_word(int severity, enum lang lang);
int severity_of(const char *word);
#endif
