/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Words and expressions in texts that iconv has written, and held against regexec(), which also
 * gives the longest match at the first place.
 */
#include <iconv.h>
#include <regex.h>

#include "athar_test.h"
#include "base/utf8.h"
#include "carve/search.h"
#include "carve/search_code.h"

static const char *const codes[] = {"UTF-8", "UTF-16LE", "CP1256"};

/* ---- one search ---- */

typedef struct bench {
	athar_search_pattern pattern[8];
	athar_search_options options;
	athar_patterns *patterns;
	athar_searcher *searcher;
	athar_window window;
	athar_spots_found found;
} bench;

static void open_bench(bench *b, athar_search_kind kind, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	b->pattern[0] = (athar_search_pattern){kind, text};
	if (b->options.patterns == 0)
		b->options.patterns = 1;
	b->options.pattern = b->pattern;
	assert_ok(athar_patterns_new(&b->patterns, &b->options, &err), err);
	assert_ok(athar_searcher_new(&b->searcher, b->patterns, &err), err);
}

static void close_bench(bench *b)
{
	athar_searcher_free(b->searcher);
	athar_patterns_free(b->patterns);
}

static void look(bench *b, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;

	b->window = (athar_window){.bytes = {.ptr = bytes, .len = len}, .to = len};
	assert_ok(athar_searcher_run(&b->found, b->searcher, &b->window, NULL, NULL, &err), err);
	assert_int_equal(b->found.cuts, 0);
}

static size_t encode(char *out, size_t size, const char *code, const char *text)
{
	iconv_t cd = iconv_open(code, "UTF-8");
	char *in = (char *)(uintptr_t)text, *to = out;
	size_t in_left = strlen(text), left = size;

	assert_true(cd != (iconv_t)-1);
	assert_int_equal(iconv(cd, &in, &in_left, &to, &left), 0);
	assert_int_equal(iconv_close(cd), 0);
	return size - left;
}

/* How often the pattern is in the text, in each encoding that has its characters, at odd and even
 * places. */
static void expect_with(athar_search_options options, athar_search_kind kind, const char *pattern,
                        const char *text, size_t count)
{
	for (unsigned e = 0; e < ATHAR_SEARCH_ENCODINGS; e++)
		for (unsigned shift = 0; shift < 2; shift++) {
			bench b = {.options = options};
			char buffer[4000] = {0};
			size_t len;

			b.options.encodings = 1u << e;
			len = encode(buffer + 2 + shift, 3000, codes[e], text);
			open_bench(&b, kind, pattern);
			look(&b, buffer, len + 4 + shift);
			if (b.found.count != count)
				fail_msg("%s: %s is in %s %zu times, not %zu", codes[e], pattern,
				         text, b.found.count, count);
			close_bench(&b);
		}
}

static const athar_search_options plain = ATHAR_SEARCH_OPTIONS_INIT;

static void expect_word(const char *word, const char *text, size_t count)
{
	expect_with(plain, ATHAR_SEARCH_WORD, word, text, count);
}

static void expect_regex(const char *expression, const char *text, size_t count)
{
	expect_with(plain, ATHAR_SEARCH_REGEX, expression, text, count);
}

/* ---- words ---- */

static void words_are_found_in_each_encoding(void **state)
{
	(void)state;
	expect_word("secret", "the secret is secret", 2);
	expect_word("حوالة", "وصلت حوالة اليوم، حوالة أخرى", 2);
	expect_word("café", "un café noir", 1);
	expect_word("two words", "one two words three", 1);
	expect_word("nothing", "noth1ng", 0);
	expect_word("aa", "aaaaa", 2);
}

static void letters_count_in_all_their_forms(void **state)
{
	(void)state;
	for (const char *form = "ا\0أ\0إ\0آ\0"; *form != '\0'; form += strlen(form) + 1) {
		char text[40];

		(void)snprintf(text, sizeof text, "x%sحمد", form);
		expect_word("احمد", text, 1);
		expect_word("أحمد", text, 1);
	}
	expect_word("مصطفى", "مصطفي", 1);
	expect_word("مصطفي", "مصطفى", 1);
	expect_word("مؤمن", "مومن", 1);
	expect_word("رئيس", "رييس", 1);
	expect_word("مدرسه", "مدرسة", 1);
	expect_word("مدرسة", "مدرسه", 1);
	expect_word("PassWord", "pASSwORD", 1);
	expect_word("ÉCOLE", "école", 1);
	expect_word("احمد", "حمد", 0);
	expect_word("بيت", "بنت", 0);
}

static void marks_and_tatweel_do_not_count(void **state)
{
	(void)state;
	expect_word("كتاب", "كِتَابٌ", 1);
	expect_word("كِتَاب", "كتاب", 1);
	expect_word("محمد", "محـــــمّد", 1);
	expect_word("محمد", "م ح م د", 0);
}

/* Characters that Windows-1256 does not have. */
static void expect_unicode(athar_search_kind kind, const char *word, const char *text, size_t count)
{
	bench b = {.options = plain};

	b.options.encodings = 1u << ATHAR_SEARCH_UTF8;
	open_bench(&b, kind, word);
	look(&b, text, strlen(text));
	assert_int_equal(b.found.count, count);
	close_bench(&b);
}

static void digits_of_three_scripts_are_one(void **state)
{
	(void)state;
	expect_unicode(ATHAR_SEARCH_WORD, "0501234567", "٠٥٠١٢٣٤٥٦٧", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "۰۵۰۱", "0501 ٠٥٠١", 2);
	expect_unicode(ATHAR_SEARCH_WORD, "ٱلله", "الله", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "علی", "علي", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "كريم", "کریم", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "سلام", "ﺳﻼم",
	               0); /* a ligature of two letters is one character */
	expect_unicode(ATHAR_SEARCH_WORD, "محمد", "ﻣﺤﻤﺪ", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "ŽIŽEK", "žižek", 1);
	expect_unicode(ATHAR_SEARCH_WORD, "Ÿ", "ÿ", 1);
}

static void case_can_count(void **state)
{
	athar_search_options options = plain;

	(void)state;
	options.case_sensitive = true;
	expect_with(options, ATHAR_SEARCH_WORD, "Secret", "secret Secret SECRET", 1);
	expect_with(options, ATHAR_SEARCH_WORD, "أحمد", "احمد", 1);
}

static void whole_words_stand_alone(void **state)
{
	athar_search_options options = plain;

	(void)state;
	options.whole_words = true;
	expect_with(options, ATHAR_SEARCH_WORD, "art", "art, cart arts (art) art", 3);
	expect_with(options, ATHAR_SEARCH_WORD, "علم", "علم، معلم والعلم علمٌ", 2);
	expect_with(options, ATHAR_SEARCH_WORD, "42", "42 142 421 a42 42", 2);
	expect_with(options, ATHAR_SEARCH_REGEX, "\\d{3,5}", "1234567 123 12345", 2);
}

static void each_pattern_is_found_for_itself(void **state)
{
	static const char text[] = "xxabcdxx";
	bench b = {.options = plain};

	(void)state;
	b.pattern[1] = (athar_search_pattern){ATHAR_SEARCH_WORD, "bcd"};
	b.pattern[2] = (athar_search_pattern){ATHAR_SEARCH_WORD, "abcd"};
	b.options.patterns = 3;
	open_bench(&b, ATHAR_SEARCH_WORD, "abc");
	look(&b, text, sizeof text - 1);
	assert_int_equal(b.found.count, 3);
	assert_int_equal(b.found.spot[0].pattern, 2); /* the longest first */
	assert_int_equal(b.found.spot[1].pattern, 0);
	assert_int_equal(b.found.spot[2].pattern, 1);
	assert_int_equal(b.found.spot[2].at, 3);
	close_bench(&b);
}

/* ---- expressions ---- */

static void expressions_mean_what_they_say(void **state)
{
	(void)state;
	expect_regex("colou?r", "color colour colouur", 2);
	expect_regex("(cat|dog)s?", "cats dog", 2);
	expect_regex("[a-c]{2,3}", "aabbccx", 2);
	expect_regex("a.c", "abc a\nc a c", 2);
	expect_regex("\\bart\\b", "art cart art.", 2);
	expect_regex("\\d+\\.\\d+", "3.14 and 2.72", 2);
	expect_regex("\\w+@\\w+", "a@b, cd@ef", 2);
	expect_regex("a\\x62c", "abc", 1);
	expect_regex("\\u{627}حمد", "أحمد", 1);
	expect_regex("[أ-ي]{4}\\s[أ-ي]{3}", "محمود علي", 1);
	expect_regex("(?:ab)+", "ababab", 1);
	expect_regex("[]x]", "]", 1);
	expect_regex("[\\d\\-]+", "1-2-3", 1);
	/* In UTF-16, what is not this or that is everywhere between two characters. */
	expect_unicode(ATHAR_SEARCH_REGEX, "[^a-z ]+", "abc 123 def 45", 2);
	expect_unicode(ATHAR_SEARCH_REGEX, "\\D+", "abc1def", 2);
	expect_unicode(ATHAR_SEARCH_REGEX, "[\\W\\D]{2}", "1_ 2- -3", 2);
}

static void refuse(athar_search_kind kind, const char *text, const char *why)
{
	const athar_search_pattern pattern = {kind, text};
	athar_search_options options = plain;
	athar_patterns *patterns = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	options.pattern = &pattern;
	options.patterns = 1;
	assert_int_equal(athar_patterns_new(&patterns, &options, &err), ATHAR_EUSAGE);
	assert_null(patterns);
	if (strstr(err.text, why) == NULL)
		fail_msg("%s: \"%s\" does not say \"%s\"", text, err.text, why);
}

static void what_cannot_be_understood_is_refused(void **state)
{
	(void)state;
	refuse(ATHAR_SEARCH_REGEX, "(ab", ") is missing");
	refuse(ATHAR_SEARCH_REGEX, "ab)", "( is missing");
	refuse(ATHAR_SEARCH_REGEX, "[ab", "] is missing");
	refuse(ATHAR_SEARCH_REGEX, "[b-a]", "range");
	refuse(ATHAR_SEARCH_REGEX, "*a", "nothing to repeat");
	refuse(ATHAR_SEARCH_REGEX, "a**", "repeat of a repeat");
	refuse(ATHAR_SEARCH_REGEX, "a{2", "{3,5}");
	refuse(ATHAR_SEARCH_REGEX, "a{5,2}", "lesser");
	refuse(ATHAR_SEARCH_REGEX, "a{1001}", "1000");
	refuse(ATHAR_SEARCH_REGEX, "^a", "no lines");
	refuse(ATHAR_SEARCH_REGEX, "a\\bc", "\\b stands");
	refuse(ATHAR_SEARCH_REGEX, "(a)\\1", "means nothing");
	refuse(ATHAR_SEARCH_REGEX, "(?=a)", "groups");
	refuse(ATHAR_SEARCH_REGEX, "a*", "matches nothing");
	refuse(ATHAR_SEARCH_REGEX, "\\u{D800}", "no such character");
	refuse(ATHAR_SEARCH_REGEX, "a\\", "ends too early");
	refuse(ATHAR_SEARCH_REGEX, "(((a{99}){99}){99})", "too large");
	refuse(ATHAR_SEARCH_REGEX, "(☃{0}|){1000}{1000}", "repeat of a repeat");
	refuse(ATHAR_SEARCH_REGEX, "a((((){1000}|){1000}|){1000}|){1000}", "too large");
	refuse(ATHAR_SEARCH_WORD, "", "without letters");
	refuse(ATHAR_SEARCH_WORD, "ـــ", "without letters");
	refuse(ATHAR_SEARCH_WORD, "a\xFF", "UTF-8");
}

/* ---- held against regexec() ---- */

static uint32_t dice(uint32_t *seed, uint32_t sides)
{
	*seed = *seed * 1664525u + 1013904223u;
	return (*seed >> 16) % sides;
}

/* Both speak this part of the language. */
static void random_expression(char *out, uint32_t *seed, unsigned depth)
{
	static const char *const atoms[] = {"a", "b", "c", "[ab]", "[^b]", "(ab|b)", "(a|bc)"};
	static const char *const repeats[] = {"", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}"};
	const unsigned parts = 1 + dice(seed, 4);

	for (unsigned i = 0; i < parts; i++) {
		if (depth > 0 && dice(seed, 4) == 0) {
			strcat(out, "(");
			random_expression(out, seed, depth - 1);
			strcat(out, dice(seed, 2) ? "|" : "");
			random_expression(out, seed, depth - 1);
			strcat(out, ")");
		} else {
			strcat(out, atoms[dice(seed, ATHAR_COUNT(atoms))]);
		}
		strcat(out, repeats[dice(seed, ATHAR_COUNT(repeats))]);
	}
}

static void hold_against(const char *expression, const char *text)
{
	bench b = {.options = plain};
	regex_t judge;
	regmatch_t m;
	size_t at = 0, i = 0;

	b.options.encodings = 1u << ATHAR_SEARCH_UTF8;
	b.options.case_sensitive = true;
	open_bench(&b, ATHAR_SEARCH_REGEX, expression);
	look(&b, text, strlen(text));
	assert_int_equal(regcomp(&judge, expression, REG_EXTENDED), 0);
	for (; regexec(&judge, text + at, 1, &m, 0) == 0; i++) {
		const size_t from = at + (size_t)m.rm_so, length = (size_t)(m.rm_eo - m.rm_so);

		if (i >= b.found.count || b.found.spot[i].at != from ||
		    b.found.spot[i].length != length)
			fail_msg("%s in %s: match %zu is at %zu, %zu bytes", expression, text, i,
			         from, length);
		at = from + length;
	}
	assert_int_equal(b.found.count, i);
	regfree(&judge);
	close_bench(&b);
}

static bool matches_nothing(const char *expression)
{
	regex_t judge;
	regmatch_t m;
	bool nothing;

	assert_int_equal(regcomp(&judge, expression, REG_EXTENDED), 0);
	nothing = regexec(&judge, "", 1, &m, 0) == 0;
	regfree(&judge);
	return nothing;
}

static void matches_are_those_of_regexec(void **state)
{
	uint32_t seed = 7;
	unsigned held = 0;

	(void)state;
	while (held < 1500) {
		char expression[4000] = "", text[61] = "";

		random_expression(expression, &seed, 2);
		for (size_t i = 0; i < 60; i++)
			text[i] = "abcd"[dice(&seed, 4)];
		if (strlen(expression) > 200 || matches_nothing(expression))
			continue;
		hold_against(expression, text);
		held++;
	}
}

/* ---- encodings, held against iconv() ---- */

static void code_page_is_that_of_iconv(void **state)
{
	iconv_t cd = iconv_open("UTF-32LE", "CP1256");

	(void)state;
	for (unsigned byte = 0; byte < 256; byte++) {
		char in = (char)byte, *from = &in;
		uint32_t character = 0;
		char *to = (char *)&character;
		size_t in_left = 1, left = sizeof character;

		assert_int_equal(iconv(cd, &from, &in_left, &to, &left), 0);
		assert_int_equal(athar_cp1256_character((uint8_t)byte), character);
	}
	assert_int_equal(iconv_close(cd), 0);
}

typedef struct sequences {
	athar_code_byte byte[4000][4];
	unsigned length[4000];
	size_t count;
} sequences;

static athar_status note_sequence(void *user, const athar_code_byte *byte, unsigned count,
                                  athar_error *err)
{
	sequences *s = user;

	(void)err;
	assert_true(s->count < 4000 && count >= 1 && count <= 4);
	memcpy(s->byte[s->count], byte, count * sizeof *byte);
	s->length[s->count++] = count;
	return ATHAR_OK;
}

static size_t times_taken(const sequences *s, const uint8_t *bytes, unsigned len)
{
	size_t n = 0;

	for (size_t i = 0; i < s->count; i++) {
		bool fits = s->length[i] == len;

		for (unsigned k = 0; k < len && fits; k++)
			fits = bytes[k] >= s->byte[i][k].from && bytes[k] <= s->byte[i][k].to;
		n += fits;
	}
	return n;
}

/* Each character of the range, and its neighbours, as iconv writes them. */
static void check_range(athar_search_encoding encoding, uint32_t from, uint32_t to)
{
	static sequences s;
	athar_span span = {from, to};
	const athar_set set = {&span, 1, 1};
	const athar_code_sink sink = {note_sequence, &s};
	athar_error err = ATHAR_ERROR_INIT;
	iconv_t cd = iconv_open(codes[encoding], "UTF-32LE");
	const uint32_t step = to - from > 70000 ? 61 : 1;

	s.count = 0;
	assert_ok(athar_code_set(&sink, encoding, &set, &err), err);
	for (uint32_t c = from > 3 ? from - 3 : 0; c <= to + 3 && c <= ATHAR_CHARACTER_LAST;
	     c += c < from || c + step > to ? 1 : step) {
		uint8_t out[8];
		char *in = (char *)&c, *at = (char *)out;
		size_t in_left = 4, left = sizeof out;

		if (c >= 0xD800 && c <= 0xDFFF)
			continue;
		assert_int_equal(iconv(cd, &in, &in_left, &at, &left), 0);
		assert_int_equal(times_taken(&s, out, (unsigned)(sizeof out - left)),
		                 c >= from && c <= to);
	}
	assert_int_equal(iconv_close(cd), 0);
}

static void ranges_are_their_characters(void **state)
{
	static const uint32_t edges[] = {0,       0x7F,    0x80,    0x7FF,    0x800,   0xFFF,
	                                 0x1000,  0xD7FF,  0xE000,  0xFFFF,   0x10000, 0x103FF,
	                                 0x10400, 0x4FFFF, 0x50000, 0x10FFFF, 0x3F,    0x40,
	                                 0x627,   0x64A,   0x10123};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(edges); i++)
		for (size_t k = 0; k < ATHAR_COUNT(edges); k++) {
			if (edges[k] < edges[i] || (edges[i] < 0xD800 && edges[k] > 0xDFFF))
				continue;
			check_range(ATHAR_SEARCH_UTF8, edges[i], edges[k]);
			check_range(ATHAR_SEARCH_UTF16LE, edges[i], edges[k]);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_are_found_in_each_encoding),
		cmocka_unit_test(letters_count_in_all_their_forms),
		cmocka_unit_test(marks_and_tatweel_do_not_count),
		cmocka_unit_test(digits_of_three_scripts_are_one),
		cmocka_unit_test(case_can_count),
		cmocka_unit_test(whole_words_stand_alone),
		cmocka_unit_test(each_pattern_is_found_for_itself),
		cmocka_unit_test(expressions_mean_what_they_say),
		cmocka_unit_test(what_cannot_be_understood_is_refused),
		cmocka_unit_test(matches_are_those_of_regexec),
		cmocka_unit_test(code_page_is_that_of_iconv),
		cmocka_unit_test(ranges_are_their_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
