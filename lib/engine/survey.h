/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What an image holds: its volumes, found by a confined worker.
 */
#ifndef ATHAR_ENGINE_SURVEY_H
#define ATHAR_ENGINE_SURVEY_H

#include "engine/worker.h"

typedef struct athar_survey {
	uint64_t size, known_bad;
	uint32_t sector_size;
	char table[32]; /* of partitions: "gpt", "dos", ...; "none" */
	athar_volume_info *volume;
	size_t count, capacity;
	athar_last_use *use; /* of each volume, in the same order; source "": not recorded */
	size_t use_capacity;
	char finding[300]; /* why it is not complete; "" */
} athar_survey;

/* A worker that dies over it is a finding, not a failure: then size is 0. */
athar_status athar_survey_run(athar_survey *out, athar_jail *jail, athar_error *err);
/* Its size only: no volume is looked for. */
athar_status athar_survey_size(athar_survey *out, athar_jail *jail, athar_error *err);
void athar_survey_clear(athar_survey *survey);
ATHAR_DEFINE_AUTO_VALUE(survey, athar_survey, athar_survey_clear)

/* The volume with this number; NULL: no such. */
const athar_volume_info *athar_survey_volume(const athar_survey *survey, unsigned number);
/* As it stands in volumes.json. */
athar_json *athar_survey_volume_json(const athar_volume_info *volume);
/* {mounted, written, source}, times as RFC 3339 or null; NULL: nothing is recorded. */
athar_json *athar_survey_use_json(const athar_last_use *use);

/* Serves one request; `message` and `tick` may be NULL. A worker's bad end is copied to *end. */
typedef struct athar_single {
	athar_status (*message)(void *user, uint32_t type, athar_bytes payload, athar_error *err);
	bool (*tick)(void *user, uint64_t done);
	void *user;
} athar_single;
athar_status athar_serve_single(athar_jail_end *end, athar_jail *jail, const athar_wire *request,
                                const athar_single *calls, athar_error *err);

#endif
