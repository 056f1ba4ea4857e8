/* SPDX-License-Identifier: BSD-2-Clause */
#include "image_test.h"

#include <fcntl.h>

#include "athar/extents.h"

static const athar_source_driver *const drivers[] = {&athar_source_raw, NULL};

static void raw_reads_what_the_file_holds(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint8_t bytes[100003];
	uint8_t buf[16];
	size_t got;

	(void)state;
	athar_test_fill(bytes, sizeof bytes, 1);
	put_file(dir, "disk.dd", bytes, sizeof bytes);
	assert_ok(open_in(&s, dir, "disk.dd", drivers, &err), err);
	assert_string_equal(athar_source_describe(s)->driver, "raw");
	assert_int_equal(athar_source_describe(s)->sector_size, 512);
	assert_int_equal(athar_source_describe(s)->segments, 1);
	assert_media(s, bytes, sizeof bytes, 4096);
	assert_media(s, bytes, sizeof bytes, 100003);
	assert_media(s, bytes, sizeof bytes, 777);

	assert_ok(athar_source_read(s, buf, 16, sizeof bytes - 5, &got, NULL, &err), err);
	assert_int_equal(got, 5);
	assert_memory_equal(buf, bytes + sizeof bytes - 5, 5);
	assert_ok(athar_source_read(s, buf, 16, sizeof bytes, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	assert_ok(athar_source_read(s, buf, 16, UINT64_MAX, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	assert_non_null(strstr(athar_source_segment(s, 17), "disk.dd"));
	assert_null(athar_source_segment(s, sizeof bytes));
	athar_source_close(s);
	athar_test_rmdir(dir);
}

static void what_cannot_be_opened_says_why(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	char path[4300];

	(void)state;
	assert_status(open_in(&s, dir, "none", drivers, &err), ATHAR_EIO, err);
	assert_non_null(strstr(err.text, "No such file"));
	assert_status(athar_source_open_with(&s, dir, drivers, &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "folder"));
	put_file(dir, "empty", "", 0);
	assert_status(open_in(&s, dir, "empty", drivers, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "empty"));
	snprintf(path, sizeof path, "%s/pipe", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_status(athar_source_open_with(&s, path, drivers, &err), ATHAR_EUSAGE, err);
	assert_status(athar_source_open_with(&s, "/dev/null", drivers, &err), ATHAR_EUSAGE, err);
	assert_null(s);
	athar_test_rmdir(dir);
}

/* Drivers that only bid: the highest is chosen, 0 declines. */
static int bid_zero(athar_bytes head, const char *path, unsigned mode)
{
	(void)head;
	(void)path;
	(void)mode;
	return 0;
}

static int bid_magic(athar_bytes head, const char *path, unsigned mode)
{
	(void)path;
	assert_true(S_ISREG(mode));
	return head.len >= 5 && memcmp(head.ptr, "MAGIC", 5) == 0 ? 40 : 0;
}

static athar_status open_magic(athar_source *source, const char *path, athar_error *err)
{
	(void)source;
	return athar_fail(err, ATHAR_ECANCELED, "magic chosen for %s", path);
}

static void the_highest_bid_opens(void **state)
{
	static const athar_source_driver magic = {
		.name = "magic", .bid = bid_magic, .open = open_magic};
	static const athar_source_driver never = {
		.name = "never", .bid = bid_zero, .open = open_magic};
	const athar_source_driver *const list[] = {&athar_source_raw, &magic, &never, NULL};
	const athar_source_driver *const nobody[] = {&never, NULL};
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	(void)state;
	put_file(dir, "m", "MAGIC and more", 14);
	put_file(dir, "r", "MAGI", 4);
	assert_status(open_in(&s, dir, "m", list, &err), ATHAR_ECANCELED, err);
	assert_ok(open_in(&s, dir, "r", list, &err), err);
	assert_string_equal(athar_source_describe(s)->driver, "raw");
	athar_source_close(s);
	s = NULL;
	assert_status(open_in(&s, dir, "r", nobody, &err), ATHAR_EFORMAT, err);
	athar_test_rmdir(dir);
}

static void known_bad_ranges_are_zeros_and_told(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs known = ATHAR_RUNS_INIT, bad = ATHAR_RUNS_INIT;
	athar_source *s = NULL;
	uint8_t bytes[4096], buf[4096], zeros[100] = {0};
	size_t got;

	(void)state;
	athar_test_fill(bytes, sizeof bytes, 2);
	assert_ok(athar_source_memory(&s, bytes, sizeof bytes, &err), err);
	assert_ok(athar_runs_add(&known, 0, 100, ATHAR_RUN_DATA, &err), err);
	assert_ok(athar_runs_add(&known, 1000, 100, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&known, 2000, 50, ATHAR_RUN_UNREAD, &err), err);
	assert_ok(athar_runs_add(&known, 4000, 5000, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&known, 9500, 5, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_source_mark(s, &known, &err), err);
	assert_int_equal(athar_runs_total(athar_source_known_bad(s)), 100 + 50 + 96);

	/* Nobody who did not ask gets zeros for data. */
	assert_status(athar_source_read(s, buf, 4096, 0, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 1000);
	assert_int_equal(got, 0);
	assert_status(athar_source_read(s, buf, 10, 2045, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 2045);
	assert_ok(athar_source_read(s, buf, 900, 1100, &got, NULL, &err), err);
	assert_memory_equal(buf, bytes + 1100, 900);

	assert_ok(athar_source_read(s, buf, 4096, 0, &got, &bad, &err), err);
	assert_int_equal(got, 4096);
	assert_int_equal(bad.count, 3);
	assert_int_equal(bad.run[0].offset, 1000);
	assert_int_equal(bad.run[0].length, 100);
	assert_int_equal(bad.run[0].kind, ATHAR_RUN_BAD);
	assert_int_equal(bad.run[1].kind, ATHAR_RUN_UNREAD);
	assert_int_equal(bad.run[2].offset, 4000);
	assert_int_equal(bad.run[2].length, 96);
	assert_memory_equal(buf, bytes, 1000);
	assert_memory_equal(buf + 1000, zeros, 100);
	assert_memory_equal(buf + 1100, bytes + 1100, 900);
	assert_memory_equal(buf + 2000, zeros, 50);
	assert_memory_equal(buf + 2050, bytes + 2050, 1950);
	assert_memory_equal(buf + 4000, zeros, 96);
	athar_runs_clear(&known);
	athar_runs_clear(&bad);
	athar_source_close(s);
}

static void extents_are_one_file(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_extents x = ATHAR_EXTENTS_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_source *base = NULL, *s = NULL;
	uint8_t bytes[1000], expected[1000] = {0}, buf[1000];
	size_t got;

	(void)state;
	athar_test_fill(bytes, sizeof bytes, 3);
	assert_ok(athar_source_memory(&base, bytes, sizeof bytes, &err), err);
	assert_ok(athar_runs_add(&bad, 510, 5, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_source_mark(base, &bad, &err), err);
	athar_runs_clear(&bad);

	/* 0: data of 500, 100: hole, 150: data of 10, 350: missing, 400: data past the end. */
	assert_ok(athar_extents_add_data(&x, 500, 100, &err), err);
	assert_ok(athar_extents_add(&x,
	                            (athar_extent){0, ATHAR_NOWHERE, 50, 0, ATHAR_EXTENT_HOLE,
	                                           ATHAR_TRANSFORM_NONE},
	                            &err),
	          err);
	assert_ok(athar_extents_add_data(&x, 10, 200, &err), err);
	assert_ok(athar_extents_add(&x,
	                            (athar_extent){0, ATHAR_NOWHERE, 50, 0, ATHAR_EXTENT_MISSING,
	                                           ATHAR_TRANSFORM_NONE},
	                            &err),
	          err);
	assert_ok(athar_extents_add_data(&x, 980, 60, &err), err);
	assert_ok(athar_source_extents(&s, base, &x, &err), err);
	athar_extents_clear(&x);

	memcpy(expected, bytes + 500, 100);
	memset(expected + 10, 0, 5);
	memcpy(expected + 150, bytes + 10, 200);
	memcpy(expected + 400, bytes + 980, 20);
	assert_int_equal(athar_source_describe(s)->size, 460);
	assert_ok(athar_source_read(s, buf, sizeof buf, 0, &got, &bad, &err), err);
	assert_int_equal(got, 460);
	assert_memory_equal(buf, expected, 460);
	assert_int_equal(bad.count, 3);
	assert_int_equal(bad.run[0].offset, 10);
	assert_int_equal(bad.run[0].length, 5);
	assert_int_equal(bad.run[1].offset, 350);
	assert_int_equal(bad.run[1].length, 50);
	assert_int_equal(bad.run[2].offset, 420);
	assert_int_equal(bad.run[2].length, 40);
	athar_runs_clear(&bad);

	/* Every offset and length of the readable part, one by one. */
	for (size_t at = 15; at < 350; at++) {
		assert_ok(athar_source_read(s, buf, 350 - at, at, &got, NULL, &err), err);
		assert_memory_equal(buf, expected + at, 350 - at);
	}
	assert_status(athar_source_read(s, buf, 1, 350, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 350);
	athar_source_close(s);
	athar_source_close(base);
}

static void derived_extents_are_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_extents x = ATHAR_EXTENTS_INIT;
	athar_source *base = NULL, *s = NULL;

	(void)state;
	assert_ok(athar_source_memory(&base, "abc", 3, &err), err);
	assert_ok(athar_extents_add(
			  &x,
			  (athar_extent){0, 0, 100, 3, ATHAR_EXTENT_DERIVED, ATHAR_TRANSFORM_LZNT1},
			  &err),
	          err);
	assert_status(athar_source_extents(&s, base, &x, &err), ATHAR_EUSAGE, err);
	assert_null(s);
	athar_extents_clear(&x);
	athar_source_close(base);
}

/* For who reads the medium itself; containers have none. */
static void a_raw_image_has_a_descriptor(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	uint8_t bytes[16384], *buf = NULL;
	int fd;

	(void)state;
	athar_test_fill(bytes, sizeof bytes, 6);
	put_file(dir, "disk", bytes, sizeof bytes);
	assert_ok(open_in(&s, dir, "disk", drivers, &err), err);
	fd = s->driver->medium(s, true);
	assert_int_equal(fcntl(fd, F_GETFL) & O_ACCMODE, O_RDONLY);
	assert_int_equal(posix_memalign((void **)&buf, 4096, 4096), 0);
	assert_int_equal(pread(fd, buf, 4096, 8192), 4096);
	assert_memory_equal(buf, bytes + 8192, 4096);
	free(buf);
	athar_source_close(s);
	assert_null(athar_source_ewf.medium);
	assert_null(athar_source_split.medium);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(raw_reads_what_the_file_holds),
		cmocka_unit_test(what_cannot_be_opened_says_why),
		cmocka_unit_test(the_highest_bid_opens),
		cmocka_unit_test(known_bad_ranges_are_zeros_and_told),
		cmocka_unit_test(extents_are_one_file),
		cmocka_unit_test(derived_extents_are_refused),
		cmocka_unit_test(a_raw_image_has_a_descriptor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
