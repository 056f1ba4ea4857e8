/* SPDX-License-Identifier: BSD-2-Clause */
/* The order in which pairs of a break and a candidate are tried. */
#ifndef ATHAR_CARVE_JOIN_CURSOR_H
#define ATHAR_CARVE_JOIN_CURSOR_H

#include "carve/join_search.h"

/* The next pair of this step: s->breaks[*b], and a block of the space. *more: there is one. */
athar_status join_cursor_next(bool *more, join_stage *s, size_t *b, uint64_t *index,
                              athar_error *err);
/* False: that was the last. */
bool join_cursor_step(join_stage *s);

#endif
