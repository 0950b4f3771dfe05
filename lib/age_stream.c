/* SPDX-License-Identifier: Apache-2.0 */
/* The payload of age: a nonce, then chunks under a counter whose last byte marks the end. */
#include <stdlib.h>

#include "lib/age.h"
#include "lib/age_header.h"

enum { PAYLOAD_NONCE = 16, SEALED = AGE_CHUNK + AGE_TAG };

struct stream { uint8_t key[AGE_KEY], nonce[AGE_NONCE]; };

static int stream_start(struct stream *s, const uint8_t file_key[AGE_FILE_KEY],
                        const uint8_t nonce[PAYLOAD_NONCE])
{
	memset(s->nonce, 0, sizeof s->nonce);
	return age_hkdf((struct span){ file_key, AGE_FILE_KEY }, (struct span){ nonce, PAYLOAD_NONCE },
	                "payload", s->key);
}

/* The counter is eleven bytes, the most significant first. */
static void stream_advance(struct stream *s)
{
	for (int i = AGE_NONCE - 2; i >= 0 && ++s->nonce[i] == 0; i--)
		;
}

struct age_output {
	struct output output, *below;
	struct stream stream;
	size_t held;
	bool any;                            /* a chunk has gone out */
	uint8_t plain[AGE_CHUNK], sealed[SEALED];
};

static int put_chunk(struct age_output *a, bool last, struct fail *f)
{
	a->stream.nonce[AGE_NONCE - 1] = last;
	if (age_seal(a->stream.key, a->stream.nonce, (struct span){ a->plain, a->held }, a->sealed))
		return fail_set(f, "the encryption failed");
	if (a->below->write(a->below, (struct span){ a->sealed, a->held + AGE_TAG }, f))
		return -1;
	stream_advance(&a->stream);
	a->held = 0;
	a->any = true;
	return 0;
}

static int age_write(struct output *o, struct span bytes, struct fail *f)
{
	struct age_output *a = (struct age_output *)o;

	while (bytes.size) {
		struct span part;

		if (a->held == AGE_CHUNK && put_chunk(a, false, f))
			return -1;
		part = span_part(bytes, 0, AGE_CHUNK - a->held);
		memcpy(a->plain + a->held, part.data, part.size);
		a->held += part.size;
		bytes = span_part(bytes, part.size, bytes.size);
	}
	return 0;
}

static int age_settle(struct output *o, struct fail *f)
{
	struct age_output *a = (struct age_output *)o;

	if (a->held == AGE_CHUNK && put_chunk(a, false, f))
		return -1;
	return a->below->settle(a->below, f);
}

static int age_end(struct output *o, struct fail *f)
{
	struct age_output *a = (struct age_output *)o;

	/* An empty last chunk behind others is against the format: what is settled must not be the end. */
	if (!a->held && a->any)
		return fail_set(f, "the encryption failed");
	return put_chunk(a, true, f) ? -1 : a->below->end(a->below, f);
}

static void age_output_close(struct output *o)
{
	struct age_output *a = (struct age_output *)o;

	if (a->below)
		a->below->close(a->below);
	age_forget(a, sizeof *a);
	free(a);
}

int age_output_open(struct output **o, const struct age_recipients *r, struct output *below,
                    struct fail *f)
{
	struct age_output *a = calloc(1, sizeof *a);
	uint8_t file_key[AGE_FILE_KEY], nonce[PAYLOAD_NONCE];
	struct buf header = { 0 };
	int result = -1;

	if (!a)
		return fail_set(f, "out of memory");
	a->output = (struct output){ age_write, age_settle, age_end, age_output_close, AGE_CHUNK };
	if (age_random(file_key, sizeof file_key) || age_random(nonce, sizeof nonce) ||
	    stream_start(&a->stream, file_key, nonce))
		fail_set(f, "the encryption could not be started");
	else if (age_header_write(&header, r, file_key, f) == 0) {
		buf_add(&header, (struct span){ nonce, sizeof nonce });
		result = header.bad ? fail_set(f, "out of memory") : below->write(below, buf_span(&header), f);
	}
	age_forget(file_key, sizeof file_key);
	buf_done(&header);
	if (result) {
		age_output_close(&a->output);
		return -1;
	}
	a->below = below;
	*o = &a->output;
	return 0;
}

struct age_source {
	struct source source, *below;
	struct stream stream;
	bool ended;
	size_t at, size;                     /* unread part of plain */
	size_t ahead;                        /* sealed bytes that are read already */
	uint64_t chunks;
	uint8_t plain[AGE_CHUNK], sealed[SEALED + 1];
};

/*
 * Opens the next chunk. One byte more than a chunk is read, so that the last one is known: only it
 * may be short, and only it carries the mark.
 */
static int take_chunk(struct age_source *a, struct fail *f)
{
	int64_t got = source_fill(a->below, a->sealed + a->ahead, sizeof a->sealed - a->ahead, f);
	size_t size = a->ahead + (size_t)(got < 0 ? 0 : got);
	bool more = size == sizeof a->sealed;

	if (got < 0)
		return -1;
	size -= more;
	if (size < AGE_TAG)
		return fail_set(f, "the encrypted file was cut: its end is missing");
	a->stream.nonce[AGE_NONCE - 1] = !more;
	if (age_unseal(a->stream.key, a->stream.nonce, (struct span){ a->sealed, size }, a->plain)) {
		a->stream.nonce[AGE_NONCE - 1] = 0;
		/* A whole chunk without the mark at the end of the file: nothing is wrong but the cut. */
		if (!more && size == SEALED && age_unseal(a->stream.key, a->stream.nonce,
		    (struct span){ a->sealed, size }, a->plain) == 0) {
			a->at = 0;
			a->size = AGE_CHUNK;
			a->ahead = 0;
			stream_advance(&a->stream);
			return 0;
		}
		return more ? fail_set(f, "encrypted chunk %llu was changed", (unsigned long long)a->chunks) :
		              fail_set(f, "the encrypted file was cut: its end is missing");
	}
	a->at = 0;
	a->size = size - AGE_TAG;
	if (!more && !a->size && a->chunks)
		return fail_set(f, "the encrypted file was cut: its end is missing");
	a->ended = !more;
	a->sealed[0] = a->sealed[SEALED];
	a->ahead = more;
	a->chunks++;
	stream_advance(&a->stream);
	return 0;
}

static int64_t age_read(struct source *s, void *bytes, size_t size, struct fail *f)
{
	struct age_source *a = (struct age_source *)s;
	struct span part;

	while (a->at == a->size) {
		if (a->ended)
			return 0;
		if (take_chunk(a, f))
			return -1;
	}
	part = span_part((struct span){ a->plain, a->size }, a->at, size);
	memcpy(bytes, part.data, part.size);
	a->at += part.size;
	return (int64_t)part.size;
}

/* The header byte by byte, since the payload follows its last line end at once. */
static int read_header(struct source *below, struct buf *header, struct fail *f)
{
	size_t line = 0;
	uint8_t byte;

	while (header->size < AGE_HEADER) {
		int64_t got = source_read(below, &byte, 1, f);

		if (got < 0)
			return -1;
		if (got == 0)
			return fail_set(f, "the encrypted file was cut: its end is missing");
		buf_byte(header, byte);
		if (header->bad)
			return fail_set(f, "out of memory");
		if (byte != '\n')
			continue;
		if (span_starts(span_part(buf_span(header), line, header->size), "---"))
			return 0;
		line = header->size;
	}
	return fail_set(f, "the age header is longer than %d bytes", AGE_HEADER);
}

int age_source_open(struct source **s, struct source *below, const struct age_identities *i,
                    struct fail *f)
{
	struct age_source *a = calloc(1, sizeof *a);
	uint8_t file_key[AGE_FILE_KEY], nonce[PAYLOAD_NONCE];
	struct buf header = { 0 };
	int result = -1;

	if (!a)
		return fail_set(f, "out of memory");
	a->source = (struct source){ .size = -1, .read = age_read };
	a->below = below;
	if (read_header(below, &header, f) == 0 && age_header_read(buf_span(&header), i, file_key, f) == 0) {
		int64_t got = source_fill(below, nonce, sizeof nonce, f);

		if (got == (int64_t)sizeof nonce)
			result = stream_start(&a->stream, file_key, nonce) ? fail_set(f, "the decryption failed") : 0;
		else if (got >= 0)
			fail_set(f, "the encrypted file was cut: its end is missing");
	}
	age_forget(file_key, sizeof file_key);
	buf_done(&header);
	if (result) {
		age_source_close(&a->source);
		return -1;
	}
	*s = &a->source;
	return 0;
}

void age_source_close(struct source *s)
{
	if (!s)
		return;
	age_forget(s, sizeof(struct age_source));
	free(s);
}
