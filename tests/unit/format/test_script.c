/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

/* The text, then `fill` bytes of zeros, then `behind`. */
static athar_claim judge_text(const char *text, size_t fill, const void *behind, size_t behind_len)
{
	const size_t len = strlen(text);
	uint8_t *bytes = calloc(1, len + fill + behind_len + 1);

	assert_non_null(bytes);
	memcpy(bytes, text, len);
	if (behind_len != 0)
		memcpy(bytes + len + fill, behind, behind_len);
	const athar_claim c = judge(&athar_format_script, bytes, len + fill + behind_len);

	free(bytes);
	return c;
}

static void a_script_ends_where_zeros_fill_its_sector(void **state)
{
	static const char text[] = "#!/bin/bash\n\necho \"A test\"\nexit 0\n";
	const size_t len = sizeof text - 1;
	uint8_t junk[4096];

	(void)state;
	for (uint64_t seed = 1; seed < 20; seed++) {
		athar_test_fill(junk, sizeof junk, seed);
		const athar_claim c = judge_text(text, 512 - len, junk, sizeof junk);

		assert_true(c.ours);
		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.length, len);
		assert_string_equal(c.subtype, "bash");
		assert_string_equal(c.extension, "sh");
		assert_non_null(strstr(c.why, "zeros that fill its last sector"));
	}
	const athar_claim alone = judge_text(text, 0, NULL, 0);

	assert_int_equal(alone.length, len);
	assert_non_null(strstr(alone.why, "to the last byte"));
	const athar_claim slack = judge_text(text, 10, junk, sizeof junk);

	assert_int_equal(slack.length, len);
	assert_non_null(strstr(slack.why, "breaks off"));
}

static void text_may_fill_its_last_sector(void **state)
{
	char text[513];

	(void)state;
	memset(text, 'a', sizeof text);
	memcpy(text, "#!/bin/sh\n", 10);
	text[512] = '\0';
	const athar_claim c = judge_text(text, 512, "\1\2\3", 3);

	assert_int_equal(c.length, 512);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_non_null(strstr(c.why, "to the end of a sector"));
	assert_int_equal(judge_text(text, 0, "\1\2\3", 3).length, 512);
}

/* Table 3-7 of the Unicode Standard: what is well-formed, and what is not. */
static void only_text_goes_on(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{"\xC3\xA9", true},
		{"\xE2\x82\xAC", true},
		{"\xF0\x9F\x98\x80", true},
		{"\xED\x9F\xBF", true},
		{"\xF4\x8F\xBF\xBF", true},
		{"\t\r\f", true},
		{"\xC0\x80", false},
		{"\xED\xA0\x80", false},
		{"\xF4\x90\x80\x80", false},
		{"\xE0\x80\x80", false},
		{"\x80", false},
		{"\xC3x", false},
		{"\xF5\x80\x80\x80", false},
		{"\x1B[0m", false},
		{"\x7F", false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[64];

		snprintf(text, sizeof text, "#!/bin/sh\n%s", cases[i].text);
		const athar_claim c = judge_text(text, 0, NULL, 0);

		assert_true(c.ours);
		assert_int_equal(c.length, cases[i].good ? strlen(text) : 10);
	}
	assert_int_equal(judge_text("#!/bin/sh\n\xE2\x82", 0, NULL, 0).length, 10);
}

static void the_first_line_must_name_an_interpreter(void **state)
{
	static const char *const none[] = {
		"#!/",     "#!/bin/sh",    "#!/\nx\n",       "#!/ bin\n",       "#!bin/sh\n",
		"#!/bin/", "#!/bin/\nx\n", "#!/b\xFFn\nx\n", "#!/bin(sh)\nx\n", "#!/bin/sh\1\nx\n",
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(none); i++)
		assert_false(judge_text(none[i], 0, NULL, 0).ours);
	memset(text, 'a', sizeof text);
	memcpy(text, "#!/bin/", 7);
	text[398] = '\n';
	text[399] = '\0';
	assert_false(judge_text(text, 0, NULL, 0).ours);
}

static void the_interpreter_gives_the_name(void **state)
{
	static const char *const cases[][3] = {
		{"#!/bin/sh\n", "sh", "sh"},
		{"#!/usr/bin/perl -w\n", "perl", "pl"},
		{"#!/usr/bin/env python3\n", "python3", "py"},
		{"#!/usr/bin/env -S A=b ruby -w\r\n", "ruby", "rb"},
		{"#!/usr/bin/env\n", "", ""},
		{"#!/opt/own/thing\n", "", ""},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_text(cases[i][0], 0, NULL, 0);

		assert_true(c.ours);
		assert_string_equal(c.subtype, cases[i][1]);
		assert_string_equal(c.extension, cases[i][2]);
	}
}

static void text_is_not_followed_for_ever(void **state)
{
	(void)state;
	judge_time(&athar_format_script, "#!/bin/sh\n", 10, "\xC3\xA9", 2);
	const size_t len = (17u << 20) + 1;
	char *text = malloc(len);

	assert_non_null(text);
	memset(text, 'a', len);
	memcpy(text, "#!/bin/sh\n", 10);
	text[len - 1] = '\0';
	const athar_claim c = judge_text(text, 0, NULL, 0);

	assert_int_equal(c.length, 16u << 20);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_script_ends_where_zeros_fill_its_sector),
		cmocka_unit_test(text_may_fill_its_last_sector),
		cmocka_unit_test(only_text_goes_on),
		cmocka_unit_test(the_first_line_must_name_an_interpreter),
		cmocka_unit_test(the_interpreter_gives_the_name),
		cmocka_unit_test(text_is_not_followed_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
