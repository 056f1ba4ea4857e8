/* SPDX-License-Identifier: BSD-2-Clause */
#include <string.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "inflate/fast.h"
#include "inflate/inflate.h"
#include "inflate/zpack.h"

#define LEVEL_BEST 9
/* Shorter input is always tried: too few samples tell nothing. */
#define HISTOGRAM_MIN 4096
/* Odd, so that the samples of records of 2, 4, 8 ... bytes come from all their places. */
#define HISTOGRAM_STEP 9

struct athar_packer {
	athar_compression level;
	athar_fast *fast;
	athar_zpack *best; /* also for zeros, whose stream is then made once */
	size_t zeros;      /* the length of input whose stream is in zero_stream; 0 is none */
	size_t zero_len;
	uint8_t zero_stream[32768];
};

athar_status athar_packer_new(athar_packer **out, athar_compression level, athar_error *err)
{
	athar_packer *p = athar_alloc(sizeof *p, err);
	athar_status status = ATHAR_OK;

	if (p == NULL)
		return err->status;
	p->level = level;
	if (level != ATHAR_COMPRESSION_NONE)
		status = athar_zpack_new(&p->best, LEVEL_BEST, err);
	if (status == ATHAR_OK && level == ATHAR_COMPRESSION_FAST)
		status = athar_fast_new(&p->fast, err);
	if (status != ATHAR_OK)
		athar_packer_free(p);
	else
		*out = p;
	return status;
}

void athar_packer_free(athar_packer *p)
{
	if (p == NULL)
		return;
	athar_fast_free(p->fast);
	athar_zpack_free(p->best);
	free(p);
}

static bool all_zero(const uint8_t *in, size_t len)
{
	return in[0] == 0 && memcmp(in, in + 1, len - 1) == 0;
}

/*
 * Would deflate find nothing? The squares of a histogram add up to samples^2 / 256 for bytes that
 * are all as frequent, plus about one a sample for chance; 15 % and a tenth above that is still
 * encrypted, compressed or random.
 */
static bool in_vain(const uint8_t *in, size_t len)
{
	uint32_t histogram[256] = {0};
	uint64_t samples = 0;
	uint64_t squares = 0;

	if (len < HISTOGRAM_MIN)
		return false;
	for (size_t i = 0; i < len; i += HISTOGRAM_STEP, samples++)
		histogram[in[i]]++;
	for (size_t i = 0; i < ATHAR_COUNT(histogram); i++)
		squares += (uint64_t)histogram[i] * histogram[i];
	return squares * 100 < samples * samples / 256 * 115 + samples * 110;
}

/* Disks are mostly zeros in pieces of one length: their stream is remembered. */
static size_t deflate_zeros(athar_packer *p, uint8_t *out, size_t cap, const uint8_t *in,
                            size_t len)
{
	if (p->zeros != len) {
		p->zero_len = athar_zpack_deflate(p->best, p->zero_stream, sizeof p->zero_stream,
		                                  in, len);
		p->zeros = p->zero_len == 0 ? 0 : len;
	}
	if (p->zeros != len)
		return athar_zpack_deflate(p->best, out, cap, in, len);
	if (p->zero_len > cap)
		return 0;
	memcpy(out, p->zero_stream, p->zero_len);
	return p->zero_len;
}

size_t athar_packer_deflate(athar_packer *p, uint8_t *out, size_t cap, const uint8_t *in,
                            size_t len)
{
	size_t packed = 0;

	if (p->level == ATHAR_COMPRESSION_NONE || len == 0)
		return 0;
	if (all_zero(in, len))
		packed = deflate_zeros(p, out, cap, in, len);
	else if (in_vain(in, len))
		return 0;
	else if (p->level == ATHAR_COMPRESSION_FAST)
		packed = athar_fast_deflate(p->fast, out, cap, in, len);
	else
		packed = athar_zpack_deflate(p->best, out, cap, in, len);
	return packed < len ? packed : 0;
}
