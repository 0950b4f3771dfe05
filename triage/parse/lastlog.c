/* SPDX-License-Identifier: Apache-2.0 */
/*
 * lastlog: the last log-on of each account, a record at uid × its size, see lastlog(8). The file is
 * mostly holes. The record begins with a 32-bit time on most systems and a 64-bit one on some
 * (aarch64, s390x); the layout is taken in which the first records make sense.
 */
#include "lib/cursor.h"
#include "lib/instant.h"
#include "triage/parse/remarks.h"

enum {
	LINE = 32, HOST = 256,
	BLOCK = 292 * 74 * 3,        /* records of both sizes, 292 and 296, begin with each block */
};
/* Zeros that are read before the rest is given up, where the source cannot tell holes. */
#define MOST_ZEROS (INT64_C(4) << 30)

struct layout { size_t size; bool wide, big; };

static const struct layout layouts[] = {
	{ 292, false, false }, { 296, true, false }, { 292, false, true }, { 296, true, true },
};

struct record { int64_t seconds; struct span line, host; };

struct lastlog {
	struct remarks remarks;
	const struct layout *layout; /* NULL until the first record is seen */
	int64_t zeros;               /* read since the last record */
};

static struct record read_record(struct span bytes, const struct layout *l)
{
	struct cursor c = cursor_on(bytes);
	struct record r;

	if (l->wide)
		r.seconds = (int64_t)(l->big ? cursor_u64be(&c) : cursor_u64le(&c));
	else
		r.seconds = l->big ? cursor_u32be(&c) : cursor_u32le(&c);
	r.line = cursor_text(&c, LINE);
	r.host = cursor_text(&c, HOST);
	return r;
}

static bool is_zero(const uint8_t *bytes, size_t size)
{
	return !size || (!bytes[0] && memcmp(bytes, bytes + 1, size - 1) == 0);
}

static bool is_clean(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return true;
}

static bool is_sound(const struct record *r)
{
	return r->seconds >= 0 && r->seconds <= UINT32_MAX && is_clean(r->line) && is_clean(r->host);
}

/* As records are: with a terminal, and of 1990 or later. */
static bool is_certain(const struct record *r)
{
	return is_sound(r) && r->line.size && r->seconds >= 631152000;
}

static const struct layout *choose(struct span block)
{
	const struct layout *best = &layouts[0];
	int64_t most = INT64_MIN;

	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		int64_t points = 0;

		for (size_t at = 0; at < block.size; at += layouts[i].size) {
			struct span bytes = span_part(block, at, layouts[i].size);
			struct record r = read_record(bytes, &layouts[i]);

			if (bytes.size == layouts[i].size && !is_zero(bytes.data, bytes.size))
				points += is_certain(&r) ? 2 : -1;
		}
		if (points > most) {
			best = &layouts[i];
			most = points;
		}
	}
	return best;
}

static int one(struct lastlog *l, struct span bytes, int64_t offset, struct fail *f)
{
	struct record r = read_record(bytes, l->layout);
	struct row row = row_on(&table_last_login);
	char raw[40];

	if (bytes.size < l->layout->size)
		return remark(&l->remarks, offset, f,
		              "the last record is cut after %lld bytes", (long long)bytes.size);
	if (!is_sound(&r)) {
		return remark(&l->remarks, offset, f,
		              "%lld bytes are no login record", (long long)bytes.size);
	}
	row.offset = offset;
	row.length = (int64_t)bytes.size;
	row_int(&row, LASTLOG_UID, offset / row.length);
	row_time_of(&row, LASTLOG_TIME, r.seconds, 0, raw);
	if (r.line.size)
		row_span(&row, LASTLOG_LINE, r.line);
	if (r.host.size)
		row_span(&row, LASTLOG_HOST, r.host);
	return l->remarks.out->row(l->remarks.out, &row, f);
}

static int block(struct lastlog *l, struct span bytes, int64_t offset, struct fail *f)
{
	if (is_zero(bytes.data, bytes.size)) {
		l->zeros += (int64_t)bytes.size;
		return 0;
	}
	l->zeros = 0;
	if (!l->layout)
		l->layout = choose(bytes);
	for (size_t at = 0; at < bytes.size; at += l->layout->size) {
		struct span part = span_part(bytes, at, l->layout->size);

		if (!is_zero(part.data, part.size) && one(l, part, offset + (int64_t)at, f))
			return -1;
	}
	return 0;
}

static int lastlog_parse(struct source *in, const struct origin *origin, struct sink *out,
                         struct fail *f)
{
	struct lastlog l = { .remarks = remarks_of(out, "lastlog", origin) };
	int64_t offset = in->offset, got = BLOCK;
	uint8_t bytes[BLOCK];

	while (got == BLOCK && l.zeros < MOST_ZEROS) {
		int64_t hole = source_skip(in), rest = hole % BLOCK;

		offset += hole - rest;
		memset(bytes, 0, (size_t)rest);
		got = source_fill(in, bytes + rest, (size_t)(BLOCK - rest), f);
		if (got < 0)
			return -1;
		got += rest;
		if (block(&l, (struct span){ bytes, (size_t)got }, offset, f))
			return -1;
		offset += got;
	}
	if (l.zeros >= MOST_ZEROS &&
	    remark(&l.remarks, offset, f,
	           "after %lld bytes of zeros the rest is not read", (long long)l.zeros))
		return -1;
	return remarks_end(&l.remarks, f);
}

static const char *const patterns[] = {
	"**/var/log/lastlog", "**/var/log/lastlog[.-][0-9]*", NULL,
};
static const struct table *const tables[] = { &table_last_login, NULL };

const struct parser parser_lastlog = { "lastlog", 1, patterns, tables, lastlog_parse, false };
