/* SPDX-License-Identifier: Apache-2.0 */
/*
 * history.log of apt: blocks of "Name: value" lines from Start-Date to End-Date, in the host's time.
 * A row for the command of each block, one for each package, and one for an error.
 */
#include "lib/lines.h"
#include "triage/parse/local_time.h"
#include "triage/parse/remarks.h"

struct block {
	struct remarks remarks;
	const struct origin *origin;
	struct buf date, command, by;      /* of the block; copies, since lines pass */
	int64_t command_offset, command_length;
	bool command_due;                  /* its row is not yet given */
};

static const struct { const char *name, *action; } actions[] = {
	{ "Install", "install" }, { "Reinstall", "reinstall" }, { "Upgrade", "upgrade" },
	{ "Downgrade", "downgrade" }, { "Remove", "remove" }, { "Purge", "purge" },
};

static struct row row_of(const struct block *b, int64_t offset, int64_t length, const char *action)
{
	struct row row = row_on(&table_package_event);

	row.offset = offset;
	row.length = length;
	row_text(&row, PACKAGE_MANAGER, "apt");
	row_text(&row, PACKAGE_ACTION, action);
	if (b->date.size)
		row_local_time(&row, PACKAGE_TIME, PACKAGE_GRADE, buf_span(&b->date), b->origin);
	if (b->command.size)
		row_span(&row, PACKAGE_COMMAND, buf_span(&b->command));
	if (b->by.size)
		row_span(&row, PACKAGE_BY, buf_span(&b->by));
	return row;
}

static int give(struct block *b, const struct row *row, struct fail *f)
{
	return b->remarks.out->row(b->remarks.out, row, f);
}

/* The row of the command waits for who asked, which stands behind it. */
static int give_command(struct block *b, struct fail *f)
{
	struct row row;

	if (!b->command_due)
		return 0;
	b->command_due = false;
	row = row_of(b, b->command_offset, b->command_length, "command");
	return give(b, &row, f);
}

static void put_versions(struct row *row, const char *action, struct span versions)
{
	struct span first = span_trim(span_until(&versions, ',')), second = span_trim(versions);
	bool change = strcmp(action, "upgrade") == 0 || strcmp(action, "downgrade") == 0;
	bool gone = strcmp(action, "remove") == 0 || strcmp(action, "purge") == 0;

	row_span(row, change || gone ? PACKAGE_FROM : PACKAGE_TO, first);
	if (second.size)
		row_span(row, change ? PACKAGE_TO : PACKAGE_STATUS, second);
}

/* "name:arch (version, version or word), …"; *rest is moved behind the item. */
static int item(struct block *b, const char *action, struct span *rest, const struct line *line,
                struct fail *f)
{
	size_t size = span_find(*rest, ')');
	struct span whole = span_part(*rest, 0, size + 1), text = whole, name = span_until(&text, ' ');
	int64_t offset = line->offset + (whole.data - line->text.data);
	struct row row = row_of(b, offset, (int64_t)whole.size, action);

	*rest = span_part(*rest, whole.size, rest->size);
	while (rest->size && (rest->data[0] == ',' || rest->data[0] == ' '))
		*rest = span_part(*rest, 1, rest->size);
	if (text.size < 3 || text.data[0] != '(' || text.data[text.size - 1] != ')' || !name.size)
		return remark(&b->remarks, offset, f, "the list of packages is cut or damaged");
	row_span(&row, PACKAGE_NAME, span_until(&name, ':'));
	if (name.size)
		row_span(&row, PACKAGE_ARCH, name);
	put_versions(&row, action, span_part(text, 1, text.size - 2));
	return give(b, &row, f);
}

static int packages(struct block *b, const char *action, struct span rest, const struct line *line,
                    struct fail *f)
{
	if (give_command(b, f))
		return -1;
	rest = span_trim(rest);
	while (rest.size)
		if (item(b, action, &rest, line, f))
			return -1;
	return 0;
}

static void begin(struct block *b, struct span date)
{
	buf_clear(&b->date);
	buf_clear(&b->command);
	buf_clear(&b->by);
	buf_add(&b->date, date);
}

static int field(struct block *b, struct span name, struct span value, const struct line *line,
                 struct fail *f)
{
	struct row row;

	for (size_t i = 0; i < sizeof actions / sizeof *actions; i++)
		if (span_is(name, actions[i].name))
			return packages(b, actions[i].action, value, line, f);
	if (span_is(name, "Start-Date")) {
		if (give_command(b, f))
			return -1;
		begin(b, value);
	} else if (span_is(name, "Commandline")) {
		buf_add(&b->command, value);
		b->command_offset = line->offset;
		b->command_length = line->length;
		b->command_due = true;
	} else if (span_is(name, "Requested-By")) {
		buf_add(&b->by, value);
	} else if (span_is(name, "Error")) {
		if (give_command(b, f))
			return -1;
		row = row_of(b, line->offset, line->length, "error");
		row_span(&row, PACKAGE_STATUS, value);
		return give(b, &row, f);
	} else if (span_is(name, "End-Date")) {
		if (give_command(b, f))
			return -1;
		begin(b, (struct span){ 0 });
	} else if (!span_is(name, "Comment")) {
		return remark(&b->remarks, line->offset, f, "not a line of this log");
	}
	return 0;
}

static int one(struct block *b, const struct line *line, struct fail *f)
{
	struct span value = line->text, name = span_until(&value, ':');

	if (!span_trim(line->text).size)
		return 0;
	if (line->cut &&
	    remark(&b->remarks, line->offset, f,
	           "a line is longer than %d bytes and is given in parts", LINE_BYTES))
		return -1;
	if (field(b, name, span_trim(value), line, f))
		return -1;
	return b->date.bad || b->command.bad || b->by.bad ? fail_set(f, "out of memory") : 0;
}

static int apt_parse(struct source *in, const struct origin *origin, struct sink *out, struct fail *f)
{
	struct block b = { .remarks = remarks_of(out, "apt_history", origin), .origin = origin };
	struct lines lines;
	struct line line;
	int got;

	lines_init(&lines, in);
	while ((got = lines_next(&lines, &line, f)) > 0) {
		if (one(&b, &line, f)) {
			got = -1;
			break;
		}
	}
	if (!got)
		got = give_command(&b, f);
	lines_done(&lines);
	buf_done(&b.date);
	buf_done(&b.command);
	buf_done(&b.by);
	return got ? got : remarks_end(&b.remarks, f);
}

static const char *const patterns[] = {
	"**/var/log/apt/history.log", "**/var/log/apt/history.log[.-][0-9]*", NULL,
};
static const struct table *const tables[] = { &table_package_event, NULL };

const struct parser parser_apt_history = { "apt_history", 1, patterns, tables, apt_parse, false };
