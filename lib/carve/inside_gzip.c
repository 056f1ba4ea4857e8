/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The content of gzip (RFC 1952): of a file of one member. One of several is no more than what it
 * was before in all of them together, and is left alone.
 */
#include <string.h>

#include "base/check.h"
#include "base/endian.h"
#include "carve/inside.h"

#define HEAD_MOST 8192u

enum { FHCRC = 2, FEXTRA = 4, FNAME = 8, FCOMMENT = 16 };

/* Behind the text at `at`; 0: it does not end here. */
static size_t skip_text(athar_bytes b, size_t at)
{
	const uint8_t *end = at >= b.len ? NULL : memchr(b.ptr + at, '\0', b.len - at);

	return end == NULL ? 0 : (size_t)(end - b.ptr) + 1;
}

/* The length of the header, and the name in it; 0: it makes no sense. */
static size_t read_head(athar_layer *l, athar_bytes b)
{
	const uint8_t flags = b.ptr[3];
	size_t at = 10;

	if ((flags & FEXTRA) != 0)
		at += b.len < 12 ? b.len : 2u + athar_le16(b.ptr + 10);
	if ((flags & FNAME) != 0) {
		const size_t end = skip_text(b, at);

		if (end == 0)
			return 0;
		athar_layer_name(l, b.ptr + at, end - 1 - at);
		at = end;
	}
	if ((flags & FCOMMENT) != 0)
		at = skip_text(b, at);
	return at == 0 ? 0 : at + ((flags & FHCRC) != 0 ? 2 : 0);
}

static athar_status list(athar_listing *x, athar_error *err)
{
	athar_layer l = {.transform = ATHAR_TRANSFORM_DEFLATE};
	athar_bytes b;

	ATHAR_TRY(athar_reader_get(&b, x->in, x->size - athar_min(x->size, 4), 4, err));
	l.size = athar_le32(b.ptr);
	ATHAR_TRY(athar_reader_some(&b, x->in, 0, HEAD_MOST, err));
	if (b.len < 18)
		return ATHAR_OK;
	athar_layer_name(&l, "content", 7);
	const size_t head = read_head(&l, b);

	if (head == 0 || head > b.len || x->size - head < 8)
		return ATHAR_OK;
	l.offset = head;
	l.stored = x->size - head - 8;
	return athar_listing_give(x, &l, err);
}

const athar_container athar_container_gzip = {.format = "gzip", .list = list};
