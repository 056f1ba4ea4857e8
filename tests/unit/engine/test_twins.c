/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which of two damaged images is good where. The medium is written here, so is the damage, and so
 * is the answer: the sets are filled as a reader of both would fill them, from models of the two.
 */
#include "athar_test.h"
#include "engine/twins.h"

#define BLOCK 16u
#define BLOCKS 64u
#define SIZE (BLOCK * BLOCKS)

/* One image: what it gives for each byte of the medium, and what its container says of it. */
typedef struct model {
	uint8_t byte[SIZE];
	bool bad[SIZE], lacking[SIZE];
} model;

static void add(athar_runs *runs, uint64_t at, uint64_t len)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(runs, at, len, ATHAR_RUN_BAD, &err), err);
}

static void fill_side(athar_twin_side *side, const model *m, const uint8_t *medium, bool recorded)
{
	for (size_t i = 0; i < SIZE; i++) {
		if (m->bad[i])
			add(&side->bad, i, 1);
		if (m->lacking[i])
			add(&side->lacking, i, 1);
	}
	for (size_t b = 0; recorded && b < SIZE; b += BLOCK)
		add(memcmp(m->byte + b, medium + b, BLOCK) == 0 ? &side->proven : &side->wrong, b,
		    BLOCK);
}

static void judge(athar_twins *t, const model *here, const model *there, const uint8_t *medium,
                  bool recorded)
{
	athar_error err = ATHAR_ERROR_INIT;

	*t = (athar_twins){.size = SIZE};
	t->here.summed = t->there.summed = true;
	fill_side(&t->here, here, medium, recorded);
	fill_side(&t->there, there, medium, recorded);
	for (size_t i = 0; i < SIZE; i++)
		if (here->byte[i] != there->byte[i])
			add(&t->differ, i, 1);
	assert_ok(athar_twins_judge(t, &err), err);
}

/* The verdict on a byte; that it has no two is checked here. */
static athar_twin verdict(const athar_twins *t, size_t at)
{
	athar_twin found = ATHAR_TWIN_NONE;

	for (athar_twin twin = ATHAR_TWIN_NONE; twin < ATHAR_TWINS; twin++)
		for (unsigned e = 0; e < ATHAR_EVIDENCES; e++) {
			if (athar_runs_overlap(&t->verdict[twin][e], at, 1) == 0)
				continue;
			assert_int_equal(found, ATHAR_TWIN_NONE);
			found = twin;
		}
	return found;
}

static void make_medium(uint8_t *medium)
{
	athar_test_fill(medium, SIZE, 7);
	for (size_t i = 0; i < SIZE; i++)
		medium[i] |= 1; /* no zeros: what is lost shows */
}

static model sound(const uint8_t *medium)
{
	model m = {.bad = {false}};

	memcpy(m.byte, medium, SIZE);
	return m;
}

static void lose(model *m, size_t at)
{
	m->byte[at] = 0;
	m->bad[at] = true;
}

/* What is said to be good is what was on the medium, whatever was damaged: containers that know it,
 * and bits changed in silence where the hashes of the blocks are known. */
static void the_good_one_has_the_medium(void **state)
{
	uint64_t seed = 20260;
	uint8_t medium[SIZE];

	(void)state;
	make_medium(medium);
	for (unsigned round = 0; round < 300; round++) {
		ATHAR_AUTO(twins) athar_twins t = {.size = 0};
		model here = sound(medium), there = sound(medium);

		for (unsigned n = 0; n < 24; n++) {
			seed = seed * 6364136223846793005u + 1442695040888963407u;
			model *m = seed >> 62 & 1 ? &here : &there;
			const size_t at = (size_t)(seed >> 33) % SIZE;

			if (seed >> 61 & 1)
				lose(m, at);
			else
				m->byte[at] ^= 2;
		}
		judge(&t, &here, &there, medium, true);
		for (size_t i = 0; i < SIZE; i++) {
			const athar_twin twin = verdict(&t, i);
			const bool h = here.byte[i] == medium[i], o = there.byte[i] == medium[i];

			if (twin == ATHAR_TWIN_NONE)
				assert_true(here.byte[i] == there.byte[i] && !here.bad[i] &&
				            !there.bad[i]);
			/* A silent change beside a loss in one block cannot be told from sound. */
			const size_t b = i / BLOCK * BLOCK;
			const bool block_h = memcmp(here.byte + b, medium + b, BLOCK) == 0;
			const bool block_o = memcmp(there.byte + b, medium + b, BLOCK) == 0;
			if (twin == ATHAR_TWIN_HERE && block_h)
				assert_true(h);
			if (twin == ATHAR_TWIN_THERE && block_o)
				assert_true(o);
			if (block_h && !block_o && here.byte[i] != there.byte[i])
				assert_int_equal(twin, ATHAR_TWIN_HERE);
			if (block_o && !block_h && here.byte[i] != there.byte[i])
				assert_int_equal(twin, ATHAR_TWIN_THERE);
			if (here.bad[i] && there.bad[i])
				assert_int_equal(twin, ATHAR_TWIN_NEITHER);
		}
	}
}

static void without_a_record_checksums_speak(void **state)
{
	ATHAR_AUTO(twins) athar_twins t = {.size = 0};
	uint8_t medium[SIZE];
	model here, there;

	(void)state;
	make_medium(medium);
	here = sound(medium);
	there = sound(medium);
	lose(&here, 3);
	lose(&there, 40);
	lose(&here, 100);
	lose(&there, 100);
	there.byte[200] ^= 2;
	judge(&t, &here, &there, medium, false);
	assert_int_equal(verdict(&t, 3), ATHAR_TWIN_THERE);
	assert_int_equal(verdict(&t, 40), ATHAR_TWIN_HERE);
	assert_int_equal(verdict(&t, 100), ATHAR_TWIN_NEITHER);
	assert_int_equal(verdict(&t, 200), ATHAR_TWIN_EITHER);
	assert_int_equal(athar_runs_total(&t.verdict[ATHAR_TWIN_THERE][ATHAR_EVIDENCE_CHECKSUM]),
	                 1);
}

static void what_was_not_read_is_not_had(void **state)
{
	ATHAR_AUTO(twins) athar_twins t = {.size = 0};
	uint8_t medium[SIZE];
	model here, there;

	(void)state;
	make_medium(medium);
	medium[10] = 0; /* the fill happens to be right */
	here = sound(medium);
	there = sound(medium);
	here.lacking[10] = here.lacking[11] = true;
	here.byte[11] = 0;
	there.lacking[12] = true;
	here.lacking[13] = there.lacking[13] = true;
	there.lacking[14] = true;
	lose(&here, 14);
	judge(&t, &here, &there, medium, true);
	assert_int_equal(verdict(&t, 10), ATHAR_TWIN_ONLY_THERE);
	assert_int_equal(verdict(&t, 11), ATHAR_TWIN_ONLY_THERE);
	assert_int_equal(verdict(&t, 12), ATHAR_TWIN_ONLY_HERE);
	assert_int_equal(verdict(&t, 13), ATHAR_TWIN_NONE);
	assert_int_equal(verdict(&t, 14), ATHAR_TWIN_NEITHER);
}

static void whole_hashes_speak_for_all_of_it(void **state)
{
	ATHAR_AUTO(twins) athar_twins t = {.size = SIZE, .here = {.whole = true}};
	ATHAR_AUTO(twins)
	athar_twins both = {.size = SIZE, .here = {.whole = true}, .there = {.whole = true}};
	ATHAR_AUTO(twins) athar_twins joined = {.size = SIZE, .joined_whole = true};
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	add(&t.differ, 5, 1);
	add(&both.differ, 5, 1);
	add(&joined.differ, 5, 2);
	add(&joined.here.bad, 5, 1);
	assert_ok(athar_twins_judge(&t, &err), err);
	assert_ok(athar_twins_judge(&both, &err), err);
	assert_ok(athar_twins_judge(&joined, &err), err);
	assert_int_equal(athar_runs_total(&t.verdict[ATHAR_TWIN_HERE][ATHAR_EVIDENCE_STORED]), 1);
	assert_int_equal(athar_runs_total(&both.verdict[ATHAR_TWIN_EITHER][ATHAR_EVIDENCE_STORED]),
	                 1);
	/* The first byte is lost here, the second one changed there. */
	assert_int_equal(verdict(&joined, 5), ATHAR_TWIN_THERE);
	assert_int_equal(verdict(&joined, 6), ATHAR_TWIN_HERE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_good_one_has_the_medium),
		cmocka_unit_test(without_a_record_checksums_speak),
		cmocka_unit_test(what_was_not_read_is_not_had),
		cmocka_unit_test(whole_hashes_speak_for_all_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
