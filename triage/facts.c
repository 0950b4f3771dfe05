/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/facts.h"

#include <stdio.h>

enum { SUMMARY_CHARACTERS = 500 };

/* Values whose rarity counts: kind, table, value, further condition. */
static const struct { const char *kind, *table, *value, *time, *where; } rare[] = {
	{ "sha256", "process", "t.sha256", "t.started", "t.pass IS NOT 2" },
	/* Programs only: documents are rare by nature. */
	{ "sha256", "file", "t.sha256", "t.modified",
	  "t.trivial IS NOT 1 AND (t.mode & 73 <> 0 OR t.why LIKE '%\"script\"%' OR "
	  "t.why LIKE '%\"executable\"%')" },
	{ "sha256", "autorun", "t.target_sha256", "t.file_modified", "1" },
	{ "image", "process", "t.image", "t.started", "t.pass IS NOT 2" },
	{ "autorun", "autorun", "coalesce(t.kind, '?') || ' ' || coalesce(t.command, t.target, t.path)",
	  "t.file_modified", "1" },
	{ "address", "socket", "t.remote_address", "NULL",
	  "t.pass IS NOT 2 AND t.family IN ('ipv4', 'ipv6')" },
	{ "address", "auth_event", "t.address", "t.time", "1" },
	{ "address", "login_record", "t.address", "t.time", "1" },
};

/* Names, addresses, zone and edges of the host, made of all its rows or of the new ones. */
static const char *const host_statements[] = {
	"UPDATE host_identity SET name = coalesce((SELECT h.name FROM host h WHERE h.host_id = ?1 AND "
	"h.name <> '' ORDER BY h.collected DESC, h.id DESC LIMIT 1), name), os = coalesce((SELECT h.os_name "
	"FROM host h WHERE h.host_id = ?1 ORDER BY h.collected DESC, h.id DESC LIMIT 1), os) WHERE id = ?1",
	"INSERT OR IGNORE INTO host_alias SELECT DISTINCT ?1, name, 'name' FROM host WHERE host_id = ?1 "
	"AND name <> ''",
	"INSERT OR IGNORE INTO host_alias SELECT DISTINCT ?1, fqdn, 'fqdn' FROM host WHERE host_id = ?1 "
	"AND fqdn <> ''",
	"INSERT OR IGNORE INTO host_alias SELECT DISTINCT ?1, CASE instr(j.value, '/') WHEN 0 THEN j.value "
	"ELSE substr(j.value, 1, instr(j.value, '/') - 1) END, 'address' FROM interface i, "
	"json_each(i.addresses) j WHERE i.host_id = ?1 AND i.name <> 'lo'",
	"INSERT OR IGNORE INTO host_zone SELECT ?1, started, zone, utc_offset FROM archive WHERE host_id = ?1 "
	"AND started IS NOT NULL AND utc_offset IS NOT NULL ORDER BY started",
	"DELETE FROM logon_edge WHERE host_id = ?1",
	"INSERT INTO logon_edge SELECT host_id, coalesce(user, ''), coalesce(address, ''), "
	"coalesce(service, ''), outcome, count(*), min(time), max(time) FROM logon WHERE host_id = ?1 "
	"GROUP BY 1, 2, 3, 4, 5",
};

/* ?1 the host, ?2 the id before the new rows; -1: the statement has no ?2. */
static int run(struct store *s, struct buf *sql, int64_t host_id, int64_t before, struct fail *f)
{
	struct query *q = NULL;
	int result = sql->bad ? fail_set(f, "out of memory") : query_open(&q, s, buf_string(sql), f);

	buf_clear(sql);
	if (result)
		return -1;
	query_int(q, 1, host_id);
	if (before >= 0)
		query_int(q, 2, before);
	result = query_run(q, f);
	query_close(q);
	return result;
}

static int64_t id_before(const struct facts_before *before, const char *table)
{
	for (unsigned i = 0; table_at(i); i++)
		if (strcmp(table_at(i)->name, table) == 0)
			return before->ids[i];
	return 0;
}

int facts_before(struct store *s, struct facts_before *before, struct fail *f)
{
	*before = (struct facts_before){ 0 };
	for (unsigned i = 0; i < FACT_TABLES && table_at(i); i++) {
		char sql[96];

		snprintf(sql, sizeof sql, "SELECT max(id) FROM \"%s\"", table_at(i)->name);
		if (store_number(s, sql, &before->ids[i], f))
			return -1;
	}
	return 0;
}

static void event_sql(const struct event_map *m, struct buf *sql)
{
	buf_printf(sql, "INSERT INTO event (host_id, time, time_kind, grade, type, actor, object, summary, "
	           "row_table, row_id, entry_id, offset, length) SELECT t.host_id, %s, '%s', %s, %s, %s, %s, "
	           "substr(%s, 1, %d), '%s', t.id, t.entry_id, t.offset, t.length FROM \"%s\" t WHERE "
	           "t.host_id = ?1 AND t.id > ?2", m->time, m->time_kind, m->grade, m->type, m->actor,
	           m->object, m->summary, SUMMARY_CHARACTERS, m->table, m->table);
	if (m->where)
		buf_printf(sql, " AND (%s)", m->where);
	buf_text(sql, " ORDER BY t.id");
}

static void fact_sql(const struct fact_map *m, struct buf *sql)
{
	buf_printf(sql, "INSERT INTO %s (host_id, %s, row_table, row_id) SELECT t.host_id, %s, '%s', t.id "
	           "FROM \"%s\" t WHERE t.host_id = ?1 AND t.id > ?2", m->into, m->columns, m->values,
	           m->table, m->table);
	if (m->where)
		buf_printf(sql, " AND (%s)", m->where);
	buf_text(sql, " ORDER BY t.id");
}

/* The values of the new rows are grouped once, into a table of this connection. */
static int count_values(struct store *s, const struct facts_before *before, int64_t host_id,
                        struct buf *sql, struct fail *f)
{
	if (store_exec(s, "CREATE TEMP TABLE IF NOT EXISTS fresh_value (kind TEXT, value TEXT, time INTEGER, "
	               "count INTEGER, last INTEGER); DELETE FROM temp.fresh_value", f))
		return -1;
	for (size_t i = 0; i < sizeof rare / sizeof *rare; i++) {
		buf_printf(sql, "INSERT INTO temp.fresh_value SELECT '%s', %s, min(%s), count(*), max(%s) FROM "
		           "\"%s\" t WHERE t.host_id = ?1 AND t.id > ?2 AND (%s) AND %s IS NOT NULL GROUP BY 2",
		           rare[i].kind, rare[i].value, rare[i].time, rare[i].time, rare[i].table, rare[i].where,
		           rare[i].value);
		if (run(s, sql, host_id, id_before(before, rare[i].table), f))
			return -1;
	}
	buf_text(sql, "INSERT INTO prevalence (kind, value, hosts, count, first, last) SELECT kind, value, 1, "
	         "sum(count), min(time), max(last) FROM temp.fresh_value WHERE true GROUP BY kind, value "
	         "ON CONFLICT (kind, value) DO UPDATE SET count = count + excluded.count, first = "
	         "coalesce(min(first, excluded.first), first, excluded.first), last = coalesce(max(last, "
	         "excluded.last), last, excluded.last), hosts = hosts + NOT EXISTS (SELECT 1 FROM "
	         "prevalence_host p WHERE p.kind = excluded.kind AND p.value = excluded.value AND "
	         "p.host_id = ?1)");
	if (run(s, sql, host_id, -1, f))
		return -1;
	buf_text(sql, "INSERT INTO prevalence_host (kind, value, host_id, count) SELECT kind, value, ?1, "
	         "sum(count) FROM temp.fresh_value WHERE true GROUP BY kind, value ON CONFLICT "
	         "(kind, value, host_id) DO UPDATE SET count = count + excluded.count");
	return run(s, sql, host_id, -1, f) || store_exec(s, "DELETE FROM temp.fresh_value", f) ? -1 : 0;
}

int facts_make(struct store *s, const struct facts_before *before, int64_t host_id, struct fail *f)
{
	struct buf sql = { 0 };
	int result = 0;

	for (const struct event_map *m = event_maps; !result && m->table; m++) {
		event_sql(m, &sql);
		result = run(s, &sql, host_id, id_before(before, m->table), f);
	}
	for (const struct fact_map *m = fact_maps; !result && m->table; m++) {
		fact_sql(m, &sql);
		result = run(s, &sql, host_id, id_before(before, m->table), f);
	}
	for (size_t i = 0; !result && i < sizeof host_statements / sizeof *host_statements; i++) {
		buf_printf(&sql, "%s", host_statements[i]);
		result = run(s, &sql, host_id, -1, f);
	}
	if (!result)
		result = count_values(s, before, host_id, &sql, f);
	buf_done(&sql);
	return result;
}
