/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"box.jp2", "open.jp2", "tiles.j2k"};

static void a_jp2_ends_where_its_codestream_and_boxes_do(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_jp2, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_jp2_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_jp2, all[i]);
}

/* The offset of a pattern of two bytes, from `at` on. */
static size_t find(const sample *s, size_t at, const char *pattern)
{
	while (memcmp(s->bytes + at, pattern, 2) != 0)
		at++;
	return at;
}

/* In the data of a tile 0xFF is followed by no byte above 0x8F, which noise does not know. */
static void noise_in_the_tiles_shows(void **state)
{
	static uint8_t b[20000];
	const sample s = sample_load("tiles.j2k");
	const size_t part = find(&s, 0, "\xFF\x90"), data = find(&s, part, "\xFF\x93") + 2;

	(void)state;
	for (uint64_t seed = 1; seed < 50; seed++) {
		/* The first part, made 16 KiB longer by noise. */
		memcpy(b, s.bytes, data);
		athar_test_fill(b + data, 16384, seed);
		memcpy(b + data + 16384, s.bytes + data, s.len - data);
		b[part + 8] += 0x40;
		const athar_claim c = judge(&athar_format_jp2, b, s.len + 16384);

		assert_true(c.ours);
		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	}
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_jp2, "box.jp2", 12);
	judge_noise(&athar_format_jp2, "box.jp2", 200);
	judge_noise(&athar_format_jp2, "tiles.j2k", 4);
	judge_noise(&athar_format_jp2, "tiles.j2k", 140);
}

/* Four tiles of several parts: one of them leaves the rest out of order or incomplete. */
static void a_missing_tile_shows(void **state)
{
	const sample s = sample_load("tiles.j2k");
	const size_t part = find(&s, 0, "\xFF\x90");
	const uint32_t len = athar_be32(s.bytes + part + 6);

	(void)state;
	assert_true(len >= 14 && part + len < s.len);
	memmove(s.bytes + part, s.bytes + part + len, s.len - part - len);
	const athar_claim c = judge(&athar_format_jp2, s.bytes, s.len - len);

	assert_true(c.ours);
	assert_true(c.grade <= ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void the_size_and_the_kind_are_told(void **state)
{
	(void)state;
	expect_field(&athar_format_jp2, "box.jp2", "width", "60");
	expect_field(&athar_format_jp2, "tiles.j2k", "height", "40");
	assert_string_equal(judge_file(&athar_format_jp2, "tiles.j2k").extension, "j2k");
	assert_string_equal(judge_file(&athar_format_jp2, "box.jp2").extension, "");
}

static void small_pieces_take_linear_time(void **state)
{
	const sample s = sample_load("tiles.j2k");
	const sample boxed = sample_load("box.jp2");
	const size_t part = find(&s, 0, "\xFF\x90");

	(void)state;
	judge_time(&athar_format_jp2, s.bytes, part, "\xFF\x64\0\2", 4);
	judge_time(&athar_format_jp2, s.bytes, part, "\xFF\x90\0\x0A\0\0\0\0\0\x0E\0\0\xFF\x93",
	           14);
	judge_time(&athar_format_jp2, boxed.bytes, 32, "\0\0\0\x08xml ", 8);
	sample_free(s);
	sample_free(boxed);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_jp2, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jp2_ends_where_its_codestream_and_boxes_do),
		cmocka_unit_test(a_cut_jp2_is_partial),
		cmocka_unit_test(noise_in_the_tiles_shows),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_missing_tile_shows),
		cmocka_unit_test(the_size_and_the_kind_are_told),
		cmocka_unit_test(small_pieces_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
