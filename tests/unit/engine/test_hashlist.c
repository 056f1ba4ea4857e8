/* SPDX-License-Identifier: BSD-2-Clause */
/* Lists as their own tools write them. The hashes are those of "abc" from FIPS 180-4 and RFC 1321.
 */
#include "athar_test.h"
#include "engine/hashlist.h"

#define MD5 "900150983cd24fb0d6963f7d28e17f72"
#define SHA1 "a9993e364706816aba3e25717850c26c9cd0d89d"
#define SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static athar_hash_list parse(const char *text)
{
	athar_hash_list list = {NULL, 0, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_hash_list_parse(&list, text, strlen(text), &err), err);
	return list;
}

static void sha256sum_lines(void **state)
{
	ATHAR_AUTO(hash_list)
	athar_hash_list list =
		parse("# a comment\n" SHA256 "  a b.img\r\n" SHA256 " *c.img\n" MD5 "  d");

	(void)state;
	assert_int_equal(list.count, 3);
	assert_string_equal(list.entry[0].name, "a b.img");
	assert_string_equal(athar_digests_get(&list.entry[0].digests, ATHAR_SHA256), SHA256);
	assert_string_equal(list.entry[1].name, "c.img");
	assert_string_equal(athar_digests_get(&list.entry[2].digests, ATHAR_MD5), MD5);
	assert_int_equal(list.algorithms, ATHAR_SHA256 | ATHAR_MD5);
}

static void escaped_names(void **state)
{
	ATHAR_AUTO(hash_list) athar_hash_list list = parse("\\" SHA256 "  a\\nb\\\\c\n");

	(void)state;
	assert_string_equal(list.entry[0].name, "a\nb\\c");
}

static void tagged_lines(void **state)
{
	ATHAR_AUTO(hash_list)
	athar_hash_list list = parse("SHA256 (a (1).img) = " SHA256 "\nMD5 (b) = " MD5 "\n");

	(void)state;
	assert_int_equal(list.count, 2);
	assert_string_equal(list.entry[0].name, "a (1).img");
	assert_string_equal(athar_digests_get(&list.entry[1].digests, ATHAR_MD5), MD5);
}

static void hashdeep_lines(void **state)
{
	ATHAR_AUTO(hash_list)
	athar_hash_list list =
		parse("%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## $ hashdeep x\n"
	              "3," MD5 "," SHA256 ",/a,b.img\n");

	(void)state;
	assert_int_equal(list.count, 1);
	assert_string_equal(list.entry[0].name, "/a,b.img");
	assert_string_equal(athar_digests_get(&list.entry[0].digests, ATHAR_MD5), MD5);
	assert_string_equal(athar_digests_get(&list.entry[0].digests, ATHAR_SHA256), SHA256);
}

static void what_is_no_list(void **state)
{
	static const char *const texts[] = {
		"",         "\n\n",       "hello world\n",
		"abc  x\n", MD5 "x  a\n", "%%%% size,md5,filename\n3,zz,a\n"};
	athar_hash_list list = {NULL, 0, 0, 0};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(texts); i++)
		assert_status(athar_hash_list_parse(&list, texts[i], strlen(texts[i]), &err),
		              ATHAR_EFORMAT, err);
}

static void lengths_name_algorithms(void **state)
{
	(void)state;
	assert_int_equal(athar_hash_guess(MD5, 32), ATHAR_MD5);
	assert_int_equal(athar_hash_guess(SHA1, 40), ATHAR_SHA1);
	assert_int_equal(athar_hash_guess(SHA256, 64), ATHAR_SHA256);
	assert_int_equal(athar_hash_guess(SHA256, 63), 0);
	assert_int_equal(athar_hash_guess("g0150983cd24fb0d6963f7d28e17f72x", 32), 0);
}

#define LONG \
	"ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a" \
	"2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f" /* SHA-512 of "abc" */
#define BLAKE \
	"ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1" \
	"7d87c5392aab792dc252d5de4533cc9518d38aa8dbc4925ab92386edd4009923" /* BLAKE2b-512 */

/* 128 digits are SHA-512 or BLAKE2b: the image tells. */
static void one_length_two_algorithms(void **state)
{
	static const struct {
		const char *hex;
		unsigned is;
	} given[] = {{LONG, ATHAR_SHA512}, {BLAKE, ATHAR_BLAKE2B}, {NULL, ATHAR_SHA512}};
	athar_digests computed = {0};
	char other[129];

	(void)state;
	memset(other, '0', 128);
	other[128] = '\0';
	assert_true(athar_digests_set(&computed, ATHAR_SHA512, LONG));
	assert_true(athar_digests_set(&computed, ATHAR_BLAKE2B, BLAKE));
	for (size_t i = 0; i < ATHAR_COUNT(given); i++) {
		athar_digests d = {0};
		const char *hex = given[i].hex == NULL ? other : given[i].hex;

		assert_int_equal(athar_hash_guess(hex, 128), ATHAR_SHA512 | ATHAR_BLAKE2B);
		assert_true(athar_hash_set(&d, athar_hash_guess(hex, 128), hex));
		athar_hash_settle(&d, &computed);
		assert_int_equal(d.algorithms, given[i].is);
		assert_string_equal(athar_digests_get(&d, given[i].is), hex);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sha256sum_lines),
		cmocka_unit_test(escaped_names),
		cmocka_unit_test(tagged_lines),
		cmocka_unit_test(hashdeep_lines),
		cmocka_unit_test(what_is_no_list),
		cmocka_unit_test(lengths_name_algorithms),
		cmocka_unit_test(one_length_two_algorithms),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
