/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Text logs of syslog daemons: /var/log/syslog, messages, auth.log, secure and their kin. Each line
 * is a row of its own; what it says of log-ons and rights is a row in auth_event too. A line that
 * begins with no time belongs to the one before and takes its time, host and program.
 */
#include "lib/lines.h"
#include "triage/parse/auth.h"
#include "triage/parse/logyear.h"
#include "triage/parse/remarks.h"

struct syslog {
	struct source *in;
	const struct origin *origin;
	struct remarks remarks;
	struct log_years years;
	bool searched;               /* for the years */
	struct row row;
	int columns;
	struct civil minute;         /* of the last line; its start in UTC, so that the zone is asked once */
	int64_t minute_utc;
	struct buf before;           /* the last line that began with a time */
	struct log_line last;        /* parts of it, in `before` */
	struct value last_time, last_grade;
};

static int64_t minute_utc(struct syslog *s, const struct civil *at)
{
	struct civil c = *at;

	c.second = 0;
	c.nanosecond = 0;
	if (memcmp(&c, &s->minute, sizeof c) != 0) {
		int64_t wall = civil_seconds(&c);

		/* No zone has changed its offset within a minute since 1972. */
		s->minute_utc = s->origin->zone ? zone_to_utc(s->origin->zone, wall) : wall;
		s->minute = c;
	}
	return s->minute_utc;
}

/* Sets the time, or keeps its text where no year makes it a date. */
static void put_time(struct syslog *s, const struct log_line *line, bool inferred)
{
	static const char *const grades[] = {
		"exact", "year-inferred", "zone-assumed", "year-inferred+zone-assumed",
	};
	const struct log_stamp *stamp = &line->stamp;
	bool assumed = !stamp->has_offset && !s->origin->zone;
	int64_t seconds, instant;

	if (stamp->kind == STAMP_NONE)
		return;
	if (civil_valid(&stamp->at)) {
		seconds = stamp->has_offset ? civil_seconds(&stamp->at) - stamp->offset :
		          minute_utc(s, &stamp->at) + stamp->at.second;
		if (instant_of(seconds, stamp->at.nanosecond, &instant)) {
			row_time(&s->row, SYSLOG_TIME, instant);
			row_text(&s->row, SYSLOG_GRADE, grades[inferred + 2 * assumed]);
			return;
		}
	}
	row_raw(&s->row, SYSLOG_TIME, line->time);
}

static void put_number(struct row *row, int column, struct span text)
{
	int64_t number;

	if (text.size && span_number(text, &number))
		row_int(row, column, number);
	else if (text.size)
		row_raw(row, column, text);
}

/* An IPv4 address without the ::ffff: that a socket for both kinds puts before it. */
static struct span plain_address(struct span address)
{
	struct span v4 = span_part(address, strlen("::ffff:"), address.size);

	return span_starts(address, "::ffff:") && span_find(v4, '.') < v4.size ? v4 : address;
}

static int put_auth(struct syslog *s, const struct log_line *line, struct fail *f)
{
	struct auth a;
	struct row row;

	if (!auth_of(line, &a))
		return 0;
	row = row_on(&table_auth_event);
	row.offset = s->row.offset;
	row.length = s->row.length;
	row.values[AUTH_TIME] = s->row.values[SYSLOG_TIME];
	row.values[AUTH_GRADE] = s->row.values[SYSLOG_GRADE];
	row_text(&row, AUTH_ACTION, a.action);
	row_span(&row, AUTH_SERVICE, a.service);
	row_span(&row, AUTH_USER, a.user);
	if (a.by.size)
		row_span(&row, AUTH_BY, a.by);
	if (a.address.size)
		row_span(&row, AUTH_ADDRESS, plain_address(a.address));
	put_number(&row, AUTH_PORT, a.port);
	row_span(&row, AUTH_METHOD, a.method_name ? span_of(a.method_name) : a.method);
	row_span(&row, AUTH_KEY, a.key);
	row_span(&row, AUTH_COMMAND, a.command);
	if (a.terminal.size)
		row_span(&row, AUTH_TERMINAL, a.terminal);
	put_number(&row, AUTH_PID, line->pid);
	row_span(&row, AUTH_GROUP, a.group);
	row_int(&row, AUTH_COUNT, a.count);
	return s->remarks.out->row(s->remarks.out, &row, f);
}

static void put_parts(struct row *row, const struct log_line *line)
{
	row_span(row, SYSLOG_HOST, line->host);
	row_span(row, SYSLOG_PROGRAM, line->program);
	put_number(row, SYSLOG_PID, line->pid);
	if (line->facility >= 0) {
		row_int(row, SYSLOG_FACILITY, line->facility);
		row_int(row, SYSLOG_SEVERITY, line->severity);
	}
	row_span(row, SYSLOG_MESSAGE, line->message);
	row_text(row, SYSLOG_FORMAT, line->format);
	if (line->repeated > 1)
		row_int(row, SYSLOG_REPEATED, line->repeated);
	row_span(row, SYSLOG_MESSAGE_ID, line->message_id);
	row_span(row, SYSLOG_DATA, line->data);
}

/* The row of a line without a time, or of a part of one. */
static int put_continued(struct syslog *s, struct span text, struct fail *f)
{
	struct log_line line = s->last;

	line.format = "continuation";
	line.message = text;
	line.repeated = 1;
	put_parts(&s->row, &line);
	s->row.values[SYSLOG_TIME] = s->last_time;
	s->row.values[SYSLOG_GRADE] = s->last_grade;
	return s->remarks.out->row(s->remarks.out, &s->row, f);
}

/* The same part of a copy of the text. */
static struct span moved(struct span part, struct span text, const struct buf *copy)
{
	return part.data ? (struct span){ copy->data + (part.data - text.data), part.size } : part;
}

/* Keeps the line for those that follow it without a time, or say that it was repeated. */
static int keep(struct syslog *s, struct span text, const struct log_line *line, struct fail *f)
{
	buf_clear(&s->before);
	buf_add(&s->before, text);
	if (s->before.bad)
		return fail_set(f, "out of memory");
	s->last = *line;
	s->last.time = moved(line->time, text, &s->before);
	s->last.host = moved(line->host, text, &s->before);
	s->last.program = moved(line->program, text, &s->before);
	s->last.pid = moved(line->pid, text, &s->before);
	s->last.message_id = moved(line->message_id, text, &s->before);
	s->last.data = moved(line->data, text, &s->before);
	s->last.message = moved(line->message, text, &s->before);
	s->last.said = moved(line->said, text, &s->before);
	s->last_time = s->row.values[SYSLOG_TIME];
	s->last_grade = s->row.values[SYSLOG_GRADE];
	if (s->last_time.state == VALUE_RAW)
		s->last_time.bytes = s->last.time;
	return 0;
}

static int put_line(struct syslog *s, struct span text, struct fail *f)
{
	struct log_line line = log_line_of(text), again = s->last;
	int64_t repeats = log_repeats(line.message);
	bool inferred = line.stamp.kind == STAMP_SHORT && !line.stamp.at.year;

	if (!line.format) {
		if ((!s->last.format || (text.data[0] != ' ' && text.data[0] != '\t')) &&
		    remark(&s->remarks, s->row.offset, f, "the line does not begin with a time"))
			return -1;
		return put_continued(s, text, f);
	}
	if (inferred && !s->searched) {
		if (log_years_find(&s->years, s->in, s->row.offset, &line.stamp.at, s->origin, f))
			return -1;
		s->searched = true;
	}
	if (inferred)
		line.stamp.at.year = log_years_at(&s->years, s->row.offset, &line.stamp.at);
	put_time(s, &line, inferred);
	put_parts(&s->row, &line);
	if (repeats)
		row_int(&s->row, SYSLOG_REPEATED, repeats);
	if (s->remarks.out->row(s->remarks.out, &s->row, f))
		return -1;
	if (repeats) {
		again.repeated = repeats;
		return put_auth(s, &again, f);
	}
	if (put_auth(s, &line, f))
		return -1;
	return keep(s, text, &line, f);
}

static int one(struct syslog *s, const struct line *line, struct fail *f)
{
	struct span text = log_trim(line->text);
	size_t zeros = line->text.size - text.size;

	if (zeros &&
	    remark(&s->remarks, line->offset, f,
	           "%lld NUL bytes stand before the line", (long long)zeros))
		return -1;
	if (!line->ended && !line->cut) {
		if (remark(&s->remarks, line->offset, f, "the last line has no end and may be cut"))
			return -1;
	}
	if (!text.size)
		return 0;
	memset(s->row.values, 0, (size_t)s->columns * sizeof *s->row.values);
	s->row.offset = line->offset + (int64_t)zeros;
	s->row.length = line->length - (int64_t)zeros;
	return put_line(s, text, f);
}

static int part(struct syslog *s, const struct line *line, bool begins, struct fail *f)
{

	if (begins && line->cut &&
	    remark(&s->remarks, line->offset, f,
	           "a line is longer than %d bytes and is given in parts", LINE_BYTES))
		return -1;
	if (begins)
		return one(s, line, f);
	memset(s->row.values, 0, (size_t)s->columns * sizeof *s->row.values);
	s->row.offset = line->offset;
	s->row.length = line->length;
	return line->text.size ? put_continued(s, line->text, f) : 0;
}

static int syslog_parse(struct source *in, const struct origin *origin, struct sink *out,
                        struct fail *f)
{
	struct syslog s = { .in = in, .origin = origin, .row = row_on(&table_syslog) };
	bool begins = true;
	struct lines lines;
	struct line line;
	int got;

	s.remarks = remarks_of(out, "syslog", origin);
	s.last.facility = -1;
	s.columns = table_width(&table_syslog);
	lines_init(&lines, in);
	while ((got = lines_next(&lines, &line, f)) > 0) {
		if (part(&s, &line, begins, f)) {
			got = -1;
			break;
		}
		begins = !line.cut;
	}
	lines_done(&lines);
	buf_done(&s.before);
	return got ? got : remarks_end(&s.remarks, f);
}

#define ROTATED(name) "**/var/log/" name, "**/var/log/" name "[.-][0-9]*"
static const char *const patterns[] = {
	ROTATED("syslog"), ROTATED("messages"), ROTATED("auth.log"), ROTATED("secure"),
	ROTATED("authlog"), ROTATED("cron"), ROTATED("cron.log"), ROTATED("kern.log"),
	ROTATED("daemon.log"), ROTATED("mail.log"), ROTATED("mail.info"), ROTATED("mail.warn"),
	ROTATED("mail.err"), ROTATED("maillog"), ROTATED("user.log"), ROTATED("debug"),
	ROTATED("lpr.log"), ROTATED("local[0-7].log"), ROTATED("spooler"), ROTATED("ufw.log"),
	ROTATED("iptables.log"), ROTATED("haproxy.log"), NULL,
};
static const struct table *const tables[] = { &table_syslog, &table_auth_event, NULL };

const struct parser parser_syslog = { "syslog", 1, patterns, tables, syslog_parse, true };
