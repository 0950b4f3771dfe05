/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_AGE_CRYPT_H
#define KAKE_AGE_CRYPT_H
/* The primitives of age, over OpenSSL: internal to lib/age*.c. Each returns 0 or -1 without a reason. */
#include "lib/buf.h"

enum { AGE_KEY = 32, AGE_FILE_KEY = 16, AGE_TAG = 16, AGE_NONCE = 12 };

int age_random(uint8_t *bytes, size_t size);
int age_hkdf(struct span secret, struct span salt, const char *info, uint8_t out[AGE_KEY]);
int age_hmac(const uint8_t key[AGE_KEY], struct span bytes, uint8_t out[AGE_KEY]);
int age_scrypt(struct span passphrase, struct span salt, int work, uint8_t out[AGE_KEY]);
/* `base` NULL: the public key of the secret. A shared secret of zeros is refused. */
int age_x25519(const uint8_t secret[AGE_KEY], const uint8_t *base, uint8_t out[AGE_KEY]);
/* ChaCha20-Poly1305; sealed has AGE_TAG bytes more than plain. */
int age_seal(const uint8_t key[AGE_KEY], const uint8_t nonce[AGE_NONCE], struct span plain, uint8_t *sealed);
int age_unseal(const uint8_t key[AGE_KEY], const uint8_t nonce[AGE_NONCE], struct span sealed, uint8_t *plain);
bool age_same(const uint8_t *a, const uint8_t *b, size_t size);
void age_forget(void *bytes, size_t size);
/* Base64 without padding, in the canonical form only. */
bool age_unbase64(struct buf *out, struct span text);
#endif
