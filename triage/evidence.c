/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/evidence.h"

#include "lib/volumes.h"

enum { IDENTITY_BYTES = 1 << 20, PART = 4096 };

static int64_t again_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct evidence *e = (struct evidence *)((char *)s - offsetof(struct evidence, again));
	struct span held = { e->first, e->first_size };

	if (s->offset >= (int64_t)held.size)
		return source_read(e->below, bytes, size, f);
	held = span_part(held, (size_t)s->offset, size);
	memcpy(bytes, held.data, held.size);
	return (int64_t)held.size;
}

static int open_layers(struct evidence *e, const struct age_identities *identities, struct fail *f)
{
	/* Looked at in place where that can be; a pipe gives its first bytes once only. */
	int64_t got = e->below->read_at ? e->below->read_at(e->below, 0, e->first, sizeof e->first, f) :
	              source_fill(e->below, e->first, sizeof e->first, f);

	if (got < 0)
		return -1;
	e->first_size = (size_t)got;
	e->again = (struct source){ .size = -1, .read = again_read };
	e->source = e->below->read_at ? e->below : &e->again;
	if (!age_begins((struct span){ e->first, e->first_size }))
		return 0;
	if (!identities)
		return fail_set(f, "the archive is encrypted; give the identity that opens it with -i FILE");
	if (age_source_open(&e->age, e->source, identities, f))
		return -1;
	e->source = e->age;
	return 0;
}

int evidence_open(struct evidence *e, const char *path, const struct age_identities *identities,
                  struct fail *f)
{
	*e = (struct evidence){ .size = -1, .file = { .fd = -1 } };
	if (volumes_begin(path)) {
		if (volumes_source_open(&e->volumes, path, f))
			return -1;
		e->below = e->volumes;
	} else {
		if (os_source_open(&e->file, path, f))
			return -1;
		e->below = &e->file.source;
		e->size = e->file.source.size;
	}
	e->disk = e->below;
	if (open_layers(e, identities, f) == 0)
		return 0;
	evidence_close(e);
	return -1;
}

void evidence_close(struct evidence *e)
{
	age_source_close(e->age);
	volumes_source_close(e->volumes);
	os_source_close(&e->file);
	e->age = e->volumes = e->source = NULL;
}

/* The identities inside a file of them that is encrypted with a passphrase. */
static int open_identities(struct age_identities **i, struct span sealed, struct span passphrase, struct fail *f)
{
	struct memory_source below;
	struct age_identities *key;
	struct source *plain;
	struct buf text = { 0 };
	int64_t got = 1;

	if (age_identities_passphrase(&key, passphrase, f))
		return -1;
	memory_source_init(&below, sealed);
	if (age_source_open(&plain, &below.source, key, f)) {
		age_identities_close(key);
		return -1;
	}
	while (got > 0 && text.size < IDENTITY_BYTES) {
		uint8_t *room = buf_room(&text, PART);

		got = room ? source_read(plain, room, PART, f) : fail_set(f, "out of memory");
		text.size += got > 0 ? (size_t)got : 0;
	}
	if (got == 0)
		got = age_identities_read(i, buf_span(&text), f);
	age_source_close(plain);
	age_identities_close(key);
	buf_done(&text);
	return got ? -1 : 0;
}

int evidence_identities(struct age_identities **i, const char *path, struct fail *f)
{
	struct buf text = { 0 }, passphrase = { 0 };
	int result;

	if (!path)
		return 0;
	result = os_read_whole(path, IDENTITY_BYTES, &text, f);
	if (!result && age_begins(buf_span(&text)))
		result = os_passphrase(path, &passphrase, f) ||
		         open_identities(i, buf_span(&text), buf_span(&passphrase), f) ? -1 : 0;
	else if (!result)
		result = age_identities_read(i, buf_span(&text), f);
	buf_done(&text);
	buf_done(&passphrase);
	return result;
}
