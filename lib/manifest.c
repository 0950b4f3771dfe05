/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/manifest.h"

#include <stdio.h>

#include "lib/instant.h"
#include "lib/json.h"

static struct span digest_span(const uint8_t digest[SHA256_SIZE])
{
	return (struct span){ digest, SHA256_SIZE };
}

static void end_line(struct json *j)
{
	json_end(j);
	buf_byte(j->out, '\n');
}

void manifest_write_start(struct buf *out, const struct manifest_start *s)
{
	struct json j = json_begin(out);

	json_int(&j, "segment", s->segment);
	json_int(&j, "format", MANIFEST_FORMAT);
	json_time(&j, "time", s->time);
	if (s->linked) {
		json_hex(&j, "previous", digest_span(s->previous));
		json_hex(&j, "previous_signature", digest_span(s->signature));
		json_hex(&j, "previous_frame", digest_span(s->frame));
	} else {
		json_null(&j, "previous");
	}
	json_hex(&j, "certificates", s->certificates);
	if (s->throwaway)
		json_bool(&j, "throwaway_key", true);
	end_line(&j);
}

/* A time of any year; one that RFC 3339 cannot hold as NAME_raw, "SECONDS.NNNNNNNNN". */
static void write_time(struct json *j, const char *name, struct file_time t)
{
	struct buf text = { 0 };
	char raw[64], raw_name[32];

	if (!t.set)
		return;
	buf_byte(&text, '"');
	if (seconds_text(&text, t.seconds, t.nanoseconds)) {
		buf_byte(&text, '"');
		json_raw(j, name, buf_span(&text));
	} else {
		snprintf(raw_name, sizeof raw_name, "%s_raw", name);
		snprintf(raw, sizeof raw, "%lld.%09lld", (long long)t.seconds, (long long)t.nanoseconds);
		json_word(j, raw_name, raw);
	}
	j->out->bad |= text.bad;
	buf_done(&text);
}

static void write_facts(struct json *j, const struct file_facts *facts)
{
	char type[2] = { facts->kind, 0 };

	json_text(j, "path", facts->path);
	json_word(j, "type", type);
	if (facts->kind == 'l')
		json_text(j, "link", facts->link);
}

static void write_stat(struct json *j, const struct file_facts *facts)
{
	json_int(j, "mode", facts->mode);
	json_int(j, "uid", facts->uid);
	json_int(j, "gid", facts->gid);
	json_int(j, "device", facts->device);
	json_int(j, "inode", facts->inode);
	json_int(j, "links", facts->links);
	json_int(j, "allocated", facts->allocated);
	write_time(j, "modified", facts->modified);
	write_time(j, "accessed", facts->accessed);
	write_time(j, "changed", facts->changed);
	write_time(j, "born", facts->born);
	if (facts->artifact.size)
		json_text(j, "artifact", facts->artifact);
}

static void write_bad(struct json *j, const struct extent *bad, size_t count)
{
	struct buf list = { 0 };

	if (!count)
		return;
	for (size_t i = 0; i < count; i++)
		buf_printf(&list, "%s[%lld,%lld]", i ? "," : "[", (long long)bad[i].offset,
		           (long long)bad[i].length);
	buf_byte(&list, ']');
	json_raw(j, "bad", buf_span(&list));
	j->out->bad |= list.bad;
	buf_done(&list);
}

void manifest_write_entry(struct buf *out, const struct manifest_entry *e)
{
	struct json j = json_begin(out);
	bool of_host = span_is(e->kind, "file") || span_is(e->kind, "meta");

	if (e->number)
		json_int(&j, "n", e->number);
	json_text(&j, "kind", e->kind);
	if (e->number)
		json_text(&j, "name", e->name);
	if (e->table.size) {
		json_text(&j, "table", e->table);
		json_int(&j, "rows", e->rows);
	}
	if (of_host)
		write_facts(&j, &e->facts);
	json_int(&j, "size", e->size);
	if (e->plain)
		json_hex(&j, "sha256", digest_span(e->sha256));
	if (e->blocks)
		json_hex(&j, "sha256_blocks", digest_span(e->sha256_blocks));
	if (e->number)
		json_hex(&j, "head", digest_span(e->head));
	if (e->sparse)
		json_bool(&j, "sparse", true);
	if (e->true_size >= 0)
		json_int(&j, "true_size", e->true_size);
	if (e->grew)
		json_bool(&j, "grew", true);
	write_bad(&j, e->bad, e->bad_count);
	if (of_host)
		write_stat(&j, &e->facts);
	json_time(&j, "acquired", e->acquired);
	end_line(&j);
}

void manifest_write_end(struct buf *out, const struct manifest_end *e)
{
	struct json j = json_begin(out);

	json_bool(&j, "end", true);
	json_int(&j, "segments", e->segments);
	json_int(&j, "entries", e->entries);
	json_int(&j, "bytes", e->bytes);
	end_line(&j);
}

/* A digest of exactly 32 bytes. */
static bool read_digest(struct json_value v, uint8_t out[SHA256_SIZE])
{
	struct buf bytes = { 0 };
	bool ok = v.raw.size == 2 * SHA256_SIZE + 2 && json_unhex(v, &bytes) && bytes.size == SHA256_SIZE;

	if (ok)
		memcpy(out, bytes.data, SHA256_SIZE);
	buf_done(&bytes);
	return ok;
}

int manifest_read_start(struct span line, struct manifest_start *s, struct buf *held, struct fail *f)
{
	struct json_value object = json_parse(line);
	struct json_value previous = json_member(object, "previous");
	int64_t format;

	*s = (struct manifest_start){ .linked = previous.type != JSON_NULL };
	if (!json_number(json_member(object, "format"), &format))
		return fail_set(f, "the first line of the segment is malformed");
	if (format != MANIFEST_FORMAT)
		return fail_set(f, "the archive is of format %lld; this program reads format %d: use a newer "
		                "one", (long long)format, MANIFEST_FORMAT);
	if (!json_number(json_member(object, "segment"), &s->segment) || s->segment < 1 ||
	    s->segment > MANIFEST_SEGMENTS_MOST ||
	    !json_instant(json_member(object, "time"), &s->time) ||
	    !json_unhex(json_member(object, "certificates"), held) ||
	    (s->linked && (!read_digest(previous, s->previous) ||
	                   !read_digest(json_member(object, "previous_signature"), s->signature) ||
	                   !read_digest(json_member(object, "previous_frame"), s->frame))))
		return fail_set(f, "the first line of the segment is malformed");
	s->certificates = buf_span(held);
	s->throwaway = json_member(object, "throwaway_key").type == JSON_TRUE;
	return held->bad ? fail_set(f, "out of memory") : 0;
}

/* Text that is decoded into `held`; turned into a span when the line is complete. */
struct text_place { size_t start, size; };

enum text { KIND, NAME, TABLE_NAME, PATH, PATH_HEX, TYPE, LINK, LINK_HEX, TEXTS };

static int text_member(struct span key)
{
	static const char *const names[TEXTS] = {
		"kind", "name", "table", "path", "path_hex", "type", "link", "link_hex",
	};

	for (int i = 0; i < TEXTS; i++)
		if (span_is(key, names[i]))
			return i;
	return -1;
}

static bool read_text(int which, struct json_value v, struct text_place places[TEXTS], struct buf *held)
{
	size_t start = held->size;
	bool ok = which == PATH_HEX || which == LINK_HEX ? json_unhex(v, held) : json_decode(v, held);

	places[which] = (struct text_place){ start, held->size - start };
	return ok;
}

static bool read_other(struct span key, struct json_value v, struct manifest_entry *e)
{
	if (span_is(key, "n"))
		return json_number(v, &e->number) && e->number > 0;
	if (span_is(key, "size"))
		return json_number(v, &e->size) && e->size >= 0;
	if (span_is(key, "rows"))
		return json_number(v, &e->rows);
	if (span_is(key, "sha256"))
		return e->plain = read_digest(v, e->sha256);
	if (span_is(key, "sha256_blocks"))
		return e->blocks = read_digest(v, e->sha256_blocks);
	if (span_is(key, "head"))
		return read_digest(v, e->head);
	if (span_is(key, "acquired"))
		return json_instant(v, &e->acquired);
	if (span_is(key, "true_size"))
		return json_number(v, &e->true_size);
	if (span_is(key, "sparse"))
		e->sparse = v.type == JSON_TRUE;
	return true;
}

static struct span place_span(const struct buf *held, struct text_place place)
{
	return (struct span){ held->data ? held->data + place.start : NULL, place.size };
}

int manifest_read_entry(struct span line, struct manifest_entry *e, struct buf *held, struct fail *f)
{
	struct text_place places[TEXTS] = { 0 };
	struct json_value object = json_parse(line), v;
	struct json_reader r = json_walk(object);
	struct span key;
	bool ok = object.type == JSON_OBJECT;

	*e = (struct manifest_entry){ .true_size = -1, .size = -1 };
	while (ok && json_next(&r, &key, &v)) {
		int text = text_member(key);

		ok = text >= 0 ? read_text(text, v, places, held) : read_other(key, v, e);
	}
	if (held->bad)
		return fail_set(f, "out of memory");
	e->kind = place_span(held, places[KIND]);
	e->name = place_span(held, places[NAME]);
	e->table = place_span(held, places[TABLE_NAME]);
	e->facts.path = place_span(held, places[places[PATH_HEX].size ? PATH_HEX : PATH]);
	e->facts.link = place_span(held, places[places[LINK_HEX].size ? LINK_HEX : LINK]);
	e->facts.kind = places[TYPE].size ? (char)held->data[places[TYPE].start] : 0;
	if (!ok || e->size < 0 || !e->kind.size || (e->number && (!e->name.size || !(e->plain || e->blocks))))
		return fail_set(f, "a line of the segment is malformed");
	return 0;
}

int manifest_read_end(struct span line, struct manifest_end *e)
{
	struct json_value object = json_parse(line);

	return json_member(object, "end").type == JSON_TRUE &&
	       json_number(json_member(object, "segments"), &e->segments) &&
	       json_number(json_member(object, "entries"), &e->entries) &&
	       json_number(json_member(object, "bytes"), &e->bytes);
}

void manifest_code(const uint8_t digest[SHA256_SIZE], char code[PACK_CODE])
{
	enum { GROUPS = 6, GROUP = 10000 };
	unsigned groups[GROUPS];
	uint8_t number[16];

	memcpy(number, digest, sizeof number);
	/* Divides the number by 10,000 six times; the remainders are the groups from the right. */
	for (int g = GROUPS - 1; g >= 0; g--) {
		unsigned rest = 0;

		for (size_t i = 0; i < sizeof number; i++) {
			rest = rest << 8 | number[i];
			number[i] = (uint8_t)(rest / GROUP);
			rest %= GROUP;
		}
		groups[g] = rest;
	}
	snprintf(code, PACK_CODE, "%04u %04u %04u %04u %04u %04u", groups[0], groups[1], groups[2],
	         groups[3], groups[4], groups[5]);
}
