/* SPDX-License-Identifier: BSD-2-Clause */
/* A worker that a log has taken over says anything it likes: what is accepted is within bounds, and
 * can be compared. The first byte chooses the message. */
#include <stdlib.h>

#include "engine/pieces.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	ATHAR_AUTO(said) athar_said said;
	ATHAR_AUTO(pieces) athar_pieces pieces = {.count = 0};
	ATHAR_AUTO(json) athar_json *json = NULL;
	athar_error err = ATHAR_ERROR_INIT;
	static uint8_t block[4096];

	athar_said_init(&said);
	if (size == 0)
		return 0;
	athar_bytes message = {.ptr = data + 1, .len = size - 1};
	if ((data[0] % 3 == 0   ? athar_said_unwire(&said, message, &err)
	     : data[0] % 3 == 1 ? athar_said_unwire_pieces(&said, message, &err)
	                        : athar_said_unwire_bad(&said, message, &err)) != ATHAR_OK)
		return 0;
	said.in_sectors = data[0] >= 128;
	json = athar_said_json(&said, 100);
	if (athar_pieces_init(&pieces, &said, 4 * sizeof block, &err) != ATHAR_OK)
		abort();
	for (uint64_t at = 0; at < 4 * sizeof block; at += sizeof block)
		if (athar_pieces_feed(&pieces, at, block, sizeof block, &err) != ATHAR_OK)
			abort();
	if (athar_pieces_in(&pieces, ATHAR_PIECE_UNREAD) != 0)
		abort();
	return 0;
}
