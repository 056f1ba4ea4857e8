/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * GNU ddrescue goes on from our maps, and we from its maps; ddrescuelog reads ours as we mean them.
 * Skipped where they are not installed.
 */
#include "sim.h"

#define MIB (UINT64_C(1) << 20)

typedef struct folder {
	char *path;
	char command[1024];
} folder;

static bool installed(void)
{
	return system("ddrescue --version >/dev/null 2>&1 && ddrescuelog --version >/dev/null "
	              "2>&1") == 0;
}

static void put(const folder *f, const char *name, const void *bytes, size_t len)
{
	char path[512];
	FILE *file;

	snprintf(path, sizeof path, "%s/%s", f->path, name);
	file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, len, file), len);
	assert_int_equal(fclose(file), 0);
}

static size_t get(const folder *f, const char *name, void *bytes, size_t most)
{
	char path[512];
	FILE *file;
	size_t len;

	snprintf(path, sizeof path, "%s/%s", f->path, name);
	file = fopen(path, "rb");
	assert_non_null(file);
	len = fread(bytes, 1, most, file);
	assert_int_equal(fclose(file), 0);
	return len;
}

static void put_map(const folder *f, const char *name, const athar_map *map)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = NULL;

	assert_ok(athar_map_print(&text, map, "# Mapfile. Created by a test\n", &err), err);
	put(f, name, text, strlen(text));
	free(text);
}

static void get_map(athar_map *map, const folder *f, const char *name)
{
	athar_error err = ATHAR_ERROR_INIT;
	char *text = malloc(MIB);
	size_t len;

	assert_non_null(text);
	len = get(f, name, text, MIB);
	athar_map_clear(map);
	assert_ok(athar_map_parse(map, text, len, &err), err);
	free(text);
}

static int run(folder *f, const char *command)
{
	snprintf(f->command, sizeof f->command, "cd %s && { %s; } >out 2>&1", f->path, command);
	return system(f->command);
}

static void must_run(folder *f, const char *command)
{
	char out[2048] = "";

	if (run(f, command) == 0)
		return;
	(void)get(f, "out", out, sizeof out - 1);
	print_error("%s: %s\n", command, out);
	fail();
}

static void broken_disk(sim *s)
{
	sim_init(s, 3 * MIB + 512, 512, 51);
	sim_bad(s, 100, 1);
	sim_bad(s, 1000, 300);
	sim_bad(s, 3000, 7);
	sim_bad(s, 6144, 1);
}

/* Stopped early, in each phase and at its end; then the disk is whole, and ddrescue reads the rest
 * and nothing but the rest. */
static void test_ddrescue_goes_on_from_ours(void **state)
{
	(void)state;
	if (!installed())
		skip();
	for (uint64_t stop = 3; stop < 1200; stop += 97) {
		folder f = {.path = athar_test_mkdir()};
		athar_rescue out;
		athar_map map;
		athar_error err = ATHAR_ERROR_INIT;
		sim s;

		broken_disk(&s);
		sim_map(&map, &s);
		s.per_read = SIM_SECOND;
		s.cancels_after = stop;
		assert_ok(athar_rescue_run(&out, &map, &s.spec, &err), err);
		/* What is not finished differs in the target, what is finished in the source: only
		 * who reads the right parts gets the disk. */
		for (size_t i = 0; i < s.sectors; i++)
			if (s.at[i].written)
				memset(s.disk + i * 512, 0x55, 512);
		put(&f, "disk", s.disk, s.size);
		put(&f, "target", s.target, s.size);
		put_map(&f, "map", &map);
		must_run(&f, "ddrescue -q -r9 disk target map");
		get_map(&map, &f, "map");
		assert_int_equal(map.count, 1);
		assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), s.size);
		assert_int_equal(map.phase, ATHAR_MAP_DONE);
		assert_int_equal(get(&f, "target", s.target, s.size), s.size);
		sim_free(&s);

		broken_disk(&s);
		put(&f, "whole", s.disk, s.size);
		must_run(&f, "cmp whole target");
		sim_free(&s);
		athar_map_clear(&map);
		athar_test_rmdir(f.path);
	}
}

/* ddrescue reads a part, its map gets what only a broken disk would bring, and we do the rest. */
static void test_ours_goes_on_from_ddrescue(void **state)
{
	folder f;
	athar_map map = {0};
	sim s;

	(void)state;
	if (!installed())
		skip();
	f.path = athar_test_mkdir();
	broken_disk(&s);
	put(&f, "disk", s.disk, s.size);
	must_run(&f, "ddrescue -q -i 1536000 -s 1000000 disk target map");
	get_map(&map, &f, "map");
	assert_int_equal(map.size, s.size);
	assert_int_equal(athar_map_total(&map, ATHAR_MAP_FINISHED), 1000000);
	assert_int_equal(athar_map_at(&map, 1).offset, 1536000);
	(void)get(&f, "target", s.target, s.size);
	/* The last sector was read in part, and is read again. */
	for (size_t i = 3000; i < 4953; i++) {
		s.at[i].bad = false;
		s.at[i].written = true;
	}
	(void)sim_run(&s, &map, ATHAR_RESCUE_DONE);
	sim_check_whole(&s, &map);
	sim_free(&s);
	athar_map_clear(&map);
	athar_test_rmdir(f.path);
}

/* The sums that ddrescuelog prints, in bytes. */
static void check_sums(folder *f, const athar_map *map)
{
	static const struct {
		const char *name;
		athar_map_state state;
	} sums[] = {
		{"non-tried", ATHAR_MAP_NONTRIED},     {"rescued", ATHAR_MAP_FINISHED},
		{"non-trimmed", ATHAR_MAP_NONTRIMMED}, {"non-scraped", ATHAR_MAP_NONSCRAPED},
		{"bad-sector", ATHAR_MAP_BAD},
	};
	char out[4096] = "";

	must_run(f, "ddrescuelog -t map");
	(void)get(f, "out", out, sizeof out - 1);
	for (size_t i = 0; i < sizeof sums / sizeof *sums; i++) {
		char wanted[64];
		const char *line = strstr(out, sums[i].name);

		snprintf(wanted, sizeof wanted, "%s: %8llu B,", sums[i].name,
		         (unsigned long long)athar_map_total(map, sums[i].state));
		assert_non_null(line);
		assert_memory_equal(line, wanted, strlen(wanted));
	}
}

/* Below 10,000 bytes it prints them all. */
static void test_ddrescuelog_sees_what_we_mean(void **state)
{
	static const char letters[] = "?*/-+";
	folder f;

	(void)state;
	if (!installed())
		skip();
	f.path = athar_test_mkdir();
	for (uint64_t seed = 1; seed <= 20; seed++) {
		athar_error err = ATHAR_ERROR_INIT;
		uint64_t random = seed;
		athar_map map;
		athar_map copy = {0};

		assert_ok(athar_map_init(&map, 9999, &err), err);
		for (int i = 0; i < 30; i++) {
			const char as = letters[athar_test_random(&random) % 5];

			assert_ok(athar_map_change(&map, athar_test_random(&random) % 9000,
			                           athar_test_random(&random) % 999,
			                           (athar_map_state)as, &err),
			          err);
		}
		put_map(&f, "map", &map);
		check_sums(&f, &map);
		/* The copy that it makes is the map. */
		must_run(&f, "ddrescuelog -a '-,-' map >copy; ddrescuelog -p copy map");
		get_map(&copy, &f, "copy");
		assert_int_equal(copy.count, map.count);
		for (size_t i = 0; i < map.count; i++) {
			const athar_map_block a = athar_map_at(&map, i);
			const athar_map_block b = athar_map_at(&copy, i);

			assert_int_equal(a.offset, b.offset);
			assert_int_equal(a.length, b.length);
			assert_int_equal(a.state, b.state);
		}
		athar_map_clear(&copy);
		athar_map_clear(&map);
	}
	athar_test_rmdir(f.path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ddrescue_goes_on_from_ours),
		cmocka_unit_test(test_ours_goes_on_from_ddrescue),
		cmocka_unit_test(test_ddrescuelog_sees_what_we_mean),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
