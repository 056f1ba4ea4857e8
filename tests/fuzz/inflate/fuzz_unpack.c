/* SPDX-License-Identifier: BSD-2-Clause */
/* The decompressors of unpack.h: the first byte chooses which, the second how much room there is.
 * All of the room may be used, and nothing else; what comes out does not depend on what was there.
 */
#include <stdlib.h>
#include <string.h>

#include "base/check.h"
#include "base/idiom.h"
#include "inflate/unpack.h"

#define ROOM_UNIT ((size_t)512)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef athar_status unpacker(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                              size_t len, athar_error *err);

static void require(bool holds)
{
	if (!holds)
		abort();
}

/* Unpacks into memory that was filled with `before`; returns what came out, NULL for a failure. */
static uint8_t *run(unpacker *unpack, size_t *made, size_t room, uint8_t before,
                    const uint8_t *data, size_t size)
{
	athar_error err = ATHAR_ERROR_INIT;
	ATHAR_AUTO(free) uint8_t *in = malloc(size == 0 ? 1 : size);
	ATHAR_AUTO(free) uint8_t *out = malloc(room == 0 ? 1 : room);

	require(in != NULL && out != NULL);
	if (size > 0)
		memcpy(in, data, size);
	memset(out, before, room);
	const athar_status status = unpack(made, out, room, in, size, &err);

	require(status == ATHAR_OK || (status == ATHAR_EFORMAT && err.text[0] != '\0'));
	require(status != ATHAR_OK || *made <= room);
	return status == ATHAR_OK ? ATHAR_GIVE(out) : NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unpacker *const unpackers[] = {athar_lz4_unpack,    athar_zstd_unpack,
	                                      athar_lzo_unpack,    athar_lznt1_unpack,
	                                      athar_xpress_unpack, athar_lzx_unpack};
	size_t one = 0;
	size_t two = 0;

	if (size < 2)
		return 0;
	unpacker *const unpack = unpackers[data[0] % ATHAR_COUNT(unpackers)];
	const size_t most = unpack == athar_lzx_unpack ? 32768 : 65536;
	const size_t room = athar_min(data[1] * ROOM_UNIT + data[1] % 3, most);
	ATHAR_AUTO(free) uint8_t *a = run(unpack, &one, room, 0x00, data + 2, size - 2);
	ATHAR_AUTO(free) uint8_t *b = run(unpack, &two, room, 0xFF, data + 2, size - 2);

	require((a == NULL) == (b == NULL));
	require(a == NULL || (one == two && memcmp(a, b, one) == 0));
	return 0;
}
