/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <errno.h>

#include "athar/text.h"
#include "base/idiom.h"

static void a_failure_says_what_and_where(void **state)
{
	athar_error err = {ATHAR_OK, 5, 77, "old"};

	(void)state;
	assert_int_equal(athar_fail(&err, ATHAR_EFORMAT, "sector %d is bad", 7), ATHAR_EFORMAT);
	assert_int_equal(err.status, ATHAR_EFORMAT);
	assert_int_equal(err.os_errno, 0);
	assert_true(err.offset == ATHAR_NOWHERE);
	assert_string_equal(err.text, "sector 7 is bad");
	assert_int_equal(athar_fail_at(&err, ATHAR_EOF, 4096, "short"), ATHAR_EOF);
	assert_int_equal(err.offset, 4096);
}

static void the_systems_word_is_appended(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	errno = ENOENT;
	assert_int_equal(athar_fail_errno(&err, "cannot open %s", "x"), ATHAR_EIO);
	assert_int_equal(err.os_errno, ENOENT);
	assert_string_equal(err.text, "cannot open x: No such file or directory");
	errno = 99999;
	assert_int_equal(athar_fail_errno(&err, "odd"), ATHAR_EIO);
	assert_string_equal(err.text, "odd: unknown error");
}

static void context_comes_first_and_keeps_the_rest(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	(void)athar_fail_at(&err, ATHAR_EOF, 12, "too short");
	err.os_errno = EIO;
	assert_int_equal(athar_within(&err, "segment %d", 3), ATHAR_EOF);
	assert_string_equal(err.text, "segment 3: too short");
	assert_int_equal(err.offset, 12);
	assert_int_equal(err.os_errno, EIO);
}

static void names_from_evidence_are_escaped(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	(void)athar_fail(&err, ATHAR_EIO, "%s", "a\n\x1B[31m\u202Egpj\xFF\x7F \u0627\u0644\\");
	assert_string_equal(err.text, "a\\u{A}\\u{1B}[31m\\u{202E}gpj\\xFF\\u{7F} \u0627\u0644\\");
	/* Once more changes nothing: messages are quoted in messages. */
	(void)athar_fail(&err, ATHAR_EIO, "%s", err.text);
	assert_string_equal(err.text, "a\\u{A}\\u{1B}[31m\\u{202E}gpj\\xFF\\u{7F} \u0627\u0644\\");
}

static bool safe(const char *text)
{
	ATHAR_AUTO(free) char *shown = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_text_visible(&shown, text, strlen(text), &err), err);
	return strcmp(shown, text) == 0;
}

static void a_long_text_is_cut_between_characters(void **state)
{
	static const char *const pieces[] = {"x",    "\u0645", "\u20AC", "\U0001F600",
	                                     "\x01", "\xFE",   "\u202E"};
	athar_error err = ATHAR_ERROR_INIT;
	char long_text[3000];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(pieces); i++) {
		for (size_t shift = 0; shift < 12; shift++) {
			memset(long_text, 'a', shift);
			long_text[shift] = '\0';
			while (strlen(long_text) < 2900)
				strcat(long_text, pieces[i]);
			(void)athar_fail(&err, ATHAR_EIO, "%s", long_text);
			assert_in_range(strlen(err.text), 470, sizeof err.text - 1);
			assert_string_equal(err.text + strlen(err.text) - 3, "...");
			assert_true(safe(err.text));
			(void)athar_within(&err, "%s", long_text);
			assert_true(safe(err.text));
			(void)athar_fail(&err, ATHAR_EIO, "short");
			(void)athar_within(&err, "%s", long_text);
			assert_true(safe(err.text));
			assert_non_null(strstr(err.text, "...: short"));
			errno = EACCES;
			(void)athar_fail_errno(&err, "%s", long_text);
			assert_true(safe(err.text));
			assert_non_null(strstr(err.text, "...: Permission denied"));
		}
	}
}

static void a_text_that_just_fits_is_whole(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char text[sizeof err.text + 1];

	(void)state;
	memset(text, 'b', sizeof text);
	text[sizeof err.text - 1] = '\0';
	(void)athar_fail(&err, ATHAR_EIO, "%s", text);
	assert_string_equal(err.text, text);
}

static void exit_statuses_are_those_of_the_manual(void **state)
{
	static const struct {
		athar_status status;
		int exit;
	} table[] = {
		{ATHAR_OK, 0},          {ATHAR_EMISMATCH, 1},   {ATHAR_EUSAGE, 2},
		{ATHAR_EINCOMPLETE, 3}, {ATHAR_EOF, 4},         {ATHAR_EIO, 4},
		{ATHAR_EFORMAT, 4},     {ATHAR_ELIMIT, 4},      {ATHAR_ENOMEM, 4},
		{ATHAR_EREFUSED, 5},    {ATHAR_ECANCELED, 130},
	};
	static const int gravest_first[] = {130, 2, 5, 4, 1, 3, 0};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(table); i++)
		assert_int_equal(athar_status_exit(table[i].status), table[i].exit);
	for (size_t a = 0; a < ATHAR_COUNT(gravest_first); a++)
		for (size_t b = 0; b < ATHAR_COUNT(gravest_first); b++)
			assert_int_equal(athar_exit_gravest(gravest_first[a], gravest_first[b]),
			                 gravest_first[a < b ? a : b]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_says_what_and_where),
		cmocka_unit_test(the_systems_word_is_appended),
		cmocka_unit_test(context_comes_first_and_keeps_the_rest),
		cmocka_unit_test(names_from_evidence_are_escaped),
		cmocka_unit_test(a_long_text_is_cut_between_characters),
		cmocka_unit_test(a_text_that_just_fits_is_whole),
		cmocka_unit_test(exit_statuses_are_those_of_the_manual),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
