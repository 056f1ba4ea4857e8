/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Zstandard: libzstd. A frame is undone in one piece: its window is then the output itself, so that
 * no memory is taken by the window or the length that a frame claims.
 */
#include <zstd.h>

#include "base/endian.h"
#include "base/idiom.h"
#include "inflate/unpack.h"

ATHAR_DEFINE_AUTO(dctx, ZSTD_DCtx *, (void)ZSTD_freeDCtx)

static athar_status damaged(size_t result, athar_error *err)
{
	return athar_fail(err, ATHAR_EFORMAT, "zstd: %s", ZSTD_getErrorName(result));
}

/* The length of the first frame. libzstd would take the formats before the standard as well. */
static athar_status measure(size_t *frame, const uint8_t *in, size_t len, athar_error *err)
{
	size_t result = 0;

	if (len < 4 || athar_le32(in) != ZSTD_MAGICNUMBER)
		return athar_fail(err, ATHAR_EFORMAT, "zstd: no frame begins here");
	result = ZSTD_findFrameCompressedSize(in, len);
	if (ZSTD_isError(result))
		return damaged(result, err);
	*frame = result;
	return ATHAR_OK;
}

athar_status athar_zstd_unpack(size_t *made, uint8_t *out, size_t room, const uint8_t *in,
                               size_t len, athar_error *err)
{
	ATHAR_AUTO(dctx) ZSTD_DCtx *dctx = NULL;
	size_t frame = 0;
	size_t result = 0;

	ATHAR_TRY(measure(&frame, in, len, err));
	dctx = ZSTD_createDCtx();
	if (dctx == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zstd");
	result = ZSTD_decompressDCtx(dctx, out, room, in, frame);
	if (ZSTD_isError(result))
		return damaged(result, err);
	*made = result;
	return ATHAR_OK;
}

const char *athar_zstd_engine(void)
{
	return ZSTD_versionString();
}
