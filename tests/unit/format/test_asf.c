/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

/* The packets of film.wmv have 500 bytes, and the first one begins behind the data header. */
#define PACKET 500u

static const athar_format *const asf = &athar_format_asf;

static size_t first_packet(const sample *s)
{
	const uint8_t *data = memmem(s->bytes, s->len, "\x36\x26\xb2\x75\x8e\x66\xcf\x11", 8);

	assert_non_null(data);
	return (size_t)(data - s->bytes) + 50;
}

static void a_file_ends_where_it_says(void **state)
{
	const athar_claim film = judge_file(asf, "film.wmv");
	const athar_claim sound = judge_file(asf, "sound.wma");

	(void)state;
	judge_end(asf, "film.wmv", ATHAR_GRADE_COMPLETE);
	judge_end(asf, "sound.wma", ATHAR_GRADE_COMPLETE);
	/* An index follows the film; nothing follows the last payload of the sound. */
	assert_int_equal(film.unseen, 0);
	assert_in_range(sound.unseen, 1, 700);
}

static void a_live_stream_is_partial_and_open(void **state)
{
	const athar_claim c = judge_file(asf, "live.wma");

	(void)state;
	judge_end(asf, "live.wma", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
}

static void a_cut_file_is_partial(void **state)
{
	(void)state;
	judge_cuts(asf, "film.wmv");
	judge_cuts(asf, "sound.wma");
}

static void a_foreign_block_breaks_a_packet(void **state)
{
	const sample s = sample_load("film.wmv");

	(void)state;
	judge_foreign(asf, "film.wmv", 4096, first_packet(&s), true);
	judge_foreign(asf, "film.wmv", 512, first_packet(&s), false);
	sample_free(s);
}

/* Another packet of the same file in its place: its fields hold, its pieces do not go on. */
static void a_packet_out_of_place_is_a_flaw(void **state)
{
	const sample s = sample_load("film.wmv");
	uint8_t *packets = s.bytes + first_packet(&s);

	(void)state;
	memcpy(packets + PACKET, packets + (size_t)3 * PACKET, PACKET);
	const athar_claim c = judge(asf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, first_packet(&s) + PACKET);
	sample_free(s);
}

static void counts_must_agree(void **state)
{
	const sample s = sample_load("film.wmv");

	(void)state;
	s.bytes[first_packet(&s) - 10]++;
	const athar_claim c = judge(asf, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.proven <= first_packet(&s));
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	const sample s = sample_load("live.wma");

	(void)state;
	judge_noise(asf, "film.wmv", 16);
	judge_noise(asf, "film.wmv", first_packet(&s));
	judge_noise(asf, "live.wma", first_packet(&s));
	sample_free(s);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim film = judge_file(asf, "film.wmv");
	const athar_claim sound = judge_file(asf, "sound.wma");

	(void)state;
	assert_string_equal(film.subtype, "wmv");
	assert_string_equal(field_of(&film, "title"), "T\xc3\xb6ne");
	assert_string_equal(field_of(&film, "author"), "make.py");
	assert_string_equal(field_of(&film, "created"), "2024-03-01T12:00:00Z");
	assert_string_equal(field_of(&film, "width"), "64");
	assert_string_equal(field_of(&film, "height"), "48");
	assert_string_equal(field_of(&film, "codec"), "WMV2");
	assert_string_equal(sound.extension, "wma");
	assert_string_equal(field_of(&sound, "width"), "");
}

static void small_objects_take_linear_time(void **state)
{
	const sample s = sample_load("live.wma");
	const size_t head = first_packet(&s);

	(void)state;
	judge_time(asf, s.bytes, head, s.bytes + head, 700);
	judge_time(asf, s.bytes, head + 700,
	           "\xd3\x29\xe2\xd6\xda\x35\xd1\x11\x90\x34\0\xa0\xc9\3\x49\xbe"
	           "\x18\0\0\0\0\0\0\0",
	           24);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(asf, "film.wmv");
	judge_flips(asf, "live.wma");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_ends_where_it_says),
		cmocka_unit_test(a_live_stream_is_partial_and_open),
		cmocka_unit_test(a_cut_file_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_packet),
		cmocka_unit_test(a_packet_out_of_place_is_a_flaw),
		cmocka_unit_test(counts_must_agree),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(small_objects_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
