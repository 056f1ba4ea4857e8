/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What is read, how often and in which order, on disks that fail but live.
 */
#include "sim.h"

#include "rescue/pace.h"

#define MIB (UINT64_C(1) << 20)

static const uint32_t sectors[] = {512, 512, 512, 4096, 2048};

/* Odd seeds give what lies before a failure, as some drivers do; every third goes the other way. */
static void scattered(sim *s, uint64_t seed, bool transient)
{
	const uint32_t sector = sectors[seed % 5];
	const uint64_t size = (1 + athar_test_random(&seed) % (4 * MIB / sector)) * sector;

	sim_init(s, size, sector, seed);
	s->partial = seed % 2 == 1;
	s->spec.reverse = seed % 3 == 0;
	sim_scatter(s, &seed, transient);
}

/* The disk may be all bad: then nothing can be known of it but its failures, and all of the map is
 * bad or, where it looks dead, untried. */
static bool has_good(const sim *s)
{
	for (size_t i = 0; i < s->sectors; i++)
		if (!s->at[i].bad)
			return true;
	return false;
}

/* With reads of one cluster, and with reads that grow where all is well. */
static uint64_t lose_nothing(uint64_t seed, uint32_t strides)
{
	uint64_t reads = 0;
	athar_map map;
	sim s;

	scattered(&s, seed, true);
	s.spec.strides = strides;
	sim_map(&map, &s);
	if (has_good(&s)) {
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), sim_bad_bytes(&s));
		reads = s.reads;
	}
	athar_map_clear(&map);
	sim_free(&s);
	return reads;
}

static void test_nothing_readable_is_lost(void **state)
{
	uint64_t one = 0, many = 0;

	(void)state;
	for (uint64_t seed = 1; seed <= 400; seed++) {
		one += lose_nothing(seed, 0);
		many += lose_nothing(seed, 16);
	}
	assert_true(many < one);
}

static void check_tries(const sim *s, bool retried)
{
	for (size_t i = 0; i < s->sectors; i++) {
		const sim_sector *at = &s->at[i];

		assert_true(at->together <= 1);
		assert_true(at->together + at->alone >= 1);
		if (!at->bad)
			assert_true(at->alone <= 1);
		else
			assert_int_equal(at->alone, retried ? 4 : 1);
	}
}

/* Once in a cluster, once alone; then once a pass. No good sector is asked for after it was read.
 */
static void test_each_sector_is_tried_twice_and_once_a_retry(void **state)
{
	(void)state;
	for (uint64_t seed = 1000; seed < 1200; seed++) {
		athar_map map;
		sim s;

		scattered(&s, seed, false);
		sim_map(&map, &s);
		s.spec.dying = UINT32_MAX;
		s.spec.retries = seed % 2 == 0 ? 3 : 0;
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		check_tries(&s, seed % 2 == 0);
		assert_true(s.asked_again <= SIM_SETTLED);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

static void test_retries_read_what_fails_now_and_then(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	for (unsigned retries = 0; retries <= 3; retries++) {
		sim_init(&s, MIB, 512, 7);
		/* Once in its cluster, once alone, and so often again. */
		s.at[700].fails = 4;
		s.spec.retries = retries;
		sim_map(&map, &s);
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), retries < 3 ? 512 : 0);
		assert_int_equal(s.at[700].alone, 1 + retries);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

/* The bytes before the failure are taken, and never asked for again. */
static void test_the_good_part_of_a_failed_read_is_kept(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 65536, 512, 3);
	sim_bad(&s, 100, 1);
	s.partial = true;
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(s.at[i].alone, 0);
	athar_map_clear(&map);
	sim_free(&s);
}

static uint64_t first_asked(uint64_t size, bool reverse)
{
	uint64_t offset = 0;
	athar_map map;
	sim s;

	sim_init(&s, size, 512, 3);
	s.spec.reverse = reverse;
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	offset = s.first_offset;
	athar_map_clear(&map);
	sim_free(&s);
	return offset;
}

static void test_reverse_begins_at_the_end(void **state)
{
	(void)state;
	assert_int_equal(first_asked(MIB, false), 0);
	assert_int_equal(first_asked(MIB, true), MIB - 65536);
	/* Reads end where clusters end. */
	assert_int_equal(first_asked(MIB + 512, true), MIB);
}

static void test_the_last_sector_may_be_cut(void **state)
{
	(void)state;
	for (int bad = 0; bad < 2; bad++) {
		athar_map map;
		sim s;

		sim_init(&s, MIB + 100, 512, 5);
		s.at[s.sectors - 1].bad = bad == 1;
		s.at[1000].bad = true;
		sim_map(&map, &s);
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), bad == 1 ? 612 : 512);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

static void test_an_empty_disk_is_done(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 512, 512, 5);
	s.size = s.spec.size = s.sectors = 0;
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.reads, 0);
	athar_map_clear(&map);
	sim_free(&s);
}

/* 64 MiB, 2,048 bad sectors in a row, 50 ms each time one of them is touched. */
static void slow_hole(sim *s)
{
	sim_init(s, 64 * MIB, 512, 11);
	s->per_second = 100 * MIB;
	sim_bad(s, 60000, 2048);
	for (size_t i = 60000; i < 62048; i++)
		s->at[i].milliseconds = 50;
}

static void test_most_is_read_before_a_slow_hole_is_entered(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	slow_hole(&s);
	sim_map(&map, &s);
	s.spec.stop_after = 3;
	(void)sim_run(&s, &map, ATHAR_RESCUE_TIME);
	assert_true(athar_map_total(&map, ATHAR_MAP_FINISHED) >= 64 * MIB / 100 * 98);
	s.spec.stop_after = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	athar_map_clear(&map);
	sim_free(&s);
}

static void test_few_failures_delimit_a_hole(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	slow_hole(&s);
	sim_map(&map, &s);
	s.cancels_at = 64 * MIB / 1000 * 983;
	(void)sim_run(&s, &map, ATHAR_RESCUE_CANCELLED);
	assert_true(s.clock < 3 * SIM_SECOND);
	/* A tool that does not skip meets 16 clusters that fail, one that reads sectors 2,048. */
	assert_true(s.failures < 16);
	athar_map_clear(&map);
	sim_free(&s);
}

enum { SLOW = 47000 };

static void slow_area(sim *s, uint16_t milliseconds)
{
	sim_init(s, 48 * MIB, 512, 13);
	s->per_read = 0;
	s->per_second = 16 * MIB;
	for (size_t i = SLOW; i < SLOW + 4000; i++)
		s->at[i].milliseconds = milliseconds;
}

static size_t slow_written(const sim *s)
{
	size_t written = 0;

	for (size_t i = SLOW; i < SLOW + 4000; i++)
		written += s->at[i].written ? 1 : 0;
	return written;
}

/* Slow but good: the rest comes first, and all of it in the end. 16 MiB/s are 4 ms a cluster, so
 * 80 ms more are a tenth of the average and less. */
static void slow_comes_last(uint64_t min_rate, bool reverse)
{
	athar_map map;
	sim s;

	slow_area(&s, 80);
	s.spec.min_rate = min_rate;
	s.spec.reverse = reverse;
	sim_map(&map, &s);
	/* 98 of 100 bytes of the rest. By then two reads of 84 ms made a verdict, and a third the
	 * first, between skips of 1, 2, 4, 8 and 8 clusters: 13 of the 32 clusters were read. */
	s.cancels_at = (48 * MIB - (uint64_t)4000 * 512) / 100 * 98;
	(void)sim_run(&s, &map, ATHAR_RESCUE_CANCELLED);
	assert_true(slow_written(&s) <= 13 * 128);
	s.cancels_at = SIM_NEVER;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_int_equal(s.failures, 0);
	athar_map_clear(&map);
	sim_free(&s);
}

static void test_slow_areas_are_left_for_later(void **state)
{
	(void)state;
	slow_comes_last(0, false);
	slow_comes_last(0, true);
	slow_comes_last(4 * MIB, false);
}

/* A rate that the whole disk does not reach changes the order, and loses nothing. */
static void test_a_disk_slower_than_the_least_rate_is_read(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	slow_area(&s, 0);
	s.spec.min_rate = 100 * MIB;
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	athar_map_clear(&map);
	sim_free(&s);
}

/* Where each read tells its pass. The hole fails at once, the slow area takes two seconds a read.
 */
static void told_disk(sim *s, bool hole)
{
	sim_init(s, 48 * MIB, 512, 19);
	s->per_read = SIM_SECOND / 10;
	if (hole)
		sim_bad(s, 5000, 2048);
	for (size_t i = SLOW; i < SLOW + 4000; i++)
		s->at[i].milliseconds = 2000;
}

/* The first pass after a skip reads a slow area from its good side to its end. */
static void test_a_slow_area_is_read_in_pass_three(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	told_disk(&s, false);
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_true(s.reads_in[1] > 700 && s.reads_in[3] > 5);
	assert_int_equal(s.reads_in[4] + s.reads_in[5], 0);
	assert_int_equal(s.reads, s.reads_in[1] + s.reads_in[2] + s.reads_in[3]);
	athar_map_clear(&map);
	sim_free(&s);
}

/* What lies between failures has to wait until what is only slow was read. */
static void test_the_inside_of_a_hole_is_left_to_the_sweep(void **state)
{
	athar_map map;
	sim s;

	(void)state;
	told_disk(&s, true);
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_true(s.failures_in[1] > 0 && s.failures_in[2] > 0 && s.reads_in[3] > 5);
	assert_int_equal(s.failures_in[3] + s.failures_in[4], 0);
	/* 2,048 sectors from 5000 on touch 17 clusters. */
	assert_int_equal(s.failures_in[1] + s.failures_in[2] + s.failures_in[5], 17);
	/* Each piece that was skipped in pass 1 is left at its first failure in pass 2. */
	assert_true(s.failures_in[2] <= s.failures_in[1]);
	athar_map_clear(&map);
	sim_free(&s);
}

static void test_trimming_goes_the_way_of_the_rescue(void **state)
{
	(void)state;
	for (int reverse = 0; reverse < 2; reverse++) {
		athar_map map;
		sim s;

		sim_init(&s, MIB, 512, 3);
		sim_bad(&s, 300, 1);
		s.spec.reverse = reverse == 1;
		sim_map(&map, &s);
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		sim_check_whole(&s, &map);
		assert_int_equal(s.alone[0] / 512, reverse == 1 ? 383 : 256);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

/* Between two bad sectors there is nothing to trim: it is scraped, upwards. */
static void test_an_edge_beside_a_bad_sector_is_trimmed(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 65536, 512, 3);
	sim_bad(&s, 10, 30);
	sim_map(&map, &s);
	s.at[10].failed = s.at[39].failed = true;
	for (size_t i = 0; i < s.sectors; i++)
		s.at[i].written = i < 10 || i >= 40;
	assert_ok(athar_map_change(&map, 0, 65536, ATHAR_MAP_FINISHED, &err), err);
	assert_ok(athar_map_change(&map, 5120, 15360, ATHAR_MAP_BAD, &err), err);
	assert_ok(athar_map_change(&map, 5632, 14336, ATHAR_MAP_NONTRIMMED, &err), err);
	s.spec.retries = 0;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.reads, 28 + SIM_SETTLED);
	assert_int_equal(s.alone[0], 5632);
	assert_int_equal(s.alone[1], 5632 + 512);
	athar_map_clear(&map);
	sim_free(&s);
}

static void test_pace(void **state)
{
	athar_pace p = {0};

	(void)state;
	/* A tenth of a second is judged, not less; a second makes an average. */
	assert_int_equal(athar_pace_judge(&p, 0, 99 * SIM_MILLISECOND, 1), ATHAR_PACE_OPEN);
	assert_int_equal(athar_pace_judge(&p, 0, SIM_MILLISECOND, 1), ATHAR_PACE_SLOW);
	assert_int_equal(athar_pace_judge(&p, 1000, SIM_SECOND, 1000), ATHAR_PACE_FINE);
	assert_int_equal(athar_pace_judge(&p, 999, SIM_SECOND, 1000), ATHAR_PACE_SLOW);
	p = (athar_pace){0};
	assert_int_equal(athar_pace_judge(&p, 1, SIM_SECOND / 2, 0), ATHAR_PACE_FINE);
	assert_int_equal(athar_pace_judge(&p, 1999999, SIM_SECOND / 2, 0), ATHAR_PACE_FINE);
	/* The average is 2,000,000 now, and stays it in a slow area. */
	assert_int_equal(athar_pace_judge(&p, 199999, SIM_SECOND, 0), ATHAR_PACE_SLOW);
	assert_int_equal(athar_pace_judge(&p, 199999, SIM_SECOND, 0), ATHAR_PACE_SLOW);
	assert_int_equal(athar_pace_judge(&p, 200000, SIM_SECOND, 0), ATHAR_PACE_FINE);
	/* Failures that take long are slow, and no part of the average. */
	p = (athar_pace){.bytes = 2000000, .took = SIM_SECOND};
	assert_int_equal(athar_pace_judge(&p, 0, SIM_SECOND, 0), ATHAR_PACE_SLOW);
	assert_int_equal(p.took, SIM_SECOND);
	/* Nothing overflows. */
	p = (athar_pace){.bytes = UINT64_MAX / 2, .took = INT64_MAX / 2};
	assert_int_equal(athar_pace_judge(&p, UINT64_MAX / 4, SIM_SECOND, 0), ATHAR_PACE_FINE);
}

/* 13 bad ranges with 4,207 sectors, and one sector that fails twice, on 64 MiB. Each cluster is
 * read once, each sector of the 46 that fail once more, each bad one three times more. */
static void test_reads_are_as_few_as_the_rule_allows(void **state)
{
	static const size_t ranges[][2] = {
		{100, 1},    {1000, 3},     {5000, 8},   {9999, 1},  {20000, 64},
		{25001, 7},  {40000, 2048}, {50000, 17}, {60003, 5}, {70000, 2000},
		{90000, 40}, {110000, 12},  {131071, 1},
	};
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 64 * MIB, 512, 17);
	for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++)
		sim_bad(&s, ranges[i][0], ranges[i][1]);
	s.at[30000].fails = 2;
	assert_int_equal(sim_bad_bytes(&s), 4207 * 512);
	sim_map(&map, &s);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_int_equal(s.reads - s.asked_again, 1024 + 46 * 128 + 3 * 4207 + 1);
	/* That the drive lives was asked a few times, not once for each 64 bad sectors. */
	assert_true(s.asked_again > 0 && s.asked_again <= 16);
	athar_map_clear(&map);
	sim_free(&s);
}

static uint64_t hash_of(uint64_t seed)
{
	athar_map map;
	uint64_t hash;
	sim s;

	scattered(&s, seed, true);
	sim_map(&map, &s);
	s.spec.dying = UINT32_MAX;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	hash = s.hash;
	athar_map_clear(&map);
	sim_free(&s);
	return hash;
}

static void test_the_same_disk_is_read_the_same_way(void **state)
{
	(void)state;
	for (uint64_t seed = 50; seed < 60; seed++)
		assert_int_equal(hash_of(seed), hash_of(seed));
	assert_int_not_equal(hash_of(50), hash_of(51));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_nothing_readable_is_lost),
		cmocka_unit_test(test_each_sector_is_tried_twice_and_once_a_retry),
		cmocka_unit_test(test_retries_read_what_fails_now_and_then),
		cmocka_unit_test(test_the_good_part_of_a_failed_read_is_kept),
		cmocka_unit_test(test_reverse_begins_at_the_end),
		cmocka_unit_test(test_the_last_sector_may_be_cut),
		cmocka_unit_test(test_an_empty_disk_is_done),
		cmocka_unit_test(test_most_is_read_before_a_slow_hole_is_entered),
		cmocka_unit_test(test_few_failures_delimit_a_hole),
		cmocka_unit_test(test_slow_areas_are_left_for_later),
		cmocka_unit_test(test_a_disk_slower_than_the_least_rate_is_read),
		cmocka_unit_test(test_a_slow_area_is_read_in_pass_three),
		cmocka_unit_test(test_the_inside_of_a_hole_is_left_to_the_sweep),
		cmocka_unit_test(test_trimming_goes_the_way_of_the_rescue),
		cmocka_unit_test(test_an_edge_beside_a_bad_sector_is_trimmed),
		cmocka_unit_test(test_pace),
		cmocka_unit_test(test_reads_are_as_few_as_the_rule_allows),
		cmocka_unit_test(test_the_same_disk_is_read_the_same_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
