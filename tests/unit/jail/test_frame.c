/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"
#include "jail/frame.h"

#define LE32(v) (uint8_t)(v), (uint8_t)((v) >> 8), (uint8_t)((v) >> 16), (uint8_t)((v) >> 24)

static void test_a_message(void **state)
{
	const uint8_t bytes[] = {LE32(7), LE32(3), 'a', 'b', 'c', 'd'};
	athar_frame frame;

	(void)state;
	assert_int_equal(athar_frame_read(&frame, bytes, sizeof bytes), ATHAR_FRAME_WHOLE);
	assert_int_equal(frame.type, 7);
	assert_int_equal(frame.payload.len, 3);
	assert_ptr_equal(frame.payload.ptr, bytes + 8);
}

static void test_every_cut_is_a_part(void **state)
{
	const uint8_t bytes[] = {LE32(0x7FFFFFFF), LE32(5), 1, 2, 3, 4, 5};
	athar_frame frame;

	(void)state;
	for (size_t len = 0; len < sizeof bytes; len++) {
		/* On the heap, so that a sanitizer sees a read past the end. */
		uint8_t *copy = malloc(len + 1);

		memcpy(copy, bytes, len);
		assert_int_equal(athar_frame_read(&frame, copy, len), ATHAR_FRAME_PART);
		assert_int_equal(frame.payload.len, len < 8 ? 0 : 5);
		assert_null(frame.payload.ptr);
		free(copy);
	}
}

static athar_frame_state state_of(uint32_t type, uint32_t len)
{
	static uint8_t bytes[8 + 1024];
	athar_frame frame;

	athar_frame_put_header(bytes, type, len);
	return athar_frame_read(&frame, bytes, sizeof bytes);
}

static void test_lengths_that_have_sense(void **state)
{
	(void)state;
	assert_int_equal(state_of(0, 0), ATHAR_FRAME_WHOLE);
	assert_int_equal(state_of(1, 16 << 20), ATHAR_FRAME_PART);
	assert_int_equal(state_of(1, (16 << 20) + 1), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(1, UINT32_MAX), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(ATHAR_FRAME_READY, 63), ATHAR_FRAME_WHOLE);
	assert_int_equal(state_of(ATHAR_FRAME_READY, 64), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(ATHAR_FRAME_BEAT, 8), ATHAR_FRAME_WHOLE);
	assert_int_equal(state_of(ATHAR_FRAME_BEAT, 7), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(ATHAR_FRAME_BEAT, 9), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(ATHAR_FRAME_END, 15), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(ATHAR_FRAME_END, 16), ATHAR_FRAME_WHOLE);
	assert_int_equal(state_of(ATHAR_FRAME_UNFIT, 16 + 487), ATHAR_FRAME_WHOLE);
	assert_int_equal(state_of(ATHAR_FRAME_UNFIT, 16 + 488), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(0x80000004u, 0), ATHAR_FRAME_SENSELESS);
	assert_int_equal(state_of(UINT32_MAX, 0), ATHAR_FRAME_SENSELESS);
}

static void test_errors_come_back_as_they_went(void **state)
{
	athar_error in = ATHAR_ERROR_INIT;
	athar_error out = ATHAR_ERROR_INIT;
	uint8_t bytes[ATHAR_FRAME_ERROR];
	athar_bytes payload = {bytes, 0, 0};

	(void)state;
	for (int status = ATHAR_EINCOMPLETE; status <= ATHAR_OK; status++) {
		memset(in.text, 'a', sizeof in.text - 1);
		in.text[status == ATHAR_OK ? 0 : sizeof in.text - 1] = '\0';
		in.os_errno = 5;
		in.offset = UINT64_C(0x123456789ABCDEF0);
		payload.len = athar_frame_put_error(bytes, (athar_status)status, &in);
		assert_true(payload.len < ATHAR_FRAME_ERROR);
		assert_true(athar_frame_get_error(&out, payload));
		assert_int_equal(out.status, status);
		assert_int_equal(out.os_errno, 5);
		assert_true(out.offset == in.offset);
		assert_string_equal(out.text, in.text);
	}
}

static void test_errors_that_are_none(void **state)
{
	const uint8_t above[] = {LE32(1), LE32(0), LE32(0), LE32(0)};
	const uint8_t below[] = {LE32(0xFFFFFFF5u), LE32(0), LE32(0), LE32(0)};
	const uint8_t typed[] = {
		LE32(0xFFFFFFFEu), LE32(0), LE32(0), LE32(0), 'a', 0x1B, ']', '5', '2', 0xFF, '\n'};
	athar_error out = ATHAR_ERROR_INIT;

	(void)state;
	assert_false(athar_frame_get_error(&out, (athar_bytes){above, 16, 0}));
	assert_false(athar_frame_get_error(&out, (athar_bytes){below, 16, 0}));
	assert_false(athar_frame_get_error(&out, (athar_bytes){typed, 15, 0}));
	assert_true(athar_frame_get_error(&out, (athar_bytes){typed, sizeof typed, 0}));
	assert_string_equal(out.text, "a\\u{1B}]52\\xFF\\u{A}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_message),
		cmocka_unit_test(test_every_cut_is_a_part),
		cmocka_unit_test(test_lengths_that_have_sense),
		cmocka_unit_test(test_errors_come_back_as_they_went),
		cmocka_unit_test(test_errors_that_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
