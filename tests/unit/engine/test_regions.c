/* SPDX-License-Identifier: BSD-2-Clause */
/* Free space shared out among file systems, and how large their blocks are. */
#include "athar_test.h"
#include "engine/regions.h"

#define MIB (1u << 20)

static const bool mapped[] = {true, true, false};

/* Two file systems, one that could not be read, and 4 MiB more. */
static void make_survey(athar_survey *s, athar_volume_info volume[3])
{
	volume[0] = (athar_volume_info){
		.offset = 1 * MIB, .length = 8 * MIB, .block_size = 4096, .file_system = true};
	volume[1] = (athar_volume_info){
		.offset = 9 * MIB, .length = 8 * MIB, .block_size = 2048, .file_system = true};
	volume[2] = (athar_volume_info){
		.offset = 17 * MIB, .length = 8 * MIB, .block_size = 4096, .file_system = true};
	*s = (athar_survey){.volume = volume, .count = 3, .size = 29 * MIB};
}

static void make(athar_regions *out)
{
	ATHAR_AUTO(runs) athar_runs free = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_volume_info volume[3];
	athar_survey survey;

	make_survey(&survey, volume);
	assert_ok(athar_runs_add(&free, 512, 10 * MIB, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_runs_add(&free, 16 * MIB, 12 * MIB, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_regions_make(out, &survey, mapped, &free, &err), err);
}

static void each_file_system_has_its_own_space(void **state)
{
	ATHAR_AUTO(regions) athar_regions r = {.count = 0};

	(void)state;
	make(&r);
	assert_int_equal(r.count, 3);
	assert_int_equal(athar_runs_total(&r.region[0].free), 8 * MIB);
	assert_int_equal(athar_runs_total(&r.region[1].free), 2 * MIB + 512);
	/* before the first, and from the one that could not be read on */
	assert_int_equal(athar_runs_total(&r.region[2].free), 1 * MIB - 512 + 11 * MIB);
	assert_ptr_equal(athar_regions_at(&r, 9 * MIB - 1), &r.region[0]);
	assert_ptr_equal(athar_regions_at(&r, 9 * MIB), &r.region[1]);
	assert_ptr_equal(athar_regions_at(&r, 18 * MIB), &r.region[2]);
	assert_ptr_equal(athar_regions_at(&r, 0), &r.region[2]);
	assert_true(r.region[0].generation != r.region[1].generation);
}

/* n files, one every `step` from `first` on. */
static void add_starts(athar_region *r, uint64_t first, uint64_t step, unsigned n)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (unsigned i = 0; i < n; i++)
		assert_ok(athar_region_start(r, first + i * step, &err), err);
}

static void beginnings_tell_where_blocks_begin(void **state)
{
	ATHAR_AUTO(regions) athar_regions r = {.count = 0};

	(void)state;
	make(&r);
	/* clusters of 4096 that are counted from sector 17 on; one of 40 lies elsewhere */
	add_starts(&r.region[0], 1 * MIB + 17 * 512, 3 * 4096, 39);
	add_starts(&r.region[0], 3 * MIB + 512, 1, 1);
	athar_region_settle(&r.region[0]);
	assert_int_equal(r.region[0].block, 4096);
	assert_int_equal(r.region[0].base % 4096, 17 * 512 % 4096);
	/* every sector begins one */
	add_starts(&r.region[1], 9 * MIB, 512, 40);
	athar_region_settle(&r.region[1]);
	assert_int_equal(r.region[1].block, 512);
	/* outside, larger blocks than any file system has told of */
	add_starts(&r.region[2], 18 * MIB, 16384, 20);
	athar_region_settle(&r.region[2]);
	assert_int_equal(r.region[2].block, 16384);
}

static void few_beginnings_prove_nothing(void **state)
{
	ATHAR_AUTO(regions) athar_regions r = {.count = 0};

	(void)state;
	make(&r);
	add_starts(&r.region[0], 1 * MIB, 4096, 7);
	athar_region_settle(&r.region[0]);
	assert_int_equal(r.region[0].block, 512);
	assert_int_equal(r.region[0].base, 0);
}

static void what_is_taken_takes_its_last_block(void **state)
{
	ATHAR_AUTO(regions) athar_regions r = {.count = 0};
	athar_error err = ATHAR_ERROR_INIT;
	const uint64_t first = 1 * MIB + 17 * 512;

	(void)state;
	make(&r);
	add_starts(&r.region[0], first, 4096, 40);
	athar_region_settle(&r.region[0]);
	assert_ok(athar_region_take(&r, first + 4096, 5000, &err), err);
	assert_int_equal(athar_runs_overlap(&r.region[0].free, first, 3 * 4096), 4096);
	assert_int_equal(athar_runs_total(&r.region[0].free), 8 * MIB - 2 * 4096);
	/* from the middle of a block on, no more than to its end */
	assert_ok(athar_region_take(&r, first + 4 * 4096 + 100, 50, &err), err);
	assert_int_equal(athar_runs_total(&r.region[0].free), 8 * MIB - 3 * 4096 + 100);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_file_system_has_its_own_space),
		cmocka_unit_test(beginnings_tell_where_blocks_begin),
		cmocka_unit_test(few_beginnings_prove_nothing),
		cmocka_unit_test(what_is_taken_takes_its_last_block),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
