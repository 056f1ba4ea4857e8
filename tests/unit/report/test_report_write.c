/* SPDX-License-Identifier: BSD-2-Clause */
/* A report as a file of the case: new, private, logged with its hash, never over another. */
#include "sample.h"

#include <sys/stat.h>

#include "base/files.h"
#include "digest/digest.h"

static char *load(const char *path)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *text = NULL;
	size_t len = 0;

	assert_ok(athar_file_load(&text, &len, path, 64u << 20, &err), err);
	return (char *)text;
}

static char *load_log(const sample *s)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = athar_join(s->folder, "custody.jsonl", &err);
	char *text = load(path);

	free(path);
	return text;
}

static athar_status write_one(char **path, const sample *s, const char *format, const char *to,
                              athar_error *err)
{
	athar_case *c = NULL;
	athar_status status;

	assert_ok(athar_case_open(&c, s->folder, &s->context, err), *err);
	status = athar_report_write(path, c, format, to, err);
	athar_case_close(c);
	return status;
}

static void every_format_is_written_and_logged_with_its_hash(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	for (const char *const *format = athar_report_formats(); *format != NULL; format++) {
		char *path = NULL, *rendered = sample_render(&s, *format, NULL), *file, *log;
		struct stat st;
		char hex[65];

		assert_ok(write_one(&path, &s, *format, NULL, &err), err);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_mode & 07777, 0600);
		assert_non_null(strstr(path, "/reports/report-"));
		file = load(path);
		assert_string_equal(file, rendered);
		assert_ok(athar_digest_sha256(hex, file, strlen(file), &err), err);
		log = load_log(&s);
		assert_int_equal(sample_count(log, hex), 1);
		free(log);
		free(file);
		free(rendered);
		free(path);
	}
	sample_remove(&s);
}

static void a_draft_stands_and_says_so(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = NULL, *log;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	assert_status(write_one(&path, &s, "text", NULL, &err), ATHAR_EINCOMPLETE, err);
	assert_non_null(strstr(err.text, "case.number"));
	assert_int_equal(access(path, R_OK), 0);
	log = load_log(&s);
	assert_non_null(strstr(log, "\"result\":\"incomplete\""));
	free(log);
	free(path);
	sample_remove(&s);
}

static void a_broken_chain_is_a_mismatch_and_the_report_stands(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = NULL, *text;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){0});
	sample_break_chain(&s);
	assert_status(write_one(&path, &s, "text", NULL, &err), ATHAR_EMISMATCH, err);
	text = load(path);
	assert_non_null(strstr(text, "THE CUSTODY LOG IS BROKEN at line 2"));
	free(text);
	free(path);
	sample_remove(&s);
}

static void nothing_is_overwritten(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = NULL, *again = NULL, *before, *after, *log;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	assert_ok(write_one(&path, &s, "html", NULL, &err), err);
	before = load(path);
	log = load_log(&s);
	s.time += 60;
	assert_status(write_one(&again, &s, "html", NULL, &err), ATHAR_EREFUSED, err);
	assert_null(again);
	after = load(path);
	assert_string_equal(before, after);
	free(after);
	/* A refusal leaves the log alone too. */
	after = load_log(&s);
	assert_string_equal(log, after);
	free(after);
	free(log);
	free(before);
	free(path);
	sample_remove(&s);
}

static void a_file_of_the_examiners_choice(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = NULL, *asked, *log;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	asked = athar_join(s.top, "court.html", &err);
	assert_ok(write_one(&path, &s, "html", asked, &err), err);
	assert_string_equal(path, asked);
	assert_int_equal(access(asked, R_OK), 0);
	/* Files of the log are named from the case folder on, and this is none of them. */
	log = load_log(&s);
	assert_non_null(strstr(log, "\"files\":[]"));
	assert_non_null(strstr(log, "\"outside\":{\"name\":"));
	free(log);
	free(path);
	free(asked);
	sample_remove(&s);
}

static void what_an_interrupted_report_left_is_not_taken(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *path = NULL, *asked, *partial, *log;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	asked = athar_join(s.top, "court.html", &err);
	partial = sample_save(&s, "court.html.partial", "half");
	assert_status(write_one(&path, &s, "html", asked, &err), ATHAR_EREFUSED, err);
	assert_int_not_equal(access(asked, F_OK), 0);
	assert_int_equal(access(partial, F_OK), 0);
	log = load_log(&s);
	assert_non_null(strstr(log, "\"result\":\"refused\""));
	free(log);
	free(partial);
	free(asked);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_format_is_written_and_logged_with_its_hash),
		cmocka_unit_test(a_draft_stands_and_says_so),
		cmocka_unit_test(a_broken_chain_is_a_mismatch_and_the_report_stands),
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(a_file_of_the_examiners_choice),
		cmocka_unit_test(what_an_interrupted_report_left_is_not_taken),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
