/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "inflate/inflate.h"
#include "judge.h"

static void a_7z_ends_behind_its_header(void **state)
{
	(void)state;
	judge_end(&athar_format_7z, "lzma2.7z", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_7z, "lzma.7z", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_7z, "copy.7z", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_7z, "marked.7z", ATHAR_GRADE_INTACT);
}

static void what_is_not_unpacked_is_complete(void **state)
{
	(void)state;
	judge_end(&athar_format_7z, "filtered.7z", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_7z, "encrypted.7z", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_7z, "hidden.7z", ATHAR_GRADE_COMPLETE);
	assert_true(judge_file(&athar_format_7z, "filtered.7z").unseen > 2000);
	assert_true(judge_file(&athar_format_7z, "hidden.7z").unseen > 3000);
	assert_int_equal(judge_file(&athar_format_7z, "lzma.7z").unseen, 0);
}

static const char *field(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

/* 7z sorts the files, libarchive does not; an empty one has no stream. */
static void fields_tell_of_the_files(void **state)
{
	const athar_claim plain = judge_file(&athar_format_7z, "copy.7z");
	const athar_claim secret = judge_file(&athar_format_7z, "encrypted.7z");
	const athar_claim other = judge_file(&athar_format_7z, "marked.7z");
	const athar_claim hidden = judge_file(&athar_format_7z, "hidden.7z");

	(void)state;
	assert_string_equal(field(&plain, "count"), "3");
	assert_string_equal(field(&plain, "encrypted"), "");
	assert_string_equal(field(&secret, "count"), "4");
	assert_string_equal(field(&secret, "name"), "empty");
	assert_string_equal(field(&other, "name"), "\xd8\xaa\xd9\x82\xd8\xb1\xd9\x8a\xd8\xb1.txt");
	assert_string_equal(field(&secret, "encrypted"), "yes");
	assert_string_equal(field(&hidden, "count"), "");
	assert_string_equal(field(&hidden, "encrypted"), "yes");
}

static void a_cut_7z_is_partial(void **state)
{
	const sample s = sample_load("lzma2.7z");
	const athar_claim c = judge(&athar_format_7z, s.bytes, s.len - 1);

	(void)state;
	judge_cuts(&athar_format_7z, "lzma2.7z");
	judge_cuts(&athar_format_7z, "copy.7z");
	judge_cuts(&athar_format_7z, "hidden.7z");
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len - 1);
	assert_int_equal(c.proven, 32);
	sample_free(s);
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	(void)state;
	judge_foreign(&athar_format_7z, "lzma2.7z", 512, 32, true);
	judge_foreign(&athar_format_7z, "lzma.7z", 512, 32, true);
	judge_foreign(&athar_format_7z, "copy.7z", 512, 32, true);
	judge_foreign(&athar_format_7z, "copy.7z", 2, 32, true);
	judge_foreign(&athar_format_7z, "filtered.7z", 512, 32, false);
}

/* What lies behind the damage is measured all the same. */
static void damage_in_a_member_is_told(void **state)
{
	const sample s = sample_load("copy.7z");

	(void)state;
	s.bytes[1000] ^= 1;
	const athar_claim c = judge(&athar_format_7z, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, 32);
	assert_string_equal(field(&c, "count"), "3");
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_7z, "lzma2.7z", 7);
	judge_noise(&athar_format_7z, "lzma2.7z", 32);
	judge_noise(&athar_format_7z, "lzma2.7z", 2000);
}

static void put_le32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> 8 * i);
}

/* A start that leads to these bytes as its header. */
static athar_claim with_header(const void *header, size_t len)
{
	uint8_t file[4096] = {'7', 'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4};

	assert_true(len < sizeof file - 32);
	memcpy(file + 32, header, len);
	put_le32(file + 20, (uint32_t)len);
	put_le32(file + 28, athar_crc32(0, header, len));
	put_le32(file + 8, athar_crc32(0, file + 12, 20));
	return judge(&athar_format_7z, file, 32 + len);
}

static void a_header_must_make_sense(void **state)
{
	static const uint8_t many[] = {1, 4, 6, 0, 0xFF, 1, 2, 3, 4, 5, 6, 7, 8};
	static const uint8_t past[] = {1, 4, 6, 0, 1, 9,  100, 0, 7, 11,
	                               1, 0, 1, 1, 0, 12, 100, 0, 0, 0};

	(void)state;
	assert_int_equal(with_header("", 0).grade, ATHAR_GRADE_INTACT);
	assert_int_equal(with_header("\1\0", 2).grade, ATHAR_GRADE_INTACT);
	assert_int_equal(with_header("\1\5\0\0\0", 5).grade, ATHAR_GRADE_INTACT);
	assert_int_equal(with_header("\1\4", 2).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_header("\2\0", 2).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_header(many, sizeof many).grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(with_header(past, sizeof past).grade, ATHAR_GRADE_PARTIAL);
}

/* A header of no bytes, beyond the end. */
static void a_start_may_lead_past_the_end(void **state)
{
	uint8_t file[100] = {'7', 'z', 0xBC, 0xAF, 0x27, 0x1C, 0, 4};

	(void)state;
	put_le32(file + 12, 1000);
	put_le32(file + 8, athar_crc32(0, file + 12, 20));
	const athar_claim c = judge(&athar_format_7z, file, sizeof file);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, sizeof file);
}

static void the_start_must_hold(void **state)
{
	const sample s = sample_load("lzma2.7z");

	(void)state;
	s.bytes[12]++;
	assert_false(judge(&athar_format_7z, s.bytes, s.len).ours);
	sample_free(s);
}

static void large_headers_take_linear_time(void **state)
{
	/* 16 MiB of one list, of which only the CRC is looked at; then 3 MiB of it. */
	const size_t len = 3u << 20;
	uint8_t *file = calloc(1, len + 32);

	(void)state;
	assert_non_null(file);
	memcpy(file, "7z\xBC\xAF\x27\x1C\0\4", 8);
	memcpy(file + 32, "\1\4\6\0\xE0\0\0\x10\0\x09", 9);
	put_le32(file + 20, (uint32_t)len);
	put_le32(file + 28, athar_crc32(0, file + 32, len));
	put_le32(file + 8, athar_crc32(0, file + 12, 20));
	assert_int_equal(judge(&athar_format_7z, file, len + 32).grade, ATHAR_GRADE_PARTIAL);
	judge_time(&athar_format_7z, file, 64, "\1\4\6\0", 4);
	free(file);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_7z, "lzma2.7z");
	judge_flips(&athar_format_7z, "lzma.7z");
	judge_flips(&athar_format_7z, "copy.7z");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_7z_ends_behind_its_header),
		cmocka_unit_test(what_is_not_unpacked_is_complete),
		cmocka_unit_test(fields_tell_of_the_files),
		cmocka_unit_test(a_cut_7z_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(damage_in_a_member_is_told),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_must_make_sense),
		cmocka_unit_test(a_start_may_lead_past_the_end),
		cmocka_unit_test(the_start_must_hold),
		cmocka_unit_test(large_headers_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
