/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void a_calendar_ends_where_all_is_closed(void **state)
{
	const athar_claim c = judge_file(&athar_format_ical, "events.ics");

	(void)state;
	judge_end_apart(&athar_format_ical, "events.ics", ATHAR_GRADE_COMPLETE);
	assert_string_equal(claim_field(&c, "count"), "2");
	assert_string_equal(claim_field(&c, "title"), "Meeting, once");
	assert_string_equal(claim_field(&c, "date"), "2024-03-01T12:00:00Z");
	assert_string_equal(claim_field(&c, "software"), "-//athar//EN");
}

static void dates_say_no_more_than_is_there(void **state)
{
	static const char *const cases[][2] = {
		{"DTSTART:20240301T120000Z\n", "2024-03-01T12:00:00Z"},
		{"DTSTART;TZID=Europe/Berlin:20240301T120000\n", "2024-03-01T12:00:00"},
		{"DTSTART;VALUE=DATE:20240301\n", "2024-03-01"},
		{"DTSTART:soon\n", ""},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[200];

		(void)snprintf(text, sizeof text,
		               "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n%sEND:VEVENT\n"
		               "END:VCALENDAR\n",
		               cases[i][0]);
		const athar_claim c = judge_text(&athar_format_ical, text);

		assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
		assert_int_equal(c.length, strlen(text));
		assert_string_equal(claim_field(&c, "date"), cases[i][1]);
	}
}

static void components_must_balance(void **state)
{
	static const char *const broken[] = {
		"BEGIN:VCALENDAR\nX:1\nBEGIN:VEVENT\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nX:1\nBEGIN:VEVENT\nEND:VJOURNAL\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nX:1\nEND:VEVENT\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nX:1\nBEGIN:\nEND:VCALENDAR\n",
		"BEGIN:VCALENDAR\nX:1\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:"
		"A\n"
		"BEGIN:A\nEND:A\n",
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(broken); i++)
		assert_int_equal(judge_text(&athar_format_ical, broken[i]).grade,
		                 ATHAR_GRADE_PARTIAL);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_text_cuts(&athar_format_ical, "events.ics", 2);
	judge_foreign(&athar_format_ical, "events.ics", 64, 40, true);
	judge_noise(&athar_format_ical, "events.ics", 60);
	judge_flips(&athar_format_ical, "events.ics");
	judge_time(&athar_format_ical, "BEGIN:VCALENDAR\nX:1\n", 20, "BEGIN:A\nEND:A\n", 14);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_calendar_ends_where_all_is_closed),
		cmocka_unit_test(dates_say_no_more_than_is_there),
		cmocka_unit_test(components_must_balance),
		cmocka_unit_test(damage_shows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
