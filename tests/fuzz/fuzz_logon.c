/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of passwd, shadow, sudoers, doas.conf, authorized_keys and sshd_config: each as all of
 * them. */
#include <stdlib.h>

#include "collectors/linux/host.h"
#include "collectors/linux/logon.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void as_key(struct span line)
{
	struct buf out = { 0 };
	struct key_line key;
	struct span word, rest = line;
	bool shared;

	if (authorized_key_parse(line, &key) && key_fingerprint(&out, key.key) && out.size != 50)
		abort();
	sshd_key(&rest);
	while (sshd_word(&rest, &word)) {
		buf_clear(&out);
		key_file_of(&out, word, line, 1000, line, &shared);
	}
	buf_done(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = { data, size };

	while (rest.size) {
		struct span line = span_until(&rest, '\n');
		struct passwd user = passwd_parse(line);
		struct sudo_line rule;

		if (user.whole && (user.uid_number < 0 || user.gid_number < 0 || !user.name.size))
			abort();
		if (!shadow_parse(line).state)
			abort();
		sudoers_parse(line, &rule);
		doas_parse(line, &rule);
		as_key(line);
	}
	return 0;
}
