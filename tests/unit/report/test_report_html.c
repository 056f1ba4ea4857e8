/* SPDX-License-Identifier: BSD-2-Clause */
/* The HTML report: well formed, without script, and what its policy says of its style is true. */
#include "sample.h"

#include "athar/text.h"

static char *hostile_html(sample *s)
{
	sample_make(s, (sample_options){.hostile = true, .gaps = true});
	return sample_render(s, "html", NULL);
}

static void it_is_well_formed(void **state)
{
	char command[4400];
	char *html, *path, *said;
	int status = 0;
	sample s;

	(void)state;
	if (!sample_has_tool("xmllint"))
		skip();
	html = hostile_html(&s);
	path = sample_save(&s, "report.xhtml", html);
	(void)snprintf(command, sizeof command, "xmllint --nonet --noout '%s' 2>&1", path);
	said = sample_shell(command, &status);
	if (status != 0)
		print_error("%s\n", said);
	assert_int_equal(status, 0);
	free(said);
	free(path);
	free(html);
	sample_remove(&s);
}

static void nothing_in_it_is_active(void **state)
{
	static const char *const active[] = {
		"<script",    "<img",        "<iframe", "<object", "<embed",   "<link", "<form",
		"onerror=\"", "javascript:", "http:",   "https:",  "=\"file:", "url(",  "@import"};
	char *html;
	sample s;

	(void)state;
	html = hostile_html(&s);
	for (size_t i = 0; i < ATHAR_COUNT(active); i++) {
		const char *at = strstr(html, active[i]);

		/* The name of the language is an address, and the only one. */
		if (at != NULL && strncmp(at, "http://www.w3.org/1999/xhtml", 28) == 0)
			at = strstr(at + 1, active[i]);
		if (at != NULL)
			print_error("%s: %.80s\n", active[i], at);
		assert_null(at);
	}
	assert_non_null(strstr(html, "&lt;script&gt;alert(1)&lt;/script&gt;.jpg"));
	/* Links lead to sections of the page. */
	assert_int_equal(sample_count(html, "href="), sample_count(html, "href=\"#s"));
	free(html);
	sample_remove(&s);
}

static void no_hidden_character_comes_through(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *html, *visible = NULL;
	sample s;

	(void)state;
	html = hostile_html(&s);
	assert_non_null(strstr(html, "invoice\xE2\x80\xB9U+202E\xE2\x80\xBAgpj.exe"));
	/* The raw bytes stand beside it. */
	assert_non_null(strstr(html, "696e766f696365e280ae67706a2e657865"));
	assert_null(strstr(html, "\xEF\xBF\xBE"));
	assert_null(strstr(html, "\xEF\xBF\xBF"));
	for (char *p = html; *p != '\0'; p++)
		*p = *p == '\n' ? ' ' : *p;
	assert_ok(athar_text_visible(&visible, html, strlen(html), &err), err);
	assert_string_equal(html, visible);
	free(visible);
	free(html);
	sample_remove(&s);
}

static void arabic_names_stay_as_they_are(void **state)
{
	char *html;
	sample s;

	(void)state;
	html = hostile_html(&s);
	assert_non_null(strstr(html, "<bdi lang=\"\">\xD8\xB5\xD9\x88\xD8\xB1 "
	                             "\xD8\xA7\xD9\x84\xD8\xB9\xD8\xA7\xD8\xA6\xD9\x84\xD8\xA9.jpg"
	                             "</bdi></td>"));
	free(html);
	sample_remove(&s);
}

/* What stands between two marks, malloc'd. */
static char *between(const char *text, const char *from, const char *to)
{
	const char *start = strstr(text, from);
	const char *end;

	assert_non_null(start);
	start += strlen(from);
	end = strstr(start, to);
	assert_non_null(end);
	return strndup(start, (size_t)(end - start));
}

static void the_policy_names_the_style_that_is_there(void **state)
{
	char command[4400];
	char *html, *stated, *style, *path, *computed;
	sample s;

	(void)state;
	if (!sample_has_tool("openssl"))
		skip();
	html = hostile_html(&s);
	assert_non_null(strstr(html, "default-src 'none'"));
	assert_int_equal(sample_count(html, "<style"), 1);
	assert_null(strstr(html, "style=\""));
	stated = between(html, "style-src 'sha256-", "'");
	style = between(html, "<style>", "</style>");
	path = sample_save(&s, "style.css", style);
	(void)snprintf(command, sizeof command,
	               "openssl dgst -sha256 -binary '%s' | openssl base64 -A", path);
	computed = sample_shell(command, NULL);
	assert_string_equal(stated, computed);
	assert_null(strpbrk(style, "<>&"));
	free(computed);
	free(path);
	free(style);
	free(stated);
	free(html);
	sample_remove(&s);
}

static void not_stated_is_marked_and_a_broken_chain_comes_first(void **state)
{
	char *html;
	sample s;

	(void)state;
	sample_make(&s, (sample_options){.stated = true});
	sample_break_chain(&s);
	html = sample_render(&s, "html", NULL);
	assert_int_equal(sample_count(html, "<span class=\"missing\">NOT STATED</span>"), 9);
	assert_true(strstr(html, "class=\"notice broken\"") < strstr(html, "<h1"));
	free(html);
	sample_remove(&s);

	sample_make(&s, (sample_options){0});
	html = sample_render(&s, "html", NULL);
	/* 16 fields, two of them on the cover too, nine places to sign. */
	assert_int_equal(sample_count(html, "<span class=\"missing\">NOT STATED</span>"), 27);
	assert_non_null(strstr(html, "<body class=\"draft\">"));
	free(html);
	sample_remove(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_is_well_formed),
		cmocka_unit_test(nothing_in_it_is_active),
		cmocka_unit_test(no_hidden_character_comes_through),
		cmocka_unit_test(arabic_names_stay_as_they_are),
		cmocka_unit_test(the_policy_names_the_style_that_is_there),
		cmocka_unit_test(not_stated_is_marked_and_a_broken_chain_comes_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
