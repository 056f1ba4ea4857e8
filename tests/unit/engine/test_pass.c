/* SPDX-License-Identifier: BSD-2-Clause */
/* One pass over an E01 or a memory source gives the same hashes and blocks for any number of
 * workers. */
#include "athar_test.h"
#include "digest/digest.h"
#include "engine/drivers.h"
#include "engine/pass.h"

#define SIZE ((5u << 20) + 777u)

typedef struct blocks {
	uint64_t next;
	const uint8_t *expected;
} blocks;

static athar_status check_block(void *user, uint64_t offset, const uint8_t *data, size_t len,
                                const uint8_t hash[32], athar_error *err)
{
	blocks *b = user;
	uint8_t own[32];

	assert_int_equal(offset, b->next);
	assert_memory_equal(data, b->expected + offset, len);
	assert_ok(athar_digest_sha256_raw(own, data, len, err), *err);
	assert_memory_equal(hash, own, 32);
	b->next += len;
	return ATHAR_OK;
}

static void hashes_do_not_depend_on_workers(void **state)
{
	uint8_t *bytes = malloc(SIZE);
	char expected[65];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_non_null(bytes);
	athar_test_fill(bytes, SIZE, 7);
	assert_ok(athar_digest_sha256(expected, bytes, SIZE, &err), err);
	for (unsigned threads = 1; threads <= 7; threads += 3) {
		ATHAR_AUTO(source) athar_source *source = NULL;
		ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
		blocks b = {.expected = bytes};

		assert_ok(athar_source_memory(&source, bytes, SIZE, &err), err);
		athar_pass_spec spec = {.source = source,
		                        .size = UINT64_MAX,
		                        .hashes = ATHAR_SHA256,
		                        .threads = threads,
		                        .block = check_block,
		                        .block_hashes = true,
		                        .user = &b};
		assert_ok(athar_pass_run(&pass, &spec, &err), err);
		assert_int_equal(pass.bytes, SIZE);
		assert_int_equal(b.next, SIZE);
		assert_string_equal(athar_digests_get(&pass.hashes, ATHAR_SHA256), expected);
		assert_int_equal(pass.bad.count, 0);
	}
	free(bytes);
}

static bool stop(void *user)
{
	(void)user;
	return true;
}

static void it_can_be_cancelled(void **state)
{
	uint8_t *bytes = calloc(1, 64u << 20);
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	athar_error err = ATHAR_ERROR_INIT;
	athar_watcher watcher = {.cancelled = stop};

	(void)state;
	assert_non_null(bytes);
	assert_ok(athar_source_memory(&source, bytes, 64u << 20, &err), err);
	athar_pass_spec spec = {.source = source,
	                        .size = UINT64_MAX,
	                        .hashes = ATHAR_DIGEST_ALL,
	                        .threads = 1,
	                        .watcher = &watcher};
	assert_status(athar_pass_run(&pass, &spec, &err), ATHAR_ECANCELED, err);
	free(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hashes_do_not_depend_on_workers),
		cmocka_unit_test(it_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
