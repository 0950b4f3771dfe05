/* SPDX-License-Identifier: Apache-2.0 */
#include "collectors/linux/entries.h"

#include <sys/syscall.h>
#include <unistd.h>

enum { ENTRIES_BYTES = 16 << 10 };

/* As getdents64(2) fills it in. */
struct entry { uint64_t inode; int64_t next; uint16_t size; uint8_t type; char name[]; };

int entries_each(int fd, void (*use)(void *context, const char *name, uint8_t type), void *context)
{
	_Alignas(struct entry) char bytes[ENTRIES_BYTES];
	long got;

	while ((got = syscall(SYS_getdents64, fd, bytes, sizeof bytes)) > 0)
		for (long at = 0; at < got;) {
			const struct entry *e = (const void *)(bytes + at);

			use(context, e->name, e->type);
			at += e->size;
		}
	return got < 0 ? -1 : 0;
}
