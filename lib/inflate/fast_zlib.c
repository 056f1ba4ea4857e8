/* SPDX-License-Identifier: BSD-2-Clause */
/* The quick engine where ISA-L is missing: zlib at its best speed. */
#include <zlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "inflate/fast.h"
#include "inflate/inflate.h"
#include "inflate/zpack.h"

struct athar_fast {
	athar_zpack *zpack;
};

athar_status athar_fast_new(athar_fast **out, athar_error *err)
{
	ATHAR_AUTO(free) athar_fast *fast = athar_alloc(sizeof *fast, err);

	if (fast == NULL)
		return err->status;
	ATHAR_TRY(athar_zpack_new(&fast->zpack, Z_BEST_SPEED, err));
	*out = ATHAR_GIVE(fast);
	return ATHAR_OK;
}

void athar_fast_free(athar_fast *fast)
{
	if (fast == NULL)
		return;
	athar_zpack_free(fast->zpack);
	free(fast);
}

size_t athar_fast_deflate(athar_fast *fast, uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
	return athar_zpack_deflate(fast->zpack, out, cap, in, len);
}

athar_status athar_inflate_zlib(uint8_t *out, size_t cap, size_t *len, const uint8_t *in,
                                size_t in_len, athar_error *err)
{
	uLongf out_len = cap;
	int result = uncompress(out, &out_len, in, in_len);

	if (result == Z_MEM_ERROR)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for zlib");
	if (result == Z_BUF_ERROR)
		return athar_fail(
			err, ATHAR_EFORMAT,
			"compressed data are cut short or longer than the %zu bytes they may be",
			cap);
	if (result != Z_OK)
		return athar_fail(err, ATHAR_EFORMAT, "compressed data are damaged");
	*len = out_len;
	return ATHAR_OK;
}

uint32_t athar_adler32(uint32_t adler, const void *bytes, size_t len)
{
	/* Not called for nothing: a null buffer means "the initial value" to zlib. */
	return len == 0 ? adler : (uint32_t)adler32_z(adler, bytes, len);
}

uint32_t athar_crc32(uint32_t crc, const void *bytes, size_t len)
{
	return len == 0 ? crc : (uint32_t)crc32_z(crc, bytes, len);
}

const char *athar_inflate_engine(void)
{
	return "zlib " ZLIB_VERSION;
}
