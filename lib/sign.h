/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SIGN_H
#define KAKE_SIGN_H
/*
 * CMS (RFC 5652) detached signatures, DER, with SHA-256; ECDSA P-256 by default, RSA accepted.
 * "openssl cms -verify -binary -inform DER -in X.p7s -content X.jsonl -CAfile ca.pem" checks them.
 */
#include "lib/buf.h"
#include "lib/fail.h"

struct signer;
struct trust;

/* Key and certificate (with its chain, optional) in PEM. */
int signer_open(struct signer **s, struct span key_pem, struct span certificate_pem, struct fail *f);
/* A fresh P-256 key and a self-signed certificate that says it was made for this run only. */
int signer_make(struct signer **s, const char *common_name, struct fail *f);
bool signer_throwaway(const struct signer *s);
/* Subject in one line, UTF-8. */
const char *signer_name(const struct signer *s);
int signer_sign(struct signer *s, struct span content, struct buf *der, struct fail *f);
void signer_close(struct signer *s);

/* Certificates (PEM, one or more) that are trusted as authorities. */
int trust_open(struct trust **t, struct span ca_pem, struct fail *f);
void trust_close(struct trust *t);

struct signature_facts {
	bool valid;                         /* the signature fits content and certificate */
	bool trusted;                       /* and the certificate chains to the trust at the signing time */
	bool throwaway;
	char name[256];
	uint8_t certificate_sha256[32];
};

/* -1 only where checking was not possible at all (malformed, no memory); `why` otherwise. */
int sign_check(struct span der, struct span content, const struct trust *trust,
               struct signature_facts *out, struct fail *why);
#endif
