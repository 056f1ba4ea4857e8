/* SPDX-License-Identifier: BSD-2-Clause */
/* zlib in every build: it knows to the byte where a stream ends. */
#include <zlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "inflate/inflate.h"

#define OUT_SIZE 65536
/* Handed out at once: little, so that who looks at it can stop early. */
#define SHOW_SIZE 4096
#define IN_MAX ((size_t)1 << 30)

struct athar_inflater {
	z_stream stream;
	uint8_t *out; /* OUT_SIZE bytes, once they are needed */
};

athar_status athar_inflater_new(athar_inflater **out, athar_error *err)
{
	ATHAR_AUTO(free) athar_inflater *x = athar_alloc(sizeof *x, err);

	if (x == NULL)
		return err->status;
	if (inflateInit2(&x->stream, -MAX_WBITS) != Z_OK)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	*out = ATHAR_GIVE(x);
	return ATHAR_OK;
}

void athar_inflater_free(athar_inflater *x)
{
	if (x == NULL)
		return;
	(void)inflateEnd(&x->stream);
	free(x->out);
	free(x);
}

athar_status athar_inflater_copy(athar_inflater **out, const athar_inflater *x, athar_error *err)
{
	ATHAR_AUTO(free) athar_inflater *copy = athar_alloc(sizeof *copy, err);

	if (copy == NULL)
		return err->status;
	/* zlib takes the source without const, and does not change it */
	if (inflateCopy(&copy->stream, (z_stream *)(uintptr_t)&x->stream) != Z_OK)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	*out = ATHAR_GIVE(copy);
	return ATHAR_OK;
}

void athar_inflater_reset(athar_inflater *x)
{
	(void)inflateReset(&x->stream);
}

/* One call of inflate into out, summed. *more is false when it waits for input. */
static athar_status step(athar_inflater *x, athar_inflated *sum, uint8_t *out, uInt size,
                         size_t *came, bool *more, athar_error *err)
{
	z_stream *s = &x->stream;
	const uInt before = s->avail_in;
	int result = 0;

	s->next_out = out;
	s->avail_out = size;
	result = inflate(s, Z_NO_FLUSH);
	*came = size - s->avail_out;
	sum->consumed += before - s->avail_in;
	sum->adler32 = athar_adler32(sum->produced == 0 ? 1 : sum->adler32, out, *came);
	sum->produced += *came;
	sum->crc32 = athar_crc32(sum->crc32, out, *came);
	sum->ended = result == Z_STREAM_END;
	/* Z_BUF_ERROR: neither input nor output moved, which is no damage. */
	*more = result == Z_OK && (s->avail_in > 0 || s->avail_out == 0);
	if (result == Z_MEM_ERROR)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
		return athar_fail(err, ATHAR_EFORMAT,
		                  "compressed data are damaged after %llu bytes",
		                  (unsigned long long)sum->consumed);
	return ATHAR_OK;
}

athar_status athar_inflater_feed(athar_inflater *x, athar_inflated *sum, const uint8_t *in,
                                 size_t len, uint64_t max_out, athar_error *err)
{
	size_t came;

	if (x->out == NULL && (x->out = athar_alloc(OUT_SIZE, err)) == NULL)
		return ATHAR_ENOMEM;
	while (len > 0 && !sum->ended) {
		const size_t slice = athar_min(len, IN_MAX);
		bool more = true;

		x->stream.next_in = (z_const Bytef *)(uintptr_t)in;
		x->stream.avail_in = (uInt)slice;
		while (more) {
			ATHAR_TRY(step(x, sum, x->out, OUT_SIZE, &came, &more, err));
			if (sum->produced > max_out)
				return athar_fail(
					err, ATHAR_ELIMIT,
					"compressed data give more than the %llu bytes allowed",
					(unsigned long long)max_out);
		}
		in += slice;
		len -= slice;
	}
	return ATHAR_OK;
}

athar_status athar_inflater_show(athar_inflater *x, athar_inflated *sum, const uint8_t *in,
                                 size_t len, athar_inflater_sink *sink, void *user,
                                 athar_error *err)
{
	uint8_t out[SHOW_SIZE];
	bool more = len > 0 && !sum->ended;
	size_t came;

	x->stream.next_in = (z_const Bytef *)(uintptr_t)in;
	x->stream.avail_in = (uInt)athar_min(len, IN_MAX);
	while (more) {
		ATHAR_TRY(step(x, sum, out, SHOW_SIZE, &came, &more, err));
		if (!sink(user, out, came))
			return athar_fail(err, ATHAR_EFORMAT, "what came out was refused");
	}
	return ATHAR_OK;
}
