/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the order of worth does with sets of ranges.
 */
#ifndef ATHAR_ENGINE_WORTH_RUNS_H
#define ATHAR_ENGINE_WORTH_RUNS_H

#include "base/idiom.h"

/* *out, empty: lacking, with what of `asked` is unread there as bad. */
athar_status athar_worth_give_up(athar_runs *out, const athar_runs *lacking,
                                 const athar_runs *asked, athar_error *err);
/* *out, empty: what of [0, size) to read for `pieces`: of lacking only what is unread, rounded out
 * to `grain`, gaps below `gap` read along, `most` bytes. */
athar_status athar_worth_want(athar_runs *out, const athar_runs *pieces, const athar_runs *lacking,
                              uint64_t grain, uint64_t gap, uint64_t most, athar_error *err);
/* Adds all of `more`. */
athar_status athar_worth_join(athar_runs *runs, const athar_runs *more, athar_error *err);

#endif
