/* SPDX-License-Identifier: BSD-2-Clause */
/* What a find is graded, and that it survives the way from a worker unchanged, or not at all. */
#include "athar_test.h"
#include "engine/find.h"

#define BLOCK 4096u

/* A file of 10,000 bytes in one run of blocks of 4096, without a format. */
static athar_find plain(void)
{
	athar_find f = ATHAR_FIND_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	f.method = ATHAR_METHOD_METADATA;
	f.state = ATHAR_STATE_DELETED;
	f.size = 10000;
	f.block_size = BLOCK;
	assert_ok(athar_extents_add_data(&f.extents, 1 << 20, 10000, &err), err);
	return f;
}

static athar_find claimed(athar_grade grade, uint64_t length)
{
	athar_find f = plain();

	strcpy(f.format, "png");
	strcpy(f.claim_why, "every chunk's CRC holds");
	f.claim_grade = grade;
	f.claim_length = length;
	return f;
}

static athar_grade grade(athar_find f, uint64_t bad)
{
	char why[160] = "";
	athar_grade g = athar_find_grade(why, &f, bad);

	assert_true(why[0] != '\0');
	athar_find_clear(&f);
	return g;
}

static void recorded_places_are_complete(void **state)
{
	(void)state;
	assert_int_equal(grade(plain(), 0), ATHAR_GRADE_COMPLETE);
}

static void format_decides_where_it_speaks(void **state)
{
	(void)state;
	assert_int_equal(grade(claimed(ATHAR_GRADE_INTACT, 10000), 0), ATHAR_GRADE_INTACT);
	assert_int_equal(grade(claimed(ATHAR_GRADE_COMPLETE, 10000), 0), ATHAR_GRADE_COMPLETE);
	assert_int_equal(grade(claimed(ATHAR_GRADE_PARTIAL, 5000), 0), ATHAR_GRADE_PARTIAL);
	assert_int_equal(grade(claimed(ATHAR_GRADE_HEADER, 100), 0), ATHAR_GRADE_PARTIAL);
}

/* Bytes behind the structure's end are vouched for by its last block, or by the file system. */
static void what_follows_the_end_counts(void **state)
{
	(void)state;
	assert_int_equal(grade(claimed(ATHAR_GRADE_INTACT, 9000), 0), ATHAR_GRADE_INTACT);
	assert_int_equal(grade(claimed(ATHAR_GRADE_INTACT, 5000), 0), ATHAR_GRADE_COMPLETE);

	athar_find f = claimed(ATHAR_GRADE_INTACT, 5000);
	f.assumed = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

/* The blocks were free, and somebody had written there. */
static void what_is_not_what_its_name_says_is_partial(void **state)
{
	athar_find f = plain();

	(void)state;
	strcpy(f.doubt, "its name ends in .png, and what lies there is not png");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = plain();
	f.state = ATHAR_STATE_LIVE;
	strcpy(f.doubt, "its name ends in .png, and what lies there is not png");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_COMPLETE);

	/* Renamed: all of it is of another format. */
	f = claimed(ATHAR_GRADE_INTACT, 10000);
	strcpy(f.doubt, "its name ends in .txt, and what lies there is not text");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_INTACT);

	f = claimed(ATHAR_GRADE_INTACT, 9999);
	strcpy(f.doubt, "its name ends in .txt, and what lies there is not text");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

static void what_has_no_end_mark_ends_where_the_record_says(void **state)
{
	athar_find f = claimed(ATHAR_GRADE_PARTIAL, 10000);

	(void)state;
	f.claim_ends = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_COMPLETE);

	f = claimed(ATHAR_GRADE_PARTIAL, 9000);
	f.claim_ends = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = claimed(ATHAR_GRADE_PARTIAL, 10000);
	f.claim_ends = true;
	f.assumed = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

static void contested_places_need_proof(void **state)
{
	athar_find f = plain();

	(void)state;
	f.contested = 4096;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = claimed(ATHAR_GRADE_INTACT, 10000);
	f.contested = 4096;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_INTACT);

	f = claimed(ATHAR_GRADE_INTACT, 5000);
	f.contested = UINT64_MAX;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

static void assumed_places_need_proof(void **state)
{
	athar_find f = plain();

	(void)state;
	f.assumed = true;
	strcpy(f.why, "that its clusters follow one another is assumed");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = claimed(ATHAR_GRADE_INTACT, 10000);
	f.assumed = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_INTACT);

	/* One cluster may be assumed as well: half of its number, or that no other file had it. */
	f = plain();
	f.assumed = true;
	strcpy(f.why, "half of its number may have been cleared");
	f.size = BLOCK;
	athar_extents_truncate(&f.extents, BLOCK);
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	/* A format that cannot see foreign bytes at its end proves no places. */
	f = claimed(ATHAR_GRADE_COMPLETE, 10000);
	f.claim_unseen = 6000;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_COMPLETE);
	f = claimed(ATHAR_GRADE_COMPLETE, 10000);
	f.claim_unseen = 6000;
	f.assumed = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

static void bad_and_reused_bytes_are_never_whole(void **state)
{
	athar_find f = claimed(ATHAR_GRADE_INTACT, 10000);

	(void)state;
	f.reused = 512;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
	assert_int_equal(grade(claimed(ATHAR_GRADE_INTACT, 10000), 1), ATHAR_GRADE_PARTIAL);
	assert_int_equal(grade(plain(), 1), ATHAR_GRADE_PARTIAL);
}

static void unknown_places_are_never_whole(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_find f = claimed(ATHAR_GRADE_INTACT, 10000);

	(void)state;
	f.size = 20000;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = plain();
	f.size = 20000;
	athar_extent missing = {
		.image = ATHAR_NOWHERE, .length = 10000, .kind = ATHAR_EXTENT_MISSING};
	assert_ok(athar_extents_add(&f.extents, missing, &err), err);
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);

	f = plain();
	f.readable = false;
	strcpy(f.why, "its inode no longer says where it is");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_HEADER);
}

static void only_a_format_proves(void **state)
{
	athar_find f = plain();

	(void)state;
	assert_false(athar_find_proven(&f));
	athar_find_clear(&f);
	f = claimed(ATHAR_GRADE_COMPLETE, 10000);
	assert_true(athar_find_proven(&f));
	f.reused = 1;
	assert_false(athar_find_proven(&f));
	athar_find_clear(&f);
}

/* A script is text, and no more is known of it: the file system's word is the better one, unless
 * the text ends before the file. */
static void what_proves_nothing_takes_nothing_away(void **state)
{
	athar_find f = claimed(ATHAR_GRADE_PARTIAL, 10000);

	(void)state;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
	f = claimed(ATHAR_GRADE_PARTIAL, 10000);
	strcpy(f.format, "script");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_COMPLETE);
	f = claimed(ATHAR_GRADE_PARTIAL, 9999);
	strcpy(f.format, "script");
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
	f = claimed(ATHAR_GRADE_PARTIAL, 10000);
	strcpy(f.format, "script");
	f.method = ATHAR_METHOD_CONTENT;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

static void extension_of(const char *path, const char *format_extension, const char *expected)
{
	athar_find f = ATHAR_FIND_INIT;
	char out[8];

	f.path = (uint8_t *)(uintptr_t)path;
	f.path_len = path == NULL ? 0 : strlen(path);
	strcpy(f.extension, format_extension);
	athar_find_extension(out, &f);
	assert_string_equal(out, expected);
}

static void extensions_are_tame(void **state)
{
	(void)state;
	extension_of("a/b.JPG", "jpg", "jpg");
	extension_of("a/b.TXT", "", "txt");
	extension_of("a/b", "", "bin");
	extension_of("a/b.", "", "bin");
	extension_of("a/b.toolongone", "", "bin");
	extension_of("a.b/../../etc", "", "bin");
	extension_of("a.\x1b[1m", "", "bin");
	extension_of(NULL, "", "bin");
}

static athar_find rich(void)
{
	athar_find f = claimed(ATHAR_GRADE_COMPLETE, 9999);
	athar_error err = ATHAR_ERROR_INIT;

	f.path = malloc(8);
	assert_non_null(f.path);
	memcpy(f.path, "a/\xff\0\n.jp", 8);
	f.path_len = 8;
	f.volume = 3;
	strcpy(f.address, "17-128-1");
	f.meta = 17;
	f.type = 128;
	f.id = 1;
	f.assumed = true;
	f.reused = 5;
	f.bad = 6;
	assert_ok(athar_runs_add(&f.reused_at, 3, 5, ATHAR_RUN_DATA, &err), err);
	strcpy(f.owner, "1000");
	strcpy(f.mode, "0600");
	strcpy(f.doubt, "its name ends in .jp");
	f.time_count = 1;
	f.times[0] = (athar_item_time){"modified", "ntfs.si", "utc", -5, 999999999};
	return f;
}

static void the_wire_keeps_everything(void **state)
{
	ATHAR_AUTO(find) athar_find f = rich();
	ATHAR_AUTO(find) athar_find g = ATHAR_FIND_INIT;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	athar_find_wire(&w, &f);
	assert_ok(athar_wire_check(&w, &err), err);
	assert_ok(athar_find_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err), err);
	assert_int_equal(g.path_len, 8);
	assert_memory_equal(g.path, f.path, 8);
	assert_int_equal(g.volume, 3);
	assert_int_equal(g.size, f.size);
	assert_int_equal(g.extents.count, 1);
	assert_int_equal(g.extents.extent[0].image, 1 << 20);
	assert_int_equal(g.times[0].seconds, -5);
	assert_int_equal(g.times[0].nanoseconds, 999999999);
	assert_string_equal(g.claim_why, f.claim_why);
	assert_int_equal(g.claim_grade, ATHAR_GRADE_COMPLETE);
	assert_true(g.assumed);
	assert_int_equal(g.reused_at.count, 1);
	assert_int_equal(g.reused_at.run[0].offset, 3);
	assert_int_equal(g.reused_at.run[0].length, 5);
	assert_string_equal(g.owner, "1000");
	assert_string_equal(g.mode, "0600");
	assert_string_equal(g.doubt, f.doubt);
}

/* Cut anywhere, or with a byte too many, a message is refused whole. */
static void a_message_that_does_not_come_out_even_is_refused(void **state)
{
	ATHAR_AUTO(find) athar_find f = rich();
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	athar_find_wire(&w, &f);
	athar_wire_number(&w, 0);
	for (size_t len = 0; len <= w.len; len++) {
		ATHAR_AUTO(find) athar_find g = ATHAR_FIND_INIT;
		athar_status status =
			athar_find_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = len}, &err);

		assert_int_equal(status, len == w.len - 8 ? ATHAR_OK : ATHAR_EFORMAT);
	}
}

/* A character that a buffer's end cut in two must not cost the walk that told of it. */
static void texts_are_tamed_where_they_are_written(void **state)
{
	ATHAR_AUTO(find) athar_find f = plain();
	ATHAR_AUTO(find) athar_find g = ATHAR_FIND_INIT;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	strcpy(f.address, "1\x1b[2J");
	strcpy(f.why, "\u0623\xd8");
	athar_find_wire(&w, &f);
	assert_ok(athar_find_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err), err);
	assert_string_equal(g.address, "1?[2J");
	assert_string_equal(g.why, "\u0623?");
}

static void controls_in_texts_are_refused(void **state)
{
	ATHAR_AUTO(find) athar_find f = plain();
	ATHAR_AUTO(find) athar_find g = ATHAR_FIND_INIT;
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	strcpy(f.address, "1234567");
	athar_find_wire(&w, &f);
	uint8_t *text = memmem(w.bytes, w.len, "1234567", 7);
	assert_non_null(text);
	text[3] = 0x1b;
	assert_status(athar_find_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err),
	              ATHAR_EFORMAT, err);
}

/* What a worker says of a content reaches the find that is known already, and nothing else. */
static void claims_come_after_the_find(void **state)
{
	ATHAR_AUTO(find) athar_find f = claimed(ATHAR_GRADE_INTACT, 9999);
	ATHAR_AUTO(find) athar_find g = plain();
	ATHAR_AUTO(wire) athar_wire w = ATHAR_WIRE_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	f.bad = 7;
	athar_find_claim_wire(&w, &f);
	assert_ok(athar_find_claim_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = w.len}, &err),
	          err);
	assert_string_equal(g.format, "png");
	assert_int_equal(g.claim_grade, ATHAR_GRADE_INTACT);
	assert_int_equal(g.claim_length, 9999);
	assert_int_equal(g.bad, 7);
	assert_status(
		athar_find_claim_unwire(&g, (athar_bytes){.ptr = w.bytes, .len = w.len - 1}, &err),
		ATHAR_EFORMAT, err);
}

/* Without the map of blocks nobody can say that a deleted file's were not used again. */
static void unmapped_places_need_proof(void **state)
{
	athar_find f = plain();

	(void)state;
	f.unmapped = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
	f = plain();
	f.unmapped = true;
	f.state = ATHAR_STATE_LIVE;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_COMPLETE);
	f = claimed(ATHAR_GRADE_INTACT, 10000);
	f.unmapped = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_INTACT);
	f = claimed(ATHAR_GRADE_INTACT, 5000);
	f.unmapped = true;
	assert_int_equal(grade(f, 0), ATHAR_GRADE_PARTIAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recorded_places_are_complete),
		cmocka_unit_test(format_decides_where_it_speaks),
		cmocka_unit_test(what_follows_the_end_counts),
		cmocka_unit_test(what_is_not_what_its_name_says_is_partial),
		cmocka_unit_test(what_has_no_end_mark_ends_where_the_record_says),
		cmocka_unit_test(contested_places_need_proof),
		cmocka_unit_test(assumed_places_need_proof),
		cmocka_unit_test(bad_and_reused_bytes_are_never_whole),
		cmocka_unit_test(unknown_places_are_never_whole),
		cmocka_unit_test(only_a_format_proves),
		cmocka_unit_test(what_proves_nothing_takes_nothing_away),
		cmocka_unit_test(extensions_are_tame),
		cmocka_unit_test(the_wire_keeps_everything),
		cmocka_unit_test(a_message_that_does_not_come_out_even_is_refused),
		cmocka_unit_test(controls_in_texts_are_refused),
		cmocka_unit_test(texts_are_tamed_where_they_are_written),
		cmocka_unit_test(claims_come_after_the_find),
		cmocka_unit_test(unmapped_places_need_proof),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
