/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * layout OUT.img TRUTH.tsv SEED BLOCK SCENARIO FILE...
 *
 * Lays the files out in an image and writes the truth as score.py reads it: path (the file's name),
 * type, size, sha256, status, state, pieces, percent there, offset+length of each piece.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "athar/digest.h"
#include "layout.h"

static void die(const char *what)
{
	fprintf(stderr, "layout: %s\n", what);
	exit(1);
}

static layout_file load(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t *bytes;
	long len;

	if (f == NULL || fseek(f, 0, SEEK_END) != 0 || (len = ftell(f)) <= 0)
		die(path);
	bytes = malloc((size_t)len);
	rewind(f);
	if (bytes == NULL || fread(bytes, 1, (size_t)len, f) != (size_t)len)
		die(path);
	fclose(f);
	return (layout_file){bytes, (size_t)len};
}

static const char *sha256(athar_digests *digests, const layout_file *f)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;

	if (athar_digester_new(&d, ATHAR_SHA256, &err) != ATHAR_OK ||
	    athar_digester_update(d, f->bytes, f->len, &err) != ATHAR_OK ||
	    athar_digester_finish(digests, d, &err) != ATHAR_OK)
		die(err.text);
	athar_digester_free(d);
	return athar_digests_get(digests, ATHAR_SHA256);
}

/* As score.py names them. */
static const char *state_of(const layout *l, size_t first, size_t count, bool whole)
{
	bool contiguous = true, forward = true;

	for (size_t i = first + 1; i < first + count; i++) {
		const layout_piece *p = &l->piece[i - 1];

		contiguous = contiguous && p->at + p->len == l->piece[i].at;
		forward = forward && p->at < l->piece[i].at;
	}
	if (count == 0)
		return "none";
	if (!whole)
		return l->piece[first].from == 0 ? "head" : "partial";
	return contiguous ? "contig" : forward ? "frag" : "ooo";
}

static void tell(FILE *out, const layout *l, size_t file, const char *path, const layout_file *f)
{
	const char *slash = strrchr(path, '/'), *name = slash == NULL ? path : slash + 1;
	const char *dot = strrchr(name, '.');
	athar_digests digests = {0};
	size_t first;
	const size_t count = layout_pieces(&first, l, file);
	uint64_t there = 0;

	for (size_t i = first; i < first + count; i++)
		there += l->piece[i].len;
	fprintf(out, "%s\t%s\t%zu\t%s\tdeleted\t%s\t%zu\t%.1f\t", name,
	        dot == NULL ? "none" : dot + 1, f->len, sha256(&digests, f),
	        state_of(l, first, count, there == f->len), count,
	        100.0 * (double)there / (double)f->len);
	for (size_t i = first; i < first + count; i++)
		fprintf(out, "%s%llu+%llu", i == first ? "" : ",",
		        (unsigned long long)l->piece[i].at, (unsigned long long)l->piece[i].len);
	fputc('\n', out);
}

int main(int argc, char **argv)
{
	layout_scenario scenario = 0;
	layout_file *files;
	FILE *image, *truth;
	layout l;

	if (argc < 7)
		die("OUT.img TRUTH.tsv SEED BLOCK SCENARIO FILE...");
	while (scenario < LAYOUT_SCENARIOS && strcmp(layout_names[scenario], argv[5]) != 0)
		scenario++;
	if (scenario == LAYOUT_SCENARIOS || atoi(argv[4]) < 512)
		die("contiguous, gap, gaps, disorder, braid, missing or decoys; blocks of 512 or "
		    "more");
	const size_t count = (size_t)argc - 6;

	files = calloc(count, sizeof *files);
	if (files == NULL)
		die("out of memory");
	for (size_t i = 0; i < count; i++)
		files[i] = load(argv[6 + i]);
	layout_make(&l, files, count, scenario, (uint32_t)atoi(argv[4]),
	            strtoull(argv[3], NULL, 10));
	image = fopen(argv[1], "wb");
	truth = fopen(argv[2], "w");
	if (image == NULL || truth == NULL || fwrite(l.image, 1, l.size, image) != l.size)
		die("cannot write");
	fprintf(truth, "#path\ttype\tsize\tsha256\tstatus\tstate\tnfrag\tpresent\textents\n");
	for (size_t i = 0; i < count; i++)
		tell(truth, &l, i, argv[6 + i], &files[i]);
	layout_free(&l);
	for (size_t i = 0; i < count; i++)
		free((void *)(uintptr_t)files[i].bytes);
	free(files);
	return fclose(image) != 0 || fclose(truth) != 0;
}
