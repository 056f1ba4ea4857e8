/* SPDX-License-Identifier: BSD-2-Clause */
/* The messages of the worker that says which files lie where; its answers are tested on images in
 * tests/cli. */
#include "athar_test.h"
#include "engine/locate.h"

static athar_place some_place(void)
{
	return (athar_place){.kind = ATHAR_PLACE_FILE,
	                     .offset = 4096,
	                     .bytes = 512,
	                     .path = (uint8_t *)(uintptr_t) "a/\xFF\x1B[31m",
	                     .path_len = 8,
	                     .state = ATHAR_STATE_DELETED,
	                     .from = 1024,
	                     .size = 9999,
	                     .address = "12-128-1"};
}

static void places_come_out_as_they_went_in(void **state)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	const athar_place in = some_place();
	athar_place out;
	size_t range = 0;

	(void)state;
	athar_place_wire(&w, 3, &in);
	assert_ok(athar_place_unwire(&out, &range, 4, (athar_bytes){w.bytes, w.len, 0}, &err), err);
	assert_int_equal(range, 3);
	assert_int_equal(out.volume, -1);
	assert_int_equal(out.offset, in.offset);
	assert_int_equal(out.bytes, in.bytes);
	assert_int_equal(out.from, in.from);
	assert_int_equal(out.size, in.size);
	assert_int_equal(out.state, in.state);
	assert_int_equal(out.path_len, in.path_len);
	assert_memory_equal(out.path, in.path, in.path_len);
	assert_string_equal(out.address, in.address);
	free(out.path);
}

static void cut_and_odd_messages_are_refused(void **state)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	const athar_place in = some_place();
	athar_place out;
	size_t range;

	(void)state;
	athar_place_wire(&w, 3, &in);
	for (size_t len = 0; len < w.len; len++)
		assert_int_equal(
			athar_place_unwire(&out, &range, 4, (athar_bytes){w.bytes, len, 0}, &err),
			ATHAR_EFORMAT);
	/* A range that was not asked for. */
	assert_int_equal(
		athar_place_unwire(&out, &range, 3, (athar_bytes){w.bytes, w.len, 0}, &err),
		ATHAR_EFORMAT);
	w.bytes[8] = 200; /* a kind that there is not */
	assert_int_equal(
		athar_place_unwire(&out, &range, 4, (athar_bytes){w.bytes, w.len, 0}, &err),
		ATHAR_EFORMAT);
}

static void requests_keep_their_ranges(void **state)
{
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	ATHAR_AUTO(runs) athar_runs all = ATHAR_RUNS_INIT;
	ATHAR_AUTO(locate_request) athar_locate_request out = {.count = 0};
	const athar_run shown[] = {{512, 512, ATHAR_RUN_BAD}, {0, 4096, ATHAR_RUN_BAD}};
	const athar_volume_info volume = {.number = 2, .offset = 63, .length = 99, .kind = "ext4"};
	athar_error err = ATHAR_ERROR_INIT;
	athar_unwire u;

	(void)state;
	for (uint64_t i = 0; i < ATHAR_LOCATE_COUNTED + 10; i++)
		assert_ok(athar_runs_add(&all, 1024 * i, 512, ATHAR_RUN_BAD, &err), err);
	athar_locate_wire(&w, &volume, shown, 2, &all);
	u = athar_unwire_begin((athar_bytes){w.bytes, w.len, 0});
	assert_int_equal(athar_unwire_number(&u), ATHAR_TASK_LOCATE);
	assert_ok(athar_locate_unwire(&out, &u, &err), err);
	assert_int_equal(out.volume.number, 2);
	assert_string_equal(out.volume.kind, "ext4");
	assert_int_equal(out.count, 2);
	assert_int_equal(out.shown[0].offset, 512);
	assert_int_equal(out.shown[1].length, 4096);
	assert_int_equal(out.all.count, ATHAR_LOCATE_COUNTED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_come_out_as_they_went_in),
		cmocka_unit_test(cut_and_odd_messages_are_refused),
		cmocka_unit_test(requests_keep_their_ranges),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
