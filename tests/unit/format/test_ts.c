/* SPDX-License-Identifier: BSD-2-Clause */
#include "fields.h"
#include "format/list.h"
#include "judge.h"

#define PACKET 188u

static const athar_format *const ts = &athar_format_ts;

static void a_stream_reaches_as_far_as_its_packets(void **state)
{
	const athar_claim c = judge_file(ts, "film.ts");

	(void)state;
	judge_end(ts, "film.ts", ATHAR_GRADE_PARTIAL);
	judge_end(ts, "camera.m2ts", ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.proven, c.length);
	assert_true(c.open);
	assert_false(c.alike);
}

static void a_cut_stream_is_proven_to_a_packet(void **state)
{
	const sample s = sample_load("film.ts");

	(void)state;
	judge_cuts(ts, "film.ts");
	judge_cuts(ts, "camera.m2ts");
	const athar_claim c = judge(ts, s.bytes, s.len - 1);

	assert_int_equal(c.proven % PACKET, 0);
	assert_true(c.proven < s.len && c.proven + 10 * PACKET > s.len);
	assert_false(c.open);
	sample_free(s);
}

static void a_foreign_block_breaks_the_chain(void **state)
{
	(void)state;
	judge_foreign(ts, "film.ts", 4096, 8 * PACKET, true);
	judge_foreign(ts, "camera.m2ts", 512, 8 * 192, true);
}

/* A packet that is lacking shows by the counts; the rest is measured all the same. */
static void a_missing_packet_is_a_flaw(void **state)
{
	const sample s = sample_load("film.ts");
	const size_t at = 18 * PACKET; /* the second of three of one stream */

	(void)state;
	memmove(s.bytes + at, s.bytes + at + PACKET, s.len - at - PACKET);
	const athar_claim c = judge(ts, s.bytes, s.len - PACKET);

	assert_true(c.ours);
	assert_true(c.proven <= at);
	assert_int_equal(c.length, s.len - PACKET);
	assert_non_null(strstr(c.why, "missing"));
	sample_free(s);
}

/* The table of programs is the second packet; its CRC makes the stream ours. */
static void a_stream_needs_a_table_whose_crc_holds(void **state)
{
	const sample s = sample_load("film.ts");

	(void)state;
	assert_memory_equal(s.bytes + PACKET, "\x47\x40\x00", 3);
	s.bytes[PACKET + 15] ^= 1;
	assert_false(judge(ts, s.bytes, s.len).ours);
	s.bytes[PACKET + 15] ^= 1;
	assert_true(judge(ts, s.bytes, s.len).ours);
	assert_false(judge(ts, s.bytes, 7 * PACKET).ours);
	s.bytes[3 * PACKET] = 0;
	assert_false(judge(ts, s.bytes, s.len).ours);
	sample_free(s);
}

/* Else each table of a film would be found as a film: here that of its sixth packet. */
static void a_stream_begins_with_its_counts(void **state)
{
	const sample s = sample_load("film.ts");
	const size_t at = 5 * PACKET;

	(void)state;
	assert_memory_equal(s.bytes + at, "\x47\x40\x00\x11", 4);
	assert_false(judge(ts, s.bytes + at, s.len - at).ours);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(ts, "film.ts", 3);
	judge_noise(ts, "film.ts", 20 * PACKET);
	judge_noise(ts, "camera.m2ts", 10 * 192);
}

static void fields_are_what_was_put_in(void **state)
{
	const athar_claim film = judge_file(ts, "film.ts");
	const athar_claim camera = judge_file(ts, "camera.m2ts");

	(void)state;
	assert_string_equal(field_of(&film, "codec"), "MPEG-2");
	assert_string_equal(field_of(&film, "encrypted"), "");
	assert_string_equal(film.extension, "");
	assert_string_equal(camera.extension, "m2ts");
}

static void packets_take_linear_time(void **state)
{
	const sample s = sample_load("film.ts");

	(void)state;
	judge_time(ts, s.bytes, s.len, s.bytes + 8 * PACKET, PACKET);
	judge_time(ts, s.bytes, s.len, s.bytes + 2 * PACKET, PACKET);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(ts, "film.ts");
	judge_flips(ts, "camera.m2ts");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stream_reaches_as_far_as_its_packets),
		cmocka_unit_test(a_cut_stream_is_proven_to_a_packet),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(a_missing_packet_is_a_flaw),
		cmocka_unit_test(a_stream_needs_a_table_whose_crc_holds),
		cmocka_unit_test(a_stream_begins_with_its_counts),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(fields_are_what_was_put_in),
		cmocka_unit_test(packets_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
