/* SPDX-License-Identifier: BSD-2-Clause */
/* Frames by libzstd itself, fed in pieces. */
#include "athar_test.h"

#include <zstd.h>

#include "inflate/zstream.h"

#define SIZE 300000u

static uint8_t packed[SIZE + 1000], plain[SIZE];

/* A frame of `plain`; its length. window: of the frame, as a power of 2. */
static size_t make_frame(int window, int checksum)
{
	ZSTD_CCtx *c = ZSTD_createCCtx();
	ZSTD_inBuffer in = {plain, sizeof plain, 0};
	ZSTD_outBuffer out = {packed, sizeof packed, 0};

	assert_non_null(c);
	athar_test_fill(plain, sizeof plain / 2, 7);
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, window)));
	assert_false(ZSTD_isError(ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, checksum)));
	/* In two calls, or it would be a frame whose window is its content. */
	in.size = 1000;
	(void)ZSTD_compressStream2(c, &out, &in, ZSTD_e_continue);
	in.size = sizeof plain;
	assert_int_equal(ZSTD_compressStream2(c, &out, &in, ZSTD_e_end), 0);
	(void)ZSTD_freeCCtx(c);
	return out.pos;
}

static athar_status feed(size_t len, size_t piece, bool *ended, uint64_t *produced)
{
	ATHAR_AUTO(zstream) athar_zstream *z = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	*ended = false;
	*produced = 0;
	assert_ok(athar_zstream_new(&z, &err), err);
	athar_zstream_begin(z);
	for (size_t at = 0; at < len; at += piece)
		ATHAR_TRY(athar_zstream_feed(z, ended, produced, packed + at,
		                             len - at < piece ? len - at : piece, &err));
	return ATHAR_OK;
}

static void pieces_of_any_size_come_to_the_same(void **state)
{
	static const size_t pieces[] = {1, 7, 4096, SIZE + 1000};
	const size_t len = make_frame(17, 1);
	uint64_t produced = 0;
	bool ended = false;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(pieces); i++) {
		assert_int_equal(feed(len, pieces[i], &ended, &produced), ATHAR_OK);
		assert_true(ended);
		assert_int_equal(produced, SIZE);
		assert_int_equal(feed(len - 1, pieces[i], &ended, &produced), ATHAR_OK);
		assert_false(ended);
	}
}

static void damage_is_seen_by_the_checksum(void **state)
{
	const size_t len = make_frame(17, 1);
	uint64_t produced = 0;
	bool ended = false;

	(void)state;
	packed[len / 4] ^= 1;
	assert_int_equal(feed(len, 4096, &ended, &produced), ATHAR_EFORMAT);
}

static void large_windows_are_refused(void **state)
{
	uint64_t produced = 0;
	bool ended = false;

	(void)state;
	assert_int_equal(feed(make_frame(26, 1), 4096, &ended, &produced), ATHAR_OK);
	assert_true(ended);
	assert_int_equal(feed(make_frame(27, 1), 4096, &ended, &produced), ATHAR_ELIMIT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_of_any_size_come_to_the_same),
		cmocka_unit_test(damage_is_seen_by_the_checksum),
		cmocka_unit_test(large_windows_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
