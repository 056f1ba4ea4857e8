/* SPDX-License-Identifier: BSD-2-Clause */
/* The map is ddrescue's: ddrescuelog is the judge where it is installed. */
#include "athar_test.h"
#include "engine/record.h"

static char *map_of(const athar_runs *bad, uint64_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;

	assert_ok(athar_record_map(&text, bad, size, &err), err);
	return text;
}

static athar_runs some_bad(void)
{
	athar_runs bad = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_runs_add(&bad, 4096, 512, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&bad, 1 << 20, 1024, ATHAR_RUN_UNREAD, &err), err);
	return bad;
}

static void a_map_is_contiguous(void **state)
{
	ATHAR_AUTO(runs) athar_runs bad = some_bad();
	ATHAR_AUTO(free) char *text = map_of(&bad, (1 << 20) + 1024);

	(void)state;
	assert_non_null(strstr(text, "0x00000000  0x00001000  +\n"
	                             "0x00001000  0x00000200  -\n"
	                             "0x00001200  0x000FEE00  +\n"
	                             "0x00100000  0x00000400  ?\n"));
}

static void ddrescuelog_reads_it(void **state)
{
	ATHAR_AUTO(runs) athar_runs bad = some_bad();
	ATHAR_AUTO(free) char *text = map_of(&bad, 2 << 20);
	char *folder = athar_test_mkdir();
	char path[4200], command[8600], line[64] = "";

	(void)state;
	if (system("command -v ddrescuelog >/dev/null") != 0) {
		athar_test_rmdir(folder);
		skip();
	}
	snprintf(path, sizeof path, "%s/x.map", folder);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	/* The block numbers (of 512 bytes) that it finds bad. */
	snprintf(command, sizeof command, "ddrescuelog -l- -b512 '%s'", path);
	FILE *p = popen(command, "r");
	assert_non_null(p);
	assert_non_null(fgets(line, sizeof line, p));
	assert_int_equal(atoi(line), 8);
	assert_null(fgets(line, sizeof line, p));
	assert_int_equal(pclose(p), 0);
	athar_test_rmdir(folder);
}

/* The log's line takes some of them; the record takes all. */
static void a_list_of_ranges_can_be_bounded(void **state)
{
	ATHAR_AUTO(runs) athar_runs bad = some_bad();
	ATHAR_AUTO(json) athar_json *all = athar_record_ranges(&bad, SIZE_MAX);
	ATHAR_AUTO(json) athar_json *one = athar_record_ranges(&bad, 1);
	uint64_t offset = 0;

	(void)state;
	assert_int_equal(athar_json_count(all), 2);
	assert_string_equal(athar_json_get_text(athar_json_at(all, 1), "kind"), "unread");
	assert_int_equal(athar_json_count(one), 1);
	assert_true(athar_json_get_number(athar_json_at(one, 0), "offset", &offset));
	assert_int_equal(offset, 4096);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_map_is_contiguous),
		cmocka_unit_test(ddrescuelog_reads_it),
		cmocka_unit_test(a_list_of_ranges_can_be_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
