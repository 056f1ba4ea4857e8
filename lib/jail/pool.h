/* SPDX-License-Identifier: BSD-2-Clause */
/*
 * What opening and serving share.
 */
#ifndef ATHAR_JAIL_POOL_H
#define ATHAR_JAIL_POOL_H

#include "jail/slot.h"

struct athar_jail {
	athar_jail_spec spec; /* with the defaults filled in */
	athar_slot *slot;     /* spec.workers of them */
	athar_slot_dying dying;
	char confinement[64]; /* as the first worker said */
	uint64_t lost;
};

/* Waits until every worker that is starting has started. */
athar_status athar_jail_settle(athar_jail *jail, athar_error *err);

#endif
