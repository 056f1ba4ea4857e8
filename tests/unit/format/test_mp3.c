/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

/* LAME's first frame in counted.mp3: 64 kbit/s at 22.05 kHz. */
#define FRAME 208u

static void an_mp3_ends_where_its_counts_or_a_tag_say(void **state)
{
	(void)state;
	judge_end(&athar_format_mp3, "counted.mp3", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_mp3, "tagged.mp3", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_mp3, "closed.mp3", ATHAR_GRADE_COMPLETE);
}

static void nothing_says_which_frame_is_last(void **state)
{
	const athar_claim c = judge_file(&athar_format_mp3, "open.mp3");

	(void)state;
	judge_end(&athar_format_mp3, "open.mp3", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
}

static void a_cut_mp3_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_mp3, "counted.mp3");
	judge_cuts(&athar_format_mp3, "open.mp3");
}

/* Without its last tag a file is whole too: that is what it was before somebody tagged it. */
static void a_tag_that_is_cut_off_is_partial(void **state)
{
	const sample s = sample_load("tagged.mp3");

	(void)state;
	for (size_t cut = 1; cut < 125; cut++) {
		const athar_claim c = judge(&athar_format_mp3, s.bytes, s.len - cut);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	}
	const athar_claim c = judge(&athar_format_mp3, s.bytes, s.len - 128);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, s.len - 128);
	for (size_t cut = 129; cut < s.len; cut++)
		assert_true(judge(&athar_format_mp3, s.bytes, s.len - cut).grade <
		            ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

static void a_foreign_block_breaks_the_chain_or_the_crc(void **state)
{
	(void)state;
	judge_foreign(&athar_format_mp3, "counted.mp3", 4096, 3 * FRAME, true);
	judge_foreign(&athar_format_mp3, "counted.mp3", 512, 3 * FRAME, true);
	judge_foreign(&athar_format_mp3, "open.mp3", 512, 600, false);
}

/* One bit of the sound of one frame: only the CRC can know. */
static void the_crc_knows_of_one_bit(void **state)
{
	const sample s = sample_load("counted.mp3");

	(void)state;
	s.bytes[10 * FRAME + 100] ^= 1;
	const athar_claim c = judge(&athar_format_mp3, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

/* Two more than there are: one more may be the one that counts. */
static void counts_that_disagree_are_a_flaw(void **state)
{
	const sample s = sample_load("tagged.mp3");
	uint8_t *xing = memmem(s.bytes, s.len, "Xing", 4);

	(void)state;
	assert_non_null(xing);
	xing[11] = (uint8_t)(xing[11] + 2);
	const athar_claim c = judge(&athar_format_mp3, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void a_tag_whose_frames_do_not_chain_is_a_flaw(void **state)
{
	const sample s = sample_load("tagged.mp3");

	(void)state;
	s.bytes[10] = 0xFF;
	const athar_claim c = judge(&athar_format_mp3, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, 10);
	sample_free(s);
}

/* Else a file would be found again at each of its frames. */
static void a_frame_without_tag_or_counts_begins_nothing(void **state)
{
	const sample s = sample_load("counted.mp3");

	(void)state;
	assert_true(judge(&athar_format_mp3, s.bytes, s.len).ours);
	assert_false(judge(&athar_format_mp3, s.bytes + FRAME, s.len - FRAME).ours);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_mp3, "counted.mp3", 100);
	judge_noise(&athar_format_mp3, "counted.mp3", 900);
	judge_noise(&athar_format_mp3, "tagged.mp3", 600);
}

static void small_frames_take_linear_time(void **state)
{
	const sample s = sample_load("open.mp3");
	uint8_t frame[24] = {0xFF, 0xE3, 0x18, 0xC0}; /* 8 kbit/s at 12 kHz */

	(void)state;
	frame[2] = 0x14;
	judge_time(&athar_format_mp3, s.bytes, 27, s.bytes + 27, 78);
	judge_time(&athar_format_mp3, s.bytes, 27, frame, sizeof frame);
	judge_time(&athar_format_mp3, "ID3\4\0\0\0\0\0\0", 10, "ID3\4\0\0\0\0\0\0", 10);
	judge_time(&athar_format_mp3, "ID3\3\0\0\7\0\0\0", 10, "TIT2\0\0\0\0\0\0", 10);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_mp3, "counted.mp3");
	judge_flips(&athar_format_mp3, "tagged.mp3");
	judge_flips(&athar_format_mp3, "closed.mp3");
}

static void tags_and_frames_say_what_they_are(void **state)
{
	const athar_claim tagged = judge_file(&athar_format_mp3, "tagged.mp3");
	const athar_claim counted = judge_file(&athar_format_mp3, "counted.mp3");

	(void)state;
	assert_string_equal(field_of(&tagged, "title"), "a tone");
	/* 41 frames with sound, as ffprobe has it, of 576 samples of 22,050 a second */
	assert_string_equal(field_of(&counted, "duration_ms"), "1071");
	assert_string_equal(field_of(&counted, "title"), "");
}

/* UTF-16 with its mark in either order, and an older tag behind that says something else. */
static void a_tag_may_be_utf_16(void **state)
{
	static const uint8_t low[] =
		"ID3\3\0\0\0\0\0\x12TIT2\0\0\0\x08\0\0\1\xff\xfe\xf6\0\x3d\xd8\1";
	static const uint8_t high[] = "ID3\4\0\0\0\0\0\x11TPE1\0\0\0\x07\0\0\1\xfe\xff\0\xf6 \xac";
	const sample s = sample_load("counted.mp3");
	uint8_t *both = malloc(100 + s.len + 128);

	(void)state;
	assert_non_null(both);
	memcpy(both, low, 28);
	memcpy(both + 28, s.bytes, s.len);
	memset(both + 28 + s.len, 0, 128);
	memcpy(both + 28 + s.len, "TAGanother", 10);
	memcpy(both + 28 + s.len + 33, "some", 4);
	const athar_claim first = judge(&athar_format_mp3, both, 28 + s.len + 128);

	/* the second half of a character is missing */
	assert_string_equal(field_of(&first, "title"), "\xc3\xb6\xef\xbf\xbd");
	assert_string_equal(field_of(&first, "author"), "some");
	memcpy(both, high, 27);
	memcpy(both + 27, s.bytes, s.len);
	const athar_claim second = judge(&athar_format_mp3, both, 27 + s.len);

	assert_string_equal(field_of(&second, "author"), "\xc3\xb6\xe2\x82\xac");
	free(both);
	sample_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_mp3_ends_where_its_counts_or_a_tag_say),
		cmocka_unit_test(nothing_says_which_frame_is_last),
		cmocka_unit_test(a_cut_mp3_is_partial),
		cmocka_unit_test(a_tag_that_is_cut_off_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_chain_or_the_crc),
		cmocka_unit_test(the_crc_knows_of_one_bit),
		cmocka_unit_test(counts_that_disagree_are_a_flaw),
		cmocka_unit_test(a_tag_whose_frames_do_not_chain_is_a_flaw),
		cmocka_unit_test(a_frame_without_tag_or_counts_begins_nothing),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(tags_and_frames_say_what_they_are),
		cmocka_unit_test(a_tag_may_be_utf_16),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
