/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const all[] = {"lossy.webp", "lossless.webp", "notes.webp", "moving.webp"};

static void a_webp_ends_where_its_size_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_end(&athar_format_webp, all[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_webp_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_cuts(&athar_format_webp, all[i]);
}

static void foreign_blocks_break_the_chunks_but_not_the_pictures(void **state)
{
	(void)state;
	judge_foreign(&athar_format_webp, "moving.webp", 512, 30, false);
	/* webpinfo: where the frames begin. */
	static const size_t frames[] = {44, 450, 850};

	for (size_t i = 0; i < ATHAR_COUNT(frames); i++) {
		const sample s = sample_load("moving.webp");

		athar_test_fill(s.bytes + frames[i], 34, i + 1);
		const athar_claim c = judge(&athar_format_webp, s.bytes, s.len);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_true(c.proven <= frames[i]);
		sample_free(s);
	}
	assert_true(judge_file(&athar_format_webp, "lossy.webp").alike);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	const sample s = sample_load("lossy.webp");
	uint8_t bytes[4096];

	(void)state;
	for (uint64_t seed = 1; seed < 50; seed++) {
		athar_test_fill(bytes, sizeof bytes, seed);
		memcpy(bytes, s.bytes, 20);
		assert_false(judge(&athar_format_webp, bytes, sizeof bytes).ours);
	}
	sample_free(s);
	judge_noise(&athar_format_webp, "notes.webp", 30);
}

/* Places of the lossy one: 20 the tag of the frame, 23 its start code, 26 the size. */
static void a_frame_must_have_its_header(void **state)
{
	static const uint8_t places[] = {12, 20, 23, 24, 25};
	const sample s = sample_load("lossy.webp");

	(void)state;
	for (size_t i = 0; i < sizeof places; i++) {
		s.bytes[places[i]] ^= 1;
		assert_false(judge(&athar_format_webp, s.bytes, s.len).ours);
		s.bytes[places[i]] ^= 1;
	}
	/* A first partition longer than the chunk. */
	s.bytes[22] = 0xFF;
	assert_false(judge(&athar_format_webp, s.bytes, s.len).ours);
	sample_free(s);
}

/* The canvas of the extended header and the picture on it are of one size. */
static void a_picture_is_as_large_as_its_canvas(void **state)
{
	const sample s = sample_load("notes.webp");

	(void)state;
	s.bytes[24]++;
	const athar_claim c = judge(&athar_format_webp, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

/* The RIFF size counts on from byte 8; one chunk more, or a size that cuts the last. */
static void the_size_of_the_whole_decides(void **state)
{
	const sample s = sample_load("lossless.webp");

	(void)state;
	athar_put_le32(s.bytes + 4, (uint32_t)s.len - 8 - 4);
	assert_true(judge(&athar_format_webp, s.bytes, s.len).grade < ATHAR_GRADE_COMPLETE);
	athar_put_le32(s.bytes + 4, (uint32_t)s.len - 8 + 100);
	assert_true(judge(&athar_format_webp, s.bytes, s.len).grade < ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

static void the_notes_are_told(void **state)
{
	(void)state;
	expect_notes(&athar_format_webp, "notes.webp");
	expect_field(&athar_format_webp, "notes.webp", "width", "64");
	expect_field(&athar_format_webp, "notes.webp", "height", "48");
	expect_field(&athar_format_webp, "lossy.webp", "width", "70");
	expect_field(&athar_format_webp, "lossless.webp", "height", "40");
	expect_field(&athar_format_webp, "moving.webp", "count", "3");
}

static void small_chunks_take_linear_time(void **state)
{
	const sample s = sample_load("notes.webp");

	(void)state;
	athar_put_le32(s.bytes + 4, (16u << 20) - 8);
	judge_time(&athar_format_webp, s.bytes, 30, "ABCD\0\0\0\0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(all); i++)
		judge_flips(&athar_format_webp, all[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_webp_ends_where_its_size_says),
		cmocka_unit_test(a_cut_webp_is_partial),
		cmocka_unit_test(foreign_blocks_break_the_chunks_but_not_the_pictures),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_frame_must_have_its_header),
		cmocka_unit_test(a_picture_is_as_large_as_its_canvas),
		cmocka_unit_test(the_size_of_the_whole_decides),
		cmocka_unit_test(the_notes_are_told),
		cmocka_unit_test(small_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
