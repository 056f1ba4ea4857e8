/* SPDX-License-Identifier: BSD-2-Clause */
/* What was not read yet is wanted, what is bad is not, and nothing is zeros in silence. */
#include "athar_test.h"

#include "base/idiom.h"
#include "image/lacking.h"

#define SIZE 100000u

typedef struct parts {
	uint8_t bytes[SIZE];
	athar_runs lacking;
	athar_source *memory, *source;
} parts;

/* Lacking: 1000 to 2000 unread, 3000 to 3500 bad, 50000 to the end unread. */
static int set_up(void **state)
{
	parts *p = calloc(1, sizeof *p);
	athar_error err = ATHAR_ERROR_INIT;

	assert_non_null(p);
	athar_test_fill(p->bytes, SIZE, 3);
	assert_ok(athar_runs_add(&p->lacking, 1000, 1000, ATHAR_RUN_UNREAD, &err), err);
	assert_ok(athar_runs_add(&p->lacking, 3000, 500, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&p->lacking, 50000, 50000, ATHAR_RUN_UNREAD, &err), err);
	assert_ok(athar_source_memory(&p->memory, p->bytes, SIZE, &err), err);
	assert_ok(athar_source_lacking(&p->source, p->memory, &p->lacking, 4096, &err), err);
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	parts *p = *state;

	athar_source_close(p->source);
	athar_source_close(p->memory);
	athar_runs_clear(&p->lacking);
	free(p);
	return 0;
}

static void is_run(const athar_runs *runs, size_t n, uint64_t offset, uint64_t length)
{
	assert_true(n < runs->count);
	assert_int_equal(runs->run[n].offset, offset);
	assert_int_equal(runs->run[n].length, length);
}

static void reads_tell_what_lacks(void **state)
{
	const parts *p = *state;
	ATHAR_AUTO(runs) athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t buf[4000], zeros[1000] = {0};
	size_t got;

	assert_ok(athar_source_read(p->source, buf, sizeof buf, 500, &got, &bad, &err), err);
	assert_int_equal(got, sizeof buf);
	assert_memory_equal(buf, p->bytes + 500, 500);
	assert_memory_equal(buf + 500, zeros, 1000);
	assert_memory_equal(buf + 1500, p->bytes + 2000, 1000);
	assert_memory_equal(buf + 2500, zeros, 500);
	assert_memory_equal(buf + 3000, p->bytes + 3500, 1000);
	assert_int_equal(bad.count, 2);
	is_run(&bad, 0, 1000, 1000);
	assert_int_equal(bad.run[0].kind, ATHAR_RUN_UNREAD);
	is_run(&bad, 1, 3000, 500);
	assert_int_equal(bad.run[1].kind, ATHAR_RUN_BAD);
	assert_int_equal(athar_lacking_wanted(p->source)->count, 1);
	is_run(athar_lacking_wanted(p->source), 0, 1000, 1000);
	assert_int_equal(athar_runs_total(athar_lacking_met(p->source)), 2500);
	assert_status(athar_source_read(p->source, buf, 10, 1990, &got, NULL, &err), ATHAR_EIO,
	              err);
}

static void reading_ahead_wants_nothing_in_passing(void **state)
{
	const parts *p = *state;
	const athar_runs *wanted = athar_lacking_wanted(p->source);
	athar_error err = ATHAR_ERROR_INIT;

	/* Bad ranges are had: they read as what they are. */
	assert_int_equal(athar_lacking_clip(p->source, 2500, 8192, 65536), 8192);
	assert_int_equal(athar_lacking_clip(p->source, 0, 8192, 65536), 1000);
	assert_int_equal(wanted->count, 0);
	assert_ok(athar_lacking_insist(p->source, &err), err);
	is_run(wanted, 0, 1000, 1000);
	/* Nothing there: a piece. */
	assert_int_equal(athar_lacking_clip(p->source, 60000, 512, 65536), 0);
	is_run(wanted, 1, 60000, 4096);
	/* Not in passing: all of it. */
	assert_int_equal(athar_lacking_clip(p->source, 45000, 20000, 10000), 0);
	is_run(wanted, 1, 50000, 15000);
	assert_int_equal(athar_lacking_clip(p->memory, 45000, 20000, 10000), 20000);
}

static void wants_are_cut_to_what_lacks(void **state)
{
	const parts *p = *state;
	const athar_runs *wanted = athar_lacking_wanted(p->source);
	athar_error err = ATHAR_ERROR_INIT;

	assert_true(athar_lacking_has(p->source, 2000, 48000));
	assert_false(athar_lacking_has(p->source, 1999, 10));
	assert_true(athar_lacking_has(p->memory, 0, SIZE));
	assert_ok(athar_lacking_want(p->source, 1500, 2000, &err), err);
	assert_ok(athar_lacking_want(p->source, 90000, UINT64_MAX, &err), err);
	assert_ok(athar_lacking_want(p->source, SIZE, 10, &err), err);
	assert_int_equal(wanted->count, 2);
	is_run(wanted, 0, 1500, 500);
	is_run(wanted, 1, 90000, 10000);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(reads_tell_what_lacks),
		CASE(reading_ahead_wants_nothing_in_passing),
		CASE(wants_are_cut_to_what_lacks),
	};

	return cmocka_run_group_tests_name("lacking source", tests, NULL, NULL);
}
