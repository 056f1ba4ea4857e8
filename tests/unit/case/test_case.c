/* SPDX-License-Identifier: BSD-2-Clause */
/* The case folder: made, opened, changed, refused. */
#include <fcntl.h>
#include <sys/wait.h>

#include "case_support.h"

static void test_new_case_is_private_and_chained(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{\"number\":\"2026/117\"}");

	assert_string_equal(athar_case_folder(c), f->folder);
	assert_true(athar_case_writable(c));
	assert_true(athar_case_exists(f->folder));
	assert_false(athar_case_exists(f->top));
	assert_string_equal(athar_json_get_text(athar_case_fields(c), "number"), "2026/117");
	assert_shell(f, "stat -c %a c c/case.json c/custody.jsonl", "700\n600\n600\n");
	assert_shell(f, "wc -l < c/custody.jsonl", "1\n");
}

static void test_case_json_is_for_jq(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (!have("jq"))
		skip();
	c = fixture_case(f, "{\"number\":\"1\"}");
	assert_shell(f, "jq -c . c/case.json",
	             "{\"authorities\":[],\"description\":null,\"lab\":{},\"number\":\"1\","
	             "\"people\":[],\"request\":{},\"time_zone\":null,\"v\":1}\n");
	assert_shell(f,
	             "[ $(jq -r .data.sha256 c/custody.jsonl) = "
	             "$(sha256sum < c/case.json | cut -c1-64) ] && echo same",
	             "same\n");
}

static void test_new_refuses_a_folder_with_something_in_it(void **state)
{
	fixture *f = *state;
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_case_new(f->top, NULL, &f->context, &err), ATHAR_OK, err);
	assert_status(athar_case_new(f->top, NULL, &f->context, &err), ATHAR_EREFUSED, err);
	assert_status(athar_case_new("/nonexistent/a", NULL, &f->context, &err), ATHAR_EIO, err);
}

static void test_new_refuses_unknown_members_and_wrong_kinds(void **state)
{
	static const char *const wrong[] = {
		"{\"numbr\":\"1\"}",
		"{\"v\":1}",
		"{\"number\":1}",
		"{\"people\":{}}",
		"{\"people\":[\"me\"]}",
		"{\"request\":[]}",
		"{\"authorities\":[{}]}",
		"{\"authorities\":[{\"number\":\"1\",\"from\":\"22.11.2026\"}]}",
		"{\"authorities\":[{\"number\":\"1\",\"to\":\"2026-11-2x\"}]}",
	};
	fixture *f = *state;

	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		ATHAR_AUTO(json) athar_json *json = NULL;
		athar_error err = ATHAR_ERROR_INIT;

		assert_ok(athar_json_parse(&json, wrong[i], strlen(wrong[i]), &err), err);
		assert_status(athar_case_new(f->folder, json, &f->context, &err), ATHAR_EUSAGE,
		              err);
		assert_int_not_equal(access(f->folder, F_OK), 0);
	}
}

static void test_open_says_what_is_no_case(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_case_open(&c, f->top, &f->context, &err), ATHAR_EUSAGE, err);
	assert_status(athar_case_open_readonly(&c, f->top, &err), ATHAR_EUSAGE, err);
}

static void test_a_newer_case_is_named_as_such(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *made = fixture_case(f, "{}");
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_shell(f, "sed -i 's/\"v\": 1/\"v\": 2/' c/case.json", "");
	assert_status(athar_case_open(&c, f->folder, &f->context, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "newer athar"));
}

static void test_open_refuses_what_others_may_write(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *made = fixture_case(f, "{}");
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_int_equal(chmod(f->folder, 0720), 0);
	assert_status(athar_case_open(&c, f->folder, &f->context, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "chmod go-w"));
	assert_ok(athar_case_open_readonly(&c, f->folder, &err), err);
	athar_case_close(c);
	c = NULL;
	assert_int_equal(chmod(f->folder, 0700), 0);
	assert_shell(f, "chmod 602 c/custody.jsonl", "");
	assert_status(athar_case_open(&c, f->folder, &f->context, &err), ATHAR_EREFUSED, err);
}

static void test_reading_only_adds_nothing(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *made = fixture_case(f, "{}");
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_open_readonly(&c, f->folder, &err), err);
	assert_false(athar_case_writable(c));
	assert_status(athar_case_note(c, NULL, "x", &err), ATHAR_EREFUSED, err);
	assert_shell(f, "wc -l < c/custody.jsonl", "1\n");
}

/* In a process without root and without leave to write: the case opens, lines are refused. */
static void open_without_leave(const fixture *f)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (geteuid() == 0 && setresuid(65534, 65534, 65534) != 0)
		_exit(2);
	if (athar_case_open(&c, f->folder, &f->context, &err) != ATHAR_OK)
		_exit(3);
	if (athar_case_writable(c))
		_exit(4);
	_exit(athar_custody_add(c, "note", NULL, NULL, &err) == ATHAR_EREFUSED ? 0 : 5);
}

static void test_a_medium_that_cannot_be_written_still_opens(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *made = fixture_case(f, "{}");
	int status = 0;
	pid_t child;

	assert_shell(f, "chmod 755 . && chmod 555 c && chmod 444 c/*", "");
	child = fork();
	assert_true(child >= 0);
	if (child == 0)
		open_without_leave(f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_shell(f, "chmod 700 c", "");
	assert_int_equal(status, 0);
}

static void set(athar_case *c, const char *key, const char *value)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_json_parse(&json, value, strlen(value), &err), err);
	assert_ok(athar_case_set(c, key, athar_json_get(json, "x"), &err), err);
}

static void test_set_keeps_old_and_new(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (!have("jq"))
		skip();
	c = fixture_case(f, "{\"description\":\"a\"}");
	set(c, "description", "{\"x\":\"b\"}");
	set(c, "lab.address.city", "{\"x\":\"Manama\"}");
	assert_string_equal(athar_json_get_text(athar_case_fields(c), "description"), "b");
	assert_shell(f, "jq -c '[.description,.lab]' c/case.json",
	             "[\"b\",{\"address\":{\"city\":\"Manama\"}}]\n");
	assert_shell(f,
	             "tail -n 2 c/custody.jsonl | jq -c '[.action,.data.key,.data.old,.data.new]'",
	             "[\"case.set\",\"description\",\"a\",\"b\"]\n"
	             "[\"case.set\",\"lab.address.city\",null,\"Manama\"]\n");
	assert_shell(f,
	             "[ $(tail -n 1 c/custody.jsonl | jq -r .data.sha256) = "
	             "$(sha256sum < c/case.json | cut -c1-64) ] && stat -c %a c/case.json",
	             "600\n");
}

static void test_set_refuses_what_has_no_place(void **state)
{
	static const char *const keys[] = {
		"v", "x.y", "", "lab.", "lab..a", "number.a", "lab.a.b.c.d.e.f.g.h.i"};
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{\"number\":\"1\"}");
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_json_parse(&json, "{\"x\":5}", 7, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(keys); i++)
		assert_status(athar_case_set(c, keys[i], athar_json_get(json, "x"), &err),
		              ATHAR_EUSAGE, err);
	assert_status(athar_case_set(c, "number", athar_json_get(json, "x"), &err), ATHAR_EUSAGE,
	              err);
	assert_status(athar_case_set(c, "number", NULL, &err), ATHAR_EUSAGE, err);
	assert_shell(f, "wc -l < c/custody.jsonl", "1\n");
}

/* A second case of the same folder must not undo what the first one set. */
static void test_set_reads_before_it_writes(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *a = fixture_case(f, "{}");
	ATHAR_AUTO(case) athar_case *b = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_open(&b, f->folder, &f->context, &err), err);
	set(a, "number", "{\"x\":\"7\"}");
	set(b, "description", "{\"x\":\"d\"}");
	assert_string_equal(athar_json_get_text(athar_case_fields(b), "number"), "7");
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_new_case_is_private_and_chained),
		CASE_TEST(test_case_json_is_for_jq),
		CASE_TEST(test_new_refuses_a_folder_with_something_in_it),
		CASE_TEST(test_new_refuses_unknown_members_and_wrong_kinds),
		CASE_TEST(test_open_says_what_is_no_case),
		CASE_TEST(test_a_newer_case_is_named_as_such),
		CASE_TEST(test_open_refuses_what_others_may_write),
		CASE_TEST(test_reading_only_adds_nothing),
		CASE_TEST(test_a_medium_that_cannot_be_written_still_opens),
		CASE_TEST(test_set_keeps_old_and_new),
		CASE_TEST(test_set_refuses_what_has_no_place),
		CASE_TEST(test_set_reads_before_it_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
