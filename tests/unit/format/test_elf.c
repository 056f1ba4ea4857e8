/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static const struct {
	const char *name, *subtype, *extension, *machine;
} samples[] = {
	{"little32.o", "object", "o", "arm"},         {"big32.o", "object", "o", "powerpc"},
	{"big64.o", "object", "o", "s390"},           {"little64.o", "object", "o", "x86-64"},
	{"static.elf", "program", "elf", "x86-64"},   {"shared.so", "library", "so", "x86-64"},
	{"segments.elf", "program", "elf", "x86-64"},
};

#define COUNT (sizeof samples / sizeof samples[0])

static void it_ends_with_its_last_part(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_end(&athar_format_elf, samples[i].name, ATHAR_GRADE_COMPLETE);
}

static void it_says_what_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const athar_claim c = judge_file(&athar_format_elf, samples[i].name);

		assert_string_equal(c.subtype, samples[i].subtype);
		assert_string_equal(c.extension, samples[i].extension);
		expect_said(&c, "machine", samples[i].machine);
		assert_true(c.unseen != 0 && c.unseen < c.length);
	}
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_elf, samples[i].name);
}

/* The table of sections lies at the end of each, and in one sector with it the names. */
static void foreign_tables_show(void **state)
{
	const sample s = sample_load("static.elf");
	const size_t table = (size_t)athar_le64(s.bytes + 40);

	(void)state;
	athar_test_fill(s.bytes + table, s.len - table, 1);
	assert_true(judge(&athar_format_elf, s.bytes, s.len).grade <= ATHAR_GRADE_PARTIAL);
	sample_free(s);
}

static void what_makes_no_sense_is_no_more_than_partial(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		bool ours;
	} wrong[] =
		{
			{4, 3, false},   {5, 0, false},    {6, 2, false},  {9, 1, false},
			{16, 9, false},  {20, 2, false},   {52, 9, false}, {58, 9, false},
			{62, 200, true}, /* the names are in a section that is not there */
			{62, 2, true},   /* or in one that has none */
			{40, 0, true},   /* sections begin where none do */
			{47, 255, true}, {39, 255, false},
		};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const sample s = sample_load("little64.o");

		s.bytes[wrong[i].at] = wrong[i].value;
		const athar_claim c = judge(&athar_format_elf, s.bytes, s.len);

		if (c.ours != wrong[i].ours || c.grade > ATHAR_GRADE_PARTIAL)
			fail_msg("%u at %zu is %d, %s: %s", wrong[i].value, wrong[i].at, c.ours,
			         grade_name(c.grade), c.why);
		sample_free(s);
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_elf, "static.elf", 4);
	judge_noise(&athar_format_elf, "static.elf", 64);
	judge_noise(&athar_format_elf, "static.elf", 64 + 56 * 4);
}

static void many_sections_take_linear_time(void **state)
{
	const sample s = sample_load("little64.o");
	uint8_t head[128] = {0};

	(void)state;
	memcpy(head, s.bytes, 64);
	athar_put_le64(head + 40, 64);
	head[60] = head[61] = 0; /* as many as the first section says */
	athar_put_le32(head + 96, 200000);
	judge_time(&athar_format_elf, head, sizeof head, "\0", 1);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_elf, samples[i].name);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_with_its_last_part),
		cmocka_unit_test(it_says_what_it_is),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(foreign_tables_show),
		cmocka_unit_test(what_makes_no_sense_is_no_more_than_partial),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(many_sections_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
