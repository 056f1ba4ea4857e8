/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

#define RECORD (8u + 512u)
/* Of hot.journal: where its segments begin, as their headers show, and its last record ends. */
#define LAST_HEADER 7168u
#define LAST_RECORD 6680u

static const char *field(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

/* The last segment is being written and has no records yet. */
static void a_journal_in_use_may_go_on(void **state)
{
	const sample s = sample_load("hot.journal");
	const athar_claim c = judge(&athar_format_sqlitejournal, s.bytes, s.len);

	(void)state;
	for (uint64_t seed = 0; seed < 20; seed++) {
		uint8_t more[7680 + 4096] = {0};

		assert_int_equal(s.len, 7680);
		memcpy(more, s.bytes, s.len);
		if (seed != 0)
			athar_test_fill(more + s.len, 4096, seed);
		assert_int_equal(judge(&athar_format_sqlitejournal, more, sizeof more).length,
		                 s.len);
	}
	assert_true(c.open);
	assert_int_equal(c.proven, s.len);
	assert_string_equal(field(&c, "count"), "6");
	assert_string_equal(field(&c, "pages"), "6");
	sample_free(s);
}

static void a_journal_ends_with_what_it_counts(void **state)
{
	const sample s = sample_load("hot.journal");

	(void)state;
	memset(s.bytes + LAST_HEADER, 0xAA, s.len - LAST_HEADER);
	const athar_claim c = judge(&athar_format_sqlitejournal, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, LAST_RECORD);
	assert_true(c.alike);
	for (size_t len = 1; len < LAST_RECORD; len += 17) {
		const athar_claim cut = judge(&athar_format_sqlitejournal, s.bytes, len);

		/* A cut between segments does not show. */
		assert_true(cut.grade < ATHAR_GRADE_COMPLETE ||
		            (cut.length - 512) % 1536 == RECORD);
	}
	sample_free(s);
}

/* As they are while the journal is not synchronised: what is there is followed. */
static void records_may_not_be_counted(void **state)
{
	const sample s = sample_load("hot.journal");

	(void)state;
	memset(s.bytes + 8, 0, 4);
	const athar_claim zero = judge(&athar_format_sqlitejournal, s.bytes, 512 + RECORD);

	memset(s.bytes + 8, 0xFF, 4);
	const athar_claim none = judge(&athar_format_sqlitejournal, s.bytes, 512 + RECORD + 100);

	assert_int_equal(zero.grade, ATHAR_GRADE_PARTIAL);
	assert_true(zero.open && none.open);
	assert_int_equal(zero.length, 512 + RECORD);
	assert_int_equal(none.length, 512 + RECORD);
	sample_free(s);
}

static void a_foreign_record_does_not_hold(void **state)
{
	(void)state;
	judge_foreign(&athar_format_sqlitejournal, "hot.journal", 512, 512, false);
	/* Only over the last header, which no record follows, nothing is missed. */
	assert_int_equal(
		judge_foreign(&athar_format_sqlitejournal, "hot.journal", 1100, 512, false), 1);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_sqlitejournal, "hot.journal", 8);
	judge_noise(&athar_format_sqlitejournal, "hot.journal", 28);
	judge_noise(&athar_format_sqlitejournal, "hot.journal", 600);
}

static void a_header_must_be_one(void **state)
{
	const sample s = sample_load("hot.journal"), zeroed = sample_load("done.journal");

	(void)state;
	assert_false(judge(&athar_format_sqlitejournal, zeroed.bytes, zeroed.len).ours);
	for (size_t i = 20; i < 28; i++) {
		s.bytes[i] ^= 1;
		assert_false(judge(&athar_format_sqlitejournal, s.bytes, s.len).ours);
		s.bytes[i] ^= 1;
	}
	sample_free(s);
	sample_free(zeroed);
}

static void segments_take_linear_time(void **state)
{
	const sample s = sample_load("hot.journal");

	(void)state;
	judge_time(&athar_format_sqlitejournal, s.bytes, 1536, s.bytes, 1536);
	judge_time(&athar_format_sqlitejournal, s.bytes, LAST_HEADER, s.bytes + LAST_HEADER, 512);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_sqlitejournal, "hot.journal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_journal_in_use_may_go_on),
		cmocka_unit_test(a_journal_ends_with_what_it_counts),
		cmocka_unit_test(records_may_not_be_counted),
		cmocka_unit_test(a_foreign_record_does_not_hold),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_must_be_one),
		cmocka_unit_test(segments_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
