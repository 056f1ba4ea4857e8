/* SPDX-License-Identifier: BSD-2-Clause */
/* What goes into records. */
#include "athar_test.h"
#include "engine/record.h"

static athar_runs some_bad(void)
{
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(&bad, 4096, 512, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, 1 << 20, 1024, ATHAR_RUN_UNREAD, &err), err);
	return bad;
}

/* The log's line takes some of them; the record takes all. */
static void a_list_of_ranges_can_be_bounded(void **state)
{
	ATHAR_AUTO(runs) athar_runs bad = some_bad();
	ATHAR_AUTO(json) athar_json *all = athar_record_ranges(&bad, SIZE_MAX);
	ATHAR_AUTO(json) athar_json *one = athar_record_ranges(&bad, 1);
	uint64_t offset = 0;

	(void)state;
	assert_int_equal(athar_json_count(all), 2);
	assert_string_equal(athar_json_get_text(athar_json_at(all, 1), "kind"), "unread");
	assert_int_equal(athar_json_count(one), 1);
	assert_true(athar_json_get_number(athar_json_at(one, 0), "offset", &offset));
	assert_int_equal(offset, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_of_ranges_can_be_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
