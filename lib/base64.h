/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_BASE64_H
#define KAKE_BASE64_H
/* Base64 of RFC 4648 §4. */
#include "lib/buf.h"

/* Adds the text of the bytes, with or without the '=' at its end. */
void base64_add(struct buf *out, struct span bytes, bool padded);
/*
 * Adds the bytes of a text, padded or not. False (and nothing added) if it is not wholly Base64 or
 * leaves bits over.
 */
bool base64_decode(struct buf *out, struct span text);
#endif
