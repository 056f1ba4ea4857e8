/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What athar-case(5) tells an expert of the other side to type, typed: the shell text is taken from
 * the page itself.
 */
#include "case/exhibit.h"
#include "case/run.h"
#include "case_support.h"

/* The lines between ".\" begin NAME" and ".\" end NAME", without the macros, into top/NAME. */
static void extract(const fixture *f, const char *name)
{
	char command[700];

	snprintf(command, sizeof command,
	         "sed -e '1,/^\\.\\\\\" begin %s$/d' -e '/^\\.\\\\\" end %s$/,$d' '%s' | "
	         "sed -e '/^\\./d' -e 's/\\\\e/\\\\/g' > %s && test -s %s",
	         name, name, ATHAR_MAN "/athar-case.5", name, name);
	assert_shell(f, command, "");
}

/* What the text prints in the case's folder. */
static char *run_text(const fixture *f, const char *name)
{
	char command[100];
	int status = 0;

	extract(f, name);
	snprintf(command, sizeof command, "cd c && bash ../%s", name);
	return shell(f, command, &status);
}

static void expect(const fixture *f, const char *name, const char *printed)
{
	char *out = run_text(f, name);

	assert_string_equal(out, printed);
	free(out);
}

static void expect_chain(const fixture *f, const char *breaks, const char *end)
{
	athar_custody_state state;
	athar_error err = ATHAR_ERROR_INIT;
	char text[400];

	assert_ok(athar_custody_check(&state, f->folder, &err), err);
	/* Both judges agree. */
	assert_true((state.broken_at == 0) == (breaks[0] == '\0'));
	snprintf(text, sizeof text, "%s%llu lines, head %s%s\n", breaks,
	         (unsigned long long)state.lines, state.head, end);
	expect(f, "check-chain", text);
}

static void note(athar_case *c, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_note(c, "م/٣", text, &err), err);
}

static athar_case *case_of_five_lines(fixture *f)
{
	athar_case *c = fixture_case(f, "{\"number\":\"2026/117\"}");

	note(c, "one \\ \" $x `y` \xe2\x80\xae");
	note(c, "two");
	note(c, "three  with  blanks ");
	note(c, "four");
	return c;
}

static bool have_tools(void)
{
	return have("jq") && have("bash") && have("sha256sum") && have("xargs");
}

static void test_the_chain_check_of_the_page(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (!have_tools())
		skip();
	c = case_of_five_lines(f);
	expect_chain(f, "", "");
	assert_shell(f, "cp c/custody.jsonl all && sed -i '2s/one/0ne/' c/custody.jsonl", "");
	expect_chain(f, "line 3 does not follow line 2\n", "");
	assert_shell(f, "sed 3d all > c/custody.jsonl", "");
	expect_chain(f,
	             "line 3 does not follow line 2\nline 3: its seq is 4\nline 4: its seq is 5\n",
	             "");
	assert_shell(f, "sed '3s/.*/{}/' all > c/custody.jsonl", "");
	expect_chain(f, "line 4 does not follow line 3\nline 4: a line before it is no record\n",
	             "");
}

static void test_the_chain_check_of_a_torn_log(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (!have_tools())
		skip();
	c = case_of_five_lines(f);
	assert_shell(f, "truncate -s -50 c/custody.jsonl", "");
	expect_chain(f, "", ", the last line is torn");
	note(c, "five");
	expect_chain(f, "", "");
	assert_shell(f, "cp c/custody.jsonl all && sed -i '5s/four/f0ur/' c/custody.jsonl", "");
	expect_chain(f, "line 6 does not follow line 5\nline 6: a line before it is no record\n",
	             "");
	assert_shell(f, "sed '4s/three/thr33/' all > c/custody.jsonl", "");
	expect_chain(f, "line 6: a line before it is no record\n", "");
}

/* An exhibit with a run of one deleted file, in the log; the actions that were begun. */
static void work(athar_case *c)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	static const char label[] = "{\"id\":\"3-1\",\"v\":1}";
	athar_json *made = NULL, *found = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t begin = 0, left = 0;
	bool is_new = false;

	assert_ok(athar_custody_begin(&begin, c, "acquire", "3-1", NULL, &err), err);
	assert_ok(athar_exhibit_new(&x, c, "3-1", &err), err);
	assert_ok(athar_exhibit_save(x, "exhibit.json", label, strlen(label), &err), err);
	assert_ok(athar_exhibit_commit(&made, x, NULL, &err), err);
	assert_ok(athar_custody_end(c, begin, "acquire", "3-1", "done", made, NULL, &err), err);
	assert_ok(athar_custody_begin(&left, c, "carve", "3-1", NULL, &err), err);
	assert_ok(athar_custody_begin(&begin, c, "carve", "3-1", NULL, &err), err);
	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	item.state = ATHAR_STATE_DELETED;
	item.path = (uint8_t *)strdup("DCIM/a.jpg");
	item.path_len = 10;
	assert_ok(athar_run_content_begin(w, &err), err);
	assert_ok(athar_run_content_write(w, "abc", 3, &err), err);
	assert_ok(athar_run_add(w, &item, "jpg", &is_new, &err), err);
	assert_ok(athar_run_commit(&found, w, athar_json_object(), &err), err);
	assert_ok(athar_custody_end(c, begin, "carve", "3-1", "done", found, NULL, &err), err);
}

static void test_the_other_examples_of_the_page(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;
	char *out;

	if (!have_tools())
		skip();
	c = fixture_case(f, "{}");
	work(c);
	expect(f, "check-files", "");
	expect(f, "open-actions", "4\n");
	expect(f, "deleted", "DCIM/a.jpg\trecovered/000/000001.jpg\n");
	assert_shell(f, "cd c/3-1/carve-001 && sha256sum --quiet -c manifest.sha256", "");
	assert_shell(f, "echo >> c/3-1/carve-001/items.jsonl", "");
	out = run_text(f, "check-files");
	assert_non_null(strstr(out, "3-1/carve-001/items.jsonl: FAILED"));
	free(out);
}

/* Every member that athar writes is in the page. */
static void test_every_member_is_in_the_page(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = NULL;

	if (!have_tools())
		skip();
	c = fixture_case(f, "{}");
	work(c);
	assert_shell(f,
	             "cat c/case.json c/custody.jsonl c/3-1/exhibit.json c/3-1/carve-001/*.json "
	             "c/3-1/carve-001/items.jsonl | jq -r '.. | objects | keys[]' | sort -u > k; "
	             "for k in $(cat k); do grep -qw -- \"$k\" '" ATHAR_MAN
	             "/athar-case.5' || echo $k; done",
	             "md5\n");
}

static void test_the_page_is_clean(void **state)
{
	fixture *f = *state;

	if (!have("mandoc"))
		skip();
	assert_shell(f, "mandoc -Tlint -Wwarning '" ATHAR_MAN "/athar-case.5'", "");
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_the_chain_check_of_the_page),
		CASE_TEST(test_the_chain_check_of_a_torn_log),
		CASE_TEST(test_the_other_examples_of_the_page),
		CASE_TEST(test_every_member_is_in_the_page),
		CASE_TEST(test_the_page_is_clean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
