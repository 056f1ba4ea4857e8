/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const flv = &athar_format_flv;

static void a_film_ends_where_it_says(void **state)
{
	(void)state;
	judge_end(flv, "film.flv", ATHAR_GRADE_COMPLETE);
	judge_end(flv, "locked.flv", ATHAR_GRADE_COMPLETE);
}

/* Its tags still show where they end, but not that none is lacking. */
static void a_film_without_a_size_is_partial_and_open(void **state)
{
	const athar_claim c = judge_file(flv, "open.flv");

	(void)state;
	judge_end(flv, "open.flv", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
}

static void a_cut_film_is_partial(void **state)
{
	(void)state;
	judge_cuts(flv, "film.flv");
	judge_cuts(flv, "locked.flv");
	judge_cuts(flv, "open.flv");
}

static void a_foreign_block_breaks_the_chain(void **state)
{
	(void)state;
	judge_foreign(flv, "film.flv", 4096, 13, true);
	judge_foreign(flv, "locked.flv", 512, 13, true);
	judge_foreign(flv, "film.flv", 512, 13, false);
}

/* A tag fewer than the size has room for: the rest is another film's. */
static void a_missing_tag_is_partial_and_not_open(void **state)
{
	const sample s = sample_load("locked.flv");
	const size_t tag = 11 + 201 + 4;

	(void)state;
	const athar_claim c = judge(flv, s.bytes, s.len - tag);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len - tag);
	assert_false(c.open);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(flv, "film.flv", 4);
	judge_noise(flv, "film.flv", 13);
	judge_noise(flv, "open.flv", 900);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim film = judge_file(flv, "film.flv");
	const athar_claim locked = judge_file(flv, "locked.flv");

	(void)state;
	assert_string_equal(field_of(&film, "width"), "48");
	assert_string_equal(field_of(&film, "height"), "32");
	assert_string_equal(field_of(&film, "codec"), "Sorenson H.263");
	assert_string_equal(field_of(&film, "encrypted"), "");
	/* Behind objects, lists and dates. */
	assert_string_equal(field_of(&locked, "width"), "320");
	assert_string_equal(field_of(&locked, "encrypted"), "yes");
}

static void small_tags_take_linear_time(void **state)
{
	static const uint8_t tag[] = {8, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 12};
	/* A script as long as a tag may be, made of lists in lists. */
	static const uint8_t lists[] = {18,  0xFF, 0xFF, 0xFF, 0,   0,   0,   0,
	                                0,   0,    0,    2,    0,   10,  'o', 'n',
	                                'M', 'e',  't',  'a',  'D', 'a', 't', 'a'};
	const sample s = sample_load("open.flv");
	uint8_t head[13 + sizeof lists];

	(void)state;
	memcpy(head, s.bytes, 13);
	memcpy(head + 13, lists, sizeof lists);
	judge_time(flv, s.bytes, 13, tag, sizeof tag);
	judge_time(flv, head, sizeof head, "\x0a\xff\xff\xff\xff", 5);
	judge_time(flv, head, sizeof head, "\x08\0\0\0\0\0\1x\5", 9);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(flv, "film.flv");
	judge_flips(flv, "locked.flv");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_film_ends_where_it_says),
		cmocka_unit_test(a_film_without_a_size_is_partial_and_open),
		cmocka_unit_test(a_cut_film_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(a_missing_tag_is_partial_and_not_open),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(small_tags_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
