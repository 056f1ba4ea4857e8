/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Parts of a medium; maps whose blocks are no whole sectors.
 */
#include "sim.h"

#define MIB (UINT64_C(1) << 20)

static void add(athar_runs *runs, uint64_t offset, uint64_t length)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(runs, offset, length, ATHAR_RUN_DATA, &err), err);
}

static void change(athar_map *map, uint64_t offset, uint64_t length, athar_map_state state)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_map_change(map, offset, length, state, &err), err);
}

static bool is_in(const athar_runs *domain, const sim *s, size_t sector)
{
	const uint64_t offset = (uint64_t)sector * s->sector;

	return athar_runs_overlap(domain, offset, s->sector) > 0;
}

static athar_map_state state_of(const athar_map *map, uint64_t offset)
{
	return athar_map_at(map, athar_map_find(map, offset)).state;
}

/* Every sector that the domain touches is read or bad, every other is as it was. */
static void check_domain(const sim *s, const athar_map *map, const athar_runs *domain)
{
	for (size_t i = 0; i < s->sectors; i++) {
		const athar_map_state state = state_of(map, (uint64_t)i * s->sector);

		if (!is_in(domain, s, i))
			assert_int_equal(state, ATHAR_MAP_NONTRIED);
		else
			assert_int_equal(state, s->at[i].bad ? ATHAR_MAP_BAD : ATHAR_MAP_FINISHED);
		assert_int_equal(s->at[i].written, state == ATHAR_MAP_FINISHED);
	}
	sim_check_map(map);
}

static void test_only_the_domain_is_read(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 60; seed++) {
		athar_runs domain = ATHAR_RUNS_INIT;
		uint64_t random = seed;
		athar_map map;
		sim s;

		sim_init(&s, 2 * MIB + 300, 512, seed);
		s.spec.reverse = seed % 2 == 0;
		sim_scatter(&s, &random, false);
		for (int i = 0; i < 20; i++) {
			const uint64_t offset = athar_test_random(&random) % s.size;

			add(&domain, offset, 1 + athar_test_random(&random) % 100000);
		}
		sim_map(&map, &s);
		s.spec.domain = &domain;
		s.spec.dying = UINT32_MAX;
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		check_domain(&s, &map, &domain);
		athar_runs_clear(&domain);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

static void test_a_domain_is_widened_to_sectors_within_the_medium(void **state)
{
	athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 10 * 512 + 100, 512, 3);
	add(&domain, 1000, 100);
	add(&domain, 10 * 512 + 50, 5000);
	sim_map(&map, &s);
	s.spec.domain = &domain;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(map.count, 4);
	assert_int_equal(athar_map_at(&map, 1).offset, 512);
	assert_int_equal(athar_map_at(&map, 1).length, 1024);
	assert_int_equal(athar_map_at(&map, 3).offset, 5120);
	assert_int_equal(athar_map_at(&map, 3).length, 100);
	athar_runs_clear(&domain);
	athar_map_clear(&map);
	sim_free(&s);
}

static void test_an_empty_domain_reads_nothing(void **state)
{
	const athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, MIB, 512, 3);
	sim_map(&map, &s);
	s.spec.domain = &domain;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.reads, 0);
	athar_map_clear(&map);
	sim_free(&s);
}

/* What is worth most first: nothing is read twice, and the last call does what is left. */
static void test_domains_one_after_the_other(void **state)
{
	athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 4 * MIB, 512, 9);
	sim_bad(&s, 2000, 70);
	sim_bad(&s, 6000, 1);
	sim_map(&map, &s);
	add(&domain, 900 * 1024, 200 * 1024);
	add(&domain, 3 * MIB, 4096);
	s.spec.domain = &domain;
	s.spec.copy_only = true;
	s.allowed = &domain;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(map.phase, ATHAR_MAP_COPYING);
	assert_int_equal(map.pass, 1);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_BAD), 0);
	assert_true(athar_map_total(&map, ATHAR_MAP_NONTRIMMED) > 0);
	s.spec.domain = NULL;
	s.spec.copy_only = false;
	s.allowed = NULL;
	s.spec.dying = UINT32_MAX;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	assert_true(s.asked_again <= 2 * SIM_SETTLED);
	athar_runs_clear(&domain);
	athar_map_clear(&map);
	sim_free(&s);
}

/* A domain that has nothing left does not take a rescue back to its beginning. */
static void test_a_domain_that_is_done_leaves_the_phase_alone(void **state)
{
	athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, MIB, 512, 9);
	sim_map(&map, &s);
	change(&map, 0, MIB, ATHAR_MAP_FINISHED);
	change(&map, 512 * 1024, 4096, ATHAR_MAP_BAD);
	for (size_t i = 0; i < s.sectors; i++) {
		s.at[i].written = i < 1024 || i >= 1032;
		s.at[i].failed = true;
	}
	map.phase = ATHAR_MAP_RETRYING;
	map.pass = 2;
	map.position = 514 * 1024;
	add(&domain, 0, 4096);
	s.spec.domain = &domain;
	s.spec.copy_only = true;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(map.phase, ATHAR_MAP_RETRYING);
	assert_int_equal(map.pass, 2);
	assert_int_equal(map.position, 514 * 1024);
	/* Pass 2 goes down from the position, pass 3 up again. */
	s.spec.domain = NULL;
	s.spec.copy_only = false;
	sim_bad(&s, 1024, 8);
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	assert_int_equal(s.reads, 4 + 8 + SIM_SETTLED);
	assert_int_equal(s.first_offset, 514 * 1024 - 512);
	athar_runs_clear(&domain);
	athar_map_clear(&map);
	sim_free(&s);
}

/* Another tool saw sectors of 512 bytes, this device has 4,096: what was finished stays finished
 * where the whole sector fails, and all of it is finished where it reads. */
static void test_blocks_that_are_no_whole_sectors(void **state)
{
	static const athar_map_state states[] = {ATHAR_MAP_NONTRIED, ATHAR_MAP_NONTRIMMED,
	                                         ATHAR_MAP_NONSCRAPED, ATHAR_MAP_BAD};

	(void)state;
	for (size_t i = 0; i < 8; i++) {
		athar_map map;
		sim s;

		sim_init(&s, MIB, 4096, 21);
		memcpy(s.target, s.disk, MIB);
		sim_map(&map, &s);
		change(&map, 0, MIB, ATHAR_MAP_FINISHED);
		for (size_t j = 0; j < s.sectors; j++)
			s.at[j].written = j != 20 && j != 40;
		change(&map, 20 * 4096 + 512, 1024, states[i % 4]);
		change(&map, 40 * 4096 + 3584, 512, states[i % 4]);
		s.at[40].bad = s.at[40].failed = true;
		s.at[20].failed = true;
		s.at[40].written = true;
		s.spec.dying = UINT32_MAX;
		s.spec.reverse = i >= 4;
		(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
		assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), MIB - 512);
		assert_int_equal(state_of(&map, 40 * 4096 + 3584), ATHAR_MAP_BAD);
		assert_memory_equal(s.disk, s.target, MIB);
		athar_map_clear(&map);
		sim_free(&s);
	}
}

/* Many ranges over many blocks: each is looked for once a pass, not searched from the start. */
static void test_many_ranges_of_a_large_map_are_fast(void **state)
{
	athar_runs domain = ATHAR_RUNS_INIT;
	athar_map map;
	sim s;

	(void)state;
	sim_init(&s, 64 * MIB, 512, 23);
	s.spec.tick = NULL;
	for (size_t i = 0; i < s.sectors; i += 2) {
		sim_bad(&s, i, 1);
		add(&domain, (uint64_t)i * 512, 512);
	}
	for (size_t i = 1; i < s.sectors; i += 128)
		add(&domain, (uint64_t)i * 512, 512);
	sim_map(&map, &s);
	s.spec.domain = &domain;
	s.spec.retries = 1;
	s.spec.save_seconds = UINT32_MAX;
	s.spec.dying = UINT32_MAX;
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	check_domain(&s, &map, &domain);
	athar_runs_clear(&domain);
	athar_map_clear(&map);
	sim_free(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_the_domain_is_read),
		cmocka_unit_test(test_a_domain_is_widened_to_sectors_within_the_medium),
		cmocka_unit_test(test_an_empty_domain_reads_nothing),
		cmocka_unit_test(test_domains_one_after_the_other),
		cmocka_unit_test(test_a_domain_that_is_done_leaves_the_phase_alone),
		cmocka_unit_test(test_blocks_that_are_no_whole_sectors),
		cmocka_unit_test(test_many_ranges_of_a_large_map_are_fast),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
