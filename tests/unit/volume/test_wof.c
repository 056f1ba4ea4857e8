/* SPDX-License-Identifier: BSD-2-Clause */
#include "packed.h"

#include "base/endian.h"
#include "base/idiom.h"
#include "volume/wof.h"

#define REPARSE ((size_t)24)
#define FOUR_GIB ((uint64_t)1 << 32)

/* A packed stream in memory. */
typedef struct stream {
	const uint8_t *bytes;
	size_t len;
	size_t reads;
	uint64_t bad_from, bad_to; /* cannot be read */
} stream;

static athar_status read_stream(void *user, void *buf, size_t len, uint64_t offset,
                                athar_error *err)
{
	stream *s = user;

	s->reads++;
	assert_true(len > 0 && offset <= s->len && len <= s->len - offset);
	if (offset < s->bad_to && offset + len > s->bad_from)
		return athar_fail(err, ATHAR_EIO, "a place that cannot be read");
	memcpy(buf, s->bytes + offset, len);
	return ATHAR_OK;
}

/* What ntfs-3g-system-compression and wimlib take: a head of 8 bytes and 16 of data. */
static void make_reparse(uint8_t out[REPARSE], uint32_t packing)
{
	static const uint8_t start[] = {0x17, 0, 0, 0x80, 16, 0, 0, 0, 1, 0,
	                                0,    0, 2, 0,    0,  0, 1, 0, 0, 0};

	memcpy(out, start, sizeof start);
	athar_put_le32(out + 20, packing);
}

static void reparse_points(void **state)
{
	uint8_t raw[REPARSE];
	athar_wof_packing packing = ATHAR_WOF_LZX;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	for (uint32_t i = 0; i < 4; i++) {
		make_reparse(raw, i);
		assert_true(athar_wof_is(raw, sizeof raw));
		assert_ok(athar_wof_parse(&packing, raw, sizeof raw, &err), err);
		assert_int_equal(packing, i);
	}
	make_reparse(raw, 4);
	assert_status(athar_wof_parse(&packing, raw, sizeof raw, &err), ATHAR_EFORMAT, err);
	make_reparse(raw, 1);
	raw[12] = 1;
	assert_status(athar_wof_parse(&packing, raw, sizeof raw, &err), ATHAR_EFORMAT, err);
	assert_non_null(strstr(err.text, "WIM"));
	for (size_t i = 0; i < 20; i++) {
		make_reparse(raw, 1);
		raw[i] = (uint8_t)(raw[i] ^ 0x40U);
		/* The higher byte of the length may be larger, and nobody looks at what is
		 * reserved. */
		if (i != 4 && i != 5 && i != 6 && i != 7)
			assert_status(athar_wof_parse(&packing, raw, sizeof raw, &err),
			              ATHAR_EFORMAT, err);
	}
}

static void reparse_points_that_are_cut_or_other(void **state)
{
	/* A mount point's tag. */
	uint8_t raw[REPARSE] = {0x03, 0x00, 0x00, 0xA0, 16};
	athar_wof_packing packing = ATHAR_WOF_LZX;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_false(athar_wof_is(raw, sizeof raw));
	assert_status(athar_wof_parse(&packing, raw, sizeof raw, &err), ATHAR_EFORMAT, err);
	make_reparse(raw, 0);
	for (size_t len = 0; len < REPARSE; len++) {
		ATHAR_AUTO(free) uint8_t *cut = malloc(len + 1);

		memcpy(cut, raw, len);
		assert_int_equal(athar_wof_is(cut, len), len >= 8);
		assert_status(athar_wof_parse(&packing, cut, len, &err), ATHAR_EFORMAT, err);
	}
	raw[4] = 15;
	assert_status(athar_wof_parse(&packing, raw, sizeof raw, &err), ATHAR_EFORMAT, err);
}

static void layouts(void **state)
{
	athar_wof_layout x;
	athar_error err = ATHAR_ERROR_INIT;

	(void)state;
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 0, 0, &err), err);
	assert_int_equal(x.chunks, 0);
	assert_status(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 1, 0, &err), ATHAR_EFORMAT, err);
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 4096, 1, &err), err);
	assert_int_equal(x.chunks, 1);
	assert_int_equal(x.table, 0);
	assert_status(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 4097, 4, &err), ATHAR_EFORMAT, err);
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 4097, 6, &err), err);
	assert_int_equal(x.chunks, 2);
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_LZX, FOUR_GIB - 1, FOUR_GIB, &err), err);
	assert_int_equal(x.entry, 4);
	assert_int_equal(x.table, 131071 * 4);
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_LZX, FOUR_GIB, FOUR_GIB, &err), err);
	assert_int_equal(x.entry, 8);
	assert_int_equal(x.table, 131071 * 8);
	assert_status(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS8K, UINT64_MAX, 1 << 20, &err),
	              ATHAR_EFORMAT, err);
}

/* A reader over a vector's stream. */
static athar_wof_reader *reader_of(const packed_vector *v, stream *s)
{
	athar_wof_reader *reader = NULL;
	athar_wof_layout x;
	athar_error err = ATHAR_ERROR_INIT;

	*s = (stream){.bytes = v->packed, .len = v->size};
	assert_ok(athar_wof_lay_out(&x, (athar_wof_packing)v->packing, v->length, v->size, &err),
	          err);
	assert_ok(athar_wof_open(&reader, &x, read_stream, s, &err), err);
	return reader;
}

static void assert_read(const packed_vector *v, athar_wof_reader *reader, size_t len, size_t offset)
{
	ATHAR_AUTO(free) uint8_t *out = malloc(len + 1);
	athar_error err = ATHAR_ERROR_INIT;
	const size_t rest = offset < v->length ? v->length - offset : 0;
	size_t got = 99;

	assert_ok(athar_wof_read(&got, reader, out, len, offset, &err), err);
	assert_int_equal(got, len < rest ? len : rest);
	assert_memory_equal(out, v->data + (rest == 0 ? 0 : offset), got);
}

static void read_all_ways(const packed_vector *v, void *user)
{
	stream s;
	ATHAR_AUTO(wof_reader) athar_wof_reader *reader = reader_of(v, &s);
	uint64_t seed = 11;

	(void)user;
	assert_read(v, reader, v->length, 0);
	assert_read(v, reader, v->length + 100, 0);
	for (size_t at = 0; at < v->length; at += 1000)
		assert_read(v, reader, 1000, at);
	for (unsigned i = 0; i < 200; i++)
		assert_read(v, reader, athar_test_random(&seed) % 9000,
		            athar_test_random(&seed) % (v->length + 10));
	assert_read(v, reader, 0, 0);
}

static void files_packed_by_wimlib(void **state)
{
	(void)state;
	assert_int_equal(packed_each("wof", read_all_ways, NULL), 20);
}

/* The first vector of each packing: 45000 bytes. */
static void one_chunk_is_kept(const packed_vector *v, void *user)
{
	stream s;
	ATHAR_AUTO(wof_reader) athar_wof_reader *reader = reader_of(v, &s);

	(void)user;
	assert_read(v, reader, 1, 0);
	const size_t reads = s.reads;

	for (size_t at = 0; at < v->length && at < 4096; at++)
		assert_read(v, reader, 1, at);
	assert_int_equal(s.reads, reads);
}

static void chunks_are_kept(void **state)
{
	(void)state;
	packed_each("wof", one_chunk_is_kept, NULL);
}

/* One chunk that cannot be had takes nothing else with it. */
static void lose_a_chunk(const packed_vector *v, void *user)
{
	static const size_t sizes[] = {4096, 32768, 8192, 16384};
	const size_t chunk = sizes[v->packing];
	stream s;
	ATHAR_AUTO(wof_reader) athar_wof_reader *reader = reader_of(v, &s);
	athar_error err = ATHAR_ERROR_INIT;
	uint8_t byte;
	size_t got = 0;

	if (v->length != 45000)
		return;
	const size_t table = (v->length - 1) / chunk * 4;

	/* The last byte of the first chunk. */
	s.bad_from = table + athar_le32(v->packed) - 1;
	s.bad_to = s.bad_from + 1;
	assert_status(athar_wof_read(&got, reader, &byte, 1, 0, &err), ATHAR_EIO, err);
	assert_status(athar_wof_read(&got, reader, &byte, 1, chunk - 1, &err), ATHAR_EIO, err);
	assert_read(v, reader, v->length - chunk, chunk);
	/* The second: what is before it is given first. */
	if (2 * chunk >= v->length)
		return;
	s.bad_from = table + athar_le32(v->packed + 4) - 1;
	s.bad_to = s.bad_from + 1;
	ATHAR_AUTO(free) uint8_t *out = malloc(v->length);

	assert_ok(athar_wof_read(&got, reader, out, v->length, 10, &err), err);
	assert_int_equal(got, chunk - 10);
	assert_memory_equal(out, v->data + 10, got);
	assert_status(athar_wof_read(&got, reader, out, v->length, chunk, &err), ATHAR_EIO, err);
	assert_int_equal(got, 0);
	(*(unsigned *)user)++;
}

static void lost_chunks_are_alone(void **state)
{
	unsigned count = 0;

	(void)state;
	packed_each("wof", lose_a_chunk, &count);
	assert_int_equal(count, 3);
}

/* Entries that run backwards, are equal, or too far apart, and one beyond the stream. */
static void tables_that_make_no_sense(void **state)
{
	static const uint32_t entries[][2] = {{8, 4}, {8, 8}, {0, 8}, {4097, 4098}, {8, 5000}};
	static uint8_t raw[8 + 4099];
	athar_error err = ATHAR_ERROR_INIT;
	athar_wof_layout x;
	athar_wof_chunk c;
	stream s = {.bytes = raw, .len = sizeof raw};

	(void)state;
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_XPRESS4K, 8193, sizeof raw, &err), err);
	for (size_t i = 0; i < ATHAR_COUNT(entries); i++) {
		unsigned bad = 0;

		athar_put_le32(raw, entries[i][0]);
		athar_put_le32(raw + 4, entries[i][1]);
		for (uint64_t n = 0; n < 3; n++)
			if (athar_wof_locate(&c, &x, n, read_stream, &s, &err) != ATHAR_OK) {
				assert_int_equal(err.status, ATHAR_EFORMAT);
				bad++;
			}
		assert_in_range(bad, 1, 3);
	}
	athar_put_le32(raw, 2);
	athar_put_le32(raw + 4, 4098);
	assert_ok(athar_wof_locate(&c, &x, 1, read_stream, &s, &err), err);
	assert_true(c.at == 10 && c.packed == 4096 && c.size == 4096);
	assert_ok(athar_wof_locate(&c, &x, 2, read_stream, &s, &err), err);
	assert_true(c.at == 8 + 4098 && c.packed == 1 && c.size == 1);
}

/* A stream of chunks that are all the same, of a file too large to keep; `chunk` has the packed
 * bytes. */
typedef struct endless {
	const packed_vector *chunk;
	uint64_t table;
} endless;

static athar_status read_endless(void *user, void *buf, size_t len, uint64_t offset,
                                 athar_error *err)
{
	const endless *e = user;
	uint8_t *out = buf;

	(void)err;
	for (size_t i = 0; i < len; i++, offset++) {
		const uint64_t entry = (offset / 8 + 1) * e->chunk->size;

		if (offset < e->table)
			out[i] = (uint8_t)(entry >> offset % 8 * 8);
		else
			out[i] = e->chunk->packed[(offset - e->table) % e->chunk->size];
	}
	return ATHAR_OK;
}

static void read_large(const packed_vector *v, void *user)
{
	const uint64_t chunks = 3 * FOUR_GIB / 32768;
	endless e = {.chunk = v, .table = (chunks - 1) * 8};
	ATHAR_AUTO(wof_reader) athar_wof_reader *reader = NULL;
	ATHAR_AUTO(free) uint8_t *out = malloc(32768);
	athar_error err = ATHAR_ERROR_INIT;
	athar_wof_layout x;
	size_t got = 0;

	if (v->length != 32768)
		return;
	assert_ok(athar_wof_lay_out(&x, ATHAR_WOF_LZX, 3 * FOUR_GIB, e.table + chunks * v->size,
	                            &err),
	          err);
	assert_ok(athar_wof_open(&reader, &x, read_endless, &e, &err), err);
	assert_ok(athar_wof_read(&got, reader, out, 32768, 3 * FOUR_GIB - 32768, &err), err);
	assert_int_equal(got, 32768);
	assert_memory_equal(out, v->data, got);
	assert_ok(athar_wof_read(&got, reader, out, 1000, 2 * FOUR_GIB + 1000, &err), err);
	assert_memory_equal(out, v->data + 1000, got);
	assert_ok(athar_wof_read(&got, reader, out, 1000, 3 * FOUR_GIB, &err), err);
	assert_int_equal(got, 0);
	(*(unsigned *)user)++;
}

static void files_of_more_than_four_gib(void **state)
{
	unsigned count = 0;

	(void)state;
	packed_each("lzx", read_large, &count);
	assert_int_equal(count, 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reparse_points),
		cmocka_unit_test(reparse_points_that_are_cut_or_other),
		cmocka_unit_test(layouts),
		cmocka_unit_test(files_packed_by_wimlib),
		cmocka_unit_test(chunks_are_kept),
		cmocka_unit_test(lost_chunks_are_alone),
		cmocka_unit_test(tables_that_make_no_sense),
		cmocka_unit_test(files_of_more_than_four_gib),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
