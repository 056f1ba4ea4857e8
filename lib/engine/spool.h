/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * A queue on disk, so that ten million finds need no memory. Its file has no name: it is gone with
 * the process.
 */
#ifndef ATHAR_ENGINE_SPOOL_H
#define ATHAR_ENGINE_SPOOL_H

#include "base/idiom.h"

typedef struct athar_spool athar_spool;

athar_status athar_spool_new(athar_spool **out, const char *folder, athar_error *err);
athar_status athar_spool_add(athar_spool *s, athar_bytes record, athar_error *err);
/* From the first record again; nothing can be added after it. */
athar_status athar_spool_rewind(athar_spool *s, athar_error *err);
/* Borrowed until the next call; *end when there is none. */
athar_status athar_spool_next(athar_spool *s, athar_bytes *record, bool *end, athar_error *err);
uint64_t athar_spool_count(const athar_spool *s);
void athar_spool_free(athar_spool *s);
ATHAR_DEFINE_AUTO(spool, athar_spool *, athar_spool_free)

#endif
