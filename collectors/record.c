/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/record.h"

#include <inttypes.h>

#include "collectors/self.h"
#include "lib/instant.h"
#include "lib/json.h"

enum { HOST_BYTES = 64, MACHINE_DIGITS = 32 };

static int read_host(struct record *r, const struct settings *s, struct os_root *root, struct fail *f)
{
	struct buf text = { 0 };
	struct span rest;
	struct fail why;
	bool cut;

	if (strcmp(s->root, "/") == 0)
		return os_host_name(&r->host, f);
	/* A mounted disk: its own name, which it need not have. */
	os_slurp(root, span_of("/etc/hostname"), 4096, &text, &cut, &why);
	rest = buf_span(&text);
	buf_add(&r->host, span_word(&rest));
	buf_done(&text);
	return r->host.bad ? fail_set(f, "out of memory") : 0;
}

/* Stays empty where there is none, or none yet ("uninitialized"). */
static void read_machine(struct record *r, struct os_root *root)
{
	struct buf text = { 0 };
	struct span rest, word;
	struct fail why;
	bool cut;

	os_slurp(root, span_of("/etc/machine-id"), 4096, &text, &cut, &why);
	rest = buf_span(&text);
	word = span_word(&rest);
	if (word.size == MACHINE_DIGITS)
		buf_add(&r->machine, word);
	buf_done(&text);
}

int record_read(struct record *r, const struct settings *s, struct os_root *root, struct fail *f)
{
	struct fail why;

	*r = (struct record){ .started = os_now(), .steady = os_monotonic() };
	if (read_host(r, s, root, f))
		return -1;
	/* Without /proc the program cannot look at itself; the host can be looked at in part. */
	r->has_digest = self_image(&r->program, r->program_sha256, &why) == 0;
	read_machine(r, root);
	/* A damaged zone file: the host module notes it. */
	host_zone_read(&r->zone, root, r->started, &why);
	return 0;
}

static void add_clock(const struct record *r, struct json *j)
{
	struct buf part = { 0 };
	struct json clock = json_begin(&part);

	json_time(&clock, "time", r->started);
	json_int(&clock, "steady_ns", r->steady);
	json_bool(&clock, "synchronised", self_clock_synchronised());
	json_end(&clock);
	json_raw(j, "clock", buf_span(&part));
	buf_done(&part);
}

static void add_zone(const struct record *r, struct json *j)
{
	struct buf part = { 0 };
	struct json zone = json_begin(&part);

	if (r->zone.name.size)
		json_text(&zone, "name", buf_span(&r->zone.name));
	json_int(&zone, "utc_offset", r->zone.offset);
	if (r->zone.tzif.size)
		json_hex(&zone, "tzif", buf_span(&r->zone.tzif));
	json_end(&zone);
	json_raw(j, "zone", buf_span(&part));
	buf_done(&part);
}

static void add_rights(struct json *j)
{
	struct buf part = { 0 }, bits = { 0 };
	struct json rights = json_begin(&part);
	struct rights r;

	self_rights(&r);
	buf_printf(&bits, "%016" PRIx64, r.capabilities);
	json_int(&rights, "uid", r.uid);
	json_int(&rights, "euid", r.euid);
	json_word(&rights, "capabilities", buf_string(&bits));
	json_bool(&rights, "all", r.all);
	json_bool(&rights, "contained", r.contained);
	json_end(&rights);
	json_raw(j, "privileges", buf_span(&part));
	buf_done(&bits);
	buf_done(&part);
}

static void add_options(const struct settings *s, struct json *j)
{
	struct buf options = { 0 };

	for (int i = 1; i < s->argc; i++)
		list_add(&options, span_of(s->argv[i]));
	json_list(j, "options", buf_span(&options));
	buf_done(&options);
}

void record_write(const struct record *r, const struct settings *s, enum key_kind key,
                  struct buf *out)
{
	struct json j = json_begin(out);

	json_word(&j, "program", "kake-collect");
	json_word(&j, "version", KAKE_VERSION);
	if (r->has_digest)
		json_hex(&j, "program_sha256", (struct span){ r->program_sha256, SHA256_SIZE });
	json_text(&j, "host", buf_span(&r->host));
	if (r->machine.size)
		json_text(&j, "machine_id", buf_span(&r->machine));
	if (s->case_id)
		json_text(&j, "case", span_of(s->case_id));
	if (s->operator_name)
		json_text(&j, "operator", span_of(s->operator_name));
	json_word(&j, "profile", profile_name(s->profile));
	json_text(&j, "root", span_of(s->root));
	json_bool(&j, "live", strcmp(s->root, "/") == 0);
	json_time(&j, "started", r->started);
	add_clock(r, &j);
	add_zone(r, &j);
	add_rights(&j);
	add_options(s, &j);
	json_word(&j, "key", keys_kind_name(key));
	json_end(&j);
}

static bool is_safe(uint8_t byte, size_t at)
{
	if ((byte >= '0' && byte <= '9') || (byte >= 'A' && byte <= 'Z') || (byte >= 'a' && byte <= 'z'))
		return true;
	return at > 0 && (byte == '-' || byte == '_' || byte == '.');
}

void record_name(const struct record *r, unsigned number, struct buf *out)
{
	struct civil t = civil_of(instant_seconds(r->started));

	for (size_t i = 0; i < r->host.size && i < HOST_BYTES; i++)
		buf_byte(out, is_safe(r->host.data[i], i) ? r->host.data[i] : '_');
	if (!r->host.size)
		buf_text(out, "host");
	buf_printf(out, "-%04" PRId64 "%02d%02dT%02d%02d%02dZ", t.year, t.month, t.day, t.hour, t.minute,
	           t.second);
	if (number > 1)
		buf_printf(out, "-%u", number);
}

void record_done(struct record *r)
{
	buf_done(&r->host);
	buf_done(&r->machine);
	buf_done(&r->program);
	host_zone_done(&r->zone);
}
