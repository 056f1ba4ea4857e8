/* SPDX-License-Identifier: BSD-2-Clause */
/* What going on with an interrupted run rests on: what stands, what was asked for, what was joined.
 */
#include <unistd.h>

#include "athar_test.h"
#include "base/files.h"
#include "case/run.h"
#include "engine/asked.h"
#include "engine/join_log.h"
#include "engine/standing.h"

/* ---- what stands ---- */

static athar_item item_at(uint64_t at, const char *path)
{
	athar_item item = ATHAR_ITEM_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	item.method = ATHAR_METHOD_JOURNAL;
	item.grade = ATHAR_GRADE_COMPLETE;
	strcpy(item.type, "jpeg");
	strcpy(item.address, "12-128-1");
	item.volume = 2;
	item.path = (uint8_t *)path;
	item.path_len = path == NULL ? 0 : strlen(path);
	assert_ok(athar_extents_add_data(&item.extents, at, 512, &err), err);
	assert_ok(athar_extents_add(&item.extents,
	                            (athar_extent){.image = ATHAR_NOWHERE,
	                                           .length = 100,
	                                           .kind = ATHAR_EXTENT_HOLE},
	                            &err),
	          err);
	return item;
}

static athar_find find_at(uint64_t at, const char *path)
{
	athar_find f = ATHAR_FIND_INIT;
	athar_item item = item_at(at, path);

	f.method = item.method;
	f.volume = item.volume;
	memcpy(f.address, item.address, sizeof f.address);
	f.path = item.path;
	f.path_len = item.path_len;
	f.extents = item.extents;
	return f;
}

static void add(athar_standing *s, uint64_t at, const char *path)
{
	athar_item item = item_at(at, path);
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_standing_add(s, &item, true, &err), err);
	athar_extents_clear(&item.extents);
}

static const athar_stand *take(athar_standing *s, athar_find f)
{
	const athar_stand *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_standing_take(&out, s, &f, &err), err);
	athar_extents_clear(&f.extents);
	return out;
}

static void each_stands_once(void **state)
{
	athar_standing s = {.count = 0};

	(void)state;
	assert_null(take(&s, find_at(0, "a")));
	for (uint64_t i = 0; i < 1000; i++)
		add(&s, i * 512, "a");
	add(&s, 512, "a");
	for (uint64_t i = 0; i < 1000; i++)
		assert_non_null(take(&s, find_at(i * 512, "a")));
	assert_non_null(take(&s, find_at(512, "a")));
	for (uint64_t i = 0; i < 1001; i++)
		assert_null(take(&s, find_at(i * 512, "a")));
	athar_standing_clear(&s);
}

static void all_of_its_whereabouts_count(void **state)
{
	athar_standing s = {.count = 0};
	athar_find f;

	(void)state;
	add(&s, 0, "a");
	assert_null(take(&s, find_at(512, "a")));
	assert_null(take(&s, find_at(0, "b")));
	assert_null(take(&s, find_at(0, "")));
	assert_null(take(&s, find_at(0, NULL)));
	f = find_at(0, "a");
	f.method = ATHAR_METHOD_METADATA;
	assert_null(take(&s, f));
	f = find_at(0, "a");
	f.volume = -1;
	assert_null(take(&s, f));
	f = find_at(0, "a");
	f.address[0] = '2';
	assert_null(take(&s, f));
	f = find_at(0, "a");
	f.extents.extent[0].length--;
	assert_null(take(&s, f));
	f = find_at(0, "a");
	f.extents.extent[1].kind = ATHAR_EXTENT_MISSING;
	assert_null(take(&s, f));
	/* What was learned of it since does not. */
	f = find_at(0, "a");
	strcpy(f.format, "jpeg");
	f.state = ATHAR_STATE_ORPHAN;
	f.contested = 7;
	assert_non_null(take(&s, f));
	athar_standing_clear(&s);
}

static bool proven(const char *type, athar_grade grade)
{
	athar_standing s = {.count = 0};
	athar_item item = item_at(0, NULL);
	athar_error err = ATHAR_ERROR_INIT;
	bool is;

	(void)snprintf(item.type, sizeof item.type, "%s", type);
	item.grade = grade;
	assert_ok(athar_standing_add(&s, &item, true, &err), err);
	is = s.stand[0].proven;
	athar_extents_clear(&item.extents);
	athar_standing_clear(&s);
	return is;
}

static void only_a_format_that_closes_proves_blocks(void **state)
{
	(void)state;
	assert_true(proven("jpeg", ATHAR_GRADE_COMPLETE));
	assert_true(proven("png", ATHAR_GRADE_INTACT));
	assert_false(proven("jpeg", ATHAR_GRADE_PARTIAL));
	assert_false(proven("", ATHAR_GRADE_COMPLETE));
}

/* ---- what was asked for ---- */

static const char *const paths[] = {"DCIM/*", "\xff\xfe"};

static athar_carve_options some(void)
{
	athar_carve_options o = ATHAR_CARVE_OPTIONS_INIT;

	o.types = "jpeg,png";
	o.effort = 9;
	o.least = ATHAR_GRADE_PARTIAL;
	o.max_output = UINT64_MAX - 1;
	o.path = (athar_carve_names){paths, 2};
	o.tree = true;
	return o;
}

static void options_come_out_of_the_record(void **state)
{
	const athar_carve_options was = some();
	athar_carve_options given = ATHAR_CARVE_OPTIONS_INIT;
	ATHAR_AUTO(json) athar_json *record = athar_asked_json(&was, "carve-003"), *copy = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	athar_asked a = {.record = NULL};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	given.exhibit = "3-1";
	assert_ok(athar_json_line(&line, record, &err), err);
	assert_ok(athar_json_parse(&copy, line, strlen(line), &err), err);
	assert_ok(athar_asked_take(&a, copy, &given, &err), err);
	assert_string_equal(a.options.exhibit, "3-1");
	assert_string_equal(a.options.types, "jpeg,png");
	assert_string_equal(a.options.of_run, "carve-003");
	assert_null(a.options.from);
	assert_int_equal(a.options.methods, was.methods);
	assert_int_equal(a.options.effort, 9);
	assert_int_equal(a.options.least, ATHAR_GRADE_PARTIAL);
	assert_true(a.options.max_output == UINT64_MAX - 1);
	assert_true(a.options.tree);
	assert_false(a.options.whole);
	assert_int_equal(a.options.path.count, 2);
	assert_string_equal(a.options.path.name[1], "\xff\xfe");
	assert_int_equal(a.options.exclude.count, 0);
	athar_asked_clear(&a);
}

static athar_status ask_again(const athar_carve_options *given, athar_error *err)
{
	const athar_carve_options was = some();
	ATHAR_AUTO(json) athar_json *record = athar_asked_json(&was, NULL);
	athar_asked a = {.record = NULL};
	const athar_status status = athar_asked_take(&a, record, given, err);

	athar_asked_clear(&a);
	return status;
}

static void other_options_are_refused(void **state)
{
	athar_carve_options given = some();
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(ask_again(&given, &err), err);
	given.types = "jpeg";
	assert_status(ask_again(&given, &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "--type"));
	given = some();
	given.path.count = 1;
	assert_status(ask_again(&given, &err), ATHAR_EUSAGE, err);
	given = some();
	given.every_byte = true;
	assert_status(ask_again(&given, &err), ATHAR_EUSAGE, err);
	given = some();
	given.methods = ATHAR_CARVE_METADATA;
	assert_status(ask_again(&given, &err), ATHAR_EUSAGE, err);
	given = some();
	given.max_output = 5;
	assert_status(ask_again(&given, &err), ATHAR_EUSAGE, err);
}

static void a_record_without_sense_is_refused(void **state)
{
	ATHAR_AUTO(json) athar_json *record = athar_json_object();
	athar_carve_options given = ATHAR_CARVE_OPTIONS_INIT;
	athar_asked a = {.record = NULL};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_status(athar_asked_take(&a, NULL, &given, &err), ATHAR_EFORMAT, err);
	assert_status(athar_asked_take(&a, record, &given, &err), ATHAR_EFORMAT, err);
	athar_asked_clear(&a);
}

/* ---- what was joined ---- */

static athar_join_try try_at(uint64_t offset)
{
	return (athar_join_try){
		.round = 1 + (unsigned)(offset / 10), .offset = offset, .format = "png"};
}

/* Tries from `first` to `end`: each third one is joined, each fifth given up. */
static void note(const char *folder, uint64_t first, uint64_t end)
{
	athar_join_log log = {.path = NULL};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_join_log_open(&log, folder, &err), err);
	for (uint64_t i = 0; i < end; i++) {
		const athar_join_try which = try_at(i);
		athar_find f = find_at(i * 512, NULL);
		athar_join_outcome out;
		bool known = false;

		assert_ok(athar_join_log_next(&out, &known, &log, &which, &err), err);
		free(out.message);
		assert_int_equal(known, i < first);
		if (!known)
			assert_ok(athar_join_log_add(&log, &which, i % 5 == 0,
			                             i % 3 == 0 ? &f : NULL, &err),
			          err);
		athar_extents_clear(&f.extents);
	}
	athar_join_log_close(&log);
}

/* How many are known, all as they were. */
static uint64_t known(const char *folder, uint64_t end)
{
	athar_join_log log = {.path = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	bool is = true;
	uint64_t n = 0;

	assert_ok(athar_join_log_open(&log, folder, &err), err);
	while (is && n < end) {
		const athar_join_try which = try_at(n);
		ATHAR_AUTO(find) athar_find f = ATHAR_FIND_INIT;
		athar_join_outcome out;

		assert_ok(athar_join_log_next(&out, &is, &log, &which, &err), err);
		if (!is)
			break;
		assert_int_equal(out.given_up, n % 5 == 0);
		assert_int_equal(out.joined, n % 3 == 0);
		if (out.joined) {
			const athar_bytes message = {.ptr = out.message, .len = out.message_len};

			assert_ok(athar_find_unwire(&f, message, &err), err);
			assert_int_equal(f.extents.extent[0].image, n * 512);
			assert_string_equal(f.address, "12-128-1");
		}
		free(out.message);
		n++;
	}
	athar_join_log_close(&log);
	return n;
}

static void outcomes_are_known_again(void **state)
{
	char *folder = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	char *path = athar_join(folder, ATHAR_RUN_JOINS, &err);

	(void)state;
	assert_int_equal(known(folder, 30), 0);
	note(folder, 0, 20);
	assert_int_equal(known(folder, 30), 20);
	note(folder, 20, 30);
	assert_int_equal(known(folder, 30), 30);
	/* A torn end: what is whole is known, and it goes on behind that. */
	assert_int_equal(truncate(path, 1000), 0);
	const uint64_t left = known(folder, 30);
	assert_in_range(left, 1, 29);
	note(folder, left, 30);
	assert_int_equal(known(folder, 30), 30);
	free(path);
	athar_test_rmdir(folder);
}

/* A log of other tries helps nobody: what does not fit is thrown away. */
static void other_tries_are_not_known(void **state)
{
	char *folder = athar_test_mkdir();
	athar_join_log log = {.path = NULL};
	athar_error err = ATHAR_ERROR_INIT;
	athar_join_outcome out;
	athar_join_try which = try_at(0);
	bool is = true;

	(void)state;
	note(folder, 0, 5);
	assert_ok(athar_join_log_open(&log, folder, &err), err);
	assert_ok(athar_join_log_next(&out, &is, &log, &which, &err), err);
	assert_true(is);
	free(out.message);
	which.offset = 7;
	assert_ok(athar_join_log_next(&out, &is, &log, &which, &err), err);
	assert_false(is);
	athar_join_log_close(&log);
	assert_int_equal(known(folder, 5), 1);
	athar_test_rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_stands_once),
		cmocka_unit_test(all_of_its_whereabouts_count),
		cmocka_unit_test(only_a_format_that_closes_proves_blocks),
		cmocka_unit_test(options_come_out_of_the_record),
		cmocka_unit_test(other_options_are_refused),
		cmocka_unit_test(a_record_without_sense_is_refused),
		cmocka_unit_test(outcomes_are_known_again),
		cmocka_unit_test(other_tries_are_not_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
