/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/ledger.h"

static const char *const states[] = { "ran", "no-evidence", "field-missing", "not-loaded" };

const char *ledger_state(enum rule_outcome_state state)
{
	return states[state];
}

/* First column of a query with the host as its only parameter. */
static int ask(struct ledger *l, const char *sql, int64_t *out, struct fail *f)
{
	struct query *q;
	int got;

	if (query_open(&q, l->store, sql, f))
		return -1;
	query_int(q, 1, l->host);
	got = query_step(q, f);
	*out = got == 1 ? query_number(q, 0) : 0;
	query_close(q);
	return got < 0 ? -1 : 0;
}

int ledger_open(struct ledger *l, struct store *store, int64_t host, struct fail *f)
{
	int64_t unprivileged, cut;

	*l = (struct ledger){ .store = store, .host = host };
	if (query_open(&l->add, store, "INSERT INTO rule_state (host_id, rule, state, matches, reason,"
	               " reason_ja) VALUES (?, ?, ?, ?, ?, ?)", f) ||
	    ask(l, "SELECT count(*) FROM host WHERE host_id = ? AND is_root = 0", &unprivileged, f) ||
	    ask(l, "SELECT count(*) FROM archive WHERE host_id = ? AND complete = 0", &cut, f))
		return -1;
	if (unprivileged)
		fail_set(&l->limits, "the collector ran without all rights: rows can be missing");
	else if (cut)
		fail_set(&l->limits, "the archive was cut: rows can be missing");
	return 0;
}

static void from_table(struct buf *sql, struct span table)
{
	buf_text(sql, "SELECT EXISTS (SELECT 1 FROM \"");
	buf_add(sql, table);
	buf_text(sql, span_is(table, "entry") ? "\" t JOIN archive v ON v.id = t.archive_id"
	         " WHERE v.host_id = ?1" : "\" t WHERE t.host_id = ?1");
}

/* "table", "table.column", "table.column=1" */
static int ask_need(struct ledger *l, struct span word, enum rule_outcome_state *out, struct fail *f)
{
	struct span rest = word, table = span_until(&rest, '.'), column = span_until(&rest, '=');
	struct buf sql = { 0 };
	int64_t there = 0, has = 1;
	int result;

	from_table(&sql, table);
	buf_byte(&sql, ')');
	result = sql.bad ? fail_set(f, "out of memory") : ask(l, buf_string(&sql), &there, f);
	if (!result && there && column.size) {
		buf_clear(&sql);
		from_table(&sql, table);
		buf_text(&sql, " AND t.\"");
		buf_add(&sql, column);
		buf_text(&sql, rest.size ? "\" IS 1)" : "\" IS NOT NULL)");
		result = sql.bad ? fail_set(f, "out of memory") : ask(l, buf_string(&sql), &has, f);
	}
	buf_done(&sql);
	*out = !there ? RULE_NO_EVIDENCE : !has ? RULE_FIELD_MISSING : RULE_RAN;
	return result;
}

static int check_word(struct ledger *l, struct span word, enum rule_outcome_state *out, struct fail *f)
{
	struct ledger_need *n;

	for (size_t i = 0; i < l->count; i++)
		if (span_is(word, l->needs[i].word)) {
			*out = l->needs[i].state;
			return 0;
		}
	if (ask_need(l, word, out, f))
		return -1;
	if (l->count == LEDGER_NEEDS || word.size >= NEED_BYTES)
		return 0;
	n = &l->needs[l->count++];
	memcpy(n->word, word.data, word.size);
	n->word[word.size] = 0;
	n->state = *out;
	return 0;
}

static void explain(struct rule_outcome *out, struct span word)
{
	if (out->state == RULE_NO_EVIDENCE)
		fail_set(&out->why, "the evidence holds nothing for '%.*s'", (int)word.size,
		         (const char *)word.data);
	else
		fail_set(&out->why, "no row tells '%.*s'", (int)word.size, (const char *)word.data);
}

int ledger_check(struct ledger *l, const char *needs, struct rule_outcome *out, struct fail *f)
{
	struct span rest = span_of(needs), need;

	out->state = RULE_RAN;
	out->why = l->limits;
	while ((need = span_word(&rest)).size) {
		struct span either = need;
		enum rule_outcome_state best = RULE_NOT_LOADED, state;

		while (either.size) {
			if (check_word(l, span_until(&either, '|'), &state, f))
				return -1;
			if (best == RULE_NOT_LOADED || state == RULE_RAN)
				best = state;
		}
		if (best != RULE_RAN) {
			out->state = best;
			explain(out, need);
			return 0;
		}
	}
	return 0;
}

int ledger_add(struct ledger *l, const char *rule, const struct rule_outcome *o, struct fail *f)
{
	query_int(l->add, 1, l->host);
	query_text(l->add, 2, span_of(rule));
	query_text(l->add, 3, span_of(states[o->state]));
	query_int(l->add, 4, o->findings);
	for (int i = 0; i < LANGS; i++)
		if (*o->why.text[i])
			query_text(l->add, 5 + i, span_of(o->why.text[i]));
		else
			query_null(l->add, 5 + i);
	return query_run(l->add, f);
}

void ledger_close(struct ledger *l)
{
	query_close(l->add);
	l->add = NULL;
}
