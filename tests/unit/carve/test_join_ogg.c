/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Ogg files made here: the CRC is computed bit by bit, as RFC 3533 defines it.
 */
#include "base/endian.h"
#include "pieces.h"

#define PAGES 60u
#define ROOM (PAGES * 70000u)

typedef struct made {
	uint8_t *bytes;
	size_t len;
	uint64_t random;
} made;

static uint32_t crc(const uint8_t *bytes, size_t len)
{
	uint32_t c = 0;

	for (size_t i = 0; i < len; i++) {
		c ^= (uint32_t)bytes[i] << 24;
		for (int bit = 0; bit < 8; bit++)
			c = c << 1 ^ (c >> 31 != 0 ? UINT32_C(0x04C11DB7) : 0);
	}
	return c;
}

static void put_page(made *m, uint32_t serial, uint32_t number, uint8_t flags, unsigned segments)
{
	uint8_t *p = m->bytes + m->len;
	size_t len = 27 + segments;

	memset(p, 0, 27);
	memcpy(p, "OggS", 4);
	p[5] = flags;
	athar_put_le32(p + 6, number * 100);
	athar_put_le32(p + 14, serial);
	athar_put_le32(p + 18, number);
	p[26] = (uint8_t)segments;
	for (unsigned i = 0; i < segments; i++) {
		p[27 + i] = (uint8_t)pieces_random(&m->random);
		len += p[27 + i];
	}
	for (size_t i = 27 + segments; i < len; i++)
		p[i] = (uint8_t)pieces_random(&m->random);
	athar_put_le32(p + 22, crc(p, len));
	m->len += len;
}

/* One stream, or two that run side by side. */
static made make(uint64_t seed, uint32_t serial, unsigned streams)
{
	made m = {.bytes = malloc(ROOM), .random = seed};

	assert_non_null(m.bytes);
	for (unsigned n = 0; n < PAGES; n++) {
		for (unsigned s = 0; s < streams; s++) {
			const uint8_t flags = n == 0 ? 2 : n == PAGES - 1 ? 4 : 0;
			const unsigned most = n % 10 == 9 ? 255 : 60;

			put_page(&m, serial + s, n, flags,
			         n == 0 ? 1 : 1 + (unsigned)(pieces_random(&m.random) % most));
		}
	}
	return m;
}

static made one, two, same;

static int begin(void **state)
{
	(void)state;
	one = make(1, 77, 1);
	two = make(2, 88, 2);
	same = make(3, 77, 1); /* another file with the serial number of the first */
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(one.bytes);
	free(two.bytes);
	free(same.bytes);
	return 0;
}

static pieces_file of(const made *m)
{
	return (pieces_file){m->bytes, m->len};
}

static void all_layouts(const made *m, uint32_t block)
{
	for (layout_kind kind = PIECES_ONE; kind < PIECES_MISSING; kind++)
		pieces_expect("ogg", of(m), of(&same), kind, block, 18);
	pieces_expect("ogg", of(m), of(&same), PIECES_MISSING, block, 0);
}

static void one_stream_in_sectors(void **state)
{
	(void)state;
	all_layouts(&one, 512);
}

static void one_stream_in_clusters(void **state)
{
	(void)state;
	all_layouts(&one, 4096);
}

static void two_streams(void **state)
{
	(void)state;
	all_layouts(&two, 1024);
	all_layouts(&two, 4096);
}

/* The last page says that it is the last; without it nothing is joined. */
static void without_a_last_page(void **state)
{
	pieces_file cut = of(&one);

	(void)state;
	cut.len -= 5000;
	for (layout_kind kind = PIECES_ONE; kind < PIECES_KINDS; kind++) {
		pieces_result r = {.tried = 0};

		for (uint64_t seed = 1; seed <= 5; seed++)
			pieces_run(&r, "ogg", cut, of(&same), of(&same), kind, 4096, seed);
		assert_int_equal(r.right + r.wrong, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_stream_in_sectors),
		cmocka_unit_test(one_stream_in_clusters),
		cmocka_unit_test(two_streams),
		cmocka_unit_test(without_a_last_page),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
