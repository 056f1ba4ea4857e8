/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Windows and their borders, what is shown around a hit, presets, and texts that are made to cost
 * much.
 */
#include <time.h>

#include "athar_test.h"
#include "carve/search.h"

static const athar_search_options plain = ATHAR_SEARCH_OPTIONS_INIT;

typedef struct bench {
	athar_search_pattern pattern;
	athar_search_options options;
	athar_patterns *patterns;
	athar_searcher *searcher;
} bench;

static void open_bench(bench *b, athar_search_kind kind, const char *text)
{
	athar_error err = ATHAR_ERROR_INIT;

	b->pattern = (athar_search_pattern){kind, text};
	b->options.pattern = &b->pattern;
	b->options.patterns = 1;
	assert_ok(athar_patterns_new(&b->patterns, &b->options, &err), err);
	assert_ok(athar_searcher_new(&b->searcher, b->patterns, &err), err);
}

static void close_bench(bench *b)
{
	athar_searcher_free(b->searcher);
	athar_patterns_free(b->patterns);
}

/* [from, to) of a text, with what a window has around it. */
static athar_spots_found look(bench *b, athar_window *w, const char *text, size_t len, size_t from,
                              size_t to)
{
	const size_t begin = from < ATHAR_WINDOW_BEFORE ? 0 : from - ATHAR_WINDOW_BEFORE;
	const size_t end = to + ATHAR_WINDOW_BEHIND > len ? len : to + ATHAR_WINDOW_BEHIND;
	athar_error err = ATHAR_ERROR_INIT;
	athar_spots_found found;

	*w = (athar_window){.bytes = {.ptr = (const uint8_t *)text + begin,
	                              .len = end - begin,
	                              .origin = begin},
	                    .from = from - begin,
	                    .to = to - begin};
	assert_ok(athar_searcher_run(&found, b->searcher, w, NULL, NULL, &err), err);
	return found;
}

/* Words at every place around a border: each is found in one of the two windows. */
static void hits_at_borders_are_found_once(void **state)
{
	enum { SIZE = 20000, BORDER = 9000 };
	bench b = {.options = plain};

	(void)state;
	open_bench(&b, ATHAR_SEARCH_WORD, "password");
	for (size_t at = BORDER - 12; at < BORDER + 12; at++) {
		char *text = calloc(1, SIZE);
		athar_window w;
		size_t first, second;

		memcpy(text + at, "password", 8);
		first = look(&b, &w, text, SIZE, 0, BORDER).count;
		second = look(&b, &w, text, SIZE, BORDER, SIZE).count;
		assert_int_equal(first, at < BORDER);
		assert_int_equal(second, at >= BORDER);
		free(text);
	}
	close_bench(&b);
}

/* A run of digits that lies across a border is not found again from its middle. */
static void long_matches_go_on_across_borders(void **state)
{
	enum { SIZE = 20000, BORDER = 9000 };
	char *text = calloc(1, SIZE);
	athar_spots_found found;
	athar_window w;
	bench b = {.options = plain};

	(void)state;
	b.options.encodings = 1u << ATHAR_SEARCH_UTF8; /* "7\0" is a seven, too */
	open_bench(&b, ATHAR_SEARCH_REGEX, "\\d+");
	memset(text + BORDER - 100, '7', 300);
	found = look(&b, &w, text, SIZE, 0, BORDER);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.spot[0].length, 300);
	assert_int_equal(look(&b, &w, text, SIZE, BORDER, SIZE).count, 0);
	free(text);
	close_bench(&b);
}

static void matches_end_at_their_bound(void **state)
{
	char *text = malloc(5000);
	athar_spots_found found;
	athar_window w;
	bench b = {.options = plain};

	(void)state;
	memset(text, 'x', 5000);
	open_bench(&b, ATHAR_SEARCH_REGEX, "x+");
	found = look(&b, &w, text, 5000, 0, 5000);
	assert_int_equal(found.count, 5);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(found.spot[i].at, i * ATHAR_SEARCH_LONGEST);
		assert_int_equal(found.spot[i].length, ATHAR_SEARCH_LONGEST);
	}
	assert_int_equal(found.spot[4].length, 5000 - 4 * ATHAR_SEARCH_LONGEST);
	free(text);
	close_bench(&b);
}

/* ---- what is shown ---- */

static void context_ends_where_text_ends(void **state)
{
	static const char text[] = "\0\x01now the \xD8\xB3\xD8\xB1 word here\nnext";
	athar_error err = ATHAR_ERROR_INIT;
	athar_spots_found found;
	athar_window w;
	char *shown = NULL;
	size_t len = 0;
	bench b = {.options = plain};

	(void)state;
	open_bench(&b, ATHAR_SEARCH_WORD, "word");
	found = look(&b, &w, text, sizeof text - 1, 0, sizeof text - 1);
	assert_int_equal(found.count, 1);
	assert_ok(athar_spot_before(&shown, &len, &w, found.spot, 50, &err), err);
	assert_int_equal(len, 13);
	assert_memory_equal(shown, "now the \xD8\xB3\xD8\xB1 ", 13);
	free(shown);
	assert_ok(athar_spot_before(&shown, &len, &w, found.spot, 3, &err), err);
	assert_int_equal(len, 5);
	free(shown);
	assert_ok(athar_spot_after(&shown, &len, &w, found.spot, 50, &err), err);
	assert_int_equal(len, 5);
	assert_memory_equal(shown, " here", 5);
	free(shown);
	close_bench(&b);
}

static void context_is_read_in_its_encoding(void **state)
{
	static const char text[] = "a\0 \0w\0o\0r\0d\0 \0\x33\x06\0\0";
	athar_error err = ATHAR_ERROR_INIT;
	athar_spots_found found;
	athar_window w;
	char *shown = NULL;
	size_t len = 0;
	bench b = {.options = plain};

	(void)state;
	open_bench(&b, ATHAR_SEARCH_WORD, "word");
	found = look(&b, &w, text, sizeof text - 1, 0, sizeof text - 1);
	assert_int_equal(found.count, 1);
	assert_int_equal(found.spot[0].encoding, ATHAR_SEARCH_UTF16LE);
	assert_ok(athar_spot_after(&shown, &len, &w, found.spot, 50, &err), err);
	assert_int_equal(len, 3);
	assert_memory_equal(shown, " \xD8\xB3", 3);
	free(shown);
	assert_ok(athar_spot_text(&shown, &len, &w, ATHAR_SEARCH_UTF16LE, 4, 8, &err), err);
	assert_int_equal(len, 4);
	assert_memory_equal(shown, "word", 4);
	free(shown);
	close_bench(&b);
}

/* ---- presets ---- */

static void expect(athar_search_kind kind, const char *text, const char *hit)
{
	athar_spots_found found;
	athar_window w;
	bench b = {.options = plain};

	open_bench(&b, kind, NULL);
	found = look(&b, &w, text, strlen(text), 0, strlen(text));
	if (found.count != (hit != NULL))
		fail_msg("%s: %zu hits", text, found.count);
	if (hit != NULL && (found.spot[0].length != strlen(hit) ||
	                    memcmp(text + found.spot[0].at, hit, strlen(hit)) != 0))
		fail_msg("%s: found is %.*s, not %s", text, (int)found.spot[0].length,
		         text + found.spot[0].at, hit);
	close_bench(&b);
}

static void phone_numbers_are_known(void **state)
{
	static const char *const good[] = {
		"+966 50 123 4567", "00971501234567", "+1 (555) 234-5678", "0501234567",
		"050-123-4567",     "011 465 4321",   "(555) 234-5678",    "+٩٦٦٥٠١٢٣٤٥٦٧",
		"٠٥٠١٢٣٤٥٦٧",       "+20 2 2792 1234"};
	static const char *const bad[] = {"12345678",
	                                  "0000000000",
	                                  "+1234567",
	                                  "0123456789",
	                                  "+966 5012345678901234567",
	                                  "9f3e0501234567aa1",
	                                  "20501234567"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(good); i++) {
		char text[100];

		(void)snprintf(text, sizeof text, "Ahmed%s.", good[i]);
		expect(ATHAR_SEARCH_PHONE, text, good[i]);
	}
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		expect(ATHAR_SEARCH_PHONE, bad[i], NULL);
}

static void addresses_are_known(void **state)
{
	(void)state;
	expect(ATHAR_SEARCH_EMAIL, "<ali.h+x@mail.example.org>;", "ali.h+x@mail.example.org");
	expect(ATHAR_SEARCH_EMAIL, "..a@b.com", "a@b.com");
	expect(ATHAR_SEARCH_EMAIL, "a@b", NULL);
	expect(ATHAR_SEARCH_EMAIL, "@example.org", NULL);
	expect(ATHAR_SEARCH_EMAIL, "a@-b.com", NULL);
	expect(ATHAR_SEARCH_URL, "see https://example.org/a/b?c=d#e, or",
	       "https://example.org/a/b?c=d#e");
	expect(ATHAR_SEARCH_URL, "(www.example.org).", "www.example.org");
	expect(ATHAR_SEARCH_URL, "\"http://www.example.org/\"", "http://www.example.org/");
	expect(ATHAR_SEARCH_URL, "http://ar.example/أثر ", "http://ar.example/أثر");
	expect(ATHAR_SEARCH_URL, "http:// no", NULL);
}

static void long_names_are_no_addresses(void **state)
{
	char text[300];

	(void)state;
	memset(text, 'a', 65);
	(void)strcpy(text + 65, "@example.org");
	expect(ATHAR_SEARCH_EMAIL, text, NULL);
	expect(ATHAR_SEARCH_EMAIL, text + 1, text + 1);
}

/* ---- what is made to cost much ---- */

static double seconds(void)
{
	struct timespec now;

	assert_int_equal(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now), 0);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* Expressions that take a matcher which goes back years. Where it ends early it says so. */
static void hostile_texts_end(void **state)
{
	static const char *const expressions[] = {
		"(a*)*b",  "(a|aa)+b",          "(a?){40}a{40}b",
		"a.*b.*c", "(.*)(.*)(.*)(.*)x", "[ab]*a[ab]{12}c"};
	enum { SIZE = 1 << 19 };
	char *text = malloc(SIZE);

	(void)state;
	for (size_t i = 0; i < SIZE; i++)
		text[i] = "aab"[i * i % 7 % 3];
	memset(text, 'a', SIZE / 2);
	for (size_t i = 0; i < ATHAR_COUNT(expressions); i++) {
		const double before = seconds();
		athar_spots_found found;
		athar_window w;
		bench b = {.options = plain};

		open_bench(&b, ATHAR_SEARCH_REGEX, expressions[i]);
		found = look(&b, &w, text, SIZE, 0, SIZE);
		assert_true(found.count <= ATHAR_WINDOW_HITS && found.cuts <= 1);
		assert_true(seconds() - before < 60);
		close_bench(&b);
	}
	free(text);
}

/* More states than the table holds: it is made anew, and the hits stay the same. */
static void full_tables_are_made_anew(void **state)
{
	enum { SIZE = 1 << 20 };
	char *text = malloc(SIZE);
	athar_spots_found found;
	athar_window w;
	uint32_t seed = 1;
	size_t count = 0;
	bench b = {.options = plain};

	(void)state;
	for (size_t i = 0; i < SIZE; i++) {
		seed = seed * 1664525u + 1013904223u;
		text[i] = seed >> 31 ? 'a' : 'b';
	}
	for (size_t i = 0; i < 50; i++)
		memcpy(text + 1000 + i * 20000, "a234567890123456c", 17);
	for (size_t i = 0; i < 50; i++)
		for (size_t k = 1; k < 16; k++)
			text[1000 + i * 20000 + k] = k % 3 ? 'a' : 'b';
	for (size_t i = 0; i + 17 <= SIZE; i++)
		count += text[i] == 'a' && text[i + 16] == 'c';
	open_bench(&b, ATHAR_SEARCH_REGEX, "a[ab]{15}c");
	found = look(&b, &w, text, SIZE, 0, SIZE);
	for (size_t i = 0; i < found.count; i++)
		assert_int_equal(text[found.spot[i].at + 16], 'c');
	assert_true(count >= 40);
	assert_int_equal(found.count, count);
	free(text);
	close_bench(&b);
}

static void hits_are_bounded(void **state)
{
	enum { SIZE = 1 << 16 };
	char *text = malloc(SIZE);
	athar_spots_found found;
	athar_window w;
	bench b = {.options = plain};

	(void)state;
	memset(text, 'e', SIZE);
	open_bench(&b, ATHAR_SEARCH_WORD, "e");
	found = look(&b, &w, text, SIZE, 0, SIZE);
	assert_int_equal(found.count, ATHAR_WINDOW_HITS);
	assert_int_equal(found.cuts, 1);
	assert_true(found.cut[0].full);
	assert_int_equal(found.cut[0].at, ATHAR_WINDOW_HITS);
	free(text);
	close_bench(&b);
}

/* A pattern that is everywhere does not hide another one. */
static void frequent_words_hide_no_rare_ones(void **state)
{
	enum { SIZE = 1 << 16 };
	const athar_search_pattern patterns[] = {{ATHAR_SEARCH_WORD, "e"},
	                                         {ATHAR_SEARCH_REGEX, "(e|ee)*x(e|ee)*y"},
	                                         {ATHAR_SEARCH_WORD, "rare"}};
	athar_search_options options = plain;
	athar_patterns *p = NULL;
	athar_searcher *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	char *text = malloc(SIZE);
	athar_window w = {.bytes = {.ptr = (const uint8_t *)text, .len = SIZE}, .to = SIZE};
	athar_spots_found found;

	(void)state;
	memset(text, 'e', SIZE);
	memcpy(text + SIZE - 10, "rare", 4);
	options.pattern = patterns;
	options.patterns = 3;
	assert_ok(athar_patterns_new(&p, &options, &err), err);
	assert_ok(athar_searcher_new(&s, p, &err), err);
	assert_ok(athar_searcher_run(&found, s, &w, NULL, NULL, &err), err);
	assert_int_equal(found.cuts, 1);
	assert_int_equal(found.cut[0].pattern, 0);
	assert_int_equal(found.count, ATHAR_WINDOW_HITS + 1);
	assert_int_equal(found.spot[ATHAR_WINDOW_HITS].pattern, 2);
	assert_int_equal(found.spot[ATHAR_WINDOW_HITS].at, SIZE - 10);
	athar_searcher_free(s);
	athar_patterns_free(p);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hits_at_borders_are_found_once),
		cmocka_unit_test(long_matches_go_on_across_borders),
		cmocka_unit_test(matches_end_at_their_bound),
		cmocka_unit_test(context_ends_where_text_ends),
		cmocka_unit_test(context_is_read_in_its_encoding),
		cmocka_unit_test(phone_numbers_are_known),
		cmocka_unit_test(addresses_are_known),
		cmocka_unit_test(long_names_are_no_addresses),
		cmocka_unit_test(hostile_texts_end),
		cmocka_unit_test(full_tables_are_made_anew),
		cmocka_unit_test(hits_are_bounded),
		cmocka_unit_test(frequent_words_hide_no_rare_ones),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
