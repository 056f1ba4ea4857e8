/* SPDX-License-Identifier: BSD-2-Clause */
#include "inflate/zpack.h"

#include <zlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"

struct athar_zpack {
	z_stream stream;
};

athar_status athar_zpack_new(athar_zpack **out, int level, athar_error *err)
{
	ATHAR_AUTO(free) athar_zpack *z = athar_alloc(sizeof *z, err);

	if (z == NULL)
		return err->status;
	if (deflateInit(&z->stream, level) != Z_OK)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib's compressor");
	*out = ATHAR_GIVE(z);
	return ATHAR_OK;
}

void athar_zpack_free(athar_zpack *z)
{
	if (z == NULL)
		return;
	(void)deflateEnd(&z->stream);
	free(z);
}

size_t athar_zpack_deflate(athar_zpack *z, uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
	if (len > UINT32_MAX || deflateReset(&z->stream) != Z_OK)
		return 0;
	z->stream.next_in = (z_const Bytef *)(uintptr_t)in;
	z->stream.avail_in = (uInt)len;
	z->stream.next_out = out;
	z->stream.avail_out = (uInt)athar_min(cap, UINT32_MAX);
	return deflate(&z->stream, Z_FINISH) == Z_STREAM_END ? (size_t)z->stream.total_out : 0;
}
