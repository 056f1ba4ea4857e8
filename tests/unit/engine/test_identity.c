/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * By what a source is known again, from folders laid out as the kernel's.
 */
#include "device_support.h"

#include "engine/identity.h"

static void put_disk(const char *name, const char *serial, const char *wwn, const char *size)
{
	char path[200];

	snprintf(path, sizeof path, "%s/queue/logical_block_size", name);
	put_text(path, "512\n");
	snprintf(path, sizeof path, "%s/size", name);
	put_text(path, size);
	snprintf(path, sizeof path, "%s/diskseq", name);
	put_text(path, "7\n");
	snprintf(path, sizeof path, "%s/device/model", name);
	put_text(path, "A model\n");
	snprintf(path, sizeof path, "%s/device/serial", name);
	put_text(path, serial);
	snprintf(path, sizeof path, "%s/wwid", name);
	put_text(path, wwn);
}

static athar_identity read_identity(const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_identity i;

	assert_ok(athar_identity_of(&i, below(name), &err), err);
	return i;
}

static void the_strongest_that_is_said_counts(void **state)
{
	athar_identity i;

	(void)state;
	put_disk("a/sda", "S1\n", "naa.5\n", "2048\n");
	i = read_identity("a/sda");
	assert_int_equal(i.kind, ATHAR_IDENTITY_SERIAL);
	assert_int_equal(i.size, 1 << 20);
	assert_string_equal(i.path, "/dev/sda");
	assert_string_equal(athar_identity_name(i.kind), "serial");
	athar_identity_clear(&i);
	put_disk("a/sdb", "\n", "naa.5\n", "2048\n");
	i = read_identity("a/sdb");
	assert_int_equal(i.kind, ATHAR_IDENTITY_WWN);
	athar_identity_clear(&i);
	put_disk("a/sdc", "\n", "\n", "2048\n");
	i = read_identity("a/sdc");
	assert_int_equal(i.kind, ATHAR_IDENTITY_NODE);
	athar_identity_clear(&i);
	put_text("a/sdc/loop/backing_file", "/images/disk\n");
	i = read_identity("a/sdc");
	assert_int_equal(i.kind, ATHAR_IDENTITY_BACKING);
	assert_string_equal(i.backing, "/images/disk+0");
	athar_identity_clear(&i);
}

/* Each of them, changed alone, is seen and named. */
static void what_differs_is_named(void **state)
{
	static const struct {
		const char *file, *text, *says;
	} changes[] = {{"device/serial", "S2\n", "serial number"},
	               {"wwid", "naa.6\n", "WWN"},
	               {"device/model", "Another\n", "model"},
	               {"size", "2049\n", "bytes"},
	               {"queue/logical_block_size", "4096\n", "sector size"}};
	athar_error err = ATHAR_ERROR_INIT;
	athar_identity then, now;
	char path[200];

	(void)state;
	put_disk("b/sda", "S1\n", "naa.5\n", "2048\n");
	then = read_identity("b/sda");
	now = read_identity("b/sda");
	assert_ok(athar_identity_same(&then, &now, &err), err);
	athar_identity_clear(&now);
	put_text("b/sda/diskseq", "9\n"); /* it has been away */
	now = read_identity("b/sda");
	assert_ok(athar_identity_same(&then, &now, &err), err);
	athar_identity_clear(&now);
	for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
		put_disk("b/sda", "S1\n", "naa.5\n", "2048\n");
		snprintf(path, sizeof path, "b/sda/%s", changes[i].file);
		put_text(path, changes[i].text);
		now = read_identity("b/sda");
		assert_status(athar_identity_same(&then, &now, &err), ATHAR_EREFUSED, err);
		assert_non_null(strstr(err.text, changes[i].says));
		athar_identity_clear(&now);
	}
	athar_identity_clear(&then);
}

/* A disk that says nothing of itself cannot be known again once it has been away. */
static void a_place_is_no_identity(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_identity then, now;

	(void)state;
	put_disk("c/sda", "\n", "\n", "2048\n");
	then = read_identity("c/sda");
	now = read_identity("c/sda");
	assert_ok(athar_identity_same(&then, &now, &err), err);
	athar_identity_clear(&now);
	put_text("c/sda/diskseq", "8\n");
	now = read_identity("c/sda");
	assert_status(athar_identity_same(&then, &now, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "away"));
	athar_identity_clear(&now);
	athar_identity_clear(&then);
}

static void a_partition_is_one_of_its_disk(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_identity one, two;

	(void)state;
	put_disk("d/sda", "S1\n", "naa.5\n", "2048\n");
	for (unsigned i = 1; i < 3; i++) {
		char path[100], number[10];

		snprintf(number, sizeof number, "%u\n", i);
		snprintf(path, sizeof path, "d/sda/sda%u/partition", i);
		put_text(path, number);
		snprintf(path, sizeof path, "d/sda/sda%u/start", i);
		put_text(path, "34\n");
		snprintf(path, sizeof path, "d/sda/sda%u/size", i);
		put_text(path, "100\n");
	}
	one = read_identity("d/sda/sda1");
	two = read_identity("d/sda/sda2");
	assert_string_equal(one.serial, "S1");
	assert_int_equal(one.partition, 1);
	assert_int_equal(one.start, 34 * 512);
	assert_status(athar_identity_same(&one, &two, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "partition"));
	athar_identity_clear(&one);
	athar_identity_clear(&two);
}

static void a_file_is_its_inode(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_identity then, now;

	(void)state;
	put_text("file", "0123456789");
	assert_ok(athar_identity_at(&then, below("file"), &err), err);
	assert_int_equal(then.kind, ATHAR_IDENTITY_INODE);
	assert_int_equal(then.size, 10);
	assert_int_equal(shell("touch -d 2001-01-01 file"), 0);
	assert_ok(athar_identity_at(&now, below("file"), &err), err);
	assert_status(athar_identity_same(&then, &now, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "written"));
	athar_identity_clear(&now);
	assert_int_equal(shell("cp -p file other && mv other file"), 0);
	assert_ok(athar_identity_at(&now, below("file"), &err), err);
	assert_status(athar_identity_same(&then, &now, &err), ATHAR_EREFUSED, err);
	athar_identity_clear(&now);
	assert_status(athar_identity_at(&now, below("gone"), &err), ATHAR_EIO, err);
	athar_identity_clear(&then);
}

static bool matches(const char *expected, const char *serial)
{
	const athar_source_info info = {.serial = serial};

	return athar_serial_matches(expected, &info);
}

static void serials_match_whole_or_by_their_end(void **state)
{
	(void)state;
	assert_true(matches("WD-WCC4N123", "WD-WCC4N123"));
	assert_true(matches("N123", "WD-WCC4N123"));
	assert_true(matches("D-WCC4N123", "WD-WCC4N123"));
	assert_true(matches("123", "123"));
	assert_false(matches("123", "WD-WCC4N123"));
	assert_false(matches("", "WD-WCC4N123"));
	assert_false(matches("", ""));
	assert_false(matches("WCC4", "WD-WCC4N123"));
	assert_false(matches("n123", "WD-WCC4N123"));
	assert_false(matches("XWD-WCC4N123", "WD-WCC4N123"));
	assert_false(matches("WD-WCC4N123", NULL));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_strongest_that_is_said_counts),
		cmocka_unit_test(what_differs_is_named),
		cmocka_unit_test(a_place_is_no_identity),
		cmocka_unit_test(a_partition_is_one_of_its_disk),
		cmocka_unit_test(a_file_is_its_inode),
		cmocka_unit_test(serials_match_whole_or_by_their_end),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
