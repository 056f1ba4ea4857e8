/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * The image that is verified beside another one of the same medium, block by block as they are
 * read.
 */
#ifndef ATHAR_ENGINE_JUDGE_AGAINST_H
#define ATHAR_ENGINE_JUDGE_AGAINST_H

#include "engine/beside.h"
#include "engine/judge_ranges.h"
#include "engine/pass.h"
#include "engine/twins.h"

typedef struct athar_against {
	athar_source *other; /* NULL: there is none */
	uint8_t *block, *joined;
	athar_beside here, there; /* what lies beside the two */
	athar_twins twins;
	athar_digester *digester; /* for the hashes stored in the other one; NULL: none are */
	athar_digests hashes;
	athar_digester
		*mended; /* of this one with the other's bytes where it is damaged; likewise */
	char text[ATHAR_TWINS][ATHAR_EVIDENCES][ATHAR_TWINS_TEXT];
	bool coarse;
	athar_runs tail;  /* of the longer one, behind the shorter one's end */
	uint64_t padding; /* zeros that fill up the longer one's last sector; 0: it is no padding */
} athar_against;

/* One block of the image that is verified. */
typedef struct athar_against_block {
	uint64_t offset;
	const uint8_t *data;
	size_t len;
	const char *recorded;       /* hex of its hash on record; NULL: none */
	bool same;                  /* it has that hash */
	const athar_runs *here_bad; /* so far */
} athar_against_block;

/* Opens `path`, and looks at what lies beside both. */
athar_status athar_against_open(athar_against *against, athar_source *image, const char *path,
                                athar_error *err);
/* Opens the block hashes beside one of the two; their path, or NULL: there are none. */
const char *athar_against_blocks(athar_block_list *out, athar_against *against);
/* Then: bytes of the source where the two are padded; 0: as they are. */
uint64_t athar_against_true_size(const athar_against *against);
athar_status athar_against_take(athar_against *against, const athar_against_block *block,
                                athar_error *err);
/* After the last one: the verdict, as groups of ranges. `what` is borrowed by them. `here` is
 * how reading the image went. */
athar_status athar_against_judge(athar_against *against, athar_ranges *ranges, const char *what,
                                 const athar_pass *here, athar_error *err);
/* The rows, when the ranges have been located. */
void athar_against_rows(const athar_against *against, athar_ranges *ranges, const char *what);
void athar_against_clear(athar_against *against);
ATHAR_DEFINE_AUTO_VALUE(against, athar_against, athar_against_clear)

#endif
