/* SPDX-License-Identifier: BSD-2-Clause */
#include "image_test.h"

#include "athar/extents.h"
#include "image/source_new.h"
#include "image/window.h"

#define SIZE 10100 /* no whole number of sectors */

static uint8_t bytes[SIZE];
static int closed;

/* A medium with everything a driver can have: chunks of 2048 bytes, a bad sector, a finding. */
static athar_status rich_read(athar_source *source, void *buf, size_t len, uint64_t offset,
                              athar_runs *bad, athar_error *err)
{
	assert_true(offset + len <= SIZE);
	memcpy(buf, bytes + offset, len);
	source->info.finding = "something is odd";
	if (offset <= 3072 && offset + len > 3072)
		return athar_runs_add(bad, 3072, 512, ATHAR_RUN_BAD, err);
	return ATHAR_OK;
}

static void rich_close(athar_source *source)
{
	(void)source;
	closed++;
}

static const char *rich_segment(athar_source *source, uint64_t offset)
{
	(void)source;
	return offset < 4096 ? "first" : "second";
}

static athar_status rich_fetch(athar_source *source, uint64_t index, athar_chunk *chunk,
                               athar_error *err)
{
	(void)source;
	(void)err;
	chunk->media = (uint32_t)index;
	return ATHAR_OK;
}

static int rich_medium(const athar_source *source, bool direct)
{
	(void)source;
	return direct ? 77 : 76;
}

static const athar_source_driver rich_driver = {
	.name = "rich",
	.read = rich_read,
	.close = rich_close,
	.segment = rich_segment,
	.fetch = rich_fetch,
	.medium = rich_medium,
};

static athar_source *rich(void)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *s = NULL;

	assert_ok(athar_source_new(&s, &rich_driver, "/dev/rich", &err), err);
	s->info.size = SIZE;
	s->info.sector_size = 512;
	s->info.chunk_size = 2048;
	s->info.device = true;
	s->info.model = "MODEL";
	s->info.serial = "SERIAL";
	s->info.stored.algorithms = ATHAR_MD5;
	return s;
}

static int fill_bytes(void **state)
{
	(void)state;
	athar_test_fill(bytes, SIZE, 9);
	return 0;
}

static void it_holds_its_part_and_no_more(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *base = NULL, *w = NULL;
	uint8_t buf[64];
	size_t got;

	(void)state;
	assert_ok(athar_source_memory(&base, bytes, SIZE, &err), err);
	assert_ok(athar_source_window(&w, base, 1024, 4096, &err), err);
	assert_media(w, bytes + 1024, 4096, 4096);
	assert_media(w, bytes + 1024, 4096, 1000);
	assert_ok(athar_source_read(w, buf, sizeof buf, 4090, &got, NULL, &err), err);
	assert_int_equal(got, 6);
	assert_ok(athar_source_read(w, buf, sizeof buf, 4096, &got, NULL, &err), err);
	assert_int_equal(got, 0);
	assert_int_equal(athar_source_describe(w)->origin, 1024);
	/* A part of a part. */
	base = w;
	w = NULL;
	assert_ok(athar_source_window(&w, base, 512, 1024, &err), err);
	assert_media(w, bytes + 1536, 1024, 100);
	assert_int_equal(athar_source_describe(w)->origin, 1536);
	athar_source_close(w);
}

static void it_may_end_where_the_base_ends(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *base = NULL, *w = NULL;

	(void)state;
	assert_ok(athar_source_memory(&base, bytes, SIZE, &err), err);
	assert_ok(athar_source_window(&w, base, 9728, SIZE - 9728, &err), err);
	assert_media(w, bytes + 9728, SIZE - 9728, 333);
	athar_source_close(w);
	assert_ok(athar_source_memory(&base, bytes, SIZE, &err), err);
	assert_ok(athar_source_window(&w, base, 512, ATHAR_SIZE_UNKNOWN, &err), err);
	assert_media(w, bytes + 512, SIZE - 512, SIZE);
	athar_source_close(w);
}

static void what_is_no_part_is_refused(void **state)
{
	static const uint64_t wrong[][2] = {
		{0, 0},
		{0, SIZE + 1},
		{SIZE, 1},
		{10240, ATHAR_SIZE_UNKNOWN},
		{UINT64_MAX - 511, 1024},
		{512, UINT64_MAX - 1},
		{1, 511},
		{100, ATHAR_SIZE_UNKNOWN},
		{512, 100},
		{0, SIZE - 1},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(wrong); i++) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *w = NULL;

		closed = 0;
		assert_status(athar_source_window(&w, rich(), wrong[i][0], wrong[i][1], &err),
		              ATHAR_EUSAGE, err);
		assert_null(w);
		assert_int_equal(closed, 1);
	}
}

static void a_stream_has_no_parts(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *base = rich(), *w = NULL;

	(void)state;
	base->info.streamed = true;
	base->info.size = ATHAR_SIZE_UNKNOWN;
	assert_status(athar_source_window(&w, base, 0, 512, &err), ATHAR_EUSAGE, err);
	assert_non_null(strstr(err.text, "stream"));
}

static void it_says_of_itself_what_the_whole_says(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	athar_source *w = NULL;
	const athar_source_info *info;
	uint8_t buf[512];
	size_t got;

	(void)state;
	closed = 0;
	assert_ok(athar_source_window(&w, rich(), 2048, 6144, &err), err);
	info = athar_source_describe(w);
	assert_string_equal(info->driver, "rich");
	assert_string_equal(info->path, "/dev/rich");
	assert_string_equal(info->model, "MODEL");
	assert_string_equal(info->serial, "SERIAL");
	assert_true(info->device);
	assert_int_equal(info->size, 6144);
	/* The hashes on record are not those of a part. */
	assert_int_equal(info->stored.algorithms, 0);
	assert_string_equal(athar_source_segment(w, 2047), "first");
	assert_string_equal(athar_source_segment(w, 2048), "second");
	assert_int_equal(w->driver->medium(w, true), 77);
	assert_null(info->finding);
	assert_ok(athar_source_read(w, buf, sizeof buf, 0, &got, NULL, &err), err);
	assert_string_equal(info->finding, "something is odd");
	athar_source_close(w);
	assert_int_equal(closed, 1);
}

static void bad_places_are_told_in_its_own_offsets(void **state)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(runs) athar_runs known = ATHAR_RUNS_INIT, bad = ATHAR_RUNS_INIT;
	athar_source *base = rich(), *w = NULL;
	uint8_t buf[4096];
	size_t got;

	(void)state;
	/* Known in the base: one over the window's beginning, one past its end. */
	assert_ok(athar_runs_add(&known, 1536, 1024, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_runs_add(&known, 8192, 512, ATHAR_RUN_UNREAD, &err), err);
	assert_ok(athar_source_mark(base, &known, &err), err);
	assert_ok(athar_source_window(&w, base, 2048, 4096, &err), err);
	assert_int_equal(athar_source_known_bad(w)->count, 1);
	assert_int_equal(athar_source_known_bad(w)->run[0].offset, 0);
	assert_int_equal(athar_source_known_bad(w)->run[0].length, 512);
	assert_ok(athar_source_read(w, buf, sizeof buf, 0, &got, &bad, &err), err);
	assert_int_equal(got, 4096);
	assert_int_equal(bad.count, 2);
	assert_int_equal(bad.run[0].offset, 0);
	assert_int_equal(bad.run[0].length, 512);
	assert_int_equal(bad.run[1].offset, 1024);
	assert_int_equal(bad.run[1].length, 512);
	/* Zeros where it is known to be bad, by contract. */
	for (size_t i = 0; i < 512; i++)
		assert_int_equal(buf[i], 0);
	assert_memory_equal(buf + 512, bytes + 2048 + 512, 512);
	/* Without a list the failure carries the window's offset. */
	assert_status(athar_source_read(w, buf, 512, 1024, &got, NULL, &err), ATHAR_EIO, err);
	assert_int_equal(err.offset, 1024);
	athar_source_close(w);
}

/* offset, size, and whether chunks can be fetched. */
static void chunks_are_fetched_where_they_fit(void **state)
{
	static const struct {
		uint64_t offset, size;
		bool fits;
	} cases[] = {
		{0, 2048, true},     {4096, 4096, true}, {4096, SIZE - 4096, true},
		{1024, 4096, false}, {0, 3072, false},
	};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(cases); i++) {
		athar_error err = ATHAR_ERROR_INIT;
		athar_source *w = NULL;
		athar_chunk chunk = {.media = 0};

		assert_ok(athar_source_window(&w, rich(), cases[i].offset, cases[i].size, &err),
		          err);
		assert_int_equal(w->driver->fetch != NULL, cases[i].fits);
		assert_int_equal(athar_source_describe(w)->chunk_size, cases[i].fits ? 2048 : 0);
		if (cases[i].fits) {
			assert_ok(w->driver->fetch(w, 1, &chunk, &err), err);
			assert_int_equal(chunk.media, cases[i].offset / 2048 + 1);
		}
		athar_source_close(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_holds_its_part_and_no_more),
		cmocka_unit_test(it_may_end_where_the_base_ends),
		cmocka_unit_test(what_is_no_part_is_refused),
		cmocka_unit_test(a_stream_has_no_parts),
		cmocka_unit_test(it_says_of_itself_what_the_whole_says),
		cmocka_unit_test(bad_places_are_told_in_its_own_offsets),
		cmocka_unit_test(chunks_are_fetched_where_they_fit),
	};

	return cmocka_run_group_tests(tests, fill_bytes, NULL);
}
