/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The entropy-coded part of a JPEG, decoded for its structure only: every Huffman code is followed
 * and every block counted, but no coefficient is kept. That is what tells a picture from a picture
 * with a foreign cluster in its middle, since JPEG has no checksum.
 */
#ifndef ATHAR_FORMAT_JPEG_SCAN_H
#define ATHAR_FORMAT_JPEG_SCAN_H

#include "format/walk.h"

#define JPEG_COMPONENTS 4

typedef struct jpeg_table {
	bool there;
	uint16_t fast[512]; /* by the next 9 bits: length << 8 | value; 0: the code is longer */
	int32_t first[17], last[17], place[17]; /* by length; last -1: none of this length */
	uint8_t value[256];
} jpeg_table;

/* counts: 16 bytes, codes of each length. False: no Huffman code has such counts. */
bool jpeg_table_build(jpeg_table *t, const uint8_t *counts, const uint8_t *values, size_t len);

typedef struct jpeg_component {
	uint8_t id, h, v, quant;
	uint32_t wide, high; /* in blocks, where it is alone in a scan */
	uint32_t stride;     /* blocks a row, where it is not */
	size_t first;        /* of its blocks in jpeg_frame.nonzero */
} jpeg_component;

typedef struct jpeg_frame {
	uint8_t process; /* the n of SOFn */
	uint8_t precision, count;
	uint16_t width, height;
	jpeg_component component[JPEG_COMPONENTS];
	uint32_t mcus_x, mcus_y;
	uint32_t restart; /* MCUs between restart markers; 0: none */
	jpeg_table dc[4], ac[4];
	uint16_t quant[4]; /* of the DC coefficient */
	/* Progressive only: a bit for each coefficient of each block that is not zero so far. A
	 * refining scan cannot be followed without. */
	uint64_t *nonzero;
	size_t blocks;
	uint64_t visits; /* blocks that scans of AC coefficients went through */
} jpeg_frame;

/* Sizes in blocks and MCUs (A.1.1, A.2), of a frame with its components; `blocks` grows. */
void jpeg_frame_lay_out(jpeg_frame *frame);

typedef struct jpeg_scan {
	uint8_t count;
	uint8_t component[JPEG_COMPONENTS]; /* index in the frame */
	uint8_t dc[JPEG_COMPONENTS], ac[JPEG_COMPONENTS];
	uint8_t from, to, high, low; /* Ss, Se, Ah, Al */
} jpeg_scan;

typedef struct jpeg_outcome {
	bool whole;       /* every block decoded, and a marker follows */
	const char *why;  /* when not */
	uint64_t proven;  /* the beginning, or the last restart marker that came where it belongs */
	uint64_t reached; /* how far the codes could be followed; when whole, where the marker is */
} jpeg_outcome;

/* Decodes from the stream's place. ATHAR_EOF where the range ends in it: the outcome is filled then
 * as well. The stream's place is undefined afterwards. */
athar_status jpeg_scan_decode(jpeg_outcome *out, jpeg_frame *frame, const jpeg_scan *scan,
                              athar_stream *s, athar_error *err);

#endif
