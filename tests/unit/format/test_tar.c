/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

#define BLOCK 512

/* Sets the sum of a header as POSIX has it. */
static void sum_up(uint8_t *h)
{
	unsigned sum = 0;

	memset(h + 148, ' ', 8);
	for (size_t i = 0; i < BLOCK; i++)
		sum += h[i];
	(void)snprintf((char *)h + 148, 8, "%06o", sum);
}

static void a_tar_ends_with_its_last_record(void **state)
{
	(void)state;
	judge_end(&athar_format_tar, "gnu.tar", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_tar, "pax.tar", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_tar, "sparse.tar", ATHAR_GRADE_COMPLETE);
}

/* What is behind two blocks of zeros is another file's, unless zeros fill the record. */
static void a_tar_without_records_ends_with_two_blocks(void **state)
{
	const sample s = sample_load("short.tar");
	uint8_t *more = calloc(1, s.len + 20000);

	(void)state;
	assert_non_null(more);
	memcpy(more, s.bytes, s.len);
	assert_int_equal(judge(&athar_format_tar, s.bytes, s.len).length, s.len);
	more[s.len + 4000] = 1;
	assert_int_equal(judge(&athar_format_tar, more, s.len + 20000).length, s.len);
	more[s.len + 4000] = 0;
	assert_int_equal(judge(&athar_format_tar, more, s.len + 20000).length, 10240);
	assert_int_equal(judge(&athar_format_tar, more, s.len).grade, ATHAR_GRADE_COMPLETE);
	/* as libarchive writes it, which knows no records */
	more[135] = ' ';
	sum_up(more);
	assert_int_equal(judge(&athar_format_tar, more, s.len + 20000).length, s.len);
	free(more);
	sample_free(s);
}

static void fields_tell_of_the_members(void **state)
{
	const athar_claim gnu = judge_file(&athar_format_tar, "gnu.tar");
	const athar_claim pax = judge_file(&athar_format_tar, "pax.tar");

	(void)state;
	assert_string_equal(gnu.field[0].key, "name");
	assert_memory_equal(gnu.field[0].value, "long/nnnnnnnnnnnnn", 18);
	assert_int_equal(strlen(gnu.field[0].value), 79);
	assert_string_equal(gnu.field[1].key, "count");
	assert_string_equal(gnu.field[1].value, "6");
	assert_string_equal(pax.field[0].value, gnu.field[0].value);
	assert_string_equal(pax.field[1].value, "3");
}

/* Where zeros that close it are missing nothing tells whether members are. */
static void a_cut_tar_is_partial(void **state)
{
	const sample s = sample_load("short.tar");
	const athar_claim open = judge(&athar_format_tar, s.bytes, s.len - 2 * BLOCK);
	const athar_claim cut = judge(&athar_format_tar, s.bytes, s.len - 3 * BLOCK);

	(void)state;
	judge_cuts(&athar_format_tar, "short.tar");
	assert_int_equal(open.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(open.length, s.len - 2 * BLOCK);
	assert_true(open.open);
	assert_false(cut.open);
	sample_free(s);
}

/* Zeros that are missing from a record are not missed: two blocks are enough. */
static void a_tar_is_never_closed_without_zeros(void **state)
{
	const sample s = sample_load("gnu.tar");
	size_t end = s.len;

	(void)state;
	while (s.bytes[end - 1] == 0)
		end--;
	for (size_t len = 1; len < end; len += 61)
		assert_true(judge(&athar_format_tar, s.bytes, len).grade < ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

static void foreign_bytes_show_in_headers_only(void **state)
{
	(void)state;
	judge_foreign(&athar_format_tar, "gnu.tar", BLOCK, BLOCK, false);
	judge_foreign(&athar_format_tar, "short.tar", 4096, BLOCK, false);
	assert_int_equal(judge_file(&athar_format_tar, "short.tar").unseen, 3500);
	assert_true(judge_file(&athar_format_tar, "short.tar").alike);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_tar, "short.tar", 265);
	judge_noise(&athar_format_tar, "short.tar", BLOCK);
}

/* An archive of one member of 700 bytes whose header is changed. */
static athar_claim changed(size_t at, const void *bytes, size_t len)
{
	uint8_t file[10240] = {'a'};

	memcpy(file + 257,
	       "ustar\0"
	       "00",
	       8);
	memcpy(file + 124, "00000001274", 12);
	file[156] = '0';
	memset(file + BLOCK, 'x', 700);
	memcpy(file + at, bytes, len);
	sum_up(file);
	return judge(&athar_format_tar, file, sizeof file);
}

/* Sizes beyond 8 GiB stand in an extended header; here it is 700 bytes. */
static void what_an_extended_header_says_counts(void **state)
{
	uint8_t file[10240] = {'x'};

	(void)state;
	memcpy(file + 257,
	       "ustar\0"
	       "00",
	       8);
	memcpy(file + 124, "00000000014", 12);
	file[156] = 'x';
	memcpy(file + BLOCK, "12 size=700\n", 12);
	file[2 * BLOCK] = 'b';
	memcpy(file + 2 * BLOCK + 257,
	       "ustar\0"
	       "00",
	       8);
	memset(file + 3 * BLOCK, 'x', 700);
	sum_up(file);
	sum_up(file + 2 * BLOCK);
	const athar_claim c = judge(&athar_format_tar, file, sizeof file);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.unseen, 712);
}

static void sizes_are_octal_or_binary(void **state)
{
	(void)state;
	assert_int_equal(changed(0, "a", 1).grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(changed(0, "a", 1).unseen, 700);
	assert_int_equal(changed(124, "\x80\0\0\0\0\0\0\0\0\0\x02\xBC", 12).grade,
	                 ATHAR_GRADE_COMPLETE);
	assert_int_equal(changed(124, "       1274 ", 12).grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(changed(124, "\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12).grade,
	                 ATHAR_GRADE_HEADER);
	assert_int_equal(changed(124, "\x80\0\0\0\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", 12).grade,
	                 ATHAR_GRADE_HEADER);
	assert_int_equal(changed(124, "size        ", 12).grade, ATHAR_GRADE_HEADER);
}

/* A link has no data, whatever size it states, unless data are there. */
static void links_may_have_data(void **state)
{
	(void)state;
	assert_int_equal(changed(156, "1", 1).unseen, 700);
	assert_int_equal(changed(156, "2", 1).grade, ATHAR_GRADE_PARTIAL);
}

static void a_header_must_sum_up(void **state)
{
	const sample s = sample_load("short.tar");

	(void)state;
	s.bytes[0]++;
	assert_false(judge(&athar_format_tar, s.bytes, s.len).ours);
	s.bytes[1]--;
	assert_true(judge(&athar_format_tar, s.bytes, s.len).ours);
	sample_free(s);
}

static void members_take_linear_time(void **state)
{
	const sample s = sample_load("short.tar");

	(void)state;
	judge_time(&athar_format_tar, s.bytes, 1024, s.bytes, 1024);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_tar, "gnu.tar");
	judge_flips(&athar_format_tar, "sparse.tar");
	judge_flips(&athar_format_tar, "pax.tar");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tar_ends_with_its_last_record),
		cmocka_unit_test(a_tar_without_records_ends_with_two_blocks),
		cmocka_unit_test(fields_tell_of_the_members),
		cmocka_unit_test(a_cut_tar_is_partial),
		cmocka_unit_test(a_tar_is_never_closed_without_zeros),
		cmocka_unit_test(foreign_bytes_show_in_headers_only),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(what_an_extended_header_says_counts),
		cmocka_unit_test(sizes_are_octal_or_binary),
		cmocka_unit_test(links_may_have_data),
		cmocka_unit_test(a_header_must_sum_up),
		cmocka_unit_test(members_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
