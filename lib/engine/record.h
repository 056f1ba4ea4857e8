/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What the verbs write down: acquisition.json, exhibit.json, the map. athar-case(5) describes them.
 */
#ifndef ATHAR_ENGINE_RECORD_H
#define ATHAR_ENGINE_RECORD_H

#include "athar/acquire.h"
#include "athar/context.h"
#include "base/idiom.h"

struct athar_acquisition;

/* Everything an acquisition record says. */
typedef struct athar_record {
	const struct athar_acquisition *acquisition;
	int64_t ended;
} athar_record;

/* Each of them is a malloc'd text with its line feed. */
athar_status athar_record_acquisition(char **out, const athar_record *record, athar_error *err);
athar_status athar_record_exhibit(char **out, const athar_acquire_options *options,
                                  athar_error *err);

/* "same", "differs", "not done". */
const char *athar_read_back_name(athar_read_back read_back);
/* [{kind,length,offset}, ...], the first `most` of them. */
athar_json *athar_record_ranges(const athar_runs *runs, size_t most);
/* RFC 3339, UTC. */
void athar_record_time(athar_json *object, const char *key, int64_t seconds);

#endif
