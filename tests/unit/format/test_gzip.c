/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

static void a_gzip_ends_behind_its_sums(void **state)
{
	const sample s = sample_load("fields.gz");

	(void)state;
	assert_int_equal(s.len % 512, 0);
	judge_end(&athar_format_gzip, "fields.gz", ATHAR_GRADE_INTACT);
	assert_int_equal(judge_file(&athar_format_gzip, "named.txt.gz").grade, ATHAR_GRADE_INTACT);
	sample_free(s);
}

static void a_cut_gzip_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_gzip, "fields.gz");
	judge_cuts(&athar_format_gzip, "named.txt.gz");
}

static void a_foreign_block_breaks_the_crc(void **state)
{
	(void)state;
	judge_foreign(&athar_format_gzip, "fields.gz", 4096, 600, false);
	judge_foreign(&athar_format_gzip, "named.txt.gz", 512, 20, false);
	judge_foreign(&athar_format_gzip, "named.txt.gz", 2, 20, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_gzip, "named.txt.gz", 3);
	judge_noise(&athar_format_gzip, "named.txt.gz", 20);
	judge_noise(&athar_format_gzip, "named.txt.gz", 1500);
}

/* Both samples, one behind the other, without the last `cut` bytes; *len: of the first. */
static athar_claim joined(size_t *len, const char *first, const char *second, size_t cut)
{
	const sample a = sample_load(first), b = sample_load(second);
	uint8_t *both = malloc(a.len + b.len);

	assert_non_null(both);
	memcpy(both, a.bytes, a.len);
	memcpy(both + a.len, b.bytes, b.len);
	*len = a.len;
	const athar_claim c = judge(&athar_format_gzip, both, a.len + b.len - cut);

	free(both);
	sample_free(a);
	sample_free(b);
	return c;
}

static void members_that_follow_at_once_belong_to_it(void **state)
{
	const sample b = sample_load("fields.gz");
	size_t first = 0;
	const athar_claim c = joined(&first, "named.txt.gz", "fields.gz", 0);
	const athar_claim cut = joined(&first, "named.txt.gz", "fields.gz", 1);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
	assert_int_equal(c.length, first + b.len);
	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(cut.proven, first);
	sample_free(b);
}

static void a_header_must_be_one(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {{2, 7}, {3, 0x28}, {8, 1}, {9, 14}, {12, 1}};
	const sample s = sample_load("named.txt.gz");

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		const uint8_t was = s.bytes[wrong[i].at];

		s.bytes[wrong[i].at] = wrong[i].value;
		assert_false(judge(&athar_format_gzip, s.bytes, s.len).ours);
		s.bytes[wrong[i].at] = was;
	}
	sample_free(s);
}

/* An extra field of 18635 bytes in a file of 27: the claim ends where the file does. */
static void a_header_that_leads_past_the_end_is_cut(void **state)
{
	static const uint8_t bytes[27] = {0x1F, 0x8B, 8, 4, 0, 0, 0, 0, 0, 3, 0xCB, 0x48};
	const athar_claim c = judge(&athar_format_gzip, bytes, sizeof bytes);

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.length, sizeof bytes);
	assert_true(c.proven <= c.length);
}

/* The times are those of date(1). */
static void fields_tell_of_the_file(void **state)
{
	const sample s = sample_load("named.txt.gz");
	const athar_claim plain = judge(&athar_format_gzip, s.bytes, s.len);

	(void)state;
	assert_int_equal(plain.field_count, 1);
	assert_string_equal(plain.field[0].key, "name");
	assert_string_equal(plain.field[0].value, "named.txt");
	memcpy(s.bytes + 4, "\x40\xc3\xe1\x65", 4);
	const athar_claim timed = judge(&athar_format_gzip, s.bytes, s.len);

	assert_int_equal(timed.field_count, 2);
	assert_string_equal(timed.field[1].key, "modified");
	assert_string_equal(timed.field[1].value, "2024-03-01T12:00:00Z");
	memcpy(s.bytes + 4, "\xff\x3f\xe1\x65", 4);
	assert_string_equal(judge(&athar_format_gzip, s.bytes, s.len).field[1].value,
	                    "2024-03-01T02:39:59Z");
	memcpy(s.bytes + 4, "\x7f\x1a\xe1\x65", 4);
	assert_string_equal(judge(&athar_format_gzip, s.bytes, s.len).field[1].value,
	                    "2024-02-29T23:59:59Z");
	memset(s.bytes + 4, 0xFF, 4);
	assert_string_equal(judge(&athar_format_gzip, s.bytes, s.len).field[1].value,
	                    "2106-02-07T06:28:15Z");
	sample_free(s);
}

static void members_take_linear_time(void **state)
{
	/* An empty member: a final block of fixed codes that ends at once. */
	static const uint8_t empty[] = {0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3,
	                                3,    0,    0, 0, 0, 0, 0, 0, 0, 0};

	(void)state;
	judge_time(&athar_format_gzip, empty, sizeof empty, empty, sizeof empty);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_gzip, "fields.gz");
	judge_flips(&athar_format_gzip, "named.txt.gz");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_gzip_ends_behind_its_sums),
		cmocka_unit_test(a_cut_gzip_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_crc),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(members_that_follow_at_once_belong_to_it),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(a_header_that_leads_past_the_end_is_cut),
		cmocka_unit_test(fields_tell_of_the_file),
		cmocka_unit_test(members_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
