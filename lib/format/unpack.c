/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/unpack.h"

#include "base/check.h"

#define PIECE_FIRST (1u << 10)
#define PIECE (1u << 16)
/* Output that may be made: for free, and for each byte of the file. What packs tighter is rare, and
 * counts as not checked. */
#define OUTPUT_FREE (UINT64_C(256) << 20)
#define OUTPUT_A_BYTE 200u

athar_status athar_unpacker_init(athar_unpacker *u, athar_error *err)
{
	*u = (athar_unpacker){.produced = 0};
	return athar_inflater_new(&u->inflater, err);
}

void athar_unpacker_clear(athar_unpacker *u)
{
	athar_inflater_free(u->inflater);
	u->inflater = NULL;
}

size_t athar_unpacker_piece(uint64_t done)
{
	return (size_t)athar_min(PIECE_FIRST + done, PIECE);
}

static uint64_t output_left(const athar_unpacker *u, uint64_t at)
{
	const uint64_t most = OUTPUT_FREE + OUTPUT_A_BYTE * at;

	return most > u->produced ? most - u->produced : 0;
}

athar_status athar_unpacker_run(athar_inflated *out, bool *dear, athar_unpacker *u,
                                athar_reader *in, uint64_t at, uint64_t limit, athar_error *err)
{
	athar_bytes b;

	*out = (athar_inflated){.consumed = 0};
	*dear = false;
	athar_inflater_reset(u->inflater);
	for (uint64_t fed = 0; !out->ended && !*dear && fed < limit; fed += b.len) {
		const uint64_t before = out->produced, piece = athar_unpacker_piece(fed);

		ATHAR_TRY(athar_reader_some(&b, in, at + fed, (size_t)athar_min(piece, limit - fed),
		                            err));
		const athar_status status = athar_inflater_feed(
			u->inflater, out, b.ptr, b.len, before + output_left(u, at + fed), err);

		u->produced += out->produced - before;
		*dear = status == ATHAR_ELIMIT;
		if (!*dear)
			ATHAR_TRY(status);
	}
	return ATHAR_OK;
}
