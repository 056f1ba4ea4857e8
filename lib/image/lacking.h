/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A source over another of which only a part has been read off the medium so far. What is asked for
 * and is not there yet fails and is noted as wanted: whoever reads the medium learns what to read
 * next. What was tried and is bad is bad here too, and not wanted again.
 */
#ifndef ATHAR_IMAGE_LACKING_H
#define ATHAR_IMAGE_LACKING_H

#include "image/driver.h"

/* What one source notes before it notes no more, and the next one goes on from there: of what it is
 * told to want, in order; and of what is met in any order, where each may move all the others. */
#define ATHAR_LACKING_RUNS 262144u
#define ATHAR_LACKING_MET 16384u

/* base and lacking are borrowed. Of lacking, ATHAR_RUN_UNREAD is wanted when it is met; `piece` is
 * how much is wanted where only the place is known and not how much follows. */
athar_status athar_source_lacking(athar_source **out, athar_source *base, const athar_runs *lacking,
                                  uint64_t piece, athar_error *err);

/*
 * For a reader that reads ahead: how much of [offset, offset + len) to ask for, so that what it
 * only fetched in passing is not wanted. At most `ahead` is read in passing: a longer request is
 * meant whole. Less than len: what follows is noted as doubtful. 0: nothing is there, and it is
 * wanted. len, of a source that is not one of these.
 */
size_t athar_lacking_clip(athar_source *source, uint64_t offset, size_t len, size_t ahead);

/* Nothing of the range is unread. True of other sources. */
bool athar_lacking_has(const athar_source *source, uint64_t offset, uint64_t length);
/* Wants what of the range is unread. Ranges that come in order cost nothing. No failure of other
 * sources. */
athar_status athar_lacking_want(athar_source *source, uint64_t offset, uint64_t length,
                                athar_error *err);
/* What was doubtful is wanted: the reader was not content. */
athar_status athar_lacking_insist(athar_source *source, athar_error *err);

/* Of a source made here; borrowed until the next read. */
const athar_runs *athar_lacking_wanted(const athar_source *source);
/* What was there and was read. */
const athar_runs *athar_lacking_met(const athar_source *source);

#endif
