/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const char *const samples[] = {"sum.exe", "signed.exe", "symbols.dll"};

#define COUNT (sizeof samples / sizeof samples[0])

static void a_program_ends_behind_its_last_part(void **state)
{
	(void)state;
	judge_end(&athar_format_pe, "sum.exe", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_pe, "signed.exe", ATHAR_GRADE_INTACT);
	judge_end(&athar_format_pe, "symbols.dll", ATHAR_GRADE_COMPLETE);
}

static void it_says_what_it_is(void **state)
{
	const athar_claim program = judge_file(&athar_format_pe, "sum.exe");
	const athar_claim library = judge_file(&athar_format_pe, "symbols.dll");

	(void)state;
	assert_string_equal(program.subtype, "exe");
	expect_said(&program, "machine", "x86-64");
	expect_said(&program, "version", "3.1.4.15");
	expect_said(&program, "created", "");
	assert_string_equal(library.subtype, "dll");
	assert_string_equal(library.extension, "dll");
	expect_said(&library, "machine", "i386");
	expect_said(&library, "created", "2020-09-13T12:26:40Z");
}

static size_t sum_place(const sample *s)
{
	return athar_le32(s->bytes + 60) + 24 + 64;
}

/* Without the sum in its header the digest alone holds, and the other way round. */
static void either_proof_is_enough(void **state)
{
	const sample s = sample_load("signed.exe");

	(void)state;
	athar_put_le32(s.bytes + sum_place(&s), 0);
	const athar_claim digest = judge(&athar_format_pe, s.bytes, s.len);

	assert_int_equal(digest.grade, ATHAR_GRADE_INTACT);
	assert_non_null(strstr(digest.why, "digest"));
	s.bytes[0x400] ^= 1;
	const athar_claim none = judge(&athar_format_pe, s.bytes, s.len);

	assert_int_equal(none.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(none.length, s.len);
	assert_true(none.unseen > 4000);
	sample_free(s);
}

static void a_cut_program_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_pe, samples[i]);
}

static void a_foreign_block_changes_the_sum(void **state)
{
	(void)state;
	judge_foreign(&athar_format_pe, "sum.exe", 4096, 0, false);
	judge_foreign(&athar_format_pe, "sum.exe", 512, 0, false);
	judge_foreign(&athar_format_pe, "signed.exe", 512, 0, false);
}

/* The old programs of DOS begin so as well, and much that is none. */
static void two_letters_are_no_program(void **state)
{
	uint8_t bytes[8192];
	size_t ours = 0;

	(void)state;
	for (uint64_t seed = 1; seed < 3000; seed++) {
		athar_test_fill(bytes, sizeof bytes, seed);
		memcpy(bytes, "MZ", 2);
		athar_put_le32(bytes + 60, (uint32_t)(seed % 1024) * 4);
		ours += judge(&athar_format_pe, bytes, sizeof bytes).ours;
	}
	assert_int_equal(ours, 0);
}

static void what_makes_no_sense_is_none(void **state)
{
	static const struct {
		size_t at; /* behind the old header */
		uint8_t value;
	} wrong[] = {{0, 0}, {4, 0}, {6, 0}, {7, 1}, {20, 0}, {22, 0}, {24, 0}, {60, 3}};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const sample s = sample_load("sum.exe");

		s.bytes[athar_le32(s.bytes + 60) + wrong[i].at] = wrong[i].value;
		assert_false(judge(&athar_format_pe, s.bytes, s.len).ours);
		sample_free(s);
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_pe, "sum.exe", 64);
	judge_noise(&athar_format_pe, "sum.exe", 200);
	judge_noise(&athar_format_pe, "signed.exe", 300);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_pe, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_program_ends_behind_its_last_part),
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(either_proof_is_enough),
		cmocka_unit_test(a_cut_program_is_partial),
		cmocka_unit_test(a_foreign_block_changes_the_sum),
		cmocka_unit_test(two_letters_are_no_program),
		cmocka_unit_test(what_makes_no_sense_is_none),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
