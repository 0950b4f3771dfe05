/* SPDX-License-Identifier: Apache-2.0 */
/* What the evidence spans, what is missing from it, and what the rules could make of it. */
#include "triage/report/listing.h"
#include "triage/report/report.h"

static const struct listing listings[] = {
	{ "What the records span", "Before the first and after the last time of a log nothing can be said from it.", "The evidence holds no dated records.", 80,
	  "SELECT source, first, last, count, gap, count(*) OVER () FROM coverage WHERE host_id = ?1 AND first IS NOT NULL ORDER BY kind <> 'log', source",
	  { { LIST_CODE, "Log or table" }, { LIST_TIME, "First" }, { LIST_TIME, "Last" }, { LIST_COUNT, "Rows" }, { LIST_DURATION, "Longest silence" }, { LIST_END, NULL } } },
	{ "Times without records", "Silences of more than a day in logs. The machine may have been off, there may have been nothing to record, or records are missing.", "No log is silent for more than a day.", 40,
	  "SELECT source, gap_start, gap_start + gap, gap, count(*) OVER () FROM coverage WHERE host_id = ?1 AND kind = 'log' AND gap > 86400000000000"
	  " ORDER BY gap DESC, source",
	  { { LIST_CODE, "Log or table" }, { LIST_TIME, "Silent from" }, { LIST_TIME, "Silent until" }, { LIST_DURATION, "How long" }, { LIST_END, NULL } } },
	{ "What the collector did", NULL, "The evidence does not say.", 60,
	  "SELECT module, state, started, rows, files, notes, count(*) OVER () FROM module_run WHERE host_id = ?1 ORDER BY started IS NULL, started, id",
	  { { LIST_TEXT, "Part of the collector" }, { LIST_WORD, "State" }, { LIST_TIME, "Began" }, { LIST_COUNT, "Rows" }, { LIST_COUNT, "Files" },
	    { LIST_COUNT, "Notes" }, { LIST_END, NULL } } },
	{ "What was not collected, and why", NULL, "The collector left nothing out.", 60,
	  "SELECT n.module, min(n.item), n.reason, n.reason_ja, count(*), count(*) OVER () FROM note n JOIN archive a ON a.id = n.archive_id WHERE a.host_id = ?1"
	  " GROUP BY n.module, n.reason, n.reason_ja ORDER BY count(*) DESC, n.module, n.reason",
	  { { LIST_TEXT, "Part of the collector" }, { LIST_CODE, "First case" }, { LIST_BOTH, "Why" }, { LIST_COUNT, "Cases" }, { LIST_END, NULL } } },
	{ "Records that could not be read", NULL, "All records that were read were read to their end.", 40,
	  "SELECT coalesce(e.path_text, e.name), min(x.offset), x.reason, x.reason_ja, count(*), count(*) OVER () FROM parse_error x JOIN parse r ON r.id = x.parse_id"
	  " JOIN entry e ON e.id = r.entry_id JOIN archive a ON a.id = e.archive_id WHERE a.host_id = ?1 GROUP BY e.id, x.reason, x.reason_ja"
	  " ORDER BY count(*) DESC, e.id, x.reason",
	  { { LIST_CODE, "File" }, { LIST_COUNT, "First at byte" }, { LIST_BOTH, "Why" }, { LIST_COUNT, "Cases" }, { LIST_END, NULL } } },
	{ "What each rule did", "A rule that ran and found nothing is an answer within the spans above; a rule that could not run is none. Those come first.", "No rule ran on this host.", 200,
	  "SELECT rule, state, matches, coalesce(reason, ''), coalesce(reason_ja, ''), count(*) OVER () FROM rule_state WHERE host_id = ?1 ORDER BY state = 'ran', state,"
	  " matches = 0, rule",
	  { { LIST_RULE, "Rule" }, { LIST_WORD, "State" }, { LIST_COUNT, "Findings" }, { LIST_BOTH, "Remark" }, { LIST_END, NULL } } },
};

int report_limits(struct page *p, struct store *s, int64_t host, struct fail *f)
{
	for (size_t i = 0; i < sizeof listings / sizeof *listings; i++)
		if (listing_write(p, s, &listings[i], host, f))
			return -1;
	return 0;
}
