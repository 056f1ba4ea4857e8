/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static const char *const decoded[] = {
	"baseline.jpg", "restarts.jpg", "progressive.jpg", "progressive-restarts.jpg",
	"grey.jpg",     "cmyk.jpg",     "thumbnail.jpg",   "mpf.jpg",
};

static void a_jpeg_ends_behind_its_last_marker(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(decoded); i++)
		judge_end(&athar_format_jpeg, decoded[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_jpeg_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(decoded); i++)
		judge_cuts(&athar_format_jpeg, decoded[i]);
}

/* Where the picture's data begin: behind the last segment of the first scan header. */
static size_t data_of(const char *name)
{
	const sample s = sample_load(name);
	size_t at = 2;

	while (s.bytes[at + 1] != 0xDA)
		at += 2 + (size_t)(s.bytes[at + 2] << 8 | s.bytes[at + 3]);
	at += 2 + (size_t)(s.bytes[at + 2] << 8 | s.bytes[at + 3]);
	sample_free(s);
	return at;
}

static void noise_in_the_data_does_not_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(decoded); i++) {
		judge_foreign(&athar_format_jpeg, decoded[i], 4096, data_of(decoded[i]), true);
		judge_foreign(&athar_format_jpeg, decoded[i], 512, data_of(decoded[i]), true);
	}
}

/* The hard case: a block of another picture's data, where no marker is out of place. */
static void a_block_of_another_picture_does_not_decode(void **state)
{
	const sample host = sample_load("baseline.jpg"), guest = sample_load("grey.jpg");
	const size_t from = data_of("baseline.jpg"), guest_from = data_of("grey.jpg");
	uint8_t *changed = malloc(host.len);

	(void)state;
	assert_non_null(changed);
	for (size_t at = from; at + 1500 < host.len; at += 97) {
		for (size_t g = guest_from; g + 1024 < guest.len; g += 501) {
			memcpy(changed, host.bytes, host.len);
			memcpy(changed + at, guest.bytes + g, 1024);
			const athar_claim c = judge(&athar_format_jpeg, changed, host.len);

			assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
			assert_true(c.proven <= at + 1024);
		}
	}
	free(changed);
	sample_free(host);
	sample_free(guest);
}

/* Zeros are good codes in most tables. */
static void zeros_in_the_data_do_not_decode(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(decoded); i++) {
		const sample s = sample_load(decoded[i]);
		const size_t from = data_of(decoded[i]) + 100;

		memset(s.bytes + from, 0, 2048);
		const athar_claim c = judge(&athar_format_jpeg, s.bytes, s.len);

		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		sample_free(s);
	}
}

static void a_restart_marker_keeps_what_is_before_it(void **state)
{
	const sample s = sample_load("restarts.jpg");
	const size_t half = s.len / 2;

	(void)state;
	memset(s.bytes + half, 0xFF, 4096);
	const athar_claim c = judge(&athar_format_jpeg, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.proven <= half);
	assert_true(c.proven > half - 1500);
	sample_free(s);
}

/* A restart interval taken out: markers are all valid, their order is not. */
static void a_missing_interval_shows_in_the_order(void **state)
{
	const sample s = sample_load("restarts.jpg");
	size_t from = data_of("restarts.jpg");

	(void)state;
	while (s.bytes[from] != 0xFF || s.bytes[from + 1] != 0xD1)
		from++;
	size_t to = from + 2;

	while (s.bytes[to] != 0xFF || s.bytes[to + 1] != 0xD2)
		to++;
	memmove(s.bytes + from, s.bytes + to, s.len - to);
	const athar_claim c = judge(&athar_format_jpeg, s.bytes, s.len - (to - from));

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len - (to - from));
	sample_free(s);
}

static void a_second_picture_that_is_gone_is_told(void **state)
{
	const sample s = sample_load("mpf.jpg");
	const size_t first = s.len - 1400;

	(void)state;
	const athar_claim whole = judge(&athar_format_jpeg, s.bytes, s.len);
	const athar_claim cut = judge(&athar_format_jpeg, s.bytes, first);

	assert_non_null(strstr(whole.why, "1 further"));
	assert_int_equal(cut.grade, ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void arithmetic_coding_is_measured_but_not_proven(void **state)
{
	const athar_claim c = judge_file(&athar_format_jpeg, "arithmetic.jpg");
	const sample s = sample_load("arithmetic.jpg");

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_jpeg, "baseline.jpg", 3);
	judge_noise(&athar_format_jpeg, "baseline.jpg", 4);
	judge_noise(&athar_format_jpeg, "baseline.jpg", 20);
	judge_noise(&athar_format_jpeg, "baseline.jpg", data_of("baseline.jpg"));
	judge_noise(&athar_format_jpeg, "progressive.jpg", data_of("progressive.jpg"));
}

static void hard_files_take_linear_time(void **state)
{
	const sample s = sample_load("baseline.jpg"), p = sample_load("progressive.jpg");
	const size_t from = data_of("baseline.jpg");

	(void)state;
	judge_time(&athar_format_jpeg, s.bytes, 20, "\xFF\xFE\0\2", 4);
	judge_time(&athar_format_jpeg, s.bytes, from, "\0", 1);
	judge_time(&athar_format_jpeg, s.bytes, 2, s.bytes + 2, s.len - 4);
	judge_time(&athar_format_jpeg, p.bytes, 2, p.bytes + 2, p.len - 4);
	sample_free(s);
	sample_free(p);
}

/* A progressive picture of 65535 x 65535 dots, and scans whose runs of empty blocks cover it. */
static void a_giant_of_empty_scans_takes_linear_time(void **state)
{
	static const uint8_t head[] = {
		0xFF,
		0xD8,
		0xFF,
		0xC2,
		0,
		11,
		8,
		0x40,
		0,
		0x40,
		0,
		1,
		1,
		0x11,
		0,
		/* one AC code of one bit: a run of 2^14 empty blocks */
		0xFF,
		0xC4,
		0,
		20,
		0x10,
		1,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0,
		0xE0,
	};
	uint8_t scan[10 + 512] = {0xFF, 0xDA, 0, 8, 1, 1, 0, 1, 63, 0x10};

	(void)state;
	judge_time(&athar_format_jpeg, head, sizeof head, scan, sizeof scan);
	scan[9] = 0;
	judge_time(&athar_format_jpeg, head, sizeof head, scan, sizeof scan);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(decoded); i++)
		judge_flips(&athar_format_jpeg, decoded[i]);
}

static void the_notes_are_told(void **state)
{
	(void)state;
	expect_notes(&athar_format_jpeg, "notes.jpg");
	expect_field(&athar_format_jpeg, "notes.jpg", "width", "72");
	expect_field(&athar_format_jpeg, "notes.jpg", "height", "56");
	/* The size is the picture's, not the thumbnail's. */
	expect_field(&athar_format_jpeg, "thumbnail.jpg", "width", "136");
	expect_field(&athar_format_jpeg, "thumbnail.jpg", "camera", "");
}

/* Its directory must lead back to the end of the picture, and its size to the directory. */
static void a_trailer_belongs_to_it_when_it_closes(void **state)
{
	const size_t picture = judge_file(&athar_format_jpeg, "notes.jpg").length;
	const sample s = sample_load("trailer.jpg");

	(void)state;
	judge_end(&athar_format_jpeg, "trailer.jpg", ATHAR_GRADE_COMPLETE);
	for (size_t at = s.len - 5; at < s.len; at++) {
		s.bytes[at] ^= 1;
		const athar_claim c = judge(&athar_format_jpeg, s.bytes, s.len);

		assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
		assert_int_equal(c.length, picture);
		s.bytes[at] ^= 1;
	}
	for (size_t cut = 1; cut < s.len - picture; cut++)
		assert_int_equal(judge(&athar_format_jpeg, s.bytes, s.len - cut).length, picture);
	sample_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_jpeg_ends_behind_its_last_marker),
		cmocka_unit_test(a_cut_jpeg_is_partial),
		cmocka_unit_test(noise_in_the_data_does_not_decode),
		cmocka_unit_test(a_block_of_another_picture_does_not_decode),
		cmocka_unit_test(zeros_in_the_data_do_not_decode),
		cmocka_unit_test(a_restart_marker_keeps_what_is_before_it),
		cmocka_unit_test(a_missing_interval_shows_in_the_order),
		cmocka_unit_test(a_second_picture_that_is_gone_is_told),
		cmocka_unit_test(arithmetic_coding_is_measured_but_not_proven),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(hard_files_take_linear_time),
		cmocka_unit_test(a_giant_of_empty_scans_takes_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(the_notes_are_told),
		cmocka_unit_test(a_trailer_belongs_to_it_when_it_closes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
