/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Disks that are full: small file systems in memory, where this process may mount some.
 */
#include "resume_test.h"

#include <dirent.h>
#include <errno.h>
#include <sched.h>
#include <sys/mount.h>

#define SIZE 16000000u

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_split,
                                                     &athar_source_ewf, NULL};
static uint8_t *media;
static bool may_mount;

/* A folder on a file system of this size ("9m"). */
static char *make_disk(const char *size)
{
	char *dir = athar_test_mkdir();
	char options[32];

	snprintf(options, sizeof options, "size=%s", size);
	assert_int_equal(mount("none", dir, "tmpfs", 0, options), 0);
	return dir;
}

static void free_disk(char *dir)
{
	assert_int_equal(umount2(dir, MNT_DETACH), 0);
	athar_test_rmdir(dir);
}

static void grow_disk(const char *dir)
{
	assert_int_equal(mount("none", dir, "tmpfs", MS_REMOUNT, "size=60m"), 0);
}

static athar_sink_spec plain_spec(const char *dir, uint64_t segment)
{
	athar_sink_spec spec = spec_of(dir, SIZE);

	spec.segment_size = segment;
	spec.compression = ATHAR_COMPRESSION_NONE;
	return spec;
}

static char *make_reference(const athar_sink_driver *driver, uint64_t segment)
{
	char *dir = athar_test_mkdir();
	const athar_sink_spec spec = plain_spec(dir, segment);

	make_image(driver, &spec, media, NULL);
	return dir;
}

static size_t count_links(const char *dir)
{
	size_t links = 0;
	DIR *d = opendir(dir);

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		links += e->d_type == DT_LNK;
	closedir(d);
	return links;
}

static void assert_hidden_files(const char *dir, size_t expected)
{
	char command[5000];

	snprintf(command, sizeof command, "[ $(find '%s' -name '.*' -type f | wc -l) -eq %zu ]",
	         dir, expected);
	assert_int_equal(system(command), 0);
}

/* Puts [from, SIZE) until something fails; *put is where it stopped. */
static athar_status feed_from(athar_sink *sink, size_t from, size_t *put, athar_error *err)
{
	const size_t size = sink->driver->chunk_size;
	athar_status status = ATHAR_OK;

	for (*put = from; *put < SIZE && status == ATHAR_OK;) {
		const size_t piece = SIZE - *put < size ? SIZE - *put : size;

		status = feed(sink, media + *put, piece, err);
		if (status == ATHAR_OK)
			*put += piece;
	}
	return status;
}

/* The disk is full: what was put stands, and with more room the very image comes of it. */
static void without_a_spill_folder(const athar_sink_driver *driver, uint64_t segment)
{
	char *reference = make_reference(driver, segment);
	char *dir = make_disk("9m");
	athar_sink_spec spec = plain_spec(dir, segment);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	size_t put, again;

	assert_ok(athar_sink_open(&sink, driver, &spec, &err), err);
	assert_status(feed_from(sink, 0, &put, &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENOSPC);
	assert_non_null(strstr(err.text, "disk is full"));
	assert_true(put > 6000000);
	/* It stays full. */
	assert_status(feed_from(sink, put, &again, &err), ATHAR_EIO, err);
	assert_int_equal(again, put);
	(void)athar_sink_checkpoint(sink, &err);
	sink->keep = true;
	athar_sink_close(sink);
	sink = NULL;
	assert_hidden_files(dir, 0);
	if (driver == &athar_sink_ewf)
		assert_standing(driver, &spec, media, put);
	else
		assert_true(standing_size(driver, &spec) >= put);
	grow_disk(dir);
	assert_standing(driver, &spec, media, standing_size(driver, &spec));
	finish_image(driver, &spec, put, media, SIZE);
	assert_same_files(reference, dir);
	free_disk(dir);
	athar_test_rmdir(reference);
}

static void a_full_disk_is_gone_on_from(void **state)
{
	(void)state;
	if (!may_mount)
		skip();
	without_a_spill_folder(&athar_sink_ewf, 0);
	without_a_spill_folder(&athar_sink_ewf, 4 << 20);
	without_a_spill_folder(&athar_sink_raw, 0);
	without_a_spill_folder(&athar_sink_raw, 4 << 20);
}

/* The disk is full at any place, also while tables and the end are written, also before there was
 * room for a reserve: in the end the very image stands there. */
static void full_at_any_place(void **state)
{
	const size_t size = 40 * 32768;
	char *reference = athar_test_mkdir();
	athar_sink_spec spec = plain_spec(reference, 0);
	const athar_digests hashes = hash_of(media, size);
	unsigned whole = 0, cut = 0;

	(void)state;
	if (!may_mount) {
		athar_test_rmdir(reference);
		skip();
	}
	spec.media_size = size;
	make_image(&athar_sink_ewf, &spec, media, NULL);
	for (unsigned kib = 100; kib < 3600; kib += 36) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_sink *sink = NULL;
		char text[16], *dir;
		uint64_t stands;

		snprintf(text, sizeof text, "%uk", kib);
		spec.folder = dir = make_disk(text);
		assert_ok(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), err);
		sink->keep = true;
		if (feed(sink, media, size, &err) == ATHAR_OK &&
		    athar_sink_commit(sink, &hashes, &err) == ATHAR_OK) {
			whole++;
			athar_sink_close(sink);
		} else {
			cut++;
			assert_int_equal(err.os_errno, ENOSPC);
			athar_sink_close(sink);
			stands = standing_size(&athar_sink_ewf, &spec);
			assert_standing(&athar_sink_ewf, &spec, media, stands);
			grow_disk(dir);
			finish_image(&athar_sink_ewf, &spec, stands, media, size);
		}
		assert_same_files(reference, dir);
		free_disk(dir);
	}
	assert_true(whole > 5);
	assert_true(cut > 30);
	athar_test_rmdir(reference);
}

/* Somebody makes room while the sink is open: the chunk that failed is put again. */
static void room_that_is_made_is_used(void **state)
{
	const athar_sink_driver *const both[] = {&athar_sink_ewf, &athar_sink_raw};

	(void)state;
	if (!may_mount)
		skip();
	for (size_t i = 0; i < 2; i++) {
		char *reference = make_reference(both[i], 4 << 20);
		char *dir = make_disk("7m");
		athar_sink_spec spec = plain_spec(dir, 4 << 20);
		const athar_digests hashes = hash_of(media, SIZE);
		athar_error err = ATHAR_ERROR_INIT;
		athar_sink *sink = NULL;
		size_t put;

		assert_ok(athar_sink_open(&sink, both[i], &spec, &err), err);
		assert_status(feed_from(sink, 0, &put, &err), ATHAR_EIO, err);
		grow_disk(dir);
		assert_ok(feed_from(sink, put, &put, &err), err);
		assert_ok(athar_sink_commit(sink, &hashes, &err), err);
		athar_sink_close(sink);
		assert_same_files(reference, dir);
		free_disk(dir);
		athar_test_rmdir(reference);
	}
}

/* The set in `dir` is one for every tool, wherever its files are. */
static void assert_set(const char *dir, const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_ok(open_in(&s, dir, name, drivers, &err), err);
	assert_media(s, media, SIZE, 70000);
	athar_source_close(s);
	if (strcmp(name, "img.E01") == 0 && have("ewfverify")) {
		char command[4400];

		snprintf(command, sizeof command, "ewfverify -q '%s/img.E01' >/dev/null 2>&1", dir);
		assert_int_equal(system(command), 0);
	}
}

static void spills(const athar_sink_driver *driver, const char *name)
{
	char *dir = make_disk("9m"), *spill = athar_test_mkdir();
	athar_sink_spec spec = plain_spec(dir, 2 << 20);
	const athar_digests hashes = hash_of(media, SIZE);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;
	size_t put;

	spec.spill = spill;
	assert_ok(athar_sink_open(&sink, driver, &spec, &err), err);
	assert_ok(feed_from(sink, 0, &put, &err), err);
	assert_ok(athar_sink_commit(sink, &hashes, &err), err);
	assert_true(sink->segments >= 8);
	assert_in_range(sink->spilled, 3, 6);
	assert_int_equal(count_links(dir), sink->spilled);
	assert_int_equal(count_files(spill), sink->spilled);
	athar_sink_close(sink);
	assert_hidden_files(dir, 0);
	assert_hidden_files(spill, 0);
	assert_set(dir, name);
	free_disk(dir);
	athar_test_rmdir(spill);
}

static void a_full_disk_spills_into_another_folder(void **state)
{
	(void)state;
	if (!may_mount)
		skip();
	spills(&athar_sink_ewf, "img.E01");
	spills(&athar_sink_raw, "img.001");
}

/* Left after the spill, found again, gone on with, and given up. */
static void what_spilled_is_gone_on_with(void **state)
{
	const athar_sink_driver *const both[] = {&athar_sink_ewf, &athar_sink_raw};
	const char *const names[] = {"img.E01", "img.001"};

	(void)state;
	if (!may_mount)
		skip();
	for (size_t i = 0; i < 2; i++) {
		char *dir = make_disk("7m"), *spill = athar_test_mkdir();
		athar_sink_spec spec = plain_spec(dir, 2 << 20);
		const size_t stop = 40 * (1 << 18), keep = 36 * (1 << 18);
		athar_error err = ATHAR_ERROR_INIT;
		athar_sink *sink = NULL;
		char away[4300];

		spec.spill = spill;
		begin_image(both[i], &spec, media, stop);
		assert_true(count_links(dir) >= 1);
		assert_standing(both[i], &spec, media, stop);
		/* The other disk is not there: that is said, and not taken for the end. */
		snprintf(away, sizeof away, "%s.away", spill);
		assert_int_equal(rename(spill, away), 0);
		athar_source *s = NULL;
		assert_status(both[i]->standing(&s, &spec, &err), ATHAR_EIO, err);
		assert_null(s);
		assert_int_equal(rename(away, spill), 0);

		finish_image(both[i], &spec, keep, media, SIZE);
		assert_set(dir, names[i]);
		/* All of it goes when it is given up, and nothing else does. */
		put_file(spill, "img.other", "x", 1);
		assert_ok(athar_sink_resume(&sink, both[i], &spec, keep, &err), err);
		assert_true(sink->spilled >= 1);
		athar_sink_close(sink);
		assert_int_equal(count_files(dir), 0);
		assert_int_equal(count_files(spill), 1);
		free_disk(dir);
		athar_test_rmdir(spill);
	}
}

/* From the first file on, when not even that has room. */
static void a_disk_that_is_full_at_once_spills_all(void **state)
{
	char *dir, *spill;
	athar_sink_spec spec;

	(void)state;
	if (!may_mount)
		skip();
	dir = make_disk("1m");
	spill = athar_test_mkdir();
	spec = plain_spec(dir, 0);
	spec.spill = spill;
	assert_int_equal(make_image(&athar_sink_ewf, &spec, media, NULL), 1);
	assert_int_equal(count_links(dir), 1);
	assert_set(dir, "img.E01");
	free_disk(dir);
	athar_test_rmdir(spill);
}

static void spill_folders_are_looked_at_first(void **state)
{
	char *dir = athar_test_mkdir();
	athar_sink_spec spec = plain_spec(dir, 0);
	athar_error err = ATHAR_ERROR_INIT;
	athar_sink *sink = NULL;

	(void)state;
	spec.spill = "/nonexistent/folder";
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EIO, err);
	spec.spill = "/dev/null";
	assert_status(athar_sink_open(&sink, &athar_sink_ewf, &spec, &err), ATHAR_EUSAGE, err);
	spec.spill = dir;
	assert_status(athar_sink_open(&sink, &athar_sink_raw, &spec, &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "--segment-size"));
	assert_null(sink);
	assert_int_equal(count_files(dir), 0);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_full_disk_is_gone_on_from),
		cmocka_unit_test(full_at_any_place),
		cmocka_unit_test(room_that_is_made_is_used),
		cmocka_unit_test(a_full_disk_spills_into_another_folder),
		cmocka_unit_test(what_spilled_is_gone_on_with),
		cmocka_unit_test(a_disk_that_is_full_at_once_spills_all),
		cmocka_unit_test(spill_folders_are_looked_at_first),
	};
	int failed;

	may_mount = unshare(CLONE_NEWNS) == 0 &&
	            mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
