/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static const char *const checked[] = {
	"stored.zip", "deflated.zip", "pipe.zip",  "pipe-stored.zip", "zip64.zip",
	"least.docx", "least.xlsx",   "least.odt", "least.apk",       "least.jar",
};

static void a_zip_ends_behind_its_end_record(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(checked); i++)
		judge_end(&athar_format_zip, checked[i], ATHAR_GRADE_INTACT);
}

static void what_cannot_be_unpacked_is_complete(void **state)
{
	(void)state;
	judge_end(&athar_format_zip, "encrypted.zip", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_zip, "bzip2.zip", ATHAR_GRADE_COMPLETE);
}

static void a_cut_zip_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(checked); i++)
		judge_cuts(&athar_format_zip, checked[i]);
	judge_cuts(&athar_format_zip, "encrypted.zip");
}

static void a_foreign_block_breaks_a_crc_or_the_directory(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++) {
		judge_foreign(&athar_format_zip, checked[i], 4096, 0, true);
		judge_foreign(&athar_format_zip, checked[i], 512, 0, true);
	}
}

/* The members of stored.zip have sizes in their headers, so that the end is found all the same. */
static void damage_in_a_member_keeps_the_end(void **state)
{
	const sample s = sample_load("stored.zip");

	(void)state;
	s.bytes[s.len / 2] ^= 1;
	const athar_claim c = judge(&athar_format_zip, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_true(c.proven < s.len / 2);
	assert_non_null(strstr(c.why, "CRC"));
	sample_free(s);
}

static void a_directory_that_lists_others_is_partial(void **state)
{
	const sample s = sample_load("deflated.zip");
	size_t at = 0;

	(void)state;
	while (memcmp(s.bytes + at, "PK\1\2", 4) != 0)
		at++;
	s.bytes[at + 46] ^= 1;
	const athar_claim c = judge(&athar_format_zip, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void kinds_are_told_by_their_members(void **state)
{
	static const char *const kinds[] = {"docx", "xlsx", "pptx", "odt", "ods",
	                                    "odp",  "epub", "jar",  "kmz", "apk"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		char name[32];

		snprintf(name, sizeof name, "least.%s", kinds[i]);
		const athar_claim c = judge_file(&athar_format_zip, name);

		assert_int_equal(c.grade, ATHAR_GRADE_INTACT);
		assert_string_equal(c.subtype, kinds[i]);
		assert_string_equal(c.extension, kinds[i]);
	}
	assert_string_equal(judge_file(&athar_format_zip, "stored.zip").subtype, "");
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_zip, "stored.zip", 4);
	judge_noise(&athar_format_zip, "stored.zip", 35);
	judge_noise(&athar_format_zip, "pipe.zip", 35);
}

/* A header that announces a descriptor, and then nothing but descriptors that do not fit; the same
 * with empty members; and a stream that unpacks to a thousand times its size. */
static void hard_files_take_linear_time(void **state)
{
	static const uint8_t head[] = {'P', 'K', 3, 4, 20, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0,  0,
	                               0,   0,   0, 0, 0,  0, 0, 0, 0, 0, 1, 0, 0, 0, 'x'};
	static const uint8_t bomb_head[] = {'P', 'K', 3, 4, 20, 0, 8, 0, 8, 0, 0, 0, 0, 0, 0, 0, 0,
	                                    0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 'x',
	                                    /* a fixed block: literal 0, then matches of 258 */
	                                    0x62, 0x18, 0x05, 0xA3};
	uint8_t member[31];

	(void)state;
	judge_time(&athar_format_zip, head, sizeof head, "PK\7\10", 4);
	memcpy(member, head, sizeof member);
	member[6] = 0;
	judge_time(&athar_format_zip, member, sizeof member, member, sizeof member);
	judge_time(&athar_format_zip, bomb_head, sizeof bomb_head, "\0", 1);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(checked); i++)
		judge_flips(&athar_format_zip, checked[i]);
}

static void members_are_counted(void **state)
{
	const athar_claim locked = judge_file(&athar_format_zip, "encrypted.zip");
	const athar_claim plain = judge_file(&athar_format_zip, "deflated.zip");
	char count[24];

	(void)state;
	assert_string_equal(claim_field(&locked, "encrypted"), "yes");
	assert_string_equal(claim_field(&plain, "encrypted"), "");
	const sample s = sample_load("deflated.zip");

	(void)snprintf(count, sizeof count, "%u", s.bytes[s.len - 12] | s.bytes[s.len - 11] << 8);
	assert_string_equal(claim_field(&plain, "count"), count);
	sample_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_counted),
		cmocka_unit_test(a_zip_ends_behind_its_end_record),
		cmocka_unit_test(what_cannot_be_unpacked_is_complete),
		cmocka_unit_test(a_cut_zip_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc_or_the_directory),
		cmocka_unit_test(damage_in_a_member_keeps_the_end),
		cmocka_unit_test(a_directory_that_lists_others_is_partial),
		cmocka_unit_test(kinds_are_told_by_their_members),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(hard_files_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
