/* SPDX-License-Identifier: BSD-2-Clause */
/* Items as lines, and back. */
#include "athar/item.h"
#include "case_support.h"

static const char plain[] =
	"{\"address\":null,\"also\":[],\"exhibit\":\"3-1\",\"extents\":[{\"at\":512,\"kind\":"
	"\"data\",\"len\":3,\"off\":0}],\"fields\":{},\"file\":\"recovered/000/"
	"000001.jpg\",\"grade\":\"intact\","
	"\"hashes\":{\"sha256\":\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
	"\"},\"item\":1,\"method\":\"content\",\"path\":null,\"quality\":{\"bad\":0,\"reused\":0},"
	"\"run\":\"carve-001\",\"size\":3,\"state\":\"unallocated\",\"subtype\":null,\"times\":[],"
	"\"type\":\"jpeg\",\"v\":1,\"volume\":null,\"why\":\"the end marker follows\"}";

static void make_plain(athar_item *item)
{
	athar_error err = ATHAR_ERROR_INIT;

	item->number = 1;
	item->method = ATHAR_METHOD_CONTENT;
	item->state = ATHAR_STATE_UNALLOCATED;
	item->grade = ATHAR_GRADE_INTACT;
	item->size = 3;
	strcpy(item->type, "jpeg");
	strcpy(item->why, "the end marker follows");
	strcpy(item->file, "recovered/000/000001.jpg");
	assert_ok(athar_extents_add_data(&item->extents, 512, 3, &err), err);
	assert_true(athar_digests_set(
		&item->hashes, ATHAR_SHA256,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

/* Everything that an item can have, with values at their edges. */
static void make_full(athar_item *item)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *place = athar_json_object();
	athar_json *list = athar_json_object();

	item->number = UINT64_MAX;
	item->method = ATHAR_METHOD_METADATA;
	item->state = ATHAR_STATE_DELETED;
	item->grade = ATHAR_GRADE_PARTIAL;
	item->path = calloc(1, 6);
	assert_non_null(item->path);
	memcpy(item->path, "a/\xff\x1b\x00", 5);
	item->path_len = 5;
	item->size = 5000;
	item->volume = 2;
	strcpy(item->address, "12-128-1");
	strcpy(item->subtype, "docx");
	item->field[0] = (athar_item_field){"author", "\xd8\xa3\xd8\xab\xd8\xb1"};
	item->field[1] = (athar_item_field){"pages", "12"};
	item->field_count = 2;
	memset(item->why, 'w', sizeof item->why - 2);
	item->why[sizeof item->why - 2] = '\xc3';
	assert_ok(athar_extents_add_data(&item->extents, UINT64_C(1) << 60, 1000, &err), err);
	assert_ok(athar_extents_add(&item->extents,
	                            (athar_extent){.image = ATHAR_NOWHERE,
	                                           .length = 1000,
	                                           .kind = ATHAR_EXTENT_HOLE},
	                            &err),
	          err);
	assert_ok(athar_extents_add(&item->extents,
	                            (athar_extent){.image = 4096,
	                                           .length = 2000,
	                                           .stored = 700,
	                                           .kind = ATHAR_EXTENT_DERIVED,
	                                           .transform = ATHAR_TRANSFORM_LZNT1},
	                            &err),
	          err);
	assert_ok(athar_extents_add(&item->extents,
	                            (athar_extent){.image = ATHAR_NOWHERE,
	                                           .length = 1000,
	                                           .kind = ATHAR_EXTENT_MISSING},
	                            &err),
	          err);
	item->times[0] = (athar_item_time){"modified", "ntfs.si", "utc", TEST_NOW, 999999999};
	item->times[1] = (athar_item_time){"created", "fat", "unrecorded", -1, 0};
	item->times[2] = (athar_item_time){"accessed", "fat", "unrecorded", INT64_MIN, 0};
	item->time_count = 3;
	item->bytes_bad = 512;
	item->bytes_reused = 1024;
	assert_ok(athar_runs_add(&item->reused_at, 512, 1000, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_runs_add(&item->reused_at, 4000, 24, ATHAR_RUN_DATA, &err), err);
	strcpy(item->owner, "S-1-5-21-1-2-3-1001");
	strcpy(item->mode, "0644");
	athar_json_set_text(place, "path", "elsewhere");
	item->also = athar_json_array();
	athar_json_append(item->also, place);
	item->known = athar_json_array();
	athar_json_set_text(list, "list", "vics.json");
	athar_json_set_number(list, "category", 2);
	athar_json_append(item->known, list);
}

static char *line_of(const athar_item *item)
{
	ATHAR_AUTO(json) athar_json *json = athar_item_to_json(item, "carve-001", "3-1");
	athar_error err = ATHAR_ERROR_INIT;
	char *line = NULL;

	assert_ok(athar_json_line(&line, json, &err), err);
	return line;
}

static athar_status parse(athar_item *item, const char *line, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *json = NULL;

	ATHAR_TRY(athar_json_parse(&json, line, strlen(line), err));
	return athar_item_from_json(item, json, err);
}

/* The way into two containers, of which the outer one has packed bytes in two places. */
static void test_the_way_goes_there_and_back(void **state)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	ATHAR_AUTO(item) athar_item back = ATHAR_ITEM_INIT;
	ATHAR_AUTO(free) char *line = NULL;
	ATHAR_AUTO(free) char *again = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_plain(&item);
	item.method = ATHAR_METHOD_EMBEDDED;
	item.via[0] = (athar_layer){.container = "zip",
	                            .name = "a\xff\x1b",
	                            .name_len = 3,
	                            .item = 7,
	                            .offset = 30,
	                            .stored = 20,
	                            .size = 90,
	                            .transform = ATHAR_TRANSFORM_DEFLATE};
	item.via[1] = (athar_layer){.container = "eml",
	                            .name = "b",
	                            .name_len = 1,
	                            .offset = UINT64_MAX,
	                            .stored = 4,
	                            .size = 3,
	                            .transform = ATHAR_TRANSFORM_BASE64};
	item.via_count = 2;
	assert_ok(athar_extents_add_data(&item.packed, 1000, 15, &err), err);
	assert_ok(athar_extents_add_data(&item.packed, 2000, 5, &err), err);
	line = line_of(&item);
	assert_non_null(strstr(line, "\"transform\":\"base64\""));
	assert_ok(parse(&back, line, &err), err);
	again = line_of(&back);
	assert_string_equal(again, line);
	assert_int_equal(back.via_count, 2);
	assert_memory_equal(back.via, item.via, 2 * sizeof item.via[0]);
	assert_int_equal(back.packed.count, 2);
}

static void test_a_line_is_as_documented(void **state)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	ATHAR_AUTO(free) char *line = NULL;

	(void)state;
	make_plain(&item);
	line = line_of(&item);
	assert_string_equal(line, plain);
}

static void test_nothing_is_lost(void **state)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT, back = ATHAR_ITEM_INIT;
	ATHAR_AUTO(free) char *line = NULL;
	ATHAR_AUTO(free) char *again = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	make_full(&item);
	line = line_of(&item);
	assert_ok(parse(&back, line, &err), err);
	assert_true(back.number == UINT64_MAX);
	assert_int_equal(back.path_len, 5);
	assert_memory_equal(back.path, "a/\xff\x1b\x00", 5);
	assert_string_equal(back.why, item.why);
	assert_int_equal(back.extents.count, 4);
	assert_memory_equal(back.extents.extent, item.extents.extent,
	                    4 * sizeof *item.extents.extent);
	assert_memory_equal(back.times, item.times, sizeof item.times);
	assert_int_equal(back.volume, 2);
	assert_non_null(strstr(line, "\"known\":[{\"category\":2,\"list\":\"vics.json\"}]"));
	again = line_of(&back);
	assert_string_equal(again, line);
}

static void test_times_without_zone_carry_no_z(void **state)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	ATHAR_AUTO(free) char *line = NULL;

	(void)state;
	make_full(&item);
	line = line_of(&item);
	assert_non_null(strstr(line, "\"time\":\"2026-11-22T23:57:55Z\",\"unix\":1795391875"));
	assert_non_null(strstr(line, "\"time\":\"1969-12-31T23:59:59\",\"unix\":-1"));
}

/* Each member of the line taken out in turn, and each put to a value of no known form. */
static void test_what_is_missing_is_refused(void **state)
{
	ATHAR_AUTO(json) athar_json *whole = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_json_parse(&whole, plain, strlen(plain), &err), err);
	for (size_t i = 0; i < athar_json_count(whole); i++) {
		ATHAR_AUTO(json) athar_json *part = athar_json_object();
		ATHAR_AUTO(json) athar_json *wrong = athar_json_copy(whole);
		ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;

		for (size_t k = 0; k < athar_json_count(whole); k++) {
			const char *key = athar_json_key(whole, k);

			if (k != i)
				athar_json_set(part, key,
				               athar_json_copy(athar_json_get(whole, key)));
		}
		/* items of the first athar have no fields */
		assert_status(athar_item_from_json(&item, part, &err),
		              strcmp(athar_json_key(whole, i), "fields") == 0 ? ATHAR_OK
		                                                              : ATHAR_EFORMAT,
		              err);
		athar_item_clear(&item);
		athar_json_set_bool(wrong, athar_json_key(whole, i), true);
		assert_status(athar_item_from_json(&item, wrong, &err), ATHAR_EFORMAT, err);
	}
}

static void test_wrong_values_are_refused(void **state)
{
	static const struct {
		const char *from, *to;
	} changes[] = {
		{"\"v\":1", "\"v\":2"},
		{"\"item\":1", "\"item\":0"},
		{"\"item\":1", "\"item\":-1"},
		{"recovered/000/000001.jpg", "../../etc/passwd"},
		{"recovered/000/000001.jpg", "recovered/../../../x"},
		{"recovered/000/000001.jpg", "/etc/passwd"},
		{"\"off\":0", "\"off\":1"},
		{"\"kind\":\"data\"", "\"kind\":\"hole\""},
		{"\"kind\":\"data\"", "\"kind\":\"derived\""},
		{"\"len\":3", "\"len\":\"3x\""},
		{"\"at\":512,", ""},
		{"\"volume\":null", "\"volume\":4294967296"},
		{"\"type\":\"jpeg\"", "\"type\":\"jpegjpegjpegjpeg\""},
		{"\"grade\":\"intact\"", "\"grade\":\"verified\""},
		{"\"times\":[]", "\"times\":[{\"meaning\":\"modified\"}]"},
		{"\"times\":[]", "\"times\":[1,2,3,4,5,6,7]"},
		{"\"path\":null", "\"path\":\"a\",\"path_hex\":\"6\""},
		{"\"path\":null", "\"known\":{},\"path\":null"},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(changes); i++) {
		ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
		const char *at = strstr(plain, changes[i].from);
		athar_error err = ATHAR_ERROR_INIT;
		char line[1200];

		assert_non_null(at);
		snprintf(line, sizeof line, "%.*s%s%s", (int)(at - plain), plain, changes[i].to,
		         at + strlen(changes[i].from));
		if (parse(&item, line, &err) != ATHAR_EFORMAT)
			fail_msg("%s was taken", changes[i].to);
		assert_null(item.path);
		assert_int_equal(item.number, 0);
	}
}

static void test_unknown_members_are_passed_over(void **state)
{
	ATHAR_AUTO(item) athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	char line[1200];

	(void)state;
	snprintf(line, sizeof line, "{\"via\":[],%s", plain + 1);
	assert_ok(parse(&item, line, &err), err);
	assert_int_equal(item.size, 3);
}

static void test_words_go_both_ways(void **state)
{
	athar_method method = ATHAR_METHOD_METADATA;
	athar_state st = ATHAR_STATE_LIVE;
	athar_grade grade = ATHAR_GRADE_HEADER;

	(void)state;
	for (int i = 0; i <= ATHAR_METHOD_EMBEDDED; i++)
		assert_true(athar_method_parse(&method, athar_method_name((athar_method)i)) &&
		            (int)method == i);
	for (int i = 0; i <= ATHAR_STATE_UNKNOWN; i++)
		assert_true(athar_state_parse(&st, athar_state_name((athar_state)i)) &&
		            (int)st == i);
	for (int i = 0; i <= ATHAR_GRADE_INTACT; i++)
		assert_true(athar_grade_parse(&grade, athar_grade_name((athar_grade)i)) &&
		            (int)grade == i);
	assert_false(athar_grade_parse(&grade, "Intact"));
	assert_false(athar_state_parse(&st, NULL));
	assert_false(athar_method_parse(&method, ""));
	assert_string_equal(athar_method_name(ATHAR_METHOD_JOURNAL), "journal");
	assert_string_equal(athar_state_name(ATHAR_STATE_ORPHAN), "orphan");
	assert_string_equal(athar_grade_name(ATHAR_GRADE_INTACT), "intact");
	assert_null(athar_grade_name((athar_grade)4));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_line_is_as_documented),
		cmocka_unit_test(test_the_way_goes_there_and_back),
		cmocka_unit_test(test_nothing_is_lost),
		cmocka_unit_test(test_times_without_zone_carry_no_z),
		cmocka_unit_test(test_what_is_missing_is_refused),
		cmocka_unit_test(test_wrong_values_are_refused),
		cmocka_unit_test(test_unknown_members_are_passed_over),
		cmocka_unit_test(test_words_go_both_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
