/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AGE_H
#define KAKE_AGE_H
/*
 * The age v1 file format (https://age-encryption.org/v1): X25519 and scrypt recipients, the payload
 * in chunks of 64 KiB, each with its own authentication. Interoperable both ways with age(1).
 */
#include "lib/buf.h"
#include "lib/output.h"
#include "lib/source.h"

enum {
	AGE_CHUNK = 1 << 16,         /* plain bytes of a chunk; every one but the last is full */
	AGE_RECIPIENTS = 64,         /* the most that a file is made for */
	AGE_STANZAS = 256,           /* the most that a header may hold */
	AGE_HEADER = 1 << 18,        /* bytes of a header that is read */
	AGE_WORK = 18,               /* log2 of the scrypt work factor that is used for writing */
	AGE_WORK_MAX = 20,           /* and the largest that is accepted: 1 GiB of memory */
};

/* To whom: public keys, or one passphrase. */
struct age_recipients;
/* Lines "age1…"; blank lines and # comments are skipped. At least one. */
int age_recipients_read(struct age_recipients **r, struct span text, struct fail *f);
int age_recipients_passphrase(struct age_recipients **r, struct span passphrase, struct fail *f);
/* The i-th public key as text; false behind the last (and for a passphrase). */
bool age_recipients_text(const struct age_recipients *r, unsigned i, struct buf *out);
void age_recipients_close(struct age_recipients *r);

/* By whom: secret keys, or one passphrase. */
struct age_identities;
/* Lines "AGE-SECRET-KEY-1…"; blank lines and # comments are skipped. At least one. */
int age_identities_read(struct age_identities **i, struct span text, struct fail *f);
int age_identities_passphrase(struct age_identities **i, struct span passphrase, struct fail *f);
void age_identities_close(struct age_identities *i);

/* A new secret key and the public key that belongs to it, as text without line ends. */
int age_keygen(struct buf *identity, struct buf *recipient, struct fail *f);

/* Whether the first bytes of a file say that it is age. */
bool age_begins(struct span bytes);

/*
 * A layer that encrypts into `below`, which it ends and closes. Bytes are safe below only in whole
 * chunks: `granule` of the output tells a layer above how to align what it wants to settle.
 */
int age_output_open(struct output **o, const struct age_recipients *r, struct output *below,
                    struct fail *f);
/*
 * A layer that decrypts from `below`, which stays the caller's. Reads and checks the header at once.
 * A stream that was cut gives its whole chunks and then fails: a full chunk that is not marked as
 * the last is not the end.
 */
int age_source_open(struct source **s, struct source *below, const struct age_identities *i,
                    struct fail *f);
void age_source_close(struct source *s);
#endif
