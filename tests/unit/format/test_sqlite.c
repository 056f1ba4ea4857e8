/* SPDX-License-Identifier: BSD-2-Clause */
#include <glob.h>

#include "format/list.h"
#include "texts.h"

static const char *const samples[] = {"small-pages.sqlite", "vacuum.sqlite", "wal.sqlite"};

static void a_database_ends_behind_its_last_page(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_end(&athar_format_sqlite, samples[i], ATHAR_GRADE_COMPLETE);
}

static void a_cut_database_is_partial(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_cuts(&athar_format_sqlite, samples[i]);
}

/* Overflow pages and free pages may hold anything; in trees a foreign block shows. */
static void a_foreign_block_in_a_tree_is_found(void **state)
{
	(void)state;
	assert_true(judge_foreign(&athar_format_sqlite, "wal.sqlite", 4096, 100, false) < 4);
	assert_true(judge_foreign(&athar_format_sqlite, "vacuum.sqlite", 1024, 100, false) < 12);
	judge_foreign(&athar_format_sqlite, "small-pages.sqlite", 4096, 100, true);
}

static void a_page_of_zeros_is_found(void **state)
{
	const sample s = sample_load("vacuum.sqlite");

	(void)state;
	memset(s.bytes + 2048, 0, 1024);
	const athar_claim c = judge(&athar_format_sqlite, s.bytes, s.len);

	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, 2048);
	sample_free(s);
}

static void a_header_alone_is_no_more_than_that(void **state)
{
	const sample s = sample_load("wal.sqlite");

	(void)state;
	judge_noise(&athar_format_sqlite, "wal.sqlite", 16);
	judge_noise(&athar_format_sqlite, "wal.sqlite", 100);
	const athar_claim c = judge(&athar_format_sqlite, s.bytes, 100);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_HEADER);
	assert_int_equal(c.length, 100);
	assert_false(judge(&athar_format_sqlite, s.bytes, 99).ours);
	sample_free(s);
}

/* Changes one byte and asks again. */
static athar_claim changed(const sample *s, size_t at, uint8_t value)
{
	const uint8_t before = s->bytes[at];

	s->bytes[at] = value;
	const athar_claim c = judge(&athar_format_sqlite, s->bytes, s->len);

	s->bytes[at] = before;
	return c;
}

static void fields_that_cannot_be_are_not_ours(void **state)
{
	static const struct {
		size_t at;
		uint8_t value;
	} wrong[] = {{15, ' '}, {16, 3},  {17, 1}, {18, 3}, {19, 0}, {20, 255},
	             {21, 63},  {22, 33}, {23, 0}, {47, 5}, {59, 4}, {80, 1}};
	const sample s = sample_load("small-pages.sqlite");

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++)
		assert_false(changed(&s, wrong[i].at, wrong[i].value).ours);
	sample_free(s);
}

static void counts_that_do_not_agree_are_partial(void **state)
{
	const sample s = sample_load("small-pages.sqlite");
	athar_claim c = changed(&s, 39, (uint8_t)(s.bytes[39] + 1)); /* free pages */

	(void)state;
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	c = changed(&s, 31, (uint8_t)(s.bytes[31] + 1)); /* pages */
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	c = changed(&s, 31, (uint8_t)(s.bytes[31] - 1));
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_true(c.length < s.len);
	sample_free(s);
}

/* Writers before 3.7.0 left the page count as it was: then all pages must be found by walking. */
static void without_a_valid_count_the_end_is_not_known(void **state)
{
	const sample s = sample_load("small-pages.sqlite");
	uint8_t *both = malloc(s.len + 8192);

	(void)state;
	assert_non_null(both);
	memcpy(both, s.bytes, s.len);
	memset(both + s.len, 0, 8192);
	both[95] ^= 1;
	const athar_claim c = judge(&athar_format_sqlite, both, s.len + 8192);

	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, s.len);
	assert_int_equal(c.proven, s.len);
	free(both);
	sample_free(s);
}

static void a_page_that_is_none_ends_the_proof(void **state)
{
	const sample s = sample_load("wal.sqlite");
	const size_t page = 2048;
	const athar_claim c = changed(&s, page, 1); /* the type of page 2, a root */

	(void)state;
	assert_true(c.ours);
	assert_int_equal(c.grade, ATHAR_GRADE_PARTIAL);
	assert_int_equal(c.length, page);
	assert_int_equal(c.proven, page);
	sample_free(s);
}

/* Inner pages full of cells that all point to the same pages, again and again. */
static void crossing_trees_take_linear_time(void **state)
{
	const sample s = sample_load("wal.sqlite");
	uint8_t page[2048] = {5};

	(void)state;
	s.bytes[92] ^= 1;
	judge_time(&athar_format_sqlite, s.bytes, s.len, s.bytes, s.len);
	judge_time(&athar_format_sqlite, s.bytes, s.len, page, sizeof page);
	for (size_t i = 0; i < sizeof page / 4; i++)
		page[4 * i + 3] = (uint8_t)(i % 40);
	judge_time(&athar_format_sqlite, s.bytes, 4096, page, sizeof page);
	sample_free(s);
}

static void damage_never_reads_past_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(samples); i++)
		judge_flips(&athar_format_sqlite, samples[i]);
}

static void expect_whole(const char *path)
{
	const sample s = sample_load_path(path);
	const athar_claim c = judge(&athar_format_sqlite, s.bytes, s.len);

	if (!c.ours || c.grade != ATHAR_GRADE_COMPLETE || c.length != s.len)
		fail_msg("%s: ours %d, grade %s, %llu of %zu: %s", path, c.ours,
		         grade_name(c.grade), (unsigned long long)c.length, s.len, c.why);
	sample_free(s);
}

/* A database made by sqlite3 after these pragmas: rows that spill, an index, a tree without rowids,
 * and free pages. */
static void make_database(const char *path, const char *pragmas)
{
	char command[8192];

	snprintf(command, sizeof command,
	         "sqlite3 '%s' \"%s; CREATE TABLE t(id INTEGER PRIMARY KEY, a, b, c);"
	         "CREATE INDEX i ON t(a, b); CREATE TABLE w(k TEXT PRIMARY KEY, v) WITHOUT ROWID;"
	         "CREATE VIEW x AS SELECT a FROM t; CREATE TABLE gone(y); CREATE TABLE none(z);"
	         "CREATE TRIGGER r AFTER DELETE ON none BEGIN DELETE FROM gone; END;"
	         "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 700)"
	         "INSERT INTO t SELECT i, hex(randomblob(i %% 90)), i * 0.5,"
	         " randomblob(CASE i %% 100 WHEN 0 THEN 9000 ELSE i %% 60 END) FROM n;"
	         "INSERT INTO w SELECT a || id, CASE WHEN id %% 50 = 0 THEN hex(randomblob(3000))"
	         " ELSE b END FROM t; INSERT INTO gone SELECT randomblob(1000) FROM t;"
	         "DROP TABLE gone; DELETE FROM t WHERE id %% 7 = 0 OR id BETWEEN 200 AND 400;\" "
	         ">/dev/null",
	         path, pragmas);
	assert_int_equal(system(command), 0);
}

static void databases_of_every_kind_are_complete(void **state)
{
	static const char *const kinds[] = {
		"PRAGMA page_size=512",
		"PRAGMA page_size=1024; PRAGMA encoding='UTF-16le'",
		"PRAGMA page_size=2048; PRAGMA encoding='UTF-16be'",
		"PRAGMA page_size=4096; PRAGMA journal_mode=WAL",
		"PRAGMA page_size=8192; PRAGMA secure_delete=1",
		"PRAGMA page_size=16384; PRAGMA legacy_file_format=1",
		"PRAGMA page_size=32768",
		"PRAGMA page_size=65536",
		"PRAGMA page_size=512; PRAGMA auto_vacuum=FULL",
		"PRAGMA page_size=1024; PRAGMA auto_vacuum=INCREMENTAL",
	};
	ATHAR_AUTO(free) char *folder = NULL;
	char path[4096];

	(void)state;
	if (system("sqlite3 -version >/dev/null 2>&1") != 0)
		skip();
	folder = athar_test_mkdir();
	for (size_t i = 0; i < ATHAR_COUNT(kinds); i++) {
		snprintf(path, sizeof path, "%s/%zu.sqlite", folder, i);
		make_database(path, kinds[i]);
		expect_whole(path);
	}
	athar_test_rmdir(ATHAR_GIVE(folder));
}

/* The standardised corpus for SQLite forensics, where it is at hand: ATHAR_CORPUS/sqlite. */
static void real_databases_measure_to_their_size(void **state)
{
	const char *corpus = getenv("ATHAR_CORPUS");
	char pattern[4096];
	glob_t found = {0};

	(void)state;
	if (corpus == NULL)
		skip();
	snprintf(pattern, sizeof pattern, "%s/sqlite/*.db", corpus);
	(void)glob(pattern, 0, NULL, &found);
	for (size_t i = 0; i < found.gl_pathc; i++)
		expect_whole(found.gl_pathv[i]);
	globfree(&found);
}

/* The numbers of the header are big-endian (the file format's documentation, 1.3). */
static void the_header_is_told(void **state)
{
	sample s = sample_load("vacuum.sqlite");

	(void)state;
	memcpy(s.bytes + 96, "\x00\x2E\x7E\x59", 4);
	memcpy(s.bytes + 60, "\0\0\0\5", 4);
	memcpy(s.bytes + 68, "\x47\x50\x4B\x47", 4);
	const athar_claim c = judge(&athar_format_sqlite, s.bytes, s.len);

	assert_string_equal(claim_field(&c, "version"), "3.47.1");
	assert_string_equal(claim_field(&c, "user_version"), "5");
	assert_string_equal(claim_field(&c, "application"), "0x47504b47");
	sample_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_header_is_told),
		cmocka_unit_test(a_database_ends_behind_its_last_page),
		cmocka_unit_test(a_cut_database_is_partial),
		cmocka_unit_test(a_foreign_block_in_a_tree_is_found),
		cmocka_unit_test(a_page_of_zeros_is_found),
		cmocka_unit_test(a_header_alone_is_no_more_than_that),
		cmocka_unit_test(fields_that_cannot_be_are_not_ours),
		cmocka_unit_test(counts_that_do_not_agree_are_partial),
		cmocka_unit_test(without_a_valid_count_the_end_is_not_known),
		cmocka_unit_test(a_page_that_is_none_ends_the_proof),
		cmocka_unit_test(crossing_trees_take_linear_time),
		cmocka_unit_test(damage_never_reads_past_the_end),
		cmocka_unit_test(databases_of_every_kind_are_complete),
		cmocka_unit_test(real_databases_measure_to_their_size),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
