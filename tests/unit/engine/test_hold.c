/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Others are kept off a device: tried on a loop device that could be written to.
 */
#include "device_support.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>

#include "engine/hold.h"

static void loop_devices_are_their_makers_affair(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_hold hold;
	char node[64];

	(void)state;
	assert_int_equal(shell("truncate -s 1M disk"), 0);
	attach(node, "", "disk");
	assert_ok(athar_hold_take(&hold, node, false, &err), err);
	assert_flag(hold.told, "applies", false);
	assert_int_equal(hold.claim, -1);
	athar_hold_release(&hold);
	detach(node);
	assert_ok(athar_hold_take(&hold, below("disk"), false, &err), err);
	assert_flag(hold.told, "applies", false);
	athar_hold_release(&hold);
}

/* 0, or the errno with which the kernel refused. */
static int write_to(const char *node)
{
	const int fd = open(node, O_WRONLY);
	const int code = fd < 0 || pwrite(fd, "x", 1, 0) != 1 ? errno : 0;

	if (fd >= 0)
		close(fd);
	return code;
}

static void what_is_held_cannot_be_written_to(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	const athar_json *device;
	athar_hold hold;
	char node[64], command[100];
	int fd;

	(void)state;
	assert_int_equal(shell("truncate -s 1M disk"), 0);
	attach(node, "", "disk");
	/* A loop device keeps it for whoever attaches to it next. */
	snprintf(command, sizeof command, "blockdev --setrw %s", node);
	assert_int_equal(shell(command), 0);
	assert_int_equal(write_to(node), 0);
	assert_ok(athar_hold_take(&hold, node, true, &err), err);
	assert_flag(hold.told, "applies", true);
	assert_flag(hold.told, "claimed", true);
	assert_int_equal(athar_json_count(athar_json_get(hold.told, "devices")), 1);
	device = athar_json_at(athar_json_get(hold.told, "devices"), 0);
	assert_text(device, "node", node);
	assert_flag(device, "was_read_only", false);
	assert_flag(device, "read_only", true);
	assert_non_null(strstr(athar_json_get_text(hold.told, "until"), "--setrw"));
	assert_int_equal(write_to(node), EPERM);
	assert_int_equal(open(node, O_RDONLY | O_EXCL), -1); /* as a mount would */
	assert_int_equal(errno, EBUSY);
	athar_hold_release(&hold);
	assert_int_equal(write_to(node), EPERM); /* it stays so */
	fd = open(node, O_RDONLY | O_EXCL);
	assert_true(fd >= 0);
	close(fd);
	assert_ok(athar_hold_take(&hold, node, true, &err), err);
	device = athar_json_at(athar_json_get(hold.told, "devices"), 0);
	assert_flag(device, "was_read_only", true);
	athar_hold_release(&hold);
	assert_int_equal(shell(command), 0);
	detach(node);
}

static void what_is_written_to_is_left_alone(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char node[64], command[200];
	athar_hold hold;
	bool mounted;

	(void)state;
	if (shell("truncate -s 4M fs && mkfs.ext4 -q -F fs && mkdir -p mnt") != 0)
		skip();
	attach(node, "", "fs");
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		detach(node);
		skip();
	}
	snprintf(command, sizeof command, "mount %s mnt", node);
	mounted = shell(command) == 0;
	if (mounted) {
		assert_ok(athar_hold_take(&hold, node, true, &err), err);
		assert_flag(hold.told, "applies", false);
		assert_int_equal(hold.claim, -1);
		athar_hold_release(&hold);
		assert_int_equal(shell("echo x >mnt/file && sync mnt/file"), 0);
		snprintf(command, sizeof command, "[ $(blockdev --getro %s) = 0 ]", node);
		assert_int_equal(shell(command), 0);
		assert_int_equal(shell("umount mnt"), 0);
	}
	detach(node);
	if (!mounted)
		skip();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(loop_devices_are_their_makers_affair),
		cmocka_unit_test(what_is_held_cannot_be_written_to),
		cmocka_unit_test(what_is_written_to_is_left_alone),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
