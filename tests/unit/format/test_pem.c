/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

#define EMPTY "-----BEGIN ANYTHING-----\nAAAA\n-----END ANYTHING-----\n"

static void blocks_end_with_their_line(void **state)
{
	static const struct {
		const char *name, *subtype, *encrypted, *comment;
		athar_grade grade;
	} cases[] = {
		{"bundle.pem", "key", "", "", ATHAR_GRADE_COMPLETE},
		{"locked.pem", "key", "yes", "", ATHAR_GRADE_COMPLETE},
		{"openssh-ed25519.key", "openssh", "", "ada@example.org", ATHAR_GRADE_COMPLETE},
		{"openssh-locked.key", "openssh", "yes", "", ATHAR_GRADE_COMPLETE},
		{"public.asc", "pgp", "", "", ATHAR_GRADE_INTACT},
		{"secret.asc", "pgp", "", "", ATHAR_GRADE_INTACT},
		{"message.asc", "pgp", "yes", "", ATHAR_GRADE_INTACT},
		{"signed.asc", "pgp", "", "", ATHAR_GRADE_COMPLETE},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_file(&athar_format_pem, cases[i].name);

		judge_end_apart(&athar_format_pem, cases[i].name, cases[i].grade);
		assert_string_equal(c.subtype, cases[i].subtype);
		assert_string_equal(claim_field(&c, "encrypted"), cases[i].encrypted);
		assert_string_equal(claim_field(&c, "comment"), cases[i].comment);
	}
}

static void a_certificate_says_who_it_is_for(void **state)
{
	const athar_claim c = judge_file(&athar_format_pem, "bundle.pem");

	(void)state;
	assert_string_equal(claim_field(&c, "subject"), "athar.example");
	assert_string_equal(claim_field(&c, "serial"), "1122334455");
	assert_string_equal(claim_field(&c, "count"), "2");
}

static void blocks_may_have_text_between_them(void **state)
{
	static const char text[] = EMPTY "\nsubject=x\nissuer=y\n\n" EMPTY;
	static const char before[] = "Bag Attributes\n    friendlyName: x\n" EMPTY;
	const athar_claim both = judge_text(&athar_format_pem, text);
	const athar_claim one = judge_text(&athar_format_pem, EMPTY "\nand that was it\n");

	(void)state;
	assert_int_equal(both.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(both.length, strlen(text));
	assert_string_equal(claim_field(&both, "count"), "2");
	assert_int_equal(one.length, strlen(EMPTY) + 1);
	assert_int_equal(judge_text(&athar_format_pem, before).length, strlen(before));
	assert_false(judge_text(&athar_format_pem, "a line\n" EMPTY).ours);
}

/* RFC 7468 and RFC 4880: what a block may be, and what not. */
static void content_agrees_with_the_label(void **state)
{
	static const struct {
		const char *text;
		bool ours;
		athar_grade grade;
	} cases[] = {
		{EMPTY, true, ATHAR_GRADE_COMPLETE},
		{"-----BEGIN X-----\nAAA=\n-----END X-----", true, ATHAR_GRADE_COMPLETE},
		{"-----BEGIN X-----\nAAA\n-----END X-----\n", true, ATHAR_GRADE_PARTIAL},
		{"-----BEGIN X-----\nAAAA\n-----END Y-----\n", true, ATHAR_GRADE_PARTIAL},
		{"-----BEGIN X-----\nAAAA\nA,AA\n-----END X-----\n", true, ATHAR_GRADE_PARTIAL},
		{"-----BEGIN PUBLIC KEY-----\nMAMCAQE=\n-----END PUBLIC KEY-----\n", true,
	         ATHAR_GRADE_COMPLETE},
		{"-----BEGIN PUBLIC KEY-----\nMAQCAQE=\n-----END PUBLIC KEY-----\n", true,
	         ATHAR_GRADE_PARTIAL},
		{"-----BEGIN X-----\nA,AA\n-----END X-----\n", false, ATHAR_GRADE_HEADER},
		{"-----BEGIN x-----\nAAAA\n-----END x-----\n", false, ATHAR_GRADE_HEADER},
		{"-----BEGIN X----\nAAAA\n-----END X-----\n", false, ATHAR_GRADE_HEADER},
		{"-----BEGIN X-----\n", false, ATHAR_GRADE_HEADER},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_text(&athar_format_pem, cases[i].text);

		assert_int_equal(c.ours, cases[i].ours);
		assert_int_equal(c.grade, cases[i].grade);
	}
}

/* Each character of the base64 and of its CRC, changed into another one. */
static void the_crc_sees_every_change(void **state)
{
	const sample s = sample_load("public.asc");
	const char *begin = strstr((const char *)s.bytes, "\n\n") + 2;

	(void)state;
	for (size_t at = (size_t)(begin - (const char *)s.bytes); s.bytes[at] != '-'; at++) {
		const uint8_t was = s.bytes[at];

		if (was == '\n' || was == '=')
			continue;
		s.bytes[at] = was == 'A' ? 'B' : 'A';
		const athar_claim c = judge(&athar_format_pem, s.bytes, s.len);

		assert_true(c.grade < ATHAR_GRADE_COMPLETE);
		s.bytes[at] = was;
	}
	sample_free(s);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_text_cuts(&athar_format_pem, "public.asc", 1);
	judge_text_cuts(&athar_format_pem, "locked.pem", 1);
	judge_text_cuts(&athar_format_pem, "signed.asc", 1);
	judge_foreign(&athar_format_pem, "public.asc", 64, 100, true);
	judge_foreign(&athar_format_pem, "openssh-locked.key", 64, 100, true);
	judge_noise(&athar_format_pem, "public.asc", 200);
	judge_flips(&athar_format_pem, "bundle.pem");
	judge_flips(&athar_format_pem, "openssh-ed25519.key");
	judge_flips(&athar_format_pem, "message.asc");
}

static void blocks_take_linear_time(void **state)
{
	(void)state;
	judge_time(&athar_format_pem, EMPTY, strlen(EMPTY), EMPTY, strlen(EMPTY));
	judge_time(&athar_format_pem, "-----BEGIN X-----\n", 18, "AAAA\n", 5);
	judge_time(&athar_format_pem, "-----BEGIN PGP SIGNED MESSAGE-----\n", 35, "AAAA\n", 5);
	judge_time(&athar_format_pem, EMPTY, strlen(EMPTY), "AAAA", 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_end_with_their_line),
		cmocka_unit_test(a_certificate_says_who_it_is_for),
		cmocka_unit_test(blocks_may_have_text_between_them),
		cmocka_unit_test(content_agrees_with_the_label),
		cmocka_unit_test(the_crc_sees_every_change),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(blocks_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
