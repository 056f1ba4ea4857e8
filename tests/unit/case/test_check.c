/* SPDX-License-Identifier: BSD-2-Clause */
/* Files of a case held against their records. */
#include "case/check.h"
#include "case/exhibit.h"
#include "case/run.h"
#include "case_support.h"

static void save(athar_exhibit *x, const char *name, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_save(x, name, text, strlen(text), &err), err);
}

/* An exhibit "1" with an image of two files, one without a hash, logged. */
static void acquire(fixture *f, athar_case *c)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(json) athar_json *known = athar_json_object();
	athar_json *files = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t begin = 0;

	assert_ok(athar_custody_begin(&begin, c, "acquire", "1", NULL, &err), err);
	assert_ok(athar_exhibit_new(&x, c, "1", &err), err);
	save(x, "exhibit.json", "{\"id\":\"1\",\"v\":1}");
	assert_shell(f, "printf abc > c/1.partial/1.E01; printf more > c/1.partial/1.E02", "");
	athar_json_set_text(known, "1.E01",
	                    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	assert_ok(athar_exhibit_commit(&files, x, known, &err), err);
	assert_ok(athar_custody_end(c, begin, "acquire", "1", ATHAR_RESULT_DONE, files, NULL, &err),
	          err);
}

/* A run with two recovered files, logged. */
static void carve(athar_case *c)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_json *files = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t begin = 0;

	assert_ok(athar_custody_begin(&begin, c, "carve", "1", NULL, &err), err);
	assert_ok(athar_run_new(&w, c, "1", &err), err);
	for (int i = 0; i < 2; i++) {
		ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
		bool is_new = false;

		assert_ok(athar_run_content_begin(w, &err), err);
		assert_ok(athar_run_content_write(w, i == 0 ? "a" : "b", 1, &err), err);
		assert_ok(athar_run_add(w, &item, "x", &is_new, &err), err);
	}
	assert_ok(athar_run_commit(&files, w, athar_json_object(), &err), err);
	assert_ok(athar_custody_end(c, begin, "carve", "1", ATHAR_RESULT_DONE, files, NULL, &err),
	          err);
}

static athar_status write_row(void *user, const char *name, athar_file_check check,
                              const char *detail, athar_error *err)
{
	static const char letters[] = "SDMEOF";
	char *all = user;

	(void)err;
	assert_true((detail == NULL) == (check == ATHAR_FILE_SAME));
	snprintf(all + strlen(all), 1000 - strlen(all), "%c %s\n", letters[check], name);
	return ATHAR_OK;
}

static bool no_image(void *user, const char *name)
{
	(void)user;
	return strstr(name, ".E0") == NULL;
}

static void expect_exhibit(const athar_case *c, const char *slug, const char *rows)
{
	char all[1000] = "";
	const athar_file_checks checks = {write_row, NULL, all};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_check(c, slug, &checks, &err), err);
	assert_string_equal(all, rows);
}

static void expect_run(const athar_case *c, const char *rows)
{
	char all[1000] = "";
	const athar_file_checks checks = {write_row, NULL, all};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_check(c, "1", "carve-001", &checks, &err), err);
	assert_string_equal(all, rows);
}

#define RUN_ROWS \
	"S 1/carve-001/findings.jsonl\nS 1/carve-001/items.jsonl\nS 1/carve-001/run.json\n" \
	"S 1/carve-001/volumes.json\nS 1/carve-001/manifest.sha256\n"

static void test_what_the_log_tells_of(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	char all[1000] = "";
	const athar_file_checks some = {write_row, no_image, all};
	athar_error err = ATHAR_ERROR_INIT;

	expect_exhibit(c, NULL, "S case.json\n");
	acquire(f, c);
	carve(c);
	expect_exhibit(c, NULL, "S case.json\nS 1/1.E01\nO 1/1.E02\nS 1/exhibit.json\n" RUN_ROWS);
	assert_ok(athar_exhibit_check(c, "1", &some, &err), err);
	assert_string_equal(all, "S 1/exhibit.json\n" RUN_ROWS);
	expect_exhibit(c, "2", "");
	assert_shell(f,
	             "echo >> c/case.json; printf abd > c/1/1.E01; printf x >> c/1/1.E02; "
	             "rm c/1/exhibit.json; ln -s / c/1/y",
	             "");
	expect_exhibit(c, NULL, "D case.json\nD 1/1.E01\nD 1/1.E02\nM 1/exhibit.json\n" RUN_ROWS);
	assert_shell(f, "echo '{\"id\":\"1\",\"v\":1}' > c/1/exhibit.json", "");
	expect_exhibit(c, "1", "D 1/1.E01\nD 1/1.E02\nD 1/exhibit.json\n" RUN_ROWS "E 1/y\n");
}

static void test_a_change_of_case_json_that_was_logged(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(json) athar_json *value = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_json_parse(&value, "{\"x\":\"7\"}", 9, &err), err);
	assert_ok(athar_case_set(c, "number", athar_json_get(value, "x"), &err), err);
	expect_exhibit(c, NULL, "S case.json\n");
}

static void test_what_a_run_is_held_against(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	acquire(f, c);
	carve(c);
	expect_run(c, "S 1/carve-001/findings.jsonl\nS 1/carve-001/items.jsonl\n"
	              "S 1/carve-001/recovered/000/000001.x\nS 1/carve-001/recovered/000/000002.x\n"
	              "S 1/carve-001/run.json\nS 1/carve-001/volumes.json\n");
	assert_shell(
		f,
		"cd c/1/carve-001; printf c > recovered/000/000001.x; rm recovered/000/000002.x;"
		" touch recovered/000/000003.x recovered/z;"
		"rm volumes.json; mkdir volumes.json",
		"");
	expect_run(c, "S 1/carve-001/findings.jsonl\nS 1/carve-001/items.jsonl\n"
	              "D 1/carve-001/recovered/000/000001.x\nM 1/carve-001/recovered/000/000002.x\n"
	              "S 1/carve-001/run.json\nD 1/carve-001/volumes.json\n"
	              "E 1/carve-001/recovered/000/000003.x\nE 1/carve-001/recovered/z\n");
}

static void test_a_manifest_that_was_changed(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");

	acquire(f, c);
	carve(c);
	assert_shell(f,
	             "cd c/1/carve-001; sed -i -e '2,$d' manifest.sha256; "
	             "sed -n 's/  .*/  ..\\/..\\/x/p' manifest.sha256 >> manifest.sha256; "
	             "echo nonsense >> manifest.sha256; rm -r [irv]*",
	             "");
	expect_run(c, "F 1/carve-001/manifest.sha256\nF 1/carve-001/manifest.sha256\n"
	              "S 1/carve-001/findings.jsonl\n");
	assert_shell(f, "rm c/1/carve-001/manifest.sha256", "");
	expect_run(c, "M 1/carve-001/manifest.sha256\nE 1/carve-001/findings.jsonl\n");
}

static athar_status refuse(void *user, const char *name, athar_file_check check, const char *detail,
                           athar_error *err)
{
	(void)user;
	(void)name;
	(void)check;
	(void)detail;
	return athar_fail(err, ATHAR_ECANCELED, "stop");
}

static void test_the_caller_can_stop(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	const athar_file_checks checks = {refuse, NULL, NULL};
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_exhibit_check(c, NULL, &checks, &err), ATHAR_ECANCELED, err);
}

static void test_records_that_lead_astray(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(json) athar_json *files = NULL;
	static const char list[] = "[{\"name\":\"../x\"},{\"name\":\"1//x\"},{\"name\":\"/etc/x\"},"
				   "{\"name\":\"a\",\"sha256\":\"AB\"},{\"size\":1}]";
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t begin = 0;

	assert_ok(athar_json_parse(&files, list, strlen(list), &err), err);
	assert_ok(athar_custody_begin(&begin, c, "x", NULL, NULL, &err), err);
	assert_ok(athar_custody_end(c, begin, "x", NULL, ATHAR_RESULT_DONE, ATHAR_GIVE(files), NULL,
	                            &err),
	          err);
	expect_exhibit(c, NULL, "F ../x\nF 1//x\nF a\nS case.json\n");
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_what_the_log_tells_of),
		CASE_TEST(test_a_change_of_case_json_that_was_logged),
		CASE_TEST(test_what_a_run_is_held_against),
		CASE_TEST(test_a_manifest_that_was_changed),
		CASE_TEST(test_the_caller_can_stop),
		CASE_TEST(test_records_that_lead_astray),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
