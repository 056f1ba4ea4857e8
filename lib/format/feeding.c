/* SPDX-License-Identifier: BSD-2-Clause */
#include "format/feeding.h"

#include <string.h>

#include "base/check.h"

/* Input looked at together: so near does an error show. */
#define SLICE 512u

bool athar_held_fill(athar_held *h, athar_feeding *in, size_t want)
{
	const size_t len = h->count < want ? (size_t)athar_min(want - h->count, in->left) : 0;

	memcpy(h->bytes + h->count, in->next, len);
	h->count += len;
	(void)athar_feeding_take(in, len);
	return h->count >= want;
}

size_t athar_feeding_take(athar_feeding *in, uint64_t most)
{
	const size_t len = (size_t)athar_min(in->left, most);

	in->next += len;
	in->left -= len;
	in->at += len;
	return len;
}

athar_status athar_fed_deflate_begin(athar_fed_deflate *d, athar_error *err)
{
	d->sum = (athar_inflated){.adler32 = 1};
	if (d->inflater == NULL)
		return athar_inflater_new(&d->inflater, err);
	athar_inflater_reset(d->inflater);
	return ATHAR_OK;
}

athar_status athar_fed_deflate_copy(athar_fed_deflate *out, const athar_fed_deflate *d,
                                    athar_error *err)
{
	*out = (athar_fed_deflate){.sum = d->sum};
	if (d->inflater == NULL)
		return ATHAR_OK;
	return athar_inflater_copy(&out->inflater, d->inflater, err);
}

void athar_fed_deflate_clear(athar_fed_deflate *d)
{
	athar_inflater_free(d->inflater);
	d->inflater = NULL;
}

static bool take_all(void *user, const uint8_t *bytes, size_t len)
{
	(void)user;
	(void)bytes;
	(void)len;
	return true;
}

athar_status athar_fed_deflate_feed(athar_fed_deflate *d, bool *wrong, athar_feeding *in,
                                    uint64_t most, athar_inflater_sink *sink, void *user,
                                    athar_error *err)
{
	const size_t len = (size_t)athar_min(athar_min(in->left, most), SLICE);
	const uint64_t before = d->sum.consumed;
	const athar_status status = athar_inflater_show(d->inflater, &d->sum, in->next, len,
	                                                sink == NULL ? take_all : sink, user, err);

	(void)athar_feeding_take(in, d->sum.consumed - before);
	*wrong = status == ATHAR_EFORMAT;
	return *wrong ? ATHAR_OK : status;
}
