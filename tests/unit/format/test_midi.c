/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const athar_format *const midi = &athar_format_midi;

static void a_tune_ends_with_its_last_track(void **state)
{
	const athar_claim c = judge_file(midi, "tune.mid");

	(void)state;
	judge_end(midi, "tune.mid", ATHAR_GRADE_COMPLETE);
	assert_string_equal(field_of(&c, "title"), "T\xc3\xb6ne");
}

static void a_cut_tune_is_partial(void **state)
{
	(void)state;
	judge_cuts(midi, "tune.mid");
}

static void a_foreign_block_is_no_event(void **state)
{
	(void)state;
	judge_foreign(midi, "tune.mid", 512, 14, true);
	judge_foreign(midi, "tune.mid", 32, 14, true);
	judge_noise(midi, "tune.mid", 8);
	judge_noise(midi, "tune.mid", 200);
}

/* The end of a track one byte further, where its last event is not. */
static void a_track_ends_where_its_events_do(void **state)
{
	const sample s = sample_load("tune.mid");

	(void)state;
	s.bytes[14 + 7]++;
	const athar_claim c = judge(midi, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.proven < 60);
	s.bytes[14 + 7]--;
	s.bytes[11]++; /* a third track, which is not there */
	assert_int_equal(judge(midi, s.bytes, s.len).grade, ATHAR_GRADE_PARTIAL);
	s.bytes[11] = 0;
	assert_false(judge(midi, s.bytes, s.len).ours);
	sample_free(s);
}

static void small_events_take_linear_time(void **state)
{
	static const uint8_t head[] = "MThd\0\0\0\6\0\1\xff\xff\0\1MTrk\xff\xff\xff\xff\0\xc0\1";
	static const uint8_t empty[] = "MTrk\0\0\0\4\0\xff\x2f\0";

	(void)state;
	judge_time(midi, head, sizeof head - 1, "\0\1", 2);
	judge_time(midi, head, sizeof head - 1, "\0\xf7\0", 3);
	judge_time(midi, head, 14, empty, sizeof empty - 1);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(midi, "tune.mid");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tune_ends_with_its_last_track),
		cmocka_unit_test(a_cut_tune_is_partial),
		cmocka_unit_test(a_foreign_block_is_no_event),
		cmocka_unit_test(a_track_ends_where_its_events_do),
		cmocka_unit_test(small_events_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
