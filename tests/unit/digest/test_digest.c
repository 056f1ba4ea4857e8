/* SPDX-License-Identifier: BSD-2-Clause */
/* Vectors of RFC 1321, FIPS 180 and RFC 7693; the rest against coreutils. */
#include "athar_test.h"

#include "base/files.h"
#include "base/idiom.h"
#include "digest/digest.h"

static const struct {
	unsigned algorithm;
	const char *abc, *million;
} vectors[] = {
	{ATHAR_MD5, "900150983cd24fb0d6963f7d28e17f72", "7707d6ae4e027c70eea2a935c2296f21"},
	{ATHAR_SHA1, "a9993e364706816aba3e25717850c26c9cd0d89d",
         "34aa973cd4c4daa4f61eeb2bdbad27316534016f"},
	{ATHAR_SHA256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
         "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
	{ATHAR_SHA512,
         "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
         "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
         "e718483d0ce769644e2e42c7bc15b4638e1f98b13b2044285632a803afa973eb"
         "de0ff244877ea60a4cb0432ce577c31beb009c5c2c49aa2e4eadb217ad8cc09b"},
	{ATHAR_BLAKE2B,
         "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
         "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923",
         NULL},
};

static void sum(athar_digests *out, unsigned algorithms, const char *text, size_t times)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_digester_new(&d, algorithms, &err), err);
	for (size_t i = 0; i < times; i++)
		assert_ok(athar_digester_update(d, text, strlen(text), &err), err);
	assert_ok(athar_digester_finish(out, d, &err), err);
}

static void published_vectors_hold(void **state)
{
	athar_digests digests;

	(void)state;
	sum(&digests, ATHAR_DIGEST_ALL, "abc", 1);
	for (size_t i = 0; i < ATHAR_COUNT(vectors); i++)
		assert_string_equal(athar_digests_get(&digests, vectors[i].algorithm),
		                    vectors[i].abc);
	sum(&digests, ATHAR_DIGEST_ALL, "aaaaaaaaaa", 100000);
	for (size_t i = 0; i < ATHAR_COUNT(vectors); i++)
		if (vectors[i].million != NULL)
			assert_string_equal(athar_digests_get(&digests, vectors[i].algorithm),
			                    vectors[i].million);
}

static void only_what_was_asked_for_is_there(void **state)
{
	athar_digests digests;

	(void)state;
	sum(&digests, ATHAR_SHA256, "abc", 1);
	assert_int_equal(digests.algorithms, ATHAR_SHA256);
	assert_string_equal(athar_digests_get(&digests, ATHAR_MD5), "");
	assert_string_equal(digests.hex[0], "");
	assert_string_equal(athar_digests_get(&digests, ATHAR_MD5 | ATHAR_SHA256), "");
	sum(&digests, 0, "abc", 1);
	assert_int_equal(digests.algorithms, 0);
}

static void unknown_bits_are_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_digester *d = NULL;

	(void)state;
	assert_status(athar_digester_new(&d, 1u << 5, &err), ATHAR_EUSAGE, err);
	assert_null(d);
}

static void buffers_hash_like_streams(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char hex[65];

	(void)state;
	athar_digest_prepare();
	assert_ok(athar_digest_sha256(hex, "abc", 3, &err), err);
	assert_string_equal(hex, vectors[2].abc);
	assert_ok(athar_digest_sha256(hex, "", 0, &err), err);
	assert_string_equal(hex,
	                    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

static void ask(char *out, size_t len, const char *program, const char *path)
{
	char command[4300];
	FILE *pipe = NULL;

	snprintf(command, sizeof command, "%s '%s' 2>/dev/null", program, path);
	pipe = popen(command, "r");
	assert_non_null(pipe);
	out[0] = '\0';
	if (fgets(out, (int)len, pipe) != NULL)
		out[strcspn(out, " \n")] = '\0';
	pclose(pipe);
}

static void files_hash_as_coreutils_say(void **state)
{
	static const char *const programs[] = {"md5sum", "sha1sum", "sha256sum", "sha512sum",
	                                       "b2sum"};
	const size_t len = 3 * 1048576 + 17;
	char *folder = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *path = athar_join(folder, "file", &err);
	ATHAR_AUTO(free) uint8_t *bytes = malloc(len);
	athar_digests digests;
	uint64_t size = 0;
	char theirs[200];

	(void)state;
	athar_test_fill(bytes, len, 5);
	assert_ok(athar_file_save(path, bytes, len, &err), err);
	assert_ok(athar_digest_file(&digests, &size, path, ATHAR_DIGEST_ALL, &err), err);
	assert_int_equal(size, len);
	for (size_t i = 0; i < ATHAR_COUNT(programs); i++) {
		ask(theirs, sizeof theirs, programs[i], path);
		if (theirs[0] != '\0')
			assert_string_equal(digests.hex[i], theirs);
	}
	assert_status(athar_digest_file(&digests, NULL, folder, ATHAR_MD5, &err), ATHAR_EIO, err);
	athar_test_rmdir(folder);
}

static void values_are_set_only_when_they_fit(void **state)
{
	athar_digests digests = {0};

	(void)state;
	assert_true(athar_digests_set(&digests, ATHAR_MD5, "900150983CD24FB0D6963F7D28E17F72"));
	assert_string_equal(athar_digests_get(&digests, ATHAR_MD5), vectors[0].abc);
	assert_false(athar_digests_set(&digests, ATHAR_SHA1, vectors[0].abc));
	assert_false(athar_digests_set(&digests, ATHAR_MD5, "900150983cd24fb0d6963f7d28e17f7g"));
	assert_false(athar_digests_set(&digests, ATHAR_MD5, NULL));
	assert_false(athar_digests_set(&digests, 3, vectors[0].abc));
	assert_int_equal(digests.algorithms, ATHAR_MD5);
	assert_string_equal(athar_digests_get(&digests, ATHAR_MD5), vectors[0].abc);
}

static void json_goes_there_and_back(void **state)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_digests digests;
	athar_digests back;

	(void)state;
	sum(&digests, ATHAR_MD5 | ATHAR_SHA1, "abc", 1);
	json = athar_digests_to_json(&digests);
	athar_json_set_text(json, "crc32", "352441c2");
	athar_json_set_text(json, "sha256", "too short");
	assert_ok(athar_json_line(&line, json, &err), err);
	assert_string_equal(line,
	                    "{\"crc32\":\"352441c2\",\"md5\":\"900150983cd24fb0d6963f7d28e17f72\","
	                    "\"sha1\":\"a9993e364706816aba3e25717850c26c9cd0d89d\","
	                    "\"sha256\":\"too short\"}");
	athar_digests_from_json(&back, json);
	assert_memory_equal(&back, &digests, sizeof back);
	athar_digests_from_json(&back, NULL);
	assert_int_equal(back.algorithms, 0);
}

static void lists_of_names_are_read(void **state)
{
	static const char *const bad[] = {"", "md5,", ",md5", "md5 ,sha1", "MD5", "md", "sha256x"};
	athar_error err = ATHAR_ERROR_INIT;
	unsigned mask = 99;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		assert_status(athar_digest_parse(&mask, bad[i], &err), ATHAR_EUSAGE, err);
	assert_int_equal(mask, 99);
	assert_ok(athar_digest_parse(&mask, "blake2b,md5,md5,sha512", &err), err);
	assert_int_equal(mask, ATHAR_BLAKE2B | ATHAR_MD5 | ATHAR_SHA512);
	for (unsigned i = 0; i < ATHAR_DIGEST_COUNT; i++) {
		assert_ok(athar_digest_parse(&mask, athar_digest_name(1u << i), &err), err);
		assert_int_equal(mask, 1u << i);
	}
	assert_null(athar_digest_name(0));
	assert_null(athar_digest_name(3));
	assert_int_equal(athar_digest_hex_length(ATHAR_SHA1), 40);
	assert_int_equal(athar_digest_hex_length(1u << 9), 0);
}

/* From "a" two ways lead on: the copy takes "bc", the first one nothing more. */
static void a_copy_goes_its_own_way(void **state)
{
	ATHAR_AUTO(digester) athar_digester *d = NULL;
	ATHAR_AUTO(digester) athar_digester *copy = NULL;
	athar_digests one, two, a;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_digester_new(&d, ATHAR_DIGEST_ALL, &err), err);
	assert_ok(athar_digester_update(d, "a", 1, &err), err);
	assert_ok(athar_digester_copy(&copy, d, &err), err);
	assert_ok(athar_digester_update(copy, "bc", 2, &err), err);
	assert_ok(athar_digester_finish(&one, d, &err), err);
	assert_ok(athar_digester_finish(&two, copy, &err), err);
	sum(&a, ATHAR_DIGEST_ALL, "a", 1);
	for (size_t i = 0; i < ATHAR_COUNT(vectors); i++) {
		assert_string_equal(athar_digests_get(&one, vectors[i].algorithm),
		                    athar_digests_get(&a, vectors[i].algorithm));
		assert_string_equal(athar_digests_get(&two, vectors[i].algorithm), vectors[i].abc);
	}
}

static void hex_goes_there_and_back(void **state)
{
	uint8_t raw[32], back[32];
	char hex[65];

	(void)state;
	athar_test_fill(raw, sizeof raw, 5);
	athar_digest_hex(hex, raw);
	assert_true(athar_digest_unhex(back, hex));
	assert_memory_equal(raw, back, sizeof raw);
	for (size_t i = 0; i < 64; i++) {
		const char was = hex[i];

		hex[i] = 'g';
		assert_false(athar_digest_unhex(back, hex));
		hex[i] = was;
	}
	assert_false(athar_digest_unhex(back, "12"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_hold),
		cmocka_unit_test(only_what_was_asked_for_is_there),
		cmocka_unit_test(unknown_bits_are_refused),
		cmocka_unit_test(buffers_hash_like_streams),
		cmocka_unit_test(files_hash_as_coreutils_say),
		cmocka_unit_test(values_are_set_only_when_they_fit),
		cmocka_unit_test(json_goes_there_and_back),
		cmocka_unit_test(lists_of_names_are_read),
		cmocka_unit_test(a_copy_goes_its_own_way),
		cmocka_unit_test(hex_goes_there_and_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
