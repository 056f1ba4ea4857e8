/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A JPEG that is fed piece by piece, with a state that can be put back: what tells which block of a
 * disk goes on where a picture breaks off. JPEG has no checksum, and its Huffman codes find into
 * step again in foreign data. So besides the codes, the counts and the markers the judge looks at
 * the picture: the means of its blocks (DC coefficients) against those of the row above, and says
 * in bits how much more likely they are in one picture than in two that were put together.
 *
 * The states of one judge form a path. What belongs to them all is kept in stacks here, so a state
 * is small; feeding one makes those that were further on along another way invalid.
 */
#ifndef ATHAR_FORMAT_JPEG_JUDGE_H
#define ATHAR_FORMAT_JPEG_JUDGE_H

#include "format/jpeg_scan.h"
#include "format/validator.h"

/* A state's score counts sixteenths of a bit. */
#define JPEG_SCORE_BIT 16

typedef struct jpeg_judge jpeg_judge;

typedef enum jpeg_phase { JPEG_SEGMENTS, JPEG_DATA } jpeg_phase;

/* Copied freely. */
typedef struct jpeg_state {
	athar_verdict verdict;
	jpeg_phase phase;
	uint64_t fed;   /* bytes */
	uint64_t end;   /* of the file, when it ends */
	int64_t score;  /* of segments at their places, and of data that have no means */
	int64_t gained; /* what all MCUs together say */
	uint32_t scans; /* begun */
	bool framed;
	bool indexed; /* an index may name further pictures, behind the end */

	uint64_t pass;                   /* bytes of a segment nobody looks into */
	size_t carry, carry_len;         /* bytes of what is not complete yet */
	uint8_t skip;                    /* bits of the first of them that are used */
	bool pending;                    /* the last byte was 0xFF */
	size_t tables, journal;          /* how many there are */
	size_t dc_table[4], ac_table[4]; /* index + 1 */
	uint16_t quant[4][8];            /* of the coefficients of the first column */
	uint32_t restart;                /* interval */
	jpeg_scan scan;                  /* the one it is in */
	uint32_t mcu, left, restarts;    /* decoded; to the next marker; markers so far */
	uint64_t costs;                  /* of all its MCUs */
	uint32_t band;                   /* blocks left of an end-of-band run */
	uint64_t visits;                 /* MCUs in all scans */
	int32_t dc[JPEG_COMPONENTS];
} jpeg_state;

athar_status jpeg_judge_new(jpeg_judge **out, athar_error *err);
void jpeg_judge_free(jpeg_judge *j);
ATHAR_DEFINE_AUTO(jpeg_judge, jpeg_judge *, jpeg_judge_free)

/* Before the first byte. */
jpeg_state jpeg_judge_begin(void);
/* The next bytes. Only memory fails; what is wrong with them says the verdict, and then the state
 * must not be fed again. */
athar_status jpeg_judge_feed(jpeg_judge *j, jpeg_state *s, const uint8_t *bytes, size_t len,
                             athar_error *err);

const jpeg_frame *jpeg_judge_frame(const jpeg_judge *j); /* valid once a state is framed */
/* MCUs a row of the scan a state is in. */
uint32_t jpeg_judge_wide(const jpeg_judge *j, const jpeg_state *s);
/* What an MCU that the last state fed has decoded says for its following those before: in
 * sixteenths of a bit, below 0 when it speaks against it. */
int32_t jpeg_judge_gain(const jpeg_judge *j, uint32_t mcu);

#endif
