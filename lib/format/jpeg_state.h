/* SPDX-License-Identifier: BSD-2-Clause */
/* What the parts of the judge of JPEG pieces share: jpeg_judge.c, jpeg_segments.c and
 * jpeg_entropy.c. */
#ifndef ATHAR_FORMAT_JPEG_STATE_H
#define ATHAR_FORMAT_JPEG_STATE_H

#include "format/jpeg_judge.h"

#define JPEG_FAST 11 /* bits looked up at once */
/* Bytes fed at once, and the most that one MCU or one segment can take. */
#define JPEG_SLICE 4096u
#define JPEG_CARRY 6144u

typedef struct jpeg_codes {
	jpeg_table table;
	/* By the next bits: length << 8 | value for DC and progressive codes; 0: longer. */
	uint16_t fast[1u << JPEG_FAST];
	/* By the next bits, of AC codes: bits with the coefficient's << 8 | places on. */
	uint16_t leap[1u << JPEG_FAST];
	uint8_t size[1u << JPEG_FAST]; /* of its coefficient */
} jpeg_codes;

/* A block's history before it was changed. */
typedef struct jpeg_change {
	size_t block;
	uint64_t nonzero;
} jpeg_change;

struct jpeg_judge {
	jpeg_frame frame; /* its tables are not used */
	int16_t *bottom;  /* how bright the last row of every block is */
	uint16_t *cost;   /* of every MCU of the scan */
	int16_t *gain;    /* and what it says for its being there, sixteenths of a bit */
	uint8_t *carry;
	size_t carry_capacity;
	jpeg_codes *codes;
	size_t codes_capacity;
	jpeg_change *change;
	size_t change_capacity, changes;
	/* An MCU that begins before the end is followed past it, before that shows. */
	uint8_t work[JPEG_CARRY + JPEG_SLICE + JPEG_CARRY + 16];
};

typedef enum jpeg_step { JPEG_STEP_DONE, JPEG_STEP_SHORT, JPEG_STEP_BAD } jpeg_step;

/* Quantisation and Huffman tables, restart intervals, frame headers: b is behind the length. */
athar_status jpeg_segment_read(jpeg_judge *j, jpeg_state *s, uint8_t marker, const uint8_t *b,
                               size_t len, athar_error *err);
void jpeg_scan_begin(const jpeg_judge *j, jpeg_state *s, const uint8_t *b, size_t len);
void jpeg_frame_forget(jpeg_judge *j);

void jpeg_codes_build(jpeg_codes *c);

/* One MCU from bit *at of j->work on, where bits up to `end` are there: then *at is behind it. Else
 * *s is as it was. */
jpeg_step jpeg_mcu_decode(jpeg_judge *j, jpeg_state *s, uint64_t *at, uint64_t end);
/* MCUs of the scan. */
uint32_t jpeg_scan_mcus(const jpeg_judge *j, const jpeg_state *s);

#endif
