/* SPDX-License-Identifier: BSD-2-Clause */
/* Files fed in pieces: the end is met however they are cut, and no other byte is taken for theirs.
 */
#include "format/validators.h"
#include "judge.h"

static const struct {
	const athar_validator *v;
	const char *name;
	bool proven;  /* all of it */
	size_t fixed; /* from here on every bit is under a checksum; 0: nowhere */
} cases[] = {
	{&athar_validator_png, "rgb.png", true, 8},
	{&athar_validator_png, "palette.png", true, 8},
	{&athar_validator_gzip, "named.txt.gz", true, 20},
	{&athar_validator_gzip, "fields.gz", true, 0},
	{&athar_validator_zip, "deflated.zip", true, 0},
	{&athar_validator_zip, "stored.zip", true, 0},
	{&athar_validator_zip, "pipe.zip", true, 0},
	{&athar_validator_zip, "pipe-stored.zip", true, 0},
	{&athar_validator_zip, "zip64.zip", true, 0},
	{&athar_validator_zip, "least.docx", true, 0},
	{&athar_validator_zip, "least.epub", true, 0},
	{&athar_validator_zip, "least.apk", false, 0},
	{&athar_validator_zip, "bzip2.zip", false, 0},
	{&athar_validator_zip, "encrypted.zip", false, 0},
};

/* Feeds in pieces of `step` bytes, each of exactly its size. */
static athar_fed feed(const athar_validator *v, void *state, const uint8_t *bytes, size_t len,
                      size_t step)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_fed fed = {.verdict = ATHAR_VERDICT_MORE};

	for (size_t at = 0; at < len && fed.verdict == ATHAR_VERDICT_MORE; at += step) {
		const size_t n = step < len - at ? step : len - at;
		uint8_t *exact = malloc(n);

		assert_non_null(exact);
		memcpy(exact, bytes + at, n);
		assert_ok(v->feed(&fed, state, exact, n, &err), err);
		free(exact);
	}
	return fed;
}

static athar_fed feed_all(const athar_validator *v, const uint8_t *bytes, size_t len, size_t step)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_fed fed;
	void *state;

	assert_ok(v->begin(&state, &err), err);
	fed = feed(v, state, bytes, len, step);
	v->release(state);
	return fed;
}

static void expect_end(athar_fed fed, const sample *s, size_t i)
{
	if (fed.verdict != ATHAR_VERDICT_END)
		print_error("%s: %d at %llu\n", cases[i].name, (int)fed.verdict,
		            (unsigned long long)fed.followed);
	assert_int_equal(fed.verdict, ATHAR_VERDICT_END);
	assert_int_equal(fed.end, s->len);
	assert_int_equal(fed.proven == s->len, cases[i].proven);
}

/* With noise behind; where the file's last bytes are a gzip member's, they end it. */
static void files_end_where_they_do(void **state)
{
	static const size_t steps[] = {1, 7, 64, 512, 4096, 1u << 20};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		sample s = sample_load(cases[i].name);
		uint8_t *more = malloc(s.len + 1024);

		assert_non_null(more);
		memcpy(more, s.bytes, s.len);
		athar_test_fill(more + s.len, 1024, i);
		for (size_t k = 0; k < ATHAR_COUNT(steps); k++)
			expect_end(feed_all(cases[i].v, more, s.len + 1024, steps[k]), &s, i);
		free(more);
		sample_free(s);
	}
}

/* A copy goes its own way: one is fed noise, the other the rest. */
static void copies_are_apart(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t noise[4096], tail[512] = {0};

	(void)state;
	athar_test_fill(noise, sizeof noise, 5);
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		sample s = sample_load(cases[i].name);

		for (size_t cut = 1; cut < s.len; cut += 1 + s.len / 41) {
			void *one, *two;
			athar_fed fed;

			assert_ok(cases[i].v->begin(&one, &err), err);
			fed = feed(cases[i].v, one, s.bytes, cut, 512);
			assert_int_equal(fed.verdict, ATHAR_VERDICT_MORE);
			assert_ok(cases[i].v->copy(&two, one, &err), err);
			fed = feed(cases[i].v, one, noise, sizeof noise, 512);
			assert_true(fed.verdict != ATHAR_VERDICT_END);
			cases[i].v->release(one);
			fed = feed(cases[i].v, two, s.bytes + cut, s.len - cut, 512);
			if (fed.verdict == ATHAR_VERDICT_MORE)
				fed = feed(cases[i].v, two, tail, sizeof tail, 512);
			expect_end(fed, &s, i);
			cases[i].v->release(two);
		}
		sample_free(s);
	}
}

static void damage_is_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		sample s = sample_load(cases[i].name);

		for (size_t at = cases[i].fixed; cases[i].fixed > 0 && at < s.len; at += 3) {
			athar_fed fed;

			s.bytes[at] ^= 0x20;
			fed = feed_all(cases[i].v, s.bytes, s.len, 512);
			s.bytes[at] ^= 0x20;
			assert_true(fed.verdict != ATHAR_VERDICT_END);
			assert_true(fed.proven <= at);
		}
		sample_free(s);
	}
}

/* A foreign block anywhere: it does not end, and nothing behind the block is proven. */
static void foreign_blocks_are_seen(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		sample s = sample_load(cases[i].name);

		for (size_t at = 0; at + 512 <= s.len && cases[i].proven; at += 512) {
			uint8_t kept[512];
			athar_fed fed;

			memcpy(kept, s.bytes + at, 512);
			athar_test_fill(s.bytes + at, 512, at);
			fed = feed_all(cases[i].v, s.bytes, s.len, 512);
			memcpy(s.bytes + at, kept, 512);
			assert_true(fed.verdict != ATHAR_VERDICT_END);
			assert_true(fed.proven <= at + 512);
		}
		sample_free(s);
	}
}

/* How far noise is followed behind half of a picture: rows say so within a few hundred bytes. */
static void noise_dies_soon(void **state)
{
	sample s = sample_load("rgb.png");
	uint64_t lived = 0;

	(void)state;
	for (uint64_t seed = 0; seed < 50; seed++) {
		uint8_t noise[8192];
		athar_fed fed;

		memcpy(noise, s.bytes, s.len / 2);
		athar_test_fill(noise + s.len / 2, sizeof noise - s.len / 2, seed);
		fed = feed_all(&athar_validator_png, noise, sizeof noise, 64);
		assert_int_equal(fed.verdict, ATHAR_VERDICT_WRONG);
		lived += fed.followed - s.len / 2;
	}
	assert_true(lived / 50 < 2048);
	sample_free(s);
}

static void next_chunks_are_foretold(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	sample s = sample_load("rgb.png");
	uint64_t at;
	void *png;

	(void)state;
	assert_ok(athar_validator_png.begin(&png, &err), err);
	assert_false(athar_validator_png.next(&at, png));
	(void)feed(&athar_validator_png, png, s.bytes, 20, 512);
	assert_true(athar_validator_png.next(&at, png));
	assert_int_equal(at, 33); /* behind IHDR */
	athar_validator_png.release(png);
	sample_free(s);
}

static void validators_are_found(void **state)
{
	(void)state;
	assert_ptr_equal(athar_validator_find("png"), &athar_validator_png);
	assert_ptr_equal(athar_validator_find("zip"), &athar_validator_zip);
	assert_null(athar_validator_find("none"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_end_where_they_do),
		cmocka_unit_test(copies_are_apart),
		cmocka_unit_test(damage_is_seen),
		cmocka_unit_test(foreign_blocks_are_seen),
		cmocka_unit_test(noise_dies_soon),
		cmocka_unit_test(next_chunks_are_foretold),
		cmocka_unit_test(validators_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
