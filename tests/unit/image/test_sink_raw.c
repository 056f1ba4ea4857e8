/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Raw images: gone on with, written at places, and of a size that is not known before.
 */
#include "resume_test.h"

#define CHUNK (1u << 18)
#define SIZE 5000001u

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split,
                                                     &athar_source_ewf, NULL};
static uint8_t *media;

/* Cut off at any byte of any part: what is there stands. */
static void cut_anywhere_it_goes_on(void **state)
{
	uint64_t seed = 3;
	char *whole = athar_test_mkdir();
	athar_sink_spec spec = spec_of(whole, SIZE);

	(void)state;
	spec.segment_size = 1000000;
	assert_int_equal(make_image(&athar_sink_raw, &spec, media, NULL), 6);
	for (unsigned i = 0; i < 100; i++) {
		char *dir = athar_test_mkdir();
		const unsigned part = 1 + (unsigned)(athar_test_random(&seed) % 6);
		const uint64_t most = part == 6 ? 1 : 1000000;
		const uint64_t left = i % 10 == 0 ? most : athar_test_random(&seed) % (most + 1);
		const uint64_t stands = (part - 1) * UINT64_C(1000000) + left;
		uint64_t keep = athar_test_random(&seed) % (stands + 1);
		char command[300];

		copy_files(whole, dir);
		snprintf(command, sizeof command, "truncate -s %llu img.%03u%s",
		         (unsigned long long)left, part, i % 2 == 0 ? "" : "; rm img.006");
		assert_int_equal(run_in(dir, command), 0);
		snprintf(command, sizeof command,
		         "for i in 1 2 3 4 5 6; do [ $i -le %u ] || rm -f "
		         "img.00$i; done; rm out.txt",
		         part);
		assert_int_equal(run_in(dir, command), 0);
		spec.folder = dir;
		if (part < 6 || i % 2 == 0)
			assert_standing(&athar_sink_raw, &spec, media, stands);
		keep = i % 3 == 0 ? stands : keep;
		if (part == 6 && i % 2 != 0)
			keep = CHUNK;
		if (keep != SIZE)
			keep -= keep % CHUNK;
		finish_image(&athar_sink_raw, &spec, keep, media, SIZE);
		assert_same_files(whole, dir);
		athar_test_rmdir(dir);
	}
	athar_test_rmdir(whole);
}

static void one_file_is_gone_on_with(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	uint8_t *got;
	size_t len;

	(void)state;
	assert_int_equal(standing_size(&athar_sink_raw, &spec), 0);
	begin_image(&athar_sink_raw, &spec, media, 7 * CHUNK);
	assert_standing(&athar_sink_raw, &spec, media, 7 * CHUNK);
	assert_status(athar_sink_resume(&sink, &athar_sink_raw, &spec, 8 * CHUNK, &err),
	              ATHAR_EUSAGE, err);
	assert_status(athar_sink_resume(&sink, &athar_sink_raw, &spec, CHUNK + 1, &err),
	              ATHAR_EUSAGE, err);
	finish_image(&athar_sink_raw, &spec, 3 * CHUNK, media, SIZE);
	got = get_file(dir, "img.dd", &len);
	assert_int_equal(len, SIZE);
	assert_memory_equal(got, media, SIZE);
	free(got);
	/* Kept as a whole, there is nothing left to do but to commit. */
	finish_image(&athar_sink_raw, &spec, SIZE, media, SIZE);
	assert_ok(athar_sink_resume(&sink, &athar_sink_raw, &spec, 0, &err), err);
	athar_sink_close(sink);
	assert_int_equal(count_files(dir), 0);
	athar_test_rmdir(dir);
}

/* Pieces of odd sizes in any order; what is not written reads as zeros. */
static void written_in_any_order(uint64_t segment)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	const athar_digests none = {0};
	uint8_t *expected = calloc(1, SIZE);
	athar_source *s = NULL;
	athar_sink *sink = NULL;
	uint64_t seed = segment;

	assert_non_null(expected);
	spec.segment_size = segment;
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	for (unsigned i = 0; i < 200; i++) {
		const size_t at = athar_test_random(&seed) % SIZE;
		const size_t room = SIZE - at;
		const size_t len = athar_test_random(&seed) % (i % 9 == 0 ? room + 1 : 5000) % room;

		if (i == 100) {
			assert_ok(athar_sink_checkpoint(sink, &err), err);
			sink->keep = true;
			athar_sink_close(sink);
			sink = NULL;
			assert_standing(&athar_sink_raw, &spec, expected, SIZE);
			assert_ok(athar_sink_resume(&sink, &athar_sink_raw, &spec, SIZE, &err),
			          err);
		}
		memcpy(expected + at, media + at, len);
		assert_ok(athar_sink_raw.write_at(sink, media + at, len, at, &err), err);
	}
	assert_status(athar_sink_raw.write_at(sink, media, 2, SIZE - 1, &err), ATHAR_EUSAGE, err);
	assert_status(feed(sink, media, 512, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_sink_commit(sink, &none, &err), err);
	assert_int_equal(sink->segments, segment == 0 ? 1 : SIZE / segment + 1);
	athar_sink_close(sink);
	assert_ok(open_in(&s, dir, segment == 0 ? "img.dd" : "img.001", drivers, &err), err);
	assert_media(s, expected, SIZE, 70000);
	athar_source_close(s);
	free(expected);
	athar_test_rmdir(dir);
}

static void places_are_written_in_any_order(void **state)
{
	(void)state;
	written_in_any_order(0);
	written_in_any_order(700000);
}

/* What was put in order stays; behind it, and in it, places can be written then. */
static void ordered_then_at_places(uint64_t segment, size_t ordered)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	const athar_digests none = {0};
	uint8_t *expected = calloc(1, SIZE);
	athar_source *s = NULL;
	athar_sink *sink = NULL;

	assert_non_null(expected);
	spec.segment_size = segment;
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	for (size_t at = 0; at < ordered; at += CHUNK)
		assert_ok(feed(sink, media + at, CHUNK, &err), err);
	memcpy(expected, media, ordered);
	memcpy(expected + SIZE - 700, media + SIZE - 700, 700);
	assert_ok(athar_sink_raw.write_at(sink, media + SIZE - 700, 700, SIZE - 700, &err), err);
	memcpy(expected + 100, media, 50);
	assert_ok(athar_sink_raw.write_at(sink, media, 50, 100, &err), err);
	assert_status(feed(sink, media, CHUNK, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_sink_commit(sink, &none, &err), err);
	athar_sink_close(sink);
	assert_ok(open_in(&s, dir, segment == 0 ? "img.dd" : "img.001", drivers, &err), err);
	assert_media(s, expected, SIZE, 70000);
	athar_source_close(s);
	free(expected);
	athar_test_rmdir(dir);
}

static void places_are_written_behind_what_was_ordered(void **state)
{
	(void)state;
	for (size_t ordered = 0; ordered <= 5 * CHUNK; ordered += CHUNK) {
		ordered_then_at_places(0, ordered);
		ordered_then_at_places(700000, ordered);
		ordered_then_at_places(2 * CHUNK, ordered);
	}
}

static void a_size_must_be_known_for_places(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	const athar_digests none = {0};
	athar_sink *sink = NULL;

	(void)state;
	assert_null(athar_sink_ewf.write_at);
	spec.media_size = ATHAR_MEDIA_UNKNOWN;
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	assert_status(athar_sink_raw.write_at(sink, media, 1, 0, &err), ATHAR_EUSAGE, err);
	athar_sink_close(sink);
	assert_int_equal(count_files(dir), 0);

	/* A file that has lost its size meanwhile is not committed. */
	spec.media_size = SIZE;
	sink = NULL;
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	assert_ok(athar_sink_raw.write_at(sink, media, 100, 5, &err), err);
	assert_int_equal(run_in(dir, "truncate -s -1 img.dd"), 0);
	assert_status(athar_sink_commit(sink, &none, &err), ATHAR_EIO, err);
	athar_sink_close(sink);
	athar_test_rmdir(dir);
}

/* A pipe: the size is said at the end. `len` is what the E01 holds. */
static void put_unknown(const athar_sink_driver *driver, const athar_sink_spec *spec, size_t size,
                        size_t len)
{
	const athar_digests hashes = hash_of(media, len);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	assert_ok(athar_sink_open(&sink, driver, spec, &err), err);
	assert_ok(feed(sink, media, len, &err), err);
	assert_status(athar_sink_commit(sink, &hashes, &err), ATHAR_EUSAGE, err);
	assert_status(athar_sink_set_size(sink, 0, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_sink_set_size(sink, size, &err), err);
	assert_status(athar_sink_set_size(sink, size + 1, &err), ATHAR_EUSAGE, err);
	assert_ok(athar_sink_commit(sink, &hashes, &err), err);
	athar_sink_close(sink);
}

/* Every file of the set says the size: the first one in the volume section, later ones and the only
 * one in a data section that is the same. */
static void assert_size_in_all(const char *dir, size_t files, size_t padded)
{
	size_t len;
	uint8_t *first = get_file(dir, "img.E01", &len);
	const uint8_t *volume = first + section_at(first, len, "volume", 0);

	assert_int_equal(athar_le64(volume + 16), padded / 512);
	for (size_t i = files == 1 ? 1 : 2; i <= files; i++) {
		char name[16];
		uint8_t *file;

		snprintf(name, sizeof name, "img.E%02zu", i);
		file = get_file(dir, name, &len);
		assert_memory_equal(file + section_at(file, len, "data", 0), volume, 1052);
		free(file);
	}
	free(first);
}

static void a_size_may_be_said_at_the_end(void **state)
{
	static const struct {
		size_t size;
		uint64_t segment;
	} cases[] = {{1000001, 0}, {SIZE, 1 << 20}, {1 << 18, 0}, {7, 0}};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char *dir = athar_test_mkdir();
		const size_t padded = (cases[i].size + 511) / 512 * 512;
		athar_sink_spec spec = spec_of(dir, cases[i].size);
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *s = NULL;

		spec.media_size = ATHAR_MEDIA_UNKNOWN;
		spec.segment_size = cases[i].segment;
		assert_int_equal(athar_sink_ewf.worst(&spec), UINT64_MAX);
		assert_int_equal(athar_sink_raw.worst(&spec), UINT64_MAX);
		put_unknown(&athar_sink_raw, &spec, cases[i].size, cases[i].size);
		assert_ok(open_in(&s, dir, cases[i].segment == 0 ? "img.dd" : "img.001", drivers,
		                  &err),
		          err);
		assert_media(s, media, cases[i].size, 70000);
		athar_source_close(s);
		s = NULL;
		put_unknown(&athar_sink_ewf, &spec, cases[i].size, padded);
		assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
		assert_size_in_all(dir, athar_source_describe(s)->segments, padded);
		assert_media(s, media, padded, 70000);
		athar_source_close(s);
		if (have("ewfverify"))
			assert_int_equal(run_in(dir, "ewfverify -q -d sha1 img.E01"), 0);
		if (have("ewfexport")) {
			assert_int_equal(
				run_in(dir,
			               "ewfexport -u -q -f raw -t exported img.E01 && "
			               "head -c -$(($(stat -c %s exported.raw) - "
			               "$(cat img.dd img.0* 2>/dev/null | wc -c))) exported.raw "
			               ">short; cat img.dd img.0* 2>/dev/null | cmp - short"),
				0);
		}
		athar_test_rmdir(dir);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cut_anywhere_it_goes_on),
		cmocka_unit_test(one_file_is_gone_on_with),
		cmocka_unit_test(places_are_written_in_any_order),
		cmocka_unit_test(places_are_written_behind_what_was_ordered),
		cmocka_unit_test(a_size_must_be_known_for_places),
		cmocka_unit_test(a_size_may_be_said_at_the_end),
	};
	int failed;

	media = make_media(SIZE + 512);
	memset(media + SIZE, 0, 512);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
