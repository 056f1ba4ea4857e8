/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static const char *const samples[] = {"least.doc", "least.msg", "least.xls"};

static void a_compound_file_ends_with_its_last_sector(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_ole, samples[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_compound_file_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_cuts(&athar_format_ole, samples[i]);
}

static void its_streams_name_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++) {
		const athar_claim c = judge_file(&athar_format_ole, samples[i]);

		assert_string_equal(c.subtype, strrchr(samples[i], '.') + 1);
		assert_string_equal(c.extension, strrchr(samples[i], '.') + 1);
	}
}

/* Streams may hold any bytes; the FAT and the directory may not. */
static void foreign_blocks_show_in_the_structure(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++) {
		const sample s = sample_load(samples[i]);

		assert_true(judge_foreign(&athar_format_ole, samples[i], 512, 512, false) <
		            s.len / 512);
		sample_free(s);
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_ole, "least.doc", 8);
	judge_noise(&athar_format_ole, "least.doc", 512);
	judge_noise(&athar_format_ole, "least.doc", 1024);
}

/* The sample with one number of 32 bits replaced. */
static athar_claim with_number(const char *name, size_t at, uint32_t value)
{
	const sample s = sample_load(name);

	for (size_t i = 0; i < 4; i++)
		s.bytes[at + i] = (uint8_t)(value >> (8 * i));
	const athar_claim c = judge(&athar_format_ole, s.bytes, s.len);

	sample_free(s);
	return c;
}

/* Its FAT is sector 0, and its first stream begins in sector 1. */
static void chains_that_do_not_hold_are_partial(void **state)
{
	static const uint32_t wrong[] = {1, 0, 5, 0xFFFFFFFE, 0xFFFFFFFF, 127};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		const athar_claim c = with_number("least.doc", 512 + 4, wrong[i]);

		assert_true(c.ours);
		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.length, 9728);
	}
	assert_int_equal(with_number("least.doc", 512 + 4, 128).grade, ATHAR_GRADE_HEADER);
	assert_int_equal(with_number("least.doc", 512, 0xFFFFFFFE).grade, ATHAR_GRADE_HEADER);
}

static void a_header_must_be_one(void **state)
{
	static const struct {
		size_t at;
		uint32_t value;
	} wrong[] = {{26, 0xFFFE0005}, {28, 0x0009FEFF}, {30, 0x0006000C}, {34, 1},
	             {44, 0},          {44, 1000000},    {56, 512},        {72, 2}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++)
		assert_false(with_number("least.doc", wrong[i].at, wrong[i].value).ours);
}

/* The directory's entries are 128 bytes each; found by the name of the root. */
static void the_directory_is_a_tree(void **state)
{
	static const uint8_t root[] = {'R', 0, 'o', 0, 'o', 0, 't', 0, ' ', 0};
	const sample s = sample_load("least.doc");
	size_t at = 512;

	(void)state;
	while (memcmp(s.bytes + at, root, sizeof root) != 0)
		at += 512;
	sample_free(s);
	assert_int_equal(with_number("least.doc", at + 76, 1).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 76, 0).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 76, 0xFFFFFFFF).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 76, 99).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 64, 0x01050017).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 64, 0x01070016).grade, ATHAR_GRADE_PARTIAL);
	/* The small streams: a start that another has, and a size that its chain has not. */
	assert_int_equal(with_number("least.doc", at + 3 * 128 + 116, 11).grade,
	                 ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 3 * 128 + 120, 705).grade,
	                 ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_number("least.doc", at + 3 * 128 + 120, 704).grade,
	                 ATHAR_GRADE_COMPLETE);
}

/* ---- a file whose FAT has more sectors than its header lists ---- */

enum { FAT = 110, LIST = FAT, DIRECTORY = LIST + 1, FIRST = DIRECTORY + 1, ALL = 13900 };

static void put32(uint8_t *p, uint32_t value)
{
	for (size_t i = 0; i < 4; i++)
		p[i] = (uint8_t)(value >> (8 * i));
}

static void put_entry(uint8_t *p, char letter, uint8_t kind, uint32_t child, uint32_t start,
                      uint32_t size)
{
	p[0] = (uint8_t)letter;
	p[64] = 4;
	p[66] = kind;
	put32(p + 68, 0xFFFFFFFF);
	put32(p + 72, 0xFFFFFFFF);
	put32(p + 76, child);
	put32(p + 116, start);
	put32(p + 120, size);
}

static void put_fat(uint8_t *fat)
{
	for (uint32_t i = 0; i < FAT * 128; i++)
		put32(fat + 4 * i, i < FAT        ? 0xFFFFFFFD
		                   : i == LIST    ? 0xFFFFFFFC
		                   : i < FIRST    ? 0xFFFFFFFE
		                   : i < ALL - 1  ? i + 1
		                   : i == ALL - 1 ? 0xFFFFFFFE
		                                  : 0xFFFFFFFF);
}

static uint8_t *large(size_t *len)
{
	const sample s = sample_load("least.doc");
	uint8_t *bytes = calloc(1, *len = ((size_t)ALL + 1) * 512);

	assert_non_null(bytes);
	memcpy(bytes, s.bytes, 76);
	sample_free(s);
	put32(bytes + 44, FAT);
	put32(bytes + 48, DIRECTORY);
	put32(bytes + 60, 0xFFFFFFFE);
	put32(bytes + 64, 0);
	put32(bytes + 68, LIST);
	put32(bytes + 72, 1);
	for (uint32_t i = 0; i < 109; i++)
		put32(bytes + 76 + 4 * i, i);
	put_fat(bytes + 512);
	memset(bytes + (LIST + 1) * 512, 0xFF, 512);
	put32(bytes + (LIST + 1) * 512, 109);
	put32(bytes + (LIST + 1) * 512 + 508, 0xFFFFFFFE);
	put_entry(bytes + (DIRECTORY + 1) * 512, 'R', 5, 1, 0xFFFFFFFE, 0);
	put_entry(bytes + (DIRECTORY + 1) * 512 + 128, 'S', 2, 0xFFFFFFFF, FIRST,
	          (ALL - FIRST) * 512);
	return bytes;
}

static void a_fat_may_go_on_in_a_list_of_its_own(void **state)
{
	size_t len = 0;
	uint8_t *bytes = large(&len);

	(void)state;
	const athar_claim whole = judge(&athar_format_ole, bytes, len);

	assert_int_equal(whole.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(whole.length, len);
	assert_int_equal(judge(&athar_format_ole, bytes, len - 1).grade, ATHAR_GRADE_PARTIAL);
	put32(bytes + 72, 0);
	assert_int_equal(judge(&athar_format_ole, bytes, len).grade, ATHAR_GRADE_HEADER);
	put32(bytes + 72, 2);
	assert_int_equal(judge(&athar_format_ole, bytes, len).grade, ATHAR_GRADE_HEADER);
	free(bytes);
}

static void sectors_take_linear_time(void **state)
{
	const sample s = sample_load("least.doc");

	(void)state;
	judge_time(&athar_format_ole, s.bytes, s.len, s.bytes, s.len);
	sample_free(s);
	size_t len = 0;
	uint8_t *bytes = large(&len);

	judge_time(&athar_format_ole, bytes, FIRST * 512, bytes + (DIRECTORY + 1) * 512, 512);
	free(bytes);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_flips(&athar_format_ole, samples[i]);
}

static void the_summary_is_told(void **state)
{
	const athar_claim c = judge_file(&athar_format_ole, "titled.doc");

	(void)state;
	judge_end(&athar_format_ole, "titled.doc", ATHAR_GRADE_COMPLETE);
	judge_flips(&athar_format_ole, "titled.doc");
	assert_string_equal(claim_field(&c, "title"), "Grüße");
	assert_string_equal(claim_field(&c, "author"), "Ada");
	assert_string_equal(claim_field(&c, "created"), "2024-03-01T12:00:00Z");
	assert_string_equal(claim_field(&c, "pages"), "7");
	assert_string_equal(claim_field(&c, "software"), "make.py");
	assert_int_equal(c.field_count, 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_summary_is_told),
		cmocka_unit_test(a_compound_file_ends_with_its_last_sector),
		cmocka_unit_test(a_cut_compound_file_is_partial),
		cmocka_unit_test(its_streams_name_it),
		cmocka_unit_test(foreign_blocks_show_in_the_structure),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(chains_that_do_not_hold_are_partial),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(the_directory_is_a_tree),
		cmocka_unit_test(a_fat_may_go_on_in_a_list_of_its_own),
		cmocka_unit_test(sectors_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
