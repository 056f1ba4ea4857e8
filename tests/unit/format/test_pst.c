/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"
#include "inflate/inflate.h"

#define MAP 0x4400u

static const char *const samples[] = {"mail.pst", "old.pst", "large.ost"};

#define COUNT (sizeof samples / sizeof samples[0])

static void a_store_ends_where_its_header_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_end(&athar_format_pst, samples[i], ATHAR_GRADE_INTACT);
}

static void it_says_what_it_is(void **state)
{
	const athar_claim mail = judge_file(&athar_format_pst, "mail.pst");
	const athar_claim old = judge_file(&athar_format_pst, "old.pst");
	const athar_claim large = judge_file(&athar_format_pst, "large.ost");

	(void)state;
	assert_string_equal(mail.subtype, "pst");
	assert_string_equal(large.subtype, "ost");
	assert_string_equal(large.extension, "ost");
	expect_said(&mail, "version", "23");
	expect_said(&old, "version", "14");
	expect_said(&large, "version", "36");
	/* One is permuted, which is no secret; the third is encrypted. */
	expect_said(&mail, "encrypted", "");
	expect_said(&large, "encrypted", "yes");
	assert_non_null(strstr(mail.why, "6 blocks"));
}

static void a_cut_store_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_pst, samples[i]);
}

/* Places where a changed byte must show: header, a map, a block, a page. */
static void each_sum_is_checked(void **state)
{
	static const size_t at[] = {20, 0x4400 + 5, 0x4400 + 504, 0x4600 + 3, 0x5800 + 3};

	(void)state;
	for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
		const sample s = sample_load("mail.pst");

		s.bytes[at[i]] ^= 1;
		const athar_claim c = judge(&athar_format_pst, s.bytes, s.len);

		assert_true(!c.ours || c.grade <= ATHAR_GRADE_PARTIAL);
		assert_true(c.ours || at[i] == 20);
		assert_true(c.proven <= at[i]);
		sample_free(s);
	}
}

static void behind_a_bad_block_the_rest_is_measured(void **state)
{
	const sample s = sample_load("mail.pst");

	(void)state;
	s.bytes[0x4640] ^= 1;
	const athar_claim c = judge(&athar_format_pst, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, 0x4640);
	sample_free(s);
}

/* What lies between header and map, and behind the last page, is free. */
static void foreign_blocks_show_in_all_that_is_used(void **state)
{
	const sample s = sample_load("mail.pst");
	size_t missed = 0;

	(void)state;
	for (size_t at = 0x4400; at + 512 <= s.len - 1024; at += 512) {
		uint8_t before[512];

		memcpy(before, s.bytes + at, sizeof before);
		athar_test_fill(s.bytes + at, sizeof before, at);
		const athar_claim c = judge(&athar_format_pst, s.bytes, s.len);

		missed += c.ours && c.grade >= ATHAR_GRADE_COMPLETE;
		memcpy(s.bytes + at, before, sizeof before);
	}
	assert_int_equal(missed, 0);
	assert_true(judge_file(&athar_format_pst, "mail.pst").unseen >= 0x4400 - 564 + 1024);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_pst, "mail.pst", 4);
	judge_noise(&athar_format_pst, "mail.pst", 564);
	judge_noise(&athar_format_pst, "mail.pst", 0x4600);
}

static uint32_t crc(const uint8_t *bytes, size_t len)
{
	return ~athar_crc32(UINT32_MAX, bytes, len);
}

/* A root of ten entries that all lead to the same page of ten entries that all lead ... */
static void a_tree_that_leads_round_ends(void **state)
{
	const sample s = sample_load("mail.pst");
	uint8_t *const page = s.bytes + MAP;

	(void)state;
	for (uint32_t level = 0; level < 8; level++) {
		uint8_t *p = page + (size_t)512 * level;
		const uint64_t place = MAP + 512 * level, below = place - 512;
		const uint32_t mixed = (uint32_t)place ^ (8 + level);

		memset(p, 0, 512);
		for (size_t i = 0; i < 20; i++) {
			athar_put_le64(p + 24 * i + 8, 8 + level - 1);
			athar_put_le64(p + 24 * i + 16, below);
		}
		p[488] = p[489] = 20;
		p[490] = 24;
		p[491] = (uint8_t)level;
		p[496] = p[497] = 0x81;
		p[498] = (uint8_t)(mixed >> 16 ^ mixed);
		p[499] = (uint8_t)((mixed >> 16 ^ mixed) >> 8);
		athar_put_le32(p + 500, crc(p, 496));
		athar_put_le64(p + 504, 8 + level);
	}
	athar_put_le64(s.bytes + 216, 8 + 7);
	athar_put_le64(s.bytes + 224, MAP + 512 * 7);
	athar_put_le64(s.bytes + 184, 16u << 20);
	athar_put_le32(s.bytes + 4, crc(s.bytes + 8, 471));
	athar_put_le32(s.bytes + 524, crc(s.bytes + 8, 516));
	judge_time(&athar_format_pst, s.bytes, s.len, "\0", 1);
	const athar_claim c = judge(&athar_format_pst, s.bytes, s.len);

	assert_true(c.grade <= ATHAR_GRADE_PARTIAL);
	assert_non_null(strstr(c.why, "more than the file"));
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_pst, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_ends_where_its_header_says),
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(a_cut_store_is_partial),
		cmocka_unit_test(each_sum_is_checked),
		cmocka_unit_test(behind_a_bad_block_the_rest_is_measured),
		cmocka_unit_test(foreign_blocks_show_in_all_that_is_used),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_tree_that_leads_round_ends),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
