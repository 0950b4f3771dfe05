/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/destination.h"

#include <errno.h>

#include "lib/path.h"
#include "lib/volumes.h"

enum { RECIPIENTS_BYTES = 1 << 16 };

static int read_recipients(struct destination *d, const char *path, bool required, struct fail *f)
{
	struct buf text = { 0 };
	int result = os_read_whole(path, RECIPIENTS_BYTES, &text, f);

	if (result && !required && f->code == ENOENT)
		result = 0;
	else if (!result && age_recipients_read(&d->recipients, buf_span(&text), f))
		result = fail_in(f, path);
	buf_done(&text);
	return result;
}

int destination_choose(struct destination *d, const char *recipient, bool plain, int64_t volume_size,
                       const char *directory, struct span program, struct fail *f)
{
	struct buf beside = { 0 };
	int64_t largest = os_largest_file(directory);
	int result = 0;

	path_join(&beside, path_parent(program), span_of("kit/recipient.txt"));
	if (recipient && !plain)
		result = read_recipients(d, recipient, true, f);
	else if (!plain)
		result = read_recipients(d, buf_string(&beside), false, f);
	buf_done(&beside);
	d->volume_size = volume_size;
	if (largest && (!volume_size || volume_size > largest))
		d->volume_size = largest - DESTINATION_MARGIN;
	return result;
}

const char *destination_ending(const struct destination *d)
{
	return d->recipients ? ".tar.zst.age" : ".tar.zst";
}

static int open_file(struct destination *d, const char *path, struct fail *f)
{
	if (d->volume_size)
		return volumes_output_open(&d->file, path, d->volume_size, &d->reserve, f);
	if (os_output_open(&d->file, path, f))
		return -1;
	os_output_spare(d->file, &d->reserve);
	return 0;
}

int destination_open(struct destination *d, const char *path, struct output **o, bool *no_reserve,
                     struct fail *f)
{
	struct buf reserve = { 0 };
	struct fail ignored;

	if (open_file(d, path, f))
		return -1;
	buf_printf(&reserve, "%s.reserve", path);
	*no_reserve = os_reserve_take(&d->reserve, buf_string(&reserve), RESERVE_BYTES, &ignored) != 0;
	buf_done(&reserve);
	*o = d->file;
	if (!d->recipients || age_output_open(o, d->recipients, d->file, f) == 0)
		return 0;
	d->file->close(d->file);
	d->file = NULL;
	return -1;
}

int destination_keep(struct destination *d, struct fail *f)
{
	return d->volume_size ? volumes_output_keep(d->file, f) : os_output_keep(d->file, f);
}

unsigned destination_files(const struct destination *d)
{
	return d->volume_size ? volumes_output_count(d->file) : 1;
}

bool destination_identity(const struct destination *d, unsigned i, int64_t *device, int64_t *inode)
{
	if (d->volume_size)
		return volumes_output_identity(d->file, i, device, inode);
	if (i == 0)
		os_output_identity(d->file, device, inode);
	return i == 0;
}

void destination_done(struct destination *d)
{
	os_reserve_release(&d->reserve);
	age_recipients_close(d->recipients);
	*d = (struct destination){ 0 };
}
