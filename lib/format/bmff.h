/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the files of the BMFF format share: boxes, and the film or picture they make up.
 *
 * A box is a size, a type of four characters and a payload. bmff.c walks those at the top and
 * judges the file; bmff_track.c follows the index of a film to its media, bmff_item.c that of a
 * picture, bmff_note.c reads what they say of themselves.
 */
#ifndef ATHAR_FORMAT_BMFF_H
#define ATHAR_FORMAT_BMFF_H

#include "format/walk.h"

#define ATHAR_BMFF(a, b, c, d) \
	((uint32_t)(a) << 24 | (uint32_t)(b) << 16 | (uint32_t)(c) << 8 | (uint32_t)(d))

typedef struct athar_box {
	uint64_t at, payload, end;
	uint32_t type;
	bool open; /* of size 0: to the end of the file, wherever that is */
} athar_box;

typedef struct athar_bmff {
	athar_walk *w;
	athar_box *top; /* the boxes at the top, in order */
	size_t count, capacity;
	size_t hit;      /* the box at the top that was asked for last */
	uint32_t boxes;  /* read so far, at any depth */
	uint64_t budget; /* bytes of media that may still be looked at */
	uint64_t seen;   /* up to here, media were looked at */
	bool fragments;  /* the index says that fragments follow */
	bool local;      /* media were found where the index says */
	bool film_noted, picture_noted;
} athar_bmff;

/* The box at `at`, wherever its payload ends. */
athar_status athar_bmff_box(athar_box *out, athar_bmff *b, uint64_t at, athar_error *err);
/* The same inside another one, which it must not leave. */
athar_status athar_bmff_child(athar_box *out, athar_bmff *b, uint64_t at, uint64_t end,
                              athar_error *err);
/* `len` bytes of the box, `skip` into its payload. */
athar_status athar_bmff_get(athar_bytes *out, athar_bmff *b, const athar_box *box, uint64_t skip,
                            size_t len, athar_error *err);
/* Lies [at, at + len) inside one of the file's media boxes? */
bool athar_bmff_holds(athar_bmff *b, uint64_t at, uint64_t len);
/* The box of this type that begins at `at` at the top. */
bool athar_bmff_has(const athar_bmff *b, uint64_t at, uint32_t type);
/* Do units with a length of `prefix` bytes before each fill [at, at + len)? Asks as long as the
 * budget reaches; then it is true. */
athar_status athar_bmff_units(bool *fill, athar_bmff *b, uint64_t at, uint64_t len, unsigned prefix,
                              athar_error *err);

/* moov, moof and mfra. */
athar_status athar_bmff_film(athar_bmff *b, const athar_box *box, athar_error *err);
/* meta at the top. */
athar_status athar_bmff_picture(athar_bmff *b, const athar_box *meta, athar_error *err);
/* What it says of itself becomes fields: of a film in moov, of a picture in meta. */
athar_status athar_bmff_note_film(athar_bmff *b, const athar_box *moov, athar_error *err);
athar_status athar_bmff_note_picture(athar_bmff *b, const athar_box *meta, athar_error *err);

#endif
