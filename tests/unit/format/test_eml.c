/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "format/mail.h"
#include "texts.h"

#define HEAD "From: a@example.org\r\nTo: b@example.org\r\nSubject: s\r\nDate: x\r\n"

static void a_mail_ends_with_its_boundary(void **state)
{
	const athar_claim c = judge_file(&athar_format_eml, "parts.eml");

	(void)state;
	judge_end(&athar_format_eml, "parts.eml", ATHAR_GRADE_COMPLETE);
	assert_string_equal(claim_field(&c, "subject"), "Grüße an all");
	assert_string_equal(claim_field(&c, "from"), "Äda <ada@example.org>");
	assert_string_equal(claim_field(&c, "to"), "grace@example.org");
	assert_string_equal(claim_field(&c, "date"), "2024-03-01T12:00:00Z");
}

static void base64_ends_with_its_padding(void **state)
{
	(void)state;
	judge_end_apart(&athar_format_eml, "encoded.eml", ATHAR_GRADE_COMPLETE);
}

static void a_single_part_has_no_end(void **state)
{
	const sample s = sample_load("single.eml");
	const athar_claim c = judge(&athar_format_eml, s.bytes, s.len);

	(void)state;
	judge_end_apart(&athar_format_eml, "single.eml", ATHAR_GRADE_PARTIAL);
	assert_true(c.open);
	assert_int_equal(c.proven, s.len);
	sample_free(s);
}

static void a_mail_has_fields_that_mails_have(void **state)
{
	static const struct {
		const char *text;
		bool mail;
	} cases[] = {
		{HEAD "\r\n", true},
		{"X-Own: 1\r\n" HEAD "\r\n", true},
		{"X-Own: 1\r\nFrom: a\r\nTo: b\r\nSubject: c\r\nCc: d\r\n\r\n", false},
		{"From: a\r\nTo: b\r\n\r\n", false},
		{"Subject: a\r\nTo: b\r\nCc: c\r\n\r\n", false},
		{"From: me\r\nto you, with love\r\n", false},
		{"Subject: a\r\nno field\r\nTo: b\r\nFrom: c\r\n\r\n", false},
		{"X-Own: 1\r\nX-Other: 2\r\nX-More: 3\r\nX-Most: 4\r\n\r\n", false},
		{"To: x\r\nB\xFCro: y\r\n", false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++)
		assert_int_equal(judge_text(&athar_format_eml, cases[i].text).ours, cases[i].mail);
}

/* What stands behind the header of a mail with the boundary "b". */
static void boundaries_close_what_they_opened(void **state)
{
	static const struct {
		const char *body;
		athar_grade grade;
	} cases[] = {
		{"--b\n\nx\n--b--\n", ATHAR_GRADE_COMPLETE},
		{"--b\n\nx\n--b--", ATHAR_GRADE_COMPLETE},
		{"--b  \n\nx\n--b-- \n\n", ATHAR_GRADE_COMPLETE},
		{"--b--\n", ATHAR_GRADE_COMPLETE},
		{"--b\n\nx\n", ATHAR_GRADE_PARTIAL},
		{"--b\n\nx\n--bb--\n", ATHAR_GRADE_PARTIAL},
		{"--b\n\nx --b--\n", ATHAR_GRADE_PARTIAL},
		{"--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\n--c--\n",
	         ATHAR_GRADE_PARTIAL},
		{"--b\nContent-Type: multipart/x; boundary=c\n\n--c\n\n--b--\n",
	         ATHAR_GRADE_COMPLETE},
		{"--b\nContent-Transfer-Encoding: base64\n\nAAAA\n--b--\n", ATHAR_GRADE_COMPLETE},
		{"--b\nContent-Transfer-Encoding: base64\n\nA, A\n--b--\n", ATHAR_GRADE_PARTIAL},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char text[600];

		(void)snprintf(text, sizeof text,
		               HEAD "Content-Type: multipart/mixed;\n\tboundary=\"b\"\n\n%s",
		               cases[i].body);
		const athar_claim c = judge_text(&athar_format_eml, text);

		assert_true(c.ours);
		assert_int_equal(c.grade, cases[i].grade);
		assert_int_equal(c.length, strlen(text));
	}
}

static void a_saved_page_has_its_own_name(void **state)
{
	const athar_claim c = judge_text(&athar_format_eml,
	                                 "From: <Saved by Blink>\r\nSubject: x\r\nDate: y\r\n"
	                                 "Content-Type: multipart/related;boundary=\"b\"\r\n\r\n"
	                                 "--b\r\n\r\n<html>\r\n--b--\r\n");

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_string_equal(c.extension, "mhtml");
}

/* date -u -d TEXT +%FT%TZ */
static void times_are_in_utc(void **state)
{
	static const char *const cases[][2] = {
		{"Wed, 17 May 2000 19:36:13 -0400", "2000-05-17T23:36:13Z"},
		{"1 Jan 2024 00:00 +0130", "2023-12-31T22:30:00Z"},
		{"Thu, 29 Feb 2024 23:59:59 GMT", "2024-02-29T23:59:59Z"},
		{"Thu, 29 Feb 2024 23:59:59", "2024-02-29T23:59:59"},
		{"Thu, 29 Foo 2024 23:59:59", ""},
		{"Thu, 0 Feb 2024 23:59:59", ""},
		{"yesterday", ""},
		{"", ""},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char out[32];

		athar_mail_time(out, cases[i][0], strlen(cases[i][0]));
		assert_string_equal(out, cases[i][1]);
	}
}

static void damage_shows(void **state)
{
	(void)state;
	judge_text_cuts(&athar_format_eml, "parts.eml", 4);
	judge_text_cuts(&athar_format_eml, "encoded.eml", 2);
	judge_foreign(&athar_format_eml, "parts.eml", 512, 40, true);
	judge_noise(&athar_format_eml, "parts.eml", 300);
	judge_flips(&athar_format_eml, "parts.eml");
	judge_flips(&athar_format_eml, "encoded.eml");
}

static void mails_take_linear_time(void **state)
{
	static const char parts[] = HEAD "Content-Type: multipart/x; boundary=b\n\n";
	static const char nested[] = "--b\nContent-Type: message/rfc822\n\n";

	(void)state;
	judge_time(&athar_format_eml, HEAD, strlen(HEAD), "A: b\n", 5);
	judge_time(&athar_format_eml, HEAD, strlen(HEAD), " b\n", 3);
	judge_time(&athar_format_eml, parts, strlen(parts), "--b\n", 4);
	judge_time(&athar_format_eml, parts, strlen(parts), nested, strlen(nested));
	judge_time(&athar_format_eml, HEAD "\n", strlen(HEAD) + 1, "x", 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mail_ends_with_its_boundary),
		cmocka_unit_test(base64_ends_with_its_padding),
		cmocka_unit_test(a_single_part_has_no_end),
		cmocka_unit_test(a_mail_has_fields_that_mails_have),
		cmocka_unit_test(boundaries_close_what_they_opened),
		cmocka_unit_test(a_saved_page_has_its_own_name),
		cmocka_unit_test(times_are_in_utc),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(mails_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
