/* SPDX-License-Identifier: BSD-2-Clause */
/* ISA-L is assembly that no sanitizer sees into: here pages without access lie around its buffers.
 */
#include "athar_test.h"

#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#include "base/idiom.h"
#include "inflate/inflate.h"

#define ROOM ((size_t)65536)
#define PAGE ((size_t)65536) /* no page is larger on the machines athar runs on */

/* Memory that ends at a page without access, and begins behind one. */
static uint8_t *fenced(void)
{
	uint8_t *p = mmap(NULL, ROOM + 2 * PAGE, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	assert_true(p != MAP_FAILED);
	assert_int_equal(mprotect(p + PAGE, ROOM, PROT_READ | PROT_WRITE), 0);
	return p + PAGE;
}

static void unfence(uint8_t *p)
{
	assert_int_equal(munmap(p - PAGE, ROOM + 2 * PAGE), 0);
}

static void make_data(uint8_t *out, size_t len, uint64_t seed)
{
	const uint64_t letters = 2 + athar_test_random(&seed) % 250;

	for (size_t i = 0; i < len; i++)
		out[i] = (uint8_t)(athar_test_random(&seed) % letters);
	if (seed % 3 == 0 && len > 100)
		memset(out + len / 3, 0, len / 3);
}

/* At the front of the room, or at its end. */
static uint8_t *place(uint8_t *room, size_t len, bool at_end)
{
	return at_end ? room + ROOM - len : room;
}

static void damaged_streams_stay_inside(void **state)
{
	uint8_t *in = fenced();
	uint8_t *out = fenced();
	static uint8_t data[20000], stream[ROOM], judged[ROOM];
	athar_error err = ATHAR_ERROR_INIT;
	uint64_t seed = 77;
	unsigned accepted = 0;

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		const size_t len = athar_test_random(&seed) % sizeof data;
		const bool at_end = i % 2 == 0;
		uLongf packed = sizeof stream;
		size_t produced = 0;

		make_data(data, len, i);
		assert_int_equal(compress2(stream, &packed, data, len, (int)(i % 10)), Z_OK);
		for (unsigned flips = (unsigned)(i % 4); flips > 0; flips--)
			stream[athar_test_random(&seed) % packed] ^= (uint8_t)(1u << flips);
		const size_t cut = packed - (i % 7 == 0 ? athar_test_random(&seed) % packed : 0);
		const size_t cap = i % 5 == 0 ? athar_test_random(&seed) % (len + 1) : len;
		uint8_t *const from = place(in, cut, at_end);
		uint8_t *const to = place(out, cap, at_end);
		uLongf judged_len = cap;

		memcpy(from, stream, cut);
		const athar_status status = athar_inflate_zlib(to, cap, &produced, from, cut, &err);

		assert_int_equal(status == ATHAR_OK,
		                 uncompress(judged, &judged_len, from, cut) == Z_OK);
		if (status != ATHAR_OK)
			continue;
		accepted++;
		assert_int_equal(produced, judged_len);
		assert_memory_equal(to, judged, produced);
	}
	assert_in_range(accepted, 500, 1500);
	unfence(in);
	unfence(out);
}

static void packing_stays_inside(void **state)
{
	uint8_t *in = fenced();
	uint8_t *out = fenced();
	athar_error err = ATHAR_ERROR_INIT;
	athar_packer *packer = NULL;
	uint64_t seed = 78;

	(void)state;
	assert_ok(athar_packer_new(&packer, ATHAR_COMPRESSION_FAST, &err), err);
	for (unsigned i = 0; i < 3000; i++) {
		const size_t len = 1 + athar_test_random(&seed) % (i % 2 == 0 ? 40000 : 600);
		const size_t cap = athar_test_random(&seed) % (i % 3 == 0 ? len + 1 : ROOM);
		uint8_t *const from = place(in, len, i % 4 < 2);
		uint8_t *const to = place(out, cap, i % 8 < 4);

		make_data(from, len, i);
		assert_true(athar_packer_deflate(packer, to, cap, from, len) <= cap);
	}
	athar_packer_free(packer);
	unfence(in);
	unfence(out);
}

static void sums_stay_inside(void **state)
{
	uint8_t *in = fenced();

	(void)state;
	athar_test_fill(in, ROOM, 1);
	for (size_t len = 0; len < 2000; len++) {
		const uint8_t *end = in + ROOM - len;

		assert_int_equal(athar_crc32(0, end, len), crc32(0, end, (uInt)len));
		assert_int_equal(athar_adler32(1, end, len), adler32(1, end, (uInt)len));
		assert_int_equal(athar_crc32(0, in, len), crc32(0, in, (uInt)len));
	}
	unfence(in);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_streams_stay_inside),
		cmocka_unit_test(packing_stays_inside),
		cmocka_unit_test(sums_stay_inside),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
