/* SPDX-License-Identifier: BSD-2-Clause */
#include "ewf_test.h"

#include <signal.h>
#include <sys/resource.h>

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split,
                                                     &athar_source_ewf, NULL};

static void assert_size_mode(const char *dir, const char *name, size_t size)
{
	char path[4300];
	struct stat st;

	snprintf(path, sizeof path, "%s/%s", dir, name);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, size);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void raw_is_one_file(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(1000003);
	athar_sink_spec spec = spec_of(dir, 1000003);
	uint8_t *got;
	size_t len;

	(void)state;
	assert_int_equal(athar_sink_raw.worst(&spec), 1000003);
	assert_int_equal(make_image(&athar_sink_raw, &spec, media, NULL), 1);
	assert_size_mode(dir, "img.dd", 1000003);
	got = get_file(dir, "img.dd", &len);
	assert_memory_equal(got, media, len);
	assert_int_equal(count_files(dir), 1);
	free(got);
	free(media);
	athar_test_rmdir(dir);
}

static void raw_parts_have_the_size_asked_for(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(1000000);
	athar_sink_spec spec = spec_of(dir, 1000000);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	(void)state;
	spec.segment_size = 300001;
	assert_int_equal(make_image(&athar_sink_raw, &spec, media, NULL), 4);
	assert_size_mode(dir, "img.001", 300001);
	assert_size_mode(dir, "img.002", 300001);
	assert_size_mode(dir, "img.003", 300001);
	assert_size_mode(dir, "img.004", 99997);
	assert_int_equal(count_files(dir), 4);
	assert_ok(open_in(&s, dir, "img.001", drivers, &err), err);
	assert_media(s, media, 1000000, 50000);
	athar_source_close(s);
	free(media);
	athar_test_rmdir(dir);
}

static void parts_that_just_fit_leave_no_empty_one(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(1 << 20);
	athar_sink_spec spec = spec_of(dir, 1 << 20);

	(void)state;
	spec.segment_size = 1 << 19;
	assert_int_equal(make_image(&athar_sink_raw, &spec, media, NULL), 2);
	assert_size_mode(dir, "img.002", 1 << 19);
	assert_int_equal(count_files(dir), 2);
	free(media);
	athar_test_rmdir(dir);
}

static void nothing_is_overwritten(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(300000);
	athar_sink_spec spec = spec_of(dir, 300000);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	uint8_t *kept;
	size_t len;

	(void)state;
	put_file(dir, "img.dd", "evidence", 8);
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	assert_status(feed(sink, media, 300000, &err), ATHAR_EREFUSED, err);
	athar_sink_close(sink);
	sink = NULL;
	kept = get_file(dir, "img.dd", &len);
	assert_int_equal(len, 8);
	free(kept);

	put_file(dir, "img.E02", "evidence", 8);
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EREFUSED, err);
	assert_null(sink);
	assert_int_equal(count_files(dir), 2);
	free(media);
	athar_test_rmdir(dir);
}

static void what_is_not_committed_leaves_nothing(void **state)
{
	const athar_sink_driver *const both[] = {&athar_sink_raw, &athar_sink_ewf};
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(3 << 20);
	athar_sink_spec spec = spec_of(dir, 3 << 20);
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	for (size_t i = 0; i < 2; i++) {
		const athar_digests hashes = {0};
		athar_sink *sink = NULL;

		assert_ok(athar_sink_open(&sink, both[i], &spec, &err), err);
		assert_ok(feed(sink, media, (3 << 20) - (1 << 18), &err), err);
		assert_true(count_files(dir) >= 3);
		assert_status(athar_sink_commit(sink, &hashes, &err), ATHAR_EUSAGE, err);
		athar_sink_close(sink);
		assert_int_equal(count_files(dir), 0);

		/* Closed before anything was put. */
		sink = NULL;
		assert_ok(athar_sink_open(&sink, both[i], &spec, &err), err);
		athar_sink_close(sink);
		assert_int_equal(count_files(dir), 0);

		/* More than was said. */
		sink = NULL;
		assert_ok(athar_sink_open(&sink, both[i], &spec, &err), err);
		assert_ok(feed(sink, media, 3 << 20, &err), err);
		assert_status(feed(sink, media, 512, &err), ATHAR_EUSAGE, err);
		athar_sink_close(sink);
		assert_int_equal(count_files(dir), 0);
	}
	free(media);
	athar_test_rmdir(dir);
}

static void what_cannot_be_made_is_refused_at_once(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink_spec spec = spec_of(dir, 1 << 20);
	athar_sink *sink = NULL;

	(void)state;
	assert_status(athar_sink_open(&sink, NULL, &spec, &err), ATHAR_EUSAGE, err);
	spec.name = "a/b";
	assert_status(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), ATHAR_EUSAGE, err);
	spec = spec_of("/nonexistent/folder", 1 << 20);
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EIO, err);
	assert_non_null(strstr(err.text, "/nonexistent/folder"));

	spec = spec_of(dir, UINT64_C(1) << 40);
	spec.segment_size = 1 << 20;
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EREFUSED, err);
	assert_status(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), ATHAR_EREFUSED, err);
	spec.segment_size = UINT64_C(3) << 30;
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EUSAGE, err);
	spec.segment_size = 1000;
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EUSAGE, err);
	assert_true(athar_sink_ewf.worst(&spec) > spec.media_size);
	spec.segment_size = 0;
	spec.sector_size = 520;
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EREFUSED, err);
	assert_null(sink);
	assert_int_equal(count_files(dir), 0);
	athar_test_rmdir(dir);
}

static void raw_fails_where_it_cannot_write(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t *media = make_media(300000);
	athar_sink_spec spec = spec_of("/nonexistent/folder", 300000);
	athar_sink *sink = NULL;

	(void)state;
	assert_ok(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), err);
	assert_status(feed(sink, media, 300000, &err), ATHAR_EIO, err);
	assert_non_null(strstr(err.text, "/nonexistent/folder/img.dd"));
	athar_sink_close(sink);
	free(media);
}

/* As on a full disk: from some byte on no more can be written. */
static void a_write_that_fails_is_told_and_leaves_nothing(void **state)
{
	const athar_sink_driver *const both[] = {&athar_sink_raw, &athar_sink_ewf};
	uint8_t *media = make_media(3 << 20);
	struct rlimit old, small;

	(void)state;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	small = (struct rlimit){600000, old.rlim_max};
	signal(SIGXFSZ, SIG_IGN);
	for (size_t i = 0; i < 2; i++) {
		char *dir = athar_test_mkdir();
		athar_sink_spec spec = spec_of(dir, 3 << 20);
		athar_error err = ATHAR_ERROR_INIT;
		athar_sink *sink = NULL;
		athar_status status;

		spec.compression = ATHAR_COMPRESSION_NONE;
		assert_ok(athar_sink_open(&sink, both[i], &spec, &err), err);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		status = feed(sink, media, 3 << 20, &err);
		athar_sink_close(sink);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_status(status, ATHAR_EIO, err);
		assert_non_null(strstr(err.text, "cannot write"));
		assert_int_equal(count_files(dir), 0);
		athar_test_rmdir(dir);
	}
	signal(SIGXFSZ, SIG_DFL);
	free(media);
}

static void ewf_comes_back_as_it_went_in(void **state)
{
	static const struct {
		size_t size;
		uint32_t sector;
		athar_compression compression;
	} cases[] = {
		{512, 512, ATHAR_COMPRESSION_FAST},      {1000000, 512, ATHAR_COMPRESSION_FAST},
		{1000001, 512, ATHAR_COMPRESSION_NONE},  {1 << 20, 512, ATHAR_COMPRESSION_BEST},
		{1000001, 4096, ATHAR_COMPRESSION_FAST}, {2048 * 333, 2048, ATHAR_COMPRESSION_FAST},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		char *dir = athar_test_mkdir();
		uint8_t *media = make_media(cases[i].size + 4096);
		athar_sink_spec spec = spec_of(dir, cases[i].size);
		const size_t padded =
			(cases[i].size + cases[i].sector - 1) / cases[i].sector * cases[i].sector;
		const athar_digests hashes = hash_of(media, padded);
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *s = NULL;
		const athar_source_info *info;

		spec.sector_size = cases[i].sector;
		spec.compression = cases[i].compression;
		assert_int_equal(make_image(&athar_sink_ewf, &spec, media, NULL), 1);
		assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
		info = athar_source_describe(s);
		assert_string_equal(info->driver, "ewf");
		assert_int_equal(info->sector_size, cases[i].sector);
		assert_int_equal(info->chunk_size, 32768);
		assert_null(info->finding);
		assert_string_equal(athar_digests_get(&info->stored, ATHAR_MD5),
		                    athar_digests_get(&hashes, ATHAR_MD5));
		assert_string_equal(athar_digests_get(&info->stored, ATHAR_SHA1),
		                    athar_digests_get(&hashes, ATHAR_SHA1));
		assert_media(s, media, padded, 10007);
		assert_media(s, media, padded, 65536);
		athar_source_close(s);
		free(media);
		athar_test_rmdir(dir);
	}
}

static void ewf_keeps_the_words_of_the_case(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(65536);
	athar_sink_spec spec = spec_of(dir, 65536);
	athar_error err = ATHAR_ERROR_INIT;
	const athar_source_fields *f;
	athar_source *s = NULL;

	(void)state;
	make_image(&athar_sink_ewf, &spec, media, NULL);
	assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
	f = &athar_source_describe(s)->fields;
	assert_string_equal(f->case_number, "قضية 7/2026");
	assert_string_equal(f->evidence_number, "3-1");
	assert_string_equal(f->description, "USB stick");
	assert_string_equal(f->examiner, "عمر خالد");
	assert_string_equal(f->notes, "one two three ‹U+202E› four");
	assert_string_equal(f->software, "athar 0.1.0");
	assert_string_equal(f->acquired, "2023-11-14T22:13:20Z");
	assert_string_equal(f->system_date, "2023-11-14T22:13:20Z");
	athar_source_close(s);
	free(media);
	athar_test_rmdir(dir);
}

/* Two runs, a second and a time zone apart: the same files. */
static void ewf_is_the_same_for_the_same_input(void **state)
{
	char *one = athar_test_mkdir(), *two = athar_test_mkdir();
	uint8_t *media = make_media(3 << 20);
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink_spec spec = spec_of(one, 3 << 20);
	char command[9000];

	(void)state;
	assert_ok(athar_runs_add(&bad, 5120, 1024, ATHAR_RUN_BAD, &err), err);
	spec.segment_size = 1 << 20;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, &bad), 2);
	sleep(1);
	setenv("TZ", "Asia/Tokyo", 1);
	spec.folder = two;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, &bad), 2);
	unsetenv("TZ");
	snprintf(command, sizeof command, "diff -r '%s' '%s'", one, two);
	assert_int_equal(system(command), 0);
	athar_runs_clear(&bad);
	free(media);
	athar_test_rmdir(one);
	athar_test_rmdir(two);
}

static void ewf_segments_keep_to_their_size(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(4000000 + 512);
	athar_sink_spec spec = spec_of(dir, 4000000);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint64_t total = 0;
	size_t segments;

	(void)state;
	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	segments = make_image(&athar_sink_ewf, &spec, media, NULL);
	assert_int_equal(segments, 4);
	assert_int_equal(count_files(dir), segments);
	for (size_t i = 1; i <= segments; i++) {
		char name[32];
		uint8_t *bytes;
		size_t len;

		snprintf(name, sizeof name, "img.E%02zu", i);
		bytes = get_file(dir, name, &len);
		free(bytes);
		assert_size_mode(dir, name, len);
		assert_true(len <= 1 << 20);
		total += len;
	}
	assert_true(total <= athar_sink_ewf.worst(&spec));
	assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
	assert_int_equal(athar_source_describe(s)->segments, segments);
	assert_media(s, media, 4000256, 40000);
	assert_non_null(strstr(athar_source_segment(s, 0), "img.E01"));
	assert_non_null(strstr(athar_source_segment(s, 3999999), "img.E04"));
	athar_source_close(s);
	free(media);
	athar_test_rmdir(dir);
}

static void the_tools_of_the_field_accept_it(void **state)
{
	char *dir = athar_test_mkdir();
	uint8_t *media = make_media(4000256);
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink_spec spec = spec_of(dir, 4000100);
	uint8_t *got;
	size_t len;

	(void)state;
	if (!have("ewfverify") || !have("ewfinfo") || !have("ewfexport")) {
		athar_test_rmdir(dir);
		free(media);
		skip();
	}
	assert_ok(athar_runs_add(&bad, 512000, 1000, ATHAR_RUN_BAD, &err), err);
	spec.segment_size = 1 << 20;
	spec.removable = true;
	make_image(&athar_sink_ewf, &spec, media, &bad);
	assert_int_equal(run_in(dir, "ewfverify -q -d sha1 img.E01"), 0);
	assert_true(said(dir, "SUCCESS"));
	assert_int_equal(run_in(dir, "ewfinfo img.E01"), 0);
	assert_true(said(dir, "عمر خالد"));
	assert_true(said(dir, "قضية 7/2026"));
	assert_true(said(dir, "removable"));
	assert_true(said(dir, "at sector(s): 1000 - 1001 number: 2"));
	assert_true(said(dir, "Tue Nov 14 22:13:20 2023") || said(dir, "Nov 14 2023"));
	assert_int_equal(run_in(dir, "ewfexport -u -q -f raw -t exported img.E01"), 0);
	got = get_file(dir, "exported.raw", &len);
	assert_int_equal(len, 4000256);
	assert_memory_equal(got, media, len);
	free(got);
	athar_runs_clear(&bad);
	free(media);
	athar_test_rmdir(dir);
}

/* libtsk, over libewf, finds the medium and the file system in it. */
static void sleuthkit_accepts_it(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = spec_of(dir, 4 << 20);
	uint8_t *media;
	size_t len;

	(void)state;
	if (!have("img_stat") || !have("fls") || !have("mke2fs") ||
	    run_in(dir, "mkdir root && echo trace >root/exhibit-a.txt && truncate -s 4M disk && "
	                "mke2fs -q -t ext2 -d root disk") != 0) {
		athar_test_rmdir(dir);
		skip();
	}
	media = get_file(dir, "disk", &len);
	assert_int_equal(len, 4 << 20);
	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_BEST;
	make_image(&athar_sink_ewf, &spec, media, NULL);
	assert_int_equal(run_in(dir, "img_stat img.E01"), 0);
	assert_true(said(dir, "ewf"));
	assert_true(said(dir, "4194304"));
	assert_int_equal(run_in(dir, "fls -r img.E01"), 0);
	assert_true(said(dir, "exhibit-a.txt"));
	free(media);
	athar_test_rmdir(dir);
}

/* Sizes around the borders of chunks and files: what goes in comes out of libewf's own tool. */
static void sizes_at_borders_come_back(void **state)
{
	static const size_t sizes[] = {1,
	                               511,
	                               513,
	                               32767,
	                               32768,
	                               32769,
	                               31 * 32768,
	                               31 * 32768 + 1,
	                               32 * 32768,
	                               62 * 32768,
	                               63 * 32768 - 512};

	(void)state;
	for (size_t i = 0; i < 3 * ATHAR_COUNT(sizes); i++) {
		const size_t size = sizes[i / 3], padded = (size + 511) / 512 * 512;
		char *dir = athar_test_mkdir();
		uint8_t *media = make_media(padded), *got;
		athar_sink_spec spec = spec_of(dir, size);
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *s = NULL;
		size_t len;

		memset(media + size, 0, padded - size);
		spec.segment_size = 1 << 20;
		spec.compression = (athar_compression)(i % 3);
		make_image(&athar_sink_ewf, &spec, media, NULL);
		assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
		assert_media(s, media, padded, 50000);
		athar_source_close(s);
		if (have("ewfexport")) {
			assert_int_equal(run_in(dir, "ewfexport -u -q -f raw -t exported img.E01"),
			                 0);
			got = get_file(dir, "exported.raw", &len);
			assert_int_equal(len, padded);
			assert_memory_equal(got, media, padded);
			free(got);
		}
		free(media);
		athar_test_rmdir(dir);
	}
}

/* More files than two digits can number. */
static void a_set_of_many_files(void **state)
{
	char *dir = athar_test_mkdir();
	const size_t size = 120000000;
	uint8_t *media = make_media(size);
	athar_sink_spec spec = spec_of(dir, size);
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	(void)state;
	spec.segment_size = 1 << 20;
	spec.compression = ATHAR_COMPRESSION_NONE;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, NULL), 119);
	assert_ok(open_in(&s, dir, "img.E01", drivers, &err), err);
	assert_media(s, media, size, 1 << 20);
	assert_non_null(strstr(athar_source_segment(s, size - 1), "img.EAT"));
	athar_source_close(s);
	if (have("ewfverify"))
		assert_int_equal(run_in(dir, "ewfverify -q -d sha1 img.E01"), 0);
	free(media);
	athar_test_rmdir(dir);
}

static void texts_have_a_limit(void **state)
{
	char *dir = athar_test_mkdir(), *text = malloc(30001);
	athar_sink_spec spec = spec_of(dir, 1000);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	(void)state;
	assert_non_null(text);
	memset(text, 'x', 30000);
	text[30000] = '\0';
	spec.fields.notes = text;
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EUSAGE, err);
	text[20000] = '\0';
	assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
	athar_sink_close(sink);
	free(text);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_is_one_file),
		cmocka_unit_test(raw_parts_have_the_size_asked_for),
		cmocka_unit_test(parts_that_just_fit_leave_no_empty_one),
		cmocka_unit_test(nothing_is_overwritten),
		cmocka_unit_test(what_is_not_committed_leaves_nothing),
		cmocka_unit_test(what_cannot_be_made_is_refused_at_once),
		cmocka_unit_test(raw_fails_where_it_cannot_write),
		cmocka_unit_test(a_write_that_fails_is_told_and_leaves_nothing),
		cmocka_unit_test(ewf_comes_back_as_it_went_in),
		cmocka_unit_test(ewf_keeps_the_words_of_the_case),
		cmocka_unit_test(ewf_is_the_same_for_the_same_input),
		cmocka_unit_test(ewf_segments_keep_to_their_size),
		cmocka_unit_test(the_tools_of_the_field_accept_it),
		cmocka_unit_test(sleuthkit_accepts_it),
		cmocka_unit_test(sizes_at_borders_come_back),
		cmocka_unit_test(a_set_of_many_files),
		cmocka_unit_test(texts_have_a_limit),
	};

	setenv("TZ", "UTC", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
