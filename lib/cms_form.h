/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_CMS_FORM_H
#define KAKE_CMS_FORM_H
/*
 * CMS lets one signature be written in many ways, and does not sign all that it says of itself. The
 * archive knows one way only (docs/format.md), so that no byte of a signature can change unseen.
 */
#include "lib/span.h"

/*
 * Whether the DER is that one form: one signer, named by these DER encodings of issuer and serial
 * number, detached content, signed attributes, SHA-256.
 */
bool cms_form_fits(struct span der, struct span issuer, struct span serial, bool rsa);
#endif
