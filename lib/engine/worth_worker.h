/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What runs in the confined workers of the order of worth, and what is said to them.
 */
#ifndef ATHAR_ENGINE_WORTH_WORKER_H
#define ATHAR_ENGINE_WORTH_WORKER_H

#include "engine/wire.h"
#include "engine/worth.h"
#include "jail/jail.h"
#include "volume/volume.h"

/* Messages. */
enum {
	ATHAR_WORTH_VOLUME = 1,
	ATHAR_WORTH_WANTED,      /* pairs of offset, length */
	ATHAR_WORTH_IS_METADATA, /* likewise */
	ATHAR_WORTH_IN_USE,      /* likewise */
	ATHAR_WORTH_FINDING      /* text */
};

typedef struct athar_worth_spec {
	const char *image;
	uint64_t size;
	uint32_t sector_size;
} athar_worth_spec;

/* For athar_jail_spec: setup with an athar_worth_spec as user, and task. */
athar_status athar_worth_setup(void **state, void *user, athar_error *err);
athar_status athar_worth_task(void *state, athar_bytes request, athar_jail_reply *reply,
                              athar_error *err);

/* volume is NULL for ATHAR_WORTH_TABLES. ask: how often this was asked before. */
void athar_worth_request(athar_wire *w, athar_worth_depth depth, unsigned ask,
                         const athar_volume_info *volume, const athar_runs *lacking);

#endif
