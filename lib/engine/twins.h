/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Two images of one medium, neither of which need be sound: where they are not the same or not
 * equally sound, which is good? "Here" is the image that is verified, "there" the other one.
 *
 * What speaks for a place: the hash of its block on record, most; the checksum of its chunk;
 * nothing (raw images). What speaks against it: its container (a chunk whose checksum fails, a file
 * that cannot be read), the record, or that the other one has the bytes on record and they are not
 * these. What could not be read when it was acquired is zeros in an image, and never counts as had.
 */
#ifndef ATHAR_ENGINE_TWINS_H
#define ATHAR_ENGINE_TWINS_H

#include "athar/verify.h"
#include "engine/blocklist.h"

/* What speaks for the good one. */
typedef enum athar_evidence {
	ATHAR_EVIDENCE_NONE,     /* nothing is wrong with it, and nothing vouches for it */
	ATHAR_EVIDENCE_CHECKSUM, /* its chunk's checksum holds */
	ATHAR_EVIDENCE_JOINED,   /* with it the two make up what is on record */
	ATHAR_EVIDENCE_STORED,   /* the hashes of the whole that its container holds are right */
	ATHAR_EVIDENCE_RECORD    /* its block has the hash on record */
} athar_evidence;

#define ATHAR_EVIDENCES 5

/* One of the two. Sets of ranges of the medium; blocks only where something is at stake. */
typedef struct athar_twin_side {
	athar_runs bad;     /* its container cannot give it */
	athar_runs lacking; /* known not to have been read at its acquisition */
	athar_runs proven;  /* blocks with the hash on record */
	athar_runs wrong;   /* blocks with another one */
	bool summed;        /* its chunks have checksums */
	bool whole;         /* the hashes stored in it hold */
} athar_twin_side;

typedef struct athar_twins {
	athar_twin_side here, there;
	athar_runs differ; /* sectors whose bytes differ, where both could be read */
	/* Blocks that have the hash on record when what is damaged here is taken from there; and
	 * whether the whole then has the hashes that are stored here. */
	athar_runs joined;
	bool joined_whole;
	uint64_t size;                                    /* bytes that both have */
	athar_runs verdict[ATHAR_TWINS][ATHAR_EVIDENCES]; /* what comes out */
} athar_twins;

/* Fills verdict from the rest. */
athar_status athar_twins_judge(athar_twins *twins, athar_error *err);
/* "good here, not there: its block has the hash on record". */
#define ATHAR_TWINS_TEXT 120
void athar_twins_text(char out[ATHAR_TWINS_TEXT], athar_twin twin, athar_evidence evidence);
void athar_twins_clear(athar_twins *twins);
ATHAR_DEFINE_AUTO_VALUE(twins, athar_twins, athar_twins_clear)

#endif
