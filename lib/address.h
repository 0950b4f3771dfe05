/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_ADDRESS_H
#define KAKE_ADDRESS_H
/* IP addresses as bytes in network order and as text. */
#include "lib/buf.h"

/* Adds 4 bytes as a.b.c.d, 16 as in RFC 5952; false (nothing added) for any other size. */
bool address_text(struct buf *out, struct span bytes);
/* Whether the text is an address, IPv4 or IPv6, the latter perhaps with a %zone. */
bool address_is(struct span text);
#endif
