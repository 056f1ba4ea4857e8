/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The sheet of a device: from folders laid out as those of kernel and udev, and of a loop device.
 */
#include "device_support.h"

#include "engine/sheet.h"

/* "\xE2\x80\xAE" turns the reading direction round. */
#define TURN "\xE2\x80\xAE"

static void lay_out_disk(void)
{
	put_text("sys/sda/dev", "250:7\n");
	put_text("sys/sda/size", "1953525168\n");
	put_text("sys/sda/removable", "0\n");
	put_text("sys/sda/ro", "1\n");
	put_text("sys/sda/diskseq", "3\n");
	put_text("sys/sda/device/model", "SSD " TURN "860\n");
	put_text("sys/sda/device/serial", "S3Z8\n");
	put_text("sys/sda/device/rev", "RVT0\n");
	put_text("sys/sda/device/wwid", "naa.5002538e\n");
	put_text("sys/sda/device/timeout", "30\n");
	put_text("sys/sda/device/eh_timeout", "10\n");
	put_text("sys/sda/queue/logical_block_size", "512\n");
	put_text("sys/sda/queue/physical_block_size", "4096\n");
	put_text("sys/sda/queue/rotational", "0\n");
	put_text("sys/sda/queue/discard_max_bytes", "2147450880\n");
	put_text("sys/sda/queue/discard_granularity", "512\n");
	put_text("sys/sda/queue/max_sectors_kb", "1280\n");
	put_text("sys/sda/queue/read_ahead_kb", "128\n");
	put_text("sys/sda/sda1/partition", "1\n");
	put_text("sys/sda/sda1/start", "2048\n");
	put_text("sys/sda/sda1/size", "1048576\n");
	put_text("sys/sda/sda1/dev", "250:8\n");
	put_text("sys/sda/sda1/holders/dm-0/dm/name", "vg-root\n");
	put_text("sys/sda/sda1/holders/dm-0/dm/uuid", "LVM-x\n");
	put_text("udev/b250:7", "E:ID_PART_TABLE_TYPE=gpt\n");
	put_text("udev/b250:8", "E:ID_FS_TYPE=LVM2_member\nE:ID_FS_LABEL=a" TURN "b\n"
	                        "E:ID_PART_ENTRY_NAME=data\n");
}

static athar_json *sheet_of(const char *folder)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *o = NULL;

	assert_ok(athar_sheet_of(&o, below(folder), below("udev"), &err), err);
	return o;
}

static void all_that_is_said_is_on_it(void **state)
{
	athar_json *o;
	const athar_json *p;

	(void)state;
	lay_out_disk();
	o = sheet_of("sys/sda");
	assert_text(o, "kind", "disk");
	assert_text(o, "node", "/dev/sda");
	assert_text(o, "serial", "S3Z8");
	assert_text(o, "firmware", "RVT0");
	assert_text(o, "wwn", "naa.5002538e");
	assert_text(o, "identity", "serial");
	assert_number(o, "size", UINT64_C(1000204886016));
	assert_text(o, "sector_format", "512e");
	assert_flag(o, "rotational", false);
	assert_flag(o, "read_only", true);
	assert_flag(athar_json_get(o, "trim"), "supported", true);
	assert_number(athar_json_get(o, "trim"), "discard_max_bytes", 2147450880);
	assert_number(athar_json_get(o, "kernel"), "timeout", 30);
	assert_number(athar_json_get(o, "kernel"), "eh_timeout", 10);
	assert_number(athar_json_get(o, "kernel"), "max_sectors_kb", 1280);
	assert_number(athar_json_get(o, "kernel"), "read_ahead_kb", 128);
	assert_text(o, "partition_table", "gpt");
	assert_int_equal(athar_json_count(athar_json_get(o, "partitions")), 1);
	p = athar_json_at(athar_json_get(o, "partitions"), 0);
	assert_text(p, "node", "/dev/sda1");
	assert_number(p, "start", 1 << 20);
	assert_number(p, "size", 512 << 20);
	assert_text(p, "file_system", "LVM2_member");
	assert_text(p, "name", "data");
	p = athar_json_at(athar_json_get(o, "holders"), 0);
	assert_text(p, "held", "sda1");
	assert_text(p, "kind", "lvm");
	assert_text(p, "advice", "vgchange -an vg");
	athar_json_free(o);
}

static void what_a_device_says_of_itself_is_escaped(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *line = NULL;
	athar_json *o;

	(void)state;
	lay_out_disk();
	o = sheet_of("sys/sda");
	assert_ok(athar_json_line(&line, o, &err), err);
	assert_null(strstr(line, TURN));
	assert_non_null(strstr(line, "U+202E"));
	free(line);
	athar_json_free(o);
}

static void a_partition_names_its_disk(void **state)
{
	athar_json *o;

	(void)state;
	lay_out_disk();
	o = sheet_of("sys/sda/sda1");
	assert_text(o, "kind", "partition");
	assert_text(o, "node", "/dev/sda1");
	assert_text(o, "disk", "/dev/sda");
	assert_text(o, "serial", "S3Z8");
	assert_number(o, "size", 512 << 20);
	assert_number(o, "sector_size", 512);
	assert_text(o, "file_system", "LVM2_member");
	athar_json_free(o);
}

/* Is there a note with these words? */
static bool noted(const athar_json *o, const char *words)
{
	const athar_json *notes = athar_json_get(o, "notes");

	for (size_t i = 0; i < athar_json_count(notes); i++)
		if (strstr(athar_json_text(athar_json_at(notes, i)), words) != NULL)
			return true;
	return false;
}

static void what_an_examiner_has_to_know_is_said(void **state)
{
	athar_json *hidden = athar_json_object();
	athar_json *smart = athar_json_object();
	athar_json *o;

	(void)state;
	lay_out_disk();
	o = sheet_of("sys/sda");
	athar_sheet_note(o);
	assert_true(noted(o, "TRIM"));
	assert_int_equal(athar_json_count(athar_json_get(o, "notes")), 1);
	athar_json_set_text(hidden, "hpa", "present");
	athar_json_set_number(hidden, "hpa_sectors", 4000);
	athar_json_set_text(hidden, "dco", "not readable");
	athar_json_set_text(hidden, "security", "locked");
	athar_json_set_number(hidden, "rotation", 7200);
	athar_json_set_bool(smart, "passed", false);
	athar_json_set(o, "hidden", hidden);
	athar_json_set(o, "smart", smart);
	athar_sheet_note(o);
	assert_false(noted(o, "TRIM")); /* it turns: what the disk says counts more */
	assert_true(noted(o, "hides 4000 sectors"));
	assert_true(noted(o, "(DCO) could not be found out"));
	assert_true(noted(o, "locked with a password"));
	assert_true(noted(o, "failing (SMART)"));
	athar_json_free(o);
}

static void formats_of_sectors_have_names(void **state)
{
	static const struct {
		const char *logical, *physical, *name;
	} formats[] = {{"512\n", "512\n", "512n"},
	               {"512\n", "4096\n", "512e"},
	               {"4096\n", "4096\n", "4Kn"},
	               {"512\n", "8192\n", "512/8192"}};

	(void)state;
	for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
		athar_json *o;

		lay_out_disk();
		put_text("sys/sda/queue/logical_block_size", formats[i].logical);
		put_text("sys/sda/queue/physical_block_size", formats[i].physical);
		o = sheet_of("sys/sda");
		assert_text(o, "sector_format", formats[i].name);
		athar_json_free(o);
	}
}

static void a_real_one_is_taken(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *o = NULL;
	char node[64];

	(void)state;
	assert_int_equal(shell("truncate -s 4M disk"), 0);
	attach(node, "-r -b 4096", "disk");
	assert_ok(athar_sheet_take(&o, node, &err), err);
	assert_text(o, "node", node);
	assert_text(o, "bus", "virtual");
	assert_text(o, "identity", "backing");
	assert_text(o, "sector_format", "4Kn");
	assert_number(o, "size", 4 << 20);
	assert_flag(o, "read_only", true);
	assert_flag(o, "virtual", true);
	assert_text(athar_json_get(o, "hidden"), "hpa", "not applicable");
	assert_flag(athar_json_get(o, "smart"), "available", false);
	assert_int_equal(athar_json_count(athar_json_get(o, "notes")), 0);
	assert_null(athar_json_get_text(o, "own_disk"));
	athar_json_free(o);
	detach(node);
	assert_ok(athar_sheet_take(&o, below("disk"), &err), err);
	assert_text(o, "kind", "file");
	assert_number(o, "size", 4 << 20);
	athar_json_free(o);
	assert_status(athar_sheet_take(&o, below("nothing"), &err), ATHAR_EIO, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_is_said_is_on_it),
		cmocka_unit_test(what_a_device_says_of_itself_is_escaped),
		cmocka_unit_test(a_partition_names_its_disk),
		cmocka_unit_test(what_an_examiner_has_to_know_is_said),
		cmocka_unit_test(formats_of_sectors_have_names),
		cmocka_unit_test(a_real_one_is_taken),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
