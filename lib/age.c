/* SPDX-License-Identifier: Apache-2.0 */
/* Keys and header of age. The payload is in age_stream.c. */
#include "lib/age.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/age_header.h"
#include "lib/base64.h"
#include "lib/bech32.h"

enum { LINE = 64, SALT = 16, KEYS = 64, PASSPHRASE_MAX = 1024 };

static const char first_line[] = "age-encryption.org/v1";
static const char public_prefix[] = "age", secret_prefix[] = "age-secret-key-";

/* Public or secret keys in a row, or a passphrase. */
struct keys { uint8_t keys[KEYS][AGE_KEY]; unsigned count; struct buf passphrase; };
struct age_recipients { struct keys k; };
struct age_identities { struct keys k; };

static void keys_done(struct keys *k)
{
	if (k->passphrase.data)
		age_forget(k->passphrase.data, k->passphrase.size);
	buf_done(&k->passphrase);
	age_forget(k, sizeof *k);
}

static int keys_read(struct keys *k, struct span text, const char *prefix, struct fail *f)
{
	struct buf key = { 0 };
	int result = 0;

	for (unsigned number = 1; text.size && !result; number++) {
		struct span line = span_trim(span_until(&text, '\n'));

		if (!line.size || line.data[0] == '#')
			continue;
		buf_clear(&key);
		if (!bech32_decode(&key, prefix, line) || key.size != AGE_KEY)
			result = fail_set(f, "line %u is no age key", number);
		else if (k->count == KEYS)
			result = fail_set(f, "more than %d age keys", KEYS);
		else
			memcpy(k->keys[k->count++], key.data, AGE_KEY);
	}
	if (key.data)
		age_forget(key.data, key.size);
	buf_done(&key);
	return result || k->count ? result : fail_set(f, "there is no age key");
}

static int keys_passphrase(struct keys *k, struct span passphrase, struct fail *f)
{
	if (!passphrase.size)
		return fail_set(f, "the passphrase is empty");
	if (passphrase.size > PASSPHRASE_MAX)
		return fail_set(f, "the passphrase is longer than %d bytes", PASSPHRASE_MAX);
	buf_add(&k->passphrase, passphrase);
	return k->passphrase.bad ? fail_set(f, "out of memory") : 0;
}

int age_recipients_read(struct age_recipients **r, struct span text, struct fail *f)
{
	struct age_recipients *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	if (keys_read(&made->k, text, public_prefix, f)) {
		age_recipients_close(made);
		return -1;
	}
	*r = made;
	return 0;
}

int age_recipients_passphrase(struct age_recipients **r, struct span passphrase, struct fail *f)
{
	struct age_recipients *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	if (keys_passphrase(&made->k, passphrase, f)) {
		age_recipients_close(made);
		return -1;
	}
	*r = made;
	return 0;
}

bool age_recipients_text(const struct age_recipients *r, unsigned i, struct buf *out)
{
	if (i >= r->k.count)
		return false;
	bech32_encode(out, public_prefix, (struct span){ r->k.keys[i], AGE_KEY });
	return true;
}

void age_recipients_close(struct age_recipients *r)
{
	if (r)
		keys_done(&r->k);
	free(r);
}

int age_identities_read(struct age_identities **i, struct span text, struct fail *f)
{
	struct age_identities *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	if (keys_read(&made->k, text, secret_prefix, f)) {
		age_identities_close(made);
		return -1;
	}
	*i = made;
	return 0;
}

int age_identities_passphrase(struct age_identities **i, struct span passphrase, struct fail *f)
{
	struct age_identities *made = calloc(1, sizeof *made);

	if (!made)
		return fail_set(f, "out of memory");
	if (keys_passphrase(&made->k, passphrase, f)) {
		age_identities_close(made);
		return -1;
	}
	*i = made;
	return 0;
}

void age_identities_close(struct age_identities *i)
{
	if (i)
		keys_done(&i->k);
	free(i);
}

int age_keygen(struct buf *identity, struct buf *recipient, struct fail *f)
{
	uint8_t secret[AGE_KEY], public[AGE_KEY];
	size_t start = identity->size;

	if (age_random(secret, sizeof secret) || age_x25519(secret, NULL, public))
		return fail_set(f, "a new key could not be made");
	bech32_encode(identity, secret_prefix, (struct span){ secret, sizeof secret });
	bech32_encode(recipient, public_prefix, (struct span){ public, sizeof public });
	age_forget(secret, sizeof secret);
	/* Secret keys are written in capitals, so that nobody takes one for the other. */
	for (size_t i = start; i < identity->size; i++)
		if (identity->data[i] >= 'a' && identity->data[i] <= 'z')
			identity->data[i] = (uint8_t)(identity->data[i] - 32);
	return identity->bad || recipient->bad ? fail_set(f, "out of memory") : 0;
}

bool age_begins(struct span bytes)
{
	return span_starts(bytes, first_line) && span_part(bytes, sizeof first_line - 1, 1).size &&
	       bytes.data[sizeof first_line - 1] == '\n';
}

/* ---- writing ---- */

static void add_body(struct buf *out, struct span sealed)
{
	struct buf text = { 0 };

	base64_add(&text, sealed, false);
	for (size_t at = 0; at <= text.size; at += LINE) {
		buf_add(out, span_part(buf_span(&text), at, LINE));
		buf_byte(out, '\n');
	}
	out->bad |= text.bad;
	buf_done(&text);
}

static const uint8_t zero_nonce[AGE_NONCE];

static int add_x25519(struct buf *out, const uint8_t recipient[AGE_KEY], const uint8_t file_key[AGE_FILE_KEY])
{
	uint8_t secret[AGE_KEY], salt[2 * AGE_KEY], shared[AGE_KEY], wrap[AGE_KEY];
	uint8_t sealed[AGE_FILE_KEY + AGE_TAG];
	int result = -1;

	memcpy(salt + AGE_KEY, recipient, AGE_KEY);
	if (age_random(secret, sizeof secret) == 0 && age_x25519(secret, NULL, salt) == 0 &&
	    age_x25519(secret, recipient, shared) == 0 &&
	    age_hkdf((struct span){ shared, AGE_KEY }, (struct span){ salt, sizeof salt },
	             "age-encryption.org/v1/X25519", wrap) == 0 &&
	    age_seal(wrap, zero_nonce, (struct span){ file_key, AGE_FILE_KEY }, sealed) == 0) {
		buf_text(out, "-> X25519 ");
		base64_add(out, (struct span){ salt, AGE_KEY }, false);
		buf_byte(out, '\n');
		add_body(out, (struct span){ sealed, sizeof sealed });
		result = 0;
	}
	age_forget(secret, sizeof secret);
	age_forget(shared, sizeof shared);
	age_forget(wrap, sizeof wrap);
	return result;
}

/* The key that wraps the file key, out of passphrase and salt. */
static int scrypt_key(struct span passphrase, const uint8_t salt[SALT], int work, uint8_t wrap[AGE_KEY])
{
	struct buf label = { 0 };
	int result;

	buf_text(&label, "age-encryption.org/v1/scrypt");
	buf_add(&label, (struct span){ salt, SALT });
	result = label.bad ? -1 : age_scrypt(passphrase, buf_span(&label), work, wrap);
	buf_done(&label);
	return result;
}

static int add_scrypt(struct buf *out, struct span passphrase, const uint8_t file_key[AGE_FILE_KEY])
{
	uint8_t salt[SALT], wrap[AGE_KEY], sealed[AGE_FILE_KEY + AGE_TAG];

	if (age_random(salt, sizeof salt) || scrypt_key(passphrase, salt, AGE_WORK, wrap) ||
	    age_seal(wrap, zero_nonce, (struct span){ file_key, AGE_FILE_KEY }, sealed))
		return -1;
	buf_text(out, "-> scrypt ");
	base64_add(out, (struct span){ salt, sizeof salt }, false);
	buf_printf(out, " %d\n", AGE_WORK);
	add_body(out, (struct span){ sealed, sizeof sealed });
	age_forget(wrap, sizeof wrap);
	return 0;
}

/* The MAC over the header up to and with its "---". */
static int header_mac(struct span header, const uint8_t file_key[AGE_FILE_KEY], uint8_t mac[AGE_KEY])
{
	uint8_t key[AGE_KEY];
	int result = age_hkdf((struct span){ file_key, AGE_FILE_KEY }, (struct span){ 0 }, "header", key);

	if (!result)
		result = age_hmac(key, header, mac);
	age_forget(key, sizeof key);
	return result;
}

int age_header_write(struct buf *out, const struct age_recipients *r, const uint8_t file_key[AGE_FILE_KEY],
                     struct fail *f)
{
	uint8_t mac[AGE_KEY];
	int result = 0;

	buf_printf(out, "%s\n", first_line);
	if (r->k.passphrase.size)
		result = add_scrypt(out, buf_span(&r->k.passphrase), file_key);
	for (unsigned i = 0; i < r->k.count && !result; i++)
		result = add_x25519(out, r->k.keys[i], file_key);
	buf_text(out, "---");
	if (result || out->bad || header_mac(buf_span(out), file_key, mac))
		return fail_set(f, "the encryption could not be started");
	buf_byte(out, ' ');
	base64_add(out, (struct span){ mac, sizeof mac }, false);
	buf_byte(out, '\n');
	return out->bad ? fail_set(f, "out of memory") : 0;
}

/* ---- reading ---- */

struct stanza { struct span type, arguments; struct buf body; };

/* One stanza behind its "-> " line; *rest is moved behind its body. */
static bool read_stanza(struct span line, struct span *rest, struct stanza *s)
{
	struct span part;

	buf_clear(&s->body);
	line = span_part(line, 3, line.size);
	s->type = span_until(&line, ' ');
	s->arguments = line;
	do {
		if (!memchr(rest->data ? rest->data : (const uint8_t *)"", '\n', rest->size))
			return false;
		part = span_until(rest, '\n');
		if (part.size > LINE || !age_unbase64(&s->body, part))
			return false;
	} while (part.size == LINE);
	return s->type.size > 0 && !s->body.bad;
}

static bool try_x25519(const struct keys *k, const struct stanza *s, uint8_t file_key[AGE_FILE_KEY])
{
	struct buf share = { 0 };
	bool opened = false;

	if (age_unbase64(&share, s->arguments) && share.size == AGE_KEY)
		for (unsigned i = 0; i < k->count && !opened; i++) {
			uint8_t salt[2 * AGE_KEY], shared[AGE_KEY], wrap[AGE_KEY];

			memcpy(salt, share.data, AGE_KEY);
			opened = age_x25519(k->keys[i], NULL, salt + AGE_KEY) == 0 &&
			         age_x25519(k->keys[i], share.data, shared) == 0 &&
			         age_hkdf((struct span){ shared, AGE_KEY }, (struct span){ salt, sizeof salt },
			                  "age-encryption.org/v1/X25519", wrap) == 0 &&
			         age_unseal(wrap, zero_nonce, buf_span(&s->body), file_key) == 0;
			age_forget(shared, sizeof shared);
			age_forget(wrap, sizeof wrap);
		}
	buf_done(&share);
	return opened;
}

/* 1 opened, 0 another passphrase, -1 malformed or too much work. */
static int try_scrypt(struct span passphrase, const struct stanza *s, uint8_t file_key[AGE_FILE_KEY],
                      struct fail *f)
{
	struct span arguments = s->arguments, salt_text = span_until(&arguments, ' ');
	struct buf salt = { 0 };
	uint8_t wrap[AGE_KEY];
	int64_t work;
	int result;

	if (!age_unbase64(&salt, salt_text) || salt.size != SALT || !span_number(arguments, &work) ||
	    work < 1 || arguments.data[0] == '0')
		result = fail_set(f, "the age header is malformed");
	else if (work > AGE_WORK_MAX)
		result = fail_set(f, "the passphrase was made so slow to check (2^%d) that it is refused",
		                  (int)work);
	else
		result = scrypt_key(passphrase, salt.data, (int)work, wrap) == 0 &&
		         age_unseal(wrap, zero_nonce, buf_span(&s->body), file_key) == 0;
	age_forget(wrap, sizeof wrap);
	buf_done(&salt);
	return result;
}

/* Tries one stanza: 1 opened, 0 not for us, -1 malformed. */
static int try_stanza(const struct age_identities *i, const struct stanza *s, uint8_t file_key[AGE_FILE_KEY],
                      struct fail *f)
{
	if (s->body.size != AGE_FILE_KEY + AGE_TAG &&
	    (span_is(s->type, "X25519") || span_is(s->type, "scrypt")))
		return fail_set(f, "the age header is malformed");
	if (span_is(s->type, "X25519"))
		return try_x25519(&i->k, s, file_key);
	if (span_is(s->type, "scrypt") && i->k.passphrase.size)
		return try_scrypt(buf_span(&i->k.passphrase), s, file_key, f);
	return 0;
}

static int check_mac(struct span header, struct span rest, struct span line,
                     const uint8_t file_key[AGE_FILE_KEY], struct fail *f)
{
	struct span signed_part = { header.data, (size_t)(line.data - header.data) + 3 };
	struct buf mac = { 0 };
	uint8_t wanted[AGE_KEY];
	bool same = !rest.size && line.size > 4 && line.data[3] == ' ' &&
	            age_unbase64(&mac, span_part(line, 4, line.size)) && mac.size == AGE_KEY &&
	            header_mac(signed_part, file_key, wanted) == 0 && age_same(mac.data, wanted, AGE_KEY);

	buf_done(&mac);
	return same ? 0 : fail_set(f, "the age header was changed after it was written");
}

int age_header_read(struct span header, const struct age_identities *i, uint8_t file_key[AGE_FILE_KEY],
                    struct fail *f)
{
	struct span rest = header, line = span_until(&rest, '\n');
	struct stanza s = { .body = { 0 } };
	unsigned stanzas = 0, passphrases = 0;
	int opened = 0;

	if (!span_is(line, first_line))
		return fail_set(f, "not an age file of version 1");
	while (opened >= 0) {
		line = span_until(&rest, '\n');
		if (span_starts(line, "---"))
			break;
		if (!span_starts(line, "-> ") || ++stanzas > AGE_STANZAS || !read_stanza(line, &rest, &s)) {
			opened = fail_set(f, "the age header is malformed");
			break;
		}
		passphrases += span_is(s.type, "scrypt");
		if (!opened)
			opened = try_stanza(i, &s, file_key, f);
	}
	buf_done(&s.body);
	/* A passphrase vouches for who wrote the file; another recipient beside it would undo that. */
	if (opened >= 0 && (!stanzas || (passphrases && stanzas > 1)))
		return fail_set(f, "the age header is malformed");
	if (opened < 0)
		return -1;
	if (!opened)
		return fail_set(f, passphrases ? "the passphrase does not fit" : "none of the given identities fits");
	return check_mac(header, rest, line, file_key, f);
}
