/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void the_end_tag_ends_it(void **state)
{
	const athar_claim c = judge_file(&athar_format_html, "page.html");

	(void)state;
	judge_end(&athar_format_html, "page.html", ATHAR_GRADE_COMPLETE);
	assert_string_equal(claim_field(&c, "title"), "A page");
}

static void only_the_end_tag_ends_it(void **state)
{
	static const struct {
		const char *text;
		bool ours;
		athar_grade grade;
		size_t len; /* 0: all */
	} cases[] = {
		{"<html></html>", true, ATHAR_GRADE_COMPLETE, 0},
		{"\xEF\xBB\xBF<HTML>\r\n</HTML>\r\n\r\n", true, ATHAR_GRADE_COMPLETE, 0},
		{"\n<!doctype html\n>x</html >", true, ATHAR_GRADE_COMPLETE, 0},
		{"<html></html> text", true, ATHAR_GRADE_COMPLETE, 13},
		{"<html></html> <!-- x ->", true, ATHAR_GRADE_COMPLETE, 13},
		{"<html></html> <!-- -- --->\n<p>", true, ATHAR_GRADE_COMPLETE, 27},
		{"<html><!-- </html>", true, ATHAR_GRADE_PARTIAL, 0},
		{"<html><a x=\"</html>\">", true, ATHAR_GRADE_PARTIAL, 0},
		{"<html><a x=don't></html>", true, ATHAR_GRADE_COMPLETE, 0},
		{"<html><style></html></style></html>", true, ATHAR_GRADE_COMPLETE, 0},
		{"<html><textarea></html></textarea ></html>", true, ATHAR_GRADE_COMPLETE, 0},
		{"<html>< /html></ html></html5>", true, ATHAR_GRADE_PARTIAL, 0},
		{"<html></html", true, ATHAR_GRADE_PARTIAL, 0},
		{"<html>\1</html>", true, ATHAR_GRADE_PARTIAL, 6},
		{"<htmlx>", false, ATHAR_GRADE_HEADER, 0},
		{"<!DOCTYPE svg>", false, ATHAR_GRADE_HEADER, 0},
		{"<!DOCTYPE html", false, ATHAR_GRADE_HEADER, 0},
		{"", false, ATHAR_GRADE_HEADER, 0},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_text(&athar_format_html, cases[i].text);

		assert_int_equal(c.ours, cases[i].ours);
		assert_int_equal(c.grade, cases[i].grade);
		if (c.ours)
			assert_int_equal(c.length,
			                 cases[i].len != 0 ? cases[i].len : strlen(cases[i].text));
	}
}

static void a_page_without_end_tag_is_open(void **state)
{
	const athar_claim c = judge_text(&athar_format_html, "<!DOCTYPE html>\n<p>x\n");

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.open);
	assert_int_equal(c.proven, c.length);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_noise(&athar_format_html, "page.html", 40);
	judge_flips(&athar_format_html, "page.html");
	judge_time(&athar_format_html, "<html>", 6, "<a b=c>", 7);
	judge_time(&athar_format_html, "<html>", 6, "<!----><script></script>", 24);
	judge_time(&athar_format_html, "<html></html>", 13, "<!---->", 7);
	judge_time(&athar_format_html, "<html></html>", 13, " ", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_end_tag_ends_it),
		cmocka_unit_test(only_the_end_tag_ends_it),
		cmocka_unit_test(a_page_without_end_tag_is_open),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
