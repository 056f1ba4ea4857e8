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

/* The hashes of the blocks of `bytes`, up to `known` of them. */
typedef struct known {
	const uint8_t *bytes;
	uint64_t blocks;
} known;

static bool tell_expected(void *user, uint64_t offset, uint8_t hash[32])
{
	const known *k = user;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = SIZE - offset < ATHAR_BLOCK_SIZE ? (size_t)(SIZE - offset) : ATHAR_BLOCK_SIZE;

	if (offset / ATHAR_BLOCK_SIZE >= k->blocks)
		return false;
	assert_ok(athar_digest_sha256_raw(hash, k->bytes + offset, len, &err), err);
	return true;
}

/* A pass over `is` that ends where it is not what is expected; then the taps go on from there, with
 * `rest`: they must not have seen a byte of the other. */
static void expect_end(const uint8_t *was, const uint8_t *is, uint64_t listed, uint64_t end)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(source) athar_source *rest = NULL;
	ATHAR_AUTO(taps) athar_taps taps = {.count = 0};
	athar_pass pass;
	athar_digests digests;
	athar_error err = ATHAR_ERROR_INIT;
	known k = {was, listed};
	char sha256[65];

	assert_ok(athar_source_memory(&source, is, SIZE, &err), err);
	assert_ok(athar_source_memory(&rest, was, SIZE, &err), err);
	assert_ok(athar_taps_add(&taps, ATHAR_SHA256, &err), err);
	athar_pass_spec spec = {.source = source,
	                        .size = UINT64_MAX,
	                        .taps = &taps,
	                        .threads = 4,
	                        .expected = tell_expected,
	                        .user = &k};
	assert_ok(athar_pass_run(&pass, &spec, &err), err);
	assert_int_equal(pass.bytes, end);
	athar_pass_clear(&pass);
	spec = (athar_pass_spec){
		.source = rest, .start = end, .size = UINT64_MAX, .taps = &taps, .threads = 4};
	assert_ok(athar_pass_run(&pass, &spec, &err), err);
	assert_int_equal(pass.bytes, SIZE);
	athar_pass_clear(&pass);
	assert_ok(athar_taps_finish(&digests, &taps, &err), err);
	assert_ok(athar_digest_sha256(sha256, was, SIZE, &err), err);
	assert_string_equal(athar_digests_get(&digests, ATHAR_SHA256), sha256);
}

static void it_ends_before_what_is_not_expected(void **state)
{
	uint8_t *was = malloc(SIZE), *is = malloc(SIZE);

	(void)state;
	assert_true(was != NULL && is != NULL);
	athar_test_fill(was, SIZE, 9);
	memcpy(is, was, SIZE);
	expect_end(was, is, UINT64_MAX, SIZE);
	expect_end(was, is, 2, 2 * ATHAR_BLOCK_SIZE);
	expect_end(was, is, 0, 0);
	is[3 * ATHAR_BLOCK_SIZE + 5] ^= 1;
	expect_end(was, is, UINT64_MAX, 3 * ATHAR_BLOCK_SIZE);
	is[0] ^= 1;
	expect_end(was, is, UINT64_MAX, 0);
	free(was);
	free(is);
}

/* Zeros of any length, and blocks that only nearly are. */
static void hashes_of_zeros_are_hashes(void **state)
{
	uint8_t *block = calloc(1, ATHAR_BLOCK_SIZE);
	const size_t odd[] = {0, 1, ATHAR_BLOCK_SIZE / 2, ATHAR_BLOCK_SIZE - 1};
	uint8_t got[32], expected[32];
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_non_null(block);
	for (size_t len = 1; len <= ATHAR_BLOCK_SIZE; len = len * 4 + len % 3) {
		assert_ok(athar_block_hash(got, block, len, &err), err);
		assert_ok(athar_digest_sha256_raw(expected, block, len, &err), err);
		assert_memory_equal(got, expected, 32);
	}
	assert_ok(athar_block_hash(got, block, ATHAR_BLOCK_SIZE, &err), err);
	assert_ok(athar_digest_sha256_raw(expected, block, ATHAR_BLOCK_SIZE, &err), err);
	assert_memory_equal(got, expected, 32);
	for (size_t i = 0; i < ATHAR_COUNT(odd); i++) {
		block[odd[i]] = 1;
		assert_ok(athar_block_hash(got, block, ATHAR_BLOCK_SIZE, &err), err);
		assert_ok(athar_digest_sha256_raw(expected, block, ATHAR_BLOCK_SIZE, &err), err);
		assert_memory_equal(got, expected, 32);
		block[odd[i]] = 0;
	}
	free(block);
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
		cmocka_unit_test(it_ends_before_what_is_not_expected),
		cmocka_unit_test(hashes_of_zeros_are_hashes),
		cmocka_unit_test(it_can_be_cancelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
