/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A second opinion on an E01 that was just written: libewf, which had no part in the writing, opens
 * it and says what it finds. What it says is compared by the caller.
 */
#ifndef ATHAR_IMAGE_EWF_JUDGE_H
#define ATHAR_IMAGE_EWF_JUDGE_H

#include "athar/bytes.h"
#include "base/idiom.h"

/* libewf opens all files of a set at once, and keeps about 280 KiB for each GiB of the medium. */
#define ATHAR_EWF_JUDGE_SEGMENTS 200u
#define ATHAR_EWF_JUDGE_MEDIA (UINT64_C(1) << 40)

typedef struct athar_ewf_judgement {
	bool asked;      /* false: libewf was not asked, `note` says why */
	char note[120];  /* one line */
	char engine[16]; /* "20140813" */
	uint64_t media_size;
	uint32_t sector_size;
	char md5[33], sha1[41]; /* hex, lower case; empty: there is none in the image */
	uint32_t errors;        /* ranges of sectors in the error table */
	uint64_t differs;       /* the first media offset that reads otherwise than in the samples;
	                         * ATHAR_NOWHERE: all are the same */
} athar_ewf_judgement;

/* `first` is the path of the first of `segments` files. samples: bytes of the media (origin is the
 * offset there) to compare with what libewf reads, each of up to 1 MiB: the first and the last
 * chunk. ATHAR_EFORMAT: libewf cannot open or read it, and says why in the text. Opens files, needs
 * no other right, and gives all back. */
athar_status athar_ewf_judge(athar_ewf_judgement *out, const char *first, size_t segments,
                             const athar_bytes *samples, size_t count, athar_error *err);

#endif
