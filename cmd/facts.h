/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * Lines and members that several commands show alike.
 */
#ifndef ATHAR_CMD_FACTS_H
#define ATHAR_CMD_FACTS_H

#include "athar/bytes.h"
#include "athar/digest.h"
#include "command.h"

/* One line a hash: "  SHA-256        ab..."; `before` stands before the name ("Padded "). */
void athar_facts_hashes(FILE *to, const char *before, const athar_digests *digests);

/* One line a range, `most` of them, and how many more there are. Sectors of 512 bytes. */
void athar_facts_runs(FILE *to, const char *label, const athar_runs *runs, size_t most);

/* [{"offset":..,"length":..,"kind":".."}, ...] */
athar_json *athar_facts_runs_json(const athar_runs *runs);

/* "1 item", "2 items", into buf of at least 48. */
const char *athar_facts_count(char *buf, size_t len, uint64_t count, const char *one,
                              const char *many);

#endif
