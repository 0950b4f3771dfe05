/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dpkg.log of Debian and its kin: a line a step, "DATE TIME ACTION …" in the host's time, see
 * dpkg(1), --log.
 */
#include "lib/lines.h"
#include "triage/parse/local_time.h"
#include "triage/parse/remarks.h"

static void put(struct row *row, int column, struct span text)
{
	if (text.size && !span_is(text, "<none>"))
		row_span(row, column, text);
}

static void put_package(struct row *row, struct span name)
{
	put(row, PACKAGE_NAME, span_until(&name, ':'));
	put(row, PACKAGE_ARCH, name);
}

/* What stands behind the action. */
static bool put_step(struct row *row, struct span action, struct span rest)
{
	struct span all = span_trim(rest), one = span_word(&rest), two = span_word(&rest), three = span_word(&rest);

	if (span_is(action, "status")) {
		put(row, PACKAGE_STATUS, one);
		put_package(row, two);
		put(row, PACKAGE_TO, three);
		return two.size > 0;
	}
	if (span_is(action, "startup") || span_is(action, "conffile")) {
		put(row, PACKAGE_STATUS, all);
		return one.size > 0;
	}
	put_package(row, one);
	/* These name the version that is there, and a second one only if it is to change. */
	if ((span_is(action, "configure") || span_is(action, "trigproc")) && span_is(three, "<none>")) {
		put(row, PACKAGE_TO, two);
		return true;
	}
	put(row, PACKAGE_FROM, two);
	put(row, PACKAGE_TO, three);
	return three.size > 0;
}

static int one(struct remarks *remarks, const struct origin *origin, const struct line *line,
               struct fail *f)
{
	struct row row = row_on(&table_package_event);
	struct span rest = line->text, date = span_word(&rest), clock = span_word(&rest);
	struct span action = span_word(&rest), time = { 0 };

	if (!span_trim(line->text).size)
		return 0;
	row.offset = line->offset;
	row.length = line->length;
	row_text(&row, PACKAGE_MANAGER, "dpkg");
	if (action.size) {
		time = (struct span){ date.data, (size_t)(clock.data + clock.size - date.data) };
		row_local_time(&row, PACKAGE_TIME, PACKAGE_GRADE, time, origin);
	}
	if (row.values[PACKAGE_TIME].state != VALUE_SET || !put_step(&row, action, rest) || line->cut)
		return remark(remarks, line->offset, f, "not a line of this log");
	row_span(&row, PACKAGE_ACTION, action);
	return remarks->out->row(remarks->out, &row, f);
}

static int dpkg_parse(struct source *in, const struct origin *origin, struct sink *out, struct fail *f)
{
	struct remarks remarks = remarks_of(out, "dpkg_log", origin);
	struct lines lines;
	struct line line;
	int got;

	lines_init(&lines, in);
	while ((got = lines_next(&lines, &line, f)) > 0) {
		if (one(&remarks, origin, &line, f)) {
			got = -1;
			break;
		}
	}
	lines_done(&lines);
	return got ? got : remarks_end(&remarks, f);
}

static const char *const patterns[] = {
	"**/var/log/dpkg.log", "**/var/log/dpkg.log[.-][0-9]*", NULL,
};
static const struct table *const tables[] = { &table_package_event, NULL };

const struct parser parser_dpkg_log = { "dpkg_log", 1, patterns, tables, dpkg_parse, false };
