/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_KEYS_H
#define KAKE_KEYS_H
/*
 * The key that signs: the one that is named, else kit/key.pem with kit/cert.pem beside the program,
 * else one that is made for this run only, for which nobody vouches. A key that is there and cannot
 * be used is a failure, never a silent change to the next kind.
 */
#include "lib/sign.h"
#include "lib/span.h"

enum key_kind { KEY_THROWAWAY, KEY_KIT, KEY_GIVEN };

struct keys { enum key_kind kind; struct buf key_path, certificate_path; };

/* Which key it will be. `key` and `certificate` may be NULL; `program`: path of the executable. */
int keys_choose(struct keys *k, const char *key, const char *certificate, struct span program,
                struct fail *f);
/* `name`: whom a key for this run shall name. */
int keys_open(struct keys *k, const char *name, struct signer **signer, struct fail *f);
/* "throw-away", "kit" or "given", as collection.json has it. */
const char *keys_kind_name(enum key_kind kind);
void keys_done(struct keys *k);
#endif
