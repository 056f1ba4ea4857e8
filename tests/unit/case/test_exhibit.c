/* SPDX-License-Identifier: BSD-2-Clause */
/* Exhibits: made in .partial, renamed, listed, found. */
#include "case/exhibit.h"
#include "case_support.h"

static void write_file(const fixture *f, const char *path, const char *text)
{
	char command[512];

	snprintf(command, sizeof command, "printf '%%s' '%s' > '%s'", text, path);
	assert_shell(f, command, "");
}

static void save(athar_exhibit *x, const char *name, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_save(x, name, text, strlen(text), &err), err);
}

/* A whole exhibit with this exhibit.json and acquisition.json; NULL leaves one out. */
static void make_exhibit(athar_case *c, const char *id, const char *acquisition)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(json) athar_json *files = NULL;
	ATHAR_AUTO(json) athar_json *fields = athar_json_object();
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_new(&x, c, id, &err), err);
	athar_json_set_number(fields, "v", 1);
	athar_json_set_text(fields, "id", id);
	assert_ok(athar_json_line(&line, fields, &err), err);
	save(x, "exhibit.json", line);
	if (acquisition != NULL)
		save(x, "acquisition.json", acquisition);
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
}

static void test_commit_lists_every_file(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(json) athar_json *files = NULL, *known = athar_json_object();
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_new(&x, c, "AB/1", &err), err);
	assert_string_equal(athar_exhibit_name(x), "AB-1");
	assert_non_null(strstr(athar_exhibit_folder(x), "/c/AB-1.partial"));
	assert_shell(f, "stat -c %a c/AB-1.partial", "700\n");
	save(x, "exhibit.json", "abc");
	write_file(f, "c/AB-1.partial/AB-1.E01", "image");
	write_file(f, "c/AB-1.partial/AB-1.E02", "more");
	write_file(f, "c/AB-1.partial/AB-1.sha256", "abc");
	athar_json_set_text(known, "AB-1.E01", "feed");
	assert_ok(athar_exhibit_commit(&files, x, known, &err), err);
	assert_ok(athar_json_line(&line, files, &err), err);
	assert_string_equal(line,
	                    "[{\"name\":\"AB-1/AB-1.E01\",\"sha256\":\"feed\",\"size\":5},"
	                    "{\"name\":\"AB-1/AB-1.E02\",\"size\":4},"
	                    "{\"name\":\"AB-1/AB-1.sha256\",\"sha256\":"
	                    "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
	                    "\"size\":3},"
	                    "{\"name\":\"AB-1/exhibit.json\",\"sha256\":"
	                    "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\","
	                    "\"size\":3}]");
	assert_shell(f, "ls c", "AB-1\ncase.json\ncustody.jsonl\n");
	assert_non_null(strstr(athar_exhibit_folder(x), "/c/AB-1"));
	assert_shell(f, "stat -c %a c/AB-1/exhibit.json", "600\n");
}

static void test_what_is_not_committed_goes(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	athar_exhibit *x = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_new(&x, c, "1", &err), err);
	write_file(f, "c/1.partial/1.E01", "image");
	athar_exhibit_close(x);
	assert_shell(f, "ls c", "case.json\ncustody.jsonl\n");
}

static void expect_refused(athar_case *c, const char *id, const char *word)
{
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_exhibit_new(&x, c, id, &err), ATHAR_EREFUSED, err);
	if (strstr(err.text, word) == NULL)
		fail_msg("\"%s\" does not say %s", err.text, word);
}

static void test_taken_names_are_refused(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(exhibit) athar_exhibit *running = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	make_exhibit(c, "AB/1", NULL);
	expect_refused(c, "AB/1", "AB/1-2");
	expect_refused(c, "AB 1", "exhibit AB/1 has the folder AB-1");
	assert_ok(athar_exhibit_new(&running, c, "2", &err), err);
	expect_refused(c, "2", "interrupted");
	expect_refused(c, "seals", "another id");
	expect_refused(c, "Reports", "another id");
	expect_refused(c, "case.json", "another id");
	expect_refused(c, "9.partial", "another id");
	/* A refusal takes nothing away. */
	assert_shell(f, "ls -d c/AB-1 c/2.partial", "c/2.partial\nc/AB-1\n");
}

static athar_status join_slugs(void *user, const char *slug, const athar_json *fields,
                               athar_error *err)
{
	char *all = user;

	(void)err;
	strcat(all, slug);
	strcat(all, "=");
	strcat(all, athar_json_get_text(fields, "id"));
	strcat(all, " ");
	return ATHAR_OK;
}

static void test_exhibits_are_listed_in_order(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	char all[200] = "";
	athar_error err = ATHAR_ERROR_INIT;

	make_exhibit(c, "b 2", NULL);
	make_exhibit(c, "a/1", NULL);
	make_exhibit(c, "B", NULL);
	assert_shell(f,
	             "mkdir c/reports c/x.partial && cp c/B/exhibit.json c/x.partial && touch c/z",
	             "");
	assert_ok(athar_case_each_exhibit(c, join_slugs, all, &err), err);
	assert_string_equal(all, "B=B a-1=a/1 b-2=b 2 ");
}

static void expect_found(const athar_case *c, const char *id, const char *slug)
{
	ATHAR_AUTO(free) char *found = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_find_exhibit(&found, c, id, &err), err);
	assert_string_equal(found, slug);
}

static void test_find_by_id_and_slug(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(free) char *found = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_case_find_exhibit(&found, c, NULL, &err), ATHAR_EUSAGE, err);
	make_exhibit(c, "AB/1", NULL);
	expect_found(c, NULL, "AB-1");
	make_exhibit(c, "م/٣", NULL);
	expect_found(c, "AB/1", "AB-1");
	expect_found(c, "AB-1", "AB-1");
	expect_found(c, "م/٣", "م-٣");
	assert_status(athar_case_find_exhibit(&found, c, NULL, &err), ATHAR_EUSAGE, err);
	assert_status(athar_case_find_exhibit(&found, c, "x", &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "AB-1, م-٣"));
}

static void expect_image(const athar_case *c, const char *slug, const char *end)
{
	ATHAR_AUTO(free) char *path = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_case_image(&path, c, slug, &err), err);
	assert_true(strlen(path) >= strlen(end));
	assert_string_equal(path + strlen(path) - strlen(end), end);
}

static void test_where_the_image_is(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(json) athar_json *record = NULL;
	ATHAR_AUTO(free) char *path = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	make_exhibit(c, "1", "{\"image\":{\"name\":\"1.dd\"},\"v\":1}");
	make_exhibit(c, "2", "{\"image\":{\"path\":\"/srv/2.E01\"},\"v\":1}");
	make_exhibit(c, "3", "{\"image\":{\"name\":\"../1/1.dd\"},\"v\":1}");
	make_exhibit(c, "4", "{\"v\":1}");
	make_exhibit(c, "5", NULL);
	expect_image(c, "1", "/c/1/1.dd");
	expect_image(c, "2", "/srv/2.E01");
	assert_status(athar_case_image(&path, c, "3", &err), ATHAR_EFORMAT, err);
	assert_status(athar_case_image(&path, c, "4", &err), ATHAR_EFORMAT, err);
	assert_shell(f, "touch c/4/4.001 c/5/5.E01", "");
	expect_image(c, "4", "/c/4/4.001");
	expect_image(c, "5", "/c/5/5.E01");
	assert_ok(athar_case_acquisition(&record, c, "1", &err), err);
	assert_int_equal(athar_json_count(record), 2);
}

/* What was kept is found again with what stood in it; while one has it nobody else gets it. */
static void test_what_is_kept_can_be_gone_on_with(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(exhibit) athar_exhibit *other = NULL;
	ATHAR_AUTO(json) athar_json *files = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_status(athar_exhibit_resume(&x, c, "1", &err), ATHAR_EREFUSED, err);
	assert_ok(athar_exhibit_new(&x, c, "1", &err), err);
	assert_ok(athar_exhibit_replace(x, "state", "a", 1, &err), err);
	assert_ok(athar_exhibit_replace(x, "state", "b", 1, &err), err);
	assert_status(athar_exhibit_resume(&other, c, "1", &err), ATHAR_EREFUSED, err);
	athar_exhibit_keep(x);
	athar_exhibit_close(x);
	assert_shell(f, "ls c/1.partial && cat c/1.partial/state", "state\nb");

	assert_status(athar_exhibit_new(&other, c, "1", &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "--resume"));
	assert_ok(athar_exhibit_resume(&x, c, "1", &err), err);
	assert_ok(athar_exhibit_drop(x, "state", &err), err);
	assert_ok(athar_exhibit_drop(x, "state", &err), err);
	assert_ok(athar_exhibit_replace(x, "last", "a", 1, &err), err);
	assert_ok(athar_exhibit_replace(x, "1.map", "old", 3, &err), err);
	assert_ok(athar_exhibit_replace(x, "1.map", "abc", 3, &err), err);
	save(x, "exhibit.json", "abc");
	assert_ok(athar_exhibit_drop_last(x, "last", &err), err);
	assert_shell(f, "ls c/1.partial", "1.map\nexhibit.json\nlast\n");
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
	assert_shell(f, "ls c/1", "1.map\nexhibit.json\n");
	/* What replaced something is listed with its hash; what went last is not listed. */
	assert_int_equal(athar_json_count(files), 2);
	assert_string_equal(athar_json_get_text(athar_json_at(files, 0), "sha256"),
	                    athar_json_get_text(athar_json_at(files, 1), "sha256"));
	assert_status(athar_exhibit_resume(&other, c, "1", &err), ATHAR_EREFUSED, err);
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_commit_lists_every_file),
		CASE_TEST(test_what_is_not_committed_goes),
		CASE_TEST(test_what_is_kept_can_be_gone_on_with),
		CASE_TEST(test_taken_names_are_refused),
		CASE_TEST(test_exhibits_are_listed_in_order),
		CASE_TEST(test_find_by_id_and_slug),
		CASE_TEST(test_where_the_image_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
