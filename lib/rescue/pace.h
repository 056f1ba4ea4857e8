/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Is the medium slow where it is read now? One read proves nothing: a seek takes ten milliseconds,
 * a busy host as long. So reads are judged together once they took a tenth of a second.
 */
#ifndef ATHAR_RESCUE_PACE_H
#define ATHAR_RESCUE_PACE_H

#include <stdint.h>

/* Zero-initialise. Times in nanoseconds. */
typedef struct athar_pace {
	uint64_t bytes; /* of the reads that make the average: good ones, where it was not slow */
	int64_t took;
	uint64_t recent_bytes;            /* of those not judged yet */
	int64_t recent_took, recent_good; /* all of them, and those that gave something */
} athar_pace;

typedef enum athar_pace_verdict {
	ATHAR_PACE_OPEN, /* too little was read since the last verdict */
	ATHAR_PACE_FINE,
	ATHAR_PACE_SLOW
} athar_pace_verdict;

/* Takes in a read, good or not, and judges: slow is below min_rate bytes a second, or, with
 * min_rate 0, below a tenth of the average, once that is the average of a second. Slow areas do not
 * enter the average: the longest of them would soon be the measure of itself. */
athar_pace_verdict athar_pace_judge(athar_pace *pace, uint64_t good, int64_t took,
                                    uint64_t min_rate);

#endif
