/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Block devices, where this process may make some: loop devices over a file, and one with an error
 * target of the device mapper in it.
 */
#include <fcntl.h>

#include "ewf_test.h"
#include "image/adopt.h"

#include <fcntl.h>

#define SIZE (1u << 20)

static const athar_source_driver *const drivers[] = {&athar_source_raw, &athar_source_device, NULL};
static uint8_t *media;

/* A read-only loop device over folder/disk, or false. */
static bool attach(const char *dir, const char *options, char node[64])
{
	char command[256];
	size_t len;
	uint8_t *out;

	snprintf(command, sizeof command, "losetup -r %s -f --show disk", options);
	if (geteuid() != 0 || run_in(dir, command) != 0)
		return false;
	out = get_file(dir, "out.txt", &len);
	out[strcspn((char *)out, "\n")] = '\0';
	snprintf(node, 64, "%.63s", (const char *)out);
	free(out);
	return true;
}

static void detach(const char *dir, const char *node)
{
	char command[128];

	snprintf(command, sizeof command, "losetup -d %s", node);
	assert_int_equal(run_in(dir, command), 0);
}

/* The descriptor reads the medium's bytes; where the system has such a thing, past the cache. */
static void assert_medium(const athar_source *s)
{
	const int fd = s->driver->medium(s, true);
	uint8_t *buf = NULL;

	assert_true(fd >= 0);
	assert_true((fcntl(fd, F_GETFL) & O_ACCMODE) == O_RDONLY);
	assert_true((fcntl(fd, F_GETFL) & O_DIRECT) != 0);
	assert_int_equal(posix_memalign((void **)&buf, 4096, 65536), 0);
	assert_int_equal(pread(fd, buf, 65536, 131072), 65536);
	assert_memory_equal(buf, media + 131072, 65536);
	free(buf);
}

static void check_loop(const char *options, uint32_t sector)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	const athar_source_info *info;
	athar_source *s = NULL;
	char node[64];

	put_file(dir, "disk", media, SIZE);
	if (!attach(dir, options, node)) {
		athar_test_rmdir(dir);
		skip();
	}
	assert_ok(athar_source_open_with(&s, node, drivers, &err), err);
	info = athar_source_describe(s);
	assert_string_equal(info->driver, "device");
	assert_true(info->device);
	assert_true(info->read_only);
	assert_int_equal(info->sector_size, sector);
	assert_true(info->physical_sector_size >= sector);
	assert_string_equal(info->bus, "virtual");
	assert_string_equal(athar_source_segment(s, 5), node);
	assert_media(s, media, SIZE, 100000);
	assert_media(s, media, SIZE, SIZE);
	assert_medium(s);
	athar_source_close(s);
	detach(dir, node);
	athar_test_rmdir(dir);
}

static void a_block_device_is_read(void **state)
{
	(void)state;
	check_loop("", 512);
}

static void its_sector_size_is_its_own(void **state)
{
	(void)state;
	check_loop("-b 4096", 4096);
}

static athar_opened opened_from(const char *path)
{
	return (athar_opened){path, open(path, O_RDONLY), open(path, O_RDONLY | O_DIRECT)};
}

/* What was known of it by path is copied; what it holds comes through the descriptors. */
static void a_device_comes_from_descriptors(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;
	athar_source_info like = {.size = SIZE,
	                          .sector_size = 512,
	                          .model = "A model",
	                          .serial = "S123",
	                          .wwn = "naa.5",
	                          .bus = "usb"};
	athar_opened opened;
	char node[64];

	(void)state;
	put_file(dir, "disk", media, SIZE);
	if (!attach(dir, "", node)) {
		athar_test_rmdir(dir);
		skip();
	}
	opened = opened_from(node);
	assert_ok(athar_source_device_adopt(&s, &opened, &like, &err), err);
	assert_string_equal(athar_source_describe(s)->path, node);
	assert_string_equal(athar_source_describe(s)->driver, "device");
	assert_string_equal(athar_source_describe(s)->model, "A model");
	assert_string_equal(athar_source_describe(s)->serial, "S123");
	assert_null(athar_source_describe(s)->firmware);
	assert_ptr_not_equal(athar_source_describe(s)->serial, like.serial);
	assert_true(athar_source_describe(s)->device);
	assert_media(s, media, SIZE, 65536);
	athar_source_close(s);
	like.size -= 512;
	opened = opened_from(node);
	assert_status(athar_source_device_adopt(&s, &opened, &like, &err), ATHAR_EREFUSED, err);
	assert_int_equal(fcntl(opened.fd, F_GETFD), -1);
	assert_int_equal(fcntl(opened.direct, F_GETFD), -1);
	detach(dir, node);
	athar_test_rmdir(dir);
}

static void a_file_comes_from_a_descriptor(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_source_info like = {.size = 5000, .sector_size = 512};
	athar_source *s = NULL;
	athar_opened opened;
	char path[4200];

	(void)state;
	put_file(dir, "disk", media, 5000);
	snprintf(path, sizeof path, "%s/disk", dir);
	opened = (athar_opened){path, open(path, O_RDONLY), -1};
	assert_ok(athar_source_raw_adopt(&s, &opened, &like, &err), err);
	assert_string_equal(athar_source_describe(s)->driver, "raw");
	assert_media(s, media, 5000, 1000);
	athar_source_close(s);
	like.size = 4999;
	opened = (athar_opened){path, open(path, O_RDONLY), -1};
	assert_status(athar_source_raw_adopt(&s, &opened, &like, &err), ATHAR_EREFUSED, err);
	assert_int_equal(fcntl(opened.fd, F_GETFD), -1);
	athar_test_rmdir(dir);
}

/* Sectors 1000 to 1002 fail: they, and they alone, are lost. */
static void bad_sectors_of_a_real_device_are_precise(void **state)
{
	char *dir = athar_test_mkdir();
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_source *s = NULL;
	char node[64], command[500];
	uint8_t *buf;
	size_t got;

	(void)state;
	put_file(dir, "disk", media, SIZE);
	if (!have("dmsetup") || !attach(dir, "", node)) {
		athar_test_rmdir(dir);
		skip();
	}
	snprintf(command, sizeof command,
	         "printf '0 1000 linear %s 0\\n1000 3 error\\n1003 1045 linear %s 1003\\n' | "
	         "dmsetup create --readonly athar-test-%d",
	         node, node, (int)getpid());
	if (run_in(dir, command) != 0) {
		detach(dir, node);
		athar_test_rmdir(dir);
		skip();
	}
	snprintf(command, sizeof command, "/dev/mapper/athar-test-%d", (int)getpid());
	assert_ok(athar_source_open_with(&s, command, drivers, &err), err);
	buf = malloc(SIZE);
	assert_non_null(buf);
	assert_ok(athar_source_read(s, buf, SIZE, 0, &got, &bad, &err), err);
	assert_int_equal(got, SIZE);
	assert_int_equal(bad.count, 1);
	assert_int_equal(bad.run[0].offset, 512000);
	assert_int_equal(bad.run[0].length, 1536);
	memset(media + 512000, 0, 1536);
	assert_memory_equal(buf, media, SIZE);
	athar_runs_clear(&bad);
	free(buf);
	athar_source_close(s);
	snprintf(command, sizeof command, "dmsetup remove athar-test-%d", (int)getpid());
	assert_int_equal(run_in(dir, command), 0);
	detach(dir, node);
	athar_test_rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_block_device_is_read),
		cmocka_unit_test(its_sector_size_is_its_own),
		cmocka_unit_test(a_device_comes_from_descriptors),
		cmocka_unit_test(a_file_comes_from_a_descriptor),
		cmocka_unit_test(bad_sectors_of_a_real_device_are_precise),
	};
	int failed;

	media = make_media(SIZE);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	free(media);
	return failed;
}
