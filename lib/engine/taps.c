/* SPDX-License-Identifier: BSD-2-Clause */
#include "engine/taps.h"

#include "base/check.h"
#include "digest/digest.h"

static athar_status take(void *user, const athar_slab *slab, athar_error *err)
{
	const athar_hash_tap *tap = user;

	return athar_digester_update(tap->digester, slab->data, slab->length, err);
}

athar_status athar_taps_add(athar_taps *taps, unsigned algorithms, athar_error *err)
{
	for (unsigned bit = 0; bit < ATHAR_DIGEST_COUNT; bit++) {
		athar_hash_tap *hash = &taps->hash[taps->count];

		if ((algorithms & 1u << bit) == 0)
			continue;
		if (taps->count == ATHAR_COUNT(taps->hash))
			return athar_fail(err, ATHAR_ELIMIT, "too many hashes at once");
		ATHAR_TRY(athar_digester_new(&hash->digester, 1u << bit, err));
		hash->algorithm = 1u << bit;
		taps->tap[taps->count++] = (athar_pipe_tap){take, hash};
	}
	return ATHAR_OK;
}

static athar_status finish_one(athar_digests *out, const athar_hash_tap *tap,
                               athar_digester *digester, athar_error *err)
{
	athar_digests one;

	ATHAR_TRY(athar_digester_finish(&one, digester, err));
	(void)athar_digests_set(out, tap->algorithm, athar_digests_get(&one, tap->algorithm));
	return ATHAR_OK;
}

static athar_status pad(athar_digester *digester, uint64_t zeros, athar_error *err)
{
	static const uint8_t none[4096];

	for (uint64_t done = 0; done < zeros; done += sizeof none)
		ATHAR_TRY(athar_digester_update(digester, none,
		                                (size_t)athar_min(zeros - done, sizeof none), err));
	return ATHAR_OK;
}

athar_status athar_taps_padded(athar_digests *out, const athar_taps *taps, uint64_t zeros,
                               athar_error *err)
{
	*out = (athar_digests){0};
	for (size_t i = 0; i < taps->count; i++) {
		ATHAR_AUTO(digester) athar_digester *copy = NULL;

		ATHAR_TRY(athar_digester_copy(&copy, taps->hash[i].digester, err));
		ATHAR_TRY(pad(copy, zeros, err));
		ATHAR_TRY(finish_one(out, &taps->hash[i], copy, err));
	}
	return ATHAR_OK;
}

athar_status athar_taps_finish(athar_digests *out, athar_taps *taps, athar_error *err)
{
	*out = (athar_digests){0};
	for (size_t i = 0; i < taps->count; i++)
		ATHAR_TRY(finish_one(out, &taps->hash[i], taps->hash[i].digester, err));
	return ATHAR_OK;
}

void athar_taps_clear(athar_taps *taps)
{
	for (size_t i = 0; i < taps->count; i++)
		athar_digester_free(taps->hash[i].digester);
	taps->count = 0;
}
