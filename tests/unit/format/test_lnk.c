/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

#define HEADER 76u

static const char *const samples[] = {"drive.lnk", "share.lnk", "narrow.lnk", "variables.lnk"};

#define COUNT (sizeof samples / sizeof samples[0])

static void a_link_ends_with_its_last_block(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_end(&athar_format_lnk, samples[i], ATHAR_GRADE_COMPLETE);
}

static void it_tells_of_its_target(void **state)
{
	const athar_claim c = judge_file(&athar_format_lnk, "drive.lnk");

	(void)state;
	expect_said(&c, "path", "C:\\river\\l\xc3\xa4mp.exe");
	expect_said(&c, "created", "2020-09-13T12:26:40Z");
	expect_said(&c, "modified", "2020-09-13T12:30:00Z");
	expect_said(&c, "machine", "desktop-7");
	expect_said(&c, "serial", "70ecfa33");
	expect_said(&c, "comment", "Counts the sand");
}

static void each_kind_of_path_is_told(void **state)
{
	const athar_claim narrow = judge_file(&athar_format_lnk, "narrow.lnk");
	const athar_claim share = judge_file(&athar_format_lnk, "share.lnk");
	const athar_claim variables = judge_file(&athar_format_lnk, "variables.lnk");

	(void)state;
	expect_said(&narrow, "path", "C:\\river\\l\xc3\xa4mp.exe");
	expect_said(&share, "path", "\\\\sand\\lamp\\river.txt");
	expect_said(&share, "serial", "");
	expect_said(&variables, "path", "%windir%\\lamp.exe");
}

static void a_cut_link_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_lnk, samples[i]);
}

/* Nothing in them is as long as a sector but the block of variables. */
static void a_foreign_sector_breaks_the_chain(void **state)
{
	(void)state;
	assert_int_equal(judge_foreign(&athar_format_lnk, "drive.lnk", 512, 0, true), 0);
	assert_int_equal(judge_file(&athar_format_lnk, "drive.lnk").unseen, 0);
	assert_int_equal(judge_file(&athar_format_lnk, "variables.lnk").unseen, 0x314);
}

static void what_cannot_be_stops_it(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {
		{76, 0},        /* items that are longer than their list */
		{78, 1},        /* an item shorter than its size */
		{76 + 49, 255}, /* the size of what tells of the target */
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const sample s = sample_load("drive.lnk");

		s.bytes[wrong[i].at] = wrong[i].value;
		s.bytes[wrong[i].at + 1] = wrong[i].value;
		const athar_claim c = judge(&athar_format_lnk, s.bytes, s.len);

		assert_true(c.ours);
		assert_true(c.grade <= ATHAR_GRADE_PARTIAL);
		sample_free(s);
	}
}

static void a_header_with_more_in_it_is_none(void **state)
{
	const sample s = sample_load("narrow.lnk");

	(void)state;
	s.bytes[70] = 1;
	assert_false(judge(&athar_format_lnk, s.bytes, s.len).ours);
	s.bytes[70] = 0;
	s.bytes[23] = 0x80;
	assert_false(judge(&athar_format_lnk, s.bytes, s.len).ours);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_lnk, "drive.lnk", 20);
	judge_noise(&athar_format_lnk, "drive.lnk", HEADER);
	judge_noise(&athar_format_lnk, "drive.lnk", 300);
}

static void many_blocks_take_linear_time(void **state)
{
	const sample s = sample_load("narrow.lnk");

	(void)state;
	athar_put_le32(s.bytes + 20, 0);
	judge_time(&athar_format_lnk, s.bytes, HEADER, "\x08\0\0\0\x05\0\0\xa0", 8);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_lnk, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_link_ends_with_its_last_block),
		cmocka_unit_test(it_tells_of_its_target),
		cmocka_unit_test(each_kind_of_path_is_told),
		cmocka_unit_test(a_cut_link_is_partial),
		cmocka_unit_test(a_foreign_sector_breaks_the_chain),
		cmocka_unit_test(what_cannot_be_stops_it),
		cmocka_unit_test(a_header_with_more_in_it_is_none),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(many_blocks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
