/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_GROUPS_H
#define KAKE_GROUPS_H
/* Findings for readers: those of one rule and severity stand together, where the first of them ranks. */

/* ?1 is the least severity, ?2 the host (0: all). */
#define FINDINGS_CHOSEN \
	" FROM finding f JOIN host_identity h ON h.id = f.host_id WHERE f.severity >= ?1 AND (?2 = 0 OR f.host_id = ?2)"
/* "process:5 socket:7": the first rows behind a finding. */
#define FINDING_ROW_NAMES \
	"(SELECT group_concat(row_table || ':' || row_id, ' ') FROM (SELECT row_table, row_id FROM finding_row" \
	" WHERE finding_id = f.id ORDER BY row_table, row_id LIMIT 20))"

/* A finding a row; GROUP_SIZE is how many its group has. Texts stand in both languages, by enum lang. */
enum {
	GROUP_RULE, GROUP_SEVERITY, GROUP_HOST, GROUP_SUBJECT, GROUP_TIME, GROUP_OFFSET, GROUP_COUNT, GROUP_ROWS,
	GROUP_TITLE, GROUP_REASON = 10, GROUP_NEXT = 12, GROUP_SIZE = 14, GROUP_ATTACK,
};
extern const char finding_groups[];
#endif
