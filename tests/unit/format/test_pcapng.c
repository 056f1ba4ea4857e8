/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

static void it_ends_where_no_block_follows(void **state)
{
	const athar_claim c = judge_file(&athar_format_pcapng, "packets.pcapng");

	(void)state;
	judge_end(&athar_format_pcapng, "packets.pcapng", ATHAR_GRADE_PARTIAL);
	assert_true(c.open);
	assert_int_equal(c.proven, c.length);
}

static void a_length_in_its_section_closes_it(void **state)
{
	(void)state;
	judge_end(&athar_format_pcapng, "length.pcapng", ATHAR_GRADE_COMPLETE);
	assert_false(judge_file(&athar_format_pcapng, "length.pcapng").open);
}

static void packets_are_counted(void **state)
{
	const athar_claim c = judge_file(&athar_format_pcapng, "packets.pcapng");

	(void)state;
	expect_said(&c, "count", "12");
	expect_said(&c, "from", "2020-09-13T12:26:40Z");
	expect_said(&c, "to", "2020-09-13T12:26:51Z");
	assert_non_null(strstr(field_of(&c, "software"), "Wireshark"));
}

/* As a machine of the other byte order would write it. */
static void both_byte_orders_are_read(void **state)
{
	static const uint8_t big[] =
		{
			0x0A, 0x0D, 0x0D, 0x0A, 0, 0,    0,    28,   0x1A, 0x2B, 0x3C,
			0x4D, 0,    1,    0,    0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,
			0xFF, 0xFF, 0,    0,    0, 28, /* a section */
			0,    0,    0,    1,    0, 0,    0,    32,   0,    1,    0,
			0,    0,    0,    0,    0, 0,    9,    0,    1,    0,    0,
			0,    0,    0,    0,    0, 0,    0,    0,    0,    32, /* times in seconds
	                                                                        */
			0,    0,    0,    6,    0, 0,    0,    32,   0,    0,    0,
			0,    0,    0,    0,    0, 0x5F, 0x5E, 0x10, 0x00, 0,    0,
			0,    0,    0,    0,    0, 0,    0,    0,    0,    32,
		};
	const athar_claim c = judge(&athar_format_pcapng, big, sizeof big);

	(void)state;
	assert_int_equal(c.length, sizeof big);
	expect_said(&c, "count", "1");
	expect_said(&c, "from", "2020-09-13T12:26:40Z");
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	judge_cuts(&athar_format_pcapng, "packets.pcapng");
	judge_cuts(&athar_format_pcapng, "length.pcapng");
}

static void a_foreign_block_ends_it(void **state)
{
	(void)state;
	assert_int_equal(judge_foreign(&athar_format_pcapng, "length.pcapng", 1024, 0, true), 0);
	judge_foreign(&athar_format_pcapng, "packets.pcapng", 1024, 0, true);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_pcapng, "packets.pcapng", 4);
	judge_noise(&athar_format_pcapng, "packets.pcapng", 28);
	judge_noise(&athar_format_pcapng, "packets.pcapng", 1000);
}

static void small_blocks_take_linear_time(void **state)
{
	static const uint8_t block[12] = {9, 0, 0, 0, 12, 0, 0, 0, 12, 0, 0, 0};
	const sample s = sample_load("packets.pcapng");

	(void)state;
	judge_time(&athar_format_pcapng, s.bytes, athar_le32(s.bytes + 4), block, sizeof block);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_pcapng, "packets.pcapng");
	judge_flips(&athar_format_pcapng, "length.pcapng");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_where_no_block_follows),
		cmocka_unit_test(a_length_in_its_section_closes_it),
		cmocka_unit_test(packets_are_counted),
		cmocka_unit_test(both_byte_orders_are_read),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(a_foreign_block_ends_it),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_blocks_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
