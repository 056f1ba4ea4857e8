/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What fails: the same failure is reported, and the same slabs are committed, as by a plain loop
 * that reads, works, taps and commits one slab after the other.
 */
#include "rig.h"

/* The text of the error that the run must report, and how many slabs it must have committed. */
static void fails_like_a_loop(rig *r, athar_status status, const char *text, uint64_t committed)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_pipe_run(&r->spec, &err), status, err);
	assert_string_equal(err.text, text);
	assert_int_equal(err.status, status);
	rig_check(r);
	assert_int_equal(r->committed.next, committed);
	for (size_t i = 0; i < RIG_TAPS; i++)
		assert_true(r->taps[i].seen.next >= committed);
}

static void each_crew(void (*run)(rig *r, unsigned workers))
{
	static const unsigned workers[] = {1, 2, 7};
	rig r;

	for (unsigned round = 0; round < 20; round++)
		for (size_t i = 0; i < sizeof workers / sizeof *workers; i++)
			run(&r, workers[i]);
}

static void read_fails(rig *r, unsigned workers)
{
	rig_init(r, 100, workers);
	r->fail_read = 0;
	fails_like_a_loop(r, ATHAR_EIO, "read 0", 0);
	rig_init(r, 100, workers);
	r->fail_read = 37;
	fails_like_a_loop(r, ATHAR_EIO, "read 37", 37);
	for (size_t i = 0; i < RIG_TAPS; i++)
		assert_int_equal(r->taps[i].seen.next, 37);
	rig_init(r, 100, workers);
	r->fail_read = 100;
	fails_like_a_loop(r, ATHAR_EIO, "read 100", 100);
}

static void test_read_fails(void **state)
{
	(void)state;
	each_crew(read_fails);
}

/* All work from slab 41 on fails, on several workers at once: 41 is reported. */
static void work_fails(rig *r, unsigned workers)
{
	rig_init(r, 100, workers);
	r->fail_work = 41;
	fails_like_a_loop(r, ATHAR_EFORMAT, "work 41", 41);
	rig_init(r, 100, workers);
	r->fail_work = 0;
	fails_like_a_loop(r, ATHAR_EFORMAT, "work 0", 0);
	rig_init(r, 100, workers);
	r->fail_work = 41;
	r->spec.taps_after_work = true;
	fails_like_a_loop(r, ATHAR_EFORMAT, "work 41", 41);
	for (size_t i = 0; i < RIG_TAPS; i++)
		assert_int_equal(r->taps[i].seen.next, 41);
}

static void test_work_fails(void **state)
{
	(void)state;
	each_crew(work_fails);
}

static void tap_fails(rig *r, unsigned workers)
{
	rig_init(r, 100, workers);
	r->taps[2].fail_at = 53;
	r->taps[2].delay = 20; /* behind the others */
	fails_like_a_loop(r, ATHAR_ELIMIT, "tap 53", 53);
}

static void test_tap_fails(void **state)
{
	(void)state;
	each_crew(tap_fails);
}

static void commit_fails(rig *r, unsigned workers)
{
	rig_init(r, 100, workers);
	r->fail_commit = 29;
	fails_like_a_loop(r, ATHAR_EREFUSED, "commit 29", 29);
	rig_init(r, 100, workers);
	r->fail_commit = 99;
	fails_like_a_loop(r, ATHAR_EREFUSED, "commit 99", 99);
}

static void test_commit_fails(void **state)
{
	(void)state;
	each_crew(commit_fails);
}

/* The lowest slab wins, although the others fail earlier in time; of one slab, the first step. */
static void several_fail(rig *r, unsigned workers)
{
	rig_init(r, 100, workers);
	r->fail_read = 44;
	r->fail_work = 43;
	r->taps[0].fail_at = 42;
	r->fail_commit = 41;
	r->commit_delay = 30;
	fails_like_a_loop(r, ATHAR_EREFUSED, "commit 41", 41);
	rig_init(r, 100, workers);
	r->fail_work = 43;
	r->taps[0].fail_at = 43;
	fails_like_a_loop(r, ATHAR_EFORMAT, "work 43", 43);
	rig_init(r, 100, workers);
	r->fail_commit = 43;
	r->taps[1].fail_at = 43;
	fails_like_a_loop(r, ATHAR_ELIMIT, "tap 43", 43);
}

static void test_lowest_failure_wins(void **state)
{
	(void)state;
	each_crew(several_fail);
}

static void test_failure_outweighs_cancellation(void **state)
{
	rig r;

	(void)state;
	rig_init(&r, 1000, 2);
	r.spec.tick = rig_tick;
	r.cancel_after = 0;
	r.commit_delay = 20 * 1000;
	r.fail_commit = 6;
	fails_like_a_loop(&r, ATHAR_EREFUSED, "commit 6", 6);
}

static athar_status second_worker_fails(void **local, void *user, athar_error *err)
{
	if (atomic_load(&((rig *)user)->locals) == 1)
		return athar_fail(err, ATHAR_ENOMEM, "no room for another");
	return rig_worker_new(local, user, err);
}

static void test_worker_that_cannot_be_made(void **state)
{
	rig r;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	rig_init(&r, 10, 3);
	r.spec.worker_new = second_worker_fails;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_ENOMEM, err);
	assert_int_equal(r.read, 0);
	assert_int_equal(atomic_load(&r.locals), 0);
}

static void test_senseless_specs_are_refused(void **state)
{
	rig r;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	rig_init(&r, 10, 3);
	r.spec.slabs = 4;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_EUSAGE, err);
	rig_init(&r, 10, 3);
	r.spec.workers = 0;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_EUSAGE, err);
	rig_init(&r, 10, 3);
	r.spec.slab_size = 0;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_EUSAGE, err);
	rig_init(&r, 10, 3);
	r.spec.read = NULL;
	assert_status(athar_pipe_run(&r.spec, &err), ATHAR_EUSAGE, err);
	assert_int_equal(r.read, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_fails),
		cmocka_unit_test(test_work_fails),
		cmocka_unit_test(test_tap_fails),
		cmocka_unit_test(test_commit_fails),
		cmocka_unit_test(test_lowest_failure_wins),
		cmocka_unit_test(test_failure_outweighs_cancellation),
		cmocka_unit_test(test_worker_that_cannot_be_made),
		cmocka_unit_test(test_senseless_specs_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
