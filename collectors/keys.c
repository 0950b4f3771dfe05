/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/keys.h"

#include "lib/os.h"
#include "lib/path.h"

enum { PEM_BYTES = 256 << 10 };

static bool exists(const char *path)
{
	struct os_source in;
	struct fail why;

	if (os_source_open(&in, path, &why))
		return false;
	os_source_close(&in);
	return true;
}

static void beside(struct buf *out, struct span program, const char *name)
{
	path_join(out, path_parent(program), span_of("kit"));
	buf_byte(out, '/');
	buf_text(out, name);
}

int keys_choose(struct keys *k, const char *key, const char *certificate, struct span program,
                struct fail *f)
{
	bool has_key, has_certificate;

	*k = (struct keys){ .kind = KEY_GIVEN };
	if (key) {
		buf_text(&k->key_path, key);
		buf_text(&k->certificate_path, certificate);
	} else {
		beside(&k->key_path, program, "key.pem");
		beside(&k->certificate_path, program, "cert.pem");
		has_key = exists(buf_string(&k->key_path));
		has_certificate = exists(buf_string(&k->certificate_path));
		k->kind = has_key || has_certificate ? KEY_KIT : KEY_THROWAWAY;
	}
	return k->key_path.bad || k->certificate_path.bad ? fail_set(f, "out of memory") : 0;
}

int keys_open(struct keys *k, const char *name, struct signer **signer, struct fail *f)
{
	struct buf key = { 0 }, certificate = { 0 };
	int result;

	if (k->kind == KEY_THROWAWAY)
		return signer_make(signer, name, f);
	result = os_read_whole(buf_string(&k->key_path), PEM_BYTES, &key, f);
	if (!result)
		result = os_read_whole(buf_string(&k->certificate_path), PEM_BYTES, &certificate, f);
	if (!result && signer_open(signer, buf_span(&key), buf_span(&certificate), f))
		result = fail_in(f, buf_string(&k->key_path));
	if (key.data)
		memset(key.data, 0, key.size);
	buf_done(&key);
	buf_done(&certificate);
	return result;
}

const char *keys_kind_name(enum key_kind kind)
{
	static const char *const names[] = {
		[KEY_THROWAWAY] = "throw-away", [KEY_KIT] = "kit", [KEY_GIVEN] = "given",
	};

	return names[kind];
}

void keys_done(struct keys *k)
{
	buf_done(&k->key_path);
	buf_done(&k->certificate_path);
}
