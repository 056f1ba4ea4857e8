/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"box.jxl", "parts.jxl"};

static void a_jxl_ends_where_its_boxes_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_jxl, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_jxl_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_jxl, all[i]);
	assert_true(judge_file(&athar_format_jxl, "box.jxl").alike);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_jxl, "box.jxl", 12);
	judge_noise(&athar_format_jxl, "box.jxl", 32);
}

/* A part begins behind 32 bytes of header and 8 of its box; the second 204 bytes later. */
static void parts_come_in_order_to_the_last(void **state)
{
	const sample s = sample_load("parts.jxl");

	(void)state;
	s.bytes[43] = 1;
	assert_int_equal(judge(&athar_format_jxl, s.bytes, s.len).grade, ATHAR_GRADE_HEADER);
	s.bytes[43] = 0;
	s.bytes[32 + 212 + 8] = 0; /* it is not the last any more */
	const athar_claim c = judge(&athar_format_jxl, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

/* A last box of size 0 reaches as far as the file, which nothing here knows. */
static void an_open_box_has_no_end(void **state)
{
	const sample s = sample_load("parts.jxl");

	(void)state;
	memset(s.bytes + 32 + 212, 0, 4);
	const athar_claim c = judge(&athar_format_jxl, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, 32 + 212);
	sample_free(s);
}

static void the_notes_are_told(void **state)
{
	(void)state;
	expect_notes(&athar_format_jxl, "box.jxl");
	expect_field(&athar_format_jxl, "box.jxl", "width", "52");
	expect_field(&athar_format_jxl, "parts.jxl", "height", "44");
}

static void small_boxes_take_linear_time(void **state)
{
	const sample s = sample_load("box.jxl");

	(void)state;
	judge_time(&athar_format_jxl, s.bytes, 32, "\0\0\0\x08xml ", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_jxl, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jxl_ends_where_its_boxes_do),
		cmocka_unit_test(a_cut_jxl_is_partial),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(parts_come_in_order_to_the_last),
		cmocka_unit_test(an_open_box_has_no_end),
		cmocka_unit_test(the_notes_are_told),
		cmocka_unit_test(small_boxes_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
