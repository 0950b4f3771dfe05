/* SPDX-License-Identifier: Apache-2.0 */
/* What an archive says of itself: collection.json. */
#include "lib/text.h"
#include "triage/ingest_inside.h"

bool intake_slurp(struct source *in, size_t most, struct buf *out)
{
	struct fail ignored = { 0 };
	int64_t got;

	do {
		uint8_t *room = buf_room(out, 1 << 16);

		got = room ? source_read(in, room, 1 << 16, &ignored) : -1;
		if (got > 0)
			out->size += (size_t)got;
	} while (got > 0 && out->size <= most);
	return got == 0 && out->size <= most;
}

void intake_bind(struct intake *k, struct query *q, int parameter, struct json_value object,
                 const char *name, struct buf *held)
{
	struct json_value v = json_member(object, name);
	size_t start = held->size;
	int64_t number;

	buf_clear(&k->text);
	if (json_number(v, &number) || json_instant(v, &number)) {
		query_int(q, parameter, number);
	} else if (json_decode(v, &k->text)) {
		text_shown(held, buf_span(&k->text));
		query_text(q, parameter, span_part(buf_span(held), start, held->size));
	} else {
		query_null(q, parameter);
	}
}

static int host_of(struct intake *k, struct json_value object, struct fail *f)
{
	struct buf key = { 0 }, name = { 0 };
	struct query *find = k->queries[FIND_HOST], *add = k->queries[ADD_HOST];
	int got;

	json_decode(json_member(object, "host"), &name);
	if (!name.size)
		buf_text(&name, "unknown");
	if (!json_decode(json_member(object, "machine_id"), &key) || !key.size)
		buf_add(&key, buf_span(&name));
	query_text(find, 1, intake_text(k, buf_span(&key)));
	got = query_step(find, f);
	if (got == 1)
		k->host_id = query_number(find, 0);
	query_reset(find);
	if (got == 0) {
		buf_clear(&key);
		buf_add(&key, buf_span(&k->text));
		query_text(add, 1, buf_span(&key));
		query_text(add, 2, intake_text(k, buf_span(&name)));
		got = query_run(add, f);
		k->host_id = store_last_id(k->in->store);
	}
	buf_done(&key);
	buf_done(&name);
	return got < 0 ? -1 : 0;
}

/* The host's own rules, or at least the offset of the day, or nothing. */
static int read_zone(struct intake *k, struct json_value zone, struct fail *f)
{
	struct buf tzif = { 0 };
	struct fail ignored;
	int64_t offset;
	int result = 0;

	if (!json_unhex(json_member(zone, "tzif"), &tzif) || !tzif.size ||
	    zone_read(&k->zone, buf_span(&tzif), &ignored)) {
		k->zone = NULL;
		if (json_number(json_member(zone, "utc_offset"), &offset))
			result = zone_fixed(&k->zone, offset, f);
	}
	buf_done(&tzif);
	return result;
}

static int add_archive(struct intake *k, struct json_value object, struct span shown, const char *name,
                       int64_t size, struct fail *f)
{
	static const struct { int parameter; const char *outer, *member; } members[] = {
		{ 4, NULL, "case" }, { 5, NULL, "operator" }, { 6, NULL, "profile" }, { 7, NULL, "started" },
		{ 8, "zone", "utc_offset" }, { 9, "zone", "name" }, { 10, "clock", "offset_ns" },
		{ 11, NULL, "version" },
	};
	struct query *q = k->queries[ADD_ARCHIVE];
	struct buf values = { 0 };
	int result;

	/* Room at once: what is bound must not move. */
	buf_room(&values, object.raw.size * SHOWN_GROWS + 1);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		intake_bind(k, q, members[i].parameter,
		            members[i].outer ? json_member(object, members[i].outer) : object,
		            members[i].member, &values);
	query_int(q, 1, size < 0 ? 0 : size);
	query_text(q, 2, intake_text(k, span_of(name)));
	query_int(q, 3, k->host_id);
	query_text(q, 12, shown);
	result = values.bad ? fail_set(f, "out of memory") : query_run(q, f);
	k->archive_id = store_last_id(k->in->store);
	buf_done(&values);
	return result;
}

int intake_collection(struct intake *k, const struct pack_entry *e, const char *name, int64_t size,
                      struct fail *f)
{
	struct buf json = { 0 }, shown = { 0 };
	struct json_value object = { 0 };
	int result;

	if (e->kind == PACK_COLLECTION && intake_slurp(e->content, COLLECTION_BYTES, &json))
		object = json_parse(buf_span(&json));
	text_shown(&shown, buf_span(&json));
	if (!json_instant(json_member(object, "started"), &k->started))
		k->started = INT64_MIN;
	result = host_of(k, object, f) || read_zone(k, json_member(object, "zone"), f) ||
	         add_archive(k, object, buf_span(&shown), name, size, f) ? -1 : 0;
	buf_done(&json);
	buf_done(&shown);
	return result;
}
