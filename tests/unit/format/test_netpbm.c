/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"

static const char *const unchecked[] = {"bits.pbm", "grey.pgm", "rgb.ppm"};
static const char *const bounded[] = {"deep.pgm", "low.ppm",  "alpha.pam",
                                      "text.pbm", "text.pgm", "text.ppm"};

static void a_picture_ends_with_its_last_sample(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(unchecked); i++)
		judge_end(&athar_format_netpbm, unchecked[i], ATHAR_GRADE_COMPLETE);
	for (size_t i = 0; i < ATHAR_COUNT(bounded); i++)
		judge_end(&athar_format_netpbm, bounded[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_picture_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(unchecked); i++)
		judge_cuts(&athar_format_netpbm, unchecked[i]);
	for (size_t i = 0; i < ATHAR_COUNT(bounded); i++)
		judge_cuts(&athar_format_netpbm, bounded[i]);
}

static void what_cannot_be_a_sample_shows(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(bounded); i++)
		judge_foreign(&athar_format_netpbm, bounded[i], 4096, 80, true);
}

/* Noise shows in a picture that is none; in what is noise itself it cannot. */
static void noise_shows_in_what_is_none(void **state)
{
	const sample s = sample_load("rgb.ppm");

	(void)state;
	athar_test_fill(s.bytes + 8192, 4096, 5);
	const athar_claim c = judge(&athar_format_netpbm, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_true(c.proven < 8192);
	athar_test_fill(s.bytes + 40, s.len - 40, 6);
	assert_int_equal(judge(&athar_format_netpbm, s.bytes, s.len).grade, ATHAR_GRADE_COMPLETE);
	sample_free(s);
}

/* What judge says of a text. */
static athar_claim judge_text(const char *text)
{
	return judge(&athar_format_netpbm, text, strlen(text));
}

static void a_header_must_be_one(void **state)
{
	static const char *const none[] = {
		"P6\n",
		"P6 is a format of pictures\n",
		"P5\n3 3\n70000\n123456789",
		"P5\n0 3\n255\n123456789",
		"P5\n3 3\n0\n123456789",
		"P5\n3 12345678901\n255\n123456789",
		"P5\n99999 99999\n255\n123456789",
		"P5\n3 -3\n255\n123456789",
		"P5\n3 3 255x123456789",
		"P53 3 255\n123456789",
		"P8\n3 3 255\n123456789",
		"P5\n#\1\n3 3 255\n123456789",
		"P7\nWIDTH 3\nHEIGHT 3\nMAXVAL 255\nENDHDR\n123456789",
		"P7\nWIDTH 3\nWIDTH 3\nHEIGHT 3\nDEPTH 1\nMAXVAL 255\nENDHDR\n123456789",
		"P7\nWIDTH 3x\nHEIGHT 3\nDEPTH 1\nMAXVAL 255\nENDHDR\n123456789",
		"P7 WIDTH 3\nHEIGHT 3\nDEPTH 1\nMAXVAL 255\nENDHDR\n123456789",
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(none); i++) {
		if (judge_text(none[i]).ours)
			fail_msg("\"%s\" is taken for a picture", none[i]);
	}
}

static void the_size_decides_where_it_ends(void **state)
{
	static const struct {
		const char *text;
		athar_grade grade;
		size_t length;
	} cases[] = {
		{"P5 3 3 255\n123456789abc", ATHAR_GRADE_COMPLETE, 20},
		{"P5 #a\n3#b\n3 #c\n255 123456789abc", ATHAR_GRADE_COMPLETE, 28},
		{"P5 3 3 256\n123456789abcdefghi", ATHAR_GRADE_PARTIAL, 29},
		{"P4 9 2\n1234567", ATHAR_GRADE_COMPLETE, 11},
		{"P6 1 2 255\n123456789", ATHAR_GRADE_COMPLETE, 17},
		{"P7\nDEPTH 2\nWIDTH 1\nHEIGHT 2\nMAXVAL 255\nTUPLTYPE A B\nENDHDR\n12345",
	         ATHAR_GRADE_COMPLETE, 63},
		{"P1 3 2\n101010\nx", ATHAR_GRADE_COMPLETE, 14},
		{"P1 3 2\n1 01 0 # a\n10x", ATHAR_GRADE_COMPLETE, 20},
		{"P2 3 1 9\n1 2 3 \n", ATHAR_GRADE_COMPLETE, 16},
		{"P2 3 1 9\n1 2 3 x", ATHAR_GRADE_COMPLETE, 14},
		{"P2 3 1 9\n1 2 3", ATHAR_GRADE_PARTIAL, 14},
		{"P2 3 1 9\n1 2 10 \n", ATHAR_GRADE_PARTIAL, 12},
		{"P2 3 1 9\n1 2x3 \n", ATHAR_GRADE_PARTIAL, 12},
		{"P3 1 1 9\n1 2 3\n4", ATHAR_GRADE_COMPLETE, 15},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		const athar_claim c = judge_text(cases[i].text);

		if (!c.ours || c.grade != cases[i].grade || c.length != cases[i].length)
			fail_msg("\"%s\": ours %d, %s, %llu bytes: %s", cases[i].text, c.ours,
			         grade_name(c.grade), (unsigned long long)c.length, c.why);
	}
}

static void each_kind_has_its_name(void **state)
{
	(void)state;
	assert_string_equal(judge_file(&athar_format_netpbm, "bits.pbm").extension, "pbm");
	assert_string_equal(judge_file(&athar_format_netpbm, "text.pbm").subtype, "pbm");
	assert_string_equal(judge_file(&athar_format_netpbm, "deep.pgm").extension, "pgm");
	assert_string_equal(judge_file(&athar_format_netpbm, "rgb.ppm").extension, "ppm");
	assert_string_equal(judge_file(&athar_format_netpbm, "alpha.pam").subtype, "pam");
}

static void samples_take_linear_time(void **state)
{
	static const char raw[] = "P6 2000 2000 200\n", text[] = "P2 5000 5000 9\n";
	static const char comments[] = "P5 ";

	(void)state;
	judge_time(&athar_format_netpbm, raw, sizeof raw - 1, "\1\2\3\377", 4);
	judge_time(&athar_format_netpbm, text, sizeof text - 1, "1 ", 2);
	judge_time(&athar_format_netpbm, text, sizeof text - 1, "#\n", 2);
	judge_time(&athar_format_netpbm, comments, sizeof comments - 1, "#\n", 2);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(bounded); i++)
		judge_flips(&athar_format_netpbm, bounded[i]);
	judge_flips(&athar_format_netpbm, "bits.pbm");
}

static void the_size_is_told(void **state)
{
	(void)state;
	expect_field(&athar_format_netpbm, "grey.pgm", "width", "120");
	expect_field(&athar_format_netpbm, "grey.pgm", "height", "90");
	expect_field(&athar_format_netpbm, "alpha.pam", "width", "64");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_picture_ends_with_its_last_sample),
		cmocka_unit_test(a_cut_picture_is_partial),
		cmocka_unit_test(what_cannot_be_a_sample_shows),
		cmocka_unit_test(noise_shows_in_what_is_none),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(the_size_decides_where_it_ends),
		cmocka_unit_test(each_kind_has_its_name),
		cmocka_unit_test(samples_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(the_size_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
