/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <iconv.h>

#include "athar/text.h"
#include "base/idiom.h"
#include "base/utf8.h"

typedef athar_status escaper(char **out, const void *bytes, size_t len, athar_error *err);

static void assert_escaped(escaper *escape, const void *bytes, size_t len, const char *expected)
{
	ATHAR_AUTO(free) char *out = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(escape(&out, bytes, len, &err), err);
	assert_string_equal(out, expected);
}

#define NAME "a\\\0\x1B\xFF\u202E\u0627\U000E0041\n"
#define NAME_LEN (sizeof NAME - 1)

static void a_terminal_is_shown_no_commands(void **state)
{
	(void)state;
	assert_escaped(athar_text_terminal, NAME, NAME_LEN,
	               "a\\\\\\u{0}\\u{1B}\\xFF\\u{202E}\u0627\\u{E0041}\\u{A}");
	assert_escaped(athar_text_terminal, NULL, 0, "");
}

static void people_see_what_is_hidden(void **state)
{
	(void)state;
	assert_escaped(athar_text_visible, NAME, NAME_LEN,
	               "a\\\u2039U+0000\u203A\u2039U+001B\u203A\u20390xFF\u203A\u2039U+202E\u203A"
	               "\u0627\u2039U+E0041\u203A\u2039U+000A\u203A");
}

static void spreadsheets_compute_nothing(void **state)
{
	static const char *const formulas[] = {"=1+1", "+1", "-1", "@x", "\uFF1D1"};
	char expected[32];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(formulas); i++) {
		snprintf(expected, sizeof expected, "\"'%s\"", formulas[i]);
		assert_escaped(athar_text_csv, formulas[i], strlen(formulas[i]), expected);
	}
	assert_escaped(athar_text_csv, "\t=1", 3, "\"'\u2039U+0009\u203A=1\"");
	assert_escaped(athar_text_csv, "\r", 1, "\"'\u2039U+000D\u203A\"");
	assert_escaped(athar_text_csv, "a,\"b\"\nc=", 8, "\"a,\"\"b\"\"\u2039U+000A\u203Ac=\"");
	assert_escaped(athar_text_csv, "", 0, "\"\"");
	assert_escaped(athar_text_csv, "\xFF=", 2, "\"\u20390xFF\u203A=\"");
}

static void what_is_not_utf8_is_replaced(void **state)
{
	ATHAR_AUTO(free) char *same = NULL;
	ATHAR_AUTO(free) char *other = NULL;
	ATHAR_AUTO(free) char *nul = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	bool changed = true;

	(void)state;
	assert_ok(athar_text_utf8(&same, "\u0645\n", 3, &changed, &err), err);
	assert_string_equal(same, "\u0645\n");
	assert_false(changed);
	assert_ok(athar_text_utf8(&other, "a\xC3(", 3, &changed, &err), err);
	assert_string_equal(other, "a\uFFFD(");
	assert_true(changed);
	assert_ok(athar_text_utf8(&nul, "a\0b", 3, &changed, &err), err);
	assert_string_equal(nul, "a\uFFFDb");
	assert_true(changed);
}

static void any_bytes_come_back_from_the_terminal_form(void **state)
{
	static const char mostly[] = "\\\\xu{}20EFAa\xE2\x80\xAE\n";
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t seed = 11;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		ATHAR_AUTO(free) char *text = NULL;
		ATHAR_AUTO(free) uint8_t *back = NULL;
		uint8_t bytes[60];
		size_t len = athar_test_random(&seed) % sizeof bytes;
		size_t back_len = 0;

		athar_test_fill(bytes, len, seed);
		/* Half of them mostly text, backslashes and near-escapes. */
		for (size_t j = 0; i % 2 == 0 && j < len; j++)
			bytes[j] = (uint8_t)mostly[bytes[j] % (sizeof mostly - 1)];
		assert_ok(athar_text_terminal(&text, bytes, len, &err), err);
		assert_true(athar_text_is_utf8(text, strlen(text)));
		assert_ok(athar_text_unescape(&back, &back_len, text, &err), err);
		assert_int_equal(back_len, len);
		assert_memory_equal(back, bytes, len);
	}
}

static void only_the_escapers_own_text_is_undone(void **state)
{
	static const char *const bad[] = {
		"\\",        "\\x",       "\\xF",        "\\xfF",          "\\x41",       "\\xG0",
		"\\u",       "\\u{",      "\\u{}",       "\\u{41}",        "\\u{0A}",     "\\u{a}",
		"\\u{202e}", "\\u{D800}", "\\u{110000}", "\\u{FFFFFFFFF}", "\\u{202E",    "\\n",
		"\n",        "\u202E",    "\xFF",        "\\xC2\\x80",     "\\u{202E}\\",
	};
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *out = NULL;
	size_t len = 0;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		assert_status(athar_text_unescape(&out, &len, bad[i], &err), ATHAR_EFORMAT, err);
	assert_null(out);
}

static void hex_goes_there_and_back(void **state)
{
	static const char *const bad[] = {"0", "0g", "abc", " 00", "0x00"};
	ATHAR_AUTO(free) char *hex = NULL;
	ATHAR_AUTO(free) uint8_t *back = NULL;
	ATHAR_AUTO(free) uint8_t *empty = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *none = NULL;
	size_t len = 9;

	(void)state;
	assert_ok(athar_text_hex(&hex, "\x00\x9f\xFF", 3, &err), err);
	assert_string_equal(hex, "009fff");
	assert_ok(athar_text_unhex(&back, &len, "009FfF", &err), err);
	assert_int_equal(len, 3);
	assert_memory_equal(back, "\x00\x9f\xFF", 3);
	assert_ok(athar_text_unhex(&empty, &len, "", &err), err);
	assert_int_equal(len, 0);
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		assert_status(athar_text_unhex(&none, &len, bad[i], &err), ATHAR_EFORMAT, err);
}

/* iconv is the judge: does it take these bytes for UTF-8, and for which character? */
static bool judged(uint32_t *character, iconv_t judge, const uint8_t *bytes, size_t len)
{
	char in[4];
	uint8_t out[16];
	char *from = in;
	char *to = (char *)out;
	size_t from_len = len;
	size_t to_len = sizeof out;

	memcpy(in, bytes, len);
	(void)iconv(judge, NULL, NULL, NULL, NULL);
	if (iconv(judge, &from, &from_len, &to, &to_len) == (size_t)-1 || to_len != sizeof out - 4)
		return false;
	*character = (uint32_t)out[0] | (uint32_t)out[1] << 8 | (uint32_t)out[2] << 16 |
	             (uint32_t)out[3] << 24;
	return true;
}

static void utf8_is_what_iconv_says(void **state)
{
	iconv_t judge = iconv_open("UTF-32LE", "UTF-8");
	uint64_t seed = 3;

	(void)state;
	assert_true(judge != (iconv_t)-1);
	for (uint32_t i = 0; i < 300000; i++) {
		const uint64_t r = athar_test_random(&seed);
		/* Lead and following bytes near the borders of what is allowed. */
		const uint8_t bytes[4] = {
			(uint8_t)(0x78 + r % 0x88), (uint8_t)(0x7E + (r >> 8) % 0x44),
			(uint8_t)(0x7E + (r >> 16) % 0x44), (uint8_t)(0x7E + (r >> 24) % 0x44)};
		const size_t len = 1 + i % 4;
		uint32_t theirs = 0;
		uint32_t ours = 0;
		const bool one = judged(&theirs, judge, bytes, len);

		assert_int_equal(athar_utf8_decode(&ours, bytes, len) == len, one);
		if (one) {
			uint8_t again[4];

			assert_int_equal(ours, theirs);
			assert_int_equal(athar_utf8_encode(again, ours), len);
			assert_memory_equal(again, bytes, len);
		}
	}
	iconv_close(judge);
}

static void hidden_characters_are_those_of_the_header(void **state)
{
	static const struct {
		uint32_t first, last;
	} hidden[] = {
		{0, 0x1F},        {0x7F, 0x9F},     {0x61C, 0x61C},     {0x200B, 0x200F},
		{0x2028, 0x2029}, {0x202A, 0x202E}, {0x2060, 0x206F},   {0xFEFF, 0xFEFF},
		{0xFFF9, 0xFFFB}, {0xFFFE, 0xFFFF}, {0xE0000, 0xE007F},
	};
	size_t count = 0;
	size_t expected = 0;

	(void)state;
	for (uint32_t c = 0; c <= 0x10FFFF; c++)
		count += athar_utf8_hidden(c);
	for (size_t i = 0; i < ATHAR_COUNT(hidden); i++) {
		expected += hidden[i].last - hidden[i].first + 1;
		for (uint32_t c = hidden[i].first; c <= hidden[i].last; c++)
			assert_true(athar_utf8_hidden(c));
	}
	assert_int_equal(count, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_terminal_is_shown_no_commands),
		cmocka_unit_test(people_see_what_is_hidden),
		cmocka_unit_test(spreadsheets_compute_nothing),
		cmocka_unit_test(what_is_not_utf8_is_replaced),
		cmocka_unit_test(any_bytes_come_back_from_the_terminal_form),
		cmocka_unit_test(only_the_escapers_own_text_is_undone),
		cmocka_unit_test(hex_goes_there_and_back),
		cmocka_unit_test(utf8_is_what_iconv_says),
		cmocka_unit_test(hidden_characters_are_those_of_the_header),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
