/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/taps.h"

#include <string.h>

#include "base/check.h"

static athar_status take(void *user, const athar_slab *slab, athar_error *err)
{
	static const uint8_t zeros[65536];
	const athar_hash_tap *tap = user;
	uint64_t padded = tap->pad == 0 ? slab->length : athar_round_up(slab->length, tap->pad);
	uint64_t fill = padded - slab->length;

	ATHAR_TRY(athar_digester_update(tap->digester, slab->data, slab->length, err));
	for (uint64_t done = 0; done < fill; done += sizeof zeros)
		ATHAR_TRY(athar_digester_update(tap->digester, zeros,
		                                (size_t)athar_min(fill - done, sizeof zeros), err));
	return ATHAR_OK;
}

athar_status athar_taps_add(athar_taps *taps, unsigned algorithms, uint32_t pad, athar_error *err)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		athar_hash_tap *hash = &taps->hash[taps->count];

		if ((algorithms & 1u << bit) == 0)
			continue;
		if (taps->count == ATHAR_COUNT(taps->hash))
			return athar_fail(err, ATHAR_ELIMIT, "too many hashes at once");
		ATHAR_TRY(athar_digester_new(&hash->digester, 1u << bit, err));
		hash->algorithm = 1u << bit;
		hash->pad = pad;
		taps->tap[taps->count++] = (athar_pipe_tap){take, hash};
	}
	return ATHAR_OK;
}

athar_status athar_taps_finish(athar_digests *out, athar_taps *taps, uint32_t pad, athar_error *err)
{
	*out = (athar_digests){0};
	for (size_t i = 0; i < taps->count; i++) {
		athar_digests one;

		if (taps->hash[i].pad != pad)
			continue;
		ATHAR_TRY(athar_digester_finish(&one, taps->hash[i].digester, err));
		(void)athar_digests_set(out, taps->hash[i].algorithm,
		                        athar_digests_get(&one, taps->hash[i].algorithm));
	}
	return ATHAR_OK;
}

void athar_taps_clear(athar_taps *taps)
{
	for (size_t i = 0; i < taps->count; i++)
		athar_digester_free(taps->hash[i].digester);
	taps->count = 0;
}
