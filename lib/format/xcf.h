/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The tiles of an XCF file: pieces of 64 by 64 pixels at most, the bytes of which have no length of
 * their own. To see where one ends it is decoded, for its structure only.
 */
#ifndef ATHAR_FORMAT_XCF_H
#define ATHAR_FORMAT_XCF_H

#include "format/unpack.h"

typedef enum xcf_packing { XCF_PLAIN, XCF_RLE, XCF_ZLIB } xcf_packing;

typedef struct xcf_tile {
	uint64_t at;
	uint32_t pixels, depth; /* bytes a pixel */
	uint64_t limit;         /* bytes that it may take */
} xcf_tile;

typedef struct xcf_verdict {
	bool good;    /* it gives just its pixels; zlib's sum holds */
	uint64_t end; /* behind it when it is good, else how far it was followed */
} xcf_verdict;

/* ATHAR_EOF where the range ends in it. unpacker: for XCF_ZLIB only. */
athar_status xcf_tile_check(xcf_verdict *out, const xcf_tile *tile, xcf_packing packing,
                            athar_reader *in, athar_unpacker *unpacker, athar_error *err);

#endif
