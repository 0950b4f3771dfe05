/* SPDX-License-Identifier: Apache-2.0 */
/* Encryption, with age(1) as the judge both ways, and every kind of damage to a stream. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/age.h"
#include "lib/age_header.h"
#include "lib/bech32.h"
#include "lib/os.h"
#include "tests/unit/test.h"

/* An output that keeps what it is given. */
struct memory_output { struct output output; struct buf bytes; };

static int keep(struct output *o, struct span bytes, struct fail *f)
{
	buf_add(&((struct memory_output *)o)->bytes, bytes);
	(void)f;
	return 0;
}

static int nothing(struct output *o, struct fail *f)
{
	(void)o;
	(void)f;
	return 0;
}

static void leave(struct output *o)
{
	(void)o;
}

static struct memory_output memory_output(void)
{
	return (struct memory_output){ .output = { keep, nothing, nothing, leave, 0 } };
}

/* A pattern that does not repeat with the chunk. */
static void pattern(struct buf *out, size_t size)
{
	for (size_t i = 0; i < size; i++)
		buf_byte(out, (uint8_t)(i * 31 + i / 251));
}

static void encrypt(struct buf *out, const struct age_recipients *r, struct span plain)
{
	struct memory_output below = memory_output();
	struct fail f = { 0 };
	struct output *o;

	CHECK_INT(age_output_open(&o, r, &below.output, &f), 0);
	/* In odd portions, so that chunks fill up from several calls. */
	for (size_t at = 0; at < plain.size; at += 4099)
		CHECK_INT(o->write(o, span_part(plain, at, 4099), &f), 0);
	CHECK_INT(o->end(o, &f), 0);
	o->close(o);
	*out = below.bytes;
}

/* How many bytes come out before the end or the failure, which is the result. */
static int decrypt(struct buf *out, const struct age_identities *i, struct span sealed, struct fail *f)
{
	struct memory_source below;
	struct source *s;
	int64_t got = 1;

	memory_source_init(&below, sealed);
	if (age_source_open(&s, &below.source, i, f))
		return -1;
	while (got > 0) {
		uint8_t *room = buf_room(out, 8191);

		got = source_read(s, room, 8191, f);
		if (got > 0)
			out->size += (size_t)got;
	}
	age_source_close(s);
	return (int)got;
}

struct pair { struct age_recipients *r; struct age_identities *i; struct buf secret, public; };

static struct pair new_pair(void)
{
	struct pair p = { 0 };
	struct fail f = { 0 };

	CHECK_INT(age_keygen(&p.secret, &p.public, &f), 0);
	CHECK_INT(age_recipients_read(&p.r, buf_span(&p.public), &f), 0);
	CHECK_INT(age_identities_read(&p.i, buf_span(&p.secret), &f), 0);
	return p;
}

static void drop_pair(struct pair *p)
{
	age_recipients_close(p->r);
	age_identities_close(p->i);
	buf_done(&p->secret);
	buf_done(&p->public);
}

static const size_t sizes[] = {
	0, 1, AGE_CHUNK - 1, AGE_CHUNK, AGE_CHUNK + 1, 2 * AGE_CHUNK, 3 * AGE_CHUNK + 777,
};

TEST(what_was_encrypted_comes_back)
{
	struct pair p = new_pair();

	for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
		struct buf plain = { 0 }, sealed, back = { 0 };
		struct fail f = { 0 };

		pattern(&plain, sizes[n]);
		encrypt(&sealed, p.r, buf_span(&plain));
		CHECK(age_begins(buf_span(&sealed)));
		CHECK_INT(decrypt(&back, p.i, buf_span(&sealed), &f), 0);
		CHECK(span_equal(buf_span(&plain), buf_span(&back)));
		buf_done(&plain);
		buf_done(&sealed);
		buf_done(&back);
	}
	drop_pair(&p);
}

static void write_file(const char *path, struct span bytes)
{
	FILE *file = fopen(path, "wb");

	CHECK(file && fwrite(bytes.data ? bytes.data : (const uint8_t *)"", 1, bytes.size, file) == bytes.size);
	if (file)
		fclose(file);
}

/* Runs a shell command with $D as the folder; its exit status. */
static int shell(const char *folder, const char *command)
{
	char line[1024];

	snprintf(line, sizeof line, "D='%s'; { %s; } >/dev/null 2>&1", folder, command);
	return system(line);
}

static void read_back(const char *folder, const char *name, struct buf *out)
{
	char path[256];
	struct fail f = { 0 };

	snprintf(path, sizeof path, "%s/%s", folder, name);
	CHECK_INT(os_read_whole(path, 64 << 20, out, &f), 0);
}

TEST(age_reads_ours_and_we_read_age)
{
	char folder[] = "/tmp/kake-age-XXXXXX", path[256];
	struct pair p = new_pair(), other = new_pair();
	struct buf list = { 0 };
	struct age_recipients *both;
	struct fail f = { 0 };

	if (system("command -v age >/dev/null 2>&1") != 0) {
		test_skip("age(1) is not installed");
		drop_pair(&p);
		drop_pair(&other);
		return;
	}
	CHECK(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/key", folder);
	write_file(path, buf_span(&p.secret));
	snprintf(path, sizeof path, "%s/public", folder);
	write_file(path, buf_span(&p.public));
	CHECK_INT(shell(folder, "[ \"$(age-keygen -y $D/key)\" = \"$(cat $D/public)\" ]"), 0);
	buf_printf(&list, "# both\n%s\n\n", buf_string(&other.public));
	buf_add(&list, buf_span(&p.public));
	CHECK_INT(age_recipients_read(&both, buf_span(&list), &f), 0);
	for (size_t n = 0; n < sizeof sizes / sizeof *sizes; n++) {
		struct buf plain = { 0 }, sealed, theirs = { 0 }, back = { 0 };

		pattern(&plain, sizes[n]);
		encrypt(&sealed, both, buf_span(&plain));
		snprintf(path, sizeof path, "%s/plain", folder);
		write_file(path, buf_span(&plain));
		snprintf(path, sizeof path, "%s/ours", folder);
		write_file(path, buf_span(&sealed));
		CHECK_INT(shell(folder, "age -d -i $D/key $D/ours >$D/out && cmp $D/out $D/plain"), 0);
		CHECK_INT(shell(folder, "age -R $D/public -o $D/theirs $D/plain"), 0);
		read_back(folder, "theirs", &theirs);
		CHECK_INT(decrypt(&back, p.i, buf_span(&theirs), &f), 0);
		CHECK(span_equal(buf_span(&plain), buf_span(&back)));
		buf_clear(&back);
		CHECK_INT(decrypt(&back, other.i, buf_span(&theirs), &f), -1);
		CHECK_TEXT(f.text[LANG_EN], "none of the given identities fits");
		buf_done(&plain);
		buf_done(&sealed);
		buf_done(&theirs);
		buf_done(&back);
	}
	CHECK_INT(shell(folder, "rm -r $D"), 0);
	age_recipients_close(both);
	buf_done(&list);
	drop_pair(&p);
	drop_pair(&other);
}

TEST(a_passphrase_opens_and_a_wrong_one_does_not)
{
	struct age_recipients *r;
	struct age_identities *right, *wrong;
	struct buf sealed, back = { 0 };
	struct fail f = { 0 };

	CHECK_INT(age_recipients_passphrase(&r, span_of("正しい 馬 電池"), &f), 0);
	CHECK_INT(age_identities_passphrase(&right, span_of("正しい 馬 電池"), &f), 0);
	CHECK_INT(age_identities_passphrase(&wrong, span_of("正しい馬 電池"), &f), 0);
	encrypt(&sealed, r, span_of("evidence"));
	CHECK_INT(decrypt(&back, wrong, buf_span(&sealed), &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "the passphrase does not fit");
	CHECK_INT(decrypt(&back, right, buf_span(&sealed), &f), 0);
	CHECK_SPAN(buf_span(&back), span_of("evidence"));
	age_recipients_close(r);
	age_identities_close(right);
	age_identities_close(wrong);
	buf_done(&sealed);
	buf_done(&back);
}

TEST(a_cut_stream_gives_whole_chunks_and_fails)
{
	struct pair p = new_pair();
	struct buf plain = { 0 }, sealed;
	size_t header;

	pattern(&plain, 2 * AGE_CHUNK + 1000);
	encrypt(&sealed, p.r, buf_span(&plain));
	header = sealed.size - plain.size - 3 * (size_t)AGE_TAG;
	for (size_t cut = 0; cut < sealed.size; cut += cut < header + 40 || sealed.size - cut < 40 ? 1 : 997) {
		size_t chunks = cut < header ? 0 : (cut - header) / (AGE_CHUNK + AGE_TAG);
		struct buf back = { 0 };
		struct fail f = { 0 };

		CHECK_INT(decrypt(&back, p.i, span_part(buf_span(&sealed), 0, cut), &f), -1);
		/* Behind a whole chunk the last tag may be all that is missing: no plain byte of it comes out. */
		CHECK_INT(back.size, chunks * AGE_CHUNK);
		buf_done(&back);
	}
	for (size_t at = header; at <= header + 2 * (AGE_CHUNK + AGE_TAG); at += AGE_CHUNK + AGE_TAG) {
		struct buf back = { 0 };
		struct fail f = { 0 };

		CHECK_INT(decrypt(&back, p.i, span_part(buf_span(&sealed), 0, at), &f), -1);
		CHECK_TEXT(f.text[LANG_EN], "the encrypted file was cut: its end is missing");
		buf_done(&back);
	}
	buf_done(&plain);
	buf_done(&sealed);
	drop_pair(&p);
}

TEST(every_flipped_bit_is_noticed)
{
	struct pair p = new_pair();
	struct buf sealed;

	encrypt(&sealed, p.r, span_of("evidence that must not change"));
	for (size_t i = 0; i < sealed.size; i++) {
		struct buf back = { 0 };
		struct fail f = { 0 };

		sealed.data[i] ^= (uint8_t)(1 << i % 8);
		CHECK_INT(decrypt(&back, p.i, buf_span(&sealed), &f), -1);
		sealed.data[i] ^= (uint8_t)(1 << i % 8);
		buf_done(&back);
	}
	buf_done(&sealed);
	drop_pair(&p);
}

TEST(hostile_headers_are_refused_at_once)
{
	static const struct { const char *header, *why; } headers[] = {
		{ "age-encryption.org/v2\n--- AAAA\n", "not an age file of version 1" },
		{ "age-encryption.org/v1\n--- AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "the age header is malformed" },
		{ "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 40\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAA\n",
		  "the passphrase was made so slow to check (2^40) that it is refused" },
		{ "age-encryption.org/v1\n-> scrypt AAAAAAAAAAAAAAAAAAAAAA 018\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n--- AAAA\n",
		  "the age header is malformed" },
		{ "age-encryption.org/v1\n-> X25519 AAAA\nAAAA\n--- AAAA\n", "the age header is malformed" },
		{ "age-encryption.org/v1\n-> other\nA\n--- AAAA\n", "the age header is malformed" },
		{ "age-encryption.org/v1\nrubbish\n--- AAAA\n", "the age header is malformed" },
	};
	struct age_identities *i;
	struct fail f = { 0 };
	struct buf flood = { 0 }, back = { 0 };

	CHECK_INT(age_identities_passphrase(&i, span_of("x"), &f), 0);
	for (size_t n = 0; n < sizeof headers / sizeof *headers; n++) {
		CHECK_INT(decrypt(&back, i, span_of(headers[n].header), &f), -1);
		CHECK_TEXT(f.text[LANG_EN], headers[n].why);
	}
	buf_text(&flood, "age-encryption.org/v1\n");
	while (flood.size < AGE_HEADER + 100)
		buf_text(&flood, "-> x\n\n");
	CHECK_INT(decrypt(&back, i, buf_span(&flood), &f), -1);
	CHECK(span_contains(span_of(f.text[LANG_EN]), "the age header is longer"));
	flood.size = 22 + 5 * 300;
	buf_text(&flood, "\n--- AAAA\n");
	CHECK_INT(decrypt(&back, i, buf_span(&flood), &f), -1);
	CHECK_TEXT(f.text[LANG_EN], "the age header is malformed");
	age_identities_close(i);
	buf_done(&flood);
	buf_done(&back);
}

/* Valid and invalid texts of BIP 173. */
TEST(bech32_keeps_to_its_standard)
{
	static const struct { const char *prefix, *text; bool valid; } texts[] = {
		{ "a", "A12UEL5L", true }, { "a", "a12uel5l", true }, { "a", "A12uEL5L", false },
		{ "abcdef", "abcdef1qpzry9x8gf2tvdw0s3jn54khce6mua7lmqqqxw", true },
		{ "split", "split1checkupstagehandshakeupstreamerranterredcaperred2y9e3w", true },
		{ "a", "a12uel5m", false }, { "a", "a1", false }, { "b", "a12uel5l", false },
		{ "", "1pzry9x0s0muk", false },
	};

	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf out = { 0 };

		CHECK_INT(bech32_decode(&out, texts[i].prefix, span_of(texts[i].text)), texts[i].valid);
		buf_done(&out);
	}
}
