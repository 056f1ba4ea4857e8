/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const struct {
	const char *name, *subtype, *machine;
} samples[] = {
	{"arm64.macho.o", "object", "arm64"},      {"x86_64.macho.o", "object", "x86-64"},
	{"i386.macho.o", "object", "i386"},        {"x86_64.dylib", "library", "x86-64"},
	{"fat.macho.o", "object", "x86-64 arm64"},
};

#define COUNT (sizeof samples / sizeof samples[0])

static void it_ends_with_its_last_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_end(&athar_format_macho, samples[i].name, ATHAR_GRADE_COMPLETE);
}

static void it_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const athar_claim c = judge_file(&athar_format_macho, samples[i].name);

		assert_string_equal(c.subtype, samples[i].subtype);
		expect_said(&c, "machine", samples[i].machine);
		assert_true(c.unseen != 0 && c.unseen < c.length);
	}
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_macho, samples[i].name);
}

static void what_makes_no_sense_is_no_more_than_partial(void **state)
{
	static const struct {
		const char *name;
		size_t at;
		uint8_t value;
	} wrong[] = {
		{"x86_64.macho.o", 4, 1},   /* a processor that is none */
		{"x86_64.macho.o", 12, 99}, /* nor the kind of a file */
		{"x86_64.macho.o", 16, 1},  /* commands that do not fill their room */
		{"x86_64.macho.o", 20, 200},
		{"x86_64.macho.o", 36, 255}, /* the size of the first command */
		{"fat.macho.o", 7, 0},       /* no parts */
		{"fat.macho.o", 7, 52},      /* a class of Java */
		{"fat.macho.o", 11, 12},     /* another processor than the part has */
		{"fat.macho.o", 18, 1},      /* a place where no part begins */
		{"fat.macho.o", 22, 1},      /* a part that is larger than its room */
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const sample s = sample_load(wrong[i].name);

		s.bytes[wrong[i].at] = wrong[i].value;
		const athar_claim c = judge(&athar_format_macho, s.bytes, s.len);

		if (c.ours && c.grade > ATHAR_GRADE_PARTIAL)
			fail_msg("%s with %u at %zu is %s: %s", wrong[i].name, wrong[i].value,
			         wrong[i].at, grade_name(c.grade), c.why);
		sample_free(s);
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_macho, "x86_64.dylib", 4);
	judge_noise(&athar_format_macho, "x86_64.dylib", 32);
	judge_noise(&athar_format_macho, "fat.macho.o", 7);
	judge_noise(&athar_format_macho, "fat.macho.o", 48);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_macho, samples[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_its_last_part),
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(what_makes_no_sense_is_no_more_than_partial),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
