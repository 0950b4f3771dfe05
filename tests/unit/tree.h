/* SPDX-License-Identifier: Apache-2.0 */
#ifndef KAKE_TREE_H
#define KAKE_TREE_H
/* A scratch tree that stands for a host's root. Linux only, as the collectors it is for. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct tree { char path[64]; };

static inline struct tree tree_make(void)
{
	struct tree t = { "/tmp/kake-tree-XXXXXX" };

	if (!mkdtemp(t.path))
		abort();
	return t;
}

/* The full path of a name in the tree, with its directories made. */
static inline void tree_name(const struct tree *t, const char *name, char path[1024])
{
	snprintf(path, 1024, "%s/%s", t->path, name);
	for (char *slash = path + strlen(t->path) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = 0;
		if (mkdir(path, 0755) && errno != EEXIST)
			abort();
		*slash = '/';
	}
}

static inline void tree_bytes(const struct tree *t, const char *name, const void *bytes,
							  size_t size)
{
	char path[1024];
	FILE *file;

	tree_name(t, name, path);
	file = fopen(path, "wb");
	if (!file || fwrite(bytes, 1, size, file) != size || fclose(file))
		abort();
}

static inline void tree_file(const struct tree *t, const char *name, const char *text)
{
	tree_bytes(t, name, text, strlen(text));
}

static inline void tree_link(const struct tree *t, const char *name, const char *target)
{
	char path[1024];

	tree_name(t, name, path);
	if (symlink(target, path))
		abort();
}

static inline int tree_remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
	(void)st;
	(void)kind;
	(void)at;
	return remove(path);
}

static inline void tree_remove(const struct tree *t)
{
	nftw(t->path, tree_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}
#endif
