/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "texts.h"

static void a_message_ends_with_its_data(void **state)
{
	const athar_claim c = judge_file(&athar_format_pgp, "message.gpg");

	(void)state;
	judge_end(&athar_format_pgp, "message.gpg", ATHAR_GRADE_COMPLETE);
	assert_string_equal(c.subtype, "message");
	assert_string_equal(claim_field(&c, "encrypted"), "yes");
}

static void keys_go_on_as_far_as_their_packets(void **state)
{
	static const char *const names[][2] = {{"public.gpg", "public"}, {"secret.gpg", "secret"}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		const sample s = sample_load(names[i][0]);
		const athar_claim c = judge(&athar_format_pgp, s.bytes, s.len);

		judge_end_apart(&athar_format_pgp, names[i][0], ATHAR_GRADE_PARTIAL);
		assert_true(c.open);
		assert_int_equal(c.proven, s.len);
		assert_string_equal(c.subtype, names[i][1]);
		assert_string_equal(claim_field(&c, "name"), "Ada <ada@example.org>");
		sample_free(s);
	}
}

/* The first packet must add up: a bit of a length, of the version, of the algorithm, of the time.
 */
static void a_first_packet_adds_up_or_is_none(void **state)
{
	static const size_t places[] = {1, 2, 3, 7, 8};
	const sample s = sample_load("public.gpg");

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(places); i++) {
		s.bytes[places[i]] ^= 0x60;
		assert_false(judge(&athar_format_pgp, s.bytes, s.len).ours);
		s.bytes[places[i]] ^= 0x60;
	}
	assert_true(judge(&athar_format_pgp, s.bytes, s.len).ours);
	assert_false(judge(&athar_format_pgp, s.bytes, 53).ours);
	sample_free(s);
}

/* Every magic, with noise behind it. */
static void noise_is_no_packet(void **state)
{
	uint8_t noise[20000];
	size_t ours = 0;

	(void)state;
	for (const athar_magic *m = athar_format_pgp.magic; m->len != 0; m++) {
		for (uint64_t seed = 0; seed < 100; seed++) {
			athar_test_fill(noise, sizeof noise, seed);
			memcpy(noise, m->bytes, m->len);
			ours += judge(&athar_format_pgp, noise, sizeof noise).ours;
			noise[2] = 4;
			ours += judge(&athar_format_pgp, noise, sizeof noise).ours;
			noise[2] = 3;
			ours += judge(&athar_format_pgp, noise, sizeof noise).ours;
		}
	}
	assert_int_equal(ours, 0);
}

static void damage_shows(void **state)
{
	(void)state;
	judge_cuts(&athar_format_pgp, "message.gpg");
	judge_cuts(&athar_format_pgp, "secret.gpg");
	judge_flips(&athar_format_pgp, "message.gpg");
	judge_flips(&athar_format_pgp, "public.gpg");
	judge_flips(&athar_format_pgp, "secret.gpg");
}

static void packets_take_linear_time(void **state)
{
	const sample key = sample_load("public.gpg"), message = sample_load("message.gpg");

	(void)state;
	judge_time(&athar_format_pgp, key.bytes, 76, key.bytes, 76);
	judge_time(&athar_format_pgp, key.bytes, 76, "\xB0\0", 2);
	judge_time(&athar_format_pgp, message.bytes, 96, message.bytes, 96);
	judge_time(&athar_format_pgp, message.bytes, 98, "\xE0\1", 2);
	sample_free(key);
	sample_free(message);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_ends_with_its_data),
		cmocka_unit_test(keys_go_on_as_far_as_their_packets),
		cmocka_unit_test(a_first_packet_adds_up_or_is_none),
		cmocka_unit_test(noise_is_no_packet),
		cmocka_unit_test(damage_shows),
		cmocka_unit_test(packets_take_linear_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
