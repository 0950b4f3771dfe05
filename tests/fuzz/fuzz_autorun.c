/* SPDX-License-Identifier: Apache-2.0 */
/* The first byte chooses a reader ('a' the first), the rest is its file; the host's tree is empty.
 */
#include <stdlib.h>
#include <unistd.h>

#include "collectors/linux/autorun/readers.h"
#include "lib/path.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int (*const readers[])(struct autoruns *a, const struct found *file, struct fail *f) = {
	read_script, read_run_parts, read_sourced, read_init, read_rc_link, read_library,
	read_crontab, read_user_crontab, read_anacrontab, read_at, read_names, read_modules,
	read_modprobe, read_environment, read_folders, read_binfmt, read_inittab, read_inetd,
	read_settings, read_pipes, read_python_path, read_telling, read_desktop, read_dbus, read_apt,
	read_logrotate, read_udev, read_pam,
};

static int take_row(struct sink *s, const struct row *r, struct fail *f)
{
	(void)s;
	(void)f;
	/* Every row says at least what it is and which file says so. */
	if (!r->values[AUTORUN_KIND].bytes.size || !r->values[AUTORUN_PATH].bytes.size)
		abort();
	return 0;
}

static int take_note(struct sink *s, const struct note *n, struct fail *f)
{
	(void)s;
	(void)n;
	(void)f;
	return 0;
}

/* A directory that is gone: nothing can be found in it. */
static struct os_root *empty_root(void)
{
	char path[] = "/tmp/kake-empty-XXXXXX";
	struct os_root *root;
	struct fail f;

	if (!mkdtemp(path) || os_root_open(&root, path, &f) || rmdir(path))
		abort();
	return root;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct os_root *root;
	static struct targets *targets;      /* kept: nothing in an empty tree changes */
	static const volatile int stop;
	struct sink sink = { .row = take_row, .note = take_note };
	struct collection c = { .sink = &sink, .module = "autorun", .stop = &stop };
	struct file_facts facts = { .kind = 'f', .mode = 0755 };
	struct autoruns a = { .host = { .c = &c } };
	static const struct place place = {
		.kind = "kind",
		.pattern = "/etc/some/file",
		.trigger = "event",
		.words = "Subsystem up command exec",
	};
	static const unsigned count = sizeof readers / sizeof *readers;
	struct found file = { .facts = &facts, .place = &place };
	struct fail f;

	if (!size)
		return 0;
	if (!root)
		root = empty_root();
	if (!targets && targets_open(&targets, &f))
		abort();
	c.root = root;
	a.targets = targets;
	file.path = span_of(place.pattern);
	file.name = path_base(file.path);
	file.text = span_part((struct span){ data, size }, 1, size);
	if (readers[(data[0] + 256u - 'a') % count](&a, &file, &f))
		abort();
	buf_done(&a.facts_path);
	buf_done(&a.modules);
	buf_done(&a.pam_folders);
	return 0;
}
