/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/pack_kit.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/source.h"
#include "lib/zstd_in.h"
#include "lib/zstd_out.h"

struct kit_output { struct output output; struct buf *to; };

static int kit_put(struct output *o, struct span bytes, struct fail *f)
{
	struct kit_output *k = (struct kit_output *)o;

	buf_add(k->to, bytes);
	return k->to->bad ? fail_set(f, "out of memory") : 0;
}

static int kit_settle(struct output *o, struct fail *f)
{
	(void)o;
	(void)f;
	return 0;
}

static void kit_close(struct output *o)
{
	free(o);
}

int kit_output(struct output **o, struct buf *to, struct fail *f)
{
	struct kit_output *k = calloc(1, sizeof *k);

	if (!k)
		return fail_set(f, "out of memory");
	k->output = (struct output){ kit_put, kit_settle, kit_settle, kit_close };
	k->to = to;
	*o = &k->output;
	return 0;
}

static struct file_facts facts_of(const char *path, int64_t size)
{
	return (struct file_facts){
		.path = span_of(path), .kind = 'f', .size = size, .allocated = size, .mode = 0640, .uid = 1000,
		.gid = 50, .device = 2049, .inode = 77, .links = 1, .modified = { true, 1700000000, 123456789 },
		.accessed = { true, 1700000001, 5 }, .changed = { true, -2, 500000000 },
		.born = { true, 1600000000, 0 },
	};
}

int kit_file(struct sink *s, const char *path, size_t size, struct fail *f)
{
	struct file_facts facts = facts_of(path, (int64_t)size);
	uint8_t *bytes = malloc(size + 1);
	struct memory_source in;
	int result;

	if (!bytes)
		return fail_set(f, "out of memory");
	for (size_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)(i * 7 + i / 251 + size);
	memory_source_init(&in, (struct span){ bytes, size });
	result = s->file(s, &facts, &in.source, f);
	free(bytes);
	return result;
}

static int sparse_file(struct sink *s, const char *path, struct fail *f)
{
	static const struct extent extents[] = { { 4096, 4096 }, { 20000, 100 } };
	struct file_facts facts = facts_of(path, 40000);
	static uint8_t bytes[40000];
	struct memory_source in;

	memset(bytes + 4096, 'a', 4000);
	memset(bytes + 20000, 'b', 100);
	facts.extents = extents;
	facts.extent_count = 2;
	memory_source_init(&in, (struct span){ bytes, sizeof bytes });
	return s->file(s, &facts, &in.source, f);
}

static int note(struct sink *s, const char *item, struct fail *f)
{
	struct fail why;
	struct note n = { "kit", span_of(item), 5, &why };

	fail_set(&why, "cannot read '%s'", item);
	return s->note(s, &n, f);
}

static int segment(struct sink *s, int number, struct fail *f)
{
	struct row row = row_on(&table_process), second = row_on(&table_socket);
	struct file_facts link = facts_of("/etc/alternatives/x", 7);
	char path[64];

	link.kind = 'l';
	link.link = span_of("/bin/x\xff");
	for (int i = 0; i < 5; i++) {
		row_int(&row, PROCESS_PID, number * 100 + i);
		row_text(&row, PROCESS_NAME, "daemon");
		row_int(&second, SOCKET_INODE, i);
		if (s->row(s, &row, f) || s->row(s, &second, f))
			return -1;
	}
	for (int i = 0; i < 3; i++) {
		snprintf(path, sizeof path, "/var/log/%d/file%d.log", number, i);
		if (kit_file(s, path, (size_t)(600 * i * i), f))
			return -1;
	}
	snprintf(path, sizeof path, "/var/log/%d/sparse", number);
	return sparse_file(s, path, f) || s->file(s, &link, NULL, f) || note(s, "/dev/\xff\n", f) ? -1 : 0;
}

int kit_write(struct buf *to, int segments, char code[PACK_CODE], struct fail *f)
{
	struct pack_writer *w;
	struct signer *signer;
	struct output *out;
	int result = -1;

	if (kit_output(&out, to, f) || signer_make(&signer, "kit", f))
		return -1;
	if (pack_writer_open(&w, out, signer, span_of("{\"case\":\"K-1\"}"), f) == 0) {
		result = 0;
		for (int i = 1; !result && i <= segments; i++)
			result = segment(pack_writer_sink(w), i, f) || pack_writer_segment(w, f) ? -1 : 0;
		if (!result)
			result = pack_writer_end(w, code, f);
		pack_writer_close(w);
	}
	signer_close(signer);
	return result;
}

int kit_write_small(struct buf *to, struct fail *f)
{
	struct pack_writer *w;
	struct signer *signer;
	struct output *out;
	struct row row = row_on(&table_process);
	char code[PACK_CODE];
	int result;

	if (kit_output(&out, to, f) || signer_make(&signer, "kit", f))
		return -1;
	if (pack_writer_open(&w, out, signer, span_of("{}"), f)) {
		signer_close(signer);
		return -1;
	}
	row_int(&row, PROCESS_PID, 1);
	result = kit_file(pack_writer_sink(w), "/etc/plain", 700, f) ||
	         sparse_file(pack_writer_sink(w), "/etc/sparse", f) ||
	         pack_writer_sink(w)->row(pack_writer_sink(w), &row, f) ||
	         note(pack_writer_sink(w), "x", f) || pack_writer_end(w, code, f) ? -1 : 0;
	pack_writer_close(w);
	signer_close(signer);
	return result;
}

int kit_unpack(struct span archive, struct kit_tar *tar)
{
	struct memory_source in;
	struct source *zstd;
	struct fail f;
	int64_t got;

	*tar = (struct kit_tar){ 0 };
	memory_source_init(&in, archive);
	if (zstd_in_open(&zstd, &in.source, &f))
		return -1;
	do {
		uint8_t *room = buf_room(&tar->bytes, 4096);
		size_t before = (size_t)zstd_in_facts(zstd)->frames, over;

		/* A read never crosses the end of a frame, but may find it before it gives bytes of the next. */
		got = room ? source_read(zstd, room, 1, &f) : -1;
		over = (size_t)zstd_in_facts(zstd)->frames;
		if (over > before && over <= KIT_FRAMES)
			tar->ends[tar->frames++] = tar->bytes.size;
		if (got > 0)
			tar->bytes.size++;
	} while (got > 0);
	zstd_in_close(zstd);
	return (int)got;
}

int kit_repack(const struct kit_tar *tar, struct buf *archive)
{
	struct output *below, *zstd;
	struct fail f;
	size_t at = 0;
	int result = 0;

	buf_clear(archive);
	if (kit_output(&below, archive, &f) || zstd_out_open(&zstd, below, &f))
		return -1;
	for (size_t i = 0; !result && i < tar->frames; i++) {
		if (i + 1 == tar->frames)
			zstd_out_store(zstd);
		result = zstd->write(zstd, span_part(buf_span(&tar->bytes), at, tar->ends[i] - at), &f) ||
		         zstd->settle(zstd, &f) ? -1 : 0;
		at = tar->ends[i];
	}
	zstd->close(zstd);
	return result;
}

static size_t octal(const uint8_t *from)
{
	size_t sum = 0;

	for (int i = 0; i < 11; i++)
		sum = sum * 8 + (size_t)(from[i] - '0');
	return sum;
}

size_t kit_members(const struct kit_tar *tar, struct kit_member *members, size_t most)
{
	const uint8_t *bytes = tar->bytes.data;
	size_t at = 0, start = 0, count = 0;

	while (count < most && bytes[at]) {
		size_t size = octal(bytes + at + 124);
		const uint8_t *name = bytes + at;
		bool extended = bytes[at + 156] == 'x';

		if (!extended)
			snprintf(members[count].name, sizeof members[count].name, "%.100s", (const char *)name);
		at += 512 + (size + 511) / 512 * 512;
		if (extended)
			continue;
		members[count].start = start;
		members[count++].end = start = at;
	}
	if (count < most) {
		members[count].start = start;
		members[count].end = tar->bytes.size;
		snprintf(members[count++].name, sizeof members->name, "end");
	}
	return count;
}

static int hear_record(void *context, const struct pack_record *r, struct fail *f)
{
	struct heard *h = context;

	(void)f;
	h->records++;
	h->sound_records += r->sound;
	buf_printf(&h->text, "record %lld %s ", (long long)r->number, r->sound ? "sound" : "unsound");
	buf_add(&h->text, r->json);
	buf_byte(&h->text, '\n');
	return 0;
}

static int hear_problem(void *context, enum pack_problem kind, struct span item,
                        const struct fail *why, struct fail *f)
{
	static const char *const kinds[] = { "altered", "missing", "added", "reordered", "chain",
	                                     "signature", "malformed", "cut", "untrusted", "code" };
	struct heard *h = context;

	(void)f;
	buf_printf(&h->problems, "%s ", kinds[kind]);
	buf_add(&h->problems, item);
	buf_byte(&h->problems, '\n');
	buf_printf(&h->text, "%s ", kinds[kind]);
	buf_add(&h->text, item);
	buf_printf(&h->text, ": %s\n", why->text[LANG_EN]);
	return 0;
}

int kit_read(struct span archive, const struct trust *trust, struct heard *heard)
{
	struct pack_events events = { hear_record, hear_problem, heard };
	struct memory_source in;
	struct pack_reader *r;
	struct pack_entry e;
	struct fail f = { 0 };
	int result;

	*heard = (struct heard){ 0 };
	memory_source_init(&in, archive);
	if (pack_reader_open(&r, &in.source, trust, &events, &f))
		return -1;
	while ((result = pack_reader_next(r, &e, &f)) == 1) {
		heard->entries++;
		buf_printf(&heard->text, "entry %lld ", (long long)e.number);
		buf_add(&heard->text, e.name);
		buf_byte(&heard->text, '\n');
	}
	if (result < 0)
		buf_printf(&heard->text, "failed: %s\n", f.text[LANG_EN]);
	heard->verdict = *pack_reader_verdict(r);
	pack_reader_close(r);
	buf_byte(&heard->problems, 0);
	heard->problems.size--;
	return result;
}

void heard_done(struct heard *heard)
{
	buf_done(&heard->text);
	buf_done(&heard->problems);
}
