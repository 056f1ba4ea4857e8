/* SPDX-License-Identifier: BSD-2-Clause */
#include "pieces.h"

#include <stdio.h>
#include <string.h>

#include "base/check.h"
#include "base/sort.h"
#include "image/driver.h"

#define BLOCKS 60000u
#define CUTS 8u

const char *const pieces_name[PIECES_KINDS] = {"one",      "gap",     "many",
                                               "shuffled", "braided", "missing"};

typedef struct image {
	uint8_t *bytes;
	uint32_t block;
	size_t used; /* blocks */
	uint64_t random;
	pieces_file filler;
} image;

/* Where blocks of the file went. */
typedef struct truth {
	size_t at[BLOCKS];
} truth;

uint64_t pieces_random(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

static size_t below(image *x, size_t limit)
{
	return (size_t)(pieces_random(&x->random) % limit);
}

/* Foreign blocks: of the filler from anywhere in it, random, or zeros. */
static void put_foreign(image *x, size_t blocks)
{
	for (size_t i = 0; i < blocks; i++) {
		uint8_t *to = x->bytes + x->used++ * x->block;
		const size_t kind = below(x, 4);

		if (kind < 2 && x->filler.len > x->block)
			memcpy(to, x->filler.bytes + below(x, x->filler.len / x->block) * x->block,
			       x->block);
		else if (kind == 2)
			for (uint32_t k = 0; k < x->block; k++)
				to[k] = (uint8_t)pieces_random(&x->random);
	}
}

static void put_piece(image *x, truth *t, pieces_file f, size_t from, size_t to)
{
	for (size_t i = from; i < to; i++, x->used++) {
		const size_t len = (size_t)athar_min(f.len - i * x->block, x->block);

		memcpy(x->bytes + x->used * x->block, f.bytes + i * x->block, len);
		if (t != NULL)
			t->at[i] = x->used;
	}
}

static int by_size(const void *a, const void *b, const void *user)
{
	const size_t *x = a, *y = b;

	(void)user;
	return (*x > *y) - (*x < *y);
}

/* Borders of at most `count` pieces of a file of so many blocks; how many they became. */
static size_t cut(image *x, size_t border[CUTS + 1], size_t count, size_t blocks)
{
	size_t pieces = 0;

	for (size_t i = 0; i < count; i++)
		border[i] = i == 0 || blocks == 1 ? 0 : 1 + below(x, blocks - 1);
	athar_sort(border, count, sizeof *border, by_size, NULL);
	for (size_t i = 1; i < count; i++) {
		if (border[i] != border[pieces])
			border[++pieces] = border[i];
	}
	border[++pieces] = blocks;
	return pieces;
}

static void shuffle(image *x, size_t *order, size_t count)
{
	for (size_t i = count - 1; i > 1; i--) {
		const size_t k = 1 + below(x, i), swap = order[i];

		order[i] = order[k];
		order[k] = swap;
	}
}

static void lay_out(image *x, truth *t, pieces_file f, pieces_file other, layout_kind kind)
{
	static const size_t counts[PIECES_KINDS] = {1, 2, 4, 4, 2, 3};
	size_t border[CUTS + 1], theirs[CUTS + 1], order[CUTS];
	const size_t blocks = (f.len + x->block - 1) / x->block;
	const size_t more = kind == PIECES_MANY || kind == PIECES_SHUFFLED ? below(x, 4) : 0;
	const size_t count = cut(x, border, counts[kind] + more, blocks);
	const size_t their_count = cut(x, theirs, 2, (other.len + x->block - 1) / x->block);

	for (size_t i = 0; i < count; i++)
		order[i] = i;
	if (kind == PIECES_SHUFFLED)
		shuffle(x, order, count);
	put_foreign(x, 1 + below(x, 20));
	for (size_t i = 0; i < count; i++) {
		const size_t k = order[i];

		if (kind == PIECES_MISSING && i == 1)
			put_foreign(x, border[k + 1] - border[k]);
		else
			put_piece(x, t, f, border[k], border[k + 1]);
		if (kind == PIECES_BRAIDED && i < their_count)
			put_piece(x, NULL, other, theirs[i], theirs[i + 1]);
		else
			put_foreign(x, 1 + below(x, 30));
	}
	put_foreign(x, 1 + below(x, 20));
}

static bool is_right(const athar_joined *joined, const truth *t, const image *x, pieces_file f)
{
	uint64_t at = 0;

	(void)t;
	if (athar_extents_size(&joined->extents) != f.len)
		return false;
	for (size_t i = 0; i < joined->extents.count; i++) {
		const athar_extent *e = &joined->extents.extent[i];

		if (memcmp(x->bytes + e->image, f.bytes + at, (size_t)e->length) != 0)
			return false;
		at += e->length;
	}
	return true;
}

static void join_it(pieces_result *out, const char *format, const image *x, const truth *t,
                    pieces_file f)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(joined) athar_joined joined = {.extents = ATHAR_EXTENTS_INIT};
	athar_error err = ATHAR_ERROR_INIT;
	const size_t size = x->used * x->block;
	bool done;

	assert_ok(athar_source_memory(&source, x->bytes, size, &err), err);
	assert_ok(athar_runs_add(&runs, 0, size, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_space_make(&space, &runs, x->block, 0, &err), err);
	assert_ok(athar_joining_new(&j, source, &space, &err), err);
	const athar_status status =
		athar_join_file(&joined, &done, j, athar_format_find(format), t->at[0] * x->block,
	                        5 * ATHAR_JOIN_SECOND, &err);

	assert_true(status == ATHAR_OK || status == ATHAR_ELIMIT);
	out->tried++;
	if (status == ATHAR_ELIMIT)
		out->limited++;
	if (status != ATHAR_OK || !done)
		return;
	if (is_right(&joined, t, x, f))
		out->right++;
	else
		out->wrong++;
}

void pieces_run(pieces_result *out, const char *format, pieces_file file, pieces_file other,
                pieces_file filler, layout_kind kind, uint32_t block, uint64_t seed)
{
	const size_t most = (file.len + other.len) / block + 2 + 50 * (CUTS + 2);
	image x = {.block = block, .random = seed, .filler = filler};
	truth *t = calloc(1, sizeof *t);

	assert_true(most < BLOCKS);
	x.bytes = calloc(most, block);
	assert_non_null(t);
	assert_non_null(x.bytes);
	lay_out(&x, t, file, other, kind);
	assert_true(x.used <= most);
	join_it(out, format, &x, t, file);
	free(x.bytes);
	free(t);
}

pieces_file pieces_load(const char *path)
{
	uint8_t *bytes;
	pieces_file out;
	FILE *f = fopen(path, "rb");

	assert_non_null(f);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	out.len = (size_t)ftell(f);
	rewind(f);
	bytes = malloc(out.len + 1);
	assert_non_null(bytes);
	assert_int_equal(fread(bytes, 1, out.len, f), out.len);
	(void)fclose(f);
	out.bytes = bytes;
	return out;
}

void pieces_expect(const char *format, pieces_file file, pieces_file other, layout_kind kind,
                   uint32_t block, unsigned least)
{
	pieces_result r = {.tried = 0};

	for (uint64_t seed = 1; seed <= PIECES_SEEDS; seed++)
		pieces_run(&r, format, file, other, other, kind, block, seed * 7919);
	if (r.wrong != 0 || r.right < least || (kind == PIECES_MISSING && r.right != 0))
		fail_msg("%s, %s: %u of %u joined, %u wrong", format, pieces_name[kind], r.right,
		         r.tried, r.wrong);
}
