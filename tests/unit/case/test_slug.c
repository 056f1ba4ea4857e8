/* SPDX-License-Identifier: BSD-2-Clause */
/* Names of folders out of ids on labels. */
#include "case_support.h"

static void expect(const char *id, const char *slug)
{
	ATHAR_AUTO(free) char *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_slug(&out, id, &err), err);
	assert_string_equal(out, slug);
}

static void test_what_stays(void **state)
{
	(void)state;
	expect("3-1", "3-1");
	expect("AB_1.2", "AB_1.2");
	expect("AB/1 (م/٣)", "AB-1-م-٣");
	expect("Pièce n° 4", "Pièce-n-4");
	expect("البند ٣، ب", "البند-٣-ب");
	expect("物証１", "物証１");
	expect("Übung×2", "Übung-2");
	expect("улика-7", "улика-7");
}

static void test_what_becomes_a_hyphen(void **state)
{
	(void)state;
	expect("a//b\\c", "a-b-c");
	expect("../../etc/passwd", "etc-passwd");
	expect("...hidden", "hidden");
	expect("-rf", "rf");
	expect(" x ", "x");
	expect("a\x1b[2Jb", "a-2Jb");
	expect("a\xe2\x80\xae"
	       "gpj.exe",
	       "a-gpj.exe");
	expect("a\xe2\x80\x8b"
	       "b",
	       "a-b");
	expect("a\xef\xb8\x8f"
	       "b",
	       "a-b");
	expect("a؟b٪c۔d", "a-b-c-d");
	expect("📱 1", "1");
}

static void test_the_limit_cuts_between_characters(void **state)
{
	char id[400] = "";
	ATHAR_AUTO(free) char *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	strcat(id, "x");
	for (int i = 0; i < 150; i++)
		strcat(id, "م");
	assert_ok(athar_exhibit_slug(&out, id, &err), err);
	assert_int_equal(strlen(out), 119);
	id[119] = '\0';
	assert_string_equal(out, id);
}

static void test_what_has_no_name_is_refused(void **state)
{
	static const char *const ids[] = {"",    "///",  ".",     "..",
	                                  "- -", "\xff", "a\xc3", "\xed\xa0\x80"};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(ids); i++) {
		ATHAR_AUTO(free) char *out = NULL;

		assert_status(athar_exhibit_slug(&out, ids[i], &err), ATHAR_EUSAGE, err);
		assert_null(out);
	}
}

/* Whatever the id, the slug is a name of one folder that is not hidden and no option. */
static void test_every_slug_is_a_plain_name(void **state)
{
	uint64_t seed = 5;

	(void)state;
	for (int round = 0; round < 5000; round++) {
		ATHAR_AUTO(free) char *out = NULL;
		athar_error err = ATHAR_ERROR_INIT;
		char id[24] = "";

		for (size_t i = 0; i < sizeof id - 1; i++)
			id[i] = (char)(athar_test_random(&seed) % 95 + (round % 2 ? 32 : 1));
		if (athar_exhibit_slug(&out, id, &err) != ATHAR_OK)
			continue;
		assert_in_range(strlen(out), 1, 120);
		assert_null(strchr(out, '/'));
		assert_true(out[0] != '.' && out[0] != '-');
		assert_null(strstr(out, "--"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_stays),
		cmocka_unit_test(test_what_becomes_a_hyphen),
		cmocka_unit_test(test_the_limit_cuts_between_characters),
		cmocka_unit_test(test_what_has_no_name_is_refused),
		cmocka_unit_test(test_every_slug_is_a_plain_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
