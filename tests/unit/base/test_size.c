/* SPDX-License-Identifier: BSD-2-Clause */
#include "athar_test.h"

#include <time.h>

#include "athar/text.h"
#include "base/idiom.h"

static void sizes_are_short(void **state)
{
	static const struct {
		uint64_t bytes;
		const char *text;
	} table[] = {
		{0, "0 B"},
		{1023, "1023 B"},
		{1024, "1.0 KiB"},
		{1572864, "1.5 MiB"},
		{1048575, "1.0 MiB"},
		{UINT64_C(500107862016), "465.8 GiB"},
		{UINT64_C(2000398934016), "1.8 TiB"},
		{UINT64_MAX, "16.0 EiB"},
	};
	char buf[32];

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(table); i++)
		assert_string_equal(athar_text_size(buf, sizeof buf, table[i].bytes),
		                    table[i].text);
}

static void times_are_those_of_the_c_library(void **state)
{
	uint64_t seed = 4;
	char ours[32];
	char theirs[32];

	(void)state;
	for (int i = 0; i < 20000; i++) {
		/* From the year 0 to 9999, and densely around month ends of our days. */
		const int64_t span = INT64_C(253402300800) + INT64_C(62167219200);
		const int64_t seconds =
			i % 2 == 0 ? (int64_t)(athar_test_random(&seed) % (uint64_t)span) -
					     INT64_C(62167219200)
				   : i * INT64_C(86399);
		const time_t when = (time_t)seconds;
		struct tm tm;

		assert_non_null(gmtime_r(&when, &tm));
		snprintf(theirs, sizeof theirs, "%04d-%02d-%02dT%02d:%02d:%02dZ",
		         (tm.tm_year + 1900) % 10000, (tm.tm_mon + 1) % 100, tm.tm_mday % 100,
		         tm.tm_hour % 100, tm.tm_min % 100, tm.tm_sec % 100);
		assert_string_equal(athar_text_time(ours, sizeof ours, seconds), theirs);
	}
}

static void times_out_of_range_say_so(void **state)
{
	char buf[32];

	(void)state;
	assert_string_equal(athar_text_time(buf, sizeof buf, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_C(-62167219200)),
	                    "0000-01-01T00:00:00Z");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_C(253402300799)),
	                    "9999-12-31T23:59:59Z");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_C(-62167219201)),
	                    "out of range");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_C(253402300800)),
	                    "out of range");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_MIN), "out of range");
	assert_string_equal(athar_text_time(buf, sizeof buf, INT64_MAX), "out of range");
}

static void written_sizes_are_read(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} table[] = {
		{"0", 0},
		{"1048576", 1048576},
		{"64k", 65536},
		{"64K", 65536},
		{"64KiB", 65536},
		{"2047MiB", UINT64_C(2146435072)},
		{"1.5GB", 1500000000},
		{"1.44M", 1509949},
		{"3kB", 3000},
		{"2T", UINT64_C(2199023255552)},
		{"8s", 4096},
		{"9223372036854775807", INT64_MAX},
	};
	static const char *const bad[] = {
		"",
		"k",
		"-1",
		"+1",
		"1 k",
		" 1",
		"1x",
		"1.k",
		"1.5",
		"0x10",
		"1e3",
		"1kk",
		"1,5G",
		".5k",
		"1..5k",
		"9223372036854775808",
		"8388608T",
		"99999999999999999999",
		"1.00000000001G",
	};
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t bytes = 0;

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(table); i++) {
		assert_ok(athar_text_parse_size(&bytes, table[i].text, &err), err);
		assert_int_equal(bytes, table[i].bytes);
	}
	for (size_t i = 0; i < ATHAR_COUNT(bad); i++)
		assert_status(athar_text_parse_size(&bytes, bad[i], &err), ATHAR_EUSAGE, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_short),
		cmocka_unit_test(times_are_those_of_the_c_library),
		cmocka_unit_test(times_out_of_range_say_so),
		cmocka_unit_test(written_sizes_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
