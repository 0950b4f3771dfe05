/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/pack_open.h"

#include <stdlib.h>

#include "lib/volumes.h"

enum { HEAD = 32, IDENTITY_BYTES = 1 << 20 };

/* What stood at the beginning is given first: a pipe cannot be read twice. */
struct pack_file_source {
	struct source source;
	struct os_source file;
	struct source *volumes, *below, *age;
	size_t head_at, head_size;
	uint8_t head[HEAD];
};

static int64_t read_below(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct pack_file_source *p = (struct pack_file_source *)s;
	struct span head = span_part((struct span){ p->head, p->head_size }, p->head_at, size);

	if (!head.size)
		return source_read(p->below, bytes, size, f);
	memcpy(bytes, head.data, head.size);
	p->head_at += head.size;
	return (int64_t)head.size;
}

static int open_layers(struct pack_file_source *p, const char *path, const struct age_identities *identities,
                       struct fail *f)
{
	int64_t got;

	if (volumes_begin(path)) {
		if (volumes_source_open(&p->volumes, path, f))
			return -1;
		p->below = p->volumes;
	} else {
		if (os_source_open(&p->file, path, f))
			return -1;
		p->below = &p->file.source;
	}
	got = source_fill(p->below, p->head, sizeof p->head, f);
	if (got < 0)
		return -1;
	p->head_size = (size_t)got;
	if (!age_begins((struct span){ p->head, p->head_size }))
		return 0;
	if (!identities)
		return fail_set(f, "'%s' is encrypted; give the identity that opens it with -i FILE", path);
	return age_source_open(&p->age, &p->source, identities, f);
}

int pack_source_open(struct pack_file_source **out, const char *path, const struct age_identities *identities,
                     struct fail *f)
{
	struct pack_file_source *p = calloc(1, sizeof *p);

	if (!p)
		return fail_set(f, "out of memory");
	p->file.fd = -1;
	p->source = (struct source){ .size = -1, .read = read_below };
	if (open_layers(p, path, identities, f)) {
		pack_source_close(p);
		return -1;
	}
	*out = p;
	return 0;
}

struct source *pack_source(struct pack_file_source *p)
{
	return p->age ? p->age : &p->source;
}

bool pack_source_encrypted(const struct pack_file_source *p)
{
	return p->age != NULL;
}

const char *pack_source_volume(const struct pack_file_source *p)
{
	return p->volumes ? volumes_source_name(p->volumes, p->volumes->offset ? p->volumes->offset - 1 : 0) : NULL;
}

void pack_source_close(struct pack_file_source *p)
{
	if (!p)
		return;
	age_source_close(p->age);
	volumes_source_close(p->volumes);
	os_source_close(&p->file);
	free(p);
}

/* The identities inside an encrypted file of them. */
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
		uint8_t *room = buf_room(&text, 4096);

		got = room ? source_read(plain, room, 4096, f) : fail_set(f, "out of memory");
		text.size += got > 0 ? (size_t)got : 0;
	}
	if (got == 0)
		got = age_identities_read(i, buf_span(&text), f);
	age_source_close(plain);
	age_identities_close(key);
	if (text.data)
		memset(text.data, 0, text.size);
	buf_done(&text);
	return got ? -1 : 0;
}

int pack_identities_read(struct age_identities **i, const char *path, struct span passphrase, struct fail *f)
{
	struct buf text = { 0 };
	int result = os_read_whole(path, IDENTITY_BYTES, &text, f);

	if (!result && age_begins(buf_span(&text)))
		result = passphrase.size ? open_identities(i, buf_span(&text), passphrase, f) :
		         fail_set(f, "'%s' is protected with a passphrase, and none was given", path);
	else if (!result && age_identities_read(i, buf_span(&text), f))
		result = fail_in(f, path);
	if (text.data)
		memset(text.data, 0, text.size);
	buf_done(&text);
	return result;
}
