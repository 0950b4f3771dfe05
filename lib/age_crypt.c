/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/age_crypt.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/rand.h>

#include "lib/base64.h"

int age_random(uint8_t *bytes, size_t size)
{
	return RAND_bytes(bytes, (int)size) == 1 ? 0 : -1;
}

static int derive(const char *name, const OSSL_PARAM *parameters, uint8_t out[AGE_KEY])
{
	EVP_KDF *kdf = EVP_KDF_fetch(NULL, name, NULL);
	EVP_KDF_CTX *context = kdf ? EVP_KDF_CTX_new(kdf) : NULL;
	int ok = context ? EVP_KDF_derive(context, out, AGE_KEY, parameters) : 0;

	EVP_KDF_CTX_free(context);
	EVP_KDF_free(kdf);
	return ok == 1 ? 0 : -1;
}

static OSSL_PARAM bytes_parameter(const char *name, struct span bytes)
{
	return OSSL_PARAM_construct_octet_string(name, (void *)(uintptr_t)bytes.data, bytes.size);
}

int age_hkdf(struct span secret, struct span salt, const char *info, uint8_t out[AGE_KEY])
{
	OSSL_PARAM parameters[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, (char[]){ "SHA256" }, 0),
		bytes_parameter(OSSL_KDF_PARAM_KEY, secret),
		bytes_parameter(OSSL_KDF_PARAM_INFO, span_of(info)),
		salt.size ? bytes_parameter(OSSL_KDF_PARAM_SALT, salt) : OSSL_PARAM_construct_end(),
		OSSL_PARAM_construct_end(),
	};

	return derive("HKDF", parameters, out);
}

int age_scrypt(struct span passphrase, struct span salt, int work, uint8_t out[AGE_KEY])
{
	uint64_t n = UINT64_C(1) << work, memory = (n + 16) * 1024 + (1 << 20);
	uint32_t r = 8, p = 1;
	OSSL_PARAM parameters[] = {
		bytes_parameter(OSSL_KDF_PARAM_PASSWORD, passphrase),
		bytes_parameter(OSSL_KDF_PARAM_SALT, salt),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_N, &n),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_R, &r),
		OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_SCRYPT_P, &p),
		OSSL_PARAM_construct_uint64(OSSL_KDF_PARAM_SCRYPT_MAXMEM, &memory),
		OSSL_PARAM_construct_end(),
	};

	return derive("SCRYPT", parameters, out);
}

int age_hmac(const uint8_t key[AGE_KEY], struct span bytes, uint8_t out[AGE_KEY])
{
	size_t size;

	return EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key, AGE_KEY, bytes.data, bytes.size, out,
	                 AGE_KEY, &size) ? 0 : -1;
}

int age_x25519(const uint8_t secret[AGE_KEY], const uint8_t *base, uint8_t out[AGE_KEY])
{
	EVP_PKEY *own = EVP_PKEY_new_raw_private_key(EVP_PKEY_X25519, NULL, secret, AGE_KEY);
	EVP_PKEY *peer = base ? EVP_PKEY_new_raw_public_key(EVP_PKEY_X25519, NULL, base, AGE_KEY) : NULL;
	EVP_PKEY_CTX *context = own && peer ? EVP_PKEY_CTX_new(own, NULL) : NULL;
	size_t size = AGE_KEY;
	int ok = 0;

	if (own && !base)
		ok = EVP_PKEY_get_raw_public_key(own, out, &size);
	else if (context)
		ok = EVP_PKEY_derive_init(context) == 1 && EVP_PKEY_derive_set_peer(context, peer) == 1 &&
		     EVP_PKEY_derive(context, out, &size) == 1;
	EVP_PKEY_CTX_free(context);
	EVP_PKEY_free(peer);
	EVP_PKEY_free(own);
	for (size_t i = 0; ok == 1 && i < AGE_KEY; i++)
		if (out[i])
			return 0;
	return -1;
}

int age_seal(const uint8_t key[AGE_KEY], const uint8_t nonce[AGE_NONCE], struct span plain, uint8_t *sealed)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	int size, rest;
	bool ok = context && EVP_EncryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
	          EVP_EncryptUpdate(context, sealed, &size, plain.data, (int)plain.size) == 1 &&
	          EVP_EncryptFinal_ex(context, sealed + size, &rest) == 1 &&
	          EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, AGE_TAG, sealed + plain.size) == 1;

	EVP_CIPHER_CTX_free(context);
	return ok ? 0 : -1;
}

int age_unseal(const uint8_t key[AGE_KEY], const uint8_t nonce[AGE_NONCE], struct span sealed, uint8_t *plain)
{
	EVP_CIPHER_CTX *context = EVP_CIPHER_CTX_new();
	uint8_t tag[AGE_TAG];
	int size, rest;
	bool ok = context && sealed.size >= AGE_TAG;

	if (ok) {
		memcpy(tag, sealed.data + sealed.size - AGE_TAG, AGE_TAG);
		ok = EVP_DecryptInit_ex(context, EVP_chacha20_poly1305(), NULL, key, nonce) == 1 &&
		     EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, AGE_TAG, tag) == 1 &&
		     EVP_DecryptUpdate(context, plain, &size, sealed.data, (int)(sealed.size - AGE_TAG)) == 1 &&
		     EVP_DecryptFinal_ex(context, plain + size, &rest) == 1;
	}
	EVP_CIPHER_CTX_free(context);
	return ok ? 0 : -1;
}

bool age_same(const uint8_t *a, const uint8_t *b, size_t size)
{
	return CRYPTO_memcmp(a, b, size) == 0;
}

void age_forget(void *bytes, size_t size)
{
	OPENSSL_cleanse(bytes, size);
}

bool age_unbase64(struct buf *out, struct span text)
{
	return span_find(text, '=') == text.size && base64_decode(out, text);
}
