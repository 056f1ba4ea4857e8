/* SPDX-License-Identifier: BSD-2-Clause */
/* The custody log: lines, chain, torn ends, two writers. jq and sha256sum are the judges. */
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "case_support.h"

static const char zeros[] = "0000000000000000000000000000000000000000000000000000000000000000";

static athar_custody_state check(const fixture *f)
{
	athar_custody_state state;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_custody_check(&state, f->folder, &err), err);
	return state;
}

static void note(athar_case *c, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_note(c, NULL, text, &err), err);
}

static void test_a_line_is_as_documented(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{\"number\":\"2026/117\"}");
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_note(c, "AB/1", "bag opened", &err), err);
	assert_shell(f, "tail -n 1 c/custody.jsonl | sed 's/\"prev\":\"[0-9a-f]*\"/P/'",
	             "{\"action\":\"note\",\"actor\":{\"examiner\":\"E-014\",\"login\":\"huda\"},"
	             "\"auth\":[],\"case\":\"2026/117\",\"data\":{\"text\":\"bag opened\"},"
	             "\"exhibit\":\"AB/1\",\"host\":{\"boot\":\"b00t\",\"name\":\"ws3\","
	             "\"system\":\"Linux 6.1 x86_64\"},P,\"seq\":2,"
	             "\"time\":\"2026-11-22T23:57:55Z\",\"tool\":{\"name\":\"athar\","
	             "\"sha256\":null,\"version\":\"0.1.0\"},\"v\":1}\n");
}

static void test_the_chain_by_other_tools(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_custody_state s;

	if (!have("jq"))
		skip();
	note(c, "one \xe2\x80\xae two");
	note(c, "three");
	s = check(f);
	assert_int_equal(s.lines, 3);
	assert_int_equal(s.broken_at, 0);
	assert_false(s.torn);
	assert_shell(f,
	             "jq -cS . c/custody.jsonl | sed 's/\xe2\x80\xae/\\\\u202E/' | cmp - "
	             "c/custody.jsonl",
	             "");
	assert_shell(f, "head -n 1 c/custody.jsonl | jq -r .prev | tr -d 0", "\n");
	assert_shell(f,
	             "for n in 1 2; do [ $(sed -n ${n}p c/custody.jsonl | sha256sum | cut -c1-64) "
	             "= $(sed -n $((n+1))p c/custody.jsonl | jq -r .prev) ] && echo same; done",
	             "same\nsame\n");
}

static void test_the_head_is_the_last_lines_hash(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;
	char head[65], expected[66];

	note(c, "x");
	assert_ok(athar_custody_head(head, c, &err), err);
	snprintf(expected, sizeof expected, "%s\n", head);
	assert_shell(f, "tail -n 1 c/custody.jsonl | sha256sum | cut -c1-64", expected);
	assert_string_equal(check(f).head, head);
}

/* Longer than the block in which the log's end is searched. */
static void test_long_lines_are_chained(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	char *text = malloc(70001);

	assert_non_null(text);
	for (size_t len = 4000; len <= 70000; len += 3300) {
		memset(text, 'x', len);
		text[len] = '\0';
		note(c, text);
	}
	free(text);
	assert_int_equal(check(f).lines, 22);
	assert_int_equal(check(f).broken_at, 0);
}

static void test_begin_and_end(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t first = 0, second = 0;

	assert_ok(athar_custody_begin(&first, c, "acquire", "A", NULL, &err), err);
	assert_ok(athar_custody_begin(&second, c, "acquire", "B", athar_json_object(), &err), err);
	assert_int_equal(first, 2);
	assert_int_equal(second, 3);
	assert_int_equal(check(f).open, 2);
	assert_ok(athar_custody_end(c, first, "acquire", "A", ATHAR_RESULT_DONE, NULL, NULL, &err),
	          err);
	assert_int_equal(check(f).open, 1);
	assert_int_equal(check(f).broken_at, 0);
	assert_status(athar_custody_end(c, second, "acquire", "B", "fine", athar_json_array(),
	                                athar_json_object(), &err),
	              ATHAR_EUSAGE, err);
	assert_int_equal(check(f).open, 1);
	if (have("jq"))
		assert_shell(f, "tail -n +2 c/custody.jsonl | jq -c '[.action,.exhibit,.data]'",
		             "[\"acquire.begin\",\"A\",{\"command\":\"athar case new c\"}]\n"
		             "[\"acquire.begin\",\"B\",{\"command\":\"athar case new c\"}]\n"
		             "[\"acquire.end\",\"A\",{\"begin\":2,\"files\":[],"
		             "\"result\":\"done\"}]\n");
}

static void test_an_end_without_a_begin_breaks(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_custody_end(c, 1, "carve", NULL, ATHAR_RESULT_DONE, NULL, NULL, &err), err);
	assert_int_equal(check(f).broken_at, 2);
}

static void test_results_of_failures(void **state)
{
	(void)state;
	assert_string_equal(athar_custody_result(ATHAR_OK), "done");
	assert_string_equal(athar_custody_result(ATHAR_EINCOMPLETE), "incomplete");
	assert_string_equal(athar_custody_result(ATHAR_EMISMATCH), "mismatch");
	assert_string_equal(athar_custody_result(ATHAR_EREFUSED), "refused");
	assert_string_equal(athar_custody_result(ATHAR_ECANCELED), "interrupted");
	assert_string_equal(athar_custody_result(ATHAR_EIO), "failed");
}

/* Each way to change a log of four lines, and the line that no longer follows. */
static void test_what_was_changed_is_named(void **state)
{
	static const struct {
		const char *command;
		uint64_t at;
	} changes[] = {
		{"sed -i '2s/one/0ne/' c/custody.jsonl", 3},
		{"sed -i '2d' c/custody.jsonl", 2},
		{"sed -i '1d' c/custody.jsonl", 1},
		{"sed -i '2{h;d};3{G}' c/custody.jsonl", 2},
		{"sed -i '3{p}' c/custody.jsonl", 4},
		{"sed -i '2s/.*/not a record/' c/custody.jsonl", 2},
		{"sed -i '2s/.*//' c/custody.jsonl", 2},
		{"sed -i '2s/\"seq\":2/\"seq\":7/' c/custody.jsonl", 2},
		{"sed -i '4s/\"auth\":/\"more\":1,\"auth\":/' c/custody.jsonl", 4},
		{"sed -i '4s/\"auth\":..,//' c/custody.jsonl", 4},
		{": > c/custody.jsonl", 1},
		{"rm c/custody.jsonl", 1},
		{"cp case.jsonl c/custody.jsonl", 0},
	};
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	note(c, "one");
	note(c, "two");
	note(c, "three");
	assert_shell(f, "cp c/custody.jsonl case.jsonl", "");
	for (size_t i = 0; i < ATHAR_COUNT(changes); i++) {
		athar_custody_state s;

		assert_shell(f, changes[i].command, "");
		s = check(f);
		if (s.broken_at != changes[i].at)
			print_error("%s: %s\n", changes[i].command, s.why);
		assert_int_equal(s.broken_at, changes[i].at);
		assert_true((s.why[0] != '\0') == (changes[i].at != 0));
		assert_shell(f, "cp case.jsonl c/custody.jsonl", "");
	}
}

static void test_a_torn_line_is_kept_and_answered(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(case) athar_case *again = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_custody_state s;

	note(c, "one");
	note(c, "two");
	assert_shell(f, "truncate -s -40 c/custody.jsonl && tail -n 1 c/custody.jsonl > torn", "");
	s = check(f);
	assert_true(s.torn);
	assert_int_equal(s.lines, 3);
	assert_int_equal(s.broken_at, 0);
	assert_ok(athar_case_open(&again, f->folder, &f->context, &err), err);
	s = check(f);
	assert_false(s.torn);
	assert_int_equal(s.lines, 4);
	assert_int_equal(s.broken_at, 0);
	assert_shell(f, "sed -n 3p c/custody.jsonl | head -c -1 | cmp - torn", "");
	note(again, "three");
	assert_int_equal(check(f).broken_at, 0);
	if (have("jq"))
		assert_shell(
			f,
			"sed -n 4p c/custody.jsonl | jq -r '.action,.data.lines[0].sha256' > r; "
			"{ echo recovery; sed -n 3p c/custody.jsonl | sha256sum | cut -c1-64; } "
			"| cmp - r",
			"");
	assert_shell(f, "sed -i '3s/two/twO/' c/custody.jsonl", "");
	assert_int_equal(check(f).broken_at, 3);
}

/* The line before a torn one is certified by the recovery, not by the torn line. */
static void test_a_torn_line_hides_no_change_before_it(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	note(c, "one");
	note(c, "two");
	assert_shell(f, "truncate -s -40 c/custody.jsonl", "");
	note(c, "three");
	assert_int_equal(check(f).broken_at, 0);
	assert_int_equal(check(f).lines, 5);
	assert_shell(f, "sed -i '2s/one/0ne/' c/custody.jsonl", "");
	assert_int_equal(check(f).broken_at, 3);
}

static void test_a_line_that_lacks_only_its_end(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	note(c, "one");
	assert_shell(f, "truncate -s -1 c/custody.jsonl", "");
	note(c, "two");
	assert_int_equal(check(f).broken_at, 0);
	assert_int_equal(check(f).lines, 4);
}

static void test_a_torn_recovery_is_answered_too(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	note(c, "one");
	assert_shell(f, "printf '{\"action\":\"no\\0te' >> c/custody.jsonl", "");
	note(c, "two");
	assert_shell(f, "head -n 4 c/custody.jsonl | head -c -30 > l && cat l > c/custody.jsonl",
	             "");
	note(c, "three");
	assert_int_equal(check(f).broken_at, 0);
	assert_int_equal(check(f).lines, 6);
}

/* A disk that fills up in the middle of a line, stood in for by a limit on the size of files. */
static void write_at_the_limit(athar_case *c, const fixture *f)
{
	struct rlimit limit;
	athar_error err = ATHAR_ERROR_INIT;
	struct stat st;
	char path[300];

	snprintf(path, sizeof path, "%s/custody.jsonl", f->folder);
	if (stat(path, &st) != 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
		_exit(1);
	limit.rlim_cur = limit.rlim_max = (rlim_t)st.st_size + 30;
	if (setrlimit(RLIMIT_FSIZE, &limit) != 0)
		_exit(2);
	_exit(athar_case_note(c, NULL, "lost", &err) == ATHAR_EIO ? 0 : 3);
}

static void test_a_full_disk_is_told_and_answered(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	int status = 1;
	const pid_t child = fork();

	assert_true(child >= 0);
	if (child == 0)
		write_at_the_limit(c, f);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_true(check(f).torn);
	note(c, "after");
	assert_int_equal(check(f).broken_at, 0);
	assert_int_equal(check(f).lines, 4);
	assert_false(check(f).torn);
}

static void test_text_at_the_end_is_no_torn_line(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;

	assert_shell(f, "seq 100 >> c/custody.jsonl", "");
	assert_status(athar_case_note(c, NULL, "x", &err), ATHAR_EFORMAT, err);
	assert_int_equal(check(f).broken_at, 2);
}

static void test_a_newer_line_is_named_as_such(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_custody_state s;
	athar_error err = ATHAR_ERROR_INIT;

	assert_shell(f, "sed -i 's/\"v\":1}$/\"v\":2}/' c/custody.jsonl", "");
	assert_status(athar_custody_check(&s, f->folder, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "newer athar"));
	assert_status(athar_case_note(c, NULL, "x", &err), ATHAR_EFORMAT, err);
}

static void write_notes(const fixture *f, int count)
{
	ATHAR_AUTO(case) athar_case *c = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_case_open(&c, f->folder, &f->context, &err) != ATHAR_OK)
		_exit(1);
	for (int i = 0; i < count; i++)
		if (athar_case_note(c, NULL, "at once", &err) != ATHAR_OK)
			_exit(2);
	_exit(0);
}

static void test_two_writers_keep_one_chain(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	pid_t children[3];

	for (size_t i = 0; i < ATHAR_COUNT(children); i++) {
		children[i] = fork();
		assert_true(children[i] >= 0);
		if (children[i] == 0)
			write_notes(f, 40);
	}
	for (size_t i = 0; i < ATHAR_COUNT(children); i++) {
		int status = 1;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(check(f).lines, 121);
	assert_int_equal(check(f).broken_at, 0);
}

/* One case, opened before the fork, used on both sides of it. */
static void test_a_case_may_be_used_on_both_sides_of_a_fork(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;
	int status = 1;
	const pid_t child = fork();

	assert_true(child >= 0);
	for (int i = 0; i < 30; i++)
		if (athar_case_note(c, NULL, "x", &err) != ATHAR_OK && child == 0)
			_exit(1);
	if (child == 0)
		_exit(0);
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
	assert_int_equal(check(f).lines, 61);
	assert_int_equal(check(f).broken_at, 0);
}

static void test_authorities_in_force(void **state)
{
	static const char fields[] =
		"{\"time_zone\":\"+03:00\",\"authorities\":["
		"{\"number\":\"always\"},"
		"{\"number\":\"to the 22nd\",\"to\":\"2026-11-22\"},"
		"{\"number\":\"from the 23rd\",\"from\":\"2026-11-23\"},"
		"{\"number\":\"to the second\",\"to\":\"2026-11-22T23:57:55Z\"},"
		"{\"number\":\"too late\",\"from\":\"2026-11-22T23:57:56Z\"}]}";
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, fields);

	if (!have("jq"))
		skip();
	/* 23:57:55 UTC is 02:57:55 of the next day at +03:00. */
	assert_shell(f, "jq -c .auth c/custody.jsonl",
	             "[\"always\",\"from the 23rd\",\"to the second\"]\n");
	f->clock -= 3 * 3600;
	note(c, "x");
	assert_shell(f, "tail -n 1 c/custody.jsonl | jq -c .auth",
	             "[\"always\",\"to the 22nd\",\"to the second\"]\n");
}

struct seen {
	uint64_t lines, last;
};

static athar_status count_line(void *user, uint64_t number, const athar_json *line,
                               athar_error *err)
{
	struct seen *seen = user;

	assert_non_null(athar_json_get_text(line, "action"));
	seen->lines++;
	seen->last = number;
	return number == 3 ? athar_fail(err, ATHAR_ECANCELED, "enough") : ATHAR_OK;
}

static void test_each_stops_where_it_is_told(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;
	struct seen seen = {0, 0};

	note(c, "one");
	assert_ok(athar_custody_each(f->folder, count_line, &seen, &err), err);
	assert_int_equal(seen.lines, 2);
	note(c, "two");
	note(c, "three");
	assert_status(athar_custody_each(f->folder, count_line, &seen, &err), ATHAR_ECANCELED, err);
	assert_int_equal(seen.last, 3);
}

static void test_a_log_without_lines_has_the_zero_head(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	assert_shell(f, ": > c/custody.jsonl", "");
	assert_string_equal(check(f).head, zeros);
}

static void test_an_id_that_is_no_text_is_refused(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_custody_add(c, "note", "\xff", athar_json_object(), &err), ATHAR_EUSAGE,
	              err);
	assert_int_equal(check(f).lines, 1);
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_a_line_is_as_documented),
		CASE_TEST(test_the_chain_by_other_tools),
		CASE_TEST(test_the_head_is_the_last_lines_hash),
		CASE_TEST(test_long_lines_are_chained),
		CASE_TEST(test_begin_and_end),
		CASE_TEST(test_an_end_without_a_begin_breaks),
		CASE_TEST(test_results_of_failures),
		CASE_TEST(test_what_was_changed_is_named),
		CASE_TEST(test_a_torn_line_is_kept_and_answered),
		CASE_TEST(test_a_torn_line_hides_no_change_before_it),
		CASE_TEST(test_a_line_that_lacks_only_its_end),
		CASE_TEST(test_a_torn_recovery_is_answered_too),
		CASE_TEST(test_a_full_disk_is_told_and_answered),
		CASE_TEST(test_text_at_the_end_is_no_torn_line),
		CASE_TEST(test_a_newer_line_is_named_as_such),
		CASE_TEST(test_two_writers_keep_one_chain),
		CASE_TEST(test_a_case_may_be_used_on_both_sides_of_a_fork),
		CASE_TEST(test_authorities_in_force),
		CASE_TEST(test_each_stops_where_it_is_told),
		CASE_TEST(test_a_log_without_lines_has_the_zero_head),
		CASE_TEST(test_an_id_that_is_no_text_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
