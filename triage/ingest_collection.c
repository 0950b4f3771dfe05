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

/* The zone that holds until the host's own file passes; where that file is. */
static int first_zone(struct intake *k, struct json_value object, struct fail *f)
{
	buf_text(&k->zone_path, "/usr/share/zoneinfo/");
	if (!json_decode(json_member(object, "zone"), &k->zone_path))
		buf_clear(&k->zone_path);
	if (!json_number(json_member(object, "utc_offset"), &k->utc_offset))
		return 0;
	return zone_fixed(&k->zone, k->utc_offset, f);
}

int intake_collection(struct intake *k, const struct pack_entry *e, const char *name, int64_t size,
                      struct fail *f)
{
	static const struct { int parameter; const char *member; } members[] = {
		{ 4, "case" }, { 5, "operator" }, { 6, "profile" }, { 7, "started" }, { 8, "utc_offset" },
		{ 9, "zone" }, { 10, "clock_offset" }, { 11, "collector" },
	};
	struct query *q = k->queries[ADD_ARCHIVE];
	struct buf json = { 0 }, values = { 0 }, shown = { 0 };
	struct json_value object = { 0 };
	int result;

	if (e->kind == PACK_COLLECTION && intake_slurp(e->content, COLLECTION_BYTES, &json))
		object = json_parse(buf_span(&json));
	text_shown(&shown, buf_span(&json));
	result = host_of(k, object, f) || first_zone(k, object, f) ? -1 : 0;
	/* Room at once: what is bound must not move. */
	buf_room(&values, json.size * SHOWN_GROWS + 1);
	for (size_t i = 0; i < sizeof members / sizeof *members; i++)
		intake_bind(k, q, members[i].parameter, object, members[i].member, &values);
	query_int(q, 1, size < 0 ? 0 : size);
	query_text(q, 2, intake_text(k, span_of(name)));
	query_int(q, 3, k->host_id);
	query_text(q, 12, buf_span(&shown));
	if (!result)
		result = query_run(q, f);
	k->archive_id = store_last_id(k->in->store);
	buf_done(&json);
	buf_done(&values);
	buf_done(&shown);
	return result;
}
