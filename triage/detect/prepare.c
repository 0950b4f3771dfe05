/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/prepare.h"

#include "triage/detect/rule.h"

#define KERNEL_SUFFIX(path) \
	"CASE WHEN " path " GLOB '* (deleted)' THEN substr(" path ", 1, length(" path ") - 10)" \
	" ELSE " path " END"

/*
 * The collector itself, by the digest that it gives in collection.json: never by a name or a pid,
 * which anybody can take.
 */
static const char own[] =
	"CREATE TEMP TABLE own AS SELECT host_id, id AS archive_id,"
	" json_extract(collection, '$.program_sha256') AS sha256"
	" FROM archive WHERE json_valid(collection)";

/* Processes once, even if both snapshots show them, with what other tables know of them. */
static const char running[] =
	"CREATE TEMP TABLE running AS"
	" WITH one AS (SELECT *, min(id) FROM process GROUP BY host_id, pid, started, image),"
	" clean AS (SELECT id, host_id, entry_id, pid, ppid, name, started, sha256, container,"
	"  kernel_thread AS kernel, image_deleted AS deleted, image_memfd AS memfd,"
	"  image_replaced AS replaced, disk_inode, uid, euid, tracer, environment,"
	"  replace(replace(" KERNEL_SUFFIX("image") ", '.dpkg-tmp', ''), '.dpkg-new', '') AS image,"
	"  CASE WHEN json_valid(command) THEN json_extract(command, '$[0]') END AS arg0,"
	"  CASE WHEN json_valid(command) THEN json_extract(command, '$[1]') END AS arg1,"
	"  CASE WHEN json_valid(command) THEN"
	"   (SELECT group_concat(value, ' ') FROM json_each(command)) END AS command FROM one)"
	" SELECT c.*, " PLACE("c.image") " AS place, f.package,"
	" CASE WHEN f.package IS NOT NULL THEN 1 WHEN f.packages_known = 1 THEN 0 END AS packaged,"
	" coalesce(a.name, c.euid, '?') AS user,"
	" (EXISTS (SELECT 1 FROM own o JOIN entry e ON e.archive_id = o.archive_id"
	"  WHERE e.id = c.entry_id AND o.sha256 = c.sha256)) AS is_own"
	" FROM clean c LEFT JOIN (SELECT host_id, path, max(package) AS package,"
	"  max(packages_known) AS packages_known FROM file WHERE path IN (SELECT image FROM clean)"
	"  GROUP BY host_id, path) f ON f.host_id = c.host_id AND f.path = c.image"
	" LEFT JOIN (SELECT host_id, uid, min(name) AS name FROM account GROUP BY host_id, uid) a"
	" ON a.host_id = c.host_id AND a.uid = c.euid";

static const char running_index[] = "CREATE INDEX temp.running_pid ON running (host_id, pid)";

/* Sockets once, with the process that holds them. */
static const char talking[] =
	"CREATE TEMP TABLE talking AS"
	" WITH one AS (SELECT *, min(id) FROM socket GROUP BY host_id, protocol, family, local_address,"
	"  local_port, remote_address, remote_port, inode, pid)"
	" SELECT s.id, s.host_id, s.protocol, s.family, s.local_address, s.local_port, s.remote_address,"
	" s.remote_port, s.state, s.inode, s.has_filter, p.id AS process_id, p.pid, p.image, p.place,"
	" p.packaged, p.deleted, p.memfd, p.disk_inode, p.user, p.command, p.container, p.name,"
	" p.started FROM one s JOIN running p"
	" ON p.host_id = s.host_id AND p.pid = s.pid WHERE NOT p.is_own";

static const char *const made[] = { own, running, running_index, talking };
static const char *const dropped[] = {
	"DROP TABLE IF EXISTS temp.talking", "DROP TABLE IF EXISTS temp.running",
	"DROP TABLE IF EXISTS temp.own",
};

static int all(struct store *store, const char *const *statements, size_t count, struct fail *f)
{
	for (size_t i = 0; i < count; i++)
		if (store_exec(store, statements[i], f))
			return -1;
	return 0;
}

int prepare_make(struct store *store, struct fail *f)
{
	if (prepare_drop(store, f))
		return -1;
	return all(store, made, sizeof made / sizeof *made, f);
}

int prepare_drop(struct store *store, struct fail *f)
{
	return all(store, dropped, sizeof dropped / sizeof *dropped, f);
}
