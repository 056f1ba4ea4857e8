/* SPDX-License-Identifier: BSD-2-Clause */
/* A JPEG fed piece by piece: where it ends, in pieces of any size, and with states put back. */
#include "format/jpeg_judge.h"
#include "judge.h"

static const char *const samples[] = {
	"baseline.jpg",       "cmyk.jpg",
	"grey.jpg",           "photo-first.jpg",
	"photo-restarts.jpg", "photo-progressive.jpg",
	"progressive.jpg",    "progressive-restarts.jpg",
	"restarts.jpg",       "thumbnail.jpg",
};

static jpeg_judge *fresh(void)
{
	athar_error err;
	jpeg_judge *j = NULL;

	assert_ok(jpeg_judge_new(&j, &err), err);
	return j;
}

static void feed(jpeg_judge *j, jpeg_state *s, const uint8_t *bytes, size_t len)
{
	athar_error err;

	assert_ok(jpeg_judge_feed(j, s, bytes, len, &err), err);
}

/* In pieces of `piece` bytes up to the verdict. */
static jpeg_state feed_all(jpeg_judge *j, const uint8_t *bytes, size_t len, size_t piece)
{
	jpeg_state s = jpeg_judge_begin();

	for (size_t at = 0; at < len && s.verdict == ATHAR_VERDICT_MORE; at += piece)
		feed(j, &s, bytes + at, len - at < piece ? len - at : piece);
	return s;
}

static void test_ends(void **state)
{
	const size_t pieces[] = {1, 7, 512, 4096, 100000};

	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		sample f = sample_load(samples[i]);
		uint8_t *longer = malloc(f.len + 5000);

		assert_non_null(longer);
		memcpy(longer, f.bytes, f.len);
		athar_test_fill(longer + f.len, 5000, i);
		for (size_t p = 0; p < sizeof pieces / sizeof *pieces; p++) {
			jpeg_judge *j = fresh();
			const jpeg_state s = feed_all(j, longer, f.len + 5000, pieces[p]);

			assert_int_equal(s.verdict, ATHAR_VERDICT_END);
			assert_int_equal(s.end, f.len);
			jpeg_judge_free(j);
		}
		free(longer);
		sample_free(f);
	}
}

/* The same MCUs say the same, however they came in. */
static void test_gains(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		sample f = sample_load(samples[i]);
		jpeg_judge *a = fresh(), *b = fresh();
		const jpeg_state x = feed_all(a, f.bytes, f.len, 333);
		const jpeg_state y = feed_all(b, f.bytes, f.len, f.len);

		assert_int_equal(x.gained, y.gained);
		assert_int_equal(x.mcu, y.mcu);
		for (uint32_t n = 0; n < x.mcu; n++)
			assert_int_equal(jpeg_judge_gain(a, n), jpeg_judge_gain(b, n));
		jpeg_judge_free(a);
		jpeg_judge_free(b);
		sample_free(f);
	}
}

/* Other bytes are tried at each border of a block, and forgotten. */
static void test_put_back(void **state)
{
	uint8_t noise[1024];

	(void)state;
	athar_test_fill(noise, sizeof noise, 5);
	for (size_t i = 0; i < sizeof samples / sizeof *samples; i++) {
		sample f = sample_load(samples[i]);
		jpeg_judge *j = fresh(), *plain = fresh();
		jpeg_state s = jpeg_judge_begin();

		for (size_t at = 0; at < f.len; at += 512) {
			jpeg_state other = s, ahead = s;
			const size_t left = f.len - at;

			feed(j, &other, noise, sizeof noise);
			if (left > 1024)
				feed(j, &ahead, f.bytes + at + 512, 512);
			feed(j, &s, f.bytes + at, left < 512 ? left : 512);
		}
		assert_int_equal(s.verdict, ATHAR_VERDICT_END);
		assert_int_equal(s.gained, feed_all(plain, f.bytes, f.len, f.len).gained);
		jpeg_judge_free(j);
		jpeg_judge_free(plain);
		sample_free(f);
	}
}

static void test_wrong(void **state)
{
	sample f = sample_load("photo-first.jpg");
	jpeg_judge *j = fresh();
	uint8_t *bytes = malloc(f.len + 2);

	(void)state;
	assert_non_null(bytes);
	/* the end marker too early */
	memcpy(bytes, f.bytes, 9000);
	memcpy(bytes + 9000, "\xFF\xD9", 2);
	assert_int_equal(feed_all(j, bytes, 9002, 512).verdict, ATHAR_VERDICT_WRONG);
	/* and too late */
	memcpy(bytes, f.bytes, f.len - 2);
	memcpy(bytes + f.len - 2, "ab\xFF\xD9", 4);
	assert_int_equal(feed_all(j, bytes, f.len + 2, 512).verdict, ATHAR_VERDICT_WRONG);
	/* a second beginning */
	memcpy(bytes + 9000, f.bytes, 512);
	assert_int_equal(feed_all(j, bytes, 9512, 512).verdict, ATHAR_VERDICT_WRONG);
	/* nothing at all, then no JPEG */
	assert_int_equal(feed_all(j, f.bytes, 0, 1).verdict, ATHAR_VERDICT_MORE);
	assert_int_equal(feed_all(j, (const uint8_t *)"\x89PNG", 4, 4).verdict,
	                 ATHAR_VERDICT_WRONG);
	free(bytes);
	jpeg_judge_free(j);
	sample_free(f);
}

/* Restart markers must come in their order: one interval is left out. */
static void test_restarts(void **state)
{
	sample f = sample_load("photo-restarts.jpg");
	jpeg_judge *j = fresh();
	uint8_t *first = memmem(f.bytes, f.len, "\xFF\xD2", 2);

	(void)state;
	assert_non_null(first);
	uint8_t *second = memmem(first, f.len - (size_t)(first - f.bytes), "\xFF\xD3", 2);

	assert_non_null(second);
	memmove(first, second, f.len - (size_t)(second - f.bytes));
	assert_int_equal(feed_all(j, f.bytes, f.len - (size_t)(second - first), 512).verdict,
	                 ATHAR_VERDICT_WRONG);
	jpeg_judge_free(j);
	sample_free(f);
}

/* What the first rows of one picture say behind another's: less than its own. */
static void test_tells(void **state)
{
	sample a = sample_load("photo-first.jpg"), b = sample_load("photo-second.jpg");
	jpeg_judge *j = fresh();
	jpeg_state s = jpeg_judge_begin(), own, other;

	(void)state;
	feed(j, &s, a.bytes, 8192);
	assert_int_equal(s.verdict, ATHAR_VERDICT_MORE);
	assert_true(s.mcu > jpeg_judge_wide(j, &s));
	own = other = s;
	feed(j, &own, a.bytes + 8192, 1024);
	feed(j, &other, b.bytes + 8192, 1024);
	assert_true(own.gained - s.gained > 30 * JPEG_SCORE_BIT);
	assert_true(other.gained - s.gained < 0);
	jpeg_judge_free(j);
	sample_free(a);
	sample_free(b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ends),     cmocka_unit_test(test_gains),
		cmocka_unit_test(test_put_back), cmocka_unit_test(test_wrong),
		cmocka_unit_test(test_restarts), cmocka_unit_test(test_tells),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
