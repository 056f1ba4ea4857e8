/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"
#include "inflate/inflate.h"

static void it_ends_where_its_size_says(void **state)
{
	const athar_claim c = judge_file(&athar_format_dex, "classes.dex");

	(void)state;
	judge_end(&athar_format_dex, "classes.dex", ATHAR_GRADE_INTACT);
	expect_said(&c, "version", "035");
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_dex, "classes.dex");
}

static void foreign_blocks_break_its_sums(void **state)
{
	(void)state;
	assert_int_equal(judge_foreign(&athar_format_dex, "classes.dex", 512, 0, true), 0);
	assert_int_equal(judge_foreign(&athar_format_dex, "classes.dex", 1, 0, true), 0);
}

/* With the Adler-32 put right the SHA-1 still says no. */
static void both_sums_must_hold(void **state)
{
	const sample s = sample_load("classes.dex");

	(void)state;
	s.bytes[500] ^= 1;
	athar_put_le32(s.bytes + 8, athar_adler32(1, s.bytes + 12, s.len - 12));
	const athar_claim c = judge(&athar_format_dex, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_non_null(strstr(c.why, "SHA-1"));
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_dex, "classes.dex", 8);
	judge_noise(&athar_format_dex, "classes.dex", 112);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_dex, "classes.dex");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_where_its_size_says),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(foreign_blocks_break_its_sums),
		cmocka_unit_test(both_sums_must_hold),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
