/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * PDF files made here: streams of stored deflate blocks with their Adler-32, and a table of the
 * classic kind. The samples that other tools made are small, so that they are cut into sectors.
 */
#include <stdarg.h>

#include "pieces.h"

#define ROOM (1u << 20)
#define OBJECTS 120u

typedef struct made {
	char *bytes;
	size_t len;
	uint64_t random;
	size_t at[OBJECTS + 1];
} made;

static void ATHAR_PRINTF(2, 3) put(made *m, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	m->len += (size_t)vsnprintf(m->bytes + m->len, ROOM - m->len, format, args);
	va_end(args);
}

static void put_byte(made *m, unsigned byte)
{
	m->bytes[m->len++] = (char)byte;
}

/* A zlib stream of one stored block (RFC 1950, 1951). */
static void put_stored(made *m, unsigned len)
{
	unsigned a = 1, b = 0;

	put_byte(m, 0x78);
	put_byte(m, 0x01);
	put_byte(m, 1);
	put_byte(m, len & 255);
	put_byte(m, len >> 8);
	put_byte(m, ~len & 255);
	put_byte(m, ~len >> 8 & 255);
	for (unsigned i = 0; i < len; i++) {
		const unsigned byte = pieces_random(&m->random) & 255;

		put_byte(m, byte);
		a = (a + byte) % 65521;
		b = (b + a) % 65521;
	}
	put_byte(m, b >> 8);
	put_byte(m, b & 255);
	put_byte(m, a >> 8);
	put_byte(m, a & 255);
}

static void put_object(made *m, unsigned number, bool packed)
{
	const unsigned len = 1 + (unsigned)(pieces_random(&m->random) % 9000);

	m->at[number] = m->len;
	if (number % 3 == 0) {
		put(m, "%u 0 obj\n<< /Type /Page /Number %u >>\nendobj\n", number, len);
		return;
	}
	put(m, "%u 0 obj\n<< /Length %u %s >>\nstream\n", number, len + 11,
	    packed ? "/Filter /FlateDecode" : "");
	put_stored(m, len);
	put(m, "\nendstream\nendobj\n");
}

static made make(uint64_t seed, bool packed)
{
	made m = {.bytes = malloc(ROOM), .random = seed};

	assert_non_null(m.bytes);
	put(&m, "%%PDF-1.4\n");
	for (unsigned i = 1; i <= OBJECTS; i++)
		put_object(&m, i, packed);
	const size_t table = m.len;

	put(&m, "xref\n0 %u\n0000000000 65535 f \n", OBJECTS + 1);
	for (unsigned i = 1; i <= OBJECTS; i++)
		put(&m, "%010zu 00000 n \n", m.at[i]);
	put(&m, "trailer\n<< /Size %u /Root 3 0 R >>\nstartxref\n%zu\n%%%%EOF\n", OBJECTS + 1,
	    table);
	return m;
}

static made packed, other, raw;

static int begin(void **state)
{
	(void)state;
	packed = make(1, true);
	other = make(2, true);
	raw = make(3, false);
	return 0;
}

static int end(void **state)
{
	(void)state;
	free(packed.bytes);
	free(other.bytes);
	free(raw.bytes);
	return 0;
}

static pieces_file of(const made *m)
{
	return (pieces_file){(const uint8_t *)m->bytes, m->len};
}

/* What lies between are pieces of a file with the same objects at other places. An object that lies
 * in three pieces is not put together. */
static void packed_streams(void **state)
{
	static const uint32_t blocks[] = {512, 4096};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(blocks); i++) {
		for (layout_kind kind = PIECES_ONE; kind < PIECES_MISSING; kind++)
			pieces_expect(
				"pdf", of(&packed), of(&other), kind, blocks[i],
				kind == PIECES_MANY || kind == PIECES_SHUFFLED ? 15 : PIECES_SEEDS);
		pieces_expect("pdf", of(&packed), of(&other), PIECES_MISSING, blocks[i], 0);
	}
}

/* Streams that are not packed prove nothing: a joint that could be elsewhere is none. */
static void streams_without_a_checksum(void **state)
{
	(void)state;
	for (layout_kind kind = PIECES_ONE; kind < PIECES_KINDS; kind++)
		pieces_expect("pdf", of(&raw), of(&other), kind, 512,
		              kind == PIECES_ONE ? PIECES_SEEDS : 0);
}

static void samples(void **state)
{
	static const char *const names[] = {"plain",   "linear",         "streams",
	                                    "updated", "updated-linear", "crlf"};

	(void)state;
	for (size_t i = 0; i < ATHAR_COUNT(names); i++) {
		char path[300];

		(void)snprintf(path, sizeof path, ATHAR_TESTDATA "/formats/%s.pdf", names[i]);
		const pieces_file f = pieces_load(path);

		pieces_expect("pdf", f, of(&other), PIECES_ONE, 512, PIECES_SEEDS);
		pieces_expect("pdf", f, of(&other), PIECES_GAP, 512, 15);
		pieces_expect("pdf", f, of(&other), PIECES_BRAIDED, 512, 15);
		free((void *)(uintptr_t)f.bytes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(packed_streams),
		cmocka_unit_test(streams_without_a_checksum),
		cmocka_unit_test(samples),
	};

	return cmocka_run_group_tests(tests, begin, end);
}
