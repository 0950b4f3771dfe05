/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/store_inside.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/path.h"

enum {
	APPLICATION_ID = 0x4b414b45,     /* "KAKE" */
	CACHE_KIB = 64 << 10,
	BUSY_MILLISECONDS = 5000,
};

extern const unsigned char schema_sql[];
extern const unsigned char indexes_sql[];
extern const unsigned char indexes_facts_sql[];

int store_fail(struct store *s, int code, struct fail *f)
{
	const char *path = s->path ? s->path : "";

	switch (code & 0xff) {
	case SQLITE_NOMEM:
		return fail_set(f, "out of memory");
	case SQLITE_NOTADB:
		return fail_set(f, "'%s' is not a case file; name another file", path);
	case SQLITE_CORRUPT:
		return fail_set(f, "the case file '%s' is damaged: %s; ingest the archives into a new one", path,
		                sqlite3_errmsg(s->db));
	case SQLITE_READONLY:
	case SQLITE_CANTOPEN:
	case SQLITE_PERM:
		return fail_set(f, "the case file '%s' cannot be opened or written here; "
		                "check the path and its permissions", path);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return fail_set(f, "the case file '%s' is in use by another program; try again later", path);
	case SQLITE_FULL:
		return fail_set(f, "no space is left for the case file '%s'", path);
	case SQLITE_INTERRUPT:
		return fail_set(f, "the query took longer than its time limit; narrow it or raise --max-time");
	default:
		return fail_set(f, "the case file '%s' reports: %s", path, sqlite3_errmsg(s->db));
	}
}

int store_exec(struct store *s, const char *sql, struct fail *f)
{
	int code = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

	return code == SQLITE_OK ? 0 : store_fail(s, code, f);
}

int store_begin(struct store *s, struct fail *f)
{
	return store_exec(s, "BEGIN IMMEDIATE", f);
}

int store_commit(struct store *s, struct fail *f)
{
	s->marked = false;
	return store_exec(s, "COMMIT", f);
}

void store_rollback(struct store *s)
{
	s->marked = false;
	if (!sqlite3_get_autocommit(s->db))
		sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
}

int store_mark(struct store *s, struct fail *f)
{
	if (s->marked && store_exec(s, "RELEASE mark", f))
		return -1;
	s->marked = true;
	return store_exec(s, "SAVEPOINT mark", f);
}

int store_back_to_mark(struct store *s, struct fail *f)
{
	return s->marked ? store_exec(s, "ROLLBACK TO mark", f) : 0;
}

int store_index(struct store *s, struct fail *f)
{
	return store_exec(s, (const char *)indexes_sql, f);
}

int store_index_facts(struct store *s, struct fail *f)
{
	return store_exec(s, (const char *)indexes_facts_sql, f);
}

int64_t store_last_id(const struct store *s)
{
	return sqlite3_last_insert_rowid(s->db);
}

int64_t store_changes(const struct store *s)
{
	return sqlite3_changes64(s->db);
}

bool store_is_new(const struct store *s)
{
	return s->is_new;
}

static int check_ours(struct store *s, struct fail *f)
{
	int64_t application = 0, version = 0;

	if (store_number(s, "PRAGMA application_id", &application, f) ||
	    store_number(s, "PRAGMA user_version", &version, f))
		return -1;
	if (application != APPLICATION_ID)
		return fail_set(f, "'%s' is not a case file; name another file", s->path);
	if (version > STORE_VERSION)
		return fail_set(f, "the case file '%s' was made by a newer version of this program "
		                "(schema %d, known here: %d); use that version", s->path, (int)version,
		                STORE_VERSION);
	return 0;
}

static int make_schema(struct store *s, struct fail *f)
{
	char pragmas[96];

	snprintf(pragmas, sizeof pragmas, "PRAGMA application_id=%d; PRAGMA user_version=%d",
	         APPLICATION_ID, STORE_VERSION);
	return store_exec(s, pragmas, f) || store_exec(s, (const char *)schema_sql, f) ||
	       store_exec(s, "INSERT INTO meta VALUES ('made_by', 'kake-triage " KAKE_VERSION "')", f) ? -1 : 0;
}

/* The connection's own settings. The page cache bounds what a large transaction keeps in memory. */
static int settle(struct store *s, struct fail *f)
{
	char sql[160];

	sqlite3_busy_timeout(s->db, BUSY_MILLISECONDS);
	sqlite3_extended_result_codes(s->db, 1);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(s->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	snprintf(sql, sizeof sql, "PRAGMA cache_size=-%d; PRAGMA cell_size_check=1", CACHE_KIB);
	return store_exec(s, sql, f);
}

static struct store *allocate(const char *path)
{
	struct store *s = calloc(1, sizeof *s);
	size_t size = strlen(path) + 1;

	/* To count what it allocates, SQLite takes a lock each time. Without effect once it is in use. */
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (s)
		s->path = malloc(size);
	if (!s || !s->path) {
		free(s);
		return NULL;
	}
	memcpy(s->path, path, size);
	return s;
}

/* Only a file that was not there before may be removed again. */
static bool is_absent(const char *path)
{
	FILE *file = fopen(path, "rb");
	bool absent = !file && errno == ENOENT;

	if (file)
		fclose(file);
	return absent;
}

/* Temporary files stand beside the case file: a confined process can write nowhere else. */
static int temporary_place(struct store *s, struct fail *f)
{
	struct span parent = path_parent(span_of(s->path));
	char *sql = sqlite3_mprintf("PRAGMA temp_store_directory='%.*q'", parent.size ? (int)parent.size : 1,
	                            parent.size ? (const char *)parent.data : ".");
	int result = sql ? store_exec(s, sql, f) : fail_set(f, "out of memory");

	sqlite3_free(sql);
	return result;
}

static const char write_pragmas[] =
	"PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF";
/*
 * A new file is filled with a rollback journal, which need not hold pages that were never there: a
 * WAL would write every page twice. It becomes a WAL file when it is closed.
 */
static const char new_pragmas[] =
	"PRAGMA page_size=8192; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=OFF";

static int open_write(struct store *s, struct fail *f)
{
	int64_t pages = 0;
	int code;

	s->made = is_absent(s->path);
	code = sqlite3_open_v2(s->path, &s->db,
	                       SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return store_fail(s, code, f);
	if (settle(s, f) || store_number(s, "PRAGMA page_count", &pages, f))
		return -1;
	s->is_new = pages == 0;
	if ((!s->is_new && check_ours(s, f)) || temporary_place(s, f))
		return -1;
	if (store_exec(s, s->is_new ? new_pragmas : write_pragmas, f) || store_begin(s, f))
		return -1;
	if ((s->is_new && make_schema(s, f)) || store_make_tables(s, f))
		return -1;
	return store_commit(s, f);
}

int store_open(struct store **out, const char *path, struct fail *f)
{
	struct store *s = allocate(path);

	if (!s)
		return fail_set(f, "out of memory");
	if (open_write(s, f)) {
		store_discard(s);
		return -1;
	}
	*out = s;
	return 0;
}

/* The path as a file: URI, which alone can say that nothing will change or be written. */
static void immutable_uri(struct buf *out, const char *path)
{
	buf_text(out, "file:");
	for (; *path; path++) {
		if (*path == '%' || *path == '?' || *path == '#')
			buf_printf(out, "%%%02x", (unsigned)*path);
		else
			buf_byte(out, (uint8_t)*path);
	}
	buf_text(out, "?immutable=1");
}

static int open_read(struct store *s, struct fail *f)
{
	struct buf uri = { 0 };
	int code;

	code = sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL);
	if (code != SQLITE_OK)
		return store_fail(s, code, f);
	if (settle(s, f) == 0 && check_ours(s, f) == 0)
		return 0;
	if (sqlite3_errcode(s->db) != SQLITE_CANTOPEN && sqlite3_errcode(s->db) != SQLITE_READONLY)
		return -1;
	/* A WAL file needs its helpers beside it; in a read-only place there can be none. */
	immutable_uri(&uri, s->path);
	sqlite3_close(s->db);
	s->db = NULL;
	code = sqlite3_open_v2(buf_string(&uri), &s->db,
	                       SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_URI, NULL);
	buf_done(&uri);
	if (code != SQLITE_OK)
		return store_fail(s, code, f);
	return settle(s, f) || check_ours(s, f) ? -1 : 0;
}

int store_open_read(struct store **out, const char *path, struct fail *f)
{
	struct store *s = allocate(path);
	FILE *file = fopen(path, "rb");

	if (file)
		fclose(file);
	if (!s || !file) {
		store_close(s);
		return s ? fail_set(f, "there is no case file '%s'; 'kake-triage ingest' makes one", path) :
		           fail_set(f, "out of memory");
	}
	if (open_read(s, f)) {
		store_close(s);
		return -1;
	}
	*out = s;
	return 0;
}

void store_close(struct store *s)
{
	if (!s)
		return;
	row_writer_close(s->writer);
	if (s->is_new && s->path)
		sqlite3_exec(s->db, "PRAGMA journal_mode=WAL", NULL, NULL, NULL);
	sqlite3_close(s->db);
	free(s->path);
	free(s);
}

void store_discard(struct store *s)
{
	char *path = s->path;
	bool made = s->made && s->db;

	s->path = NULL;
	if (s->db)
		store_rollback(s);
	store_close(s);
	if (made)
		remove(path);
	free(path);
}
