/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What a content says of a find: the format that claims it, and whether it is what its name says.
 */
#ifndef ATHAR_ENGINE_IDENTIFY_H
#define ATHAR_ENGINE_IDENTIFY_H

#include "athar/source.h"
#include "engine/find.h"

/* Asks the formats. A content that none of them knows is simply not claimed. */
athar_status athar_identify(athar_find *f, athar_source *content, athar_error *err);
/* Notes what a format said; bad: bytes that could not be read. */
void athar_identify_note(athar_find *f, const athar_format *format, const athar_claim *claim,
                         uint64_t bad);
/* Notes why no format was asked. */
athar_status athar_identify_not(athar_find *f, const char *why);

#endif
