/* SPDX-License-Identifier: BSD-2-Clause */
/* A packed stream of WOF's: the first byte is its packing, three more the file's size. It is never
 * read from outside of itself, and what is read in pieces is what is read at once. */
#include <stdlib.h>
#include <string.h>

#include "base/endian.h"
#include "volume/wof.h"

#define HEAD ((size_t)4)
#define SIZE_MOST ((uint32_t)1 << 18)
#define PIECE ((size_t)3001)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct stream {
	const uint8_t *bytes;
	size_t len;
} stream;

static void require(bool holds)
{
	if (!holds)
		abort();
}

static athar_status read_stream(void *user, void *buf, size_t len, uint64_t offset,
                                athar_error *err)
{
	const stream *s = user;

	(void)err;
	require(len > 0 && offset <= s->len && len <= s->len - offset);
	memcpy(buf, s->bytes + offset, len);
	return ATHAR_OK;
}

/* Each piece is read by a reader of its own, as far as it goes. */
static void compare(const athar_wof_layout *x, stream *s, const uint8_t *whole, size_t len)
{
	for (size_t at = 0; at < len; at += PIECE) {
		ATHAR_AUTO(wof_reader) athar_wof_reader *reader = NULL;
		uint8_t piece[PIECE];
		athar_error err = ATHAR_ERROR_INIT;
		size_t got = 0;

		require(athar_wof_open(&reader, x, read_stream, s, &err) == ATHAR_OK);
		require(athar_wof_read(&got, reader, piece, PIECE, at, &err) == ATHAR_OK);
		require(got >= (len - at < PIECE ? len - at : PIECE));
		require(memcmp(piece, whole + at, len - at < PIECE ? len - at : PIECE) == 0);
	}
}

static void try_stream(athar_wof_packing packing, uint32_t size, stream *s)
{
	ATHAR_AUTO(wof_reader) athar_wof_reader *reader = NULL;
	ATHAR_AUTO(free) uint8_t *out = malloc(size + 1);
	athar_wof_layout x;
	athar_error err = ATHAR_ERROR_INIT;
	size_t got = 0;

	if (athar_wof_lay_out(&x, packing, size, s->len, &err) != ATHAR_OK)
		return;
	require(athar_wof_open(&reader, &x, read_stream, s, &err) == ATHAR_OK);
	const athar_status status = athar_wof_read(&got, reader, out, size + 1, 0, &err);

	require(status == ATHAR_OK || (status == ATHAR_EFORMAT && err.text[0] != '\0'));
	require(got <= size && (status == ATHAR_OK || got == 0));
	compare(&x, s, out, got);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	athar_wof_packing packing = ATHAR_WOF_LZX;
	athar_error err = ATHAR_ERROR_INIT;

	if (athar_wof_parse(&packing, data, size, &err) == ATHAR_OK)
		require(athar_wof_is(data, size) && packing <= ATHAR_WOF_XPRESS16K);
	if (size < HEAD)
		return 0;
	stream s = {.bytes = data + HEAD, .len = size - HEAD};

	try_stream((athar_wof_packing)(data[0] % 4), athar_le32(data) >> 8 & (SIZE_MOST - 1), &s);
	return 0;
}
