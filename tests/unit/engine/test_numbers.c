/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "engine/numbers.h"

static void numbers_and_ranges_are_taken(void **state)
{
	ATHAR_AUTO(numbers) athar_numbers n = {.runs = ATHAR_RUNS_INIT};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_numbers_parse(&n, "20-25,17,21,3", &err), err);
	assert_int_equal(athar_numbers_count(&n), 8);
	assert_true(athar_numbers_have(&n, 3));
	assert_true(athar_numbers_have(&n, 20));
	assert_true(athar_numbers_have(&n, 25));
	assert_false(athar_numbers_have(&n, 26));
	assert_false(athar_numbers_have(&n, 19));
}

static void anything_else_is_refused(void **state)
{
	static const char *const wrong[] = {"",
	                                    ",",
	                                    "0",
	                                    "1,",
	                                    "1-",
	                                    "-1",
	                                    "3-2",
	                                    "1 ,2",
	                                    "0x10",
	                                    "1;2",
	                                    "a",
	                                    "1-2-3",
	                                    "18446744073709551615",
	                                    "18446744073709551616"};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		ATHAR_AUTO(numbers) athar_numbers n = {.runs = ATHAR_RUNS_INIT};
		athar_error err = ATHAR_ERROR_INIT;

		assert_status(athar_numbers_parse(&n, wrong[i], &err), ATHAR_EUSAGE, err);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_ranges_are_taken),
		cmocka_unit_test(anything_else_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
