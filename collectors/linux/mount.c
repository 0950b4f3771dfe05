/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/mounts.h"
#include "collectors/module.h"

static int send_row(struct collection *c, const struct mount *m, struct buf *text, struct fail *f)
{
	struct row row = row_on(&table_mount);
	size_t device;

	buf_clear(text);
	buf_printf(text, "%u:%u", m->major, m->minor);
	device = text->size;
	buf_add(text, m->options);
	buf_byte(text, ' ');
	buf_add(text, m->super_options);
	if (text->bad)
		return fail_set(f, "out of memory");
	row_int(&row, MOUNT_ID, m->id);
	row_int(&row, MOUNT_PARENT, m->parent);
	row_span(&row, MOUNT_DEVICE, span_part(buf_span(text), 0, device));
	row_span(&row, MOUNT_ROOT, m->root);
	row_span(&row, MOUNT_POINT, m->point);
	row_span(&row, MOUNT_TYPE, m->type);
	row_span(&row, MOUNT_SOURCE, m->source);
	row_span(&row, MOUNT_OPTIONS, span_part(buf_span(text), device, text->size));
	row_text(&row, MOUNT_POLICY, mount_policy_name(m->policy));
	return c->sink->row(c->sink, &row, f);
}

static int note_rest(struct collection *c, const struct mounts *mounts, struct fail *f)
{
	struct span item = span_of("/proc/self/mountinfo");
	struct fail why;

	if (mounts->odd) {
		fail_set(&why, "%zu lines of the list of mounts could not be read", mounts->odd);
		if (collection_note(c, item, &why, f))
			return -1;
	}
	if (mounts->cut) {
		fail_set(&why, "more than %d mounts; the rest is left out", MOUNTS_MOST);
		if (collection_note(c, item, &why, f))
			return -1;
	}
	return 0;
}

static int mount_run(struct collection *c, struct fail *f)
{
	struct mounts *mounts;
	struct buf text = { 0 };
	int result = 0;

	if (mounts_read(&mounts, c->root, f))
		return -1;
	for (size_t i = 0; i < mounts->count && !result && !collection_stopped(c); i++)
		result = send_row(c, &mounts->items[i], &text, f);
	if (!result)
		result = note_rest(c, mounts, f);
	buf_done(&text);
	mounts_close(mounts);
	return result;
}

static const struct table *const tables[] = { &table_mount, NULL };

const struct module module_mount = {
	.name = "mount",
	.help = "mounted file systems",
	.stage = STAGE_MEMORY,
	.flags = MODULE_LIVE,
	.least = PROFILE_QUICK,
	.tables = tables,
	.run = mount_run,
};
