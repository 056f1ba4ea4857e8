/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What disks say of themselves, from folders laid out as the kernel lays them out.
 */
#include "image_test.h"

#include "image/device_facts.h"

static char *top;

static int setup(void **state)
{
	(void)state;
	top = athar_test_mkdir();
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	athar_test_rmdir(top);
	return 0;
}

/* A file below the test's folder, and the folders that it lies in. */
static void put(const char *name, const void *bytes, size_t len)
{
	char command[4400];

	snprintf(command, sizeof command, "mkdir -p '%s/%s' && rmdir '%s/%s'", top, name, top,
	         name);
	assert_int_equal(system(command), 0);
	put_file(top, name, bytes, len);
}

static void put_text(const char *name, const char *text)
{
	put(name, text, strlen(text));
}

static void read_facts(athar_device_facts *facts, const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	char path[4200];

	snprintf(path, sizeof path, "%s/%s", top, name);
	assert_ok(athar_device_facts_read(facts, path, &err), err);
}

#define ATA "pci0/ata3/host2/target2:0:0/2:0:0:0/block/sda"

static void an_ata_disk_speaks_through_scsi_pages(void **state)
{
	static const char page80[] = "\0\x80\0\x14            WD-WCC4N123";
	athar_device_facts f;

	(void)state;
	put_text(ATA "/size", "1000\n");
	put_text(ATA "/device/model", "WDC WD10EZEX-08W\n");
	put_text(ATA "/device/rev", "1A01\n");
	put_text(ATA "/device/wwid", "naa.50014ee2b1234567\n");
	put(ATA "/device/vpd_pg80", page80, sizeof page80 - 1);
	put_text(ATA "/sda1/partition", "1\n");
	read_facts(&f, ATA);
	assert_string_equal(f.model, "WDC WD10EZEX-08W");
	assert_string_equal(f.serial, "WD-WCC4N123");
	assert_string_equal(f.firmware, "1A01");
	assert_string_equal(f.wwn, "naa.50014ee2b1234567");
	assert_string_equal(f.bus, "ata");
	athar_device_facts_clear(&f);
	read_facts(&f, ATA "/sda1");
	assert_string_equal(f.serial, "WD-WCC4N123");
	athar_device_facts_clear(&f);
}

#define STICK "pci0/usb1/1-4"
#define STICK_DISK STICK "/1-4:1.0/host6/target6:0:0/6:0:0:0/block/sdb"

/* The stick's own disk has no serial page; the hub above it has a serial that is not its. */
static void a_stick_speaks_through_its_usb_descriptor(void **state)
{
	athar_device_facts f;

	(void)state;
	put_text("pci0/usb1/idVendor", "1d6b\n");
	put_text("pci0/usb1/serial", "0000:00:14.0\n");
	put_text(STICK "/idVendor", "0781\n");
	put_text(STICK "/serial", "4C530001\xE2\x80\xAE"
	                          "23\n");
	put_text(STICK_DISK "/device/model", "Ultra           \n");
	read_facts(&f, STICK_DISK);
	assert_string_equal(f.model, "Ultra");
	assert_non_null(strstr(f.serial, "4C530001"));
	assert_null(strstr(f.serial, "\xE2\x80\xAE"));
	assert_string_equal(f.bus, "usb");
	assert_null(f.wwn);
	athar_device_facts_clear(&f);
}

/* A stick without a serial is not given its hub's. */
static void a_hub_is_not_the_stick(void **state)
{
	athar_device_facts f;

	(void)state;
	put_text("pci1/usb2/idVendor", "1d6b\n");
	put_text("pci1/usb2/serial", "0000:00:14.0\n");
	put_text("pci1/usb2/2-1/idVendor", "abcd\n");
	put_text("pci1/usb2/2-1/2-1:1.0/host7/7:0:0:0/block/sdc/device/model", "NoName\n");
	read_facts(&f, "pci1/usb2/2-1/2-1:1.0/host7/7:0:0:0/block/sdc");
	assert_string_equal(f.model, "NoName");
	assert_null(f.serial);
	athar_device_facts_clear(&f);
}

static void an_nvme_disk_has_all_beside_it(void **state)
{
	athar_device_facts f;

	(void)state;
	put_text("pci2/nvme/nvme0/nvme0n1/device/model", "Samsung SSD 980\n");
	put_text("pci2/nvme/nvme0/nvme0n1/device/serial", "S64DNL0T   \n");
	put_text("pci2/nvme/nvme0/nvme0n1/device/firmware_rev", "3B4QFXO7\n");
	put_text("pci2/nvme/nvme0/nvme0n1/wwid", "eui.002538d\n");
	read_facts(&f, "pci2/nvme/nvme0/nvme0n1");
	assert_string_equal(f.serial, "S64DNL0T");
	assert_string_equal(f.firmware, "3B4QFXO7");
	assert_string_equal(f.wwn, "eui.002538d");
	assert_string_equal(f.bus, "nvme");
	athar_device_facts_clear(&f);
}

static void a_disk_that_says_nothing_has_no_facts(void **state)
{
	athar_device_facts f;

	(void)state;
	put_text("other/disk/size", "1\n");
	put("other/disk/device/vpd_pg80", "\0\x80\0", 3);
	put_text("other/disk/device/model", "  \n");
	read_facts(&f, "other/disk");
	assert_null(f.model);
	assert_null(f.serial);
	assert_null(f.bus);
	athar_device_facts_clear(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ata_disk_speaks_through_scsi_pages),
		cmocka_unit_test(a_stick_speaks_through_its_usb_descriptor),
		cmocka_unit_test(a_hub_is_not_the_stick),
		cmocka_unit_test(an_nvme_disk_has_all_beside_it),
		cmocka_unit_test(a_disk_that_says_nothing_has_no_facts),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
