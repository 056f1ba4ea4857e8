/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const mkv = &athar_format_mkv;

static void a_file_ends_with_its_segment(void **state)
{
	(void)state;
	judge_end(mkv, "film.mkv", ATHAR_GRADE_INTACT);
	judge_end(mkv, "film.webm", ATHAR_GRADE_COMPLETE);
	judge_end(mkv, "laced.mka", ATHAR_GRADE_COMPLETE);
}

/* Of unknown size: the parts show where they end, but not that none is lacking. */
static void a_live_stream_is_partial_and_open(void **state)
{
	const athar_claim c = judge_file(mkv, "live.webm");

	(void)state;
	judge_end(mkv, "live.webm", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
}

static void a_cut_file_is_partial(void **state)
{
	(void)state;
	judge_cuts(mkv, "film.mkv");
	judge_cuts(mkv, "film.webm");
	judge_cuts(mkv, "laced.mka");
	judge_cuts(mkv, "live.webm");
}

static void a_foreign_block_breaks_a_crc(void **state)
{
	(void)state;
	judge_foreign(mkv, "film.mkv", 4096, 60, true);
	judge_foreign(mkv, "film.mkv", 512, 60, true);
	judge_foreign(mkv, "film.mkv", 16, 60, false);
}

/* Without CRCs, what overwrites no header does not show. */
static void a_foreign_block_breaks_the_chain(void **state)
{
	(void)state;
	judge_foreign(mkv, "laced.mka", 512, 60, true);
	judge_foreign(mkv, "film.webm", 4096, 60, false);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(mkv, "film.mkv", 4);
	judge_noise(mkv, "film.mkv", 60);
	judge_noise(mkv, "live.webm", 60);
	judge_noise(mkv, "live.webm", 2000);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim film = judge_file(mkv, "film.mkv");
	const athar_claim web = judge_file(mkv, "film.webm");
	const athar_claim sound = judge_file(mkv, "laced.mka");

	(void)state;
	assert_string_equal(film.subtype, "mkv");
	assert_string_equal(field_of(&film, "title"), "a film");
	assert_string_equal(field_of(&film, "created"), "2024-03-01T12:00:00Z");
	assert_string_equal(field_of(&film, "width"), "64");
	assert_string_equal(field_of(&film, "height"), "48");
	assert_string_equal(field_of(&film, "codec"), "V_MPEG4/ISO/ASP");
	assert_string_equal(field_of(&film, "encrypted"), "");
	assert_string_equal(web.subtype, "webm");
	assert_string_equal(web.extension, "webm");
	assert_string_equal(field_of(&web, "duration_ms"), "1000");
	assert_string_equal(sound.extension, "mka");
	/* 250 ticks of half a millisecond */
	assert_string_equal(field_of(&sound, "duration_ms"), "125");
	assert_string_equal(field_of(&sound, "created"), "2001-01-02T00:00:00Z");
	assert_string_equal(field_of(&sound, "title"), "T\xc3\xb6ne");
	assert_string_equal(field_of(&sound, "encrypted"), "yes");
}

/* Puts `byte` where `mark` stands for the nth time, `skip` bytes behind its beginning. */
static athar_claim changed(const char *name, const char *mark, size_t len, int nth, size_t skip,
                           uint8_t byte)
{
	const sample s = sample_load(name);
	uint8_t *at = s.bytes - 1;

	for (; nth > 0; nth--) {
		at = memmem(at + 1, s.len - (size_t)(at + 1 - s.bytes), mark, len);
		assert_non_null(at);
	}
	assert_int_not_equal(at[skip], byte);
	at[skip] = byte;
	const athar_claim c = judge(mkv, s.bytes, s.len);

	sample_free(s);
	return c;
}

static void expect_flaw(athar_claim c, size_t len, const char *why)
{
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, len);
	assert_true(c.proven <= len);
	assert_non_null(strstr(c.why, why));
}

static void what_points_elsewhere_is_a_flaw(void **state)
{
	const sample s = sample_load("laced.mka");

	(void)state;
	expect_flaw(changed("laced.mka", "\xf1\x84", 2, 2, 5, 7), s.len, "no cluster begins");
	expect_flaw(changed("laced.mka", "\xa7\x84", 2, 2, 5, 7), s.len, "lies elsewhere");
	expect_flaw(changed("laced.mka", "\xab\x82", 2, 1, 3, 7), s.len, "another length");
	sample_free(s);
}

/* The frames of a block, and its track. The size of its cluster leads on. */
static void blocks_that_make_no_sense_are_a_flaw(void **state)
{
	const sample s = sample_load("laced.mka");

	(void)state;
	/* the count and first size as Xiph has it; EBML's; frames of one size; the track */
	expect_flaw(changed("laced.mka", "\x82\x02\xff\x2d", 4, 1, 1, 200), s.len, "frames");
	expect_flaw(changed("laced.mka", "\x1e\x06\x03\x40\x5a", 5, 1, 3, 0x60), s.len, "frames");
	expect_flaw(changed("laced.mka", "\x84\x04", 2, 1, 1, 6), s.len, "equal frames");
	expect_flaw(changed("laced.mka", "\x81\x00\x5a\x80", 4, 2, 0, 0x82), s.len, "track");
	sample_free(s);
}

/* All under CRCs but the room left free: what stands in it has none. */
static void filled_room_is_not_intact(void **state)
{
	const athar_claim c = changed("film.mkv", "\xec\x01", 2, 1, 12, 'x');

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
}

static void another_kind_of_header_is_not_ours(void **state)
{
	(void)state;
	assert_false(changed("film.mkv", "matroska", 8, 1, 0, 'n').ours);
}

static void small_elements_take_linear_time(void **state)
{
	const sample live = sample_load("live.webm");
	const uint8_t *cluster = memmem(live.bytes, live.len, "\x1f\x43\xb6\x75", 4);

	(void)state;
	assert_non_null(cluster);
	const size_t head = (size_t)(cluster - live.bytes) + 12;

	judge_time(mkv, live.bytes, head, "\xe7\x81\0", 3);
	judge_time(mkv, live.bytes, head, "\xa3\x84\x81\0\0\x80", 6);
	judge_time(mkv, live.bytes, head, "\xa3\x88\x81\0\0\x82\3\1\1\1", 10);
	judge_time(mkv, live.bytes, head - 12, "\xec\x80", 2);
	judge_time(mkv, live.bytes, head - 12, "\x1f\x43\xb6\x75\xff", 5);
	sample_free(live);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(mkv, "film.mkv");
	judge_flips(mkv, "laced.mka");
	judge_flips(mkv, "live.webm");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_ends_with_its_segment),
		cmocka_unit_test(a_live_stream_is_partial_and_open),
		cmocka_unit_test(a_cut_file_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_a_crc),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(what_points_elsewhere_is_a_flaw),
		cmocka_unit_test(blocks_that_make_no_sense_are_a_flaw),
		cmocka_unit_test(filled_room_is_not_intact),
		cmocka_unit_test(another_kind_of_header_is_not_ours),
		cmocka_unit_test(small_elements_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
