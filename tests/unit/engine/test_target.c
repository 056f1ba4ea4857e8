/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Which sources are refused: the disk that this system runs from, what is mounted, what is held.
 */
#include "device_support.h"

#include <mntent.h>
#include <sched.h>
#include <sys/mount.h>

#include "engine/block.h"
#include "engine/holders.h"
#include "engine/target.h"

static athar_status allowed(athar_json *notes, const char *node, const char *serial,
                            const char *force, athar_error *err)
{
	const athar_source_info info = {.path = node, .device = true, .serial = serial};

	return athar_target_source_allowed(notes, &info, force, err);
}

/* The node that / is mounted from; false: it has none. */
static bool root_node(char node[4096])
{
	FILE *mounts = setmntent("/proc/self/mounts", "re");
	const struct mntent *m;
	bool found = false;
	dev_t device;

	assert_non_null(mounts);
	while (!found && (m = getmntent(mounts)) != NULL) {
		snprintf(node, 4096, "%s", m->mnt_fsname);
		found = strcmp(m->mnt_dir, "/") == 0 && athar_block_of_node(&device, node);
	}
	endmntent(mounts);
	return found;
}

static void the_own_disk_has_to_be_named(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *notes = athar_json_array();
	char node[4096];

	(void)state;
	if (!root_node(node))
		skip();
	assert_status(allowed(notes, node, "S1", NULL, &err), ATHAR_EREFUSED, err);
	assert_non_null(strstr(err.text, "own disk"));
	assert_non_null(strstr(err.text, "--force-own-disk"));
	assert_status(allowed(notes, node, "S1", "/dev/null", &err), ATHAR_EREFUSED, err);
	assert_status(allowed(notes, node, "S1", "S", &err), ATHAR_EREFUSED, err);
	assert_status(allowed(notes, node, NULL, "S1", &err), ATHAR_EREFUSED, err);
	assert_int_equal(athar_json_count(notes), 0);
	assert_ok(allowed(notes, node, "S1", node, &err), err);
	assert_ok(allowed(notes, node, "S1", "S1", &err), err);
	assert_int_equal(athar_json_count(notes), 2);
	assert_non_null(strstr(athar_json_text(athar_json_at(notes, 0)), "own disk"));
	athar_json_free(notes);
}

static void others_are_allowed_and_need_no_force(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *notes = athar_json_array();
	char node[64];

	(void)state;
	assert_int_equal(shell("truncate -s 1M disk"), 0);
	attach(node, "-r", "disk");
	assert_ok(allowed(notes, node, NULL, NULL, &err), err);
	assert_int_equal(athar_json_count(notes), 0);
	assert_status(allowed(notes, node, NULL, node, &err), ATHAR_EUSAGE, err);
	detach(node);
	athar_json_free(notes);
}

static void read_only_mounts_are_told(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *notes = athar_json_array();
	char node[64], command[200];
	bool mounted;

	(void)state;
	if (shell("truncate -s 4M fs && mkfs.ext4 -q -F fs && mkdir -p mnt") != 0)
		skip();
	attach(node, "", "fs");
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0) {
		detach(node);
		skip();
	}
	snprintf(command, sizeof command, "mount -o ro %s mnt", node);
	mounted = shell(command) == 0;
	if (mounted) {
		assert_ok(allowed(notes, node, NULL, NULL, &err), err);
		assert_int_equal(athar_json_count(notes), 1);
		assert_non_null(strstr(athar_json_text(athar_json_at(notes, 0)), "/mnt"));
		assert_int_equal(shell("mount -o remount,rw mnt"), 0);
		assert_status(allowed(notes, node, NULL, NULL, &err), ATHAR_EREFUSED, err);
		assert_non_null(strstr(err.text, "unmount"));
		assert_int_equal(shell("umount mnt"), 0);
	}
	detach(node);
	athar_json_free(notes);
	if (!mounted)
		skip();
}

/* ---- what lies on a disk, from folders laid out as the kernel's ---- */

typedef struct seen {
	athar_holder holder[8];
	size_t count;
} seen;

static bool see(void *user, const athar_holder *h)
{
	seen *s = user;

	assert_true(s->count < 8);
	s->holder[s->count++] = *h;
	return true;
}

static void check_holder(const athar_holder *h, const char *held, const char *kind,
                         const char *name, const char *advice)
{
	assert_string_equal(h->held, held);
	assert_string_equal(h->kind, kind);
	assert_string_equal(h->name, name);
	assert_string_equal(h->advice, advice);
}

static void holders_are_named_with_what_ends_them(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	seen s = {.count = 0};

	(void)state;
	put_text("block/sda/size", "2000\n");
	put_text("block/sda/sda1/partition", "1\n");
	put_text("block/sda/sda1/start", "34\n");
	put_text("block/sda/sda1/holders/dm-0/dm/name", "my--vg-ro--ot\n");
	put_text("block/sda/sda1/holders/dm-0/dm/uuid", "LVM-abcdef\n");
	put_text("block/sda/sda1/holders/dm-0/ro", "1\n");
	put_text("block/sda/sda2/partition", "2\n");
	put_text("block/sda/sda2/start", "99\n");
	put_text("block/sda/sda2/holders/dm-1/dm/name", "luks-1234\n");
	put_text("block/sda/sda2/holders/dm-1/dm/uuid", "CRYPT-LUKS2-1234-luks-1234\n");
	put_text("block/sda/sda10/partition", "10\n");
	put_text("block/sda/sda10/start", "999\n");
	put_text("block/sda/sda10/holders/md127/md/level", "raid1\n");
	put_text("block/sda/holders/dm-9/dm/name", "mpatha\n");
	put_text("block/sda/holders/dm-9/dm/uuid", "mpath-3600\n");
	put_text("block/sda/holders/bcache0/size", "1\n");
	assert_ok(athar_holders_each(below("block/sda"), see, &s, &err), err);
	assert_int_equal(s.count, 5);
	check_holder(&s.holder[0], "sda", "other", "bcache0", "");
	check_holder(&s.holder[1], "sda", "multipath", "mpatha", "multipath -f mpatha");
	check_holder(&s.holder[2], "sda1", "lvm", "my--vg-ro--ot", "vgchange -an my-vg");
	check_holder(&s.holder[3], "sda2", "crypt", "luks-1234", "cryptsetup close luks-1234");
	check_holder(&s.holder[4], "sda10", "md", "md127", "mdadm --stop /dev/md127");
	assert_true(s.holder[2].read_only);
	assert_false(s.holder[3].read_only);
	s.count = 0;
	assert_ok(athar_holders_each(below("block/sda/sda2"), see, &s, &err), err);
	assert_int_equal(s.count, 3);
	check_holder(&s.holder[0], "sda2", "crypt", "luks-1234", "cryptsetup close luks-1234");
	check_holder(&s.holder[2], "sda", "multipath", "mpatha", "multipath -f mpatha");
}

static void properties_of_udev_are_found(void **state)
{
	char out[16];

	(void)state;
	put_text("udev/b8:1", "S:disk/by-id/x\nE:ID_FS_TYPE_X=no\nE:ID_FS_TYPE=ext4\n"
	                      "E:ID_FS_LABEL=a very long label of somebody\nE:ID_EMPTY=\n");
	assert_true(athar_block_udev(out, sizeof out, below("udev"), 0x801, "ID_FS_TYPE"));
	assert_string_equal(out, "ext4");
	assert_true(athar_block_udev(out, sizeof out, below("udev"), 0x801, "ID_FS_LABEL"));
	assert_string_equal(out, "a very long lab");
	assert_false(athar_block_udev(out, sizeof out, below("udev"), 0x801, "ID_EMPTY"));
	assert_false(athar_block_udev(out, sizeof out, below("udev"), 0x801, "FS_TYPE"));
	assert_false(athar_block_udev(out, sizeof out, below("udev"), 0x802, "ID_FS_TYPE"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_own_disk_has_to_be_named),
		cmocka_unit_test(others_are_allowed_and_need_no_force),
		cmocka_unit_test(holders_are_named_with_what_ends_them),
		cmocka_unit_test(properties_of_udev_are_found),
		cmocka_unit_test(read_only_mounts_are_told),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
