/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the TIFF format share: tiff.c follows the directories and judges the file,
 * tiff_strip.c looks into the strips and tiles that they point to.
 */
#ifndef ATHAR_FORMAT_TIFF_H
#define ATHAR_FORMAT_TIFF_H

#include "format/exif.h"
#include "format/unpack.h"

/* How a strip is packed, as its image says. */
typedef struct tiff_coding {
	uint32_t compression;
	bool reversed; /* bits of a byte from the lowest on */
	bool tables;   /* what a JPEG in it needs lies elsewhere */
} tiff_coding;

#define TIFF_FILTER_ARRAY 32803u /* photometric: the pixels of a sensor */
#define TIFF_LINEAR_RAW 34892u

/* What a directory says of an image. */
typedef struct tiff_image {
	uint64_t kind, width, height, rows, samples, planar, tile_width, tile_height;
	uint64_t compression, photometric, fill_order;
	uint64_t bits; /* of a sample */
	uint64_t jpeg_at, jpeg_size;
	uint64_t sony_at, sony_size;
	athar_tiff_entry offsets, sizes; /* of strips or tiles */
	bool tiled, tables;
} tiff_image;

/* How many strips or tiles it must have; 0: that makes no sense. */
uint64_t tiff_strips_needed(const tiff_image *m);
/* Bytes that strip i unpacks to; 0: it is of a kind for which that is not known. */
uint64_t tiff_strip_bytes(const tiff_image *m, uint64_t i);

typedef struct tiff_strip {
	uint64_t at, end;
	uint64_t bytes; /* that it must unpack to; 0: that is not known */
	tiff_coding coding;
} tiff_strip;

typedef enum tiff_verdict { TIFF_UNKNOWN, TIFF_GOOD, TIFF_BAD } tiff_verdict;

/* Does what the strip holds give just its bytes? TIFF_UNKNOWN where nothing could tell. All of it
 * is in the reader's range. */
athar_status tiff_strip_check(tiff_verdict *out, const tiff_strip *s, athar_unpacker *unpacker,
                              athar_reader *in, athar_error *err);

#endif
