/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What smartctl says, cut down to what is kept: in the form of its JSON output, version 1.0; and
 * programs in its place that misbehave.
 */
#include "device_support.h"

#include "engine/smart.h"

#define HEAD "{\"json_format_version\":[1,0],\"smartctl\":{\"version\":[7,3],\"exit_status\":0}"

static athar_json *reduce(const char *text, int exit_status)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_json *o = NULL;

	assert_ok(athar_smart_reduce(&o, text, strlen(text), exit_status, &err), err);
	return o;
}

static void an_ata_disk_is_kept(void **state)
{
	athar_json *o = reduce(
		HEAD ",\"device\":{\"name\":\"/dev/sda\",\"type\":\"sat\",\"protocol\":\"ATA\"},"
		     "\"smart_status\":{\"passed\":false},\"temperature\":{\"current\":41},"
		     "\"power_on_time\":{\"hours\":23456},\"ata_smart_attributes\":{\"table\":["
		     "{\"id\":5,\"name\":\"Reallocated_Sector_Ct\",\"raw\":{\"value\":16}},"
		     "{\"id\":9,\"raw\":{\"value\":1}},{\"id\":187,\"raw\":{\"value\":3}},"
		     "{\"id\":197,\"raw\":{\"value\":8}},{\"id\":198,\"raw\":{\"value\":7}},"
		     "{\"id\":199,\"raw\":{\"value\":2}}]}}",
		8);

	(void)state;
	assert_flag(o, "available", true);
	assert_flag(o, "passed", false);
	assert_text(o, "smartctl", "7.3");
	assert_text(o, "protocol", "ATA");
	assert_number(o, "temperature", 41);
	assert_number(o, "power_on_hours", 23456);
	assert_number(o, "reallocated", 16);
	assert_number(o, "reported_uncorrectable", 3);
	assert_number(o, "pending", 8);
	assert_number(o, "uncorrectable", 7);
	assert_number(o, "crc_errors", 2);
	assert_number(o, "exit_status", 8);
	assert_null(athar_json_get(o, "media_errors"));
	athar_json_free(o);
}

static void an_nvme_disk_is_kept(void **state)
{
	athar_json *o =
		reduce(HEAD ",\"device\":{\"type\":\"nvme\",\"protocol\":\"NVMe\"},"
	                    "\"smart_status\":{\"passed\":true},"
	                    "\"nvme_smart_health_information_log\":{\"critical_warning\":4,"
	                    "\"percentage_used\":103,\"available_spare\":9,\"media_errors\":5,"
	                    "\"unsafe_shutdowns\":44},\"temperature\":{\"current\":30}}",
	               0);

	(void)state;
	assert_flag(o, "passed", true);
	assert_number(o, "critical_warning", 4);
	assert_number(o, "percentage_used", 103);
	assert_number(o, "available_spare", 9);
	assert_number(o, "media_errors", 5);
	assert_number(o, "unsafe_shutdowns", 44);
	athar_json_free(o);
}

static void what_was_not_asked_is_not_available(void **state)
{
	athar_json *o = reduce("{\"smartctl\":{\"version\":[7,3],\"messages\":[{\"string\":"
	                       "\"/dev/x: Unable to detect \\u202e type\"}]}}",
	                       1);

	(void)state;
	assert_flag(o, "available", false);
	assert_non_null(strstr(athar_json_get_text(o, "why"), "Unable to detect"));
	assert_null(strstr(athar_json_get_text(o, "why"), "\xE2\x80\xAE"));
	assert_null(athar_json_get(o, "passed"));
	athar_json_free(o);
	o = reduce("not JSON at all", 0);
	assert_flag(o, "available", false);
	assert_non_null(athar_json_get_text(o, "why"));
	athar_json_free(o);
	o = reduce("[]", 0);
	assert_null(athar_json_get(o, "passed"));
	athar_json_free(o);
	o = reduce(HEAD "}", -1); /* killed */
	assert_flag(o, "available", false);
	athar_json_free(o);
}

static void put_program(const char *script)
{
	put_text("smartctl", script);
	assert_int_equal(chmod(below("smartctl"), 0755), 0);
}

static void it_is_called_bare(void **state)
{
	athar_json *o;

	(void)state;
	put_program("#!/bin/sh\n"
	            "[ \"$*\" = '--json=c -a /dev/it; rm x' ] || exit 1\n"
	            "[ -z \"$ATHAR_SECRET\" ] || exit 2\n"
	            "[ ! -e /proc/self/fd/4 ] && [ ! -e /proc/self/fd/7 ] || exit 1\n"
	            "echo '" HEAD ",\"smart_status\":{\"passed\":true}}'\n"
	            "echo noise >&2\n"
	            "exit 64\n");
	assert_int_equal(setenv("ATHAR_SECRET", "x", 1), 0);
	assert_int_equal(dup2(STDOUT_FILENO, 7), 7); /* not closed on exec */
	o = athar_smart_of(below("smartctl"), "/dev/it; rm x");
	assert_flag(o, "available", true);
	assert_flag(o, "passed", true);
	assert_number(o, "exit_status", 64);
	athar_json_free(o);
}

static void its_output_is_bounded(void **state)
{
	athar_json *o;

	(void)state;
	put_program("#!/bin/sh\nexec yes '{'\n");
	o = athar_smart_of(below("smartctl"), "/dev/x");
	assert_flag(o, "available", false);
	athar_json_free(o);
}

static void it_does_not_run_for_ever(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	int fd = -1, exit_status = 0;

	(void)state;
	put_program("#!/bin/sh\necho $$ >\"$3.pid\"\nexec sleep 600\n");
	assert_status(athar_smart_run(&fd, &exit_status, below("smartctl"), below("node"), 1, &err),
	              ATHAR_ELIMIT, err);
	assert_int_equal(fd, -1);
	assert_int_equal(exit_status, -1);
	assert_int_equal(shell("[ -s node.pid ]"), 0);
	assert_int_not_equal(shell("kill -0 $(cat node.pid)"), 0);
}

static void it_may_be_missing(void **state)
{
	athar_json *o;

	(void)state;
	o = athar_smart_of(below("nothing"), "/dev/x");
	assert_flag(o, "available", false);
	athar_json_free(o);
}

/* The real one, asked of what is no disk. */
static void the_real_one_answers(void **state)
{
	athar_json *o;

	(void)state;
	if (shell("command -v smartctl") != 0)
		skip();
	o = athar_smart_of(NULL, "/dev/null");
	assert_flag(o, "available", false);
	assert_non_null(athar_json_get_text(o, "smartctl"));
	assert_non_null(strstr(athar_json_get_text(o, "why"), "/dev/null"));
	athar_json_free(o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_ata_disk_is_kept),
		cmocka_unit_test(an_nvme_disk_is_kept),
		cmocka_unit_test(what_was_not_asked_is_not_available),
		cmocka_unit_test(it_is_called_bare),
		cmocka_unit_test(its_output_is_bounded),
		cmocka_unit_test(it_does_not_run_for_ever),
		cmocka_unit_test(it_may_be_missing),
		cmocka_unit_test(the_real_one_answers),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
