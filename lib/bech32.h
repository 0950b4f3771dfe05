/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_BECH32_H
#define KAKE_BECH32_H
/* Bech32 (BIP 173) for keys: a readable prefix, data in 32 letters, a checksum. No length limit of 90. */
#include "lib/buf.h"

enum { BECH32_MAX = 256 };       /* letters of a text that is read */

/* Adds PREFIX1DATA… in lower case. */
void bech32_encode(struct buf *out, const char *prefix, struct span data);
/* Appends the data; false if the text is not wholly valid or has another prefix. Mixed case is not. */
bool bech32_decode(struct buf *out, const char *prefix, struct span text);
#endif
