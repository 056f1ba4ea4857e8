/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Dates as people write them, judged by date(1); file systems that were used after them.
 */
#include "device_support.h"

#include "engine/seizure.h"

static int64_t now(void *user)
{
	(void)user;
	return 0;
}

static void dates_are_what_date_says(void **state)
{
	static const char *const dates[] = {
		"2026-11-22T09:30:00Z",   "2026-11-22T09:30:00+02:00", "2024-02-29T23:59:59-11:45",
		"1970-01-01T00:00:00Z",   "2000-03-01 00:00:00+00:00", "2100-03-01T12:00:00Z",
		"2026-12-31T23:59:59.25Z"};
	athar_error err = ATHAR_ERROR_INIT;
	athar_seizure s;
	char command[200];

	(void)state;
	for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
		snprintf(command, sizeof command, "date -u -d '%s' +%%s", dates[i]);
		if (shell(command) != 0)
			skip();
		assert_ok(athar_seizure_parse(&s, dates[i], &err), err);
		assert_int_equal(s.from, strtoll(shell_said(), NULL, 10));
		assert_int_equal(s.to, s.from);
	}
	assert_ok(athar_seizure_parse(&s, "2024-02-29", &err), err);
	assert_int_equal(s.from, 1709164800);
	assert_int_equal(s.to, 1709164800 + 86399);
}

static void what_is_no_date_is_refused(void **state)
{
	static const char *const wrong[] = {"",
	                                    "2026",
	                                    "2026-13-01",
	                                    "2026-00-10",
	                                    "2023-02-29",
	                                    "2026-1-1",
	                                    "22.11.2026",
	                                    "2026-11-22T",
	                                    "2026-11-22T09:30:00",
	                                    "2026-11-22T09:30Z",
	                                    "2026-11-22T24:00:00Z",
	                                    "2026-11-22T09:60:00Z",
	                                    "2026-11-22T09:30:00+2:00",
	                                    "2026-11-22T09:30:00Zx",
	                                    "2026-11-22T09:30:00.Z",
	                                    "2026-11-22x"};
	athar_seizure s;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		athar_error err = ATHAR_ERROR_INIT;

		if (athar_seizure_parse(&s, wrong[i], &err) == ATHAR_OK)
			print_error("%s was taken\n", wrong[i]);
		assert_status(athar_seizure_parse(&s, wrong[i], &err), ATHAR_EUSAGE, err);
	}
}

static athar_json *check(const char *date)
{
	const athar_context context = {.now = now, .unconfined = true};
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *uses = NULL;
	athar_seizure s;
	char finding[300];

	assert_ok(athar_seizure_parse(&s, date, &err), err);
	assert_ok(athar_seizure_check(&uses, finding, below("disk"), &s, &context, &err), err);
	assert_string_equal(finding, "");
	return uses;
}

/* Two partitions, their times written by debugfs: one mounted on the 23rd and written on the 24th,
 * the other not used since the 1st. */
static void uses_after_the_date_are_named(void **state)
{
	athar_json *uses;

	(void)state;
	if (shell("command -v sfdisk && command -v mkfs.ext4 && command -v debugfs && "
	          "rm -f disk && truncate -s 20M disk && "
	          "printf 'label: dos\\nstart=2048,size=16384\\nstart=20480,size=16384\\n' | "
	          "sfdisk -q disk && for i in a b; do rm -f $i && truncate -s 8M $i && "
	          "mkfs.ext4 -q -F -L vol-$i $i; done && "
	          /* What it is told the time is becomes the time of writing. */
	          "E2FSPROGS_FAKE_TIME=1795478400 "
	          "debugfs -w -R 'set_super_value mtime 20261123101112' a && "
	          "E2FSPROGS_FAKE_TIME=1793491200 "
	          "debugfs -w -R 'set_super_value mtime 20261101000000' b && "
	          "dd if=a of=disk bs=512 seek=2048 conv=notrunc && "
	          "dd if=b of=disk bs=512 seek=20480 conv=notrunc && "
	          "dumpe2fs -h a | grep '^Last write time:.*Nov 24 00:00:00 2026'") != 0)
		skip();
	uses = check("2026-11-22");
	assert_int_equal(athar_json_count(uses), 2);
	assert_text(athar_json_at(uses, 0), "what", "mounted");
	assert_text(athar_json_at(uses, 0), "time", "2026-11-23T10:11:12Z");
	assert_text(athar_json_at(uses, 0), "when", "after");
	assert_text(athar_json_at(uses, 0), "label", "vol-a");
	assert_text(athar_json_at(uses, 0), "source", "ext4.superblock");
	assert_text(athar_json_at(uses, 1), "what", "written");
	assert_text(athar_json_at(uses, 1), "time", "2026-11-24T00:00:00Z");
	assert_number(athar_json_at(uses, 1), "offset", 2048 * 512);
	athar_json_free(uses);
	uses = check("2026-11-23");
	assert_int_equal(athar_json_count(uses), 2);
	assert_text(athar_json_at(uses, 0), "when", "on the day");
	assert_text(athar_json_at(uses, 1), "when", "after");
	athar_json_free(uses);
	uses = check("2026-11-23T12:11:12+02:00");
	assert_int_equal(athar_json_count(uses), 1); /* the very second is not after */
	athar_json_free(uses);
	uses = check("2026-11-23T10:11:11Z");
	assert_int_equal(athar_json_count(uses), 2);
	athar_json_free(uses);
	uses = check("2026-11-25");
	assert_int_equal(athar_json_count(uses), 0);
	athar_json_free(uses);
	uses = check("2026-10-31");
	assert_int_equal(athar_json_count(uses), 4);
	athar_json_free(uses);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dates_are_what_date_says),
		cmocka_unit_test(what_is_no_date_is_refused),
		cmocka_unit_test(uses_after_the_date_are_named),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
