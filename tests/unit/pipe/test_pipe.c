/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What goes well: order, contents, taps, the bound on memory, cancellation.
 */
#include "rig.h"

#include <sched.h>

static const unsigned worker_counts[] = {1, 2, 7};

static void all_through(rig *r, uint64_t slabs)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_pipe_run(&r->spec, &err), err);
	rig_check(r);
	assert_int_equal(r->read, slabs);
	if (r->spec.commit != NULL)
		assert_int_equal(r->committed.next, slabs);
	for (size_t i = 0; i < r->spec.tap_count; i++)
		assert_int_equal(r->taps[i].seen.next, slabs);
	if (r->spec.work != NULL)
		assert_int_equal(atomic_load(&r->worked), slabs);
}

static void test_same_order_for_any_number_of_workers(void **state)
{
	rig r;

	(void)state;
	for (size_t i = 0; i < sizeof worker_counts / sizeof *worker_counts; i++) {
		rig_init(&r, 1000, worker_counts[i]);
		all_through(&r, 1000);
		assert_int_equal(r.place_count, worker_counts[i] + 6);
	}
}

static void test_taps_after_work_see_what_work_made(void **state)
{
	rig r;

	(void)state;
	for (size_t i = 0; i < sizeof worker_counts / sizeof *worker_counts; i++) {
		rig_init(&r, 1000, worker_counts[i]);
		r.spec.taps_after_work = true;
		all_through(&r, 1000);
	}
}

static void test_without_taps_the_committer_sees_what_work_made(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 500, 2);
	r.spec.tap_count = 0;
	r.spec.taps = NULL;
	all_through(&r, 500);
}

static void test_without_work(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 500, 2);
	r.spec.work = NULL;
	all_through(&r, 500);
}

static void test_without_commit(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 500, 2);
	r.spec.commit = NULL;
	all_through(&r, 500);
	rig_init(&r, 500, 2);
	r.spec.commit = NULL;
	r.spec.work = NULL;
	all_through(&r, 500);
}

static void test_with_nothing_but_a_reader(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 500, 1);
	r.spec.commit = NULL;
	r.spec.work = NULL;
	r.spec.tap_count = 0;
	all_through(&r, 500);
}

static void test_empty_source(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 0, 2);
	all_through(&r, 0);
}

static void test_fewest_slabs(void **state)
{
	rig r;

	(void)state;
	for (size_t i = 0; i < sizeof worker_counts / sizeof *worker_counts; i++) {
		rig_init(&r, 300, worker_counts[i]);
		r.spec.slabs = worker_counts[i] + 2;
		all_through(&r, 300);
		assert_int_equal(r.place_count, worker_counts[i] + 2);
	}
}

static void test_slow_roles(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 100, 2);
	r.taps[1].delay = 500;
	all_through(&r, 100);
	rig_init(&r, 100, 2);
	r.commit_delay = 500;
	all_through(&r, 100);
	rig_init(&r, 100, 2);
	r.read_delay = 500;
	all_through(&r, 100);
}

static void test_slabs_are_page_aligned_and_extra_is_kept(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 100, 1);
	r.spec.slab_size = 5000;
	all_through(&r, 100);
	for (size_t i = 0; i < r.place_count; i++)
		assert_int_equal((uintptr_t)r.places[i] % 4096, 0);
}

static void test_tick_tells_and_cancels(void **state)
{
	rig r;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	rig_init(&r, 1000000, 2);
	r.spec.tick = rig_tick;
	r.commit_delay = 200;
	r.cancel_after = 100;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_ECANCELED, err);
	rig_check(&r);
	assert_false(r.tick_fell);
	assert_true(r.committed.next >= 100);
	assert_true(r.committed.next < 1000000);
	/* What was read went through. */
	assert_int_equal(r.committed.next, r.read);
	for (size_t i = 0; i < RIG_TAPS; i++)
		assert_int_equal(r.taps[i].seen.next, r.read);
}

/* The reader sleeps in the full pipe when the cancellation comes. */
static void test_cancel_of_a_full_pipe(void **state)
{
	rig r;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	rig_init(&r, 1000000, 1);
	r.spec.tick = rig_tick;
	r.taps[0].delay = 60 * 1000;
	r.cancel_after = 0;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_ECANCELED, err);
	rig_check(&r);
	assert_int_equal(r.committed.next, r.read);
	assert_true(r.read < 100);
}

static void test_processors(void **state)
{
	cpu_set_t set;
	const unsigned count = athar_pipe_processors();

	(void)state;
	assert_true(count >= 1);
	if (sched_getaffinity(0, sizeof set, &set) != 0)
		skip();
	assert_int_equal(count, CPU_COUNT(&set));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_order_for_any_number_of_workers),
		cmocka_unit_test(test_taps_after_work_see_what_work_made),
		cmocka_unit_test(test_without_taps_the_committer_sees_what_work_made),
		cmocka_unit_test(test_without_work),
		cmocka_unit_test(test_without_commit),
		cmocka_unit_test(test_with_nothing_but_a_reader),
		cmocka_unit_test(test_empty_source),
		cmocka_unit_test(test_fewest_slabs),
		cmocka_unit_test(test_slow_roles),
		cmocka_unit_test(test_slabs_are_page_aligned_and_extra_is_kept),
		cmocka_unit_test(test_tick_tells_and_cancels),
		cmocka_unit_test(test_cancel_of_a_full_pipe),
		cmocka_unit_test(test_processors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
