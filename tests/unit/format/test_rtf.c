/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void the_last_brace_ends_it(void **state)
{
	const athar_claim c = judge_file(&athar_format_rtf, "note.rtf");

	(void)state;
	judge_end_apart(&athar_format_rtf, "note.rtf", ATHAR_GRADE_COMPLETE);
	assert_string_equal(claim_field(&c, "title"), "Grüße");
	assert_string_equal(claim_field(&c, "author"), "Ada");
	assert_string_equal(claim_field(&c, "created"), "2024-03-01T12:05:00");
}

static void groups_balance(void **state)
{
	static const struct {
		const char *text;
		bool ours;
		athar_grade grade;
		size_t len; /* 0: all */
	} cases[] = {
		{"{\\rtf1 x}", true, ATHAR_GRADE_COMPLETE, 0},
		{"{\\rtf1 x}y", true, ATHAR_GRADE_COMPLETE, 9},
		{"{\\rtf1 {x}", true, ATHAR_GRADE_PARTIAL, 0},
		{"{\\rtf1 \\}", true, ATHAR_GRADE_PARTIAL, 0},
		{"{\\rtf1 \\'}}", true, ATHAR_GRADE_HEADER, 6},
		{"{\\rtf1 \\bin3}}}}", true, ATHAR_GRADE_COMPLETE, 0},
		{"{\\rtf1 \\bin3 }}}}", true, ATHAR_GRADE_COMPLETE, 0},
		{"{\\rtf1 \\bin-3 }", true, ATHAR_GRADE_COMPLETE, 0},
		{"{\\rtf1 \\bin99 }", true, ATHAR_GRADE_PARTIAL, 0},
		{"{\\rtf1 \1}", true, ATHAR_GRADE_PARTIAL, 7},
		{"{\\rtf2 x}", false, ATHAR_GRADE_HEADER, 0},
		{"{\\rtfx x}", false, ATHAR_GRADE_HEADER, 0},
		{"{\\rtf1", false, ATHAR_GRADE_HEADER, 0},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_text(&athar_format_rtf, cases[i].text);

		assert_int_equal(c.ours, cases[i].ours);
		assert_int_equal(c.grade, cases[i].grade);
		if (c.ours)
			assert_int_equal(c.length,
			                 cases[i].len != 0 ? cases[i].len : strlen(cases[i].text));
	}
}

static void damage_shows(void **state)
{
	(void)state;
	judge_text_cuts(&athar_format_rtf, "note.rtf", 2);
	judge_noise(&athar_format_rtf, "note.rtf", 40);
	judge_flips(&athar_format_rtf, "note.rtf");
	judge_time(&athar_format_rtf, "{\\rtf1 ", 7, "{\\a1}", 5);
	judge_time(&athar_format_rtf, "{\\rtf1 {\\info", 13, "{\\title x}", 10);
	judge_time(&athar_format_rtf, "{\\rtf1 ", 7, "{", 1);
	judge_time(&athar_format_rtf, "{\\rtf1 ", 7, "\\bin1 ", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_last_brace_ends_it),
		cmocka_unit_test(groups_balance),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
