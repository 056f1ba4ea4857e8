/* SPDX-License-Identifier: BSD-2-Clause */
#include "judge.h"

#include <time.h>

#include "image/driver.h"

/* Sanitizers make some decoders ten times as slow. */
#ifdef __SANITIZE_ADDRESS__
#define LINEAR_SECONDS 100
#else
#define LINEAR_SECONDS 20
#endif

const char *grade_name(athar_grade grade)
{
	static const char *const names[] = {"header", "partial", "complete", "intact"};

	return names[grade];
}

sample sample_load_path(const char *path)
{
	sample s = {NULL, 0};
	FILE *f = fopen(path, "rb");

	if (f == NULL)
		fail_msg("cannot open %s", path);
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	s.len = (size_t)ftell(f);
	rewind(f);
	s.bytes = malloc(s.len + 1);
	assert_non_null(s.bytes);
	assert_int_equal(fread(s.bytes, 1, s.len, f), s.len);
	(void)fclose(f);
	return s;
}

sample sample_load(const char *name)
{
	char path[4096];

	snprintf(path, sizeof path, "%s/formats/%s", ATHAR_TESTDATA, name);
	return sample_load_path(path);
}

void sample_free(sample s)
{
	free(s.bytes);
}

athar_claim judge(const athar_format *format, const void *bytes, size_t len)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(reader) athar_reader *in = NULL;
	athar_claim claim;
	void *exact = malloc(len == 0 ? 1 : len);

	assert_non_null(exact);
	memcpy(exact, bytes, len);
	assert_ok(athar_source_memory(&source, exact, len, &err), err);
	assert_ok(athar_reader_new(&in, source, 0, len, 0, &err), err);
	assert_ok(format->measure(&claim, in, &err), err);
	if (claim.ours) {
		assert_true(claim.proven <= claim.length);
		assert_true(claim.length <= len);
		assert_true(claim.grade <= format->best);
		if (claim.grade != ATHAR_GRADE_HEADER)
			assert_true(claim.why[0] != '\0');
		if (claim.grade >= ATHAR_GRADE_COMPLETE)
			assert_int_equal(claim.proven, claim.length);
	}
	athar_reader_free(ATHAR_GIVE(in));
	athar_source_close(ATHAR_GIVE(source));
	free(exact);
	return claim;
}

athar_claim judge_file(const athar_format *format, const char *name)
{
	const sample s = sample_load(name);
	const athar_claim c = judge(format, s.bytes, s.len);

	sample_free(s);
	return c;
}

static void expect(const athar_claim *c, athar_grade grade, size_t len, const char *name,
                   const char *behind)
{
	if (!c->ours || c->grade != grade || c->length != len)
		print_error("%s followed by %s: ours %d, grade %d, %llu of %zu bytes: %s\n", name,
		            behind, c->ours, (int)c->grade, (unsigned long long)c->length, len,
		            c->why);
	assert_true(c->ours);
	assert_int_equal(c->length, len);
	assert_int_equal(c->grade, grade);
}

static void followed(const athar_format *format, const sample *s, athar_grade grade,
                     const char *name, const char *behind, const void *junk, size_t junk_len)
{
	uint8_t *both = malloc(s->len + junk_len);

	assert_non_null(both);
	memcpy(both, s->bytes, s->len);
	memcpy(both + s->len, junk, junk_len);
	const athar_claim c = judge(format, both, s->len + junk_len);

	expect(&c, grade, s->len, name, behind);
	free(both);
}

void judge_end(const athar_format *format, const char *name, athar_grade grade)
{
	static const char *const others[] = {"rgb.png",   "still.gif",    "baseline.jpg",
	                                     "plain.pdf", "deflated.zip", "wal.sqlite",
	                                     "front.mp4"};
	const sample s = sample_load(name);
	uint8_t junk[10000];
	const athar_claim alone = judge(format, s.bytes, s.len);

	expect(&alone, grade, s.len, name, "nothing");
	memset(junk, 0, sizeof junk);
	followed(format, &s, grade, name, "zeros", junk, sizeof junk);
	followed(format, &s, grade, name, "one zero", junk, 1);
	memset(junk, 0xFF, sizeof junk);
	followed(format, &s, grade, name, "0xFF", junk, sizeof junk);
	for (uint64_t seed = 1; seed < 20; seed++) {
		athar_test_fill(junk, sizeof junk, seed);
		followed(format, &s, grade, name, "noise", junk, sizeof junk);
	}
	followed(format, &s, grade, name, "itself", s.bytes, s.len);
	for (size_t i = 0; i < ATHAR_COUNT(others); i++) {
		const sample other = sample_load(others[i]);

		followed(format, &s, grade, name, others[i], other.bytes, other.len);
		sample_free(other);
	}
	sample_free(s);
}

void judge_cuts(const athar_format *format, const char *name)
{
	const sample s = sample_load(name);
	const size_t step = s.len / 400 + 1;

	for (size_t len = 1; len < s.len; len += len + 40 < s.len ? step : 1) {
		const athar_claim c = judge(format, s.bytes, len);

		if (c.ours && c.grade >= ATHAR_GRADE_COMPLETE)
			fail_msg("%s cut at %zu of %zu is called %s: %s", name, len, s.len,
			         grade_name(c.grade), c.why);
	}
	sample_free(s);
}

size_t judge_foreign(const athar_format *format, const char *name, size_t block, size_t first,
                     bool proves)
{
	const sample s = sample_load(name);
	uint8_t *changed = malloc(s.len), *foreign = malloc(block);
	size_t complete = 0;

	assert_true(s.len > first + 1);
	for (size_t at = first; at + 1 < s.len; at += 509) {
		const size_t len = s.len - at < block ? s.len - at : block;

		athar_test_fill(foreign, block, at);
		memcpy(changed, s.bytes, s.len);
		memcpy(changed + at, foreign, len);
		const athar_claim c = judge(format, changed, s.len);

		complete += c.ours && c.grade >= ATHAR_GRADE_COMPLETE;
		if (c.ours &&
		    (c.grade == ATHAR_GRADE_INTACT || (proves && c.grade == ATHAR_GRADE_COMPLETE)))
			fail_msg("%s with %zu foreign bytes at %zu of %zu is called %s: %s", name,
			         len, at, s.len, grade_name(c.grade), c.why);
		if (proves && c.ours && c.proven > at + len)
			fail_msg("%s with %zu foreign bytes at %zu is proven to %llu: %s", name,
			         len, at, (unsigned long long)c.proven, c.why);
	}
	free(changed);
	free(foreign);
	sample_free(s);
	return complete;
}

void judge_noise(const athar_format *format, const char *name, size_t keep)
{
	const sample s = sample_load(name);
	uint8_t bytes[20000];

	assert_true(keep < s.len && keep < sizeof bytes);
	for (uint64_t seed = 1; seed < 50; seed++) {
		athar_test_fill(bytes, sizeof bytes, seed);
		memcpy(bytes, s.bytes, keep);
		const athar_claim c = judge(format, bytes, sizeof bytes);

		assert_true(!c.ours || c.grade <= ATHAR_GRADE_PARTIAL);
	}
	sample_free(s);
}

void judge_time(const athar_format *format, const void *head, size_t head_len, const void *unit,
                size_t unit_len)
{
	const size_t size = 16u << 20;
	uint8_t *bytes = malloc(size);
	const clock_t start = clock();

	assert_non_null(bytes);
	memcpy(bytes, head, head_len);
	for (size_t at = head_len; at < size; at++)
		bytes[at] = ((const uint8_t *)unit)[(at - head_len) % unit_len];
	(void)judge(format, bytes, size);
	if (clock() - start > LINEAR_SECONDS * CLOCKS_PER_SEC)
		fail_msg("%s took %ld s for 16 MiB", format->name,
		         (long)((clock() - start) / CLOCKS_PER_SEC));
	free(bytes);
}

void judge_flips(const athar_format *format, const char *name)
{
	const sample s = sample_load(name);
	uint64_t seed = s.len;

	for (int round = 0; round < 500; round++) {
		uint8_t *changed = malloc(s.len);
		const size_t len = s.len - athar_test_random(&seed) % (s.len / 2);

		memcpy(changed, s.bytes, s.len);
		for (uint64_t n = athar_test_random(&seed) % 8; n != 0; n--) {
			const uint64_t r = athar_test_random(&seed);
			const size_t reach = (r >> 60) < 8 ? 128 : len;

			changed[(r >> 8) % (reach < len ? reach : len)] = (uint8_t)r;
		}
		(void)judge(format, changed, len);
		free(changed);
	}
	sample_free(s);
}
