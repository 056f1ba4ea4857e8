/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Blocks that more than one deleted file claims. The file system freed them, used them again and
 * freed them once more: what lies there is the last owner's. Where nothing says who that was, no
 * claim is believed without a proof by the content's own format.
 */
#ifndef ATHAR_ENGINE_CONTEST_H
#define ATHAR_ENGINE_CONTEST_H

#include "engine/find.h"
#include "engine/spool.h"

typedef struct athar_loss {
	uint64_t bytes; /* that another one claims */
	bool headless;  /* one that is later begins where it begins */
} athar_loss;

typedef struct athar_contest {
	athar_loss *loss; /* by find that it concerns, in the order of the spool */
	size_t count, capacity;
	size_t compared;
	bool full; /* there were too many to compare: those from `compared` on were left out */
} athar_contest;

/* Is it deleted, with places? All others take no part. */
bool athar_contest_concerns(const athar_find *find);
/* Goes over all finds of the spool. A find later than another one by the file system's own clock
 * (created after the other was last touched) keeps its blocks; the other loses them. One file under
 * several names or in several copies of its record (the same places, and the same address or the
 * same times) does not contest itself, and neither do versions of it. */
athar_status athar_contest_judge(athar_contest *out, athar_spool *finds, athar_error *err);
/* Bytes of the find with this index, from 0, among those it concerns; UINT64_MAX: it was left out.
 */
uint64_t athar_contest_lost(const athar_contest *contest, size_t index);
/* Does what lies at its beginning belong to a later file? No format can prove it then. */
bool athar_contest_headless(const athar_contest *contest, size_t index);
void athar_contest_clear(athar_contest *contest);
ATHAR_DEFINE_AUTO_VALUE(contest, athar_contest, athar_contest_clear)

#endif
