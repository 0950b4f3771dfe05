/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/sign.h"

#include <openssl/cms.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdlib.h>

#include "lib/cms_form.h"
#include "lib/instant.h"
#include "lib/text.h"

enum { DIGEST = 32, NAME_CHARACTERS = 64, DAYS_BEFORE = 1, DAYS_AFTER = 3650 };

static const char throwaway_mark[] = "kaketsuke throw-away key";

struct signer {
	EVP_PKEY *key;
	X509 *certificate;
	STACK_OF(X509) *chain;       /* further certificates */
	char name[256];
};

struct trust { X509_STORE *store; };

/* A key that needs a password is refused, instead of asking on the terminal. */
static int no_password(char *out, int size, int writing, void *context)
{
	(void)out;
	(void)size;
	(void)writing;
	(void)context;
	return -1;
}

static BIO *bio_on(struct span bytes)
{
	return bytes.size > INT32_MAX ? NULL : BIO_new_mem_buf(bytes.data, (int)bytes.size);
}

static bool certificate_digest(X509 *x, uint8_t out[DIGEST])
{
	unsigned size = DIGEST;

	return X509_digest(x, EVP_sha256(), out, &size) == 1;
}

static void subject(X509 *x, char out[256])
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text;
	long size = 0;

	out[0] = 0;
	if (bio && X509_NAME_print_ex(bio, X509_get_subject_name(x), 0,
	                              XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) >= 0)
		size = BIO_get_mem_data(bio, &text);
	if (size > 255)
		size = 255;
	while (size > 0 && !text_is_utf8((struct span){ (uint8_t *)text, (size_t)size }))
		size--;
	if (size > 0)
		memcpy(out, text, (size_t)size);
	out[size > 0 ? size : 0] = 0;
	BIO_free(bio);
}

/* Issued by itself, and says so. */
static bool is_throwaway(X509 *x)
{
	X509_NAME *name = X509_get_subject_name(x);
	int at = X509_NAME_get_index_by_NID(name, NID_organizationName, -1);
	ASN1_STRING *text = at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));

	return text && X509_NAME_cmp(name, X509_get_issuer_name(x)) == 0 &&
	       span_is((struct span){ ASN1_STRING_get0_data(text), (size_t)ASN1_STRING_length(text) },
	               throwaway_mark);
}

static int new_signer(struct signer **s, struct fail *f)
{
	*s = calloc(1, sizeof **s);
	if (!*s)
		return fail_set(f, "out of memory");
	(*s)->chain = sk_X509_new_null();
	if ((*s)->chain)
		return 0;
	signer_close(*s);
	return fail_set(f, "out of memory");
}

/* The certificate and those behind it. */
static int read_chain(struct signer *s, struct span pem, struct fail *f)
{
	BIO *bio = bio_on(pem);
	X509 *x;

	s->certificate = bio ? PEM_read_bio_X509(bio, NULL, no_password, NULL) : NULL;
	while (s->certificate && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL)))
		if (sk_X509_num(s->chain) + 1 >= SIGN_CERTIFICATES || !sk_X509_push(s->chain, x))
			X509_free(x);
	BIO_free(bio);
	ERR_clear_error();
	return s->certificate ? 0 : fail_set(f, "the certificate of the signing key cannot be read (PEM)");
}

static int read_key(struct signer *s, struct span pem, struct fail *f)
{
	BIO *bio = bio_on(pem);

	s->key = bio ? PEM_read_bio_PrivateKey(bio, NULL, no_password, NULL) : NULL;
	BIO_free(bio);
	ERR_clear_error();
	if (!s->key)
		return fail_set(f, "the signing key cannot be read (PEM without a password)");
	if (X509_check_private_key(s->certificate, s->key) == 1)
		return 0;
	ERR_clear_error();
	return fail_set(f, "the signing key and its certificate do not belong together");
}

int signer_open(struct signer **out, struct span key_pem, struct span certificate_pem, struct fail *f)
{
	struct signer *s;

	if (new_signer(&s, f))
		return -1;
	if (read_chain(s, certificate_pem, f) || read_key(s, key_pem, f)) {
		signer_close(s);
		return -1;
	}
	subject(s->certificate, s->name);
	*out = s;
	return 0;
}

/* At most 64 characters, the limit of X.509. */
static bool set_name(X509 *x, const char *common_name)
{
	X509_NAME *name = X509_get_subject_name(x);
	struct buf text = { 0 };
	struct span rest;
	bool valid, ok;
	int count = 0;

	buf_text(&text, "throw-away key of ");
	text_shown(&text, span_of(common_name));
	for (rest = buf_span(&text); rest.size && count < NAME_CHARACTERS; count++)
		text_next(&rest, &valid);
	ok = !text.bad &&
	     X509_NAME_add_entry_by_NID(name, NID_organizationName, MBSTRING_UTF8,
	                                (const uint8_t *)throwaway_mark, -1, -1, 0) == 1 &&
	     X509_NAME_add_entry_by_NID(name, NID_commonName, MBSTRING_UTF8, text.data,
	                                (int)(text.size - rest.size), -1, 0) == 1;
	buf_done(&text);
	return ok && X509_set_issuer_name(x, name) == 1;
}

static bool add_extension(X509 *x, int nid, const char *value)
{
	X509V3_CTX context;
	X509_EXTENSION *e;
	bool ok;

	X509V3_set_ctx(&context, x, x, NULL, NULL, 0);
	e = X509V3_EXT_conf_nid(NULL, &context, nid, value);
	ok = e && X509_add_ext(x, e, -1) == 1;
	X509_EXTENSION_free(e);
	return ok;
}

static bool fill_certificate(X509 *x, EVP_PKEY *key, const char *common_name)
{
	uint64_t serial;

	return x && RAND_bytes((uint8_t *)&serial, sizeof serial) == 1 && X509_set_version(x, 2) == 1 &&
	       ASN1_INTEGER_set_uint64(X509_get_serialNumber(x), serial >> 1 | 1) == 1 &&
	       X509_gmtime_adj(X509_getm_notBefore(x), -DAYS_BEFORE * 86400L) &&
	       X509_time_adj_ex(X509_getm_notAfter(x), DAYS_AFTER, 0, NULL) &&
	       X509_set_pubkey(x, key) == 1 && set_name(x, common_name) &&
	       add_extension(x, NID_basic_constraints, "critical,CA:FALSE") &&
	       add_extension(x, NID_key_usage, "critical,digitalSignature") &&
	       add_extension(x, NID_subject_key_identifier, "hash") &&
	       X509_sign(x, key, EVP_sha256()) > 0;
}

int signer_make(struct signer **out, const char *common_name, struct fail *f)
{
	struct signer *s;

	if (new_signer(&s, f))
		return -1;
	s->key = EVP_EC_gen("P-256");
	s->certificate = s->key ? X509_new() : NULL;
	if (!fill_certificate(s->certificate, s->key, common_name)) {
		ERR_clear_error();
		signer_close(s);
		return fail_set(f, "a signing key could not be made");
	}
	subject(s->certificate, s->name);
	*out = s;
	return 0;
}

bool signer_throwaway(const struct signer *s)
{
	return is_throwaway(s->certificate);
}

const char *signer_name(const struct signer *s)
{
	return s->name;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, DIGEST);
}

/* Own certificate first, the others in order. */
static unsigned digests_of(X509 *own, STACK_OF(X509) *all, uint8_t out[SIGN_CERTIFICATES][DIGEST])
{
	unsigned count = 1;

	if (!certificate_digest(own, out[0]))
		return 0;
	for (int i = 0; i < sk_X509_num(all); i++) {
		X509 *x = sk_X509_value(all, i);

		if (X509_cmp(x, own) == 0)
			continue;
		if (count == SIGN_CERTIFICATES || !certificate_digest(x, out[count++]))
			return 0;
	}
	qsort(out[1], count - 1, DIGEST, by_bytes);
	return count;
}

void signer_certificates(const struct signer *s, struct buf *out)
{
	uint8_t digests[SIGN_CERTIFICATES][DIGEST];
	unsigned count = digests_of(s->certificate, s->chain, digests);

	for (unsigned i = 0; i < count; i++)
		buf_add(out, (struct span){ digests[i], DIGEST });
}

int signer_sign(struct signer *s, struct span content, struct buf *der, struct fail *f)
{
	unsigned flags = CMS_DETACHED | CMS_BINARY | CMS_NOSMIMECAP;
	BIO *bio = bio_on(content);
	CMS_ContentInfo *cms = CMS_sign(NULL, NULL, s->chain, NULL, flags | CMS_PARTIAL);
	uint8_t *bytes = NULL;
	int size = -1;

	if (bio && cms && CMS_add1_signer(cms, s->certificate, s->key, EVP_sha256(), flags) &&
	    CMS_final(cms, bio, NULL, flags) == 1)
		size = i2d_CMS_ContentInfo(cms, &bytes);
	if (size > 0)
		buf_add(der, (struct span){ bytes, (size_t)size });
	OPENSSL_free(bytes);
	CMS_ContentInfo_free(cms);
	BIO_free(bio);
	ERR_clear_error();
	if (size <= 0)
		return fail_set(f, "signing failed");
	return der->bad ? fail_set(f, "out of memory") : 0;
}

void signer_close(struct signer *s)
{
	if (!s)
		return;
	EVP_PKEY_free(s->key);
	X509_free(s->certificate);
	sk_X509_pop_free(s->chain, X509_free);
	free(s);
}

int trust_open(struct trust **out, struct span ca_pem, struct fail *f)
{
	struct trust *t = calloc(1, sizeof *t);
	BIO *bio = bio_on(ca_pem);
	int count = 0;
	X509 *x;

	if (t)
		t->store = X509_STORE_new();
	while (bio && t && t->store && (x = PEM_read_bio_X509(bio, NULL, no_password, NULL))) {
		count += X509_STORE_add_cert(t->store, x) == 1;
		X509_free(x);
	}
	BIO_free(bio);
	ERR_clear_error();
	if (count) {
		*out = t;
		return 0;
	}
	trust_close(t);
	return fail_set(f, "no certificate of an authority in it (PEM)");
}

void trust_close(struct trust *t)
{
	if (!t)
		return;
	X509_STORE_free(t->store);
	free(t);
}

/* The one value of a signed attribute that must be there once; NULL if it is not. */
static const void *attribute(CMS_SignerInfo *si, int nid, int type)
{
	return CMS_signed_get0_data_by_OBJ(si, OBJ_nid2obj(nid), -3, type);
}

/* Seconds of the signing time attribute; false if there is none. */
static bool signing_time(CMS_SignerInfo *si, int64_t *out)
{
	const ASN1_TIME *time = attribute(si, NID_pkcs9_signingTime, V_ASN1_UTCTIME);
	struct civil c;
	struct tm tm;

	if (!time)
		time = attribute(si, NID_pkcs9_signingTime, V_ASN1_GENERALIZEDTIME);
	if (!time || ASN1_TIME_to_tm(time, &tm) != 1)
		return false;
	c = (struct civil){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_hour, tm.tm_min,
	                    tm.tm_sec, 0 };
	*out = civil_seconds(&c);
	return true;
}

static bool chains(const struct trust *t, X509 *own, STACK_OF(X509) *all, CMS_SignerInfo *si,
                   struct fail *why)
{
	X509_STORE_CTX *context = X509_STORE_CTX_new();
	int64_t when;
	bool ok = context && X509_STORE_CTX_init(context, t->store, own, all) == 1;

	if (ok && signing_time(si, &when))
		X509_VERIFY_PARAM_set_time(X509_STORE_CTX_get0_param(context), (time_t)when);
	ok = ok && X509_verify_cert(context) == 1;
	if (!ok)
		fail_set(why, "the authority given does not vouch for the certificate: %s", context ?
		         X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)) : "?");
	if (ok && !(X509_get_key_usage(own) & KU_DIGITAL_SIGNATURE)) {
		fail_set(why, "the certificate is not meant for signing");
		ok = false;
	}
	X509_STORE_CTX_free(context);
	return ok;
}

/* The content's digest is the one that was signed. */
static bool content_fits(CMS_SignerInfo *si, struct span content)
{
	const ASN1_OCTET_STRING *signed_digest =
		attribute(si, NID_pkcs9_messageDigest, V_ASN1_OCTET_STRING);
	uint8_t digest[DIGEST];
	unsigned size = DIGEST;

	return signed_digest &&
	       EVP_Digest(content.data, content.size, digest, &size, EVP_sha256(), NULL) == 1 &&
	       span_equal((struct span){ digest, DIGEST },
	                  (struct span){ ASN1_STRING_get0_data(signed_digest),
	                                 (size_t)ASN1_STRING_length(signed_digest) });
}

/* Whether the signature is written in the one form that this certificate gives it. */
static bool form_fits(struct span der, X509 *own)
{
	const uint8_t *name = NULL;
	uint8_t *serial = NULL;
	size_t name_size = 0;
	int serial_size = i2d_ASN1_INTEGER(X509_get0_serialNumber(own), &serial);
	bool fits = serial_size > 0 &&
	            X509_NAME_get0_der(X509_get_issuer_name(own), &name, &name_size) == 1 &&
	            cms_form_fits(der, (struct span){ name, name_size },
	                          (struct span){ serial, (size_t)serial_size },
	                          EVP_PKEY_is_a(X509_get0_pubkey(own), "RSA"));

	OPENSSL_free(serial);
	return fits;
}

static void check(CMS_SignerInfo *si, STACK_OF(X509) *all, struct span der, struct span content,
                  const struct trust *trust, struct signature_facts *out, struct fail *why)
{
	X509 *own = NULL;

	for (int i = 0; i < sk_X509_num(all) && !own; i++)
		if (CMS_SignerInfo_cert_cmp(si, sk_X509_value(all, i)) == 0)
			own = sk_X509_value(all, i);
	if (!own) {
		fail_set(why, "the signature does not carry its certificate");
		return;
	}
	subject(own, out->name);
	out->throwaway = is_throwaway(own);
	out->certificate_count = digests_of(own, all, out->certificates);
	CMS_SignerInfo_set1_signer_cert(si, own);
	out->attributes = out->certificate_count && form_fits(der, own) &&
	                  CMS_signed_get_attr_count(si) > 0 && CMS_SignerInfo_verify(si) == 1;
	out->valid = out->attributes && content_fits(si, content);
	if (!out->valid)
		fail_set(why, out->attributes ? "the content is not what was signed" :
		                                "the signature is not that of its certificate");
	else if (trust)
		out->trusted = chains(trust, own, all, si, why);
}

/* Read and written again it must be the same bytes: nothing in it may go unseen. */
static CMS_ContentInfo *decode(struct span der)
{
	const uint8_t *at = der.data;
	CMS_ContentInfo *cms = d2i_CMS_ContentInfo(NULL, &at, (long)der.size);
	uint8_t *bytes = NULL;
	int size = cms ? i2d_CMS_ContentInfo(cms, &bytes) : -1;
	bool same = size >= 0 && span_equal(der, (struct span){ bytes, (size_t)size });

	OPENSSL_free(bytes);
	if (same)
		return cms;
	CMS_ContentInfo_free(cms);
	return NULL;
}

int sign_check(struct span der, struct span content, const struct trust *trust,
               struct signature_facts *out, struct fail *why)
{
	CMS_ContentInfo *cms = der.size > INT32_MAX ? NULL : decode(der);
	STACK_OF(CMS_SignerInfo) *infos = NULL;
	STACK_OF(X509) *all = NULL;
	ASN1_OCTET_STRING **inside = NULL;
	int result = -1;

	*out = (struct signature_facts){ 0 };
	if (cms && OBJ_obj2nid(CMS_get0_type(cms)) == NID_pkcs7_signed) {
		infos = CMS_get0_SignerInfos(cms);
		all = CMS_get1_certs(cms);
		inside = CMS_get0_content(cms);
	}
	if (infos && sk_CMS_SignerInfo_num(infos) == 1 && all && inside && !*inside &&
	    CMS_unsigned_get_attr_count(sk_CMS_SignerInfo_value(infos, 0)) <= 0) {
		check(sk_CMS_SignerInfo_value(infos, 0), all, der, content, trust, out, why);
		result = 0;
	} else {
		fail_set(why, "not a detached CMS signature of one signer");
	}
	sk_X509_pop_free(all, X509_free);
	CMS_ContentInfo_free(cms);
	ERR_clear_error();
	return result;
}
