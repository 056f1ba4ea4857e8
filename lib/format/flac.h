/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * FLAC (RFC 9639): blocks that describe the sound, then its frames. flac.c walks the file,
 * flac_frame.c goes through one frame.
 */
#ifndef ATHAR_FORMAT_FLAC_H
#define ATHAR_FORMAT_FLAC_H

#include "format/walk.h"

/* What the first block says of all frames. */
typedef struct flac_info {
	uint32_t least, most; /* samples of a frame */
	uint32_t rate, channels, bits;
	uint64_t total;             /* samples; 0: not told */
	uint32_t shortest, longest; /* bytes of a frame; 0: not told */
} flac_info;

#define FLAC_INFO_LEN 42u    /* bytes of the signature and the first block */
#define FLAC_HEADER_MOST 16u /* bytes of a frame's header */

typedef struct flac_frame {
	uint64_t number; /* of the frame, or where `by_sample` of its first sample */
	bool by_sample;
	uint32_t samples, rate, channels, bits; /* rate and bits 0: as the first block says */
	bool side[8]; /* the channel is a difference, and its samples have one bit more */
} flac_frame;

/* Bits in order, highest first, with the CRCs of a frame. */
typedef struct flac_bits {
	athar_stream s;
	uint64_t hold;
	unsigned have;
	uint32_t len;  /* bytes of this frame so far */
	uint16_t crc;  /* over them */
	uint8_t crc_8; /* the same for the header */
	uint16_t table[256];
} flac_bits;

/* Of the bytes that a file begins with. False: they make no sense. */
bool flac_info_read(flac_info *out, const uint8_t bytes[FLAC_INFO_LEN]);

void flac_bits_init(flac_bits *b);
/* The frame that begins at the next byte. *good: both its CRCs hold and it is of this sound; else
 * it is no frame, or a damaged one. */
athar_status flac_frame_read(flac_frame *out, bool *good, flac_bits *b, const flac_info *info,
                             athar_error *err);
/* The same in memory: false where it is no frame or goes on behind the last byte. */
bool flac_frame_in(flac_frame *out, size_t *len, flac_bits *b, const flac_info *info,
                   const uint8_t *bytes, size_t size);
/* Its header alone, whose CRC holds. info: NULL for a frame of any sound. */
bool flac_header_in(flac_frame *out, size_t *len, const flac_info *info, const uint8_t *bytes,
                    size_t size);

#endif
