/* SPDX-License-Identifier: BSD-2-Clause */
/* What is taken and what is left, against a table with one entry a byte. */
#include "athar_test.h"
#include "base/idiom.h"
#include "engine/taken.h"

#define SIZE 4096u

static void rest_is_what_nobody_took(void **state)
{
	uint64_t seed = 7;

	(void)state;
	for (int round = 0; round < 200; round++) {
		ATHAR_AUTO(runs) athar_runs rest = ATHAR_RUNS_INIT;
		athar_taken t = {NULL, 0, 0, 0};
		athar_error err = ATHAR_ERROR_INIT;
		uint8_t truth[SIZE] = {0};

		for (uint64_t n = athar_test_random(&seed) % 40; n > 0; n--) {
			uint64_t offset = athar_test_random(&seed) % SIZE;
			uint64_t length = athar_test_random(&seed) % 300;

			assert_ok(athar_taken_add(&t, offset, length, &err), err);
			for (uint64_t i = offset; i < offset + length && i < SIZE; i++)
				truth[i] = 1;
		}
		assert_ok(athar_taken_rest(&rest, &t, SIZE, &err), err);
		for (size_t i = 0; i < rest.count; i++)
			for (uint64_t k = 0; k < rest.run[i].length; k++) {
				assert_int_equal(truth[rest.run[i].offset + k], 0);
				truth[rest.run[i].offset + k] = 2;
			}
		for (size_t i = 0; i < SIZE; i++)
			assert_int_not_equal(truth[i], 0);
		athar_taken_clear(&t);
	}
}

static void a_range_past_the_end_is_refused(void **state)
{
	athar_taken t = {NULL, 0, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_status(athar_taken_add(&t, UINT64_MAX - 5, 6, &err), ATHAR_EFORMAT, err);
	athar_taken_clear(&t);
}

/* Backwards, so that each of them would move all the others in a sorted set. */
static void a_million_ranges_take_no_time(void **state)
{
	ATHAR_AUTO(runs) athar_runs rest = ATHAR_RUNS_INIT;
	athar_taken t = {NULL, 0, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (uint64_t i = 1500000; i > 0; i--)
		assert_ok(athar_taken_add(&t, i * 8, 4, &err), err);
	assert_ok(athar_taken_rest(&rest, &t, 1500000 * 8 + 4, &err), err);
	assert_int_equal(rest.count, 1500000);
	assert_int_equal(athar_runs_total(&rest), 8 + 1499999 * 4);
	athar_taken_clear(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rest_is_what_nobody_took),
		cmocka_unit_test(a_range_past_the_end_is_refused),
		cmocka_unit_test(a_million_ranges_take_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
