/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/cms_form.h"

enum { TAG_OCTETS = 0x04, TAG_SEQUENCE = 0x30, TAG_SET = 0x31, TAG_ZERO = 0xa0 };

/* Takes one element of the tag; lengths of up to three bytes. The content runs to where it ends. */
static bool take(struct span *rest, uint8_t tag, struct span *content)
{
	size_t size, at = 2;

	if (rest->size < 2 || rest->data[0] != tag)
		return false;
	size = rest->data[1];
	if (size > 0x80 && size <= 0x83) {
		size_t digits = size - 0x80;

		if (rest->size < 2 + digits)
			return false;
		for (size = 0; digits; digits--)
			size = size << 8 | rest->data[at++];
	} else if (size >= 0x80) {
		return false;
	}
	if (size > rest->size - at)
		return false;
	*content = (struct span){ rest->data + at, size };
	*rest = (struct span){ rest->data + at + size, rest->size - at - size };
	return true;
}

static bool literal(struct span *rest, struct span bytes)
{
	if (rest->size < bytes.size || memcmp(rest->data, bytes.data, bytes.size) != 0)
		return false;
	*rest = (struct span){ rest->data + bytes.size, rest->size - bytes.size };
	return true;
}

#define LITERAL(text) (struct span){ (const uint8_t *)(text), sizeof(text) - 1 }

bool cms_form_fits(struct span der, struct span issuer, struct span serial, bool rsa)
{
	/* 1.2.840.113549.1.7.2 and .1; 2.16.840.1.101.3.4.2.1 */
	const struct span signed_data = LITERAL("\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02");
	const struct span data = LITERAL("\x30\x0b\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x01");
	const struct span sha256 = LITERAL("\x30\x0b\x06\x09\x60\x86\x48\x01\x65\x03\x04\x02\x01");
	const struct span version = LITERAL("\x02\x01\x01");
	/* 1.2.840.10045.4.3.2; 1.2.840.113549.1.1.1 with NULL */
	const struct span with_ecdsa = LITERAL("\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02");
	const struct span with_rsa =
		LITERAL("\x30\x0d\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01\x05\x00");
	struct span outer, body, wrap, set, info, name, other;

	return take(&der, TAG_SEQUENCE, &outer) && !der.size && literal(&outer, signed_data) &&
	       take(&outer, TAG_ZERO, &wrap) && !outer.size && take(&wrap, TAG_SEQUENCE, &body) &&
	       !wrap.size && literal(&body, version) && take(&body, TAG_SET, &set) &&
	       literal(&set, sha256) && !set.size && literal(&body, data) &&
	       take(&body, TAG_ZERO, &other) && take(&body, TAG_SET, &set) && !body.size &&
	       take(&set, TAG_SEQUENCE, &info) && !set.size && literal(&info, version) &&
	       take(&info, TAG_SEQUENCE, &name) && literal(&name, issuer) && literal(&name, serial) &&
	       !name.size && literal(&info, sha256) && take(&info, TAG_ZERO, &other) &&
	       literal(&info, rsa ? with_rsa : with_ecdsa) && take(&info, TAG_OCTETS, &other) &&
	       !info.size;
}
