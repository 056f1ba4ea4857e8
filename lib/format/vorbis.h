/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Comments as Vorbis I (xiph.org, section 5) has them, and FLAC, Opus and Theora with it: who made
 * it, then a number of texts KEY=value, each with its length before it.
 */
#ifndef ATHAR_FORMAT_VORBIS_H
#define ATHAR_FORMAT_VORBIS_H

#include "format/walk.h"

/* Notes what they say from `at` on. *behind: where they end; 0 when they do not fit before `end`.
 */
athar_status athar_vorbis_comments(uint64_t *behind, athar_walk *w, uint64_t at, uint64_t end,
                                   athar_error *err);

#endif
