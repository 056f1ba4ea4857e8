/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "carve/space.h"

/* Free: [1000, 5000), [8192, 9000), [10240, 20480), [30000, 30100). */
static void make(athar_space *space, uint32_t block, uint64_t base)
{
	static const uint64_t free_at[][2] = {
		{1000, 4000}, {8192, 808}, {10240, 10240}, {30000, 100}};
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t i = 0; i < ATHAR_COUNT(free_at); i++)
		assert_ok(athar_runs_add(&runs, free_at[i][0], free_at[i][1], ATHAR_RUN_DATA, &err),
		          err);
	assert_ok(athar_space_make(space, &runs, block, base, &err), err);
}

static void only_whole_blocks_are_there(void **state)
{
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;

	(void)state;
	make(&space, 512, 0);
	/* 1024 to 4608, 8192 to 8704, 10240 to 20480 */
	assert_int_equal(athar_space_count(&space), 7 + 1 + 20);
	assert_int_equal(athar_space_at(&space, 0), 1024);
	assert_int_equal(athar_space_at(&space, 6), 4096);
	assert_int_equal(athar_space_at(&space, 7), 8192);
	assert_int_equal(athar_space_at(&space, 8), 10240);
	assert_int_equal(athar_space_at(&space, 27), 19968);
}

/* Clusters need not begin where the source does. */
static void blocks_are_counted_from_the_base(void **state)
{
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;

	(void)state;
	make(&space, 4096, 512 + 4096);
	assert_int_equal(athar_space_count(&space), 1);
	assert_int_equal(athar_space_at(&space, 0), 12800);
}

static void offsets_have_their_block(void **state)
{
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	uint64_t index;

	(void)state;
	make(&space, 512, 0);
	for (uint64_t i = 0; i < athar_space_count(&space); i++) {
		assert_true(athar_space_index(&index, &space, athar_space_at(&space, i)));
		assert_int_equal(index, i);
		assert_true(athar_space_index(&index, &space, athar_space_at(&space, i) + 511));
		assert_int_equal(index, i);
	}
	assert_false(athar_space_index(&index, &space, 1023));
	assert_false(athar_space_index(&index, &space, 4608));
	assert_false(athar_space_index(&index, &space, 30000));
	assert_int_equal(athar_space_left(&space, 8200), 504);
	assert_int_equal(athar_space_left(&space, 10240), 10240);
	assert_int_equal(athar_space_left(&space, 9000), 0);
}

static void nothing_free_is_no_failure(void **state)
{
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs none = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t index;

	(void)state;
	assert_ok(athar_space_make(&space, &none, 512, 0, &err), err);
	assert_int_equal(athar_space_count(&space), 0);
	assert_false(athar_space_index(&index, &space, 0));
	assert_status(athar_space_make(&space, &none, 0, 0, &err), ATHAR_EUSAGE, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_whole_blocks_are_there),
		cmocka_unit_test(blocks_are_counted_from_the_base),
		cmocka_unit_test(offsets_have_their_block),
		cmocka_unit_test(nothing_free_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
