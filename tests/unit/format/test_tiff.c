/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"lzw.tif", "packbits.tif", "plain.tif", "pages.tif", "notes.tif",
                                  "raw.dng", "raw.nef",      "raw.arw",   "raw.cr2"};

static void a_tiff_ends_behind_what_it_points_to(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_tiff, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_tiff_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_tiff, all[i]);
}

/* tiffinfo: the directory of the packed ones lies behind the pixels, 190 to 300 bytes long. */
static void foreign_bytes_in_packed_pixels_show(void **state)
{
	static const struct {
		const char *name;
		size_t pixels;
	} packed[] = {{"lzw.tif", 11900}, {"pages.tif", 8500}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(packed); i++) {
		const sample s = sample_load(packed[i].name);

		for (size_t at = 8; at + 512 < packed[i].pixels; at += 509) {
			uint8_t kept[512];

			memcpy(kept, s.bytes + at, sizeof kept);
			athar_test_fill(s.bytes + at, sizeof kept, at);
			const athar_claim c = judge(&athar_format_tiff, s.bytes, s.len);

			assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
			memcpy(s.bytes + at, kept, sizeof kept);
		}
		assert_false(judge(&athar_format_tiff, s.bytes, s.len).alike);
		sample_free(s);
	}
	assert_true(judge_file(&athar_format_tiff, "plain.tif").alike);
}

static void foreign_blocks_are_never_intact(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_foreign(&athar_format_tiff, all[i], 512, 8, false);
}

static void a_damaged_preview_shows(void **state)
{
	const sample s = sample_load("raw.nef");
	size_t at = 0;

	(void)state;
	while (memcmp(s.bytes + at, "\xFF\xDA", 2) != 0)
		at++;
	athar_test_fill(s.bytes + at + 14, 200, 5);
	assert_int_equal(judge(&athar_format_tiff, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_tiff, "plain.tif", 8);
	judge_noise(&athar_format_tiff, "notes.tif", 1000);
	judge_noise(&athar_format_tiff, "raw.dng", 8);
}

static void cameras_are_told_apart(void **state)
{
	static const char *const kinds[] = {"dng", "nef", "arw", "cr2"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "raw.%s", kinds[i]);
		const athar_claim c = judge_file(&athar_format_tiff, name);

		assert_string_equal(c.subtype, kinds[i]);
		assert_string_equal(c.extension, kinds[i]);
	}
	assert_string_equal(judge_file(&athar_format_tiff, "lzw.tif").subtype, "");
}

/* Pixels of a sensor by a maker whose files are not known. */
static void the_end_of_an_unknown_camera_s_file_is_not_proven(void **state)
{
	const sample s = sample_load("raw.nef");
	size_t at = 0;

	(void)state;
	while (memcmp(s.bytes + at, "NIKON", 5) != 0)
		at++;
	memcpy(s.bytes + at, "PIXEL", 5);
	const athar_claim c = judge(&athar_format_tiff, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_string_equal(c.subtype, "");
	sample_free(s);
}

/* II, one directory at 8 with `tags` of one LONG each, as far as they go. */
static size_t least(uint8_t *b, const uint32_t (*tags)[2], uint16_t count, uint32_t next)
{
	memset(b, 0, 512);
	memcpy(b, "II*\0\x08\0\0\0", 8);
	b[8] = (uint8_t)count;
	for (size_t i = 0; i < count; i++) {
		uint8_t *e = b + 10 + 12 * i;

		e[0] = (uint8_t)tags[i][0];
		e[1] = (uint8_t)(tags[i][0] >> 8);
		e[2] = 4;
		e[4] = 1;
		athar_put_le32(e + 8, tags[i][1]);
	}
	athar_put_le32(b + 10 + 12 * (size_t)count, next);
	return 14 + 12 * (size_t)count;
}

static void strips_and_chains_are_held_to_sense(void **state)
{
	/* 10 by 10, 8 bits, at 200. */
	static const uint32_t good[][2] = {{0x100, 10}, {0x101, 10},  {0x102, 8},
	                                   {0x103, 1},  {0x111, 200}, {0x117, 100}};
	uint32_t tags[6][2];
	uint8_t b[512];

	(void)state;
	/* A chain that leads back to its beginning ends there. */
	(void)least(b, good, 6, 8);
	const athar_claim c = judge(&athar_format_tiff, b, sizeof b);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, 300);
	memcpy(tags, good, sizeof tags);
	tags[5][1] = 99; /* a byte is missing */
	(void)least(b, (const uint32_t(*)[2])tags, 6, 0);
	assert_int_equal(judge(&athar_format_tiff, b, sizeof b).grade, ATHAR_GRADE_PARTIAL);
	tags[5][1] = 100;
	tags[4][1] = 450; /* beyond the range */
	(void)least(b, (const uint32_t(*)[2])tags, 6, 0);
	assert_true(judge(&athar_format_tiff, b, sizeof b).grade <= ATHAR_GRADE_PARTIAL);
	/* Without pixels it may be Exif out of anything. */
	(void)least(b, good, 4, 0);
	assert_false(judge(&athar_format_tiff, b, sizeof b).ours);
}

static void the_notes_are_told(void **state)
{
	(void)state;
	expect_notes(&athar_format_tiff, "notes.tif");
	expect_field(&athar_format_tiff, "notes.tif", "width", "50");
	expect_field(&athar_format_tiff, "pages.tif", "pages", "2");
	expect_field(&athar_format_tiff, "pages.tif", "height", "48");
	expect_field(&athar_format_tiff, "raw.cr2", "taken", "2024-03-01T12:34:56+02:00");
	expect_field(&athar_format_tiff, "raw.dng", "camera", "Athar Model 7");
}

/* Directories of one entry each that point to further ones; strips of no size; one strip again and
 * again. */
static void hostile_directories_take_linear_time(void **state)
{
	static const uint32_t sub[][2] = {{0x100, 10}, {0x101, 10}, {0x102, 8},
	                                  {0x103, 1},  {0x111, 0},  {0x14A, 0}};
	uint8_t b[512];
	const size_t len = least(b, sub, 6, 0);

	(void)state;
	b[10 + 12 * 5 + 7] = 1; /* 2^24 places of directories */
	athar_put_le32(b + 10 + 12 * 5 + 8, 512);
	judge_time(&athar_format_tiff, b, 512, "\x01\x02\0\0\x09\x02\0\0", 8);
	b[10 + 12 * 4 + 7] = 1; /* as many strips, one row each */
	athar_put_le32(b + 10 + 12 * 1 + 8, 1u << 24);
	judge_time(&athar_format_tiff, b, 512, "\0\0\0\0", 4);
	judge_time(&athar_format_tiff, b, len, "\xFF\xD8\xFF\xC0\0\x11", 6);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_tiff, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tiff_ends_behind_what_it_points_to),
		cmocka_unit_test(a_cut_tiff_is_partial),
		cmocka_unit_test(foreign_bytes_in_packed_pixels_show),
		cmocka_unit_test(foreign_blocks_are_never_intact),
		cmocka_unit_test(a_damaged_preview_shows),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(cameras_are_told_apart),
		cmocka_unit_test(the_end_of_an_unknown_camera_s_file_is_not_proven),
		cmocka_unit_test(strips_and_chains_are_held_to_sense),
		cmocka_unit_test(the_notes_are_told),
		cmocka_unit_test(hostile_directories_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
