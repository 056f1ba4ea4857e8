/* SPDX-License-Identifier: BSD-2-Clause */
#include "texts.h"

athar_claim judge_text(const athar_format *format, const char *text)
{
	return judge(format, text, strlen(text));
}

static void followed(const athar_format *format, const void *text, size_t len, athar_grade grade,
                     const void *junk, size_t junk_len)
{
	uint8_t *both = malloc(len + junk_len + 1);

	assert_non_null(both);
	memcpy(both, text, len);
	if (junk_len != 0)
		memcpy(both + len, junk, junk_len);
	const athar_claim c = judge(format, both, len + junk_len);

	if (!c.ours || c.length != len || c.grade != grade)
		print_error("%s: ours %d, %llu of %zu, %s: %s\n", format->name, c.ours,
		            (unsigned long long)c.length, len, grade_name(c.grade), c.why);
	assert_true(c.ours);
	assert_int_equal(c.length, len);
	assert_int_equal(c.grade, grade);
	free(both);
}

void judge_text_end(const athar_format *format, const void *text, size_t len, athar_grade grade)
{
	static const char *const others[] = {"rgb.png",      "still.gif",  "baseline.jpg",
	                                     "deflated.zip", "wal.sqlite", "front.mp4"};
	uint8_t junk[10000] = {0};

	followed(format, text, len, grade, NULL, 0);
	followed(format, text, len, grade, junk, 1);
	followed(format, text, len, grade, junk, sizeof junk);
	for (size_t seed = 0; seed < 20; seed++) {
		athar_test_fill(junk, sizeof junk, seed);
		junk[0] = 0x80; /* no text, whatever else the noise is */
		junk[1] = 1;
		followed(format, text, len, grade, junk + (grade >= ATHAR_GRADE_COMPLETE ? 0 : 1),
		         sizeof junk - 1);
	}
	for (size_t i = 0; i < ATHAR_COUNT(others); i++) {
		const sample other = sample_load(others[i]);

		if (grade >= ATHAR_GRADE_COMPLETE || other.bytes[0] < ' ')
			followed(format, text, len, grade, other.bytes, other.len);
		sample_free(other);
	}
}

void judge_end_apart(const athar_format *format, const char *name, athar_grade grade)
{
	const sample s = sample_load(name);

	judge_text_end(format, s.bytes, s.len, grade);
	sample_free(s);
}

void judge_text_cuts(const athar_format *format, const char *name, size_t tail)
{
	const sample s = sample_load(name);

	assert_true(s.len > tail);
	for (size_t len = 1; len < s.len - tail; len += len + 40 < s.len ? s.len / 400 + 1 : 1) {
		const athar_claim c = judge(format, s.bytes, len);

		if (c.ours && c.grade >= ATHAR_GRADE_COMPLETE)
			fail_msg("%s cut at %zu of %zu is called %s: %s", name, len, s.len,
			         grade_name(c.grade), c.why);
	}
	sample_free(s);
}

const char *claim_field(const athar_claim *claim, const char *key)
{
	for (size_t i = 0; i < claim->field_count; i++)
		if (strcmp(claim->field[i].key, key) == 0)
			return claim->field[i].value;
	return "";
}
