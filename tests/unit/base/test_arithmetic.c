/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include "base/check.h"
#include "base/endian.h"

static void sums_that_do_not_fit_are_refused(void **state)
{
	uint64_t out = 0;

	(void)state;
	assert_true(athar_add(UINT64_MAX, 0, &out));
	assert_true(out == UINT64_MAX);
	assert_false(athar_add(UINT64_MAX, 1, &out));
	assert_true(athar_mul(UINT32_MAX, UINT32_MAX, &out));
	assert_true(out == UINT64_C(18446744065119617025));
	assert_false(athar_mul(UINT64_C(1) << 32, UINT64_C(1) << 32, &out));
}

static void inside_does_not_wrap(void **state)
{
	(void)state;
	assert_true(athar_inside(0, 10, 10));
	assert_true(athar_inside(10, 0, 10));
	assert_false(athar_inside(11, 0, 10));
	assert_false(athar_inside(1, 10, 10));
	assert_false(athar_inside(5, UINT64_MAX, 10));
	assert_false(athar_inside(UINT64_MAX, 1, UINT64_MAX));
}

static void rounding_saturates(void **state)
{
	(void)state;
	assert_int_equal(athar_round_down(1023, 512), 512);
	assert_int_equal(athar_round_up(1023, 512), 1024);
	assert_int_equal(athar_round_up(1024, 512), 1024);
	assert_int_equal(athar_round_up(0, 3), 0);
	assert_true(athar_round_up(UINT64_MAX - 1, 4096) == UINT64_MAX);
	assert_int_equal(athar_min(3, 4), 3);
	assert_int_equal(athar_max(3, 4), 4);
}

static void bytes_become_integers(void **state)
{
	static const uint8_t p[] = {0x81, 0x92, 0xA3, 0xB4, 0xC5, 0xD6, 0xE7, 0xF8};
	uint8_t back[8] = {0};

	(void)state;
	assert_int_equal(athar_le16(p), 0x9281);
	assert_int_equal(athar_be16(p), 0x8192);
	assert_int_equal(athar_be24(p), 0x8192A3);
	assert_true(athar_le32(p) == 0xB4A39281);
	assert_true(athar_be32(p) == 0x8192A3B4);
	assert_true(athar_le64(p) == UINT64_C(0xF8E7D6C5B4A39281));
	assert_true(athar_be64(p) == UINT64_C(0x8192A3B4C5D6E7F8));
	athar_put_le64(back, athar_le64(p));
	assert_memory_equal(back, p, 8);
	athar_put_le32(back, 0x01020304);
	assert_memory_equal(back, "\4\3\2\1\xC5", 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sums_that_do_not_fit_are_refused),
		cmocka_unit_test(inside_does_not_wrap),
		cmocka_unit_test(rounding_saturates),
		cmocka_unit_test(bytes_become_integers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
