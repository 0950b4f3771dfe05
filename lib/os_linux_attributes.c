/* SPDX-License-Identifier: Apache-2.0 */
/* What lies beside the bytes of a file. See ioctl_iflags(2), xattr(7), capabilities(7). */
#include "lib/os_linux.h"

#include <linux/capability.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <sys/xattr.h>

#include "lib/cursor.h"

enum { NAMES = 64 << 10, VALUE = 64 << 10 };

static const struct { int flag; const char *name; } attributes[] = {
	{ FS_IMMUTABLE_FL, "immutable" }, { FS_APPEND_FL, "append-only" }, { FS_NODUMP_FL, "no-dump" },
	{ FS_NOATIME_FL, "no-atime" }, { 0x00000800 /* FS_ENCRYPT_FL */, "encrypted" },
	{ 0x00100000 /* FS_VERITY_FL */, "verity" }, { FS_SECRM_FL, "secure-deletion" },
	{ FS_UNRM_FL, "undeletable" }, { FS_SYNC_FL, "synchronous" }, { FS_COMPR_FL, "compressed" },
};

void os_file_attributes(const struct os_file *file, struct buf *list)
{
	int flags = 0;

	if (ioctl(file->fd, FS_IOC_GETFLAGS, &flags) < 0)
		return;
	for (size_t i = 0; i < sizeof attributes / sizeof *attributes; i++)
		if (flags & attributes[i].flag)
			list_add(list, span_of(attributes[i].name));
}

static void add_value(const struct os_file *file, const char *name, struct buf *list)
{
	struct buf value = { 0 };
	uint8_t *room = buf_room(&value, VALUE);
	ssize_t size = room ? fgetxattr(file->fd, name, room, VALUE) : -1;

	if (size > 0)
		buf_hex(list, (struct span){ room, (size_t)size });
	buf_byte(list, 0);
	buf_done(&value);
}

void os_file_xattrs(const struct os_file *file, bool values, struct buf *list)
{
	ssize_t size = flistxattr(file->fd, NULL, 0);
	struct buf names = { 0 };
	struct span rest, name;
	uint8_t *room;

	if (size <= 0)
		return;
	room = buf_room(&names, NAMES);
	size = room ? flistxattr(file->fd, (char *)room, NAMES) : -1;
	rest = (struct span){ room, size > 0 ? (size_t)size : 0 };
	while (list_next(&rest, &name)) {
		list_add(list, name);
		if (values)
			add_value(file, (const char *)name.data, list);
	}
	buf_done(&names);
}

bool os_file_capabilities(const struct os_file *file, uint64_t *permitted)
{
	uint8_t bytes[sizeof(struct vfs_ns_cap_data)];
	ssize_t size = fgetxattr(file->fd, "security.capability", bytes, sizeof bytes);
	struct cursor c;
	uint32_t low, high = 0;

	if (size < 0)
		return false;
	c = cursor_on((struct span){ bytes, (size_t)size });
	cursor_u32le(&c);
	low = cursor_u32le(&c);
	cursor_u32le(&c);
	/* Version 1 has 32 bits only. */
	if (c.rest.size)
		high = cursor_u32le(&c);
	*permitted = (uint64_t)high << 32 | low;
	return !c.bad;
}
