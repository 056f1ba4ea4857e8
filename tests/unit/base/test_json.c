/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include "base/idiom.h"

static void assert_line(const athar_json *json, const char *expected)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) char *line = NULL;

	assert_ok(athar_json_line(&line, json, &err), err);
	assert_string_equal(line, expected);
}

static athar_json *parsed(const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *json = NULL;

	assert_ok(athar_json_parse(&json, text, strlen(text), &err), err);
	return json;
}

static void keys_are_sorted_and_nothing_is_padded(void **state)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	athar_json *list = athar_json_array();

	(void)state;
	athar_json_set_text(json, "z", "last");
	athar_json_set_number(json, "a", 7);
	athar_json_append_text(list, "x");
	athar_json_append(list, athar_json_object());
	athar_json_set(json, "m", list);
	athar_json_set_bool(json, "b", true);
	athar_json_set_null(json, "n");
	athar_json_set_text(json, "o", NULL);
	athar_json_set_signed(json, "s", -5);
	assert_line(json, "{\"a\":7,\"b\":true,\"m\":[\"x\",{}],\"n\":null,\"o\":null,\"s\":-5,"
	                  "\"z\":\"last\"}");
}

static void numbers_above_2_to_53_are_strings(void **state)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	uint64_t number = 0;
	int64_t is_signed = 0;

	(void)state;
	athar_json_set_number(json, "a", UINT64_C(9007199254740992));
	athar_json_set_number(json, "b", UINT64_C(9007199254740993));
	athar_json_set_number(json, "c", UINT64_MAX);
	athar_json_set_signed(json, "d", INT64_MIN);
	athar_json_set_signed(json, "e", INT64_C(-9007199254740992));
	assert_line(json, "{\"a\":9007199254740992,\"b\":\"9007199254740993\","
	                  "\"c\":\"18446744073709551615\",\"d\":\"-9223372036854775808\","
	                  "\"e\":-9007199254740992}");
	assert_true(athar_json_get_number(json, "b", &number));
	assert_true(number == UINT64_C(9007199254740993));
	assert_true(athar_json_get_number(json, "c", &number));
	assert_true(number == UINT64_MAX);
	assert_true(athar_json_get_signed(json, "d", &is_signed));
	assert_true(is_signed == INT64_MIN);
	assert_true(athar_json_get_signed(json, "e", &is_signed));
	assert_true(is_signed == INT64_C(-9007199254740992));
	assert_false(athar_json_get_signed(json, "c", &is_signed));
	assert_false(athar_json_get_number(json, "d", &number));
}

static void hidden_characters_are_escaped(void **state)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();

	(void)state;
	athar_json_set_text(json, "a",
	                    "\u202Egpj.exe\x7F\xC2\x85\u2028\U000E0041\n\u0627\U0001F600");
	assert_line(json, "{\"a\":\"\\u202Egpj.exe\\u007F\\u0085\\u2028\\uDB40\\uDC41\\n"
	                  "\u0627\U0001F600\"}");
}

static void invalid_bytes_come_back_unchanged(void **state)
{
	static const uint8_t name[] = {'a', 0xFF, 0, 'b'};
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	ATHAR_AUTO(free) uint8_t *back = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	size_t len = 0;

	(void)state;
	athar_json_set_bytes(json, "name", name, sizeof name);
	athar_json_set_bytes(json, "plain", "ok", 2);
	athar_json_set_text(json, "text", "\xC0\x80");
	assert_line(json, "{\"name\":\"a\uFFFD\uFFFDb\",\"name_hex\":\"61ff0062\",\"plain\":\"ok\","
	                  "\"text\":\"\uFFFD\uFFFD\",\"text_hex\":\"c080\"}");
	assert_ok(athar_json_get_bytes(&back, &len, json, "name", &err), err);
	assert_int_equal(len, sizeof name);
	assert_memory_equal(back, name, len);
}

static void a_later_valid_value_drops_the_hex(void **state)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();

	(void)state;
	athar_json_set_bytes(json, "n", "\xFF", 1);
	athar_json_set_bytes(json, "n", "x", 1);
	assert_line(json, "{\"n\":\"x\"}");
}

static void failures_are_remembered(void **state)
{
	ATHAR_AUTO(json) athar_json *json = athar_json_object();
	ATHAR_AUTO(json) athar_json *outside = athar_json_object();
	athar_json *child = athar_json_array();
	ATHAR_AUTO(free) char *line = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	athar_json_set_text(NULL, "a", "b");
	athar_json_set(NULL, "a", athar_json_object());
	athar_json_append(NULL, athar_json_object());
	assert_status(athar_json_line(&line, NULL, &err), ATHAR_ENOMEM, err);
	athar_json_set(json, "child", child);
	athar_json_append(child, NULL);
	assert_status(athar_json_line(&line, json, &err), ATHAR_ENOMEM, err);
	athar_json_set(outside, "missing", NULL);
	athar_json_set_text(outside, "later", "fine");
	assert_status(athar_json_pretty(&line, outside, &err), ATHAR_ENOMEM, err);
	assert_null(line);
}

static void refuse(const char *text, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *json = NULL;

	assert_status(athar_json_parse(&json, text, len, &err), ATHAR_EFORMAT, err);
	assert_null(json);
}

static void hostile_json_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{",
		"{\"a\":1,\"a\":2}",
		"{} x",
		"{\"a\":18446744073709551616}",
		"[1]]",
		"{\"a\":\"\\u0000\"}",
		"{\"a\":\"\xFF\"}",
		"nul",
		"{'a':1}",
		"[NaN]",
	};
	char deep[200];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		refuse(bad[i], strlen(bad[i]));
	refuse("{}\0", 3);
	memset(deep, '[', 65);
	memset(deep + 65, ']', 65);
	refuse(deep, 130);
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_json_parse(&json, deep + 1, 128, &err), err);
}

static void getters_say_no_to_other_types(void **state)
{
	ATHAR_AUTO(json)
	athar_json *json = parsed(
		"{\"b\":true,\"i\":-1,\"l\":[1,\"t\"],\"s\":\"007\",\"t\":\"12x\",\"z\":\"0\"}");
	ATHAR_AUTO(free) uint8_t *bytes = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t number = 99;
	size_t len = 0;
	bool truth = false;

	(void)state;
	assert_false(athar_json_get_number(json, "i", &number));
	assert_false(athar_json_get_number(json, "s", &number));
	assert_false(athar_json_get_number(json, "t", &number));
	assert_false(athar_json_get_number(json, "b", &number));
	assert_false(athar_json_get_number(json, "none", &number));
	assert_true(number == 99);
	assert_true(athar_json_get_number(json, "z", &number));
	assert_true(number == 0);
	assert_false(athar_json_get_bool(json, "s", &truth));
	assert_true(athar_json_get_bool(json, "b", &truth));
	assert_true(truth);
	assert_null(athar_json_get_text(json, "b"));
	assert_null(athar_json_get(NULL, "b"));
	assert_null(athar_json_get_text(NULL, "b"));
	assert_int_equal(athar_json_count(athar_json_get(json, "l")), 2);
	assert_string_equal(athar_json_text(athar_json_at(athar_json_get(json, "l"), 1)), "t");
	assert_null(athar_json_at(athar_json_get(json, "l"), 2));
	assert_int_equal(athar_json_count(NULL), 0);
	assert_status(athar_json_get_bytes(&bytes, &len, json, "b", &err), ATHAR_EFORMAT, err);
}

static void members_are_listed_in_order(void **state)
{
	ATHAR_AUTO(json) athar_json *json = parsed("{\"c\":1,\"a\":2,\"b\":3}");

	(void)state;
	assert_int_equal(athar_json_count(json), 3);
	assert_string_equal(athar_json_key(json, 0), "a");
	assert_string_equal(athar_json_key(json, 1), "b");
	assert_string_equal(athar_json_key(json, 2), "c");
	assert_null(athar_json_key(json, 3));
}

static void a_copy_outlives_its_original(void **state)
{
	athar_json *json = parsed("{\"deep\":{\"list\":[1,2,{\"x\":null}]}}");
	ATHAR_AUTO(json) athar_json *other = athar_json_object();

	(void)state;
	athar_json_set(other, "copy", athar_json_copy(athar_json_get(json, "deep")));
	athar_json_free(json);
	assert_line(other, "{\"copy\":{\"list\":[1,2,{\"x\":null}]}}");
}

static void pretty_is_indented(void **state)
{
	ATHAR_AUTO(json) athar_json *json = parsed("{\"b\":[1],\"a\":\"\u200F\"}");
	ATHAR_AUTO(free) char *text = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_json_pretty(&text, json, &err), err);
	assert_string_equal(text, "{\n  \"a\": \"\\u200F\",\n  \"b\": [\n    1\n  ]\n}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(keys_are_sorted_and_nothing_is_padded),
		cmocka_unit_test(numbers_above_2_to_53_are_strings),
		cmocka_unit_test(hidden_characters_are_escaped),
		cmocka_unit_test(invalid_bytes_come_back_unchanged),
		cmocka_unit_test(a_later_valid_value_drops_the_hex),
		cmocka_unit_test(failures_are_remembered),
		cmocka_unit_test(hostile_json_is_refused),
		cmocka_unit_test(getters_say_no_to_other_types),
		cmocka_unit_test(members_are_listed_in_order),
		cmocka_unit_test(a_copy_outlives_its_original),
		cmocka_unit_test(pretty_is_indented),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
