/* SPDX-License-Identifier: BSD-2-Clause */
/* What a name promises, and what lies there. */
#include "athar_test.h"
#include "engine/name_says.h"
#include "image/driver.h"

static char doubt[100];

/* NULL: nothing speaks against it. */
static const char *says(const char *path, const char *format, const void *bytes, size_t len)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *reader = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_source_memory(&source, bytes, len, &err), err);
	assert_ok(athar_reader_new(&reader, source, 0, len, 0, &err), err);
	assert_ok(athar_name_says(doubt, (const uint8_t *)path, strlen(path), format, reader, &err),
	          err);
	return doubt[0] == '\0' ? NULL : doubt;
}

static void formats_are_expected(void **state)
{
	(void)state;
	assert_string_equal(says("DCIM/IMG_1.JPG", "", "no picture", 10),
	                    "its name ends in .jpg, and what lies there is not jpeg");
	assert_non_null(says("a.docx", "png", "x", 1));
	assert_null(says("a.docx", "zip", "x", 1));
	assert_null(says("a.JpEg", "jpeg", "x", 1));
	/* names that promise nothing */
	assert_null(says("a.dat", "", "x\0y", 3));
	assert_null(says("jpg", "", "x", 1));
	assert_null(says("a.", "", "x", 1));
	assert_null(says("", "", "x", 1));
	assert_null(says("a.verylongone", "", "x", 1));
}

static void text_has_no_zeros(void **state)
{
	static char far[200000];

	(void)state;
	assert_null(says("notes.txt", "", "a line\n", 7));
	assert_null(says("run.sh", "script", "#!/bin/sh\n", 10));
	assert_non_null(says("notes.txt", "", "a\0line", 6));
	assert_non_null(says("notes.txt", "zip", "PK", 2));
	/* UTF-16 */
	assert_null(says("notes.txt", "",
	                 "\xff\xfe"
	                 "a\0b\0",
	                 6));
	assert_null(says("notes.txt", "", "\xfe\xff\0a\0b", 6));
	memset(far, 'x', sizeof far);
	assert_null(says("a.log", "", far, sizeof far));
	far[sizeof far - 1] = '\0';
	assert_non_null(says("a.log", "", far, sizeof far));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(formats_are_expected),
		cmocka_unit_test(text_has_no_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
