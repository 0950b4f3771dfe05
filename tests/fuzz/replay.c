/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target on files and on every file in directories, and on every shortening of the small
 * ones, without libFuzzer.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { LARGEST = 64 << 20, SHORTENED = 2048 };

static unsigned long runs;

static void run_part(const uint8_t *data, size_t size)
{
	/* A block of exactly this size, so that reading past its end is seen. */
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	for (size_t i = 0; i < size; i++)
		copy[i] = data[i];
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
	runs++;
}

static void run_file(const char *path)
{
	FILE *file = fopen(path, "rb");
	uint8_t *data = malloc(LARGEST);
	size_t size;

	if (!file || !data) {
		fprintf(stderr, "cannot read %s\n", path);
		exit(1);
	}
	size = fread(data, 1, LARGEST, file);
	fclose(file);
	run_part(data, size);
	for (size_t i = 0; size <= SHORTENED && i < size; i++)
		run_part(data, i);
	free(data);
}

static void run_path(const char *path)
{
	DIR *directory = opendir(path);
	struct dirent *item;
	char inner[4096];

	if (!directory) {
		run_file(path);
		return;
	}
	while ((item = readdir(directory))) {
		if (item->d_name[0] == '.')
			continue;
		snprintf(inner, sizeof inner, "%s/%s", path, item->d_name);
		run_path(inner);
	}
	closedir(directory);
}

int main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++)
		run_path(argv[i]);
	printf("%lu inputs replayed\n", runs);
	return runs ? 0 : 1;
}
