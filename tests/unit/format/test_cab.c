/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static void a_cabinet_ends_where_its_blocks_do(void **state)
{
	(void)state;
	judge_end(&athar_format_cab, "zipped.cab", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_cab, "stored.cab", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_cab, "part.cab", ATHAR_GRADE_INTACT);
}

static void what_has_no_checksum_is_complete(void **state)
{
	(void)state;
	judge_end(&athar_format_cab, "no-sums.cab", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_cab, "signed.cab", ATHAR_GRADE_COMPLETE);
	assert_int_equal(judge_file(&athar_format_cab, "no-sums.cab").unseen, 1503);
	assert_int_equal(judge_file(&athar_format_cab, "signed.cab").unseen, 333);
}

static const char *field(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

static void fields_tell_of_the_files(void **state)
{
	const athar_claim whole = judge_file(&athar_format_cab, "zipped.cab");
	const athar_claim part = judge_file(&athar_format_cab, "part.cab");

	(void)state;
	assert_string_equal(field(&whole, "name"), "text.txt");
	assert_string_equal(field(&whole, "count"), "2");
	assert_string_equal(field(&whole, "part"), "");
	assert_string_equal(field(&part, "name"), "folder\\noise.bin");
	assert_string_equal(field(&part, "part"), "3");
}

static void a_cut_cabinet_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_cab, "zipped.cab");
	judge_cuts(&athar_format_cab, "signed.cab");
	judge_cuts(&athar_format_cab, "part.cab");
}

static void a_foreign_block_breaks_a_checksum(void **state)
{
	(void)state;
	judge_foreign(&athar_format_cab, "zipped.cab", 512, 36, true);
	judge_foreign(&athar_format_cab, "stored.cab", 512, 36, true);
	judge_foreign(&athar_format_cab, "stored.cab", 1, 100, true);
	judge_foreign(&athar_format_cab, "signed.cab", 64, 60, false);
}

static void damage_in_a_block_is_told(void **state)
{
	const sample s = sample_load("part.cab");

	(void)state;
	s.bytes[s.len - 1] ^= 1;
	const athar_claim c = judge(&athar_format_cab, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_true(c.proven < s.len - 1500);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_cab, "stored.cab", 8);
	judge_noise(&athar_format_cab, "stored.cab", 36);
	judge_noise(&athar_format_cab, "stored.cab", 300);
}

static void a_header_must_be_one(void **state)
{
	static const size_t wrong[] = {4, 12, 17, 20, 25, 31};
	const sample s = sample_load("stored.cab");

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		s.bytes[wrong[i]] ^= 0x80;
		assert_false(judge(&athar_format_cab, s.bytes, s.len).ours);
		s.bytes[wrong[i]] ^= 0x80;
	}
	s.bytes[8]++;
	assert_int_equal(judge(&athar_format_cab, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

/* No files, and a folder of no blocks, beyond the end. */
static void a_header_may_lead_past_the_end(void **state)
{
	uint8_t file[60] = {'M', 'S', 'C', 'F', [9] = 4, [16] = 44, [24] = 3, [25] = 1, [26] = 1};

	(void)state;
	file[37] = 4;
	const athar_claim c = judge(&athar_format_cab, file, sizeof file);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.length <= sizeof file);
}

static void blocks_take_linear_time(void **state)
{
	const sample s = sample_load("no-sums.cab");
	const size_t head = s.len - 1503 - 8;

	(void)state;
	memset(s.bytes + 8, 0x7F, 4);                  /* the size */
	memset(s.bytes + head - 16 - 10 - 4, 0xFF, 2); /* how many blocks */
	judge_time(&athar_format_cab, s.bytes, head, "\0\0\0\0\1\0\1\0a", 9);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_cab, "zipped.cab");
	judge_flips(&athar_format_cab, "signed.cab");
	judge_flips(&athar_format_cab, "part.cab");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cabinet_ends_where_its_blocks_do),
		cmocka_unit_test(what_has_no_checksum_is_complete),
		cmocka_unit_test(fields_tell_of_the_files),
		cmocka_unit_test(a_cut_cabinet_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_checksum),
		cmocka_unit_test(damage_in_a_block_is_told),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(a_header_may_lead_past_the_end),
		cmocka_unit_test(blocks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
