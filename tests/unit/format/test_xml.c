/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

#define DECLARED "<?xml version=\"1.0\"?>"

static void the_first_element_ends_it(void **state)
{
	const athar_claim gpx = judge_file(&athar_format_xml, "track.gpx");
	const athar_claim plist = judge_file(&athar_format_xml, "list.plist");

	(void)state;
	judge_end_apart(&athar_format_xml, "track.gpx", ATHAR_GRADE_COMPLETE);
	judge_end_apart(&athar_format_xml, "list.plist", ATHAR_GRADE_COMPLETE);
	assert_string_equal(gpx.subtype, "gpx");
	assert_string_equal(claim_field(&gpx, "name"), "Home & away");
	assert_string_equal(plist.extension, "plist");
}

/* XML 1.0, fifth edition: what is well-formed, and what is not. */
static void documents_are_well_formed(void **state)
{
	static const struct {
		const char *text;
		athar_grade grade;
		size_t behind; /* bytes that do not belong to it */
	} cases[] = {
		{"<a/>", ATHAR_GRADE_COMPLETE, 0},
		{"<a></a>\r\n\r\n", ATHAR_GRADE_COMPLETE, 0},
		{"<a></a>\n<a></a>", ATHAR_GRADE_COMPLETE, 7},
		{"<a></a> <?p q?><!-- x -->\n", ATHAR_GRADE_COMPLETE, 0},
		{"<a></a> <!-- x", ATHAR_GRADE_COMPLETE, 7},
		{"<a b='>' c = \"'\"><d:e-f.g/>&amp;&#65;&#x41;</a >", ATHAR_GRADE_COMPLETE, 0},
		{"<!DOCTYPE a [<!ELEMENT a (b)>]><a><b/></a>", ATHAR_GRADE_COMPLETE, 0},
		{"<a><![CDATA[<b>]]]></a>", ATHAR_GRADE_COMPLETE, 0},
		{"<\xC3\xA4>\xE2\x82\xAC</\xC3\xA4>", ATHAR_GRADE_COMPLETE, 0},
		{"<a><b></a></b>", ATHAR_GRADE_PARTIAL, 4},
		{"<a></b>", ATHAR_GRADE_PARTIAL, 0},
		{"<a b></a>", ATHAR_GRADE_PARTIAL, 4},
		{"<a b=c></a>", ATHAR_GRADE_PARTIAL, 5},
		{"<a b='<'></a>", ATHAR_GRADE_PARTIAL, 6},
		{"<a>&</a>", ATHAR_GRADE_PARTIAL, 3},
		{"<a>&b c;</a>", ATHAR_GRADE_PARTIAL, 6},
		{"<a>\xE4</a>", ATHAR_GRADE_PARTIAL, 5},
		{"<a>", ATHAR_GRADE_PARTIAL, 0},
		{"text<a/>", ATHAR_GRADE_PARTIAL, 7},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[300];

		(void)snprintf(text, sizeof text, DECLARED "%s", cases[i].text);
		const athar_claim c = judge_text(&athar_format_xml, text);

		assert_true(c.ours);
		assert_int_equal(c.grade, cases[i].grade);
		assert_int_equal(c.length, strlen(text) - cases[i].behind);
	}
}

static void the_declaration_says_which_characters(void **state)
{
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xE4</a>", true},
		{"<?xml version='1.0' encoding='utf-8'?><a>\xE4</a>", false},
		{"\xEF\xBB\xBF<?xml version='1.0'?><a>\xC3\xA4</a>", true},
		{"<?xml version='1.0' encoding='windows-1252'?><a>\1</a>", false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++)
		assert_int_equal(judge_text(&athar_format_xml, cases[i].text).grade,
		                 cases[i].good ? ATHAR_GRADE_COMPLETE : ATHAR_GRADE_PARTIAL);
}

static void some_kinds_need_no_declaration(void **state)
{
	static const char svg[] = "<svg xmlns='x'><title>A</title></svg>\n";
	const athar_claim c = judge_text(&athar_format_xml, svg);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, strlen(svg));
	assert_string_equal(c.subtype, "svg");
	assert_string_equal(claim_field(&c, "title"), "A");
	assert_false(judge_text(&athar_format_xml, "<svgx y='z'></svgx>").ours);
	assert_false(judge_text(&athar_format_xml, "<svg is what he said to me").ours);
	assert_false(judge_text(&athar_format_xml, "<?xml version=\1?><a></a>").ours);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_foreign(&athar_format_xml, "track.gpx", 64, 40, true);
	judge_noise(&athar_format_xml, "track.gpx", 60);
	judge_flips(&athar_format_xml, "track.gpx");
	judge_flips(&athar_format_xml, "list.plist");
}

static void documents_take_linear_time(void **state)
{
	(void)state;
	judge_time(&athar_format_xml, DECLARED "<a>", 24, "<b></b>", 7);
	judge_time(&athar_format_xml, DECLARED "<a>", 24, "<b>", 3);
	judge_time(&athar_format_xml, DECLARED "<a/>", 25, "<?p?>", 5);
	judge_time(&athar_format_xml, DECLARED "<a/>", 25, " ", 1);
	judge_time(&athar_format_xml, "<?xml ", 6, "x", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_element_ends_it),
		cmocka_unit_test(documents_are_well_formed),
		cmocka_unit_test(the_declaration_says_which_characters),
		cmocka_unit_test(some_kinds_need_no_declaration),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(documents_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
