/* SPDX-License-Identifier: BSD-2-Clause */
/* Memory runs out at every place in turn: what is built is then whole or reported, never wrong. */
#include "athar_test.h"

#include <jansson.h>

#include "athar/text.h"
#include "base/idiom.h"

void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

/* Allocations that still succeed; negative: all. */
static long left = -1;
/* Is there memory again after one refusal? */
static bool once;

static bool granted(void)
{
	if (left < 0)
		return true;
	if (left == 0) {
		left = once ? -1 : 0;
		return false;
	}
	left--;
	return true;
}

void *__wrap_calloc(size_t count, size_t size)
{
	return granted() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *p, size_t size)
{
	return granted() ? __real_realloc(p, size) : NULL;
}

static void *jansson_malloc(size_t size)
{
	return granted() ? malloc(size) : NULL;
}

#define EXPECTED \
	"{\"list\":[\"\\u202E\",{\"n\":\"18446744073709551615\"}],\"name\":\"a\uFFFD\"," \
	"\"name_hex\":\"61ff\",\"size\":5,\"sub\":{\"x\":null},\"z\":true}"

/* Builds in a straight line, as callers do. */
static athar_status build(char **line, athar_error *err)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	ATHAR_AUTO(json) athar_json *copy = NULL;
	athar_json *list = athar_json_array();
	athar_json *in_list = athar_json_object();
	athar_json *sub = athar_json_object();

	athar_json_set_bytes(json, "name", "a\xFF", 2);
	athar_json_set_number(json, "size", 5);
	athar_json_append_text(list, "\u202E");
	athar_json_set_number(in_list, "n", UINT64_MAX);
	athar_json_append(list, in_list);
	athar_json_set(json, "list", list);
	athar_json_set_null(sub, "x");
	athar_json_set(json, "sub", sub);
	athar_json_set_bool(json, "z", true);
	copy = athar_json_copy(json);
	return athar_json_line(line, copy != NULL ? copy : json, err);
}

static bool try_build(long n)
{
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	left = n;
	const athar_status status = build(&line, &err);
	const bool enough = left > 0;

	left = -1;
	if (status == ATHAR_OK) {
		assert_string_equal(line, EXPECTED);
	} else {
		assert_int_equal(status, ATHAR_ENOMEM);
		assert_null(line);
		assert_int_not_equal(err.text[0], 0);
	}
	return enough;
}

static void a_record_is_whole_or_reported(void **state)
{
	(void)state;
	json_set_alloc_funcs(jansson_malloc, free);
	for (int mode = 0; mode < 2; mode++) {
		once = mode == 1;
		for (long n = 0; !try_build(n); n++)
			assert_in_range(n, 0, 1000);
	}
	once = false;
}

/* jansson takes some lack of memory for bad grammar; what counts is that nothing half-read passes.
 */
static bool try_parse(long n)
{
	ATHAR_AUTO(json) athar_json *json = NULL;
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	left = n;
	const athar_status status = athar_json_parse(&json, EXPECTED, strlen(EXPECTED), &err);
	const bool enough = left > 0;

	left = -1;
	assert_int_equal(status == ATHAR_OK, json != NULL);
	if (status == ATHAR_OK) {
		assert_ok(athar_json_line(&line, json, &err), err);
		assert_string_equal(line, EXPECTED);
	} else {
		assert_true(status == ATHAR_EFORMAT || status == ATHAR_ENOMEM);
	}
	return enough;
}

static void parsing_is_whole_or_fails(void **state)
{
	(void)state;
	json_set_alloc_funcs(jansson_malloc, free);
	for (long n = 0; !try_parse(n); n++)
		assert_in_range(n, 0, 1000);
}

static void sets_stay_as_they_were(void **state)
{
	(void)state;
	for (long n = 0; n < 4; n++) {
		ATHAR_AUTO(runs) athar_runs runs = ATHAR_RUNS_INIT;
		athar_error err = ATHAR_ERROR_INIT;

		for (uint64_t i = 0; i < 8; i++)
			assert_ok(athar_runs_add(&runs, 10 * i, 5, ATHAR_RUN_UNREAD, &err), err);
		left = n;
		const athar_status status = athar_runs_add(&runs, 2, 60, ATHAR_RUN_BAD, &err);

		left = -1;
		if (status == ATHAR_OK) {
			assert_int_equal(runs.count, 4);
			assert_int_equal(athar_runs_total(&runs), 2 + 60 + 3 + 5);
			continue;
		}
		assert_int_equal(status, ATHAR_ENOMEM);
		assert_int_equal(runs.count, 8);
		assert_int_equal(athar_runs_total(&runs), 40);
	}
}

static void escaping_reports(void **state)
{
	ATHAR_AUTO(free) char *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *bytes = NULL;
	size_t len = 0;

	(void)state;
	left = 0;
	const athar_status a = athar_text_terminal(&out, "x", 1, &err);
	const athar_status b = athar_text_csv(&out, "x", 1, &err);
	const athar_status c = athar_text_unescape(&bytes, &len, "x", &err);

	left = -1;
	assert_int_equal(a, ATHAR_ENOMEM);
	assert_int_equal(b, ATHAR_ENOMEM);
	assert_int_equal(c, ATHAR_ENOMEM);
	assert_null(out);
	assert_null(bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_is_whole_or_reported),
		cmocka_unit_test(parsing_is_whole_or_fails),
		cmocka_unit_test(sets_stay_as_they_were),
		cmocka_unit_test(escaping_reports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
