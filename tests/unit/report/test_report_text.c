/* SPDX-License-Identifier: BSD-2-Clause */
/* The text report: what a reader sees, and that no name speaks to the terminal. */
#include "sample.h"

#include "athar/text.h"
#include "case/exhibit.h"

/* Signatures: three people, three fields each, always open. */
#define OPEN_SIGNATURES 9

static void each_field_shows_as_stated_or_not(void **state)
{
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	text = sample_render(&s, "text", NULL);
	assert_int_equal(sample_count(text, "NOT STATED"), OPEN_SIGNATURES);
	assert_null(strstr(text, "DRAFT"));
	assert_non_null(strstr(text, "Public Prosecution"));
	assert_non_null(strstr(text, "S-77"));
	assert_non_null(strstr(text, "Which pictures were deleted?\n"));
	free(text);
	sample_remove(&s);

	sample_make(&s, (sample_options){0});
	text = sample_render(&s, "text", NULL);
	/* The list has 16 names; case number and laboratory stand on the cover too, and
	 * the notice of a draft says the words once. */
	assert_int_equal(sample_count(text, "NOT STATED"), OPEN_SIGNATURES + 16 + 2 + 1);
	assert_non_null(strstr(text, "DRAFT"));
	free(text);
	sample_remove(&s);
}

static void no_hidden_character_comes_through(void **state)
{
	char *text, *visible;
	athar_error err = ATHAR_ERROR_INIT;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.hostile = true, .gaps = true});
	text = sample_render(&s, "text", NULL);
	/* Line feeds are the only ones; without them nothing is left to make visible. */
	for (char *p = text; *p != '\0'; p++)
		*p = *p == '\n' ? ' ' : *p;
	assert_ok(athar_text_visible(&visible, text, strlen(text), &err), err);
	assert_string_equal(text, visible);
	assert_non_null(strstr(text, "invoice\\u{202E}gpj.exe"));
	assert_non_null(strstr(text, "\\xFF\\xFEnot\\xC0text.doc"));
	assert_non_null(strstr(text, "two\\u{A}lines"));
	assert_non_null(strstr(text, "back\\\\slash"));
	free(text);
	free(visible);
	sample_remove(&s);
}

static void what_was_not_examined_is_said(void **state)
{
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.gaps = true});
	text = sample_render(&s, "text", NULL);
	assert_non_null(strstr(text, "1024 bytes (1.0 KiB) of the medium could not be read"));
	assert_non_null(strstr(text, "Ranges that could not be read"));
	assert_non_null(strstr(text, "read-back not done"));
	assert_non_null(strstr(text, "memory\\u{1B}[0m"));
	assert_non_null(strstr(text, "Volume 2 has no file system"));
	assert_non_null(strstr(text, "Volume 2: looks encrypted"));
	assert_non_null(strstr(text, "Volume 1: its files were not listed to the end."));
	assert_non_null(strstr(text, "(method \"content\")"));
	assert_null(strstr(text, "(method \"metadata\")."));
	assert_non_null(strstr(text, "Workers that crashed or ran out of their limits: 1"));
	free(text);
	sample_remove(&s);
}

static void a_time_without_a_zone_is_not_given_one(void **state)
{
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	text = sample_render(&s, "text", NULL);
	assert_non_null(strstr(text, "2023-11-14T22:13:20, local time of a clock"));
	assert_null(strstr(text, "modified: 2023-11-14T22:13:20Z"));
	assert_non_null(strstr(text, "created: 2023-11-14T22:13:20.000000500Z"));
	free(text);
	sample_remove(&s);
}

static void a_broken_chain_stands_at_the_very_top(void **state)
{
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	sample_break_chain(&s);
	text = sample_render(&s, "text", NULL);
	assert_ptr_equal(strstr(text, "!!!!"), text);
	assert_non_null(strstr(text, "THE CUSTODY LOG IS BROKEN at line 2"));
	assert_null(strstr(text, "Each line follows the one before it"));
	assert_true(strstr(text, "THE CUSTODY LOG IS BROKEN") <
	            strstr(text, "Examination of digital evidence"));
	free(text);
	sample_remove(&s);
}

static void an_image_that_stays_elsewhere_is_not_called_acquired(void **state)
{
	static const char record[] = "{\"v\":1,\"exhibit\":\"far\",\"by_reference\":true,"
				     "\"image\":{\"path\":\"/media/far.E01\"}}";
	static const char label[] = "{\"v\":1,\"id\":\"far\"}";
	athar_error err = ATHAR_ERROR_INIT;
	athar_exhibit *x = NULL;
	athar_json *files = NULL;
	athar_case *c = NULL;
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	assert_ok(athar_case_open(&c, s.folder, &s.context, &err), err);
	assert_ok(athar_exhibit_new(&x, c, "far", &err), err);
	assert_ok(athar_exhibit_save(x, "exhibit.json", label, sizeof label - 1, &err), err);
	assert_ok(athar_exhibit_save(x, "acquisition.json", record, sizeof record - 1, &err), err);
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
	athar_json_free(files);
	athar_exhibit_close(x);
	athar_case_close(c);
	text = sample_render(&s, "text", NULL);
	assert_non_null(strstr(text, "Its image lies outside the case."));
	assert_non_null(strstr(text, "/media/far.E01"));
	assert_non_null(strstr(text, "The image was made elsewhere"));
	assert_non_null(strstr(text, "It was not searched for deleted or lost files."));
	/* Said of the other exhibit alone. */
	assert_int_equal(sample_count(text, "A copy of it was made."), 1);
	assert_int_equal(sample_count(text, "Every byte of the medium was read."), 1);
	free(text);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_field_shows_as_stated_or_not),
		cmocka_unit_test(no_hidden_character_comes_through),
		cmocka_unit_test(what_was_not_examined_is_said),
		cmocka_unit_test(a_time_without_a_zone_is_not_given_one),
		cmocka_unit_test(a_broken_chain_stands_at_the_very_top),
		cmocka_unit_test(an_image_that_stays_elsewhere_is_not_called_acquired),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
