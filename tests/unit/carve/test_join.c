/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Files laid out in pieces by a generator that keeps the truth. Whatever is joined must be an
 * original, bit for bit; how many come back is a number of this test, not of the format's.
 */
#include "athar_test.h"
#include "base/check.h"
#include "carve/join.h"
#include "image/driver.h"
#include "inflate/inflate.h"
#include "layout.h"

#define SEEDS 3
#define WORK (ATHAR_JOIN_SECOND / 2)

static const char *const samples[] = {
	"rgb.png",   "named.txt.gz", "deflated.zip", "pipe.zip",   "stored.zip",
	"fields.gz", "zip64.zip",    "palette.png",  "least.docx",
};

#define SAMPLES (sizeof samples / sizeof *samples)
#define FILES (SAMPLES + 2)

static layout_file files[FILES];

static layout_file load(const char *name)
{
	char path[4096];
	layout_file out = {NULL, 0};
	uint8_t *bytes = malloc(1u << 20);
	FILE *f;

	snprintf(path, sizeof path, "%s/formats/%s", ATHAR_TESTDATA, name);
	f = fopen(path, "rb");
	assert_non_null(f);
	assert_non_null(bytes);
	out.len = fread(bytes, 1, 1u << 20, f);
	out.bytes = bytes;
	(void)fclose(f);
	return out;
}

static void put_be32(uint8_t *to, uint32_t value)
{
	for (int i = 0; i < 4; i++)
		to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static size_t put_chunk(uint8_t *to, const char *type, const uint8_t *data, size_t len)
{
	put_be32(to, (uint32_t)len);
	memcpy(to + 4, type, 4);
	memcpy(to + 8, data, len);
	put_be32(to + 8 + len, athar_crc32(0, to + 4, len + 4));
	return len + 12;
}

/* A picture of grey hills and some noise, its data in chunks of so many bytes. */
static layout_file make_png(uint32_t width, uint32_t height, size_t chunk, uint64_t seed)
{
	const size_t raw_len = (size_t)height * (width + 1);
	uint8_t *raw = malloc(raw_len), *packed = malloc(raw_len), *png = malloc(2 * raw_len);
	uint8_t head[13] = {[8] = 8};
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *packer;
	size_t len = 8, packed_len;

	assert_true(raw != NULL && packed != NULL && png != NULL);
	for (uint32_t y = 0; y < height; y++)
		for (uint32_t x = 0; x <= width; x++)
			raw[y * (width + 1) + x] =
				x == 0 ? 0
				       : (uint8_t)(x * y / 64 % 64 + athar_test_random(&seed) % 9);
	assert_ok(athar_packer_new(&packer, ATHAR_COMPRESSION_FAST, &err), err);
	packed_len = athar_packer_deflate(packer, packed, raw_len, raw, raw_len);
	athar_packer_free(packer);
	assert_true(packed_len > 0);
	memcpy(png, "\x89PNG\r\n\x1a\n", 8);
	put_be32(head, width);
	put_be32(head + 4, height);
	len += put_chunk(png + len, "IHDR", head, 13);
	for (size_t at = 0; at < packed_len; at += chunk)
		len += put_chunk(png + len, "IDAT", packed + at, athar_min(chunk, packed_len - at));
	len += put_chunk(png + len, "IEND", head, 0);
	free(raw);
	free(packed);
	return (layout_file){png, len};
}

static int begin(void **state)
{
	(void)state;
	for (size_t i = 0; i < SAMPLES; i++)
		files[i] = load(samples[i]);
	files[SAMPLES] = make_png(300, 200, 8192, 1);
	files[SAMPLES + 1] = make_png(310, 220, 1u << 20, 2);
	return 0;
}

static int end(void **state)
{
	(void)state;
	for (size_t i = 0; i < FILES; i++)
		free((void *)(uintptr_t)files[i].bytes);
	return 0;
}

typedef struct tally {
	size_t whole, back, wrong;
} tally;

static const athar_format *format_of(const layout_file *f)
{
	if (f->bytes[0] == 0x89)
		return athar_format_find("png");
	return athar_format_find(f->bytes[0] == 'P' ? "zip" : "gzip");
}

static bool is_same(const athar_joined *out, const layout *l, const layout_file *f)
{
	uint64_t at = 0;

	if (athar_extents_size(&out->extents) != f->len)
		return false;
	for (size_t i = 0; i < out->extents.count; i++) {
		const athar_extent *x = &out->extents.extent[i];

		assert_int_equal(x->kind, ATHAR_EXTENT_DATA);
		if (memcmp(l->image + x->image, f->bytes + at, x->length) != 0)
			return false;
		at += x->length;
	}
	return true;
}

/* Joins the file that begins at `start`. */
static bool join(athar_joined *out, athar_joining *j, const layout_file *f, uint64_t start)
{
	athar_error err = ATHAR_ERROR_INIT;
	bool done = false;
	const athar_status status = athar_join_file(out, &done, j, format_of(f), start, WORK, &err);

	if (status != ATHAR_ELIMIT)
		assert_ok(status, err);
	return status == ATHAR_OK && done;
}

static void join_all(tally *t, const layout *l)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_source_memory(&source, l->image, l->size, &err), err);
	assert_ok(athar_runs_add(&all, 0, l->size, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_space_make(&space, &all, l->block, 0, &err), err);
	assert_ok(athar_joining_new(&j, source, &space, &err), err);
	for (size_t i = 0; i < FILES; i++) {
		ATHAR_AUTO(joined) athar_joined out = {.extents = ATHAR_EXTENTS_INIT};
		size_t first;

		if (layout_pieces(&first, l, i) == 0 || l->piece[first].from != 0)
			continue;
		const bool whole = layout_whole(l, i, files[i].len);
		const bool done = join(&out, j, &files[i], l->piece[first].at);

		t->whole += whole;
		t->back += done && is_same(&out, l, &files[i]);
		t->wrong += done && !is_same(&out, l, &files[i]);
		if (done)
			assert_true(out.proof[0] != '\0');
	}
}

static tally run(layout_scenario scenario, uint32_t block)
{
	tally t = {0};

	for (uint64_t seed = 1; seed <= SEEDS; seed++) {
		layout l;

		layout_make(&l, files, FILES, scenario, block, seed);
		join_all(&t, &l);
		layout_free(&l);
	}
	print_message("%s, blocks of %u: %zu of %zu, %zu wrong\n", layout_names[scenario], block,
	              t.back, t.whole, t.wrong);
	assert_int_equal(t.wrong, 0);
	return t;
}

static void whole_files_are_themselves(void **state)
{
	const tally t = run(LAYOUT_CONTIGUOUS, 512);

	(void)state;
	assert_int_equal(t.back, t.whole);
	assert_int_equal(t.whole, FILES * SEEDS);
}

/* At least `percent` of what is there comes back. */
static void expect(layout_scenario scenario, uint32_t block, size_t percent)
{
	const tally t = run(scenario, block);

	assert_true(t.whole > 0);
	assert_true(t.back * 100 >= t.whole * percent);
}

static void one_gap_is_closed(void **state)
{
	(void)state;
	expect(LAYOUT_GAP, 512, 90);
	expect(LAYOUT_GAP, 4096, 90);
}

/* Files of ten blocks in pieces of three: too little to tell some of them apart, above all where
 * members are stored and only a CRC behind all of their pieces speaks. */
static void several_gaps_are_closed(void **state)
{
	(void)state;
	expect(LAYOUT_GAPS, 512, 60);
}

static void pieces_out_of_order_are_found(void **state)
{
	(void)state;
	expect(LAYOUT_DISORDER, 512, 60);
}

static void braids_are_taken_apart(void **state)
{
	(void)state;
	expect(LAYOUT_BRAID, 512, 90);
}

static void decoys_are_not_taken(void **state)
{
	(void)state;
	expect(LAYOUT_DECOYS, 512, 90);
}

static void what_is_missing_is_not_made_up(void **state)
{
	const tally t = run(LAYOUT_MISSING, 512);

	(void)state;
	assert_int_equal(t.whole, 0);
	assert_int_equal(t.back, 0);
}

/* The same image gives the same pieces, whatever was joined before. */
static void results_are_the_same_again(void **state)
{
	tally one = {0}, two = {0};
	layout l;

	(void)state;
	layout_make(&l, files, FILES, LAYOUT_GAPS, 512, 9);
	join_all(&one, &l);
	join_all(&two, &l);
	layout_free(&l);
	assert_memory_equal(&one, &two, sizeof one);
}

static void work_is_bounded(void **state)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(joining) athar_joining *j = NULL;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;
	ATHAR_AUTO(joined) athar_joined out = {.extents = ATHAR_EXTENTS_INIT};
	athar_error err = ATHAR_ERROR_INIT;
	bool done;

	(void)state;
	assert_ok(athar_source_memory(&source, files[0].bytes, files[0].len, &err), err);
	assert_ok(athar_runs_add(&all, 0, files[0].len, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_space_make(&space, &all, 512, 0, &err), err);
	assert_ok(athar_joining_new(&j, source, &space, &err), err);
	assert_status(athar_join_file(&out, &done, j, athar_format_find("png"), 0, 1000, &err),
	              ATHAR_ELIMIT, err);
	assert_ok(athar_join_file(&out, &done, j, athar_format_find("gif"), 0, WORK, &err), err);
	assert_false(done);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_files_are_themselves),
		cmocka_unit_test(one_gap_is_closed),
		cmocka_unit_test(several_gaps_are_closed),
		cmocka_unit_test(pieces_out_of_order_are_found),
		cmocka_unit_test(braids_are_taken_apart),
		cmocka_unit_test(decoys_are_not_taken),
		cmocka_unit_test(what_is_missing_is_not_made_up),
		cmocka_unit_test(results_are_the_same_again),
		cmocka_unit_test(work_is_bounded),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
