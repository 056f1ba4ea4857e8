/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Films made here: one track of pictures, each one unit or two with a length before them.
 */
#include "base/endian.h"
#include "pieces.h"

#define PICTURES 150u
#define ROOM (2u << 20)

typedef struct made {
	uint8_t *bytes;
	size_t len;
	uint64_t random;
	uint32_t size[PICTURES];
} made;

static void put32(made *m, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		m->bytes[m->len++] = (uint8_t)(v >> shift);
}

static size_t open_box(made *m, const char *type)
{
	put32(m, 0);
	memcpy(m->bytes + m->len, type, 4);
	m->len += 4;
	return m->len - 8;
}

static void close_box(made *m, size_t at)
{
	const size_t end = m->len;

	m->len = at;
	put32(m, (uint32_t)(end - at));
	m->len = end;
}

static void put_zeros(made *m, size_t len)
{
	memset(m->bytes + m->len, 0, len);
	m->len += len;
}

/* A unit never holds three bytes of which the first two are zeros and the third is below 4. */
static void put_unit(made *m, uint32_t len)
{
	put32(m, len);
	m->bytes[m->len++] = 0x41;
	for (uint32_t i = 1; i < len; i++)
		m->bytes[m->len++] = (uint8_t)(1 + pieces_random(&m->random) % 255);
}

static void put_table(made *m, const char *type, uint32_t count, const uint32_t *rows, size_t len)
{
	const size_t box = open_box(m, type);

	put32(m, 0);
	put32(m, count);
	for (size_t i = 0; i < len; i++)
		put32(m, rows[i]);
	close_box(m, box);
}

static void put_coding(made *m)
{
	const size_t stsd = open_box(m, "stsd");

	put32(m, 0);
	put32(m, 1);
	const size_t row = open_box(m, "avc1");

	put_zeros(m, 78);
	const size_t config = open_box(m, "avcC");

	put32(m, 0x01640015);
	put32(m, 0xFFE00000);
	close_box(m, config);
	close_box(m, row);
	close_box(m, stsd);
}

static void put_index(made *m, uint32_t media)
{
	const size_t moov = open_box(m, "moov"), mvhd = open_box(m, "mvhd");

	put_zeros(m, 100);
	close_box(m, mvhd);
	const size_t trak = open_box(m, "trak"), mdia = open_box(m, "mdia");
	const size_t minf = open_box(m, "minf"), stbl = open_box(m, "stbl");

	put_coding(m);
	put_table(m, "stts", 1, (const uint32_t[]){PICTURES, 40}, 2);
	put_table(m, "stsc", 1, (const uint32_t[]){1, PICTURES, 1}, 3);
	put_table(m, "stco", 1, &media, 1);
	const size_t stsz = open_box(m, "stsz");

	put32(m, 0);
	put32(m, 0);
	put32(m, PICTURES);
	for (size_t i = 0; i < PICTURES; i++)
		put32(m, m->size[i]);
	close_box(m, stsz);
	close_box(m, stbl);
	close_box(m, minf);
	close_box(m, mdia);
	close_box(m, trak);
	close_box(m, moov);
}

static void put_media(made *m)
{
	const size_t mdat = open_box(m, "mdat");

	for (size_t i = 0; i < PICTURES; i++) {
		const size_t at = m->len;

		put_unit(m, (m->size[i] - 8) / 3);
		put_unit(m, m->size[i] - 8 - (m->size[i] - 8) / 3);
		assert_int_equal(m->len - at, m->size[i]);
	}
	close_box(m, mdat);
}

static made make(uint64_t seed, bool front, uint32_t most)
{
	made m = {.bytes = malloc(ROOM), .random = seed};

	assert_non_null(m.bytes);
	for (size_t i = 0; i < PICTURES; i++)
		m.size[i] = 100 + (uint32_t)(pieces_random(&m.random) % most);
	const size_t ftyp = open_box(&m, "ftyp");

	memcpy(m.bytes + m.len, "isom\0\0\2\0isomavc1", 16);
	m.len += 16;
	close_box(&m, ftyp);
	const size_t at = m.len;

	put_index(&m, 0);
	const size_t len = m.len - at;

	m.len = at;
	if (front)
		put_index(&m, (uint32_t)(at + len + 8));
	put_media(&m);
	if (!front)
		put_index(&m, (uint32_t)(at + 8));
	return m;
}

static pieces_file of(const made *m)
{
	return (pieces_file){m->bytes, m->len};
}

static void films(bool front)
{
	made m = make(front ? 1 : 2, front, 2500), other = make(3, !front, 2500);

	pieces_expect("bmff", of(&m), of(&other), PIECES_GAP, 4096, 17);
	pieces_expect("bmff", of(&m), of(&other), PIECES_BRAIDED, 4096, 17);
	/* behind the last length of the one whose index is at its beginning nothing is proven */
	pieces_expect("bmff", of(&m), of(&other), PIECES_MANY, 4096, front ? 0 : 10);
	pieces_expect("bmff", of(&m), of(&other), PIECES_SHUFFLED, 4096, front ? 0 : 10);
	pieces_expect("bmff", of(&m), of(&other), PIECES_MISSING, 4096, 0);
	free(m.bytes);
	free(other.bytes);
}

static void index_before_the_media(void **state)
{
	(void)state;
	films(true);
}

static void index_behind_the_media(void **state)
{
	(void)state;
	films(false);
}

/* Where many borders lie between two lengths, nothing tells which of them is the joint. */
static void long_units(void **state)
{
	made m = make(5, true, 12000), other = make(6, true, 12000);

	(void)state;
	for (layout_kind kind = PIECES_GAP; kind < PIECES_KINDS; kind++)
		pieces_expect("bmff", of(&m), of(&other), kind, 512, 0);
	free(m.bytes);
	free(other.bytes);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(index_before_the_media),
		cmocka_unit_test(index_behind_the_media),
		cmocka_unit_test(long_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
