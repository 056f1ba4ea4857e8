/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "carve/spots.h"
#include "image/driver.h"

#define SIZE (3u << 20)

static bool is_followed(const uint8_t *bytes, size_t len)
{
	return len >= 6 && bytes[4] == 'o' && bytes[5] == 'k';
}

static const athar_spot_kind any = {.pattern = {'M', 'A', 'R', 'K'}, .len = 4};
static const athar_spot_kind first = {.pattern = {'M', 'A', 'R', 'K'}, .len = 4, .aligned = true};
static const athar_spot_kind ok = {.pattern = {'M', 'A', 'R', 'K'}, .len = 4, .holds = is_followed};

/* The marks in a buffer, free but for [1 MiB, 1 MiB + 4096). */
static void find(athar_spots *out, const uint8_t *image, const athar_spot_kind *kind)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(space) athar_space space = ATHAR_SPACE_INIT;
	ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(&runs, 0, 1u << 20, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_runs_add(&runs, (1u << 20) + 4096, SIZE - (1u << 20) - 4096, ATHAR_RUN_DATA,
	                         &err),
	          err);
	assert_ok(athar_space_make(&space, &runs, 512, 0, &err), err);
	assert_ok(athar_source_memory(&source, image, SIZE, &err), err);
	assert_ok(athar_spots_find(out, source, &space, kind, &err), err);
}

static void expect(const uint8_t *image, const athar_spot_kind *kind, const uint64_t *at,
                   size_t count)
{
	ATHAR_AUTO(spots) athar_spots spots = {.count = 0};

	find(&spots, image, kind);
	assert_int_equal(spots.count, count);
	assert_false(spots.full);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(spots.at[i], at[i]);
}

static void marks_are_found(void **state)
{
	/* at a border, across the pieces that are looked at together, in what is in use, across
	 * its beginning, at the very end */
	static const uint64_t put[] = {0,
	                               700,
	                               1024,
	                               (1u << 20) - 2,
	                               (1u << 20) + 1000,
	                               (1u << 20) + 4096,
	                               (2u << 20) + 4094,
	                               SIZE - 4};
	static const uint64_t all[] = {0,       700, 1024, (1u << 20) + 4096, (2u << 20) + 4094,
	                               SIZE - 4};
	static const uint64_t aligned[] = {0, 1024, (1u << 20) + 4096};
	static const uint64_t held[] = {700};
	uint8_t *image = calloc(1, SIZE);

	(void)state;
	assert_non_null(image);
	for (size_t i = 0; i < ATHAR_COUNT(put); i++)
		memcpy(image + put[i], "MARK", 4);
	memcpy(image + 704, "ok", 2);
	expect(image, &any, all, ATHAR_COUNT(all));
	expect(image, &first, aligned, ATHAR_COUNT(aligned));
	expect(image, &ok, held, ATHAR_COUNT(held));
	free(image);
}

static void spots_are_looked_up(void **state)
{
	uint64_t at[] = {5, 9, 9000};
	const athar_spots spots = {.at = at, .count = 3};

	(void)state;
	assert_int_equal(athar_spots_from(&spots, 0), 0);
	assert_int_equal(athar_spots_from(&spots, 5), 0);
	assert_int_equal(athar_spots_from(&spots, 6), 1);
	assert_int_equal(athar_spots_from(&spots, 9001), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(marks_are_found),
		cmocka_unit_test(spots_are_looked_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
