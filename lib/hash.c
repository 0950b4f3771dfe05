/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/hash.h"

#include <openssl/evp.h>
#include <stdlib.h>

enum { KINDS = 3 };

struct hash { EVP_MD *kind[KINDS]; EVP_MD_CTX *context[KINDS]; bool bad; };

static const char *const names[KINDS] = { "SHA256", "SHA1", "MD5" };

int hash_open(struct hash **out, unsigned kinds, struct fail *f)
{
	struct hash *h = calloc(1, sizeof *h);

	for (int i = 0; h && i < KINDS; i++) {
		if (!(kinds & 1u << i))
			continue;
		h->kind[i] = EVP_MD_fetch(NULL, names[i], NULL);
		h->context[i] = EVP_MD_CTX_new();
		if (!h->kind[i] || !h->context[i]) {
			hash_close(h);
			return fail_set(f, "cannot compute %s digests on this system", names[i]);
		}
	}
	if (!h)
		return fail_set(f, "out of memory");
	*out = h;
	return 0;
}

void hash_start(struct hash *h)
{
	h->bad = false;
	for (int i = 0; i < KINDS; i++)
		if (h->context[i] && EVP_DigestInit_ex2(h->context[i], h->kind[i], NULL) != 1)
			h->bad = true;
}

void hash_add(struct hash *h, struct span bytes)
{
	for (int i = 0; i < KINDS; i++)
		if (h->context[i] && EVP_DigestUpdate(h->context[i], bytes.data, bytes.size) != 1)
			h->bad = true;
}

int hash_end(struct hash *h, struct digests *out, struct fail *f)
{
	uint8_t *const places[KINDS] = { out->sha256, out->sha1, out->md5 };

	for (int i = 0; i < KINDS; i++)
		if (h->context[i] && EVP_DigestFinal_ex(h->context[i], places[i], NULL) != 1)
			h->bad = true;
	return h->bad ? fail_set(f, "a digest could not be computed") : 0;
}

void hash_close(struct hash *h)
{
	if (!h)
		return;
	for (int i = 0; i < KINDS; i++) {
		EVP_MD_CTX_free(h->context[i]);
		EVP_MD_free(h->kind[i]);
	}
	free(h);
}

int hash_sha256(struct span bytes, uint8_t out[SHA256_SIZE], struct fail *f)
{
	size_t size;

	if (EVP_Q_digest(NULL, "SHA256", NULL, bytes.data, bytes.size, out, &size) != 1)
		return fail_set(f, "a digest could not be computed");
	return 0;
}
