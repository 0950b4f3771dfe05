/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_LEDGER_H
#define KAKE_LEDGER_H
/*
 * The honest account of what each rule did on a host, in `rule_state`: with it "nothing found" is a
 * statement, because it tells what could have been found.
 */
#include "triage/store_query.h"

enum rule_outcome_state { RULE_RAN, RULE_NO_EVIDENCE, RULE_FIELD_MISSING, RULE_NOT_LOADED };

struct rule_outcome {
	enum rule_outcome_state state;
	int64_t findings;
	struct fail why;             /* empty if there is nothing to say */
};

enum { LEDGER_NEEDS = 64, NEED_BYTES = 96 };

/* What was already asked of this host. */
struct ledger_need { char word[NEED_BYTES]; enum rule_outcome_state state; };

struct ledger {
	struct store *store;
	int64_t host;
	struct query *add;
	struct fail limits;          /* what makes the evidence of this host incomplete */
	struct ledger_need needs[LEDGER_NEEDS];
	size_t count;
};

/* To be closed also if it fails. */
int ledger_open(struct ledger *l, struct store *store, int64_t host, struct fail *f);
/* Whether the evidence that a rule names (see rule.h) is there; *out says what it comes to and why. */
int ledger_check(struct ledger *l, const char *needs, struct rule_outcome *out, struct fail *f);
int ledger_add(struct ledger *l, const char *rule, const struct rule_outcome *o, struct fail *f);
void ledger_close(struct ledger *l);
/* The state as it stands in rule_state. */
const char *ledger_state(enum rule_outcome_state state);
#endif
