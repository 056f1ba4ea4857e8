/* SPDX-License-Identifier: BSD-2-Clause */
/* Runs a fuzz target over its corpus without libFuzzer: every file below each folder named. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct stat st;
	uint8_t *data;
	size_t size;

	if (f == NULL || fstat(fileno(f), &st) != 0) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	/* An exact allocation, so that a sanitizer sees the first byte past the end. */
	size = (size_t)st.st_size;
	data = malloc(size == 0 ? 1 : size);
	if (data == NULL || fread(data, 1, size, f) != size) {
		fprintf(stderr, "%s: cannot be read\n", path);
		exit(1);
	}
	fclose(f);
	LLVMFuzzerTestOneInput(data, size);
	free(data);
	return 1;
}

static unsigned run_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	if (dir == NULL) {
		fprintf(stderr, "%s: no such corpus\n", folder);
		exit(1);
	}
	for (struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		char path[4096];

		if (e->d_name[0] == '.')
			continue;
		snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
		count += run_file(path);
	}
	closedir(dir);
	return count;
}

int main(int argc, char **argv)
{
	unsigned count = 0;

	for (int i = 1; i < argc; i++)
		count += run_folder(argv[i]);
	printf("%u inputs ran\n", count);
	return count == 0;
}
