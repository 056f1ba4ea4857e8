/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Interrupted at any read, and taken up again from the map as it was saved.
 */
#include "sim.h"

#define KIB UINT64_C(1024)

/* Some of everything, small enough to be interrupted at each of its reads. */
static void broken_disk(sim *s, uint64_t seed, bool reverse)
{
	sim_init(s, 400 * KIB, 512, seed);
	s->spec.retries = 2;
	s->spec.reverse = reverse;
	s->partial = seed % 2 == 0;
	s->spec.dying = UINT32_MAX;
	sim_bad(s, 5, 1);
	sim_bad(s, 150, 20);
	sim_bad(s, 390, 3);
	sim_bad(s, 600, 1);
	sim_bad(s, 799, 1);
}

/* The next session knows nothing but the text. */
static void reload(athar_map *map, const sim *s)
{
	athar_error err = ATHAR_ERROR_INIT;

	athar_map_clear(map);
	assert_ok(athar_map_parse(map, s->saved, strlen(s->saved), &err), err);
}

static uint64_t undisturbed(uint64_t seed, bool reverse)
{
	athar_map map;
	uint64_t reads;
	sim s;

	broken_disk(&s, seed, reverse);
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	reads = s.reads - SIM_SETTLED;
	athar_map_clear(&map);
	sim_free(&s);
	return reads;
}

static void cancel_at(sim *s, athar_map *map, uint64_t reads)
{
	/* Ticks come ten times a second. */
	s->per_read = SIM_SECOND / 5;
	s->cancels_after = reads;
	(void)sim_run(s, map, ATHAR_RESCUE_CANCELLED);
	assert_int_equal(s->reads, reads);
	s->cancels_after = SIM_NEVER;
}

static void break_at(sim *s, athar_map *map, uint64_t reads)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out;

	s->breaks_after = reads;
	assert_status(athar_rescue_run(&out, map, &s->spec, &err), ATHAR_EIO, err);
	s->breaks_after = SIM_NEVER;
}

static void lose_at(sim *s, athar_map *map, uint64_t reads)
{
	s->gone_after = reads;
	(void)sim_run(s, map, ATHAR_RESCUE_GONE);
	s->gone_after = SIM_NEVER;
}

static void die_at(sim *s, athar_map *map, uint64_t reads)
{
	s->dies_after = reads;
	s->spec.dying = 5;
	(void)sim_run(s, map, ATHAR_RESCUE_DYING);
	sim_check_true(s, map);
	/* 5 failures; twice and four times as many where the drive had just proved to live while
	 * the 20 bad sectors in a row or all bad ones were read; then two good sectors. */
	assert_true(s->after_death <= 20 + 2);
	s->dies_after = SIM_NEVER;
	s->after_death = 0;
	s->spec.dying = UINT32_MAX;
}

typedef void interrupt(sim *s, athar_map *map, uint64_t reads);

static void interrupted_once(interrupt *how, uint64_t seed, bool reverse, uint64_t first)
{
	const uint64_t reads = undisturbed(seed, reverse);

	for (uint64_t i = first; i < reads; i++) {
		athar_map map;
		sim s;

		broken_disk(&s, seed, reverse);
		sim_map(&map, &s);
		how(&s, &map, i);
		reload(&map, &s);
		s.asked_again = 0;
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		assert_true(s.asked_again <= SIM_SETTLED);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

static void test_cancelled_at_any_read(void **state)
{
	(void)state;
	interrupted_once(cancel_at, 1, false, 0);
	interrupted_once(cancel_at, 2, true, 0);
}

static void test_broken_at_any_read(void **state)
{
	(void)state;
	interrupted_once(break_at, 2, false, 0);
}

static void test_gone_at_any_read(void **state)
{
	(void)state;
	interrupted_once(lose_at, 1, false, 0);
	interrupted_once(lose_at, 2, true, 0);
}

/* From the first read on there is something good to compare with. */
static void test_dead_at_any_read(void **state)
{
	(void)state;
	interrupted_once(die_at, 3, false, 2);
}

/* A cancelled rescue does what is left and no more: the same reads in all. */
static void test_cancelling_costs_no_read(void **state)
{
	const uint64_t reads = undisturbed(1, false);
	athar_map map;
	sim s;

	(void)state;
	for (uint64_t step = 1; step < 40; step += 6) {
		broken_disk(&s, 1, false);
		sim_map(&map, &s);
		for (uint64_t i = step; i < reads; i += step) {
			cancel_at(&s, &map, i);
			reload(&map, &s);
		}
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		/* A skip that had doubled begins anew, so a cluster may be cut elsewhere. */
		assert_true(s.reads - SIM_SETTLED <= reads + 4);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

/* A drive that goes away right behind each failure is read to the end nevertheless. */
static void test_each_session_learns_something(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out = {.end = ATHAR_RESCUE_GONE};
	unsigned sessions = 0;
	athar_map map;
	sim s;

	(void)state;
	broken_disk(&s, 1, false);
	sim_map(&map, &s);
	for (; out.end == ATHAR_RESCUE_GONE && sessions < 1000; sessions++) {
		s.gone_after = s.reads + 2;
		assert_ok(athar_rescue_run(&out, &map, &s.spec, &err), err);
		reload(&map, &s);
	}
	assert_int_equal(out.end, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	athar_map_clear(&map);
	sim_free(&s);
}

/* A map that is done is done again only where it lacks something; its retries begin anew. */
static void test_done_is_retried_when_asked(void **state)
{
	athar_map map;
	uint64_t reads;
	sim s;

	(void)state;
	broken_disk(&s, 1, false);
	s.at[100].fails = 5;
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), sim_bad_bytes(&s) + 512);
	reads = s.reads;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_int_equal(s.reads - reads, 2 * 26 + 2 + SIM_SETTLED);
	s.spec.retries = 0;
	reads = s.reads;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.reads, reads);
	athar_map_clear(&map);
	sim_free(&s);
}

/* Whatever phase, pass and position a map claims, nothing readable is left out. */
static void test_any_map_is_read_to_the_end(void **state)
{
	static const char states[] = "?*/-+";
	static const char phases[] = "?*/-FG+";

	(void)state;
	for (uint64_t seed = 1; seed <= 300; seed++) {
		athar_error err = ATHAR_ERROR_INIT;
		uint64_t random = seed;
		athar_map map;
		sim s;

		broken_disk(&s, seed, seed % 2 == 0);
		s.spec.retries = 1;
		sim_map(&map, &s);
		for (uint64_t at = 0; at < s.size;) {
			uint64_t len = 512 * (1 + athar_test_random(&random) % 100);
			const char as = states[athar_test_random(&random) % 5];

			len = len < s.size - at ? len : s.size - at;
			for (uint64_t i = at / 512; i < (at + len) / 512; i++) {
				s.at[i].failed = true;
				s.at[i].written = as == '+';
				if (as == '+')
					s.at[i].bad = false;
			}
			if (as == '+')
				memcpy(s.target + at, s.disk + at, (size_t)len);
			assert_ok(athar_map_change(&map, at, len, (athar_map_state)as, &err), err);
			at += len;
		}
		map.phase = (athar_map_phase)phases[athar_test_random(&random) % 7];
		map.position = athar_test_random(&random) % (s.size + 1000);
		/* A later pass of retrying would leave out what was not tried in the first. */
		map.pass = map.phase == ATHAR_MAP_RETRYING
		                   ? 1
		                   : (unsigned)(1 + athar_test_random(&random) % 8);
		if (map.phase == ATHAR_MAP_RETRYING)
			map.position = s.spec.reverse ? s.size : 0;
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		assert_true(s.asked_again <= SIM_SETTLED);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cancelled_at_any_read),
		cmocka_unit_test(test_broken_at_any_read),
		cmocka_unit_test(test_gone_at_any_read),
		cmocka_unit_test(test_dead_at_any_read),
		cmocka_unit_test(test_cancelling_costs_no_read),
		cmocka_unit_test(test_each_session_learns_something),
		cmocka_unit_test(test_done_is_retried_when_asked),
		cmocka_unit_test(test_any_map_is_read_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
