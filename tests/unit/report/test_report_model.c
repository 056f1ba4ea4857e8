/* SPDX-License-Identifier: BSD-2-Clause */
/* What is stated and what is not, the id, and what a broken chain does. */
#include "sample.h"

static bool listed(const athar_report *r, const char *name)
{
	for (const char *const *at = athar_report_not_stated(r); *at != NULL; at++)
		if (strcmp(*at, name) == 0)
			return true;
	return false;
}

static void every_field_nobody_stated_is_listed(void **state)
{
	static const char *const names[] = {
		"case.number",
		"case.description",
		"case.time_zone",
		"request.authority",
		"request.number",
		"request.date",
		"request.questions",
		"authorities",
		"lab.name",
		"lab.address",
		"lab.accreditation",
		"examiner",
		"exhibit 3-1: description",
		"exhibit 3-1: seal",
		"exhibit 3-1: condition",
		"exhibit 3-1: write blocker",
	};
	athar_error err = ATHAR_ERROR_INIT;
	athar_report *r = NULL;
	size_t count = 0;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	assert_ok(athar_report_load(&r, s.folder, &s.context, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(names); i++)
		assert_string_equal(athar_report_not_stated(r)[i], names[i]);
	while (athar_report_not_stated(r)[count] != NULL)
		count++;
	assert_int_equal(count, ATHAR_COUNT(names));
	athar_report_free(r);
	sample_remove(&s);
}

static void a_field_that_is_stated_is_not_listed(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_report *r = NULL;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	assert_ok(athar_report_load(&r, s.folder, &s.context, &err), err);
	assert_null(athar_report_not_stated(r)[0]);
	athar_report_free(r);
	sample_remove(&s);
}

static void blanks_state_nothing(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *holder = athar_json_object();
	athar_case *c = NULL;
	athar_report *r = NULL;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	athar_json_set_text(holder, "blank", " \t");
	assert_ok(athar_case_open(&c, s.folder, &s.context, &err), err);
	assert_ok(athar_case_set(c, "lab.name", athar_json_get(holder, "blank"), &err), err);
	athar_case_close(c);
	assert_ok(athar_report_load(&r, s.folder, &s.context, &err), err);
	assert_true(listed(r, "lab.name"));
	assert_false(listed(r, "lab.address"));
	athar_report_free(r);
	athar_json_free(holder);
	sample_remove(&s);
}

static void id_is_the_same_in_every_format_and_at_any_time(void **state)
{
	char first[17], id[17];
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.hostile = true});
	free(sample_render(&s, "text", first));
	assert_int_equal(strspn(first, "0123456789abcdef"), 16);
	for (const char *const *format = athar_report_formats(); *format != NULL; format++) {
		char *text;

		s.time += 86400;
		text = sample_render(&s, *format, id);
		assert_string_equal(id, first);
		assert_non_null(strstr(text, first));
		free(text);
	}
	sample_remove(&s);
}

static void id_changes_with_the_content(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_case *c = NULL;
	char first[17], second[17];
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	free(sample_render(&s, "text", first));
	assert_ok(athar_case_open(&c, s.folder, &s.context, &err), err);
	assert_ok(athar_case_note(c, NULL, "one more line", &err), err);
	athar_case_close(c);
	free(sample_render(&s, "text", second));
	assert_string_not_equal(first, second);
	sample_remove(&s);
}

/* Else a second format of the same content would be another report. */
static void writing_a_report_does_not_change_the_next_one(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_case *c = NULL;
	char first[17], second[17];
	char *before, *after;
	uint64_t begin = 0;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	before = sample_render(&s, "text", first);
	assert_ok(athar_case_open(&c, s.folder, &s.context, &err), err);
	assert_ok(athar_custody_begin(&begin, c, "report", NULL, NULL, &err), err);
	assert_ok(athar_custody_end(c, begin, "report", NULL, ATHAR_RESULT_DONE, NULL, NULL, &err),
	          err);
	athar_case_close(c);
	after = sample_render(&s, "text", second);
	assert_string_equal(first, second);
	assert_null(strstr(after, "report.begin"));
	free(before);
	free(after);
	sample_remove(&s);
}

static void same_case_gives_same_bytes(void **state)
{
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.hostile = true, .gaps = true});
	for (const char *const *format = athar_report_formats(); *format != NULL; format++) {
		char *a = sample_render(&s, *format, NULL);
		char *b = sample_render(&s, *format, NULL);

		assert_string_equal(a, b);
		free(a);
		free(b);
	}
	sample_remove(&s);
}

static void unknown_format_is_refused_with_those_there_are(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_report *r = NULL;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	assert_ok(athar_report_load(&r, s.folder, &s.context, &err), err);
	assert_status(athar_report_render(r, "pdf", stdout, &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "html"));
	athar_report_free(r);
	sample_remove(&s);
}

/* The report stands, and says what it lacks. */
static void a_record_that_cannot_be_read_is_a_problem_of_the_report(void **state)
{
	char command[4400];
	char *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	(void)snprintf(command, sizeof command,
	               "sed -i '2s/grade/graze/' '%s/3-1/carve-001/items.jsonl'", s.folder);
	assert_int_equal(system(command), 0);
	text = sample_render(&s, "text", NULL);
	assert_non_null(strstr(text, "Records of the case that could not be read"));
	assert_non_null(strstr(text, "3-1/carve-001/items.jsonl"));
	assert_non_null(strstr(text, "DCIM/IMG_0001.JPG"));
	free(text);
	text = sample_render(&s, "json", NULL);
	assert_non_null(strstr(text, "\"type\":\"problem\""));
	free(text);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_field_nobody_stated_is_listed),
		cmocka_unit_test(a_field_that_is_stated_is_not_listed),
		cmocka_unit_test(blanks_state_nothing),
		cmocka_unit_test(id_is_the_same_in_every_format_and_at_any_time),
		cmocka_unit_test(id_changes_with_the_content),
		cmocka_unit_test(writing_a_report_does_not_change_the_next_one),
		cmocka_unit_test(same_case_gives_same_bytes),
		cmocka_unit_test(unknown_format_is_refused_with_those_there_are),
		cmocka_unit_test(a_record_that_cannot_be_read_is_a_problem_of_the_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
