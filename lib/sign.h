/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_SIGN_H
#define KAKE_SIGN_H
/*
 * CMS (RFC 5652) detached signatures, DER, with SHA-256; ECDSA P-256 by default, RSA accepted.
 * "openssl cms -verify -binary -inform DER -in X.p7s -content X.jsonl -CAfile ca.pem" checks them.
 */
#include "lib/buf.h"
#include "lib/fail.h"

enum { SIGN_CERTIFICATES = 8 };            /* the most that one signature carries */

struct signer;
struct trust;

/* Key and certificate (with its chain, optional) in PEM. */
int signer_open(struct signer **s, struct span key_pem, struct span certificate_pem, struct fail *f);
/* A fresh P-256 key and a self-signed certificate that says it was made for this run only. */
int signer_make(struct signer **s, const char *common_name, struct fail *f);
bool signer_throwaway(const struct signer *s);
/* Subject in one line, UTF-8. */
const char *signer_name(const struct signer *s);
/*
 * Adds the SHA-256 digests, 32 bytes each, of the certificates that a signature will carry: the
 * signer's own, then the others in the order of their digests.
 */
void signer_certificates(const struct signer *s, struct buf *out);
int signer_sign(struct signer *s, struct span content, struct buf *der, struct fail *f);
void signer_close(struct signer *s);

/* Certificates (PEM, one or more) that are trusted as authorities. */
int trust_open(struct trust **t, struct span ca_pem, struct fail *f);
void trust_close(struct trust *t);

struct signature_facts {
	bool valid;                         /* the signature fits content and certificate */
	bool attributes;                    /* it is itself whole; only the content may differ */
	bool trusted;                       /* and the certificate chains to the trust at the signing time */
	bool throwaway;
	char name[256];
	uint8_t certificates[SIGN_CERTIFICATES][32];    /* SHA-256, as signer_certificates gives them */
	unsigned certificate_count;
};

/*
 * 0 and what was found, with the reason in `why` if it is not valid (or not trusted); -1 where
 * checking was not possible at all (malformed, no memory).
 */
int sign_check(struct span der, struct span content, const struct trust *trust,
               struct signature_facts *out, struct fail *why);
#endif
