/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

#define SENDER "From ada@example.org Fri Mar  1 12:00:00 2024\n"
#define MAIL SENDER "From: a@example.org\nSubject: s\n\ntext\n\n"

static void a_mailbox_reaches_as_far_as_its_text(void **state)
{
	const sample s = sample_load("box.mbox");
	const athar_claim c = judge(&athar_format_mbox, s.bytes, s.len);

	(void)state;
	judge_end_apart(&athar_format_mbox, "box.mbox", ATHAR_GRADE_PARTIAL);
	assert_true(c.open);
	assert_int_equal(c.proven, s.len);
	assert_string_equal(claim_field(&c, "count"), "2");
	assert_string_equal(claim_field(&c, "subject"), "Grüße an all");
	sample_free(s);
}

static void the_first_line_is_of_a_mail(void **state)
{
	static const struct {
		const char *text;
		bool box;
	} cases[] = {
		{MAIL, true},
		{"From - Fri Mar 01 12:00:00 2024\nFrom: a\nDate: b\n\n", true},
		{"From me to you on Friday Mar\nFrom: a\nDate: b\n\n", false},
		{"From ada@example.org Fri Foo  1 12:00:00 2024\nFrom: a\nDate: b\n\n", false},
		{SENDER "Subject: a\nTo: b\n\n", false},
		{SENDER "From: a\n\n", false},
		{SENDER, false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++)
		assert_int_equal(judge_text(&athar_format_mbox, cases[i].text).ours, cases[i].box);
}

static void each_mail_has_a_header(void **state)
{
	const athar_claim three = judge_text(&athar_format_mbox, MAIL MAIL MAIL);
	const athar_claim broken = judge_text(&athar_format_mbox, MAIL MAIL SENDER "text\n" MAIL);

	(void)state;
	assert_string_equal(claim_field(&three, "count"), "3");
	assert_true(three.open);
	assert_int_equal(broken.length, strlen(MAIL MAIL));
	assert_false(broken.open);
	assert_string_equal(claim_field(&broken, "count"), "2");
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_mbox, "box.mbox");
	judge_noise(&athar_format_mbox, "box.mbox", 200);
	judge_time(&athar_format_mbox, MAIL, strlen(MAIL), MAIL, strlen(MAIL));
	judge_time(&athar_format_mbox, MAIL, strlen(MAIL), "\nFrom ", 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_mailbox_reaches_as_far_as_its_text),
		cmocka_unit_test(the_first_line_is_of_a_mail),
		cmocka_unit_test(each_mail_has_a_header),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
