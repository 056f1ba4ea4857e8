/* SPDX-License-Identifier: BSD-2-Clause */
/* A run that was interrupted, opened again: what stands, what is cut off, what is removed. */
#include "case/exhibit.h"
#include "case/run.h"
#include "case_support.h"

typedef struct seen {
	char text[400];      /* "1 2 3+" : items, places */
	uint64_t refuse;     /* this item does not stand */
	athar_status status; /* that `place` returns */
} seen;

static athar_case *case_with_exhibit(fixture *f)
{
	athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(json) athar_json *files = NULL;
	static const char fields[] = "{\"id\":\"3-1\",\"v\":1}";
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_new(&x, c, "3-1", &err), err);
	assert_ok(athar_exhibit_save(x, "exhibit.json", fields, strlen(fields), &err), err);
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
	return c;
}

static athar_status see_item(void *user, bool *stands, const athar_item *item, athar_error *err)
{
	seen *s = user;

	(void)err;
	*stands = item->number != s->refuse;
	if (*stands)
		(void)snprintf(s->text + strlen(s->text), sizeof s->text - strlen(s->text),
		               "%s%llu", s->text[0] == '\0' ? "" : " ",
		               (unsigned long long)item->number);
	return ATHAR_OK;
}

static athar_status see_place(void *user, const athar_item *place, athar_error *err)
{
	seen *s = user;

	(void)snprintf(s->text + strlen(s->text), sizeof s->text - strlen(s->text), " +%llu@%llu",
	               (unsigned long long)place->number,
	               (unsigned long long)place->extents.extent[0].image);
	assert_int_equal(place->grade, ATHAR_GRADE_INTACT);
	assert_string_equal(place->type, "text");
	return s->status == ATHAR_OK ? ATHAR_OK : athar_fail(err, s->status, "stop");
}

static athar_status reopen(athar_run_writer **w, athar_case *c, seen *s, athar_error *err)
{
	const athar_run_visit visit = {.item = see_item, .place = see_place, .user = s};

	s->text[0] = '\0';
	return athar_run_reopen(w, c, "3-1", "carve-001", &visit, err);
}

/* NULL: listed only. */
static void add(athar_run_writer *w, const char *content, uint64_t at)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	bool is_new = false;

	item.method = ATHAR_METHOD_CONTENT;
	item.grade = ATHAR_GRADE_INTACT;
	strcpy(item.type, "text");
	item.size = 1;
	assert_ok(athar_extents_add_data(&item.extents, at, 1, &err), err);
	if (content != NULL) {
		assert_ok(athar_run_content_begin(w, &err), err);
		assert_ok(athar_run_content_write(w, content, strlen(content), &err), err);
	}
	assert_ok(athar_run_add(w, &item, "txt", &is_new, &err), err);
}

#define FIND(w, text) assert_ok(athar_run_finding(w, "read", NULL, 1, 2, text, &err), err)

/* What the tests' runs hold in the end: a b - c, of which a and c are there twice. */
static const char *const contents[] = {"a", "b", NULL, "a", "c", "c", "d"};

static void add_from(athar_run_writer *w, size_t first, size_t end)
{
	for (size_t i = first; i < end; i++)
		add(w, contents[i], i);
}

static void interrupt_at(athar_case *c, size_t end)
{
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	add_from(w, 0, end);
	FIND(w, "one");
	FIND(w, "one");
}

/* Goes on with what comes from `first` on, to the end, which is always the same. */
static void finish(const fixture *f, athar_run_writer *w, size_t first)
{
	ATHAR_AUTO(json) athar_json *files = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	add_from(w, first, ATHAR_COUNT(contents));
	assert_ok(athar_run_commit(&files, w, athar_json_object(), &err), err);
	assert_shell(f,
	             "cd c/3-1/carve-001 && sha256sum -c --quiet manifest.sha256 && ls . "
	             "recovered/*",
	             ".:\nfindings.jsonl\nitems.jsonl\nmanifest.sha256\nrecovered\nrun.json\n"
	             "volumes.json\n\nrecovered/000:\n000001.txt\n000002.txt\n000004.txt\n"
	             "000005.txt\n");
	if (have("jq"))
		assert_shell(f,
		             "jq -c '[.item,.file[14:],.extents[0].at,[.also[].extents[0].at]]' "
		             "c/3-1/carve-001/items.jsonl",
		             "[1,\"000001.txt\",0,[3]]\n[2,\"000002.txt\",1,[]]\n[3,null,2,[]]\n"
		             "[4,\"000004.txt\",4,[5]]\n[5,\"000005.txt\",6,[]]\n");
}

static void a_run_goes_on_at_each_of_its_items(void **state)
{
	static const char *const stands[] = {"1",
	                                     "1 2",
	                                     "1 2 3",
	                                     "1 2 3 +1@3",
	                                     "1 2 3 4 +1@3",
	                                     "1 2 3 4 +1@3 +4@5",
	                                     "1 2 3 4 5 +1@3 +4@5"};
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);

	for (size_t end = 1; end <= ATHAR_COUNT(contents); end++) {
		ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
		athar_error err = ATHAR_ERROR_INIT;
		seen s = {.refuse = 0};

		interrupt_at(c, end);
		assert_shell(f, "ls c/3-1 | grep carve", "carve-001.partial\n");
		assert_ok(reopen(&w, c, &s, &err), err);
		assert_string_equal(s.text, stands[end - 1]);
		/* Said before: not said again, as often as that. */
		for (int i = 0; i < 3; i++)
			FIND(w, "one");
		assert_int_equal(athar_run_finding_count(w), 3);
		finish(f, w, end);
		assert_shell(f, "grep -c one c/3-1/carve-001/findings.jsonl; rm -r c/3-1/carve-001",
		             "3\n");
	}
}

static void a_run_without_items_leaves_nothing(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);

	interrupt_at(c, 0);
	assert_shell(f, "ls c/3-1", "exhibit.json\n");
}

/* What happened to the .partial of a whole run, what stands then, and what is told. */
typedef struct harm {
	const char *command, *stands, *told;
	size_t first; /* of contents, that comes again */
} harm;

#define LINES "cd c/3-1/carve-001.partial && "

static const harm harms[] = {
	{LINES "truncate -s -10 items.jsonl", "1 2 3 4 +1@3 +4@5", "line 5 of items.jsonl was torn",
         6},
	{LINES "truncate -s -1 items.jsonl", "1 2 3 4 +1@3 +4@5", "line 5 of items.jsonl was torn",
         6},
	{LINES "sed -i '5s/.*/\\x00\\x00/' items.jsonl", "1 2 3 4 +1@3 +4@5",
         "line 5 of items.jsonl was torn", 6},
	{LINES "rm recovered/000/000005.txt", "1 2 3 4 +1@3 +4@5", "000005.txt is missing", 6},
	{LINES "printf x > recovered/000/000005.txt", "1 2 3 4 +1@3 +4@5",
         "000005.txt is missing or", 6},
	{LINES "truncate -s 9 recovered/000/000005.txt", "1 2 3 4 +1@3 +4@5", "000005.txt is", 6},
	{LINES "rm recovered/000/000005.txt && ln -s 000001.txt recovered/000/000005.txt",
         "1 2 3 4 +1@3 +4@5", "000005.txt is", 6},
	/* Of an item that is not there no place can stand, nor what was spooled behind it. */
	{LINES "rm recovered/000/000004.txt", "1 2 3 +1@3", "000004.txt is missing", 4},
	{LINES "truncate -s -10 places.partial && sed -i 5d items.jsonl", "1 2 3 4 +1@3", NULL, 5},
	{LINES "rm places.partial && sed -i 2,5d items.jsonl && rm recovered/000/000002.txt", "1",
         NULL, 1},
	/* Half a finding comes again with the rest. */
	{LINES "printf '\\0\\0\\n' >> findings.jsonl", "1 2 3 4 5 +1@3 +4@5", NULL, 7},
	{LINES "printf '{\"kind\"' >> findings.jsonl", "1 2 3 4 5 +1@3 +4@5", NULL, 7},
	/* Files without a line, halves, and the end of a commit. */
	{LINES "sed -i 5d items.jsonl", "1 2 3 4 +1@3 +4@5", NULL, 6},
	{LINES
         "touch recovered/000/000001.jpg recovered/000/nonsense content.partial items.partial "
         "run.json volumes.json.partial manifest.sha256 && mkdir recovered/007 tree && "
         "echo x > recovered/007/007001.txt && mkdir recovered/000/000009.txt",
         "1 2 3 4 5 +1@3 +4@5", NULL, 7},
};

static void what_does_not_hold_comes_again(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);

	for (size_t i = 0; i < ATHAR_COUNT(harms); i++) {
		ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
		athar_error err = ATHAR_ERROR_INIT;
		seen s = {.refuse = 0};

		interrupt_at(c, ATHAR_COUNT(contents));
		/* asked.json would be there. */
		assert_shell(f, "touch c/3-1/carve-001.partial/asked.json", "");
		assert_shell(f, harms[i].command, "");
		assert_ok(reopen(&w, c, &s, &err), err);
		assert_string_equal(s.text, harms[i].stands);
		/* It is no finding of what could not be examined. */
		assert_int_equal(athar_run_finding_count(w), 2);
		finish(f, w, harms[i].first);
		assert_shell(f, "grep -c '\"resume\"' c/3-1/carve-001/findings.jsonl || true",
		             harms[i].told == NULL ? "0\n" : "1\n");
		if (harms[i].told != NULL) {
			char command[200];

			(void)snprintf(command, sizeof command,
			               "grep -c '%s' c/3-1/carve-001/findings.jsonl",
			               harms[i].told);
			assert_shell(f, command, "1\n");
		}
		assert_shell(f, "grep -v -c '^{.*}$' c/3-1/carve-001/findings.jsonl || true",
		             "0\n");
		assert_shell(f, "rm -r c/3-1/carve-001", "");
	}
}

/* Killed between its two steps, a merge is whole without its spool. */
static void a_merge_is_ended(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	seen s = {.refuse = 0};

	if (!have("jq"))
		skip();
	interrupt_at(c, ATHAR_COUNT(contents));
	assert_shell(f,
	             LINES "p() { jq -c \"select(.item == $1).place\" places.partial; } && "
	                   "jq -c -S --argjson a \"$(p 1)\" --argjson c \"$(p 4)\" "
	                   "'if .item == 1 then .also = [$a] elif .item == 4 then .also = [$c] "
	                   "else . end' items.jsonl > items.partial && rm places.partial",
	             "");
	assert_ok(reopen(&w, c, &s, &err), err);
	assert_string_equal(s.text, "1 2 3 4 5");
	finish(f, w, ATHAR_COUNT(contents));
}

static void items_that_do_not_stand_are_cut_off(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	seen s = {.refuse = 4};

	interrupt_at(c, ATHAR_COUNT(contents));
	assert_ok(reopen(&w, c, &s, &err), err);
	assert_string_equal(s.text, "1 2 3 +1@3");
	finish(f, w, 4);
	assert_shell(f, "grep -c resume c/3-1/carve-001/findings.jsonl || true", "0\n");
}

/* Whoever opens it may say stop: it can be opened again. */
static void a_failure_loses_nothing(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	seen s = {.status = ATHAR_ECANCELED};

	interrupt_at(c, ATHAR_COUNT(contents));
	assert_status(reopen(&w, c, &s, &err), ATHAR_ECANCELED, err);
	assert_null(w);
	s.status = ATHAR_OK;
	assert_ok(reopen(&w, c, &s, &err), err);
	assert_string_equal(s.text, "1 2 3 4 5 +1@3 +4@5");
	finish(f, w, ATHAR_COUNT(contents));
}

static void one_process_works_on_it(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL, *other = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	seen s = {.refuse = 0};

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	add_from(w, 0, 3);
	assert_status(reopen(&other, c, &s, &err), ATHAR_EREFUSED, err);
	finish(f, w, 3);
}

static void what_was_asked_for_is_kept(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(json) athar_json *asked = athar_json_object(), *again = NULL;
	athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	assert_status(athar_run_load_asked(&again, c, "3-1", "carve-001", &err), ATHAR_EOF, err);
	athar_json_set_number(asked, "v", 1);
	athar_json_set_text(asked, "x", "y");
	assert_ok(athar_run_save_asked(w, asked, &err), err);
	assert_ok(athar_run_save_asked(w, asked, &err), err);
	add_from(w, 0, 1);
	assert_true(athar_run_is_left(w));
	athar_run_close(w);
	assert_ok(athar_run_load_asked(&again, c, "3-1", "carve-001", &err), err);
	assert_string_equal(athar_json_get_text(again, "x"), "y");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_run_goes_on_at_each_of_its_items, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(a_run_without_items_leaves_nothing, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(what_does_not_hold_comes_again, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(a_merge_is_ended, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(items_that_do_not_stand_are_cut_off, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(a_failure_loses_nothing, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(one_process_works_on_it, fixture_setup,
	                                        fixture_teardown),
		cmocka_unit_test_setup_teardown(what_was_asked_for_is_kept, fixture_setup,
	                                        fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
