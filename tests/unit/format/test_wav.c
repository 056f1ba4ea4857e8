/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static void a_wav_ends_where_its_size_says(void **state)
{
	(void)state;
	judge_end(&athar_format_wav, "sound.wav", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_wav, "sound.rf64.wav", ATHAR_GRADE_COMPLETE);
	judge_end(&athar_format_wav, "odd.wav", ATHAR_GRADE_COMPLETE);
}

static void a_cut_wav_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_wav, "sound.wav");
	judge_cuts(&athar_format_wav, "sound.rf64.wav");
	judge_cuts(&athar_format_wav, "odd.wav");
}

static void a_cut_sound_is_proven_up_to_its_first_byte(void **state)
{
	const sample s = sample_load("sound.wav");
	const athar_claim c = judge(&athar_format_wav, s.bytes, s.len - 100);

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len - 100);
	/* half a second of 8000 samples of two bytes stands at the end */
	assert_int_equal(c.proven, s.len - 8000);
	sample_free(s);
}

static void what_follows_the_sound_must_be_chunks(void **state)
{
	const sample s = sample_load("odd.wav");

	(void)state;
	judge_foreign(&athar_format_wav, "odd.wav", 512, 60, false);
	athar_test_fill(s.bytes + s.len - 28, 28, 7);
	const athar_claim c = judge(&athar_format_wav, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

/* `bits` a sample, one channel, 64 KiB of a triangle behind a header of 44 bytes. */
static void make_triangle(uint8_t *b, uint8_t bits)
{
	const uint32_t len = 65536, unit = bits / 8;

	memset(b, 0, 44 + len);
	memcpy(b, "RIFF____WAVEfmt \x10\0\0\0\1\0\1\0", 24);
	athar_put_le32(b + 4, 36 + len);
	athar_put_le32(b + 24, 8000);
	athar_put_le32(b + 28, 8000 * unit);
	b[32] = (uint8_t)unit;
	b[34] = bits;
	memcpy(b + 36, "data", 4);
	athar_put_le32(b + 40, len);
	for (uint32_t i = 0; i < len / unit; i++)
		b[44 + i * unit + unit - 1] = (uint8_t)(i % 256 < 128 ? i : 255 - i % 256);
}

/* Noise over any cluster of the sound; the triangle is spread as evenly, but goes on from sample to
 * sample. */
static void noise_in_the_sound_shows(void **state)
{
	static const uint8_t widths[] = {8, 16, 24};
	static uint8_t b[44 + 65536], kept[4096];

	(void)state;
	for (size_t i = 0; i < sizeof widths; i++) {
		make_triangle(b, widths[i]);
		if (widths[i] == 24) /* 65536 is no multiple of it */
			athar_put_le32(b + 40, 65535);
		assert_int_equal(judge(&athar_format_wav, b, sizeof b).grade, ATHAR_GRADE_COMPLETE);
		for (size_t at = 4096; at + 4096 < sizeof b; at += 4096) {
			memcpy(kept, b + at, sizeof kept);
			athar_test_fill(b + at, sizeof kept, at);
			const athar_claim c = judge(&athar_format_wav, b, sizeof b);

			assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
			assert_int_equal(c.length, sizeof b);
			assert_int_equal(c.proven, 44);
			memcpy(b + at, kept, sizeof kept);
		}
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_wav, "sound.wav", 12);
	judge_noise(&athar_format_wav, "sound.wav", 36);
}

/* RIFF 38, fmt 16, data 2: the fields of the format say the same thing twice. */
static void a_format_that_contradicts_itself_is_none(void **state)
{
	static const uint8_t least[46] = {'R', 'I', 'F', 'F', 38,  0,  0, 0, 'W', 'A', 'V', 'E',
	                                  'f', 'm', 't', ' ', 16,  0,  0, 0, 1,   0,   1,   0,
	                                  64,  31,  0,   0,   128, 62, 0, 0, 2,   0,   16,  0,
	                                  'd', 'a', 't', 'a', 2,   0,  0, 0, 0,   0};
	static const uint8_t fields[] = {22, 24, 28, 32, 34}; /* channels ... bits */
	uint8_t one[sizeof least];

	(void)state;
	assert_int_equal(judge(&athar_format_wav, least, sizeof least).grade, ATHAR_GRADE_COMPLETE);
	for (size_t i = 0; i < sizeof fields; i++) {
		memcpy(one, least, sizeof one);
		one[fields[i]] += 24;
		assert_false(judge(&athar_format_wav, one, sizeof one).ours);
	}
	memcpy(one, least, sizeof one);
	one[40] = 1; /* half a sample, and a byte of padding */
	assert_int_equal(judge(&athar_format_wav, one, sizeof one).grade, ATHAR_GRADE_PARTIAL);
	one[40] = 4; /* longer than the whole */
	assert_int_equal(judge(&athar_format_wav, one, sizeof one).grade, ATHAR_GRADE_HEADER);
}

static void small_chunks_take_linear_time(void **state)
{
	uint8_t head[44];
	const sample s = sample_load("sound.wav");

	(void)state;
	memcpy(head, s.bytes, 36);
	memset(head + 4, 0x7F, 4);
	judge_time(&athar_format_wav, head, 36, "JUNK\0\0\0\0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_wav, "odd.wav");
	judge_flips(&athar_format_wav, "sound.rf64.wav");
}

static void sound_says_its_length_and_notes(void **state)
{
	const athar_claim plain = judge_file(&athar_format_wav, "sound.wav");
	const athar_claim wide = judge_file(&athar_format_wav, "sound.rf64.wav");
	const athar_claim radio = judge_file(&athar_format_wav, "broadcast.wav");

	(void)state;
	assert_string_equal(field_of(&plain, "duration_ms"), "500");
	assert_string_equal(field_of(&plain, "title"), "tone");
	assert_string_equal(field_of(&wide, "duration_ms"), "500");
	assert_string_equal(field_of(&radio, "duration_ms"), "1000");
	assert_string_equal(field_of(&radio, "comment"), "an interview");
	assert_string_equal(field_of(&radio, "author"), "recorder 7");
	assert_string_equal(field_of(&radio, "taken"), "2024-03-01T12:34:56");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_wav_ends_where_its_size_says),
		cmocka_unit_test(a_cut_wav_is_partial),
		cmocka_unit_test(a_cut_sound_is_proven_up_to_its_first_byte),
		cmocka_unit_test(what_follows_the_sound_must_be_chunks),
		cmocka_unit_test(noise_in_the_sound_shows),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_format_that_contradicts_itself_is_none),
		cmocka_unit_test(small_chunks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(sound_says_its_length_and_notes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
