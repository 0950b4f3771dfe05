/* SPDX-License-Identifier: Apache-2.0 */
#include "triage/evidence.h"

#include "lib/volumes.h"

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
	int64_t got = source_fill(e->below, e->first, sizeof e->first, f);

	if (got < 0)
		return -1;
	e->first_size = (size_t)got;
	e->again = (struct source){ .size = -1, .read = again_read };
	e->source = &e->again;
	if (!age_begins((struct span){ e->first, e->first_size }))
		return 0;
	if (!identities)
		return fail_set(f, "the archive is encrypted; give the key with --identity FILE");
	if (age_source_open(&e->age, &e->again, identities, f))
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
