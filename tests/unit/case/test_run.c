/* SPDX-License-Identifier: BSD-2-Clause */
/* A carve run: written, committed, read again. sha256sum and jq are the judges. */
#include "case/exhibit.h"
#include "case/run.h"
#include "case_support.h"

static athar_case *case_with_exhibit(fixture *f)
{
	athar_case *c = fixture_case(f, "{}");
	ATHAR_AUTO(exhibit) athar_exhibit *x = NULL;
	ATHAR_AUTO(json) athar_json *files = NULL;
	static const char fields[] = "{\"id\":\"3/1\",\"v\":1}";
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_exhibit_new(&x, c, "3/1", &err), err);
	assert_ok(athar_exhibit_save(x, "exhibit.json", fields, strlen(fields), &err), err);
	assert_ok(athar_exhibit_commit(&files, x, NULL, &err), err);
	return c;
}

/* One item with this content, at this offset of the image. NULL: listed only. */
static bool add(athar_run_writer *w, const char *content, const char *extension, uint64_t at,
                athar_item *out)
{
	athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	bool is_new = false;

	item.method = ATHAR_METHOD_CONTENT;
	item.state = ATHAR_STATE_UNALLOCATED;
	item.size = 77;
	assert_ok(athar_extents_add_data(&item.extents, at, 1, &err), err);
	if (content != NULL) {
		assert_ok(athar_run_content_begin(w, &err), err);
		assert_ok(athar_run_content_write(w, content, strlen(content), &err), err);
	}
	assert_ok(athar_run_add(w, &item, extension, &is_new, &err), err);
	if (out != NULL)
		*out = item;
	athar_extents_clear(&item.extents);
	return is_new;
}

static void commit(athar_run_writer *w)
{
	ATHAR_AUTO(json) athar_json *files = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_commit(&files, w, athar_json_object(), &err), err);
	assert_int_equal(athar_json_count(files), 5);
}

static void test_what_a_run_holds(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	athar_item item;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	assert_string_equal(athar_run_name(w), "carve-001");
	assert_true(add(w, "abc", "jpg", 512, &item));
	assert_int_equal(item.number, 1);
	assert_int_equal(item.size, 3);
	assert_string_equal(item.file, "recovered/000/000001.jpg");
	assert_string_equal(athar_digests_get(&item.hashes, ATHAR_MD5),
	                    "900150983cd24fb0d6963f7d28e17f72");
	assert_true(add(w, NULL, "jpg", 1024, &item));
	assert_string_equal(item.file, "");
	assert_int_equal(item.size, 77);
	assert_ok(athar_run_finding(w, "read", "volume 1", 4096, 512, "cannot be read", &err), err);
	commit(w);
	assert_shell(f, "cd c/3-1/carve-001 && find . -type f | sort && find . -perm /077",
	             "./findings.jsonl\n./items.jsonl\n./manifest.sha256\n"
	             "./recovered/000/000001.jpg\n./run.json\n./volumes.json\n");
	assert_shell(f,
	             "cd c/3-1/carve-001 && sha256sum -c --quiet manifest.sha256 && "
	             "LC_ALL=C sort -c -k 2 manifest.sha256 && wc -l < manifest.sha256",
	             "5\n");
	assert_shell(f, "cat c/3-1/carve-001/findings.jsonl",
	             "{\"kind\":\"read\",\"length\":512,\"offset\":4096,\"text\":\"cannot be "
	             "read\",\"v\":1,\"where\":\"volume 1\"}\n");
}

static void test_the_same_content_is_one_item(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	ATHAR_AUTO(item) athar_item found = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_item item;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	assert_true(add(w, "one", "jpg", 10, NULL));
	assert_true(add(w, "two", "png", 20, NULL));
	assert_false(add(w, "two", "gif", 30, &item));
	assert_int_equal(item.number, 2);
	assert_string_equal(item.file, "recovered/000/000002.png");
	assert_false(add(w, "one", NULL, 40, NULL));
	assert_false(add(w, "two", NULL, 50, NULL));
	assert_true(add(w, "", NULL, 60, NULL));
	assert_true(add(w, "", NULL, 70, &item));
	assert_int_equal(item.number, 4);
	commit(w);
	if (have("jq"))
		assert_shell(f,
		             "jq -c '[.item,.size,.extents[0].at,[.also[].extents[0].at]]' "
		             "c/3-1/carve-001/items.jsonl",
		             "[1,3,10,[40]]\n[2,3,20,[30,50]]\n[3,0,60,[]]\n[4,0,70,[]]\n");
	assert_shell(f,
	             "cd c/3-1/carve-001 && sha256sum -c --quiet manifest.sha256 && "
	             "ls; ls recovered/*",
	             "findings.jsonl\nitems.jsonl\nmanifest.sha256\nrecovered\nrun.json\n"
	             "volumes.json\n000001.jpg\n000002.png\n000003.bin\n000004.bin\n");
	assert_ok(athar_run_find_item(&found, c, "3-1", "carve-001", 2, &err), err);
	assert_int_equal(athar_json_count(found.also), 2);
}

/* Each place of a content that lies everywhere is kept; where one line cannot hold them the content
 * is stored again. */
static void test_no_place_is_lost_to_the_length_of_a_line(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	unsigned fresh = 0;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	for (uint64_t i = 0; i < 30000; i++)
		fresh += add(w, "everywhere", "bin", i, NULL);
	assert_in_range(fresh, 2, 4);
	commit(w);
	if (have("jq"))
		assert_shell(f,
		             "jq '.extents[0].at, .also[].extents[0].at' "
		             "c/3-1/carve-001/items.jsonl | sort -n | uniq | wc -l",
		             "30000\n");
	assert_shell(f, "wc -L < c/3-1/carve-001/items.jsonl | awk '{print ($1 < 5000000)}'",
	             "1\n");
}

static void test_extensions_are_made_harmless(void **state)
{
	static const char *const pairs[][2] = {
		{"JPG", "jpg"},   {"../../x", "x"},    {"\xff/ ;\n", "bin"},
		{"", "bin"},      {"tar.gz", "targz"}, {"verylongextension", "verylon"},
		{"p_d-f", "pdf"},
	};
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(pairs); i++) {
		char content[8] = {(char)('a' + i), 0}, expected[64];
		athar_item item;

		assert_true(add(w, content, pairs[i][0], 0, &item));
		snprintf(expected, sizeof expected, "recovered/000/%06zu.%s", i + 1, pairs[i][1]);
		assert_string_equal(item.file, expected);
	}
}

static void test_every_thousand_begins_a_folder(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	for (int i = 1; i <= 2001; i++) {
		char content[16];

		snprintf(content, sizeof content, "%d", i);
		assert_true(add(w, content, "txt", 0, NULL));
	}
	commit(w);
	assert_shell(f,
	             "cd c/3-1/carve-001 && ls recovered && ls recovered/000 | wc -l && "
	             "cat recovered/001/001000.txt recovered/002/*",
	             "000\n001\n002\n999\n100020002001");
	assert_shell(f, "cd c/3-1/carve-001 && sha256sum -c --quiet manifest.sha256", "");
}

/* Contents about the size that is held in memory, in pieces of many sizes. */
static void test_content_of_any_size_in_any_pieces(void **state)
{
	static const size_t sizes[] = {262143, 262144, 262145, 700000};
	static const size_t pieces[] = {1000, 262144, 300000, 700000};
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	ATHAR_AUTO(free) uint8_t *bytes = malloc(700000);
	athar_error err = ATHAR_ERROR_INIT;

	assert_non_null(bytes);
	athar_test_fill(bytes, 700000, 7);
	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(sizes) * ATHAR_COUNT(pieces); i++) {
		const size_t size = sizes[i / ATHAR_COUNT(pieces)];
		const size_t piece = pieces[i % ATHAR_COUNT(pieces)];
		athar_item item = ATHAR_ITEM_INIT;
		bool is_new = false;

		assert_ok(athar_run_content_begin(w, &err), err);
		for (size_t at = 0; at < size; at += piece) {
			const size_t len = size - at < piece ? size - at : piece;

			assert_ok(athar_run_content_write(w, bytes + at, len, &err), err);
		}
		assert_ok(athar_run_add(w, &item, "x", &is_new, &err), err);
		assert_int_equal(item.size, size);
		assert_int_equal(is_new, i % ATHAR_COUNT(pieces) == 0);
	}
	commit(w);
	assert_shell(f,
	             "cd c/3-1/carve-001 && sha256sum -c --quiet manifest.sha256 && "
	             "stat -c %s recovered/000/*",
	             "262143\n262144\n262145\n700000\n");
}

static void test_dropped_content_leaves_nothing(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	assert_ok(athar_run_content_begin(w, &err), err);
	assert_ok(athar_run_content_write(w, "x", 1, &err), err);
	athar_run_content_drop(w);
	athar_run_content_drop(w);
	assert_status(athar_run_content_write(w, "x", 1, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_run_content_begin(w, &err), err);
	commit(w);
	assert_shell(f, "find c/3-1/carve-001/recovered; wc -l < c/3-1/carve-001/items.jsonl",
	             "c/3-1/carve-001/recovered\n0\n");
}

static void test_numbers_are_never_given_twice(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *first = NULL, *second = NULL, *third = NULL;
	athar_run_writer *given_up = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_run_new(&first, c, "3-1", &err), err);
	assert_ok(athar_run_new(&second, c, "3-1", &err), err);
	assert_string_equal(athar_run_name(second), "carve-002");
	commit(second);
	commit(first);
	assert_shell(f, "mkdir c/3-1/carve-010.partial", "");
	assert_ok(athar_run_new(&given_up, c, "3-1", &err), err);
	assert_string_equal(athar_run_name(given_up), "carve-011");
	athar_run_close(given_up);
	assert_shell(f, "ls c/3-1", "carve-001\ncarve-002\ncarve-010.partial\nexhibit.json\n");
	assert_shell(f, "mkdir c/3-1/carve-999", "");
	assert_status(athar_run_new(&third, c, "3-1", &err), ATHAR_EREFUSED, err);
	assert_status(athar_run_new(&third, c, "no", &err), ATHAR_EUSAGE, err);
}

/* An item in more pieces than a line can tell is refused alone; the run goes on. */
static void test_an_item_in_too_many_pieces(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_item next;
	bool is_new = false;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	for (uint64_t i = 0; i < 250000; i++)
		assert_ok(athar_extents_add_data(&item.extents, 2 * i, 1, &err), err);
	assert_ok(athar_run_content_begin(w, &err), err);
	assert_status(athar_run_add(w, &item, "x", &is_new, &err), ATHAR_ELIMIT, err);
	assert_true(add(w, "small", "x", 0, &next));
	assert_int_equal(next.number, 1);
	commit(w);
	assert_shell(f, "cat c/3-1/carve-001/recovered/000/000001.x", "small");
}

/* ---- reading ---- */

static athar_status name_run(void *user, const char *name, const athar_json *fields,
                             athar_error *err)
{
	(void)err;
	assert_string_equal(athar_json_get_text(fields, "run"), name);
	assert_string_equal(athar_json_get_text(fields, "exhibit"), "3-1");
	strcat(user, name);
	return ATHAR_OK;
}

static athar_status sum_numbers(void *user, const athar_item *item, athar_error *err)
{
	uint64_t *sum = user;

	(void)err;
	*sum = *sum * 10 + item->number;
	return ATHAR_OK;
}

static athar_status count_findings(void *user, const athar_json *finding, athar_error *err)
{
	int *count = user;

	(void)err;
	assert_string_equal(athar_json_get_text(finding, "kind"), "limit");
	assert_null(athar_json_get_text(finding, "where"));
	++*count;
	return ATHAR_OK;
}

static void test_a_run_is_read_as_it_was_written(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	ATHAR_AUTO(json) athar_json *volumes = athar_json_array(), *back = NULL;
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	char names[64] = "";
	uint64_t sum = 0;
	int count = 0;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	add(w, "a", "x", 1, NULL);
	add(w, "b", "x", 2, NULL);
	add(w, NULL, "x", 3, NULL);
	assert_ok(athar_run_finding(w, "limit", NULL, ATHAR_NOWHERE, 0, "t", &err), err);
	athar_json_append_text(volumes, "fat32");
	assert_ok(athar_run_volumes(w, volumes, &err), err);
	commit(w);
	assert_ok(athar_runs_of_exhibit(c, "3-1", name_run, names, &err), err);
	assert_string_equal(names, "carve-001");
	assert_ok(athar_run_each_item(c, "3-1", "carve-001", sum_numbers, &sum, &err), err);
	assert_int_equal(sum, 123);
	assert_ok(athar_run_each_finding(c, "3-1", "carve-001", count_findings, &count, &err), err);
	assert_int_equal(count, 1);
	assert_ok(athar_run_load_volumes(&back, c, "3-1", "carve-001", &err), err);
	assert_string_equal(athar_json_text(athar_json_at(back, 0)), "fat32");
	assert_ok(athar_run_find_item(&item, c, "3-1", "carve-001", 3, &err), err);
	assert_int_equal(item.extents.extent[0].image, 3);
	athar_item_clear(&item);
	assert_status(athar_run_find_item(&item, c, "3-1", "carve-001", 4, &err), ATHAR_EUSAGE,
	              err);
	assert_status(athar_run_find_item(&item, c, "3-1", "carve-001", 0, &err), ATHAR_EUSAGE,
	              err);
}

static void test_changed_items_are_named(void **state)
{
	fixture *f = *state;
	ATHAR_AUTO(case) athar_case *c = case_with_exhibit(f);
	ATHAR_AUTO(run_writer) athar_run_writer *w = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t sum = 0;

	assert_ok(athar_run_new(&w, c, "3-1", &err), err);
	add(w, "a", "x", 1, NULL);
	add(w, "b", "x", 2, NULL);
	commit(w);
	assert_shell(f, "sed -i 1d c/3-1/carve-001/items.jsonl", "");
	assert_status(athar_run_each_item(c, "3-1", "carve-001", sum_numbers, &sum, &err),
	              ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "line 1 holds item 2"));
	assert_shell(f, "echo '{' > c/3-1/carve-001/items.jsonl", "");
	assert_status(athar_run_each_item(c, "3-1", "carve-001", sum_numbers, &sum, &err),
	              ATHAR_EFORMAT, err);
	assert_shell(f, "head -c 17000000 /dev/zero > c/3-1/carve-001/items.jsonl", "");
	assert_status(athar_run_each_item(c, "3-1", "carve-001", sum_numbers, &sum, &err),
	              ATHAR_ELIMIT, err);
}

int main(void)
{
#define CASE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		CASE_TEST(test_what_a_run_holds),
		CASE_TEST(test_the_same_content_is_one_item),
		CASE_TEST(test_no_place_is_lost_to_the_length_of_a_line),
		CASE_TEST(test_extensions_are_made_harmless),
		CASE_TEST(test_every_thousand_begins_a_folder),
		CASE_TEST(test_content_of_any_size_in_any_pieces),
		CASE_TEST(test_dropped_content_leaves_nothing),
		CASE_TEST(test_numbers_are_never_given_twice),
		CASE_TEST(test_an_item_in_too_many_pieces),
		CASE_TEST(test_a_run_is_read_as_it_was_written),
		CASE_TEST(test_changed_items_are_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
