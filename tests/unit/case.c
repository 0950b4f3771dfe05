/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/case.h"

#include "lib/json.h"
#include "tests/unit/test.h"

static const char base[] =
	"INSERT INTO host_identity (id, key, name, os) VALUES (1, 'k', 'web01', 'Debian 12'), (2, 'l', 'db01', 'Debian 12');"
	"INSERT INTO host_zone VALUES (1, 0, 'Asia/Tokyo', 32400), (2, 0, 'UTC', 0);"
	"INSERT INTO archive (id, sha256, size, name, host_id, case_name, profile, started, ended, signature, complete, entries,"
	" bytes, problems, collection) VALUES (1, 'x', 10, 'a', 1, 'C1', 'quick', 1795132800000000000, 1795132900000000000,"
	" 'trusted', 1, 5, 5, 0, '{}'), (2, 'y', 10, 'b', 2, 'C1', 'quick', 1795132800000000000, NULL, 'unverified', 0, 5, 5, 1, '{}');"
	"INSERT INTO entry (id, archive_id, number, kind, name, path_text, size, sparse, sound)"
	" VALUES (1, 1, 1, 'rows', 'r1', '/x', 1, 0, 1), (2, 2, 1, 'rows', 'r2', '/x', 1, 0, 1)";

struct store *case_open(const char *path)
{
	struct store *s = NULL;
	struct fail f = { 0 };

	remove(path);
	CHECK_INT(store_open(&s, path, &f), 0);
	case_sql(s, base);
	case_row(s, 1, "host", "{\"name\":\"web01\",\"collected\":\"2026-11-20T00:00:00Z\",\"is_root\":true}");
	case_row(s, 2, "host", "{\"name\":\"db01\",\"collected\":\"2026-11-20T00:00:00Z\",\"is_root\":false}");
	return s;
}

void case_row(struct store *s, int64_t host, const char *table, const char *json)
{
	struct fail f = { 0 };
	struct buf held = { 0 };
	struct row row;
	unsigned unknown = 0;
	int64_t id;

	CHECK_INT(json_read_row(span_of(json), table_named(span_of(table)), &row, &held, &unknown, &f), 0);
	CHECK_INT(unknown, 0);
	CHECK(store_row(s, &row, host, host, &id, &f) >= 0);
	buf_done(&held);
}

void case_sql(struct store *s, const char *sql)
{
	struct fail f = { 0 };

	if (store_exec(s, sql, &f))
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
}

int64_t case_number(struct store *s, const char *sql)
{
	struct fail f = { 0 };
	int64_t number = -1;

	if (store_number(s, sql, &number, &f))
		test_fail(__FILE__, __LINE__, f.text[LANG_EN]);
	return number;
}
