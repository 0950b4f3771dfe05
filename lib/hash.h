/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_HASH_H
#define KAKE_HASH_H
/* Digests of bytes as they pass. */
#include "lib/fail.h"
#include "lib/span.h"

enum { SHA256_SIZE = 32, SHA1_SIZE = 20, MD5_SIZE = 16 };
enum { HASH_SHA256 = 1, HASH_SHA1 = 2, HASH_MD5 = 4 };

struct digests { uint8_t sha256[SHA256_SIZE], sha1[SHA1_SIZE], md5[MD5_SIZE]; };

/* A hash is reused for many inputs: hash_start, hash_add …, hash_end. */
struct hash;
/* `kinds`: HASH_… or-ed together. */
int hash_open(struct hash **out, unsigned kinds, struct fail *f);
void hash_start(struct hash *h);
void hash_add(struct hash *h, struct span bytes);
/* -1 if any step since hash_start failed. Fills in the kinds that were asked for. */
int hash_end(struct hash *h, struct digests *out, struct fail *f);
void hash_close(struct hash *h);
/* SHA-256 of bytes at hand. */
int hash_sha256(struct span bytes, uint8_t out[SHA256_SIZE], struct fail *f);
#endif
