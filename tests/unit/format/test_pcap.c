/* SPDX-License-Identifier: BSD-2-Clause */
#include "base/endian.h"
#include "fields.h"
#include "format/list.h"

#define HEADER 24u

static const char *const samples[] = {"packets.pcap", "nano.pcap", "big.pcap"};

#define COUNT (sizeof samples / sizeof samples[0])

/* The last packet begins here: 16 bytes and 700. */
#define LAST (4656u - 716u)

static void it_ends_where_no_packet_follows(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const athar_claim c = judge_file(&athar_format_pcap, samples[i]);

		judge_end(&athar_format_pcap, samples[i], ATHAR_GRADE_PARTIAL);
		assert_true(c.open);
		assert_int_equal(c.proven, c.length);
	}
}

/* What follows it may be the rest of a packet that lies elsewhere. */
static void the_last_packet_is_proven_only_by_the_end(void **state)
{
	const sample s = sample_load("packets.pcap");
	uint8_t *more = calloc(1, s.len + 512);

	(void)state;
	assert_non_null(more);
	memcpy(more, s.bytes, s.len);
	const athar_claim c = judge(&athar_format_pcap, more, s.len + 512);

	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, LAST);
	free(more);
	sample_free(s);
}

static void packets_are_counted(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++) {
		const athar_claim c = judge_file(&athar_format_pcap, samples[i]);

		expect_said(&c, "count", "12");
		expect_said(&c, "from", "2020-09-13T12:26:40Z");
		expect_said(&c, "to", "2020-09-13T12:26:51Z");
	}
}

static void a_cut_one_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_cuts(&athar_format_pcap, samples[i]);
}

static void a_foreign_block_ends_it(void **state)
{
	const sample s = sample_load("packets.pcap");

	(void)state;
	for (size_t at = 512; at + 512 <= s.len; at += 512) {
		uint8_t before[512];

		memcpy(before, s.bytes + at, sizeof before);
		athar_test_fill(s.bytes + at, sizeof before, at);
		const athar_claim c = judge(&athar_format_pcap, s.bytes, s.len);

		/* A block inside the last packet does not show. */
		assert_true(c.proven <= at || at > LAST + 16);
		memcpy(s.bytes + at, before, sizeof before);
	}
	sample_free(s);
}

static void what_makes_no_sense_is_none(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
		bool ours;
	} wrong[] = {
		{5, 1, false},   {12, 1, false},
		{21, 9, false},  {30, 255, true}, /* a fraction of more than a second */
		{35, 255, true},                  /* more bytes kept than there were */
	};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
		const sample s = sample_load("packets.pcap");

		s.bytes[wrong[i].at] = wrong[i].value;
		const athar_claim c = judge(&athar_format_pcap, s.bytes, s.len);

		assert_int_equal(c.ours, wrong[i].ours);
		assert_true(!c.ours || c.grade == ATHAR_GRADE_HEADER);
		sample_free(s);
	}
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed < 200; seed++) {
		const sample s = sample_load("packets.pcap");

		athar_test_fill(s.bytes + HEADER, s.len - HEADER, seed);
		assert_true(judge(&athar_format_pcap, s.bytes, s.len).grade == ATHAR_GRADE_HEADER);
		sample_free(s);
	}
	judge_noise(&athar_format_pcap, "packets.pcap", 8);
}

static void small_packets_take_linear_time(void **state)
{
	static const uint8_t packet[17] = {[8] = 1, [12] = 1};
	const sample s = sample_load("packets.pcap");

	(void)state;
	judge_time(&athar_format_pcap, s.bytes, HEADER, packet, sizeof packet);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT; i++)
		judge_flips(&athar_format_pcap, samples[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_ends_where_no_packet_follows),
		cmocka_unit_test(the_last_packet_is_proven_only_by_the_end),
		cmocka_unit_test(packets_are_counted),
		cmocka_unit_test(a_cut_one_is_partial),
		cmocka_unit_test(a_foreign_block_ends_it),
		cmocka_unit_test(what_makes_no_sense_is_none),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(small_packets_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
