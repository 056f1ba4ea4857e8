/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FLAC files made here (RFC 9639), of frames whose samples are stored as they are or as residuals
 * in escaped and coded partitions: their CRCs are computed bit by bit.
 */
#include "base/endian.h"
#include "pieces.h"

#define FRAMES 40u
#define SAMPLES 4096u
#define PADDING 8192u
#define PICTURE (40u * 4096u) /* the frames begin there */
#define ROOM ((FRAMES + 1) * 24000u + PICTURE)

typedef struct made {
	uint8_t *bytes;
	size_t len;
	unsigned bit; /* of the last byte, that are used */
	uint64_t random;
} made;

static void put(made *m, uint64_t value, unsigned bits)
{
	for (; bits != 0; bits--) {
		if (m->bit == 0)
			m->bytes[m->len++] = 0;
		m->bytes[m->len - 1] |= (uint8_t)((value >> (bits - 1) & 1) << (7 - m->bit));
		m->bit = (m->bit + 1) % 8;
	}
}

static uint32_t crc(const made *m, size_t from, unsigned width, uint32_t polynomial)
{
	uint32_t c = 0;

	for (size_t i = from; i < m->len; i++) {
		for (int bit = 7; bit >= 0; bit--) {
			const uint32_t top = (c >> (width - 1) ^ (uint32_t)m->bytes[i] >> bit) & 1;

			c = (c << 1 ^ (top != 0 ? polynomial : 0)) & ((1u << width) - 1);
		}
	}
	return c;
}

/* Numbers of the frame fit in one byte, those of samples in up to four. */
static void put_number(made *m, uint32_t n)
{
	if (n < 0x80) {
		put(m, n, 8);
	} else if (n < 0x800) {
		put(m, 0xC0 | n >> 6, 8);
		put(m, 0x80 | (n & 0x3F), 8);
	} else if (n < 0x10000) {
		put(m, 0xE0 | n >> 12, 8);
		put(m, 0x80 | (n >> 6 & 0x3F), 8);
		put(m, 0x80 | (n & 0x3F), 8);
	} else {
		put(m, 0xF0 | n >> 18, 8);
		put(m, 0x80 | (n >> 12 & 0x3F), 8);
		put(m, 0x80 | (n >> 6 & 0x3F), 8);
		put(m, 0x80 | (n & 0x3F), 8);
	}
}

/* Two channels: fixed prediction of the second order, Rice codes with a parameter for each part. */
static void put_channel(made *m, uint32_t samples)
{
	put(m, 10 << 1, 8);
	put(m, pieces_random(&m->random), 32);
	put(m, 0, 2);
	put(m, 2, 4);
	for (uint32_t part = 0; part < 4; part++) {
		const unsigned width = 4 + (unsigned)(pieces_random(&m->random) % 4);

		put(m, width, 4);
		for (uint32_t i = part == 0 ? 2 : 0; i < samples / 4; i++) {
			for (uint64_t high = pieces_random(&m->random); (high & 1) != 0; high >>= 1)
				put(m, 0, 1);
			put(m, 1, 1);
			put(m, pieces_random(&m->random), width);
		}
	}
}

static void put_frame(made *m, uint32_t index, bool by_sample)
{
	const size_t from = m->len;
	const uint32_t samples = index == FRAMES - 1 ? 1000 : SAMPLES;

	put(m, by_sample ? 0xFFF9 : 0xFFF8, 16);
	put(m, 0x79, 8); /* samples in 16 bits, 44100 Hz */
	put(m, 0x18, 8); /* two channels, 16 bits */
	put_number(m, by_sample ? index * SAMPLES : index);
	put(m, samples - 1, 16);
	put(m, crc(m, from, 8, 0x07), 8);
	put_channel(m, samples);
	put_channel(m, samples);
	m->bit = 0;
	put(m, crc(m, from, 16, 0x8005), 16);
}

static void put_info(made *m, uint64_t total, bool picture)
{
	memcpy(m->bytes, "fLaC", 4);
	m->len = 4;
	put(m, 34, 32);
	put(m, SAMPLES, 16);
	put(m, SAMPLES, 16);
	put(m, 0, 48);
	put(m, 44100, 20);
	put(m, 1, 3);
	put(m, 15, 5);
	put(m, total, 36);
	put(m, pieces_random(&m->random), 64);
	put(m, pieces_random(&m->random), 64);
	if (picture) {
		put(m, 0x86, 8);
		put(m, PICTURE - 46, 24);
		while (m->len < PICTURE)
			put(m, pieces_random(&m->random), 8);
		return;
	}
	put(m, 0x81, 8);
	put(m, PADDING, 24);
	memset(m->bytes + m->len, 0, PADDING);
	m->len += PADDING;
}

static made make(uint64_t seed, bool by_sample, bool picture)
{
	made m = {.bytes = malloc(ROOM), .random = seed};

	assert_non_null(m.bytes);
	put_info(&m, (FRAMES - 1) * SAMPLES + 1000, picture);
	for (uint32_t i = 0; i < FRAMES; i++)
		put_frame(&m, i, by_sample);
	assert_true(m.len < ROOM);
	return m;
}

static made one, numbered, same, pictured;

static int begin(void **state)
{
	(void)state;
	one = make(1, false, false);
	numbered = make(2, true, false);
	same = make(3, false, false); /* as many samples, frames of the same numbers */
	pictured = make(4, false, true);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(one.bytes);
	free(numbered.bytes);
	free(same.bytes);
	free(pictured.bytes);
	return 0;
}

static pieces_file of(const made *m)
{
	return (pieces_file){m->bytes, m->len};
}

/* Behind padding that ends with a piece both files may go on: then none is taken. */
static void all_layouts(const made *m, uint32_t block, unsigned least_of_many)
{
	for (layout_kind kind = PIECES_ONE; kind < PIECES_MISSING; kind++) {
		const bool many = kind == PIECES_MANY || kind == PIECES_SHUFFLED;

		pieces_expect("flac", of(m), of(&same), kind, block,
		              many                     ? least_of_many
		              : kind == PIECES_BRAIDED ? 19
		                                       : 20);
	}
	pieces_expect("flac", of(m), of(&same), PIECES_MISSING, block, 0);
}

static void in_sectors(void **state)
{
	(void)state;
	all_layouts(&one, 512, 17);
}

static void in_clusters(void **state)
{
	(void)state;
	all_layouts(&one, 4096, 17);
}

static void numbered_by_samples(void **state)
{
	(void)state;
	all_layouts(&numbered, 1024, 17);
	all_layouts(&numbered, 4096, 17);
}

/* Without its last bytes the samples are too few; nothing is joined. */
static void without_an_end(void **state)
{
	pieces_file cut = of(&one);

	(void)state;
	cut.len -= 5000;
	for (layout_kind kind = PIECES_ONE; kind < PIECES_KINDS; kind++) {
		pieces_result r = {.tried = 0};

		for (uint64_t seed = 1; seed <= 5; seed++)
			pieces_run(&r, "flac", cut, of(&same), of(&same), kind, 4096, seed);
		assert_int_equal(r.right + r.wrong, 0);
	}
}

/* Nothing proves a joint within a picture, even where the frames begin with a block. */
static void behind_a_picture(void **state)
{
	pieces_result r = {.tried = 0};

	(void)state;
	for (uint64_t seed = 1; seed <= 40; seed++)
		pieces_run(&r, "flac", of(&pictured), of(&same), of(&same), PIECES_GAP, 4096, seed);
	assert_int_equal(r.wrong, 0);
	assert_in_range(r.right, 15, 35);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(in_sectors),          cmocka_unit_test(in_clusters),
		cmocka_unit_test(numbered_by_samples), cmocka_unit_test(behind_a_picture),
		cmocka_unit_test(without_an_end),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
