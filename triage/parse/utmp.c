/* SPDX-License-Identifier: Apache-2.0 */
/*
 * utmp, wtmp and btmp: a bare array of records, see utmp(5). Nothing in the file tells the machine
 * it is of, so the layout is the one of four in which its first records make sense: 384 bytes with
 * 32-bit times (x86, and 64-bit systems that share files with 32-bit ones) or 400 bytes with 64-bit
 * times (aarch64, s390x), either byte order.
 */
#include "lib/address.h"
#include "lib/cursor.h"
#include "lib/instant.h"
#include "lib/path.h"
#include "triage/parse/remarks.h"

enum {
	LONGEST = 400,
	WINDOW = 64 * 1024,          /* bytes held; the layout is chosen by the first of them */
	EMPTY = 0, DEAD_PROCESS = 8, LAST_KIND = 9,
	LINE = 32, ID = 4, USER = 32, HOST = 256,
};

struct layout { size_t size; bool wide, big; };

static const struct layout layouts[] = {
	{ 384, false, false }, { 400, true, false }, { 384, false, true }, { 400, true, true },
};

struct record {
	uint16_t kind, padding;
	int32_t pid;
	struct span line, id, user, host, address;
	int16_t termination, exit;
	int64_t session, seconds, microseconds;
};

struct window { uint8_t bytes[WINDOW]; size_t at, size; int64_t offset; bool end; };

static uint64_t number(struct cursor *c, const struct layout *l, size_t size)
{
	switch (size) {
	case 2: return l->big ? cursor_u16be(c) : cursor_u16le(c);
	case 4: return l->big ? cursor_u32be(c) : cursor_u32le(c);
	default: return l->big ? cursor_u64be(c) : cursor_u64le(c);
	}
}

static struct record read_record(struct span bytes, const struct layout *l)
{
	struct cursor c = cursor_on(bytes);
	size_t word = l->wide ? 8 : 4;
	struct record r = { 0 };

	r.kind = (uint16_t)number(&c, l, 2);
	r.padding = (uint16_t)number(&c, l, 2);
	r.pid = (int32_t)(uint32_t)number(&c, l, 4);
	r.line = cursor_text(&c, LINE);
	r.id = cursor_text(&c, ID);
	r.user = cursor_text(&c, USER);
	r.host = cursor_text(&c, HOST);
	r.termination = (int16_t)(uint16_t)number(&c, l, 2);
	r.exit = (int16_t)(uint16_t)number(&c, l, 2);
	r.session = (int64_t)number(&c, l, word);
	r.seconds = (int64_t)number(&c, l, word);
	r.microseconds = (int64_t)number(&c, l, word);
	r.address = cursor_take(&c, 16);
	return r;
}

static bool is_clean(struct span text)
{
	for (size_t i = 0; i < text.size; i++)
		if (text.data[i] < 0x20 || text.data[i] == 0x7f)
			return false;
	return true;
}

/* Whether the fields hold together, whatever the kind says. User and host come from strangers. */
static bool is_sound(const struct record *r)
{
	return !r->padding && r->pid >= 0 && is_clean(r->line) && r->microseconds >= 0 &&
	       r->microseconds < 1000000;
}

/* A record that could stand nowhere by chance: of a known kind, and of this age of computers. */
static bool is_certain(const struct record *r)
{
	enum { EARLIEST = 315532800 };       /* 1980-01-01 */

	return is_sound(r) && r->kind != EMPTY && r->kind <= LAST_KIND && r->seconds >= EARLIEST &&
	       r->seconds <= UINT32_MAX && (r->line.size || r->user.size || r->id.size);
}

static bool is_zero(struct span bytes)
{
	for (size_t i = 0; i < bytes.size; i++)
		if (bytes.data[i])
			return false;
	return true;
}

static const struct layout *choose(struct span start)
{
	const struct layout *best = &layouts[0];
	int64_t most = 0;

	for (size_t i = 0; i < sizeof layouts / sizeof *layouts; i++) {
		int64_t points = 0;

		for (size_t at = 0; at + layouts[i].size <= start.size; at += layouts[i].size) {
			struct record r = read_record(span_part(start, at, layouts[i].size), &layouts[i]);

			points += is_certain(&r) ? 2 : is_sound(&r) && r.kind <= LAST_KIND ? 0 : -1;
		}
		if (points > most) {
			best = &layouts[i];
			most = points;
		}
	}
	return best;
}

static int refill(struct window *w, struct source *in, struct fail *f)
{
	int64_t got;

	memmove(w->bytes, w->bytes + w->at, w->size - w->at);
	w->size -= w->at;
	w->at = 0;
	got = source_fill(in, w->bytes + w->size, sizeof w->bytes - w->size, f);
	if (got < 0)
		return -1;
	w->size += (size_t)got;
	w->end = w->size < sizeof w->bytes;
	return 0;
}

static void text(struct row *row, int column, struct span field)
{
	if (field.size)
		row_span(row, column, field);
}

/* IPv4 stands in the first four bytes, or in the last ones as ::ffff:a.b.c.d. */
static struct span significant(struct span address)
{
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };

	if (is_zero(span_part(address, 4, 12)))
		return span_part(address, 0, 4);
	return memcmp(address.data, mapped, sizeof mapped) == 0 ? span_part(address, 12, 4) : address;
}

static int put(struct sink *out, const struct record *r, bool failed, int64_t offset, size_t size,
               bool zero, struct fail *f)
{
	struct row row = row_on(&table_login_record);
	struct buf address = { 0 };
	char raw[40];
	int status;

	row.offset = offset;
	row.length = (int64_t)size;
	row_int(&row, LOGIN_KIND, r->kind);
	if (!zero) {
		row_bool(&row, LOGIN_FAILED, failed);
		row_int(&row, LOGIN_PID, r->pid);
		text(&row, LOGIN_LINE, r->line);
		text(&row, LOGIN_ID, r->id);
		text(&row, LOGIN_USER, r->user);
		text(&row, LOGIN_HOST, r->host);
		row_int(&row, LOGIN_SESSION, r->session);
		row_time_of(&row, LOGIN_TIME, r->seconds, r->microseconds * 1000, raw);
		if (!is_zero(r->address)) {
			address_text(&address, significant(r->address));
			row_span(&row, LOGIN_ADDRESS, buf_span(&address));
		}
		if (r->kind == DEAD_PROCESS) {
			row_int(&row, LOGIN_EXIT, r->exit);
			row_int(&row, LOGIN_TERMINATION, r->termination);
		}
	}
	status = address.bad ? fail_set(f, "out of memory") : out->row(out, &row, f);
	buf_done(&address);
	return status;
}

/* Bytes from `at` to the next record that is certainly one; the whole size if none begins before. */
static size_t resync(struct span bytes, const struct layout *l)
{
	for (size_t shift = 1; shift < l->size && shift + l->size <= bytes.size; shift++) {
		struct record r = read_record(span_part(bytes, shift, l->size), l);

		if (is_certain(&r))
			return shift;
	}
	return l->size;
}

/* The record at the window's start; *used is what it took. */
static int one(struct remarks *remarks, const struct window *w, const struct layout *l, bool failed,
               size_t *used, struct fail *f)
{
	struct span bytes = { w->bytes + w->at, w->size - w->at }, whole = span_part(bytes, 0, l->size);
	struct record r = read_record(whole, l);
	int64_t offset = w->offset + (int64_t)w->at;

	*used = l->size;
	if (is_sound(&r)) {
		if (r.kind > LAST_KIND &&
		    remark(remarks, offset, f, "record of the unknown kind %d", r.kind))
			return -1;
		return put(remarks->out, &r, failed, offset, l->size, is_zero(whole), f);
	}
	*used = resync(bytes, l);
	return remark(remarks, offset, f, "%lld bytes are no login record", (long long)*used);
}

static int utmp_parse(struct source *in, const struct origin *origin, struct sink *out, struct fail *f)
{
	struct remarks remarks = remarks_of(out, "utmp", origin);
	bool failed = span_starts(path_base(origin->path), "btmp");
	struct window w = { .offset = in->offset };
	const struct layout *layout;
	size_t used;

	if (refill(&w, in, f))
		return -1;
	layout = choose((struct span){ w.bytes, w.size });
	for (;;) {
		if (!w.end && w.size - w.at < 2 * LONGEST) {
			w.offset += (int64_t)w.at;
			if (refill(&w, in, f))
				return -1;
		}
		if (w.size - w.at < layout->size)
			break;
		if (one(&remarks, &w, layout, failed, &used, f))
			return -1;
		w.at += used;
	}
	if (w.at < w.size &&
	    remark(&remarks, w.offset + (int64_t)w.at, f,
	           "the last record is cut after %lld bytes", (long long)(w.size - w.at)))
		return -1;
	return remarks_end(&remarks, f);
}

static const char *const patterns[] = {
	"**/var/log/[wb]tmp", "**/var/log/[wb]tmp[.-][0-9]*", "**/run/utmp", "**/var/log/utmp",
	"**/var/adm/[wb]tmp", NULL,
};
static const struct table *const tables[] = { &table_login_record, NULL };

const struct parser parser_utmp = { "utmp", 1, patterns, tables, utmp_parse, false };
