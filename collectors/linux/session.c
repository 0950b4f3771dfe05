/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is logged on: the sessions of systemd-logind (/run/systemd/sessions) and the records of
 * utmp(5) that no such session tells already.
 */
#include "collectors/linux/host.h"
#include "lib/cursor.h"
#include "lib/instant.h"
#include "lib/path.h"

enum {
	USER_PROCESS = 7,
	SMALL_RECORD = 384, /* times of 32 bits: x86, and other 64-bit systems that ran x86-32 */
	LARGE_RECORD = 400, /* times of 64 bits: aarch64, riscv64 … */
	SESSIONS = 1 << 16,
};

struct session { struct span user, terminal, remote; int64_t pid, since, nanoseconds; };

struct sessions { struct host host; struct buf pids; };

static int emit(struct sessions *s, const struct session *session, struct fail *f)
{
	struct row row = row_on(&table_session);
	char raw[40];

	row_span(&row, SESSION_USER, session->user);
	row_span(&row, SESSION_TERMINAL, session->terminal);
	row_span(&row, SESSION_FROM, session->remote);
	if (session->since)
		row_time_of(&row, SESSION_SINCE, session->since, session->nanoseconds, raw);
	if (session->pid)
		row_int(&row, SESSION_PID, session->pid);
	return s->host.c->sink->row(s->host.c->sink, &row, f);
}

/* KEY=value lines, see sd-login(3); the file is private to systemd but has kept its keys. */
static struct session logind_session(struct span text)
{
	struct session s = { 0 };

	while (text.size) {
		struct span value = span_until(&text, '\n'), key = span_until(&value, '=');
		int64_t number;

		if (span_is(key, "USER"))
			s.user = value;
		else if (span_is(key, "TTY"))
			s.terminal = value;
		else if (span_is(key, "REMOTE_HOST"))
			s.remote = value;
		else if (span_is(key, "LEADER") && span_number(value, &number))
			s.pid = number;
		else if (span_is(key, "REALTIME") && span_number(value, &number) && number > 0) {
			s.since = number / 1000000;
			s.nanoseconds = number % 1000000 * 1000;
		}
	}
	return s;
}

static int read_logind(struct sessions *s, struct fail *f)
{
	struct span folder = span_of("/run/systemd/sessions"), rest, name;
	struct buf names = { 0 }, path = { 0 }, text = { 0 };
	int result = host_list(&s->host, folder, &names, f);

	rest = buf_span(&names);
	while (result >= 0 && list_next(&rest, &name)) {
		struct session session;

		if (span_ends(name, ".ref"))
			continue;                /* a FIFO that holds the session open */
		buf_clear(&path);
		path_join(&path, folder, name);
		result = host_slurp(&s->host, buf_span(&path), &text, f);
		if (result <= 0)
			continue;
		session = logind_session(buf_span(&text));
		if (session.pid)
			buf_add(&s->pids, (struct span){ (uint8_t *)&session.pid, sizeof session.pid });
		result = emit(s, &session, f);
	}
	buf_done(&names);
	buf_done(&path);
	buf_done(&text);
	return result < 0 ? -1 : 0;
}

static bool is_told(const struct sessions *s, int64_t pid)
{
	for (size_t i = 0; i + sizeof pid <= s->pids.size; i += sizeof pid)
		if (memcmp(s->pids.data + i, &pid, sizeof pid) == 0)
			return true;
	return false;
}

/* One record; false if nobody is logged on by it. */
static bool utmp_record(struct span bytes, struct session *s)
{
	struct cursor c = cursor_on(bytes);
	bool large = bytes.size == LARGE_RECORD;
	int kind = (int16_t)cursor_u16le(&c);

	*s = (struct session){ 0 };
	cursor_take(&c, 2);
	s->pid = (int32_t)cursor_u32le(&c);
	s->terminal = cursor_text(&c, 32);
	cursor_take(&c, 4);
	s->user = cursor_text(&c, 32);
	s->remote = cursor_text(&c, 256);
	cursor_take(&c, large ? 4 + 8 : 4 + 4);
	s->since = large ? (int64_t)cursor_u64le(&c) : (int32_t)cursor_u32le(&c);
	s->nanoseconds = (int64_t)(large ? cursor_u64le(&c) : cursor_u32le(&c));
	s->nanoseconds = s->nanoseconds >= 0 && s->nanoseconds < 1000000 ? s->nanoseconds * 1000 : 0;
	return !c.bad && kind == USER_PROCESS && s->user.size;
}

static int read_utmp(struct sessions *s, struct fail *f)
{
	struct span path = span_of("/run/utmp"), bytes;
	struct buf text = { 0 };
	int result = host_slurp(&s->host, path, &text, f);
	size_t size;

	bytes = buf_span(&text);
	size =
		bytes.size % SMALL_RECORD && bytes.size % LARGE_RECORD == 0 ? LARGE_RECORD : SMALL_RECORD;
	for (size_t i = 0; result >= 0 && bytes.size >= size && i < SESSIONS; i++) {
		struct session session;

		if (utmp_record(span_part(bytes, 0, size), &session) && !is_told(s, session.pid))
			result = emit(s, &session, f);
		bytes = span_part(bytes, size, bytes.size);
	}
	if (result >= 0 && bytes.size)
		result = host_note(&s->host, path, f, "%zu bytes behind the last whole record", bytes.size);
	buf_done(&text);
	return result < 0 ? -1 : 0;
}

static int session_run(struct collection *c, struct fail *f)
{
	struct sessions s = { 0 };
	int result = host_open(&s.host, c, f);

	if (result)
		return result;
	result = read_logind(&s, f);
	if (!result)
		result = read_utmp(&s, f);
	buf_done(&s.pids);
	host_done(&s.host);
	return result;
}

static const struct table *const tables[] = { &table_session, NULL };

const struct module module_session = {
	.name = "session", .help = "who is logged on", .stage = STAGE_SESSION, .flags = MODULE_LIVE,
	.least = PROFILE_QUICK, .tables = tables, .run = session_run,
};
