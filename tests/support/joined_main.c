/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * joined IMAGE BLOCK TRUTH.tsv [SECONDS]
 *
 * Joins whatever begins in an image of `layout`, all of it free space, and compares with the truth:
 * one line for each state with the files of formats that are joined, those that came back bit for
 * bit, those that came out otherwise, and the time.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>

#include "carve/join.h"
#include "image/driver.h"

#define FILES 4096

typedef struct row {
	char path[256], sha[65], state[16];
	unsigned long long start, size;
	bool joinable, back;
} row;

static row rows[FILES];
static size_t row_count;
static athar_error err = ATHAR_ERROR_INIT;

static void must(athar_status status)
{
	if (status == ATHAR_OK)
		return;
	fprintf(stderr, "joined: %s\n", err.text);
	exit(1);
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void read_truth(const char *path)
{
	FILE *f = fopen(path, "r");
	char line[65536];

	while (f != NULL && row_count < FILES && fgets(line, sizeof line, f) != NULL) {
		row *r = &rows[row_count];

		r->start = UINT64_MAX;
		if (sscanf(line, "%255[^\t]\t%*s\t%llu\t%64s\t%*s\t%15s\t%*s\t%*s\t%llu+", r->path,
		           &r->size, r->sha, r->state, &r->start) >= 4 &&
		    line[0] != '#')
			row_count++;
	}
	if (f != NULL)
		fclose(f);
}

static const char *sum(athar_digests *digests, const uint8_t *image, const athar_extents *x)
{
	athar_digester *d = NULL;

	must(athar_digester_new(&d, ATHAR_SHA256, &err));
	for (size_t i = 0; i < x->count; i++)
		must(athar_digester_update(d, image + x->extent[i].image,
		                           (size_t)x->extent[i].length, &err));
	must(athar_digester_finish(digests, d, &err));
	athar_digester_free(d);
	return athar_digests_get(digests, ATHAR_SHA256);
}

/* What begins at `at`, once: true when it came out, but as no file of the truth. */
static bool join_at(athar_joining *j, const uint8_t *image, const athar_format *format, uint64_t at,
                    uint64_t work, bool verbose)
{
	ATHAR_AUTO(joined) athar_joined out = {.extents = ATHAR_EXTENTS_INIT};
	athar_digests digests = {0};
	const double begun = now();
	row *mine = NULL;
	bool done;
	const athar_status status = athar_join_file(&out, &done, j, format, at, work, &err);

	if (status != ATHAR_ELIMIT)
		must(status);
	for (size_t i = 0; i < row_count; i++)
		if (rows[i].start == at) {
			mine = &rows[i];
			mine->joinable = true;
		}
	if (verbose)
		fprintf(stderr, "%s %s at %llu: %s, %zu pieces, %.2f s\n", format->name,
		        mine == NULL ? "-" : mine->path, (unsigned long long)at,
		        status == ATHAR_ELIMIT ? "limit"
		        : done                 ? out.proof
		                               : "no",
		        out.extents.count, now() - begun);
	if (status == ATHAR_ELIMIT || !done)
		return false;
	const char *sha = sum(&digests, image, &out.extents);
	bool known = false;

	for (size_t i = 0; i < row_count; i++)
		if (strcmp(rows[i].sha, sha) == 0)
			known = rows[i].back = true;
	if (!known)
		fprintf(stderr, "WRONG at %llu\n", (unsigned long long)at);
	return !known;
}

static const athar_format *begins(const uint8_t *at, size_t len)
{
	for (const athar_format *const *f = athar_formats(); *f != NULL; f++)
		if (athar_joiner_find((*f)->name) != NULL && athar_format_fits(*f, at, len))
			return *f;
	return NULL;
}

/* Does it say of itself, as carving would ask, that it is no file of this format, or a whole one?
 */
static bool needs_none(athar_source *source, const athar_format *format, uint64_t at, size_t size)
{
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_claim claim;

	must(athar_reader_new(&in, source, at, size - at, 0, &err));
	must(format->measure(&claim, in, &err));
	return !claim.ours;
}

int main(int argc, char **argv)
{
	static const char *const states[] = {"contig", "frag", "ooo", "head", "partial"};
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;
	const int fd = argc < 4 ? -1 : open(argv[1], O_RDONLY | O_CLOEXEC);
	const double begun = now();
	size_t wrong = 0, tried = 0;
	struct stat st;

	if (fd < 0 || fstat(fd, &st) != 0)
		return 2;
	const size_t size = (size_t)st.st_size;
	const uint32_t block = (uint32_t)atoi(argv[2]);
	const uint8_t *image = mmap(NULL, size, PROT_READ, MAP_PRIVATE, fd, 0);
	const uint64_t seconds = argc > 4 ? (uint64_t)atoi(argv[4]) : 5;

	read_truth(argv[3]);
	must(athar_source_memory(&source, image, size, &err));
	must(athar_runs_add(&all, 0, size, ATHAR_RUN_DATA, &err));
	must(athar_space_make(&space, &all, block, 0, &err));
	must(athar_joining_new(&j, source, &space, &err));
	for (size_t at = 0; at + 512 <= size; at += block) {
		const athar_format *format = begins(image + at, size - at);

		if (format == NULL || needs_none(source, format, at, size))
			continue;
		tried++;
		wrong += join_at(j, image, format, at, seconds * ATHAR_JOIN_SECOND,
		                 getenv("VERBOSE") != NULL);
	}
	for (size_t s = 0; s < ATHAR_COUNT(states); s++) {
		size_t files = 0, back = 0;

		for (size_t i = 0; i < row_count; i++)
			if (strcmp(rows[i].state, states[s]) == 0 && rows[i].joinable) {
				files++;
				back += rows[i].back;
			}
		if (files > 0)
			printf("%s %zu/%zu ", states[s], back, files);
	}
	printf("wrong %zu of %zu tried, %.1f MB, %.2f s\n", wrong, tried, (double)size / 1e6,
	       now() - begun);
	return 0;
}
