/* SPDX-License-Identifier: BSD-2-Clause */
#include "image_test.h"

#include "image/reader.h"

#define SIZE 3000000u

static uint8_t *media;

static athar_source *make(void)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_ok(athar_source_memory(&s, media, SIZE, &err), err);
	return s;
}

static void gives_the_bytes_at_any_place(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = make();
	athar_reader *r = NULL;
	uint64_t seed = 5;
	athar_bytes b;

	(void)state;
	assert_ok(athar_reader_new(&r, s, 1000, 2500000, UINT64_MAX, &err), err);
	assert_int_equal(athar_reader_size(r), 2500000);
	for (unsigned i = 0; i < 3000; i++) {
		const size_t len = athar_test_random(&seed) % (i % 100 == 0 ? 1 << 20 : 700);
		const uint64_t at = athar_test_random(&seed) % (2500000 - len);

		assert_ok(athar_reader_get(&b, r, at, len, &err), err);
		assert_int_equal(b.len, len);
		assert_int_equal(b.origin, 1000 + at);
		assert_memory_equal(b.ptr, media + 1000 + at, len);
	}
	for (uint64_t at = 0; at + 7 < 2500000; at += 7) {
		assert_ok(athar_reader_get(&b, r, at, 7, &err), err);
		if (memcmp(b.ptr, media + 1000 + at, 7) != 0)
			fail();
	}
	athar_reader_free(r);
	athar_source_close(s);
}

static void knows_its_bounds(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = make();
	athar_reader *r = NULL;
	athar_bytes b;

	(void)state;
	assert_ok(athar_reader_new(&r, s, SIZE - 100, UINT64_MAX, 0, &err), err);
	assert_int_equal(athar_reader_size(r), 100);
	assert_ok(athar_reader_get(&b, r, 0, 100, &err), err);
	assert_ok(athar_reader_get(&b, r, 100, 0, &err), err);
	assert_status(athar_reader_get(&b, r, 0, 101, &err), ATHAR_EOF, err);
	assert_int_equal(err.offset, SIZE);
	assert_status(athar_reader_get(&b, r, UINT64_MAX, 2, &err), ATHAR_EOF, err);
	assert_ok(athar_reader_some(&b, r, 90, 1000, &err), err);
	assert_int_equal(b.len, 10);
	assert_memory_equal(b.ptr, media + SIZE - 10, 10);
	assert_status(athar_reader_some(&b, r, 100, 1, &err), ATHAR_EOF, err);
	athar_reader_move(r, 0, SIZE);
	assert_status(athar_reader_get(&b, r, 0, (1 << 20) + 1, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_reader_get(&b, r, 0, 1 << 20, &err), err);
	assert_memory_equal(b.ptr, media, 1 << 20);
	athar_reader_move(r, UINT64_MAX, 5);
	assert_int_equal(athar_reader_size(r), 0);
	assert_status(athar_reader_some(&b, r, 0, 1, &err), ATHAR_EOF, err);
	athar_reader_free(r);
	athar_source_close(s);
}

static void a_move_keeps_the_cache_right(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = make();
	athar_reader *r = NULL;
	athar_bytes b;

	(void)state;
	assert_ok(athar_reader_new(&r, s, 0, 1000, 0, &err), err);
	assert_ok(athar_reader_get(&b, r, 0, 10, &err), err);
	for (uint64_t start = 0; start < 200000; start += 517) {
		athar_reader_move(r, start, 1000);
		assert_ok(athar_reader_get(&b, r, 3, 990, &err), err);
		assert_int_equal(b.origin, start + 3);
		assert_memory_equal(b.ptr, media + start + 3, 990);
	}
	athar_reader_free(r);
	athar_source_close(s);
}

static void work_is_bounded_and_counted_anew(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = make();
	athar_reader *r = NULL;
	athar_bytes b;

	(void)state;
	assert_ok(athar_reader_new(&r, s, 0, 100, 1000, &err), err);
	for (unsigned i = 0; i < 10; i++)
		assert_ok(athar_reader_get(&b, r, 0, 100, &err), err);
	assert_status(athar_reader_get(&b, r, 0, 1, &err), ATHAR_ELIMIT, err);
	athar_reader_move(r, 50, 100);
	assert_ok(athar_reader_get(&b, r, 0, 100, &err), err);
	athar_reader_free(r);

	/* 0: 64 times the range. */
	assert_ok(athar_reader_new(&r, s, 0, 100, 0, &err), err);
	for (unsigned i = 0; i < 64; i++)
		assert_ok(athar_reader_get(&b, r, 0, 100, &err), err);
	assert_status(athar_reader_get(&b, r, 0, 1, &err), ATHAR_ELIMIT, err);
	athar_reader_free(r);
	athar_source_close(s);
}

static void bad_ranges_count_when_they_were_seen(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_source *s = make();
	athar_reader *r = NULL;
	uint8_t zeros[512] = {0};
	athar_bytes b;

	(void)state;
	assert_ok(athar_runs_add(&bad, 2000, 512, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, 9000, 10, ATHAR_RUN_UNREAD, &err), err);
	assert_ok(athar_source_mark(s, &bad, &err), err);
	athar_runs_clear(&bad);

	assert_ok(athar_reader_new(&r, s, 1000, 100000, 0, &err), err);
	assert_ok(athar_reader_get(&b, r, 0, 1000, &err), err);
	assert_int_equal(athar_reader_bad(r, 100000), 0);
	assert_ok(athar_reader_get(&b, r, 900, 200, &err), err);
	assert_int_equal(athar_reader_bad(r, 100000), 100);
	assert_memory_equal(b.ptr + 100, zeros, 100);
	assert_ok(athar_reader_get(&b, r, 0, 20000, &err), err);
	assert_int_equal(athar_reader_bad(r, UINT64_MAX), 522);
	assert_int_equal(athar_reader_bad(r, 1256), 256);
	assert_memory_equal(b.ptr + 1000, zeros, 512);
	assert_memory_equal(b.ptr + 1512, media + 2512, 1000);

	/* The cache stays over a move, the count begins anew. */
	athar_reader_move(r, 2100, 1000);
	assert_int_equal(athar_reader_bad(r, 1000), 0);
	assert_ok(athar_reader_get(&b, r, 0, 10, &err), err);
	assert_int_equal(athar_reader_bad(r, 1000), 10);
	athar_reader_free(r);
	athar_source_close(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(gives_the_bytes_at_any_place),
		cmocka_unit_test(knows_its_bounds),
		cmocka_unit_test(a_move_keeps_the_cache_right),
		cmocka_unit_test(work_is_bounded_and_counted_anew),
		cmocka_unit_test(bad_ranges_count_when_they_were_seen),
	};
	int failed;

	media = malloc(SIZE);
	if (media == NULL)
		return 1;
	athar_test_fill(media, SIZE, 4);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
