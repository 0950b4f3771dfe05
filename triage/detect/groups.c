/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/detect/groups.h"

const char finding_groups[] =
	"SELECT f.rule, f.severity, h.name, f.subject, f.time, coalesce((SELECT z.utc_offset FROM host_zone z"
	" WHERE z.host_id = f.host_id ORDER BY z.since DESC LIMIT 1), 0), f.count, " FINDING_ROW_NAMES ","
	" f.title, f.title_ja, f.reason, f.reason_ja, f.next, f.next_ja, count(*) OVER g, f.attack,"
	" max(f.rank) OVER g AS top" FINDINGS_CHOSEN " WINDOW g AS (PARTITION BY f.rule, f.severity)"
	" ORDER BY top DESC, f.rule, f.severity DESC, f.rank DESC, h.name, f.subject, f.id";
