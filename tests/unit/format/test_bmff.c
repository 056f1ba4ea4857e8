/* SPDX-License-Identifier: BSD-2-Clause */
#include <glob.h>

#include "base/endian.h"
#include "fields.h"
#include "format/list.h"
#include "judge.h"

static const char *const films[] = {"front.mp4", "tail.mp4",  "pieces.mp4",
                                    "film.mov",  "phone.3gp", "sound.m4a"};
static const char *const pictures[] = {"still.heic", "still.avif"};

static void files_end_behind_their_last_box(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(films); i++)
		judge_end(&athar_format_bmff, films[i], ATHAR_GRADE_COMPLETE);
	for (size_t i = 0; i < ATHAR_COUNT(pictures); i++)
		judge_end(&athar_format_bmff, pictures[i], ATHAR_GRADE_COMPLETE);
}

static void the_brand_is_the_subtype(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(films); i++) {
		const athar_claim c = judge_file(&athar_format_bmff, films[i]);

		assert_string_equal(c.subtype, strrchr(films[i], '.') + 1);
		assert_string_equal(c.extension, c.subtype);
	}
	for (size_t i = 0; i < ATHAR_COUNT(pictures); i++)
		assert_string_equal(judge_file(&athar_format_bmff, pictures[i]).subtype,
		                    strrchr(pictures[i], '.') + 1);
}

static void a_cut_file_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(films); i++)
		judge_cuts(&athar_format_bmff, films[i]);
	for (size_t i = 0; i < ATHAR_COUNT(pictures); i++)
		judge_cuts(&athar_format_bmff, pictures[i]);
}

/* Where the box of this type begins at the top. */
static size_t find_box(const sample *s, const char *type)
{
	for (size_t at = 0; at + 8 <= s->len; at += athar_be32(s->bytes + at)) {
		if (memcmp(s->bytes + at + 4, type, 4) == 0)
			return at;
	}
	fail_msg("no box %s", type);
	return 0;
}

/* Noise of this size anywhere in the box: never complete. Inside a leaf that nothing points to
 * (a name, a picture's colours) smaller noise would be seen by nobody. */
static void spoil(const char *name, const char *type, size_t block)
{
	const sample s = sample_load(name);
	const size_t box = find_box(&s, type), end = box + athar_be32(s.bytes + box);
	const size_t least = block < end - box ? block : 64;
	uint8_t *changed = malloc(s.len);

	assert_non_null(changed);
	for (size_t at = box + 8; at + least <= end; at += 61) {
		const size_t len = s.len - at < block ? s.len - at : block;

		memcpy(changed, s.bytes, s.len);
		athar_test_fill(changed + at, len, at);
		const athar_claim c = judge(&athar_format_bmff, changed, s.len);

		if (c.ours && c.grade >= ATHAR_GRADE_COMPLETE)
			fail_msg("%s with noise at %zu of %s is complete: %s", name, at - box, type,
			         c.why);
	}
	free(changed);
	sample_free(s);
}

static void noise_in_the_index_is_found(void **state)
{
	(void)state;
	spoil("front.mp4", "moov", 4096);
	spoil("front.mp4", "moov", 512);
	spoil("still.heic", "meta", 4096);
	spoil("still.avif", "meta", 4096);
}

/* Samples of AVC are units with lengths: so many that a foreign cluster cannot hide. */
static void noise_in_coded_pictures_is_found(void **state)
{
	(void)state;
	spoil("front.mp4", "mdat", 4096);
	spoil("film.mov", "mdat", 4096);
	spoil("phone.3gp", "mdat", 4096);
}

/* The first offset in the first table of chunks. */
static size_t find_offset(const sample *s)
{
	for (size_t at = 0; at + 16 < s->len; at++) {
		if (memcmp(s->bytes + at, "stco", 4) == 0)
			return at + 12;
	}
	fail_msg("no stco");
	return 0;
}

static void offsets_outside_the_media_are_partial(void **state)
{
	const sample s = sample_load("front.mp4");
	uint8_t *place = s.bytes + find_offset(&s);
	const size_t mdat = find_box(&s, "mdat");
	const uint32_t wrong[] = {0, (uint32_t)mdat, (uint32_t)s.len, UINT32_MAX};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		for (int byte = 0; byte < 4; byte++)
			place[byte] = (uint8_t)(wrong[i] >> (24 - 8 * byte));
		const athar_claim c = judge(&athar_format_bmff, s.bytes, s.len);

		assert_true(c.ours);
		assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
		assert_int_equal(c.length, s.len);
		assert_true(c.proven <= find_box(&s, "moov"));
	}
	sample_free(s);
}

static void an_open_box_has_no_end(void **state)
{
	const sample s = sample_load("front.mp4");
	const size_t mdat = find_box(&s, "mdat");

	(void)state;
	memset(s.bytes + mdat, 0, 4);
	const athar_claim c = judge(&athar_format_bmff, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, mdat);
	sample_free(s);
}

/* A size of 1 puts the size behind the type, in 64 bits. */
static void sizes_may_have_64_bits(void **state)
{
	const sample s = sample_load("tail.mp4");
	const size_t space = find_box(&s, "free"), mdat = find_box(&s, "mdat");
	const uint32_t len = athar_be32(s.bytes + mdat);

	(void)state;
	assert_int_equal(space + 8, mdat);
	memset(s.bytes + space, 0, 16);
	memcpy(s.bytes + space, "\0\0\0\1mdat", 8);
	for (int byte = 0; byte < 4; byte++)
		s.bytes[space + 12 + (size_t)byte] = (uint8_t)((len + 8) >> (24 - 8 * byte));
	athar_claim c = judge(&athar_format_bmff, s.bytes, s.len);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_int_equal(c.length, s.len);
	memset(s.bytes + space + 8, 0xFF, 8);
	c = judge(&athar_format_bmff, s.bytes, s.len);
	assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
	assert_int_equal(c.length, space);
	sample_free(s);
}

static void fragments_without_their_index_are_partial(void **state)
{
	const sample s = sample_load("pieces.mp4");
	const size_t index = find_box(&s, "mfra");
	const athar_claim c = judge(&athar_format_bmff, s.bytes, index);

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, index);
	sample_free(s);
}

static void a_file_type_alone_is_a_header(void **state)
{
	const sample s = sample_load("front.mp4");
	const size_t ftyp = athar_be32(s.bytes);
	const athar_claim c = judge(&athar_format_bmff, s.bytes, ftyp);

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
	assert_int_equal(c.length, ftyp);
	assert_false(judge(&athar_format_bmff, s.bytes, ftyp - 1).ours);
	judge_noise(&athar_format_bmff, "front.mp4", ftyp);
	judge_noise(&athar_format_bmff, "front.mp4", 8);
	s.bytes[8] = 7;
	assert_false(judge(&athar_format_bmff, s.bytes, s.len).ours);
	sample_free(s);
}

static void many_boxes_take_linear_time(void **state)
{
	static const uint8_t empty[] = {0, 0, 0, 8, 'f', 'r', 'e', 'e'};
	const sample s = sample_load("front.mp4");

	(void)state;
	judge_time(&athar_format_bmff, s.bytes, athar_be32(s.bytes), empty, sizeof empty);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(films); i++)
		judge_flips(&athar_format_bmff, films[i]);
	for (size_t i = 0; i < ATHAR_COUNT(pictures); i++)
		judge_flips(&athar_format_bmff, pictures[i]);
}

/* Files of cameras and phones, where there are any at hand: ATHAR_CORPUS/files. */
static void real_files_measure_to_their_size(void **state)
{
	static const char *const kinds[] = {"mp4", "mov", "3gp", "m4a", "heic", "avif"};
	const char *corpus = getenv("ATHAR_CORPUS");

	(void)state;
	if (corpus == NULL)
		skip();
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		char pattern[4096];
		glob_t found = {0};

		snprintf(pattern, sizeof pattern, "%s/files/*.%s", corpus, kinds[i]);
		(void)glob(pattern, 0, NULL, &found);
		for (size_t k = 0; k < found.gl_pathc; k++) {
			const sample s = sample_load_path(found.gl_pathv[k]);
			const athar_claim c = judge(&athar_format_bmff, s.bytes, s.len);

			if (!c.ours || c.grade != ATHAR_GRADE_COMPLETE || c.length != s.len ||
			    strcmp(c.subtype, kinds[i]) != 0)
				fail_msg("%s: %s, %llu: %s", found.gl_pathv[k], c.subtype,
				         (unsigned long long)c.length, c.why);
			sample_free(s);
		}
		globfree(&found);
	}
}

static void films_say_what_they_are_of(void **state)
{
	const athar_claim camera = judge_file(&athar_format_bmff, "camera.mp4");
	const athar_claim named = judge_file(&athar_format_bmff, "named.mov");
	const athar_claim tail = judge_file(&athar_format_bmff, "tail.mp4");

	(void)state;
	assert_string_equal(field_of(&camera, "camera"), "Mak\xc3\xa9 py 3");
	assert_string_equal(field_of(&camera, "created"), "2024-03-01T12:00:00Z");
	assert_string_equal(field_of(&camera, "taken"), "2024-03-01T13:00:00+0100");
	assert_string_equal(field_of(&camera, "location"), "+48.1000+011.5000/");
	assert_string_equal(field_of(&camera, "duration_ms"), "1000");
	assert_string_equal(field_of(&named, "camera"), "make.py 3");
	assert_string_equal(field_of(&named, "title"), "T\xc3\xb6ne");
	assert_string_equal(field_of(&named, "created"), "");
	assert_string_equal(field_of(&tail, "width"), "96");
	assert_string_equal(field_of(&tail, "height"), "64");
	assert_string_equal(field_of(&tail, "duration_ms"), "2000");
}

/* Not that of its thumbnail, which comes first. */
static void a_picture_says_its_size(void **state)
{
	const athar_claim c = judge_file(&athar_format_bmff, "sized.heic");

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_COMPLETE);
	assert_string_equal(field_of(&c, "width"), "4032");
	assert_string_equal(field_of(&c, "height"), "3024");
}

/* Also when the media are cut off: the index came first. */
static void a_cut_film_still_says_it(void **state)
{
	const sample s = sample_load("front.mp4");
	const athar_claim c = judge(&athar_format_bmff, s.bytes, s.len - 100);

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_string_equal(field_of(&c, "duration_ms"), "2000");
	sample_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_end_behind_their_last_box),
		cmocka_unit_test(the_brand_is_the_subtype),
		cmocka_unit_test(a_cut_file_is_partial),
		cmocka_unit_test(noise_in_the_index_is_found),
		cmocka_unit_test(noise_in_coded_pictures_is_found),
		cmocka_unit_test(offsets_outside_the_media_are_partial),
		cmocka_unit_test(an_open_box_has_no_end),
		cmocka_unit_test(sizes_may_have_64_bits),
		cmocka_unit_test(fragments_without_their_index_are_partial),
		cmocka_unit_test(a_file_type_alone_is_a_header),
		cmocka_unit_test(films_say_what_they_are_of),
		cmocka_unit_test(a_picture_says_its_size),
		cmocka_unit_test(a_cut_film_still_says_it),
		cmocka_unit_test(many_boxes_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(real_files_measure_to_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
