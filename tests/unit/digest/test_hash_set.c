/* SPDX-License-Identifier: BSD-2-Clause */
/* Sets against a list that is kept beside: what was put in is found, and nothing else. */
#include "athar_test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/endian.h"
#include "base/files.h"
#include "digest/digest.h"
#include "digest/hash_set.h"

#define MANY 300000u
#define LIST "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static char *folder;

static int make_folder(void **state)
{
	(void)state;
	folder = athar_test_mkdir();
	return 0;
}

static int drop_folder(void **state)
{
	(void)state;
	athar_test_rmdir(folder);
	return 0;
}

/* Number i of the hashes of an algorithm. */
static void hash_at(uint8_t out[32], unsigned algorithm, uint64_t i)
{
	athar_test_fill(out, 32, i * 16 + algorithm);
}

static int compile(athar_hash_maker *m)
{
	athar_error err = ATHAR_ERROR_INIT;
	int fd = athar_hash_nameless(folder, &err);

	assert_true(fd >= 0);
	assert_ok(athar_hash_maker_write(m, fd, "a set", 1700000000, NULL, &err), err);
	return fd;
}

static athar_hash_set *reopen(int fd)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_hash_set *set = NULL;

	assert_ok(athar_hash_set_open(&set, fd, "a set", NULL, &err), err);
	return set;
}

static void add(athar_hash_maker *m, unsigned algorithm, uint64_t i, uint8_t category)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t hash[32];

	hash_at(hash, algorithm, i);
	assert_ok(athar_hash_maker_add(m, algorithm, hash, category, &err), err);
}

static athar_hash_maker *maker(void)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_hash_maker *m = NULL;

	assert_ok(athar_hash_maker_new(&m, folder, &err), err);
	return m;
}

static bool has(const athar_hash_set *set, unsigned algorithm, uint64_t i, uint8_t *category)
{
	uint8_t hash[32];

	hash_at(hash, algorithm, i);
	return athar_hash_set_has(category, set, algorithm, hash);
}

/* Bytes of an open file. */
static uint8_t *load(int fd, size_t *size)
{
	uint8_t *bytes;

	*size = (size_t)lseek(fd, 0, SEEK_END);
	bytes = malloc(*size);
	assert_non_null(bytes);
	assert_int_equal(pread(fd, bytes, *size, 0), (ssize_t)*size);
	return bytes;
}

static void what_went_in_is_found(void **state)
{
	static const unsigned algorithms[] = {ATHAR_MD5, ATHAR_SHA1, ATHAR_SHA256};

	(void)state;
	for (size_t a = 0; a < ATHAR_COUNT(algorithms); a++) {
		ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();
		ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
		uint8_t category = 0;

		for (uint64_t i = 0; i < MANY; i++)
			add(m, algorithms[a], i, (uint8_t)(i % 7));
		ATHAR_AUTO(fd) int fd = compile(m);
		set = reopen(fd);
		assert_int_equal(athar_hash_set_count(set, algorithms[a]), MANY);
		assert_int_equal(athar_hash_set_algorithms(set), algorithms[a]);
		for (uint64_t i = 0; i < MANY; i++) {
			assert_true(has(set, algorithms[a], i, &category));
			assert_int_equal(category, i % 7);
			assert_false(has(set, algorithms[a], MANY + i, NULL));
		}
		assert_false(has(set, algorithms[(a + 1) % 3], 0, NULL));
	}
}

static void order_and_doubles_do_not_matter(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *up = maker();
	ATHAR_AUTO(hash_maker) athar_hash_maker *down = maker();
	ATHAR_AUTO(free) uint8_t *one = NULL;
	ATHAR_AUTO(free) uint8_t *other = NULL;
	size_t one_size = 0, other_size = 0;

	(void)state;
	for (uint64_t i = 0; i < 5000; i++) {
		add(up, ATHAR_SHA1, i, 3);
		add(down, ATHAR_SHA1, 4999 - i, 3);
		add(down, ATHAR_SHA1, i, ATHAR_HASH_NO_CATEGORY);
	}
	ATHAR_AUTO(fd) int a = compile(up);
	ATHAR_AUTO(fd) int b = compile(down);
	one = load(a, &one_size);
	other = load(b, &other_size);
	/* The index is as fine as the entries were many, doubles and all: the records are equal. */
	assert_memory_equal(one + one_size - 32 - 5000 * 21, other + other_size - 32 - 5000 * 21,
	                    (size_t)5000 * 21);
}

static void the_lowest_category_is_kept(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	uint8_t category = 0;

	(void)state;
	add(m, ATHAR_MD5, 1, ATHAR_HASH_NO_CATEGORY);
	add(m, ATHAR_MD5, 1, 5);
	add(m, ATHAR_MD5, 1, 2);
	add(m, ATHAR_MD5, 2, ATHAR_HASH_NO_CATEGORY);
	ATHAR_AUTO(fd) int fd = compile(m);
	set = reopen(fd);
	assert_int_equal(athar_hash_set_count(set, ATHAR_MD5), 2);
	assert_true(has(set, ATHAR_MD5, 1, &category));
	assert_int_equal(category, 2);
	assert_true(has(set, ATHAR_MD5, 2, &category));
	assert_int_equal(category, ATHAR_HASH_NO_CATEGORY);
}

static void origins_and_sums_are_kept(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	athar_hash_origin o = {
		.name = "vics.json", .sha256 = LIST, .entries = 9, .unread = 1, .date = -5};
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	char hex[65];
	size_t size = 0;

	(void)state;
	add(m, ATHAR_SHA256, 1, 0);
	assert_ok(athar_hash_maker_origin(m, &o, &err), err);
	ATHAR_AUTO(fd) int fd = compile(m);
	set = reopen(fd);
	assert_int_equal(athar_hash_set_origins(set), 1);
	const athar_hash_origin got = athar_hash_set_origin(set, 0);
	assert_string_equal(got.name, o.name);
	assert_string_equal(got.sha256, o.sha256);
	assert_int_equal(got.entries, 9);
	assert_int_equal(got.unread, 1);
	assert_int_equal(got.date, -5);
	assert_int_equal(athar_hash_set_made(set), 1700000000);
	bytes = load(fd, &size);
	assert_ok(athar_digest_sha256(hex, bytes, size, &err), err);
	assert_string_equal(athar_hash_set_sha256(set), hex);
}

static void empty_sets_have_nothing(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;

	(void)state;
	ATHAR_AUTO(fd) int fd = compile(m);
	set = reopen(fd);
	assert_int_equal(athar_hash_set_algorithms(set), 0);
	assert_false(has(set, ATHAR_MD5, 1, NULL));
}

static void sets_can_be_joined(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *first = maker();
	ATHAR_AUTO(hash_maker) athar_hash_maker *second = maker();
	ATHAR_AUTO(hash_set) athar_hash_set *one = NULL;
	ATHAR_AUTO(hash_set) athar_hash_set *both = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t category = 0;

	(void)state;
	add(first, ATHAR_MD5, 1, 4);
	add(first, ATHAR_SHA256, 2, 5);
	ATHAR_AUTO(fd) int a = compile(first);
	one = reopen(a);
	add(second, ATHAR_SHA256, 3, 6);
	assert_ok(athar_hash_maker_add_set(second, one, &err), err);
	ATHAR_AUTO(fd) int b = compile(second);
	both = reopen(b);
	assert_int_equal(athar_hash_set_count(both, ATHAR_DIGEST_ALL), 3);
	assert_true(has(both, ATHAR_MD5, 1, &category));
	assert_int_equal(category, 4);
	assert_true(has(both, ATHAR_SHA256, 3, &category));
	assert_int_equal(category, 6);
}

/* ---- what others made of it ---- */

static athar_status try_bytes(const uint8_t *bytes, size_t size, athar_error *err)
{
	ATHAR_AUTO(hash_set) athar_hash_set *set = NULL;
	ATHAR_AUTO(fd) int fd = athar_hash_nameless(folder, err);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, size), (ssize_t)size);
	return athar_hash_set_open(&set, fd, "a set", NULL, err);
}

/* As somebody would who knows the form: with the sum made good. */
static athar_status try_signed(uint8_t *bytes, size_t size, athar_error *err)
{
	assert_ok(athar_digest_sha256_raw(bytes + size - 32, bytes, size - 32, err), *err);
	return try_bytes(bytes, size, err);
}

static uint8_t *small_set(size_t *size)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();

	for (uint64_t i = 0; i < 100; i++) {
		add(m, ATHAR_MD5, i, 0);
		add(m, ATHAR_SHA256, i, 0);
	}
	ATHAR_AUTO(fd) int fd = compile(m);
	return load(fd, size);
}

static void every_cut_is_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t size = 0;

	(void)state;
	bytes = small_set(&size);
	assert_ok(try_bytes(bytes, size, &err), err);
	for (size_t cut = 0; cut < size; cut += 1 + cut / 50)
		assert_status(try_bytes(bytes, cut, &err), ATHAR_EFORMAT, err);
	assert_status(try_bytes(bytes, size - 1, &err), ATHAR_EFORMAT, err);
}

static void every_changed_byte_is_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t size = 0;

	(void)state;
	bytes = small_set(&size);
	for (size_t i = 0; i < size; i += 7) {
		bytes[i] ^= 0x10;
		assert_status(try_bytes(bytes, size, &err), ATHAR_EFORMAT, err);
		bytes[i] ^= 0x10;
	}
}

/* Numbers that lead out of the file, under a sum that is right. */
static void numbers_that_lie_are_refused(void **state)
{
	static const uint64_t lies[] = {0,          1,          0x7F,           UINT32_MAX,
	                                1ull << 40, 1ull << 61, UINT64_MAX - 7, UINT64_MAX};
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t size = 0, refused = 0;

	(void)state;
	bytes = small_set(&size);
	for (size_t at = 32; at < 128 + 8 * 34; at += 4) {
		for (size_t i = 0; i < ATHAR_COUNT(lies); i++) {
			uint8_t kept[8];
			const uint64_t before = athar_le64(bytes + at);

			memcpy(kept, bytes + at, 8);
			athar_put_le64(bytes + at, lies[i]);
			if (lies[i] != before && at < 96)
				assert_status(try_signed(bytes, size, &err), ATHAR_EFORMAT, err);
			else
				refused += try_signed(bytes, size, &err) != ATHAR_OK;
			memcpy(bytes + at, kept, 8);
		}
	}
	assert_true(refused > 0);
	assert_ok(try_signed(bytes, size, &err), err);
}

static void hashes_out_of_order_are_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	size_t size = 0;
	uint8_t *last;

	(void)state;
	bytes = small_set(&size);
	last = bytes + size - 32 - 33;
	memcpy(last, last - 33, 33);
	assert_status(try_signed(bytes, size, &err), ATHAR_EFORMAT, err);
}

static void what_cannot_be_hashes_is_refused(void **state)
{
	ATHAR_AUTO(hash_maker) athar_hash_maker *m = maker();
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t hash[32] = {0};

	(void)state;
	for (uint64_t i = 0; i < (4u << 20); i++) {
		athar_put_le64(hash + 8, i);
		assert_ok(athar_hash_maker_add(m, ATHAR_SHA256, hash, 0, &err), err);
	}
	ATHAR_AUTO(fd) int fd = athar_hash_nameless(folder, &err);
	assert_status(athar_hash_maker_write(m, fd, "a set", 0, NULL, &err), ATHAR_ELIMIT, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_went_in_is_found),
		cmocka_unit_test(order_and_doubles_do_not_matter),
		cmocka_unit_test(the_lowest_category_is_kept),
		cmocka_unit_test(origins_and_sums_are_kept),
		cmocka_unit_test(empty_sets_have_nothing),
		cmocka_unit_test(sets_can_be_joined),
		cmocka_unit_test(every_cut_is_refused),
		cmocka_unit_test(every_changed_byte_is_refused),
		cmocka_unit_test(numbers_that_lie_are_refused),
		cmocka_unit_test(hashes_out_of_order_are_refused),
		cmocka_unit_test(what_cannot_be_hashes_is_refused),
	};

	return cmocka_run_group_tests(tests, make_folder, drop_folder);
}
