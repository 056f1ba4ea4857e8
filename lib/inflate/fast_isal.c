/* SPDX-License-Identifier: BSD-2-Clause */
/* The quick engine: ISA-L. */
#include <isa-l.h>
#include <stdlib.h>
#include <zlib.h>

#include "base/alloc.h"
#include "base/check.h"
#include "base/idiom.h"
#include "inflate/fast.h"
#include "inflate/inflate.h"

#define LEVEL 1
#define STRING_OF(x) #x
#define STRING(x) STRING_OF(x)

struct athar_fast {
	struct isal_zstream stream;
	uint8_t level_buffer[ISAL_DEF_LVL1_DEFAULT];
};

athar_status athar_fast_new(athar_fast **out, athar_error *err)
{
	athar_fast *fast = athar_alloc(sizeof *fast, err);

	if (fast == NULL)
		return err->status;
	*out = fast;
	return ATHAR_OK;
}

void athar_fast_free(athar_fast *fast)
{
	free(fast);
}

size_t athar_fast_deflate(athar_fast *fast, uint8_t *out, size_t cap, const uint8_t *in, size_t len)
{
	struct isal_zstream *s = &fast->stream;

	if (len > UINT32_MAX)
		return 0;
	isal_deflate_stateless_init(s);
	s->level = LEVEL;
	s->level_buf = fast->level_buffer;
	s->level_buf_size = sizeof fast->level_buffer;
	s->gzip_flag = IGZIP_ZLIB;
	s->end_of_stream = 1;
	s->next_in = (uint8_t *)(uintptr_t)in;
	s->avail_in = (uint32_t)len;
	s->next_out = out;
	s->avail_out = (uint32_t)athar_min(cap, UINT32_MAX);
	return isal_deflate_stateless(s) == COMP_OK ? s->total_out : 0;
}

static athar_status explain(int result, size_t cap, athar_error *err)
{
	switch (result) {
	case ISAL_DECOMP_OK:
		return ATHAR_OK;
	case ISAL_END_INPUT:
		return athar_fail(err, ATHAR_EFORMAT, "compressed data are cut short");
	case ISAL_OUT_OVERFLOW:
		return athar_fail(err, ATHAR_EFORMAT,
		                  "compressed data are longer than the %zu bytes they may be", cap);
	case ISAL_INCORRECT_CHECKSUM:
		return athar_fail(err, ATHAR_EFORMAT,
		                  "compressed data do not match their checksum");
	default:
		return athar_fail(err, ATHAR_EFORMAT, "compressed data are damaged");
	}
}

athar_status athar_inflate_zlib(uint8_t *out, size_t cap, size_t *len, const uint8_t *in,
                                size_t in_len, athar_error *err)
{
	/* Some 80 KiB, which ISA-L sets up itself: not on a thread's stack, and not zeroed. */
	ATHAR_AUTO(free) struct inflate_state *state = malloc(sizeof *state);

	if (state == NULL)
		return athar_fail(err, ATHAR_ENOMEM, "memory ran out for ISA-L");
	isal_inflate_init(state);
	state->crc_flag = ISAL_ZLIB;
	state->next_in = (uint8_t *)(uintptr_t)in;
	state->avail_in = (uint32_t)athar_min(in_len, UINT32_MAX);
	state->next_out = out;
	state->avail_out = (uint32_t)athar_min(cap, UINT32_MAX);
	ATHAR_TRY(explain(isal_inflate_stateless(state), cap, err));
	*len = state->total_out;
	return ATHAR_OK;
}

uint32_t athar_adler32(uint32_t adler, const void *bytes, size_t len)
{
	return isal_adler32(adler, bytes, len);
}

uint32_t athar_crc32(uint32_t crc, const void *bytes, size_t len)
{
	return crc32_gzip_refl(crc, bytes, len);
}

const char *athar_inflate_engine(void)
{
	return "isa-l " STRING(ISAL_MAJOR_VERSION) "." STRING(ISAL_MINOR_VERSION) "." STRING(
		ISAL_PATCH_VERSION) ", zlib " ZLIB_VERSION;
}
