/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The structure of TIFF, which Exif shares: directories of entries, each with a tag, a type, a
 * count and a value or its place. It lies in [base, base + len) of the reader, and all its places
 * count from the base.
 */
#ifndef ATHAR_FORMAT_EXIF_H
#define ATHAR_FORMAT_EXIF_H

#include "format/walk.h"

#define ATHAR_TIFF_ENTRY 12u /* bytes of an entry */

typedef struct athar_tiff {
	athar_reader *in;
	uint64_t base, len; /* all of it is in the reader's range */
	bool big;           /* the byte order */
} athar_tiff;

typedef struct athar_tiff_entry {
	uint16_t tag, type;
	uint32_t count;
	uint64_t at, size; /* of the value; it may lie anywhere */
	uint8_t unit;      /* bytes of one value; 0: the type is none */
} athar_tiff_entry;

uint16_t athar_tiff_16(const athar_tiff *t, const uint8_t *b);
uint32_t athar_tiff_32(const athar_tiff *t, const uint8_t *b);

/* What begins at `at` and has `len` bytes at most. *ifd: its first directory; 0: it is no TIFF. */
athar_status athar_tiff_begin(athar_tiff *out, uint64_t *ifd, athar_reader *in, uint64_t at,
                              uint64_t len, athar_error *err);
/* The number of entries of the directory at `ifd`; ATHAR_EOF where the range ends in it. */
athar_status athar_tiff_count(size_t *out, const athar_tiff *t, uint64_t ifd, athar_error *err);
/* Entry i of the directory; athar_tiff_count said that it is there. */
athar_status athar_tiff_entry_get(athar_tiff_entry *out, const athar_tiff *t, uint64_t ifd,
                                  size_t i, athar_error *err);
/* Number i of a value of whole numbers; 0 where it has none or lies past the range. */
athar_status athar_tiff_number(uint64_t *out, const athar_tiff *t, const athar_tiff_entry *e,
                               uint64_t i, athar_error *err);

/* Notes what the TIFF structure there says of the camera, the program, the person and the time.
 * What makes no sense is passed over; only the reader's failures are returned, ATHAR_EOF never. */
athar_status athar_exif_fields(athar_walk *w, uint64_t at, uint64_t len, athar_error *err);

#endif
