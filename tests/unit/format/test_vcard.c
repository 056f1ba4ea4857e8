/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

#define CARD "BEGIN:VCARD\r\nVERSION:3.0\r\nN:Athar;;;;\r\nFN:Athar\r\nEND:VCARD\r\n"

static void cards_end_behind_the_last_one(void **state)
{
	(void)state;
	judge_end_apart(&athar_format_vcard, "contacts.vcf", ATHAR_GRADE_COMPLETE);
	judge_end_apart(&athar_format_vcard, "old.vcf", ATHAR_GRADE_COMPLETE);
}

static void cards_follow_one_another(void **state)
{
	const athar_claim three = judge_text(&athar_format_vcard, CARD CARD "\r\n" CARD);
	const athar_claim apart =
		judge_text(&athar_format_vcard, CARD "BEGIN:VCALENDAR\r\nX:1\r\n");
	const athar_claim half = judge_text(&athar_format_vcard, CARD "BEGIN:VCARD\r\nN:A\r\n");

	(void)state;
	assert_int_equal(three.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(three.length, strlen(CARD CARD "\r\n" CARD));
	assert_string_equal(claim_field(&three, "count"), "3");
	assert_int_equal(apart.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(apart.length, strlen(CARD));
	assert_int_equal(half.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(half.length, strlen(CARD "BEGIN:VCARD\r\nN:A\r\n"));
	assert_string_equal(claim_field(&half, "count"), "1");
}

static void names_are_what_they_say(void **state)
{
	static const char *const cases[][2] = {
		{"FN:Ada\\, Countess\r\n", "Ada, Countess"},
		{"FN;CHARSET=UTF-8;ENCODING=QUOTED-PRINTABLE:=D8=A3=D8=AB=D8=B1\r\n", "أثر"},
		{"item1.FN;X=\"a:b\":Ada\r\n", "Ada"},
		{"fn:Ada\r\n", "Ada"},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[200];

		(void)snprintf(text, sizeof text, "BEGIN:VCARD\r\n%sEND:VCARD\r\n", cases[i][0]);
		const athar_claim c = judge_text(&athar_format_vcard, text);

		assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
		assert_string_equal(claim_field(&c, "name"), cases[i][1]);
	}
}

/* What stands between two good lines, and whether the card still closes. */
static void only_properties_go_on(void **state)
{
	static const struct {
		const char *line;
		bool good;
	} cases[] = {
		{"NOTE:a\r\n b\r\n\tc\r\n", true},
		{"PHOTO;ENCODING=BASE64;TYPE=JPEG:\r\n/9j/4AAQ\r\nAAA=\r\n\r\n", true},
		{"NOTE;ENCODING=QUOTED-PRINTABLE:a=\r\nb=\r\nc\r\n", true},
		{"AGENT:\r\nBEGIN:VCARD\r\nN:A\r\nEND:VCARD\r\n", true},
		{"NOTE:na\xC3\xAFve \xE2\x82\xAC\r\n", true},
		{"NOTE:na\xEFve\r\n", true},
		{"NOTE:\xC3\xAF then \xEF\r\n", false},
		{"no property at all\r\n", false},
		{"BEGIN:VALARM\r\n", false},
		{"END:VALARM\r\n", false},
		{"NOTE:\1\r\n", false},
		{":x\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[300];

		(void)snprintf(text, sizeof text, "BEGIN:VCARD\r\nN:A\r\n%sEND:VCARD\r\n",
		               cases[i].line);
		const athar_claim c = judge_text(&athar_format_vcard, text);

		assert_true(c.ours);
		assert_int_equal(c.grade,
		                 cases[i].good ? ATHAR_GRADE_COMPLETE : ATHAR_GRADE_PARTIAL);
		if (cases[i].good)
			assert_int_equal(c.length, strlen(text));
	}
}

static void a_card_needs_a_property(void **state)
{
	static const char *const none[] = {"BEGIN:VCARD", "BEGIN:VCARD\r\n", "BEGIN:VCARDS\r\nN:A",
	                                   "BEGIN:VCARD\r\nnothing\r\n", "BEGIN:VCARD\r\nN:A"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(none); i++)
		assert_false(judge_text(&athar_format_vcard, none[i]).ours);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_text_cuts(&athar_format_vcard, "old.vcf", 2);
	judge_foreign(&athar_format_vcard, "contacts.vcf", 512, 20, true);
	judge_noise(&athar_format_vcard, "contacts.vcf", 100);
	judge_flips(&athar_format_vcard, "contacts.vcf");
	judge_flips(&athar_format_vcard, "old.vcf");
}

static void cards_take_linear_time(void **state)
{
	(void)state;
	judge_time(&athar_format_vcard, CARD, strlen(CARD), CARD, strlen(CARD));
	judge_time(&athar_format_vcard, "BEGIN:VCARD\n", 12, "BEGIN:VCARD\nN:\nEND:VCARD\n", 25);
	judge_time(&athar_format_vcard, "BEGIN:VCARD\nN:A\n", 16, "X", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cards_end_behind_the_last_one),
		cmocka_unit_test(cards_follow_one_another),
		cmocka_unit_test(names_are_what_they_say),
		cmocka_unit_test(only_properties_go_on),
		cmocka_unit_test(a_card_needs_a_property),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(cards_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
