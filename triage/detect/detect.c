/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/detect.h"

#include <stdlib.h>
#include <string.h>

#include "lib/instant.h"
#include "triage/detect/fill.h"
#include "triage/detect/ledger.h"
#include "triage/detect/prepare.h"
#include "triage/detect/rule.h"

enum { SEVERITY, TIME, SUBJECT, ROW_TABLE, ROW_ID, VALUES };

struct loaded { const struct rule *rule; struct query *matches; struct fail why; };

/* One run over a case file. */
struct engine {
	struct store *store;
	struct loaded *rules;
	size_t count;
	struct query *add_finding, *add_row, *set_totals;
	struct buf subject, reason[LANGS], next[LANGS];
};

/* The finding that rows are being added to. */
struct open_finding { int64_t id, rows, time; bool dated; };

static const char add_finding[] =
	"INSERT INTO finding (rule, host_id, severity, rank, time, subject, title, title_ja, reason,"
	" reason_ja, next, next_ja, attack, count) VALUES (?, ?, ?, 0, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0)";
static const char add_row[] =
	"INSERT OR IGNORE INTO finding_row (finding_id, row_table, row_id) VALUES (?, ?, ?)";
static const char set_totals[] = "UPDATE finding SET count = ?, time = ? WHERE id = ?";
static const char rank[] =
	"WITH spread AS (SELECT rule AS r, subject AS s, count(DISTINCT host_id) AS hosts FROM finding"
	" GROUP BY rule, subject), everyone AS (SELECT count(*) AS total FROM host_identity)"
	" UPDATE finding SET rank = severity * (1 - 0.35 * (spread.hosts - 1) / max(everyone.total - 1, 1))"
	" FROM spread, everyone WHERE spread.r = finding.rule AND spread.s = finding.subject";

static int load(struct engine *e, const struct rule *rule, struct fail *f)
{
	struct loaded *l = &e->rules[e->count++];
	struct buf sql = { 0 };

	*l = (struct loaded){ .rule = rule };
	buf_printf(&sql, "WITH match (severity, time, subject, row_table, row_id, a, b, c) AS (%s) "
	           "SELECT coalesce(severity, %d), time, coalesce(subject, '?'), row_table, row_id, a, b, c, "
	           "max(coalesce(severity, %d)) OVER (PARTITION BY subject) FROM match WHERE ?1 IS NOT NULL AND ?2 IS NOT NULL "
	           "ORDER BY 9 DESC, 3, 1 DESC, time, row_table, row_id", rule->sql, (int)rule->severity,
	           (int)rule->severity);
	if (sql.bad) {
		buf_done(&sql);
		return fail_set(f, "out of memory");
	}
	if (query_open(&l->matches, e->store, buf_string(&sql), &l->why))
		l->matches = NULL;
	buf_done(&sql);
	return 0;
}

static int load_all(struct engine *e, const struct rule *const *lists, struct fail *f)
{
	size_t count = 0;

	for (size_t i = 0; lists[i]; i++)
		for (const struct rule *r = lists[i]; r->id; r++)
			count++;
	e->rules = calloc(count ? count : 1, sizeof *e->rules);
	if (!e->rules)
		return fail_set(f, "out of memory");
	for (size_t i = 0; lists[i]; i++)
		for (const struct rule *r = lists[i]; r->id; r++)
			if (load(e, r, f))
				return -1;
	return 0;
}

static int open_finding(struct engine *e, const struct rule *rule, int64_t host, struct query *m,
                        struct open_finding *o, struct fail *f)
{
	struct query *q = e->add_finding;
	struct span values[FILL_VALUES];

	for (int i = 0; i < FILL_VALUES; i++)
		values[i] = query_bytes(m, VALUES + i);
	fill_subject(&e->subject, query_bytes(m, SUBJECT));
	for (int l = 0; l < LANGS; l++) {
		fill_text(&e->reason[l], rule->reason[l], values);
		fill_text(&e->next[l], rule->next[l], values);
		if (e->reason[l].bad || e->next[l].bad)
			return fail_set(f, "out of memory");
	}
	query_text(q, 1, span_of(rule->id));
	query_int(q, 2, host);
	query_int(q, 3, query_number(m, SEVERITY));
	query_null(q, 4);
	query_text(q, 5, buf_span(&e->subject));
	for (int l = 0; l < LANGS; l++) {
		query_text(q, 6 + l, span_of(rule->title[l]));
		query_text(q, 8 + l, buf_span(&e->reason[l]));
		query_text(q, 10 + l, buf_span(&e->next[l]));
	}
	query_text(q, 12, span_of(rule->attack));
	if (query_run(q, f))
		return -1;
	*o = (struct open_finding){ .id = store_last_id(e->store) };
	return 0;
}

static int close_finding(struct engine *e, const struct open_finding *o, struct fail *f)
{
	if (!o->id)
		return 0;
	query_int(e->set_totals, 1, o->rows);
	if (o->dated)
		query_int(e->set_totals, 2, o->time);
	else
		query_null(e->set_totals, 2);
	query_int(e->set_totals, 3, o->id);
	return query_run(e->set_totals, f);
}

static int add_match(struct engine *e, struct open_finding *o, struct query *m, struct fail *f)
{
	int64_t time = query_number(m, TIME);

	o->rows++;
	if (!query_is_null(m, TIME) && (!o->dated || time < o->time)) {
		o->dated = true;
		o->time = time;
	}
	if (o->rows > FINDING_ROWS)
		return 0;
	query_int(e->add_row, 1, o->id);
	query_text(e->add_row, 2, query_bytes(m, ROW_TABLE));
	query_int(e->add_row, 3, query_number(m, ROW_ID));
	return query_run(e->add_row, f);
}

/* Matches come with those of one subject together; `findings` counts also what is over the limit. */
static int run_rule(struct engine *e, const struct loaded *l, int64_t host, int64_t collected,
                    int64_t *findings, struct fail *f)
{
	struct open_finding o = { 0 };
	struct buf subject = { 0 };
	int result = 0, got = 0;

	*findings = 0;
	query_int(l->matches, 1, host);
	query_int(l->matches, 2, collected);
	while (!result && (got = query_step(l->matches, f)) == 1) {
		if (!*findings || !span_equal(buf_span(&subject), query_bytes(l->matches, SUBJECT))) {
			result = close_finding(e, &o, f);
			o.id = 0;
			buf_clear(&subject);
			buf_add(&subject, query_bytes(l->matches, SUBJECT));
			if (!result && ++*findings <= RULE_FINDINGS)
				result = open_finding(e, l->rule, host, l->matches, &o, f);
		}
		if (!result && o.id)
			result = add_match(e, &o, l->matches, f);
	}
	if (!result && got < 0)
		result = -1;
	if (!result)
		result = close_finding(e, &o, f);
	query_reset(l->matches);
	buf_done(&subject);
	return result;
}

static int run_host(struct engine *e, int64_t host, int64_t collected, struct fail *f)
{
	struct ledger ledger;
	int result = ledger_open(&ledger, e->store, host, f);

	for (size_t i = 0; !result && i < e->count; i++) {
		const struct loaded *l = &e->rules[i];
		struct rule_outcome outcome = { .state = RULE_RAN };

		if (!l->matches) {
			outcome.state = RULE_NOT_LOADED;
			outcome.why = l->why;
		} else if (ledger_check(&ledger, l->rule->needs, &outcome, f) ||
		           (outcome.state == RULE_RAN &&
		            run_rule(e, l, host, collected, &outcome.findings, f))) {
			result = fail_in(f, l->rule->id);
			break;
		}
		if (outcome.findings > RULE_FINDINGS)
			fail_set(&outcome.why, "only the first %d of %lld findings are kept", RULE_FINDINGS,
			         (long long)outcome.findings);
		result = ledger_add(&ledger, l->rule->id, &outcome, f);
	}
	ledger_close(&ledger);
	return result;
}

static int run_hosts(struct engine *e, struct fail *f)
{
	struct query *hosts;
	int result = 0, got = 0;

	if (query_open(&hosts, e->store, "SELECT i.id, coalesce((SELECT max(collected) FROM host h WHERE"
	               " h.host_id = i.id), (SELECT max(coalesce(ended, started)) FROM archive v WHERE"
	               " v.host_id = i.id), 0) FROM host_identity i ORDER BY i.id", f))
		return -1;
	while (!result && (got = query_step(hosts, f)) == 1)
		result = run_host(e, query_number(hosts, 0), query_number(hosts, 1), f);
	query_close(hosts);
	return result || got < 0 ? -1 : 0;
}

static int run(struct engine *e, const struct rule *const *lists, struct fail *f)
{
	if (store_exec(e->store, "DELETE FROM finding_row; DELETE FROM finding; DELETE FROM rule_state", f) ||
	    prepare_make(e->store, f) || load_all(e, lists, f) ||
	    query_open(&e->add_finding, e->store, add_finding, f) ||
	    query_open(&e->add_row, e->store, add_row, f) ||
	    query_open(&e->set_totals, e->store, set_totals, f) || run_hosts(e, f))
		return -1;
	return store_exec(e->store, rank, f);
}

int detect_rules(struct store *store, const struct rule *const *lists, struct fail *f)
{
	struct engine e = { .store = store };
	int result = run(&e, lists, f);

	query_close(e.add_finding);
	query_close(e.add_row);
	query_close(e.set_totals);
	for (size_t i = 0; i < e.count; i++)
		query_close(e.rules[i].matches);
	free(e.rules);
	buf_done(&e.subject);
	for (int l = 0; l < LANGS; l++) {
		buf_done(&e.reason[l]);
		buf_done(&e.next[l]);
	}
	if (!result)
		result = prepare_drop(store, f);
	return result;
}

int detect_run(struct store *store, struct fail *f)
{
	return detect_rules(store, rule_lists, f);
}

static const char *const words[][LANGS] = {
	{ "?", "?" }, { "info", "参考" }, { "low", "低" }, { "medium", "中" }, { "high", "高" },
	{ "critical", "緊急" },
};

const char *severity_word(int severity, enum lang lang)
{
	return words[severity < INFORMATIONAL || severity > CRITICAL ? 0 : severity][lang];
}

int severity_of(const char *word)
{
	for (int i = INFORMATIONAL; i <= CRITICAL; i++)
		if (strcmp(word, words[i][LANG_EN]) == 0 || strcmp(word, words[i][LANG_JA]) == 0 ||
		    (word[0] == '0' + i && !word[1]))
			return i;
	return strcmp(word, "informational") == 0 ? INFORMATIONAL : 0;
}
