/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "inflate/inflate.h"
#include "judge.h"

static void a_rar_ends_with_its_end_block(void **state)
{
	(void)state;
	judge_end(&athar_format_rar, "stored4.rar", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_rar, "stored5.rar", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_rar, "volume4.rar", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_rar, "volume5.rar", ATHAR_GRADE_COMPLETE);
}

static const char *field(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

static void fields_tell_of_the_members(void **state)
{
	const athar_claim four = judge_file(&athar_format_rar, "stored4.rar");
	const athar_claim five = judge_file(&athar_format_rar, "stored5.rar");

	(void)state;
	assert_string_equal(field(&four, "version"), "4");
	assert_string_equal(field(&four, "count"), "2");
	assert_string_equal(field(&four, "name"), "folder\\noise.bin");
	assert_string_equal(field(&four, "encrypted"), "");
	assert_string_equal(field(&five, "version"), "5");
	assert_string_equal(field(&five, "count"), "2");
	assert_string_equal(field(&five, "name"), "\xd8\xaa\xd9\x82\xd8\xb1\xd9\x8a\xd8\xb1.bin");
	assert_string_equal(field(&five, "part"), "");
}

/* A member that began in the volume before is not counted; the other one is encrypted. */
static void fields_tell_of_volumes(void **state)
{
	static const char *const names[] = {"volume4.rar", "volume5.rar"};
	static const char *const parts[] = {"3", "2"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const athar_claim c = judge_file(&athar_format_rar, names[i]);

		assert_string_equal(field(&c, "part"), parts[i]);
		assert_string_equal(field(&c, "count"), "1");
		assert_string_equal(field(&c, "encrypted"), "yes");
		assert_true(c.unseen >= 5000 + 2500);
	}
}

static void encrypted_headers_hide_the_end(void **state)
{
	static const char *const names[] = {"hidden4.rar", "hidden5.rar"};

	(void)state;
	for (size_t i = 0; i < 2; i++) {
		const athar_claim c = judge_file(&athar_format_rar, names[i]);

		assert_true(c.ours);
		assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
		assert_string_equal(field(&c, "encrypted"), "yes");
	}
}

static void a_cut_rar_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_rar, "stored4.rar");
	judge_cuts(&athar_format_rar, "stored5.rar");
	judge_cuts(&athar_format_rar, "volume5.rar");
}

/* Before version 3 an archive had no end block. */
static void without_an_end_block_it_may_be_all(void **state)
{
	const sample s = sample_load("stored4.rar");
	const athar_claim open = judge(&athar_format_rar, s.bytes, s.len - 7);
	const athar_claim cut = judge(&athar_format_rar, s.bytes, s.len - 8);

	(void)state;
	assert_int_equal(open.grade, ATHAR_GRADE_PARTIAL);
	assert_true(open.open);
	assert_int_equal(open.length, s.len - 7);
	assert_false(cut.open);
	sample_free(s);
}

static void foreign_bytes_show_where_sums_are(void **state)
{
	(void)state;
	judge_foreign(&athar_format_rar, "stored4.rar", 512, 20, true);
	judge_foreign(&athar_format_rar, "stored5.rar", 512, 20, true);
	judge_foreign(&athar_format_rar, "volume4.rar", 512, 20, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_rar, "stored4.rar", 7);
	judge_noise(&athar_format_rar, "stored4.rar", 30);
	judge_noise(&athar_format_rar, "stored5.rar", 8);
	judge_noise(&athar_format_rar, "stored5.rar", 40);
	assert_false(judge(&athar_format_rar, "Rar!\x1A\x07\2\0more", 12).ours);
}

static void a_size_may_be_anything(void **state)
{
	const sample s = sample_load("stored4.rar");

	(void)state;
	memset(s.bytes + 20 + 7, 0xFF, 4);
	const uint32_t crc = athar_crc32(0, s.bytes + 22, 30u + 16);

	s.bytes[20] = (uint8_t)crc;
	s.bytes[21] = (uint8_t)(crc >> 8);
	const athar_claim c = judge(&athar_format_rar, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_string_equal(c.why, "the space that could be searched ends before the file");
	sample_free(s);
}

static void blocks_take_linear_time(void **state)
{
	/* A comment that belongs to nothing, of RAR 4; an unknown block of RAR 5. */
	uint8_t four[7] = {0, 0, 0x75, 0, 0, 7, 0}, five[7] = {0, 0, 0, 0, 2, 9, 0};
	const uint32_t crc = athar_crc32(0, four + 2, 5), crc5 = athar_crc32(0, five + 4, 3);
	const sample a = sample_load("stored4.rar"), b = sample_load("stored5.rar");

	(void)state;
	four[0] = (uint8_t)crc;
	four[1] = (uint8_t)(crc >> 8);
	for (int i = 0; i < 4; i++)
		five[i] = (uint8_t)(crc5 >> 8 * i);
	judge_time(&athar_format_rar, a.bytes, 20, four, sizeof four);
	judge_time(&athar_format_rar, b.bytes, 16, five, sizeof five);
	assert_int_equal(judge(&athar_format_rar, b.bytes, 16).proven, 16);
	sample_free(a);
	sample_free(b);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_rar, "stored4.rar");
	judge_flips(&athar_format_rar, "volume4.rar");
	judge_flips(&athar_format_rar, "volume5.rar");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_rar_ends_with_its_end_block),
		cmocka_unit_test(fields_tell_of_the_members),
		cmocka_unit_test(fields_tell_of_volumes),
		cmocka_unit_test(encrypted_headers_hide_the_end),
		cmocka_unit_test(a_cut_rar_is_partial),
		cmocka_unit_test(without_an_end_block_it_may_be_all),
		cmocka_unit_test(foreign_bytes_show_where_sums_are),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_size_may_be_anything),
		cmocka_unit_test(blocks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
