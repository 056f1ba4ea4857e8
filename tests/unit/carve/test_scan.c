/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Formats that exist nowhere else: "WAXn" is a file of n * 100 bytes that ends with "xaw",
 * "....HONE" (four bytes of length, then the magic) says its length itself and proves nothing, and
 * a ROPE is sectors that begin with "ROPE", the last with "ROPEend".
 */
#include "athar_test.h"
#include "base/endian.h"
#include "carve/scan.h"
#include "image/driver.h"

#define SIZE (3u << 20)

static athar_status measure_wax(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_bytes b;

	*out = (athar_claim){.ours = true, .grade = ATHAR_GRADE_PARTIAL};
	ATHAR_TRY(athar_reader_get(&b, in, 0, 4, err));
	uint64_t length = (uint64_t)(b.ptr[3] - '0') * 100;
	out->length = length < athar_reader_size(in) ? length : athar_reader_size(in);
	if (out->length < length)
		return ATHAR_OK;
	ATHAR_TRY(athar_reader_get(&b, in, 0, (size_t)length, err));
	if (memcmp(b.ptr + length - 3, "xaw", 3) == 0)
		out->grade = ATHAR_GRADE_INTACT;
	return ATHAR_OK;
}

static athar_status measure_hone(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_bytes b;

	*out = (athar_claim){.ours = true, .grade = ATHAR_GRADE_COMPLETE};
	ATHAR_TRY(athar_reader_get(&b, in, 0, 8, err));
	out->length = athar_le32(b.ptr);
	out->ours = out->length != 13;
	if (out->length == 99)
		return athar_fail(err, ATHAR_ELIMIT, "too much work");
	return ATHAR_OK;
}

static size_t ropes; /* measured */

static athar_status measure_rope(athar_claim *out, athar_reader *in, athar_error *err)
{
	athar_bytes b;

	ropes++;
	*out = (athar_claim){.ours = true, .grade = ATHAR_GRADE_PARTIAL};
	for (;;) {
		const athar_status status = athar_reader_get(&b, in, out->length, 512, err);

		if (status != ATHAR_OK || memcmp(b.ptr, "ROPE", 4) != 0)
			return ATHAR_OK;
		out->length += 512;
		out->proven = out->length;
		if (memcmp(b.ptr + 4, "end", 3) == 0)
			break;
	}
	out->grade = ATHAR_GRADE_COMPLETE;
	return ATHAR_OK;
}

static const athar_magic wax_magic[] = {{0, 3, "WAX"}, {0, 0, ""}};
static const athar_magic hone_magic[] = {{4, 4, "HONE"}, {0, 0, ""}};
static const athar_format wax = {.name = "wax", .magic = wax_magic, .measure = measure_wax};
static const athar_format hone = {.name = "hone", .magic = hone_magic, .measure = measure_hone};
static const athar_magic rope_magic[] = {{0, 4, "ROPE"}, {0, 0, ""}};
static const athar_format rope = {
	.name = "rope", .magic = rope_magic, .chained = true, .measure = measure_rope};
static const athar_format *const formats[] = {&hone, &rope, &wax, NULL};

typedef struct hits {
	athar_scan_hit hit[64];
	size_t count;
} hits;

static athar_status take(void *user, const athar_scan_hit *hit, athar_error *err)
{
	hits *h = user;

	(void)err;
	assert_true(h->count < 64);
	h->hit[h->count++] = *hit;
	return ATHAR_OK;
}

static uint8_t *image;

static void put_wax(size_t at, char n, bool ended)
{
	memcpy(image + at, "WAX", 3);
	image[at + 3] = (uint8_t)n;
	if (ended)
		memcpy(image + at + (size_t)(n - '0') * 100 - 3, "xaw", 3);
}

static void put_hone(size_t at, uint32_t length)
{
	athar_put_le32(image + at, length);
	memcpy(image + at + 4, "HONE", 4);
}

static int begin(void **state)
{
	(void)state;
	image = calloc(1, SIZE);
	return image == NULL;
}

static int end(void **state)
{
	(void)state;
	free(image);
	return 0;
}

/* Scans [start, start + length) with a file allowed to reach `limit`; bad: one range or none. */
static void scan(hits *h, uint32_t step, uint64_t start, uint64_t length, uint64_t limit,
                 athar_run bad)
{
	ATHAR_AUTO(source) athar_source *source = NULL;
	ATHAR_AUTO(scanner) athar_scanner *s = NULL;
	ATHAR_AUTO(runs) athar_runs marks = ATHAR_RUNS_INIT;
	athar_error err = ATHAR_ERROR_INIT;

	assert_ok(athar_source_memory(&source, image, SIZE, &err), err);
	assert_ok(athar_runs_add(&marks, bad.offset, bad.length, ATHAR_RUN_BAD, &err), err);
	assert_ok(athar_source_mark(source, &marks, &err), err);
	assert_ok(athar_scanner_new(&s, formats, step, &err), err);
	assert_ok(athar_scanner_run(s, source, start, length, limit, take, h, &err), err);
}

static void expect(const hits *h, size_t i, uint64_t at, const athar_format *format,
                   athar_grade grade, uint64_t length)
{
	assert_true(i < h->count);
	assert_int_equal(h->hit[i].offset, at);
	assert_ptr_equal(h->hit[i].format, format);
	assert_int_equal(h->hit[i].claim.grade, grade);
	assert_int_equal(h->hit[i].claim.length, length);
}

static const athar_run sound = {0, 0, ATHAR_RUN_DATA};

static void beginnings_stand_at_steps(void **state)
{
	hits h = {.count = 0};

	(void)state;
	put_wax(512, '2', true);
	put_wax(1000, '2', true); /* no sector begins here */
	put_hone(2048, 300);
	put_wax((1u << 20) - 512, '9', true); /* over the end of a block */
	scan(&h, 512, 0, SIZE, SIZE, sound);
	assert_int_equal(h.count, 3);
	expect(&h, 0, 512, &wax, ATHAR_GRADE_INTACT, 200);
	expect(&h, 1, 2048, &hone, ATHAR_GRADE_COMPLETE, 300);
	expect(&h, 2, (1u << 20) - 512, &wax, ATHAR_GRADE_INTACT, 900);

	h.count = 0;
	scan(&h, 1, 0, SIZE, SIZE, sound);
	assert_int_equal(h.count, 4);
	expect(&h, 1, 1000, &wax, ATHAR_GRADE_INTACT, 200);
}

/* Over the end of a block, where the two bytes of the table are the last of one and the first of
 * the next. */
static void magics_are_found_across_blocks(void **state)
{
	hits h = {.count = 0};

	(void)state;
	for (size_t i = 0; i < 12; i++) {
		size_t at = (1u << 20) - 6 + i;

		memset(image, 0, SIZE);
		put_hone(at, 40);
		h.count = 0;
		scan(&h, 1, 0, SIZE, SIZE, sound);
		assert_int_equal(h.count, 1);
		expect(&h, 0, at, &hone, ATHAR_GRADE_COMPLETE, 40);
	}
}

static void what_is_inside_another_is_told_too(void **state)
{
	hits h = {.count = 0};

	(void)state;
	put_wax(1024, '9', true);
	put_hone(1536, 100);
	put_wax(8192, '9', false); /* no end: a part only */
	put_hone(8704, 100);
	scan(&h, 512, 0, SIZE, SIZE, sound);
	assert_int_equal(h.count, 4);
	expect(&h, 0, 1024, &wax, ATHAR_GRADE_INTACT, 900);
	expect(&h, 1, 1536, &hone, ATHAR_GRADE_COMPLETE, 100);
	expect(&h, 2, 8192, &wax, ATHAR_GRADE_PARTIAL, 900);
	expect(&h, 3, 8704, &hone, ATHAR_GRADE_COMPLETE, 100);
}

static void put_rope(size_t at, size_t count, bool ended)
{
	for (size_t i = 0; i < count; i++)
		memcpy(image + at + 512 * i, ended && i + 1 == count ? "ROPEend" : "ROPE...", 7);
}

/* Two whole ones without a gap, then a part, and the first again in another run. */
static void members_of_a_chain_are_measured_once(void **state)
{
	hits h = {.count = 0};

	(void)state;
	put_rope(4096, 1000, true);
	put_rope(4096 + 512 * 1000, 3, true);
	put_rope(1u << 20, 100, false);
	ropes = 0;
	scan(&h, 512, 0, SIZE, SIZE, sound);
	assert_int_equal(h.count, 3);
	assert_int_equal(ropes, 3);
	expect(&h, 0, 4096, &rope, ATHAR_GRADE_COMPLETE, 512000);
	expect(&h, 1, 4096 + 512000, &rope, ATHAR_GRADE_COMPLETE, 1536);
	expect(&h, 2, 1u << 20, &rope, ATHAR_GRADE_PARTIAL, 51200);
	h.count = 0;
	scan(&h, 512, 4096 + 512, 2048, SIZE, sound);
	assert_int_equal(h.count, 1);
	expect(&h, 0, 4096 + 512, &rope, ATHAR_GRADE_COMPLETE, 511488);
}

static void nothing_reaches_past_the_limit(void **state)
{
	hits h = {.count = 0};

	(void)state;
	put_wax(1024, '9', true);
	scan(&h, 512, 0, 1536, 1536, sound);
	put_hone(2048, 5000); /* says more than there is */
	scan(&h, 512, 1536, 1024, 4096, sound);
	assert_int_equal(h.count, 2);
	expect(&h, 0, 1024, &wax, ATHAR_GRADE_PARTIAL, 512);
	expect(&h, 1, 2048, &hone, ATHAR_GRADE_PARTIAL, 2048);

	/* Looked for up to 2048 only, but allowed to go on behind it. */
	h.count = 0;
	put_wax(1536, '9', true);
	memset(image + 1024, 0, 512);
	scan(&h, 512, 1024, 1024, 4096, sound);
	assert_int_equal(h.count, 1);
	expect(&h, 0, 1536, &wax, ATHAR_GRADE_INTACT, 900);
}

/* Also where the format did not look at them. */
static void bad_ranges_are_counted(void **state)
{
	const athar_run bad = {2560, 512, ATHAR_RUN_BAD};
	hits h = {.count = 0};

	(void)state;
	put_hone(2048, 4096);
	put_wax(4096, '2', true);
	scan(&h, 512, 0, SIZE, SIZE, bad);
	assert_int_equal(h.count, 2);
	expect(&h, 0, 2048, &hone, ATHAR_GRADE_COMPLETE, 4096);
	assert_int_equal(h.hit[0].bad, 512);
	expect(&h, 1, 4096, &wax, ATHAR_GRADE_INTACT, 200);
	assert_int_equal(h.hit[1].bad, 0);
}

static void too_much_work_is_told(void **state)
{
	hits h = {.count = 0};

	(void)state;
	put_hone(512, 99);
	put_hone(1024, 13); /* not ours after all */
	put_wax(1536, '1', true);
	scan(&h, 512, 0, SIZE, SIZE, sound);
	assert_int_equal(h.count, 2);
	assert_true(h.hit[0].given_up);
	assert_int_equal(h.hit[0].offset, 512);
	expect(&h, 1, 1536, &wax, ATHAR_GRADE_INTACT, 100);
}

/* However the space is cut into windows, also where one hit reaches into the next. */
static void windows_do_not_change_the_hits(void **state)
{
	hits one = {.count = 0}, many = {.count = 0};
	uint64_t seed = 3;

	(void)state;
	for (int i = 0; i < 30; i++) {
		size_t at = (size_t)(athar_test_random(&seed) % (SIZE / 512 - 4)) * 512;

		if (i % 2 == 0)
			put_wax(at, (char)('1' + i % 9), i % 3 != 0);
		else
			put_hone(at, (uint32_t)(athar_test_random(&seed) % 200000) + 100);
	}
	scan(&one, 512, 0, SIZE, SIZE, sound);
	assert_true(one.count > 20);
	for (uint64_t width = 65536; width < SIZE; width = width * 3 / 512 * 512) {
		many.count = 0;
		for (uint64_t at = 0; at < SIZE; at += width)
			scan(&many, 512, at, width < SIZE - at ? width : SIZE - at, SIZE, sound);
		assert_int_equal(many.count, one.count);
		for (size_t i = 0; i < one.count; i++)
			expect(&many, i, one.hit[i].offset, one.hit[i].format,
			       one.hit[i].claim.grade, one.hit[i].claim.length);
	}
}

static void senseless_scans_are_refused(void **state)
{
	static const athar_magic short_magic[] = {{0, 1, "W"}, {0, 0, ""}};
	static const athar_format bare = {.name = "bare", .magic = short_magic};
	const athar_format *const only_bare[] = {&bare, NULL};
	ATHAR_AUTO(scanner) athar_scanner *s = NULL;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_status(athar_scanner_new(&s, formats, 0, &err), ATHAR_EUSAGE, err);
	assert_status(athar_scanner_new(&s, only_bare, 512, &err), ATHAR_EUSAGE, err);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(beginnings_stand_at_steps, begin, end),
		cmocka_unit_test_setup_teardown(magics_are_found_across_blocks, begin, end),
		cmocka_unit_test_setup_teardown(what_is_inside_another_is_told_too, begin, end),
		cmocka_unit_test_setup_teardown(members_of_a_chain_are_measured_once, begin, end),
		cmocka_unit_test_setup_teardown(nothing_reaches_past_the_limit, begin, end),
		cmocka_unit_test_setup_teardown(bad_ranges_are_counted, begin, end),
		cmocka_unit_test_setup_teardown(too_much_work_is_told, begin, end),
		cmocka_unit_test_setup_teardown(windows_do_not_change_the_hits, begin, end),
		cmocka_unit_test(senseless_scans_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
