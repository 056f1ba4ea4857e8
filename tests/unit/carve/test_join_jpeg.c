/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * JPEGs in pieces on a disk that is laid out here, so that the truth is known: what is joined must
 * be the file, byte for byte, and what is not all there must not be joined.
 */
#include "athar_test.h"
#include "carve/join.h"
#include "format/list.h"
#include "image/driver.h"

typedef struct file {
	uint8_t *bytes;
	size_t len;
} file;

static file first, second, restarts, progressive;

typedef struct disk {
	uint8_t *bytes;
	size_t block, count, capacity; /* in blocks */
	size_t start;                  /* of the file that is looked for */
	uint64_t seed;
} disk;

static file load(const char *name)
{
	char path[4096];
	file f = {malloc(1 << 20), 0};

	snprintf(path, sizeof path, "%s/formats/%s", ATHAR_TESTDATA, name);
	FILE *in = fopen(path, "rb");

	assert_non_null(in);
	assert_non_null(f.bytes);
	f.len = fread(f.bytes, 1, 1 << 20, in);
	fclose(in);
	assert_in_range(f.len, 1000, (1 << 20) - 1);
	return f;
}

static size_t below(disk *d, size_t n)
{
	return (size_t)(athar_test_random(&d->seed) % n);
}

/* ---- what lies on the disk ---- */

static uint8_t *more(disk *d, size_t blocks)
{
	if (d->count + blocks > d->capacity) {
		d->capacity = 2 * (d->count + blocks);
		d->bytes = realloc(d->bytes, d->capacity * d->block);
		assert_non_null(d->bytes);
	}
	uint8_t *at = d->bytes + d->count * d->block;

	memset(at, 0, blocks * d->block);
	d->count += blocks;
	return at;
}

static size_t blocks_of(const disk *d, const file *f)
{
	return (f->len + d->block - 1) / d->block;
}

/* Blocks [from, to) of a file; what is behind its end in the last one is zeros. */
static void put(disk *d, const file *f, size_t from, size_t to)
{
	uint8_t *at = more(d, to - from);
	const size_t begin = from * d->block, end = to * d->block;

	memcpy(at, f->bytes + begin, (end < f->len ? end : f->len) - begin);
}

static void put_start(disk *d, const file *f, size_t to)
{
	d->start = d->count;
	put(d, f, 0, to);
}

typedef enum filler { NOISE, TEXT, ZEROS, PICTURE, MARKERS, FILLERS } filler;

static void put_text(disk *d, size_t blocks)
{
	static const char *const words[] = {"the ", "evidence ", "of ", "a ", "picture.\n", "<p>"};
	uint8_t *at = more(d, blocks);

	for (size_t i = 0; i < blocks * d->block;) {
		const char *w = words[below(d, 6)];

		while (*w != '\0' && i < blocks * d->block)
			at[i++] = (uint8_t)*w++;
	}
}

/* Entropy-coded data of another picture with the same tables: nothing is harder to tell. */
static void put_picture(disk *d, size_t blocks)
{
	const size_t all = blocks_of(d, &second);

	for (size_t i = 0; i < blocks; i++) {
		const size_t from = all / 4 + (i + below(d, 2)) % (all / 2);

		put(d, &second, from, from + 1);
	}
}

static void put_filler(disk *d, filler kind, size_t blocks)
{
	if (kind == NOISE)
		athar_test_fill(more(d, blocks), blocks * d->block, athar_test_random(&d->seed));
	else if (kind == TEXT)
		put_text(d, blocks);
	else if (kind == ZEROS)
		more(d, blocks);
	else if (kind == PICTURE)
		put_picture(d, blocks);
	else
		for (size_t i = 0; i < blocks; i++)
			memcpy(more(d, 1), i % 2 ? "\xFF\xD9" : "\xFF\xD8\xFF\xE0", i % 2 ? 2 : 4);
}

static disk make(size_t block, uint64_t seed)
{
	disk d = {.block = block, .seed = seed};

	put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
	return d;
}

/* A place to break a file at, behind its header and the first rows. */
static size_t somewhere(disk *d, const file *f, size_t from)
{
	return from + below(d, blocks_of(d, f) - from);
}

/* ---- joining ---- */

/* Is it joined? Then it is the file. */
static bool join(disk *d, const file *f)
{
	athar_error err;
	athar_source *source = NULL;
	athar_runs free_runs = ATHAR_RUNS_INIT;
	athar_space space = ATHAR_SPACE_INIT;
	athar_joining *j = NULL;
	athar_joined out;
	bool done = false;

	put_filler(d, (filler)below(d, FILLERS), 1 + below(d, 9));
	const size_t size = d->count * d->block;

	assert_ok(athar_source_memory(&source, d->bytes, size, &err), err);
	assert_ok(athar_runs_add(&free_runs, 0, size, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_space_make(&space, &free_runs, (uint32_t)d->block, 0, &err), err);
	assert_ok(athar_joining_new(&j, source, &space, &err), err);
	assert_ok(athar_join_file(&out, &done, j, &athar_format_jpeg, d->start * d->block,
	                          5 * ATHAR_JOIN_SECOND, &err),
	          err);
	if (done) {
		assert_int_equal(athar_extents_size(&out.extents), f->len);
		for (size_t i = 0; i < out.extents.count; i++) {
			const athar_extent *e = &out.extents.extent[i];

			assert_memory_equal(d->bytes + e->image, f->bytes + e->logical, e->length);
		}
		assert_int_equal(out.claim.grade, ATHAR_GRADE_COMPLETE);
		assert_true(out.proof[0] != '\0');
	}
	athar_joined_clear(&out);
	athar_joining_free(j);
	athar_space_clear(&space);
	athar_runs_clear(&free_runs);
	athar_source_close(source);
	free(d->bytes);
	return done;
}

/* Of `of` disks at least `least` give the file back. */
static void expect(unsigned joined, unsigned of, unsigned least)
{
	print_message("joined %u of %u\n", joined, of);
	assert_true(joined >= least);
}

/* ---- scenarios ---- */

static void test_whole(void **state)
{
	const file *const files[] = {&first, &restarts, &progressive};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		disk d = make(512, i);

		put_start(&d, files[i], blocks_of(&d, files[i]));
		assert_true(join(&d, files[i]));
	}
}

static void one_gap(const file *f, filler kind, size_t block, size_t from, unsigned least)
{
	unsigned joined = 0;

	for (uint64_t seed = 0; seed < 10; seed++) {
		disk d = make(block, 100 * (uint64_t)kind + seed);
		const size_t at = somewhere(&d, f, from);

		put_start(&d, f, at);
		put_filler(&d, kind, 1 + below(&d, 20));
		put(&d, f, at, blocks_of(&d, f));
		joined += join(&d, f);
	}
	expect(joined, 10, least);
}

static void test_one_gap(void **state)
{
	(void)state;
	for (filler kind = NOISE; kind < FILLERS; kind++)
		one_gap(&first, kind, 512, 6, 9);
}

static void test_one_gap_large_blocks(void **state)
{
	(void)state;
	for (filler kind = NOISE; kind < FILLERS; kind++)
		one_gap(&first, kind, 4096, 1, 9);
}

static void test_one_gap_restarts(void **state)
{
	(void)state;
	one_gap(&restarts, TEXT, 512, 4, 9);
	one_gap(&restarts, PICTURE, 512, 4, 9);
}

static void test_one_gap_progressive(void **state)
{
	(void)state;
	one_gap(&progressive, NOISE, 4096, 1, 9);
	one_gap(&progressive, PICTURE, 4096, 1, 9);
}

static void test_gaps(void **state)
{
	unsigned joined = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		disk d = make(512, 1000 + seed);
		const size_t a = 6 + below(&d, 8), b = a + 3 + below(&d, 6);
		const size_t c = b + 3 + below(&d, 6);

		put_start(&d, &first, a);
		put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
		put(&d, &first, a, b);
		put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
		put(&d, &first, b, c);
		put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
		put(&d, &first, c, blocks_of(&d, &first));
		joined += join(&d, &first);
	}
	expect(joined, 10, 9);
}

static void test_out_of_order(void **state)
{
	unsigned joined = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		disk d = make(512, 2000 + seed);
		const size_t a = 6 + below(&d, 10), b = a + 3 + below(&d, 10);

		put(&d, &first, b, blocks_of(&d, &first));
		put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
		put(&d, &first, a, b);
		put_filler(&d, (filler)below(&d, FILLERS), 1 + below(&d, 9));
		put_start(&d, &first, a);
		joined += join(&d, &first);
	}
	expect(joined, 10, 9);
}

/* Two pictures with the same tables, piece by piece in turn: either is asked for. */
static void test_braided(void **state)
{
	unsigned joined = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		const file *one = seed % 2 ? &second : &first, *other = seed % 2 ? &first : &second;
		disk d = make(512, 3000 + seed);
		const size_t a = 6 + below(&d, 12), b = 6 + below(&d, 12);

		put_start(&d, one, a);
		put(&d, other, 0, b);
		put(&d, one, a, blocks_of(&d, one));
		put(&d, other, b, blocks_of(&d, other));
		joined += join(&d, one);
	}
	expect(joined, 10, 9);
}

static void test_picture_in_picture(void **state)
{
	unsigned joined = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 10; seed++) {
		disk d = make(512, 4000 + seed);
		const size_t a = somewhere(&d, &first, 6);

		put_start(&d, &first, a);
		put(&d, &second, 0, blocks_of(&d, &second));
		put(&d, &first, a, blocks_of(&d, &first));
		joined += join(&d, &first);
	}
	expect(joined, 10, 9);
}

/* One piece is nowhere: never joined, whatever lies there instead. */
static void test_missing(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 30; seed++) {
		disk d = make(seed % 3 ? 512 : 4096, 5000 + seed);
		const size_t all = blocks_of(&d, &first);
		const size_t a = 1 + below(&d, all - 2), b = a + 1 + below(&d, all - a - 1);

		put_start(&d, &first, a);
		put_filler(&d, (filler)(seed % FILLERS), 1 + below(&d, 20));
		put(&d, &first, b, all);
		put_picture(&d, 9);
		put(&d, &second, all / 4, blocks_of(&d, &second));
		assert_false(join(&d, &first));
	}
}

/* Only the beginning is there, and a whole picture of the same camera. */
static void test_other_whole(void **state)
{
	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		disk d = make(512, 6000 + seed);

		put_start(&d, &first, 1 + (size_t)seed);
		put_filler(&d, (filler)(seed % FILLERS), seed % 4);
		put(&d, &second, 0, blocks_of(&d, &second));
		assert_false(join(&d, &first));
	}
}

/* The work is bounded, and the result the same each time. */
static void test_little_work(void **state)
{
	disk d = make(512, 7);
	athar_error err;
	athar_source *source = NULL;
	athar_runs free_runs = ATHAR_RUNS_INIT;
	athar_space space = ATHAR_SPACE_INIT;
	athar_joining *j = NULL;
	athar_joined out;
	bool done = true;

	(void)state;
	put_start(&d, &first, 20);
	put_filler(&d, PICTURE, 200);
	put(&d, &first, 20, blocks_of(&d, &first));
	const size_t size = d.count * d.block;

	assert_ok(athar_source_memory(&source, d.bytes, size, &err), err);
	assert_ok(athar_runs_add(&free_runs, 0, size, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_space_make(&space, &free_runs, 512, 0, &err), err);
	assert_ok(athar_joining_new(&j, source, &space, &err), err);
	assert_status(athar_join_file(&out, &done, j, &athar_format_jpeg, d.start * d.block, 100000,
	                              &err),
	              ATHAR_ELIMIT, err);
	assert_false(done);
	athar_joined_clear(&out);
	athar_joining_free(j);
	athar_space_clear(&space);
	athar_runs_clear(&free_runs);
	athar_source_close(source);
	free(d.bytes);
}

static int begin(void **state)
{
	(void)state;
	first = load("photo-first.jpg");
	second = load("photo-second.jpg");
	restarts = load("photo-restarts.jpg");
	progressive = load("photo-progressive.jpg");
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(first.bytes);
	free(second.bytes);
	free(restarts.bytes);
	free(progressive.bytes);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole),
		cmocka_unit_test(test_one_gap),
		cmocka_unit_test(test_one_gap_large_blocks),
		cmocka_unit_test(test_one_gap_restarts),
		cmocka_unit_test(test_one_gap_progressive),
		cmocka_unit_test(test_gaps),
		cmocka_unit_test(test_out_of_order),
		cmocka_unit_test(test_braided),
		cmocka_unit_test(test_picture_in_picture),
		cmocka_unit_test(test_missing),
		cmocka_unit_test(test_other_whole),
		cmocka_unit_test(test_little_work),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
