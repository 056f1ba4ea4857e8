/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "engine/spool.h"

#define RECORDS 5000

static void records_come_back_in_order(void **state)
{
	ATHAR_AUTO(spool) athar_spool *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char *folder = athar_test_mkdir();
	athar_bytes record;
	bool end = false;

	(void)state;
	assert_ok(athar_spool_new(&s, folder, &err), err);
	for (unsigned i = 0; i < RECORDS; i++) {
		uint8_t bytes[300];

		athar_test_fill(bytes, sizeof bytes, i);
		assert_ok(athar_spool_add(s, (athar_bytes){.ptr = bytes, .len = i % 300}, &err),
		          err);
	}
	/* Nothing has a name that a crash could leave behind. */
	assert_int_equal(rmdir(folder), 0);
	assert_int_equal(athar_spool_count(s), RECORDS);
	for (int pass = 0; pass < 2; pass++) {
		assert_ok(athar_spool_rewind(s, &err), err);
		for (unsigned i = 0; i < RECORDS; i++) {
			uint8_t bytes[300];

			athar_test_fill(bytes, sizeof bytes, i);
			assert_ok(athar_spool_next(s, &record, &end, &err), err);
			assert_false(end);
			assert_int_equal(record.len, i % 300);
			assert_memory_equal(record.ptr, bytes, record.len);
		}
		assert_ok(athar_spool_next(s, &record, &end, &err), err);
		assert_true(end);
	}
	free(folder);
}

static void no_folder_is_an_error(void **state)
{
	athar_spool *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_status(athar_spool_new(&s, "/nonexistent", &err), ATHAR_EIO, err);
	assert_null(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_back_in_order),
		cmocka_unit_test(no_folder_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
