/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/list.h"
#include "judge.h"

#define FRAME (24u + 512u)

static const char *field(const athar_claim *c, const char *key)
{
	for (size_t i = 0; i < c->field_count; i++)
		if (strcmp(c->field[i].key, key) == 0)
			return c->field[i].value;
	return "";
}

static void a_log_ends_with_its_transactions(void **state)
{
	const sample s = sample_load("round.wal");
	char frames[32];

	(void)state;
	judge_end(&athar_format_sqlitewal, "round.wal", ATHAR_GRADE_INTACT);
	const athar_claim c = judge(&athar_format_sqlitewal, s.bytes, s.len);

	(void)snprintf(frames, sizeof frames, "%zu", (s.len - 32) / FRAME);
	assert_string_equal(field(&c, "count"), frames);
	assert_string_equal(field(&c, "pages"), "6");
	sample_free(s);
}

/* The first frame of an earlier round cannot be checked. */
static void earlier_rounds_belong_to_it(void **state)
{
	const athar_claim c = judge_file(&athar_format_sqlitewal, "rounds.wal");

	(void)state;
	judge_end(&athar_format_sqlitewal, "rounds.wal", ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.unseen, FRAME);
	assert_true(atoi(field(&c, "count")) < 4);
}

static void an_open_transaction_may_go_on(void **state)
{
	const sample s = sample_load("open.wal");
	const athar_claim c = judge(&athar_format_sqlitewal, s.bytes, s.len);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.open);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, s.len);
	sample_free(s);
}

/* Only a cut right behind a transaction does not show. */
static void a_cut_log_is_partial(void **state)
{
	const sample s = sample_load("round.wal");

	(void)state;
	for (size_t len = 1; len < s.len; len += 31) {
		const athar_claim c = judge(&athar_format_sqlitewal, s.bytes, len);

		if ((len - 32) % FRAME >= 24)
			assert_true(!c.ours || c.grade <= ATHAR_GRADE_PARTIAL);
		assert_true(c.grade < ATHAR_GRADE_COMPLETE || (c.length - 32) % FRAME == 0);
	}
	sample_free(s);
}

/* In the last frame a piece may begin just where the frame does. */
static void a_foreign_block_breaks_the_chain(void **state)
{
	const sample s = sample_load("round.wal");
	uint8_t *changed = malloc(s.len);

	(void)state;
	assert_non_null(changed);
	for (size_t at = 32; at + FRAME < s.len; at += 7) {
		memcpy(changed, s.bytes, s.len);
		athar_test_fill(changed + at, at + 512 < s.len ? 512 : s.len - at, at);
		const athar_claim c = judge(&athar_format_sqlitewal, changed, s.len);

		assert_true(c.grade <= ATHAR_GRADE_PARTIAL);
		assert_true(c.proven <= at);
	}
	free(changed);
	sample_free(s);
}

static void noise_behind_a_header_is_nothing(void **state)
{
	(void)state;
	judge_noise(&athar_format_sqlitewal, "round.wal", 8);
	judge_noise(&athar_format_sqlitewal, "round.wal", 32);
	judge_noise(&athar_format_sqlitewal, "round.wal", 300);
}

static void a_header_must_hold(void **state)
{
	const sample s = sample_load("round.wal");

	(void)state;
	for (size_t i = 0; i < 32; i++) {
		s.bytes[i] ^= 1;
		assert_false(judge(&athar_format_sqlitewal, s.bytes, s.len).ours);
		s.bytes[i] ^= 1;
	}
	sample_free(s);
}

static void frames_take_linear_time(void **state)
{
	const sample s = sample_load("rounds.wal");
	uint8_t frame[FRAME] = {0, 0, 0, 1};

	(void)state;
	memcpy(frame + 8, s.bytes + 16, 8);
	judge_time(&athar_format_sqlitewal, s.bytes, 32, frame, sizeof frame);
	frame[11]--;
	judge_time(&athar_format_sqlitewal, s.bytes, 32, frame, sizeof frame);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	judge_flips(&athar_format_sqlitewal, "round.wal");
	judge_flips(&athar_format_sqlitewal, "rounds.wal");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_log_ends_with_its_transactions),
		cmocka_unit_test(earlier_rounds_belong_to_it),
		cmocka_unit_test(an_open_transaction_may_go_on),
		cmocka_unit_test(a_cut_log_is_partial),
		cmocka_unit_test(a_foreign_block_breaks_the_chain),
		cmocka_unit_test(noise_behind_a_header_is_nothing),
		cmocka_unit_test(a_header_must_hold),
		cmocka_unit_test(frames_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
