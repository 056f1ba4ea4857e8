/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The map against an array of letters that knows the truth; its text.
 */
#include "athar_test.h"
#include "rescue/map.h"

static const char letters[] = "?*/-+";

static void change(athar_map *map, uint64_t offset, uint64_t length, char state)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_map_change(map, offset, length, (athar_map_state)state, &err), err);
}

static void init(athar_map *map, uint64_t size)
{
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_map_init(map, size, &err), err);
}

/* Block by block what runs of equal letters say. */
static void check(const athar_map *map, const char *truth, size_t size)
{
	size_t block = 0;

	assert_int_equal(map->size, size);
	for (size_t at = 0; at < size; block++) {
		const athar_map_block b = athar_map_at(map, block);
		size_t end = at;

		while (end < size && truth[end] == truth[at])
			end++;
		assert_int_equal(b.offset, at);
		assert_int_equal(b.length, end - at);
		assert_int_equal(b.state, truth[at]);
		assert_int_equal(athar_map_find(map, at), block);
		assert_int_equal(athar_map_find(map, end - 1), block);
		at = end;
	}
	assert_int_equal(map->count, block);
	assert_int_equal(athar_map_find(map, size), block);
}

static void check_totals(const athar_map *map, const char *truth, size_t size)
{
	for (size_t i = 0; i < 5; i++) {
		uint64_t total = 0;

		for (size_t j = 0; j < size; j++)
			total += truth[j] == letters[i] ? 1 : 0;
		assert_int_equal(athar_map_total(map, (athar_map_state)letters[i]), total);
	}
}

static void resize(athar_map *map, char *truth, size_t *size, size_t to)
{
	athar_error err = ATHAR_ERROR_INIT;

	for (size_t i = *size; i < to; i++)
		truth[i] = '?';
	*size = to;
	assert_ok(athar_map_resize(map, to, &err), err);
}

static void test_changes_at_random(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= 30; seed++) {
		uint64_t random = seed;
		size_t size = 1 + athar_test_random(&random) % 300;
		char truth[400];
		athar_map map;

		memset(truth, '?', sizeof truth);
		init(&map, size);
		for (int i = 0; i < 400; i++) {
			const size_t at = athar_test_random(&random) % (size + 1);
			const size_t most = athar_test_random(&random) % 20 == 0 ? size : 9;
			size_t len = athar_test_random(&random) % (most + 1);
			const char as = letters[athar_test_random(&random) % 5];

			len = len < size - at ? len : size - at;
			memset(truth + at, as, len);
			change(&map, at, len, as);
			if (i % 100 == 99)
				resize(&map, truth, &size, athar_test_random(&random) % 400);
			check(&map, truth, size);
		}
		check_totals(&map, truth, size);
		athar_map_clear(&map);
	}
}

static void test_changes_past_the_end_are_refused(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_map map;

	(void)state;
	init(&map, 1000);
	assert_status(athar_map_change(&map, 999, 2, ATHAR_MAP_BAD, &err), ATHAR_EUSAGE, err);
	assert_status(athar_map_change(&map, UINT64_MAX, 2, ATHAR_MAP_BAD, &err), ATHAR_EUSAGE,
	              err);
	assert_status(athar_map_resize(&map, UINT64_C(1) << 63, &err), ATHAR_ELIMIT, err);
	assert_int_equal(map.count, 1);
	athar_map_clear(&map);
	assert_status(athar_map_init(&map, UINT64_C(1) << 63, &err), ATHAR_ELIMIT, err);
	init(&map, INT64_MAX);
	change(&map, INT64_MAX - 1, 1, '+');
	assert_int_equal(map.count, 2);
	athar_map_clear(&map);
}

/* A million blocks, made upwards, changed downwards, joined upwards: moving a part of them at each
 * change would be 10^12 moves, and time out. */
static void test_a_million_blocks(void **state)
{
	const uint64_t count = 1000000;
	athar_map map;

	(void)state;
	init(&map, count * 1024);
	for (uint64_t i = 0; i < count; i += 2)
		change(&map, i * 1024, 1024, '-');
	assert_int_equal(map.count, count);
	for (uint64_t i = count; i > 0; i--)
		change(&map, (i - 1) * 1024 + 512, 512, '+');
	assert_int_equal(map.count, 2 * count);
	for (uint64_t i = 0; i < count; i++)
		change(&map, i * 1024, 512, '+');
	assert_int_equal(map.count, 1);
	athar_map_clear(&map);
}

static void test_a_million_blocks_as_text(void **state)
{
	const uint64_t count = 1000000;
	athar_error err = ATHAR_ERROR_INIT;
	athar_map again;
	athar_map map;
	char *text = NULL;

	(void)state;
	init(&map, count * 512);
	for (uint64_t i = 0; i < count; i++)
		change(&map, i * 512, 512, letters[i % 5]);
	assert_ok(athar_map_print(&text, &map, NULL, &err), err);
	assert_ok(athar_map_parse(&again, text, strlen(text), &err), err);
	assert_int_equal(again.count, count);
	for (size_t i = 0; i < 5; i++)
		assert_int_equal(athar_map_total(&again, (athar_map_state)letters[i]),
		                 count / 5 * 512);
	free(text);
	athar_map_clear(&again);
	athar_map_clear(&map);
}

static void test_lacking(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_runs runs = ATHAR_RUNS_INIT;
	athar_map map;

	(void)state;
	init(&map, 1000);
	change(&map, 0, 1000, '+');
	change(&map, 100, 10, '*');
	change(&map, 110, 10, '/');
	change(&map, 120, 10, '-');
	change(&map, 130, 10, '?');
	assert_ok(athar_map_lacking(&runs, &map, &err), err);
	assert_int_equal(runs.count, 3);
	assert_int_equal(runs.run[0].offset, 100);
	assert_int_equal(runs.run[0].length, 20);
	assert_int_equal(runs.run[0].kind, ATHAR_RUN_UNREAD);
	assert_int_equal(runs.run[1].offset, 120);
	assert_int_equal(runs.run[1].length, 10);
	assert_int_equal(runs.run[1].kind, ATHAR_RUN_BAD);
	assert_int_equal(runs.run[2].kind, ATHAR_RUN_UNREAD);
	athar_runs_clear(&runs);
	athar_map_clear(&map);
}

/* The example of the manual of ddrescue. */
static void test_the_text_of_the_manual(void **state)
{
	static const char text[] = "# Mapfile. Created by GNU ddrescue version 1.27\n"
				   "# current_pos  current_status  current_pass\n"
				   "0x00120000     ?               1\n"
				   "#      pos        size  status\n"
				   "0x00000000  0x00117000  +\n"
				   "0x00117000  0x00000200  -\n"
				   "0x00117200  0x00001000  /\n"
				   "0x00118200  0x00007E00  *\n"
				   "0x00120000  0x00048000  ?\n";
	athar_error err = ATHAR_ERROR_INIT;
	char *again = NULL;
	athar_map map;

	(void)state;
	assert_ok(athar_map_parse(&map, text, strlen(text), &err), err);
	assert_int_equal(map.size, 1440 * 1024);
	assert_int_equal(map.count, 5);
	assert_int_equal(map.position, 0x120000);
	assert_int_equal(map.phase, ATHAR_MAP_COPYING);
	assert_int_equal(map.pass, 1);
	assert_int_equal(athar_map_at(&map, 3).length, 0x7E00);
	assert_int_equal(athar_map_at(&map, 3).state, ATHAR_MAP_NONTRIMMED);
	assert_ok(athar_map_print(&again, &map, "# Mapfile. Created by GNU ddrescue version 1.27",
	                          &err),
	          err);
	assert_string_equal(again, text);
	free(again);
	athar_map_clear(&map);
}

typedef struct reading {
	const char *text;
	const char *blocks; /* as offset+length+state, decimal */
} reading;

static void check_reading(const reading *r)
{
	athar_error err = ATHAR_ERROR_INIT;
	char blocks[200] = "";
	athar_map map;

	assert_ok(athar_map_parse(&map, r->text, strlen(r->text), &err), err);
	for (size_t i = 0; i < map.count; i++) {
		const athar_map_block b = athar_map_at(&map, i);
		const size_t len = strlen(blocks);

		snprintf(blocks + len, sizeof blocks - len, "%llu %llu %c;",
		         (unsigned long long)b.offset, (unsigned long long)b.length, b.state);
	}
	assert_string_equal(blocks, r->blocks);
	athar_map_clear(&map);
}

/* Each of these `ddrescuelog -t` 1.27 takes, with the same sums. */
static void test_forms_of_the_text(void **state)
{
	static const reading readings[] = {
		{"0x0 ? 1\n0x0 0x200 +\n", "0 512 +;"},
		{"0x0 ?\n0x0 0x200 +\n", "0 512 +;"},
		{"0 + 1\n0 01000 ?\n512 512 +\n", "0 512 ?;512 512 +;"},
		{"0X0 F 3\n0X0 0X2fF +", "0 767 +;"},
		{"  # c\n\n0x0\tG 1 #c\r\n\r\n0x0 0x200 + # d\n#", "0 512 +;"},
		{"0 * 1\n0x200 0x200 -\n", "0 512 ?;512 512 -;"},
		{"0 / 1\n0 0x200 -\n512 0 +\n512 512 -\n", "0 1024 -;"},
		{"0 - 1\n0 0x7FFFFFFFFFFFFFFF /\n", "0 9223372036854775807 /;"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof readings / sizeof *readings; i++)
		check_reading(&readings[i]);
}

static void check_ill(const char *text, size_t len, const char *line)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_map map;

	assert_status(athar_map_parse(&map, text, len, &err), ATHAR_EFORMAT, err);
	if (strncmp(err.text, line, strlen(line)) != 0)
		print_error("%s: %s\n", text, err.text);
	assert_memory_equal(err.text, line, strlen(line));
}

static void test_what_is_no_map_names_its_line(void **state)
{
	static const char *const ill[][2] = {
		{"", "line 0 "},
		{"# only\n# comments\n", "line 2 "},
		{"0x0 ? 1\n", "line 1 "},
		{"0x0\n0 1 +\n", "line 1 "},
		{"0x0 X 1\n0 1 +\n", "line 1 "},
		{"0x0 ?? 1\n0 1 +\n", "line 1 "},
		{"0x0 ? 0\n0 1 +\n", "line 1 "},
		{"0x0 ? -1\n0 1 +\n", "line 1 "},
		{"0x0 ? 0x1\n0 1 +\n", "line 1 "},
		{"0x0 ? 99999999999\n0 1 +\n", "line 1 "},
		{"0x0 ? 1 2\n0 1 +\n", "line 1 "},
		{"0x0 ? 1#c\n0 1 +\n", "line 1 "},
		{"-1 ? 1\n0 1 +\n", "line 1 "},
		{"0 ? 1\n0 1 +\n0 1 -\n", "line 3 "},
		{"0 ? 1\n0 10 +\n5 10 -\n", "line 3 "},
		{"0 ? 1\n0 8 +\n9 10 -\n", "line 3 "},
		{"0 ? 1\n5 8 +\n0 5 -\n", "line 3 "},
		{"0 ? 1\n0 8 X\n", "line 2 "},
		{"0 ? 1\n0 8 F\n", "line 2 "},
		{"0 ? 1\n0 8\n", "line 2 "},
		{"0 ? 1\n0 8 + +\n", "line 2 "},
		{"0 ? 1\n0 0x + \n", "line 2 "},
		{"0 ? 1\n0 08 +\n", "line 2 "},
		{"0 ? 1\n0 1G +\n", "line 2 "},
		{"0 ? 1\n0 +8 +\n", "line 2 "},
		{"0 ? 1\n0 0x10000000000000000 +\n", "line 2 "},
		{"0 ? 1\n0 18446744073709551616 +\n", "line 2 "},
		{"0 ? 1\n0 02000000000000000000000 +\n", "line 2 "},
		{"0 ? 1\n0 0xFFFFFFFFFFFFFFFF +\n", "line 2 "},
		{"0 ? 1\n0 0x8000000000000000 +\n", "line 2 "},
		{"0 ? 1\n0 8 +\n8 0xFFFFFFFFFFFFFFFF -\n", "line 3 "},
		{"0 ? 1\n0 0 +\n", "line 2 "},
	};

	(void)state;
	for (size_t i = 0; i < sizeof ill / sizeof *ill; i++)
		check_ill(ill[i][0], strlen(ill[i][0]), ill[i][1]);
	check_ill("0 ? 1\n0 8 \0\n", 12, "line 2 ");
	check_ill("0 ? 1\n0 8 +\0", 12, "line 2 ");
}

/* Cut anywhere, a text is refused or is a map of the blocks that are whole. */
static void test_a_cut_text(void **state)
{
	static const char text[] = "# c\n0x100 ? 1\n0x0 0x100 +\n0x100 0x20 -\n0x120 0x99 ?\n";

	(void)state;
	for (size_t len = 0; len < strlen(text); len++) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_map map;

		if (athar_map_parse(&map, text, len, &err) != ATHAR_OK) {
			assert_int_equal(err.status, ATHAR_EFORMAT);
			assert_memory_equal(err.text, "line ", 5);
			continue;
		}
		/* With or without its newline. */
		assert_true(len == 25 || len == 26 || len == 38 || len == 39 || len == 51);
		assert_int_equal(map.size, len < 30 ? 0x100 : len < 41 ? 0x120 : 0x1B9);
		athar_map_clear(&map);
	}
}

static void test_comments(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;
	athar_map map;

	(void)state;
	init(&map, 16);
	assert_ok(athar_map_print(&text, &map, "# one\n# two\n", &err), err);
	assert_memory_equal(text, "# one\n# two\n# current_pos", 25);
	free(text);
	text = NULL;
	assert_status(athar_map_print(&text, &map, "# one\ntwo\n", &err), ATHAR_EUSAGE, err);
	assert_null(text);
	athar_map_clear(&map);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_changes_at_random),
		cmocka_unit_test(test_changes_past_the_end_are_refused),
		cmocka_unit_test(test_a_million_blocks),
		cmocka_unit_test(test_a_million_blocks_as_text),
		cmocka_unit_test(test_lacking),
		cmocka_unit_test(test_the_text_of_the_manual),
		cmocka_unit_test(test_forms_of_the_text),
		cmocka_unit_test(test_what_is_no_map_names_its_line),
		cmocka_unit_test(test_a_cut_text),
		cmocka_unit_test(test_comments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
