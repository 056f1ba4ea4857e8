/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets of ranges against the plainest model there is: one byte an address. */
#include "athar_test.h"

#include "base/idiom.h"

#define SPACE 300
#define NONE 0xFF

static void add(athar_runs *runs, uint64_t offset, uint64_t length, athar_run_kind kind)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(runs, offset, length, kind, &err), err);
}

static void assert_run(const athar_runs *runs, size_t i, uint64_t offset, uint64_t length,
                       athar_run_kind kind)
{
	assert_true(i < runs->count);
	assert_int_equal(runs->run[i].offset, offset);
	assert_int_equal(runs->run[i].length, length);
	assert_int_equal(runs->run[i].kind, kind);
}

/* The model holds; runs are sorted, disjoint, not empty, and joined where they can be. */
static void assert_like_model(const athar_runs *runs, const uint8_t *model)
{
	uint8_t seen[SPACE];
	uint64_t end = 0;

	memset(seen, NONE, sizeof seen);
	for (size_t i = 0; i < runs->count; i++) {
		const athar_run r = runs->run[i];

		assert_true(r.length > 0);
		assert_true(r.offset >= end);
		if (i > 0 && r.offset == end)
			assert_int_not_equal(r.kind, runs->run[i - 1].kind);
		end = r.offset + r.length;
		assert_true(end <= SPACE);
		memset(seen + r.offset, (int)r.kind, r.length);
	}
	assert_memory_equal(seen, model, SPACE);
}

static void model_add(uint8_t *model, uint64_t offset, uint64_t length, athar_run_kind kind)
{
	for (uint64_t i = offset; i < offset + length; i++)
		if (model[i] == NONE || model[i] < kind)
			model[i] = (uint8_t)kind;
}

static void assert_questions(const athar_runs *runs, const uint8_t *model, uint64_t offset,
                             uint64_t length)
{
	const size_t found = athar_runs_find(runs, offset);
	uint64_t in = 0;
	uint64_t total = 0;

	for (uint64_t i = 0; i < SPACE; i++) {
		total += model[i] != NONE;
		in += i >= offset && i < offset + length && model[i] != NONE;
	}
	assert_int_equal(athar_runs_overlap(runs, offset, length), in);
	assert_int_equal(athar_runs_total(runs), total);
	assert_true(found <= runs->count);
	if (found > 0)
		assert_true(runs->run[found - 1].offset + runs->run[found - 1].length <= offset);
	if (found < runs->count)
		assert_true(runs->run[found].offset + runs->run[found].length > offset);
}

static void assert_inverse(const athar_runs *runs, const uint8_t *model, uint64_t size)
{
	ATHAR_AUTO(runs) athar_runs inverse = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t expected[SPACE];

	memset(expected, NONE, sizeof expected);
	for (uint64_t i = 0; i < size; i++)
		if (model[i] == NONE)
			expected[i] = ATHAR_RUN_DATA;
	assert_ok(athar_runs_invert(&inverse, runs, size, &err), err);
	assert_like_model(&inverse, expected);
}

static void random_operations_follow_the_model(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t seed = 20;

	(void)state;
	for (int round = 0; round < 300; round++) {
		ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
		uint8_t model[SPACE];

		memset(model, NONE, sizeof model);
		for (int step = 0; step < 60; step++) {
			const uint64_t offset = athar_test_random(&seed) % SPACE;
			const uint64_t longest = step % 3 == 0 ? SPACE - offset : 12;
			const uint64_t wanted = athar_test_random(&seed) % (longest + 1);
			const uint64_t length = wanted < SPACE - offset ? wanted : SPACE - offset;
			const athar_run_kind kind = (athar_run_kind)(athar_test_random(&seed) % 4);

			if (athar_test_random(&seed) % 4 == 0) {
				assert_ok(athar_runs_remove(&runs, offset, length, &err), err);
				memset(model + offset, NONE, length);
			} else {
				add(&runs, offset, length, kind);
				model_add(model, offset, length, kind);
			}
			assert_like_model(&runs, model);
			assert_questions(&runs, model, athar_test_random(&seed) % SPACE, length);
		}
		assert_inverse(&runs, model, athar_test_random(&seed) % (SPACE + 1));
	}
}

static void the_graver_kind_wins_and_splits(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;

	(void)state;
	add(&runs, 0, 100, ATHAR_RUN_UNREAD);
	add(&runs, 40, 10, ATHAR_RUN_BAD);
	add(&runs, 30, 90, ATHAR_RUN_DATA);
	assert_int_equal(runs.count, 4);
	assert_run(&runs, 0, 0, 40, ATHAR_RUN_UNREAD);
	assert_run(&runs, 1, 40, 10, ATHAR_RUN_BAD);
	assert_run(&runs, 2, 50, 50, ATHAR_RUN_UNREAD);
	assert_run(&runs, 3, 100, 20, ATHAR_RUN_DATA);
}

static void neighbours_of_one_kind_are_joined(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;

	(void)state;
	add(&runs, 10, 10, ATHAR_RUN_BAD);
	add(&runs, 20, 10, ATHAR_RUN_BAD);
	add(&runs, 40, 10, ATHAR_RUN_BAD);
	add(&runs, 30, 10, ATHAR_RUN_BAD);
	add(&runs, 0, 10, ATHAR_RUN_BAD);
	assert_int_equal(runs.count, 1);
	assert_run(&runs, 0, 0, 50, ATHAR_RUN_BAD);
}

static void the_last_addresses_are_kept_exactly(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	add(&runs, UINT64_MAX - 10, 10, ATHAR_RUN_BAD);
	add(&runs, UINT64_MAX, 0, ATHAR_RUN_BAD);
	assert_status(athar_runs_add(&runs, UINT64_MAX - 10, 11, ATHAR_RUN_BAD, &err), ATHAR_ELIMIT,
	              err);
	assert_status(athar_runs_remove(&runs, 5, UINT64_MAX, &err), ATHAR_ELIMIT, err);
	assert_int_equal(runs.count, 1);
	assert_run(&runs, 0, UINT64_MAX - 10, 10, ATHAR_RUN_BAD);
	assert_int_equal(athar_runs_overlap(&runs, 5, UINT64_MAX), 10);
	assert_ok(athar_runs_remove(&runs, 0, UINT64_MAX, &err), err);
	assert_int_equal(runs.count, 0);
}

static void a_set_may_be_replaced_by_its_own_inverse(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	add(&runs, 10, 5, ATHAR_RUN_SPARSE);
	assert_ok(athar_runs_invert(&runs, &runs, 20, &err), err);
	assert_int_equal(runs.count, 2);
	assert_run(&runs, 0, 0, 10, ATHAR_RUN_DATA);
	assert_run(&runs, 1, 15, 5, ATHAR_RUN_DATA);
	assert_ok(athar_runs_invert(&runs, &runs, 0, &err), err);
	assert_int_equal(runs.count, 0);
}

static void a_million_appends_are_quick(void **state)
{
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;

	(void)state;
	for (uint64_t i = 0; i < 1000000; i++)
		add(&runs, 3 * i, 1 + i % 2, (athar_run_kind)(i % 4));
	assert_int_equal(runs.count, 1000000);
	assert_int_equal(athar_runs_total(&runs), 1500000);
	assert_int_equal(athar_runs_find(&runs, 3 * 777777), 777777);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_operations_follow_the_model),
		cmocka_unit_test(the_graver_kind_wins_and_splits),
		cmocka_unit_test(neighbours_of_one_kind_are_joined),
		cmocka_unit_test(the_last_addresses_are_kept_exactly),
		cmocka_unit_test(a_set_may_be_replaced_by_its_own_inverse),
		cmocka_unit_test(a_million_appends_are_quick),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
