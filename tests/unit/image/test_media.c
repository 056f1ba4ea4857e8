/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Reading from a medium that fails. pread() is replaced by one that knows bad sectors and, through
 * the page cache, fails whole pages of 4096 bytes around them, as Linux does.
 */
#include "image_test.h"

#include <errno.h>
#include <fcntl.h>

#include "image/media.h"

#define SIZE 300000u
#define MAX_BAD 64

static uint8_t disk[SIZE];
static int cached_fd = -1, direct_fd = -1;
static uint64_t bad_sector[MAX_BAD];
static size_t bad_sectors;
static int failure = EIO;
static unsigned calls, cached_calls;
static bool refused; /* the direct descriptor takes no request */

ssize_t __real_pread(int fd, void *buf, size_t len, off_t at);
ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t at);
ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t at);

static bool touches(uint64_t at, uint64_t end, uint64_t unit)
{
	for (size_t i = 0; i < bad_sectors; i++) {
		const uint64_t begin = bad_sector[i] * 512 / unit * unit;

		if (at < begin + unit && begin < end)
			return true;
	}
	return false;
}

ssize_t __wrap_pread(int fd, void *buf, size_t len, off_t at)
{
	const uint64_t begin = (uint64_t)at;
	uint64_t end = begin + len < SIZE ? begin + len : SIZE;

	if (fd != cached_fd && fd != direct_fd)
		return __real_pread(fd, buf, len, at);
	calls++;
	cached_calls += fd == cached_fd;
	if (fd == direct_fd &&
	    (refused || begin % 512 != 0 || len % 512 != 0 || (uintptr_t)buf % 512 != 0)) {
		errno = EINVAL;
		return -1;
	}
	if (begin >= SIZE)
		return 0;
	/* Short reads, as signals and limits make them. */
	if (fd == cached_fd && end - begin > 10000 && calls % 3 == 0)
		end = begin + 4096 - begin % 4096;
	if (touches(begin, end, fd == cached_fd ? 4096 : 512)) {
		errno = failure;
		return -1;
	}
	memcpy(buf, disk + begin, end - begin);
	return (ssize_t)(end - begin);
}

ssize_t __wrap_pread64(int fd, void *buf, size_t len, off_t at)
{
	return __wrap_pread(fd, buf, len, at);
}

static athar_media open_disk(bool direct)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_media m = ATHAR_MEDIA_INIT;

	assert_ok(athar_media_open(&m, "/dev/zero", &err), err);
	cached_fd = m.fd;
	if (direct)
		direct_fd = m.direct = open("/dev/zero", O_RDONLY | O_CLOEXEC);
	bad_sectors = 0;
	failure = EIO;
	return m;
}

static void close_disk(athar_media *m)
{
	athar_media_close(m);
	cached_fd = direct_fd = -1;
}

static bool is_bad(uint64_t at, uint64_t unit)
{
	return touches(at, at + 1, unit);
}

/* Every byte is either right, or in a bad sector: then it is zero and in *bad. */
static void assert_precise(const athar_media *m, uint64_t at, size_t len, uint64_t unit)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	uint8_t *buf = NULL;

	assert_int_equal(posix_memalign((void **)&buf, 4096, len), 0);
	memset(buf, 0xEE, len);
	assert_ok(athar_media_read(m, buf, len, at, at + 7000, &bad, &err), err);
	for (uint64_t i = 0; i < len; i++) {
		const bool lost = is_bad(at + i, unit);

		if (buf[i] != (lost ? 0 : disk[at + i]))
			fail_msg("byte %llu", (unsigned long long)(at + i));
		if (athar_runs_overlap(&bad, at + i + 7000, 1) != lost)
			fail_msg("range at byte %llu", (unsigned long long)(at + i));
	}
	athar_runs_clear(&bad);
	free(buf);
}

static void bad_sectors_cost_no_neighbours(void **state)
{
	uint64_t seed = 9;
	athar_media m = open_disk(true);

	(void)state;
	for (unsigned round = 0; round < 60; round++) {
		bad_sectors = round % MAX_BAD;
		for (size_t i = 0; i < bad_sectors; i++)
			bad_sector[i] = athar_test_random(&seed) % (SIZE / 512 + 1);
		const uint64_t at = athar_test_random(&seed) % SIZE;
		assert_precise(&m, at, (size_t)(1 + athar_test_random(&seed) % (SIZE - at)), 512);
		assert_precise(&m, 0, SIZE, 512);
	}
	close_disk(&m);
}

static void without_direct_reads_pages_are_lost_and_no_more(void **state)
{
	athar_media m = open_disk(false);

	(void)state;
	bad_sectors = 3;
	bad_sector[0] = 0;
	bad_sector[1] = 100;
	bad_sector[2] = SIZE / 512;
	assert_precise(&m, 0, SIZE, 4096);
	assert_precise(&m, 50001, 3001, 4096);
	close_disk(&m);
}

/* Of a device, large reads never touch the cache, whatever is bad in them; small and odd ones do.
 */
static void bulk_reads_go_past_the_cache(void **state)
{
	const size_t len = 262144;
	uint64_t seed = 4;
	athar_media m = open_disk(true);
	uint8_t *buf = NULL;

	(void)state;
	m.bulk = true;
	assert_int_equal(posix_memalign((void **)&buf, 4096, len), 0);
	for (unsigned round = 0; round < 60; round++) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_runs bad = ATHAR_RUNS_INIT;
		const uint64_t at = athar_test_random(&seed) % 70 * 512;

		bad_sectors = round % 20;
		for (size_t i = 0; i < bad_sectors; i++)
			bad_sector[i] = athar_test_random(&seed) % (SIZE / 512 + 1);
		cached_calls = 0;
		assert_ok(athar_media_read(&m, buf, len, at, at, &bad, &err), err);
		assert_int_equal(cached_calls, 0);
		for (uint64_t i = 0; i < len; i++)
			if (buf[i] != (is_bad(at + i, 512) ? 0 : disk[at + i]) ||
			    (athar_runs_overlap(&bad, at + i, 1) != 0) != is_bad(at + i, 512))
				fail_msg("byte %llu", (unsigned long long)(at + i));
		athar_runs_clear(&bad);
		assert_precise(&m, at, 4096, 512);
		assert_precise(&m, at + 1, len, 512);
		assert_true(cached_calls > 0);
	}
	free(buf);
	close_disk(&m);
}

/* A device whose sectors are larger than it says refuses: then the cache has to serve. */
static void bulk_reads_that_are_refused_go_through_it(void **state)
{
	athar_media m = open_disk(true);

	(void)state;
	m.bulk = true;
	refused = true;
	assert_precise(&m, 0, 262144, 512);
	refused = false;
	close_disk(&m);
}

static void other_errors_of_the_medium_count_too(void **state)
{
	athar_media m = open_disk(true);

	(void)state;
	bad_sectors = 1;
	bad_sector[0] = 17;
	failure = ENODATA;
	assert_precise(&m, 0, 20000, 512);
	failure = EILSEQ;
	assert_precise(&m, 0, 20000, 512);
	close_disk(&m);
}

static void a_device_that_is_gone_is_a_failure(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_media m = open_disk(true);
	uint8_t buf[20000];

	(void)state;
	bad_sectors = 1;
	bad_sector[0] = 17;
	failure = ENODEV;
	assert_status(athar_media_read(&m, buf, sizeof buf, 0, 0, &bad, &err), ATHAR_EIO, err);
	assert_int_equal(err.os_errno, ENODEV);
	assert_int_equal(bad.count, 0);
	close_disk(&m);
}

static void an_end_before_the_end_is_a_failure(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_media m = open_disk(false);
	uint8_t buf[20000];

	(void)state;
	assert_status(athar_media_read(&m, buf, sizeof buf, SIZE - 100, 0, &bad, &err), ATHAR_EIO,
	              err);
	assert_int_equal(err.offset, SIZE);
	assert_non_null(strstr(err.text, "shorter"));
	close_disk(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_sectors_cost_no_neighbours),
		cmocka_unit_test(without_direct_reads_pages_are_lost_and_no_more),
		cmocka_unit_test(bulk_reads_go_past_the_cache),
		cmocka_unit_test(bulk_reads_that_are_refused_go_through_it),
		cmocka_unit_test(other_errors_of_the_medium_count_too),
		cmocka_unit_test(a_device_that_is_gone_is_a_failure),
		cmocka_unit_test(an_end_before_the_end_is_a_failure),
	};

	athar_test_fill(disk, sizeof disk, 8);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
