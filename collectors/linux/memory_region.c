/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "collectors/linux/inquiry.h"
#include "collectors/linux/regions.h"
#include "collectors/linux/views.h"

enum {
	FACTS_MOST = 1 << 14,        /* files whose facts are remembered; then all are forgotten */
	FACTS_SLOTS = FACTS_MOST * 2,
	BATCH = 128,                 /* files of one question */
	BATCH_BYTES = 48 << 10,
};

#define DIGEST_BYTES (INT64_C(64) << 20)     /* a larger library is digested only where its name is gone */

/* The same file is mapped by most processes: it is looked at once, per mount name space and path. */
struct known { uint8_t *key; size_t size; struct image_facts facts; };

struct survey {
	struct collection *c;
	struct views views;
	struct inquiry inquiry;
	struct boot boot;
	struct regions regions;
	struct known *known;
	size_t known_count;
	struct buf key, ranges, item;
	struct toll toll;
	int64_t unknown, large, done;
};

static int note(struct survey *s, const struct fail *why, struct fail *f)
{
	buf_clear(&s->item);
	proc_item(&s->item, s->inquiry.pid, "maps");
	return collection_note(s->c, buf_span(&s->item), why, f);
}

/* The file behind a mapping, by the path that the mapping has. */
static int note_file(struct survey *s, const struct region *region, const struct fail *why,
                     struct fail *f)
{
	return collection_note(s->c, region_path(&s->regions, region), why, f);
}

static int take_maps(void *context, struct span bytes, struct fail *f)
{
	struct survey *s = context;

	return regions_add(&s->regions, bytes, f);
}

/* ---- facts of files ---- */

static void forget(struct survey *s)
{
	for (size_t i = 0; s->known && i < FACTS_SLOTS; i++)
		free(s->known[i].key);
	free(s->known);
	s->known = NULL;
	s->known_count = 0;
}

static struct span make_key(struct survey *s, const struct region *region)
{
	buf_clear(&s->key);
	buf_add(&s->key, buf_span(&s->inquiry.text[PIECE_MOUNT_NAMESPACE]));
	buf_add(&s->key, region_device(&s->regions, region));
	buf_printf(&s->key, " %" PRId64 " ", region->inode);
	buf_add(&s->key, region_path(&s->regions, region));
	return buf_span(&s->key);
}

/* Where the key stands, or would; NULL if there is no memory. */
static struct known *place_of(struct survey *s, struct span key)
{
	uint64_t hash = UINT64_C(14695981039346656037);
	size_t at;

	if (!s->known && !(s->known = calloc(FACTS_SLOTS, sizeof *s->known)))
		return NULL;
	for (size_t i = 0; i < key.size; i++)
		hash = (hash ^ key.data[i]) * UINT64_C(1099511628211);
	for (at = (hash ^ hash >> 32) % FACTS_SLOTS; s->known[at].key; at = (at + 1) % FACTS_SLOTS)
		if (span_equal((struct span){ s->known[at].key, s->known[at].size }, key))
			break;
	return &s->known[at];
}

static int remember(struct survey *s, const struct region *region, const struct image_facts *facts,
                    struct fail *f)
{
	struct span key = make_key(s, region);
	struct known *place;

	if (s->known_count >= FACTS_MOST)
		forget(s);
	place = key.data ? place_of(s, key) : NULL;
	if (!place)
		return fail_set(f, "out of memory");
	if (place->key)
		return 0;
	place->key = malloc(key.size);
	if (!place->key)
		return fail_set(f, "out of memory");
	memcpy(place->key, key.data, key.size);
	place->size = key.size;
	place->facts = *facts;
	s->known_count++;
	return 0;
}

/* The files of one question, and what is known of them. */
struct batch {
	const struct region *regions[BATCH];
	struct image_facts facts[BATCH];
	size_t count;
};

static int add_range(struct survey *s, const struct region *region, struct fail *f)
{
	char range[48];

	snprintf(range, sizeof range, "%" PRIx64 "-%" PRIx64, region->start, region->first_end);
	list_add(&s->ranges, span_of(range));
	list_add(&s->ranges, region_path(&s->regions, region));
	return s->ranges.bad || s->key.bad ? fail_set(f, "out of memory") : 0;
}

/* A question about one file, which may take as long as its digest. */
static int ask_one(struct survey *s, const struct region *region, int64_t most,
                   struct image_facts *facts, struct fail *why)
{
	buf_clear(&s->ranges);
	if (add_range(s, region, why))
		return -1;
	return inquiry_backing(&s->inquiry, buf_span(&s->ranges), most, facts, 1, why);
}

/*
 * Facts of all files at once. Where that hangs they are asked for one by one; after the second that
 * hangs the process's other files are let be.
 */
static int ask_batch(struct survey *s, struct batch *b, struct fail *f)
{
	unsigned before = s->inquiry.hangs;
	struct fail why;

	if (inquiry_backing(&s->inquiry, buf_span(&s->ranges), 0, b->facts, b->count, &why) == 0)
		return 0;
	memset(b->facts, 0, sizeof b->facts);
	for (size_t i = 0; i < b->count && s->inquiry.hangs < before + 3; i++)
		if (ask_one(s, b->regions[i], 0, &b->facts[i], &why)) {
			memset(&b->facts[i], 0, sizeof b->facts[i]);
			if (note_file(s, b->regions[i], &why, f))
				return -1;
		}
	return 0;
}

/* Digests that nobody remembers, and then all facts for later. */
static int settle_batch(struct survey *s, struct batch *b, struct fail *f)
{
	for (size_t i = 0; i < b->count; i++) {
		struct image_facts *facts = &b->facts[i], whole;
		int64_t most = b->regions[i]->reason == REASON_MEMFD || facts->deleted ?
		               INQUIRY_DIGEST_BYTES : DIGEST_BYTES;
		struct fail why;

		if (!facts->known) {
			s->unknown++;
			continue;
		}
		s->large += facts->regular && !facts->digested && facts->size > most;
		if (facts->regular && !facts->digested && facts->size <= most) {
			if (ask_one(s, b->regions[i], most, &whole, &why)) {
				if (note_file(s, b->regions[i], &why, f))
					return -1;
			} else if (whole.known) {
				*facts = whole;
			}
		}
		if (remember(s, b->regions[i], facts, f))
			return -1;
	}
	return 0;
}

/* Looks at the files of a process that are not known yet, some at a time. */
static int look_at_files(struct survey *s, struct fail *f)
{
	struct batch b;

	for (size_t at = 0; at < s->regions.count;) {
		b.count = 0;
		buf_clear(&s->ranges);
		for (; at < s->regions.count && b.count < BATCH && s->ranges.size < BATCH_BYTES; at++) {
			const struct region *region = &s->regions.items[at];
			struct known *known = region->file ? place_of(s, make_key(s, region)) : NULL;

			if (!known || known->key)
				continue;
			if (add_range(s, region, f))
				return -1;
			b.regions[b.count++] = region;
		}
		if (b.count && (ask_batch(s, &b, f) || settle_batch(s, &b, f)))
			return -1;
	}
	return 0;
}

/* ---- rows ---- */

/* The maps know the path as it was when they were written; the facts know better. */
static enum reason settled_reason(const struct region *region, const struct image_facts *facts)
{
	bool writable = region->protection[1] == 'w';

	if (!facts || region->reason == REASON_MEMFD)
		return region->reason;
	if (facts->deleted)
		return REASON_DELETED;
	if (writable)
		return REASON_WRITABLE;
	if (facts->standing &&
	    (facts->inode != facts->disk_inode || facts->device != facts->disk_device))
		return REASON_REPLACED;
	return REASON_FILE;
}

static int report(struct survey *s, const struct region *region, bool has_start, int64_t started,
                  bool jit, struct fail *f)
{
	struct row row = row_on(&table_memory_region);
	const struct known *known = region->file ? place_of(s, make_key(s, region)) : NULL;
	const struct image_facts *facts = known && known->key ? &known->facts : NULL;
	struct span path = region_path(&s->regions, region);
	char address[24];

	snprintf(address, sizeof address, "%" PRIx64, region->start);
	row_int(&row, REGION_PID, s->inquiry.pid);
	if (has_start)
		row_time(&row, REGION_STARTED, started);
	row_text(&row, REGION_ADDRESS, address);
	row_int(&row, REGION_SIZE, (int64_t)region->size);
	row_text(&row, REGION_PROTECTION, region->protection);
	row_text(&row, REGION_REASON, region_reason_name(settled_reason(region, facts)));
	if (path.size)
		row_span(&row, REGION_PATH, path);
	if (region->file) {
		row_span(&row, REGION_DEVICE, region_device(&s->regions, region));
		row_int(&row, REGION_INODE, region->inode);
		row_int(&row, REGION_OFFSET, (int64_t)region->offset);
	}
	if (facts && facts->digested)
		row_span(&row, REGION_SHA256, (struct span){ facts->sha256, SHA256_SIZE });
	row_int(&row, REGION_COUNT, region->count);
	row_bool(&row, REGION_JIT, jit);
	return s->c->sink->row(s->c->sink, &row, f);
}

static int note_limits(struct survey *s, struct fail *f)
{
	struct fail why;

	if (s->regions.left_out) {
		fail_set(&why, "mappings beyond the limit, which were only counted: %lld of %lld",
		         (long long)s->regions.left_out, (long long)s->regions.lines);
		if (note(s, &why, f))
			return -1;
	}
	if (s->regions.odd || s->inquiry.cut[PIECE_MAPS]) {
		fail_set(&why, "the list of mappings could not be read to its end");
		if (note(s, &why, f))
			return -1;
	}
	return 0;
}

static int report_all(struct survey *s, struct fail *f)
{
	struct span image = buf_span(&s->inquiry.text[PIECE_IMAGE]);
	bool jit = !proc_link_deleted(image) && proc_makes_code(image), has_start;
	struct proc_stat stat;
	int64_t started = 0;

	if (look_at_files(s, f))
		return -1;
	proc_stat_read(buf_span(&s->inquiry.text[PIECE_STAT]), &stat);
	has_start = boot_instant(&s->boot, stat.start_ticks, &started);
	for (size_t i = 0; i < s->regions.count; i++)
		if (report(s, &s->regions.items[i], has_start, started, jit, f))
			return -1;
	return note_limits(s, f);
}

static int take_process(struct survey *s, int64_t pid, struct fail *f)
{
	const unsigned what = PIECE(PIECE_STAT) | PIECE(PIECE_MOUNT_NAMESPACE) | PIECE(PIECE_IMAGE) |
	                      PIECE(PIECE_MAPS) | PIECE(PIECE_STAT_AFTER);
	struct inquiry *q = &s->inquiry;
	struct fail why = { 0 };

	q->pid = pid;
	q->covered = s->views.seen[pid] & VIEW_COVERED;
	/* Another program in the same process meanwhile: the mappings would be of two. */
	for (int i = 0; i < 3; i++) {
		regions_clear(&s->regions);
		if (inquiry_ask(q, what, &why))
			return note(s, &why, f);
		if (regions_end(&s->regions, f))
			return -1;
		if (inquiry_settled(q) || inquiry_vanished(q))
			break;
	}
	if (inquiry_vanished(q)) {
		s->toll.vanished++;
		return 0;
	}
	toll_denied(&s->toll, pid, q->error[PIECE_MAPS]);
	return report_all(s, f);
}

static int conclude(struct survey *s, struct fail *f)
{
	struct fail why;

	if (toll_note(s->c, &s->toll, f))
		return -1;
	if (s->unknown) {
		fail_set(&why, "files behind memory that could not be looked at: %lld",
		         (long long)s->unknown);
		if (collection_note(s->c, span_of("/proc"), &why, f))
			return -1;
	}
	if (!s->large)
		return 0;
	fail_set(&why, "libraries of more than %lld MiB, which were not digested: %lld",
	         (long long)(DIGEST_BYTES >> 20), (long long)s->large);
	return collection_note(s->c, span_of("/proc"), &why, f);
}

static int memory_region_run(struct collection *c, struct fail *f)
{
	struct survey s = { .c = c, .inquiry = { .guard = c->guard, .take = take_maps, .context = &s } };
	int result = 0;

	if (views_take(c, &s.views, VIEWS_CHEAP, f))
		return -1;
	boot_read(&s.boot, c->root);
	for (int64_t pid = views_next(&s.views, 0); !result && pid; pid = views_next(&s.views, pid)) {
		if (collection_stopped(c))
			break;
		c->progress(c, span_of("/proc"), ++s.done, s.views.count);
		result = take_process(&s, pid, f);
	}
	if (!result)
		result = conclude(&s, f);
	forget(&s);
	regions_done(&s.regions);
	inquiry_done(&s.inquiry);
	views_done(&s.views);
	buf_done(&s.key);
	buf_done(&s.ranges);
	buf_done(&s.item);
	return result;
}

static const struct table *const tables[] = { &table_memory_region, NULL };

const struct module module_memory_region = {
	.name = "memory_region", .help = "memory that holds code, and the files behind it",
	.stage = STAGE_MEMORY, .flags = MODULE_LIVE, .tables = tables, .run = memory_region_run,
};
