/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include "base/alloc.h"
#include "base/idiom.h"

static bool zeroed(const void *p, size_t len)
{
	for (size_t i = 0; i < len; i++)
		if (((const uint8_t *)p)[i] != 0)
			return false;
	return true;
}

static void memory_is_zeroed(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) void *a = athar_alloc(0, &err);
	ATHAR_AUTO(free) void *b = athar_alloc_array(100, 10, &err);
	ATHAR_AUTO(free) void *c = athar_alloc_pages(5000, &err);

	(void)state;
	assert_non_null(a);
	assert_true(zeroed(a, 1));
	assert_true(zeroed(b, 1000));
	assert_true(zeroed(c, 5000));
	assert_int_equal((uintptr_t)c % 4096, 0);
}

static void what_cannot_be_had_is_reported(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t *array = NULL;
	size_t capacity = 0;

	(void)state;
	assert_null(athar_alloc_array(SIZE_MAX / 2, 3, &err));
	assert_int_equal(err.status, ATHAR_ENOMEM);
	assert_null(athar_alloc_pages(SIZE_MAX, &err));
	assert_null(athar_alloc(SIZE_MAX, &err));
	assert_status(athar_grow(&array, &capacity, SIZE_MAX / 4, 8, &err), ATHAR_ENOMEM, err);
	assert_status(athar_grow(&array, &capacity, SIZE_MAX, 1, &err), ATHAR_ENOMEM, err);
	assert_null(array);
	assert_int_equal(capacity, 0);
}

static void growing_keeps_what_is_there(void **state)
{
	ATHAR_AUTO(free) uint64_t *array = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t capacity = 0;
	size_t moves = 0;

	(void)state;
	for (size_t i = 0; i < 10000; i++) {
		const size_t before = capacity;

		assert_ok(athar_grow(&array, &capacity, i + 1, sizeof *array, &err), err);
		array[i] = i;
		moves += capacity != before;
	}
	for (size_t i = 0; i < 10000; i++)
		assert_int_equal(array[i], i);
	assert_in_range(moves, 1, 14);
}

static void copies_end_in_nul(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *text = athar_copy_text("abc", &err);
	ATHAR_AUTO(free) uint8_t *bytes = athar_copy_bytes("a\0b", 3, &err);
	ATHAR_AUTO(free) uint8_t *none = athar_copy_bytes(NULL, 0, &err);
	ATHAR_AUTO(free) char *made = athar_format_text(&err, "%s-%d", "x", 12);

	(void)state;
	assert_string_equal(text, "abc");
	assert_memory_equal(bytes, "a\0b", 4);
	assert_int_equal(none[0], 0);
	assert_string_equal(made, "x-12");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed),
		cmocka_unit_test(what_cannot_be_had_is_reported),
		cmocka_unit_test(growing_keeps_what_is_there),
		cmocka_unit_test(copies_end_in_nul),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
