/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a file is made of, in file order. Every recovered byte has an address or a derivation: an
 * extent of data is the image's own bytes, the other kinds say how the bytes come about.
 */
#ifndef ATHAR_EXTENTS_H
#define ATHAR_EXTENTS_H

#include "athar/bytes.h"

ATHAR_BEGIN

typedef enum athar_extent_kind {
	ATHAR_EXTENT_DATA,    /* length bytes at image offset, unchanged */
	ATHAR_EXTENT_HOLE,    /* zeros by the file system's word; image is ATHAR_NOWHERE */
	ATHAR_EXTENT_DERIVED, /* made by the transform from `stored` bytes at image offset */
	ATHAR_EXTENT_MISSING  /* not known where; image is ATHAR_NOWHERE; handed out as zeros */
} athar_extent_kind;

typedef enum athar_transform {
	ATHAR_TRANSFORM_NONE,
	ATHAR_TRANSFORM_FIXUP,   /* NTFS update sequence undone */
	ATHAR_TRANSFORM_LZNT1,   /* NTFS compression */
	ATHAR_TRANSFORM_DEFLATE, /* zlib or raw deflate (HFS+, APFS, ZIP) */
	ATHAR_TRANSFORM_LZ4,     /* F2FS */
	ATHAR_TRANSFORM_ZSTD,    /* F2FS */
	ATHAR_TRANSFORM_LZO,     /* F2FS */
	ATHAR_TRANSFORM_XPRESS,  /* Windows, files compressed as a whole */
	ATHAR_TRANSFORM_LZX,     /* the same */
	ATHAR_TRANSFORM_BASE64,  /* mail */
	ATHAR_TRANSFORM_QUOTED   /* mail: quoted-printable */
} athar_transform;

typedef struct athar_extent {
	uint64_t logical; /* offset in the file */
	uint64_t image;   /* offset in the image, or ATHAR_NOWHERE */
	uint64_t length;  /* bytes of the file */
	uint64_t stored;  /* bytes of the image; equals length for data, 0 for holes */
	athar_extent_kind kind;
	athar_transform transform;
} athar_extent;

/* In file order and without gaps: each extent begins where the one before it ends. */
typedef struct athar_extents {
	athar_extent *extent;
	size_t count, capacity;
} athar_extents;

#define ATHAR_EXTENTS_INIT \
	{ \
		NULL, 0, 0 \
	}

/* Appends at the end; data that goes on where the last extent ended is joined to it. */
ATHAR_API ATHAR_MUST athar_status athar_extents_add_data(athar_extents *x, uint64_t image,
                                                         uint64_t length, athar_error *err);
/* Any kind; extent.logical is set for you. */
ATHAR_API ATHAR_MUST athar_status athar_extents_add(athar_extents *x, athar_extent extent,
                                                    athar_error *err);
/* Cuts the file at `size` bytes; shorter files stay as they are. */
ATHAR_API void athar_extents_truncate(athar_extents *x, uint64_t size);
ATHAR_API uint64_t athar_extents_size(const athar_extents *x);
/* True when every byte is the image's own: then dd and sha256sum can check it. */
ATHAR_API bool athar_extents_plain(const athar_extents *x);
ATHAR_API ATHAR_MUST athar_status athar_extents_copy(athar_extents *out, const athar_extents *x,
                                                     athar_error *err);
ATHAR_API void athar_extents_clear(athar_extents *x);

/* "data", "hole", "derived", "missing" and "none", "fixup", ...; parse returns false for others. */
ATHAR_API const char *athar_extent_kind_name(athar_extent_kind kind);
ATHAR_API const char *athar_transform_name(athar_transform transform);
ATHAR_API bool athar_extent_kind_parse(athar_extent_kind *out, const char *name);
ATHAR_API bool athar_transform_parse(athar_transform *out, const char *name);

ATHAR_END

#endif
