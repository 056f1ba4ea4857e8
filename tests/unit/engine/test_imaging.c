/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A medium with bad places becomes an E01: zeros in their stead, a table of them, hashes of what
 * the image holds. ewfverify is the judge where it is installed.
 */
#include <sys/stat.h>

#include "athar_test.h"
#include "digest/digest.h"
#include "engine/drivers.h"
#include "engine/imaging.h"
#include "engine/pass.h"
#include "image/source_new.h"

#define SIZE ((3u << 20) + 1024u)

/* A sector in the first chunk, two over the border of blocks, the last one of all. */
static const athar_run holes[] = {{512, 512, ATHAR_RUN_BAD},
                                  {(1u << 20) - 512, 1024, ATHAR_RUN_BAD},
                                  {SIZE - 512, 512, ATHAR_RUN_BAD}};

/* The bytes of a medium; in its bad places it gives zeros and says so. */
static athar_status failing_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                                 athar_runs *bad, athar_error *err)
{
	memcpy(buf, (const uint8_t *)source->state + offset, len);
	for (size_t i = 0; i < ATHAR_COUNT(holes); i++) {
		uint64_t from = holes[i].offset, to = from + holes[i].length;

		from = from < offset ? offset : from;
		to = to > offset + len ? offset + len : to;
		if (from >= to)
			continue;
		memset((uint8_t *)buf + (from - offset), 0, to - from);
		ATHAR_TRY(athar_runs_add(bad, from, to - from, ATHAR_RUN_BAD, err));
	}
	return ATHAR_OK;
}

static const athar_source_driver failing = {.name = "failing", .read = failing_read};

static void make(athar_imaging *out, const char *folder, uint8_t *medium, unsigned threads)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	athar_leg leg = {.until = UINT64_MAX, .phase = "acquire"};
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink_spec target = {.folder = folder,
	                          .name = "x",
	                          .media_size = SIZE,
	                          .sector_size = 512,
	                          .compression = ATHAR_COMPRESSION_FAST};

	assert_ok(athar_source_new(&source, &failing, "medium", &err), err);
	source->state = medium;
	source->info.size = SIZE;
	leg.source = source;
	*out = (athar_imaging){.driver = athar_sink_driver_find("ewf"),
	                       .compression = ATHAR_COMPRESSION_FAST,
	                       .threads = threads,
	                       .size = SIZE,
	                       .sector = 512};
	assert_ok(athar_outlet_new(&out->outlets, out->driver, &target, &err), err);
	assert_ok(athar_imaging_begin(out, ATHAR_MD5 | ATHAR_SHA256, &err), err);
	assert_ok(athar_imaging_copy(out, &leg, &err), err);
	assert_ok(athar_imaging_end(out, &err), err);
}

static void check_runs(const athar_runs *runs)
{
	assert_int_equal(runs->count, ATHAR_COUNT(holes));
	for (size_t i = 0; i < ATHAR_COUNT(holes); i++) {
		assert_int_equal(runs->run[i].offset, holes[i].offset);
		assert_int_equal(runs->run[i].length, holes[i].length);
	}
}

/* The image tells the bad places, and that nothing of it is damaged. */
static void check_image(const char *path, const char *sha256)
{
	ATHAR_AUTO(source) athar_source *image = NULL;
	ATHAR_AUTO(pass) athar_pass pass = {.bytes = 0};
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_source_open(&image, path, &err), err);
	check_runs(athar_source_known_bad(image));
	athar_pass_spec spec = {
		.source = image, .size = UINT64_MAX, .hashes = ATHAR_SHA256, .threads = 2};
	assert_ok(athar_pass_run(&pass, &spec, &err), err);
	assert_int_equal(pass.bad.count, 0);
	assert_string_equal(athar_digests_get(&pass.hashes, ATHAR_SHA256), sha256);
}

static void judge(const char *folder)
{
	char command[4200];

	if (system("command -v ewfverify ewfinfo >/dev/null") != 0)
		return;
	(void)snprintf(command, sizeof command,
	               "ewfverify -q '%s/x.E01' >/dev/null && "
	               "ewfinfo -e '%s/x.E01' | grep -q 'total number.*3'",
	               folder, folder);
	assert_int_equal(system(command), 0);
}

static void bad_places_are_zeros_and_listed(void **state)
{
	uint8_t *medium = malloc(SIZE), *expected = malloc(SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	char sha256[65];

	(void)state;
	assert_true(medium != NULL && expected != NULL);
	athar_test_fill(medium, SIZE, 11);
	memcpy(expected, medium, SIZE);
	for (size_t i = 0; i < ATHAR_COUNT(holes); i++)
		memset(expected + holes[i].offset, 0, holes[i].length);
	assert_ok(athar_digest_sha256(sha256, expected, SIZE, &err), err);
	for (unsigned threads = 1; threads <= 4; threads += 3) {
		athar_imaging imaging;
		char *folder = athar_test_mkdir();
		char path[4200];

		make(&imaging, folder, medium, threads);
		check_runs(&imaging.bad);
		assert_string_equal(athar_digests_get(&imaging.hashes, ATHAR_SHA256), sha256);
		(void)snprintf(path, sizeof path, "%s/x.E01", folder);
		check_image(path, sha256);
		judge(folder);
		athar_imaging_close(&imaging, false);
		athar_test_rmdir(folder);
	}
	free(medium);
	free(expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_places_are_zeros_and_listed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
