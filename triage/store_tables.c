/* SPDX-License-Identifier: Apache-2.0 */
/* Tables of evidence, made from their declarations. */
#include "triage/store_inside.h"

extern const unsigned char views_sql[];

/* Tables whose rows can be seen again in another file or archive, so that each is kept once. */
static const struct table *const keyed[] = {
	&table_login_record, &table_last_login, &table_syslog, &table_auth_event, &table_package_event,
	&table_shell_command,
};

bool store_has_key(const struct table *table)
{
	for (size_t i = 0; i < sizeof keyed / sizeof *keyed; i++)
		if (keyed[i] == table)
			return true;
	return false;
}

void store_quote(struct buf *out, const char *name)
{
	buf_byte(out, '"');
	buf_text(out, name);
	buf_byte(out, '"');
}

static const char *type_of(enum column_type type)
{
	switch (type) {
	case COL_INT:
	case COL_BOOL:
	case COL_TIME:
		return "INTEGER";
	case COL_REAL:
		return "REAL";
	default:
		return "TEXT";
	}
}

static void column_sql(const struct column *column, struct buf *out)
{
	store_quote(out, column->name);
	buf_printf(out, " %s", type_of(column->type));
}

void store_table_sql(const struct table *table, struct buf *out)
{
	buf_text(out, "CREATE TABLE IF NOT EXISTS ");
	store_quote(out, table->name);
	buf_text(out, " (id INTEGER PRIMARY KEY, host_id INTEGER NOT NULL, entry_id INTEGER NOT NULL, "
	         "offset INTEGER NOT NULL, length INTEGER NOT NULL");
	for (const struct column *c = table->columns; c->type != COL_END; c++) {
		buf_text(out, ", ");
		column_sql(c, out);
	}
	buf_text(out, ", raw TEXT");
	if (store_has_key(table))
		buf_text(out, ", key BLOB NOT NULL UNIQUE");
	buf_text(out, ") STRICT");
}

static int run(struct store *s, struct buf *sql, struct fail *f)
{
	int result = sql->bad ? fail_set(f, "out of memory") : store_exec(s, buf_string(sql), f);

	buf_clear(sql);
	return result;
}

/* Adds a declared column that a case file of an earlier version lacks. */
static int add_missing(struct store *s, const struct table *table, struct buf *sql, struct fail *f)
{
	struct query *q;
	int result = 0;

	if (query_open(&q, s, "SELECT 1 FROM pragma_table_info(?) WHERE name = ?", f))
		return -1;
	query_text(q, 1, span_of(table->name));
	for (const struct column *c = table->columns; !result && c->type != COL_END; c++) {
		query_text(q, 2, span_of(c->name));
		result = query_step(q, f);
		query_reset(q);
		if (result == 0) {
			buf_text(sql, "ALTER TABLE ");
			store_quote(sql, table->name);
			buf_text(sql, " ADD COLUMN ");
			column_sql(c, sql);
			result = run(s, sql, f);
		} else if (result == 1) {
			result = 0;
		}
	}
	query_close(q);
	return result;
}

int store_make_tables(struct store *s, struct fail *f)
{
	struct buf sql = { 0 };
	int result = 0;

	for (unsigned i = 0; !result && table_at(i); i++) {
		store_table_sql(table_at(i), &sql);
		result = run(s, &sql, f);
		if (!result && !s->is_new)
			result = add_missing(s, table_at(i), &sql, f);
	}
	buf_done(&sql);
	return result ? result : store_exec(s, (const char *)views_sql, f);
}
