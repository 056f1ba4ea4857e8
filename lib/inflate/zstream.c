/* SPDX-License-Identifier: BSD-2-Clause */
/* libzstd, piece by piece: for files, whose length no buffer has room for. */
#include <zstd.h>
#include <zstd_errors.h>

#include "base/alloc.h"
#include "base/idiom.h"
#include "inflate/zstream.h"

#define WINDOW_MOST 26 /* 64 MiB */

struct athar_zstream {
	ZSTD_DCtx *dctx;
	uint8_t *out;
	size_t room;
};

athar_status athar_zstream_new(athar_zstream **out, athar_error *err)
{
	ATHAR_AUTO(zstream) athar_zstream *z = athar_alloc(sizeof *z, err);

	if (z == NULL)
		return ATHAR_ENOMEM;
	z->room = ZSTD_DStreamOutSize();
	z->out = athar_alloc(z->room, err);
	z->dctx = ZSTD_createDCtx();
	if (z->out == NULL || z->dctx == NULL ||
	    ZSTD_isError(ZSTD_DCtx_setParameter(z->dctx, ZSTD_d_windowLogMax, WINDOW_MOST)))
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zstd");
	*out = ATHAR_GIVE(z);
	return ATHAR_OK;
}

void athar_zstream_free(athar_zstream *z)
{
	if (z == NULL)
		return;
	(void)ZSTD_freeDCtx(z->dctx);
	free(z->out);
	free(z);
}

void athar_zstream_begin(athar_zstream *z)
{
	(void)ZSTD_DCtx_reset(z->dctx, ZSTD_reset_session_only);
}

static athar_status fail(size_t result, athar_error *err)
{
	switch (ZSTD_getErrorCode(result)) {
	case ZSTD_error_memory_allocation:
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zstd");
	case ZSTD_error_frameParameter_windowTooLarge:
		return athar_fail(err, ATHAR_ELIMIT, "zstd: the window is larger than 64 MiB");
	default:
		return athar_fail(err, ATHAR_EFORMAT, "zstd: %s", ZSTD_getErrorName(result));
	}
}

athar_status athar_zstream_feed(athar_zstream *z, bool *ended, uint64_t *produced,
                                const uint8_t *in, size_t len, athar_error *err)
{
	ZSTD_inBuffer from = {in, len, 0};
	bool more = true;

	*ended = false;
	while (more && !*ended) {
		ZSTD_outBuffer to = {z->out, z->room, 0};
		const size_t result = ZSTD_decompressStream(z->dctx, &to, &from);

		if (ZSTD_isError(result))
			return fail(result, err);
		*produced += to.pos;
		*ended = result == 0;
		more = from.pos < len || to.pos == z->room;
	}
	return ATHAR_OK;
}
