/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static const char *const samples[] = {"layers.xcf", "plain.xcf", "packed.xcf"};

static void an_xcf_ends_with_its_last_structure(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_xcf, samples[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_xcf_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_cuts(&athar_format_xcf, samples[i]);
}

/* All of a cut file that is there belongs to it. */
static void a_cut_xcf_reaches_to_the_cut(void **state)
{
	const sample s = sample_load("layers.xcf");

	(void)state;
	const athar_claim c = judge(&athar_format_xcf, s.bytes, 5000);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, 5000);
	assert_true(c.proven > 100);
	sample_free(s);
}

static void a_foreign_block_does_not_decode(void **state)
{
	(void)state;
	judge_foreign(&athar_format_xcf, "layers.xcf", 4096, 30, true);
	judge_foreign(&athar_format_xcf, "layers.xcf", 512, 200, true);
	judge_foreign(&athar_format_xcf, "packed.xcf", 4096, 30, true);
	judge_foreign(&athar_format_xcf, "packed.xcf", 16, 300, true);
}

/* Tiles that are not packed are any bytes. */
static void plain_tiles_take_any_bytes(void **state)
{
	const sample s = sample_load("plain.xcf");

	(void)state;
	athar_test_fill(s.bytes + 1000, 1000, 1);
	assert_int_equal(judge(&athar_format_xcf, s.bytes, s.len).grade, ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

static void the_rest_behind_a_bad_tile_is_measured(void **state)
{
	const sample s = sample_load("layers.xcf");

	(void)state;
	memset(s.bytes + 9000, 0xFF, 100);
	const athar_claim c = judge(&athar_format_xcf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_true(c.proven <= 9000);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_xcf, "layers.xcf", 14);
	judge_noise(&athar_format_xcf, "layers.xcf", 60);
	judge_noise(&athar_format_xcf, "plain.xcf", 26);
}

static void a_version_that_is_not_known_is_a_header(void **state)
{
	const sample s = sample_load("layers.xcf");

	(void)state;
	memcpy(s.bytes + 9, "v018", 4);
	const athar_claim later = judge(&athar_format_xcf, s.bytes, s.len);

	assert_true(later.ours);
	assert_int_equal(later.grade, ATHAR_GRADE_HEADER);
	memcpy(s.bytes + 9, "v0x8", 4);
	assert_false(judge(&athar_format_xcf, s.bytes, s.len).ours);
	memcpy(s.bytes + 9, "v011", 4);
	s.bytes[25] = 3;
	assert_false(judge(&athar_format_xcf, s.bytes, s.len).ours);
	sample_free(s);
}

/* Two layers that are the same one: each byte would belong to both. */
static void structures_do_not_lie_in_one_another(void **state)
{
	const sample s = sample_load("layers.xcf");
	const uint8_t *end = NULL;

	(void)state;
	/* The first pointer of the list is that to what follows the list of four and two zeros. */
	for (uint8_t *p = s.bytes + 30; p < s.bytes + 300 && end == NULL; p++) {
		const uint64_t place = (uint64_t)(p - s.bytes) + 40;
		const uint8_t first[8] = {0, 0, 0, 0, 0, 0, (uint8_t)(place >> 8), (uint8_t)place};

		if (memcmp(p, first, 8) != 0)
			continue;
		memcpy(p + 8, first, 8);
		end = p;
	}
	assert_non_null(end);
	const athar_claim c = judge(&athar_format_xcf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void layers_take_linear_time(void **state)
{
	static const uint8_t none[] = {0, 0, 0, 0, 0, 0, 0, 60};
	const sample s = sample_load("layers.xcf");
	uint8_t head[38];

	(void)state;
	memcpy(head, s.bytes, 30);
	memset(head + 30, 0, 8);
	judge_time(&athar_format_xcf, head, sizeof head, none, sizeof none);
	judge_time(&athar_format_xcf, head, 30, "\0\0\0\2\0\0\0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_flips(&athar_format_xcf, samples[i]);
}

static void the_size_is_told(void **state)
{
	(void)state;
	expect_field(&athar_format_xcf, "plain.xcf", "width", "90");
	expect_field(&athar_format_xcf, "plain.xcf", "height", "65");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_xcf_ends_with_its_last_structure),
		cmocka_unit_test(a_cut_xcf_is_partial),
		cmocka_unit_test(a_cut_xcf_reaches_to_the_cut),
		cmocka_unit_test(a_foreign_block_does_not_decode),
		cmocka_unit_test(plain_tiles_take_any_bytes),
		cmocka_unit_test(the_rest_behind_a_bad_tile_is_measured),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_version_that_is_not_known_is_a_header),
		cmocka_unit_test(structures_do_not_lie_in_one_another),
		cmocka_unit_test(layers_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(the_size_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
