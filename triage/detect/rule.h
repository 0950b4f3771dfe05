/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_RULE_H
#define KAKE_RULE_H
/*
 * A rule is data: texts in both languages, the evidence it needs, and a query. To add one: an entry
 * in the list of its theme (rules_*.c), and a positive and a negative case in
 * tests/unit/test_rules_*.c.
 *
 * The query gives eight columns, in this order:
 *   severity (1 to 5, null: that of the rule), time (instant or null), subject (one line of text),
 *   row_table, row_id, and three values for the texts, {1} {2} {3}.
 * ?1 is the host, ?2 the time of its collection. Rows with the same subject are one finding: its
 * severity is the highest, its time the first, and its values those of the row that comes first.
 * Beside the tables of the case file it can ask those of prepare.c: `running`, `talking`, `own`.
 * Three-valued logic: what is not known is NULL, and `x = 0` and `x = 1` are then both not true.
 */
#include <stddef.h>

#include "lib/msg.h"

enum severity { INFORMATIONAL = 1, LOW, MEDIUM, HIGH, CRITICAL };

struct rule {
	const char *id;
	enum severity severity;
	const char *title[LANGS];    /* English, Japanese */
	const char *reason[LANGS];   /* why a responder should care; may hold {1} {2} {3} */
	const char *next[LANGS];     /* what to look at or do next; never an order to switch off */
	const char *attack;          /* ATT&CK ids with blanks between */
	/*
	 * Evidence without which the rule can say nothing, with blanks between: "table" has rows,
	 * "table.column" has a value in one of them, "table.column=1" is 1 in one of them; "a|b" is
	 * either of two.
	 */
	const char *needs;
	const char *sql;
};

/* The lists, each ending with an entry without id; the list of lists ends with NULL. */
extern const struct rule *const rule_lists[];
/* The rule so named, or NULL. */
const struct rule *rule_named(const char *id);

/* Where a path lies, as a word; and the test for one that a stranger may write to. */
#define PLACE(path) \
	"CASE WHEN " path " GLOB '/tmp/*' OR " path " GLOB '/var/tmp/*' OR " path " GLOB '/dev/*'" \
	" OR " path " GLOB '/run/shm/*' OR " path " GLOB '/run/user/*' OR " path " GLOB '/run/lock/*'" \
	" OR " path " GLOB '/var/lock/*' OR " path " GLOB '/var/crash/*' THEN 'temporary'" \
	" WHEN " path " GLOB '/home/*' OR " path " GLOB '/root/*' THEN 'home'" \
	" WHEN " path " GLOB '/snap/*' OR " path " GLOB '*/overlay2/*' OR " path " GLOB '*/overlay/*'" \
	" OR " path " GLOB '/var/lib/machines/*' OR " path " GLOB '/var/lib/lxc/*'" \
	" OR " path " GLOB '*/containers/storage/*' OR " path " GLOB '*/io.containerd*'" \
	" OR " path " GLOB '/var/lib/flatpak/*' THEN 'image'" \
	" WHEN " path " GLOB '/var/www/*' OR " path " GLOB '/srv/*' OR " path " GLOB '*/public_html/*'" \
	" OR " path " GLOB '*/htdocs/*' OR " path " GLOB '*/webapps/*'" \
	" OR " path " GLOB '/usr/share/nginx/*' THEN 'web'" \
	" WHEN " path " GLOB '*/.?*' THEN 'hidden'" \
	" WHEN " path " GLOB '/usr/local/*' OR " path " GLOB '/opt/*' THEN 'local'" \
	" WHEN " path " GLOB '/usr/*' OR " path " GLOB '/bin/*' OR " path " GLOB '/sbin/*'" \
	" OR " path " GLOB '/lib*/*' OR " path " GLOB '/etc/*' THEN 'system' ELSE 'other' END"
#define SHADY(path) "(" PLACE(path) ") IN ('temporary', 'hidden')"
/* Name behind the last '/'. */
#define BASE(path) "replace(" path ", rtrim(" path ", replace(" path ", '/', '')), '')"
/* Nanoseconds of so many days, and of so many seconds. */
#define DAYS(n) "(" #n " * 86400000000000)"
#define SECONDS(n) "(" #n " * 1000000000)"
/* Addresses of this machine, of local networks, and of nobody. */
#define LOOPBACK(a) "coalesce(" a " GLOB '127.*' OR " a " = '::1' OR " a " GLOB '::ffff:127.*', 0)"
#define PRIVATE(a) \
	"coalesce(" LOOPBACK(a) " OR " a " GLOB '10.*' OR " a " GLOB '192.168.*'" \
	" OR " a " GLOB '172.1[6-9].*' OR " a " GLOB '172.2[0-9].*' OR " a " GLOB '172.3[01].*'" \
	" OR " a " GLOB '169.254.*' OR " a " GLOB '100.6[4-9].*' OR " a " GLOB '100.[7-9][0-9].*'" \
	" OR " a " GLOB '100.1[01][0-9].*' OR " a " GLOB '100.12[0-7].*'" \
	" OR " a " GLOB '::ffff:10.*' OR " a " GLOB '::ffff:192.168.*'" \
	" OR " a " GLOB 'f[cde]*:*', 0)"
#define PUBLIC(a) "(" a " GLOB '*[.:]*' AND " a " GLOB '[0-9a-f:]*' AND " a " NOT GLOB '*[g-z]*' AND NOT " PRIVATE(a) \
	" AND " a " NOT IN ('0.0.0.0', '::'))"
#endif
