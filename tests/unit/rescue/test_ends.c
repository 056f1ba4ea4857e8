/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Why a rescue ends before its time, and what the map says then; when it saves; what the callbacks'
 * own failures do.
 */
#include "sim.h"

#define MIB (UINT64_C(1) << 20)

static void start(sim *s, athar_map *map, uint64_t size)
{
	sim_init(s, size, 512, 31);
	sim_map(map, s);
}

static void end(sim *s, athar_map *map)
{
	athar_map_clear(map);
	sim_free(s);
}

static void test_time(void **state)
{
	athar_map map;
	athar_rescue out;
	sim s;

	(void)state;
	start(&s, &map, 4 * MIB);
	s.per_read = SIM_SECOND / 2;
	s.spec.stop_after = 5;
	out = sim_run(&s, &map, ATHAR_RESCUE_TIME);
	assert_int_equal(out.reads, 10);
	assert_int_equal(out.failures, 0);
	assert_int_equal(out.last_bad, ATHAR_NOWHERE);
	end(&s, &map);
}

static void test_more_is_bad_than_allowed(void **state)
{
	athar_map map;
	athar_rescue out;
	sim s;

	(void)state;
	start(&s, &map, 4 * MIB);
	sim_bad(&s, 1000, 10);
	s.spec.max_bad = 10 * 512;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	end(&s, &map);

	start(&s, &map, 4 * MIB);
	sim_bad(&s, 1000, 10);
	s.spec.max_bad = 9 * 512;
	out = sim_run(&s, &map, ATHAR_RESCUE_MAX_BAD);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), 10 * 512);
	assert_true(out.last_bad >= 1000 * 512 && out.last_bad < 1010 * 512);
	end(&s, &map);
}

static void test_cancelled_before_the_first_read(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, MIB);
	s.cancels_after = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_CANCELLED);
	assert_int_equal(s.reads, 0);
	assert_int_equal(s.ticks, 1);
	assert_int_equal(s.phase, ATHAR_MAP_COPYING);
	end(&s, &map);
}

static void test_ticks_come_ten_times_a_second(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	s.per_read = 5 * SIM_MILLISECOND;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	/* 1024 reads of 5 ms. */
	assert_in_range(s.ticks, 50, 53);
	end(&s, &map);
}

static void test_gone(void **state)
{
	athar_map map;
	athar_rescue out;
	sim s;

	(void)state;
	start(&s, &map, 4 * MIB);
	s.gone_after = 20;
	out = sim_run(&s, &map, ATHAR_RESCUE_GONE);
	assert_int_equal(out.last_bad, 20 * 65536);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), 20 * 65536);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_NONTRIED), 4 * MIB - 20 * 65536);
	/* What threw it off its bus is not asked first when it is back. */
	assert_int_equal(map.position, 21 * 65536);
	s.gone_after = SIM_NEVER;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
}

/* What failed before the device was gone is as before, but for the first failure. */
static void test_gone_after_failures(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	s.dies_after = 100;
	s.gone_after = 130;
	(void)sim_run(&s, &map, ATHAR_RESCUE_GONE);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), 100 * 65536);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_NONTRIMMED), 65536);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_NONTRIED), 64 * MIB - 101 * 65536);
	end(&s, &map);
}

static uint64_t dying_at(uint64_t reads, unsigned dying, size_t hole)
{
	athar_map map;
	athar_rescue out;
	uint64_t after;
	sim s;

	start(&s, &map, 64 * MIB);
	sim_bad(&s, 3000, hole);
	s.dies_after = reads;
	s.spec.dying = dying;
	out = sim_run(&s, &map, ATHAR_RESCUE_DYING);
	after = s.after_death;
	sim_check_true(&s, &map);
	/* The sector that was asked had been good. */
	assert_true(s.at[out.last_bad / 512].written);
	s.dies_after = SIM_NEVER;
	s.after_death = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
	return after;
}

/* Nothing of what a dead drive failed to read stays in the map, whatever it was at. */
static void test_dying(void **state)
{
	(void)state;
	assert_int_equal(dying_at(1, 0, 0), 64 + 2);
	assert_int_equal(dying_at(500, 0, 0), 64 + 2);
	assert_int_equal(dying_at(1023, 3, 0), 3 + 2);
	/* In the first pass; in the sweep; trimming; scraping; retrying. */
	assert_true(dying_at(24, 0, 1000) <= 64 + 2);
	assert_true(dying_at(1020, 0, 1000) <= 64 + 2);
	assert_true(dying_at(1060, 0, 1000) <= 64 + 2);
	assert_true(dying_at(1400, 0, 1000) <= 2 * 1000 + 2);
	assert_true(dying_at(2700, 0, 1000) <= 2 * 2000 + 2);
}

/* Nothing was ever read: it is not asked to the end, and the map is as new. */
static void test_dead_from_the_start(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	s.dies_after = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DYING);
	assert_true(s.reads <= 4 * 64);
	assert_int_equal(map.count, 1);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_NONTRIED), 64 * MIB);
	assert_int_equal(map.position, 0);
	assert_int_equal(map.pass, 1);
	s.dies_after = SIM_NEVER;
	s.after_death = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
}

/* A domain that is one bad area says nothing about the drive. */
static void test_a_bad_domain_is_not_a_dead_drive(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	sim_bad(&s, 2000, 2000);
	assert_ok(athar_runs_add(&domain, 2000 * 512, 2000 * 512, ATHAR_RUN_DATA, &err), err);
	s.spec.domain = &domain;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), 2000 * 512);
	s.spec.domain = NULL;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	athar_runs_clear(&domain);
	end(&s, &map);
}

/* A large bad area in a drive that lives: other good sectors are asked each time, far from it. */
static void test_a_living_drive_is_not_dying(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 16 * MIB);
	sim_bad(&s, 8000, 20000);
	s.spec.retries = 1;
	s.spec.dying = 16;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_in_range(s.asked_again, 10, 100);
	for (size_t i = 0; i < s.sectors; i++)
		assert_true(s.at[i].asked <= 1);
	end(&s, &map);
}

/* What lies beside the failure may be in a cache or under the same damaged track. */
static void test_good_sectors_are_asked_far_from_the_failure(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 16 * MIB);
	for (size_t i = 0; i < 60; i++)
		sim_bad(&s, 400 + i * 500, 3);
	s.spec.dying = 1;
	s.spec.retries = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_true(s.asked_again > 150);
	assert_true(s.nearest >= 16 * MIB / 64 - 65536);
	end(&s, &map);
}

/* Places that hang are left, as places that fail. */
static void test_some_reads_hang(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 4 * MIB);
	for (size_t i = 1000; i < 1012; i++)
		s.at[i].hangs = s.at[i].bad = true;
	s.spec.retries = 1;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
}

static void test_a_drive_that_hangs(void **state)
{
	athar_map map;
	athar_rescue out;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	s.hangs_after = 50;
	out = sim_run(&s, &map, ATHAR_RESCUE_HUNG);
	/* Four of them, and the good sector that was asked. */
	assert_int_equal(s.reads, 55);
	assert_int_equal(out.failures, 5);
	/* The first place is not asked first again; the three behind it are as new. */
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), 50 * 65536);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_NONTRIMMED), 65536);
	assert_true(map.position > 51 * 65536 && map.position < 60 * 65536);
	s.hangs_after = SIM_NEVER;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
}

/* Threads and buffers that hang are bounded, however much is read between. */
static void test_too_many_places_hang(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 64 * MIB);
	for (size_t i = 0; i < 100; i++)
		s.at[i * 1024].hangs = true;
	(void)sim_run(&s, &map, ATHAR_RESCUE_HUNG);
	assert_int_equal(s.failures, 32);
	sim_check_true(&s, &map);
	end(&s, &map);
}

static void test_saves_come_by_bytes_and_by_time(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, 8 * MIB);
	s.spec.save_bytes = MIB;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.saves, 8);
	end(&s, &map);

	/* 128 reads of 1 s: by default every 30 s. */
	start(&s, &map, 8 * MIB);
	s.per_read = SIM_SECOND;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.saves, 4 + 1);
	end(&s, &map);

	start(&s, &map, 8 * MIB);
	s.per_read = SIM_SECOND;
	s.spec.save_seconds = 8;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.saves, 15 + 1);
	end(&s, &map);
}

static void test_a_full_target_ends_it_after_a_save(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out;
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, MIB);
	s.write_fails_after = 7;
	assert_status(athar_rescue_run(&out, &map, &s.spec, &err), ATHAR_EIO, err);
	assert_string_equal(err.text, "the target is full");
	assert_int_equal(s.saves, 1);
	assert_int_equal(s.saved_finished, 7 * 65536);
	assert_int_equal(out.reads, 8);
	s.write_fails_after = SIM_NEVER;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	end(&s, &map);
}

static void test_a_save_that_fails_is_offered_again(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out;
	athar_map map;
	sim s;

	(void)state;
	/* Midway; at the end. */
	for (int i = 0; i < 2; i++) {
		start(&s, &map, MIB);
		s.spec.save_bytes = i == 0 ? 65536 * 4 : 0;
		s.saves_that_fail = 1;
		assert_status(athar_rescue_run(&out, &map, &s.spec, &err), ATHAR_EIO, err);
		assert_string_equal(err.text, "the map's disk is full");
		assert_int_equal(s.saves, 2);
		assert_int_equal(s.saved_finished, i == 0 ? 65536 * 4 : MIB);
		end(&s, &map);
	}
}

static void test_what_has_no_meaning_is_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_rescue out;
	athar_map map;
	sim s;

	(void)state;
	start(&s, &map, MIB);
	s.spec.size = MIB + 512;
	assert_status(athar_rescue_run(&out, &map, &s.spec, &err), ATHAR_EUSAGE, err);
	s.spec.size = MIB;
	s.spec.cluster = 1000;
	assert_status(athar_rescue_run(&out, &map, &s.spec, &err), ATHAR_EUSAGE, err);
	s.spec.cluster = 0;
	s.spec.sector = 0;
	assert_status(athar_rescue_run(&out, &map, &s.spec, &err), ATHAR_EUSAGE, err);
	assert_int_equal(s.saves, 0);
	end(&s, &map);
}

static void test_ends_have_names(void **state)
{
	(void)state;
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_DONE), "done");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_CANCELLED), "cancelled");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_TIME), "time");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_MAX_BAD), "max-bad");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_DYING), "dying");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_GONE), "gone");
	assert_string_equal(athar_rescue_end_name(ATHAR_RESCUE_HUNG), "hung");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_more_is_bad_than_allowed),
		cmocka_unit_test(test_cancelled_before_the_first_read),
		cmocka_unit_test(test_ticks_come_ten_times_a_second),
		cmocka_unit_test(test_gone),
		cmocka_unit_test(test_gone_after_failures),
		cmocka_unit_test(test_dying),
		cmocka_unit_test(test_dead_from_the_start),
		cmocka_unit_test(test_a_bad_domain_is_not_a_dead_drive),
		cmocka_unit_test(test_a_living_drive_is_not_dying),
		cmocka_unit_test(test_good_sectors_are_asked_far_from_the_failure),
		cmocka_unit_test(test_some_reads_hang),
		cmocka_unit_test(test_a_drive_that_hangs),
		cmocka_unit_test(test_too_many_places_hang),
		cmocka_unit_test(test_saves_come_by_bytes_and_by_time),
		cmocka_unit_test(test_a_full_target_ends_it_after_a_save),
		cmocka_unit_test(test_a_save_that_fails_is_offered_again),
		cmocka_unit_test(test_what_has_no_meaning_is_refused),
		cmocka_unit_test(test_ends_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
